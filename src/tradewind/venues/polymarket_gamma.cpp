// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/venues/json_internal.hpp"

namespace tradewind::venues {
namespace {

using trading::FeeSchedule;
using trading::PredictionMarket;

constexpr std::size_t kMostNotes = 8;
constexpr std::size_t kMostText = 2000;

enum MarketField : std::size_t {
  condition_id,
  question,
  slug,
  outcomes,
  outcome_prices,
  token_ids,
  volume,
  volume_num,
  liquidity,
  liquidity_num,
  active,
  closed,
  accepting,
  book_enabled,
  neg_risk,
  tick,
  least_size,
  end_date,
  end_date_iso,
  fees_enabled,
  fee_schedule,
  events,
  market_tags,
  market_field_count
};
constexpr FieldNames<market_field_count> kMarketFields(
    {"conditionId",  "question",     "slug",       "outcomes",    "outcomePrices",   "clobTokenIds",    "volume",  "volumeNum",
     "liquidity",    "liquidityNum", "active",     "closed",      "acceptingOrders", "enableOrderBook", "negRisk", "orderPriceMinTickSize",
     "orderMinSize", "endDate",      "endDateIso", "feesEnabled", "feeSchedule",     "events",          "tags"});

enum EventField : std::size_t {
  event_id,
  event_tags,
  event_markets,
  event_neg_risk,
  event_enable_neg_risk,
  event_augmented,
  event_field_count
};
constexpr FieldNames<event_field_count> kEventFields({"id", "tags", "markets", "negRisk", "enableNegRisk", "negRiskAugmented"});

enum FeeField : std::size_t { fee_rate, fee_exponent, fee_field_count };
constexpr FieldNames<fee_field_count> kFeeFields({"rate", "exponent"});

enum PageField : std::size_t { page_events, page_markets, page_data, page_cursor, page_field_count };
constexpr FieldNames<page_field_count> kPageFields({"events", "markets", "data", "next_cursor"});

using MarketFields = Fields<market_field_count>;

/// What a market has from the event around it.
struct EventContext {
  std::string id;
  std::vector<std::string> tags;
  bool negative_risk = false;
  bool augmented = false;
};

/// Numbers were written as numbers in old times.
std::string id_text(dom::element value) {
  if (const auto text = json_text(value)) return std::string(*text);
  const auto number = json_number(value);
  return number ? number_text(*number) : std::string();
}

void add_tags(const std::optional<dom::element>& value, std::vector<std::string>& tags) {
  dom::array list;
  if (!value || value->get(list) != simdjson::SUCCESS) return;
  for (const dom::element tag : list) {
    std::string_view name;
    if (tag["slug"].get(name) != simdjson::SUCCESS && tag["label"].get(name) != simdjson::SUCCESS && tag.get(name) != simdjson::SUCCESS)
      continue;
    if (tags.size() < 100 && std::find(tags.begin(), tags.end(), name) == tags.end()) tags.push_back(clean_text(name, 100));
  }
}

EventContext context_of(const Fields<event_field_count>& event) {
  EventContext context;
  if (event[event_id]) context.id = clean_text(id_text(*event[event_id]), 100);
  add_tags(event[event_tags], context.tags);
  context.negative_risk = event.boolean(event_neg_risk) || event.boolean(event_enable_neg_risk);
  context.augmented = event.boolean(event_augmented);
  return context;
}

/// One page, market by market.
class PageReader {
 public:
  PageReader(GammaPage& page, dom::parser& inner) : page_(page), inner_(inner) {}
  void entry(dom::element value);

 private:
  enum class Read { whole, not_ready, unparsable };
  void event(const Fields<event_field_count>& fields);
  Read market(dom::element value, const EventContext* event);
  std::string read(const MarketFields& fields, PredictionMarket& out);
  std::string read_outcomes(const MarketFields& fields, PredictionMarket& out);
  static bool put_yes_first(PredictionMarket& out);
  static std::string read_rules(const MarketFields& fields, PredictionMarket& out);
  void read_fees(const MarketFields& fields, PredictionMarket& out);
  static std::optional<FeeSchedule> schedule_of(dom::element value);
  static void read_state(const MarketFields& fields, PredictionMarket& out);
  void read_payout(const MarketFields& fields, PredictionMarket& out);
  void read_event(const MarketFields& fields, const EventContext* event, PredictionMarket& out) const;
  Read left_out(const std::string& name, const std::string& reason);
  void note(std::string text);

  GammaPage& page_;
  dom::parser& inner_;
  bool swapped_ = false;  ///< the market being read lists no before yes
};

void PageReader::entry(dom::element value) {
  ++page_.entries;
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    left_out("an entry", "is no object");
    return;
  }
  const Fields<event_field_count> fields(kEventFields, object);
  if (fields[event_markets])
    event(fields);
  else if (object.at_key("conditionId").error() == simdjson::SUCCESS)
    market(value, nullptr);
  else if (!fields[event_id])
    left_out("an entry", "is neither an event nor a market");
}

void PageReader::event(const Fields<event_field_count>& fields) {
  const EventContext context = context_of(fields);
  dom::array list;
  if (fields[event_markets]->get(list) != simdjson::SUCCESS) {
    left_out("event " + printable(context.id), "has no list of markets");
    return;
  }
  EventMembers members;
  members.event_id = context.id;
  for (const dom::element one : list) {
    if (market(one, &context) != Read::whole) {
      members.complete = false;
      continue;
    }
    const PredictionMarket& last = page_.markets.back();
    if (!last.payout || !(*last.payout)[0].is_zero()) members.market_ids.push_back(last.id);
  }
  page_.events.push_back(std::move(members));
}

void PageReader::note(std::string text) {
  if (page_.notes.size() < kMostNotes) page_.notes.push_back(std::move(text));
}

PageReader::Read PageReader::left_out(const std::string& name, const std::string& reason) {
  ++page_.unparsable;
  note(name + " " + reason);
  return Read::unparsable;
}

PageReader::Read PageReader::market(dom::element value, const EventContext* event) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return left_out("a market", "is no object");
  const MarketFields fields(kMarketFields, object);
  PredictionMarket out;
  out.id = fields.text(condition_id);
  if (!is_condition_id(out.id)) return left_out("market '" + printable(fields.text(slug)) + "'", "has no condition id");
  const std::string fault = read(fields, out);
  if (!fault.empty()) return left_out("market " + out.id, fault);
  read_event(fields, event, out);
  if (out.token_ids[0].empty()) {
    ++page_.not_ready;
    return Read::not_ready;
  }
  page_.markets.push_back(std::move(out));
  return Read::whole;
}

/// What is wrong with it; empty: nothing.
std::string PageReader::read(const MarketFields& fields, PredictionMarket& out) {
  out.question = clean_text(fields.text(question), kMostText);
  out.slug = clean_text(fields.text(slug), kMostText);
  if (std::string fault = read_outcomes(fields, out); !fault.empty()) return fault;
  if (std::string fault = read_rules(fields, out); !fault.empty()) return fault;
  read_fees(fields, out);
  read_state(fields, out);
  read_payout(fields, out);
  return {};
}

/// Names decide which outcome is yes, in whatever case and order. Whether they had to be swapped.
bool PageReader::put_yes_first(PredictionMarket& out) {
  const std::array<std::string, 2> names{lower(out.outcome_names[0]), lower(out.outcome_names[1])};
  const bool in_order = names[0] == "yes" && names[1] == "no";
  const bool swapped = names[0] == "no" && names[1] == "yes";
  if (in_order || swapped) out.outcome_names = {"Yes", "No"};
  return swapped;
}

std::string PageReader::read_outcomes(const MarketFields& fields, PredictionMarket& out) {
  out.outcome_names = {};
  swapped_ = false;
  if (fields[outcomes]) {
    const auto names = json_list(*fields[outcomes], inner_);
    if (!names) return "has outcomes that cannot be read";
    if (names->size() != 2 && !names->empty()) return fmt::format("has {} outcomes", names->size());
    for (std::size_t i = 0; i < names->size(); ++i) out.outcome_names[i] = clean_text((*names)[i], kMostText);
    swapped_ = put_yes_first(out);
  }
  if (!fields[token_ids]) return {};
  const auto ids = json_list(*fields[token_ids], inner_);
  if (!ids) return "has token ids that cannot be read";
  if (ids->empty() || (ids->size() == 2 && (*ids)[0].empty() && (*ids)[1].empty())) return {};
  if (ids->size() != 2) return fmt::format("has {} tokens", ids->size());
  if (!is_token_id((*ids)[0]) || !is_token_id((*ids)[1]) || (*ids)[0] == (*ids)[1]) return "has token ids that are none";
  out.token_ids = {(*ids)[swapped_ ? 1 : 0], (*ids)[swapped_ ? 0 : 1]};
  return {};
}

std::string PageReader::read_rules(const MarketFields& fields, PredictionMarket& out) {
  if (fields[tick]) {
    const auto micros = json_micros(*fields[tick]);
    if (!micros || *micros <= 0 || *micros > 500'000) return "has a tick size that is none";
    out.tick_size = Price{*micros};
  }
  if (fields[least_size]) {
    const auto micros = json_micros(*fields[least_size]);
    if (!micros || *micros < 0) return "has a least order size that is none";
    out.minimum_size = Shares{*micros};
  }
  return {};
}

/// A schedule counts whether or not "feesEnabled" says so: expecting a fee that is not taken costs nothing. Where the fees are not said,
/// or what is said cannot be meant, they are not known.
void PageReader::read_fees(const MarketFields& fields, PredictionMarket& out) {
  if (fields.boolean(closed)) return;  // nobody trades it any more
  std::string fault;
  if (!fields[fee_schedule]) {
    const auto takes_fees = fields.get(fees_enabled, json_boolean);
    if (takes_fees == false) return;
    fault = takes_fees ? "takes fees without saying which" : "does not say whether it takes fees";
  } else if (const auto schedule = schedule_of(*fields[fee_schedule])) {
    out.fees = *schedule;
    return;
  } else {
    fault = "has a fee schedule that is none";
  }
  out.fees_known = false;
  ++page_.unknown_fees;
  note("market " + out.id + " " + fault + ": it is not traded");
}

std::optional<FeeSchedule> PageReader::schedule_of(dom::element value) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return std::nullopt;
  const Fields<fee_field_count> fields(kFeeFields, object);
  const auto rate = fields.get(fee_rate, json_number);
  const auto exponent = fields[fee_exponent] ? json_number(*fields[fee_exponent]) : std::optional(1.0);
  if (!rate || !exponent) return std::nullopt;
  const FeeSchedule schedule{*rate, *exponent};
  return schedule.plausible() ? std::optional(schedule) : std::nullopt;
}

/// What is not said is not so: markets of the time before order books lack these fields.
void PageReader::read_state(const MarketFields& fields, PredictionMarket& out) {
  out.active = fields.boolean(active);
  out.closed = fields.boolean(closed);
  out.accepting_orders = fields.boolean(accepting);
  out.order_book_enabled = fields.boolean(book_enabled);
  const auto dollars = [&](std::size_t number, std::size_t text) {
    const auto value = fields[number] ? json_number(*fields[number]) : fields.get(text, json_number);
    return std::max(0.0, value.value_or(0));
  };
  out.volume = dollars(volume_num, volume);
  out.liquidity = dollars(liquidity_num, liquidity);
  auto end = venue_time(fields.text(end_date));
  if (!end) end = venue_time(fields.text(end_date_iso));
  out.end_time = end.value_or(0);
}

void PageReader::read_payout(const MarketFields& fields, PredictionMarket& out) {
  if (!out.closed || !fields[outcome_prices]) return;
  const auto texts = json_list(*fields[outcome_prices], inner_);
  if (!texts || texts->size() != 2) return;
  const auto first = parse_fixed<Price>((*texts)[0]);
  const auto second = parse_fixed<Price>((*texts)[1]);
  if (!first || !second) return;
  const bool yes = *first == kPriceOfCertainty && second->is_zero();
  const bool no = first->is_zero() && *second == kPriceOfCertainty;
  if (yes || no) out.payout = swapped_ ? std::array{*second, *first} : std::array{*first, *second};
}

void PageReader::read_event(const MarketFields& fields, const EventContext* event, PredictionMarket& out) const {
  EventContext own;
  dom::array list;
  if (event == nullptr && fields[events] && fields[events]->get(list) == simdjson::SUCCESS && list.begin() != list.end()) {
    dom::object object;
    if ((*list.begin()).get(object) == simdjson::SUCCESS) own = context_of(Fields<event_field_count>(kEventFields, object));
  }
  const EventContext& context = event != nullptr ? *event : own;
  out.event_id = context.id;
  out.tags = context.tags;
  add_tags(fields[market_tags], out.tags);
  out.negative_risk = fields.get(neg_risk, json_boolean).value_or(context.negative_risk);
  out.augmented = context.augmented;
}

std::string cursor_of(const Fields<page_field_count>& fields) {
  std::string cursor = fields.text(page_cursor);
  return cursor == "LTE=" || cursor.size() > 4096 ? std::string() : cursor;  // "LTE=": −1 in base 64, the end
}

}  // namespace

Result<GammaPage> PolymarketParser::gamma_page(std::string_view text, const std::string& where) {
  TRADEWIND_ASSIGN(const dom::element document, parse_json(parsers_->outer, text, where));
  GammaPage page;
  dom::array list;
  page.bare = document.get(list) == simdjson::SUCCESS;
  if (!page.bare) {
    dom::object object;
    if (document.get(object) != simdjson::SUCCESS) return unexpected_answer("the answer is neither a list nor an object", where);
    const Fields<page_field_count> fields(kPageFields, object);
    const auto* held = &fields[page_events];
    for (const std::size_t field : {page_markets, page_data})
      if (!*held) held = &fields[field];
    if (!*held || (**held).get(list) != simdjson::SUCCESS) return unexpected_answer("the answer holds no list of events or markets", where);
    page.next_cursor = cursor_of(fields);
  }
  PageReader reader(page, parsers_->inner);
  for (const dom::element value : list) reader.entry(value);
  if (page.entries > 0 && page.markets.empty() && page.events.empty() && page.not_ready == 0)
    return unexpected_answer("nothing on the page can be read: " + (page.notes.empty() ? "no markets" : page.notes.front()), where);
  return page;
}

}  // namespace tradewind::venues
