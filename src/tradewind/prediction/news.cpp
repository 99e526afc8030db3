// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/news.hpp"
#include "tradewind/prediction/bet.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/prediction/history.hpp"
#include "tradewind/prediction/samples_internal.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;

constexpr double kForgotten = 1e-3;    ///< effects decayed to less are dropped
constexpr std::size_t kShortText = 4;  ///< words below which only the same words are a repetition
constexpr std::size_t kMostWaiting = 10'000;

/// When an item began to be known: publication, unless the feed's clock is ahead or silent.
UnixNanos moment_of(const trading::NewsItem& item) { return item.time <= 0 || item.time > item.received ? item.received : item.time; }

std::string evidence_of(const std::string& id, const std::string& headline) { return fmt::format("{}: {}", id, headline); }

double decay(UnixNanos from, UnixNanos now, double tau_hours) {
  return std::exp(-std::max(0.0, static_cast<double>(now) - static_cast<double>(from)) / (tau_hours * 3600e9));
}

}  // namespace

News::News(NewsOptions options) : options_(std::move(options)), matcher_(options_.markets, options_.min_relevance) {}

void News::analyze(const MarketView& view) {
  places_.each(view, [&](MarketIndex i) {
    effects_.erase(i);
    if (view.markets[i].id.empty()) return matcher_.forget(i);
    matcher_.put(i, view.markets[i]);
    if (auto trades = earlier_.extract(view.markets[i].id))
      for (const Remembered& trade : trades.mapped()) spend(i, trade);
  });
  for (const trading::NewsItem& item : view.news)
    if (waiting_.size() < kMostWaiting) waiting_.push_back(item);
  const auto due = std::stable_partition(waiting_.begin(), waiting_.end(), [&](const auto& item) { return item.received <= view.now; });
  std::stable_sort(waiting_.begin(), due, [](const auto& a, const auto& b) { return a.received < b.received; });
  for (auto item = waiting_.begin(); item != due; ++item) take(*item, view);
  waiting_.erase(waiting_.begin(), due);
  for (auto at = effects_.begin(); at != effects_.end();) {
    std::erase_if(at->second, [&](const Effect& e) { return decay(e.time, view.now, options_.tau_hours) < kForgotten; });
    at = at->second.empty() ? effects_.erase(at) : std::next(at);
  }
}

int News::most_distance(std::size_t words) const noexcept { return words < kShortText ? 0 : options_.duplicate_distance; }

bool News::repetition(std::uint64_t hash, std::size_t words) const {
  const int most = most_distance(words);
  return std::any_of(records_.begin(), records_.end(), [&](const Record& r) { return hamming_distance(r.hash, hash) <= most; });
}

bool News::is_spent(MarketIndex market, const trading::NewsItem& item, std::uint64_t hash, std::size_t words) const {
  if (spent_.empty()) return false;
  const std::string& id = matcher_.id_of(market);
  const std::string text = evidence_of(item.id, item.headline);
  const int most = most_distance(words);
  return std::any_of(spent_.begin(), spent_.end(),
                     [&](const Spent& s) { return s.market_id == id && (s.evidence == text || hamming_distance(s.hash, hash) <= most); });
}

/// What moved the market up to now has had its trade. After a restart it is not there yet: the journal has its sum, and since every item
/// decays at the same rate the sum decays as they did.
void News::spend(MarketIndex market, const Remembered& trade) {
  std::vector<Effect>& effects = effects_[market];
  bool there = false;
  for (Effect& effect : effects) {
    if (effect.spent == kUnspent) effect.spent = trade.trade;
    there = there || effect.spent == trade.trade;
  }
  if (!there) effects.push_back({.record = 0, .time = trade.opened, .logits = trade.signal, .spent = trade.trade});
}

void News::remember(const TradeRecord& trade) {
  if (trade.id <= last_trade_) return;  // told of before
  last_trade_ = trade.id;
  for (const std::string& id : trade.market_ids) {
    for (const std::string& item : trade.evidence) {
      const std::size_t colon = item.find(": ");
      const std::vector<std::string> words = words_of(colon == std::string::npos ? item : std::string_view(item).substr(colon + 2));
      spent_.push_back({id, item, simhash(words)});
    }
    const Remembered one{trade.id, trade.opened, trade.signal};
    if (const auto market = matcher_.find(id))
      spend(*market, one);
    else
      earlier_[id].push_back(one);
  }
  while (spent_.size() > static_cast<std::size_t>(options_.memory)) spent_.pop_front();
}

void News::take(const trading::NewsItem& item, const MarketView&) {
  ++seen_;
  const std::vector<std::string> headline = words_of(item.headline);
  std::vector<std::string> words = headline;
  words.emplace_back();
  for (std::string& word : words_of(item.text)) words.push_back(std::move(word));
  const std::uint64_t hash = simhash(headline.empty() ? words : headline);
  const bool known = !ids_.insert(item.source + '\n' + item.id).second;
  if (known || repetition(hash, headline.size())) {
    ++repeated_;
    if (!known) ids_.erase(item.source + '\n' + item.id);
    return;
  }
  const auto number = first_record_ + static_cast<std::uint32_t>(records_.size());
  records_.push_back({item.id, item.headline, moment_of(item), hash});
  const auto weight = options_.source_weights.find(item.source);
  // The headline says it; the text decides only when the headline is silent.
  const double said = options_.lexicon.polarity(headline);
  const double polarity = said != 0 ? said : options_.lexicon.polarity(words);
  const std::vector<NewsMatch> matches = matcher_.match(item, words);
  matched_ += !matches.empty();
  for (const NewsMatch& match : matches) {
    const double w = weight == options_.source_weights.end() ? 1 : weight->second;
    const double logits = options_.strength * w * match.relevance * polarity * matcher_.polarity_of(match.market);
    if (logits != 0 && !is_spent(match.market, item, hash, headline.size()))
      effects_[match.market].push_back({.record = number, .time = moment_of(item), .logits = logits});
  }
  forget();
}

void News::forget() {
  while (records_.size() > static_cast<std::size_t>(options_.memory)) {
    records_.pop_front();
    ++first_record_;
  }
  if (ids_.size() > 4 * static_cast<std::size_t>(options_.memory)) ids_.clear();  // their texts are still known by their hashes
}

/// Of the trade's own items and those that came after them.
double News::impact_since(MarketIndex market, UnixNanos now, std::uint64_t trade) const {
  const auto at = effects_.find(market);
  if (at == effects_.end()) return 0;
  double sum = 0;
  for (const Effect& effect : at->second)
    if (effect.spent >= trade) sum += effect.logits * decay(effect.time, now, options_.tau_hours);
  return sum;
}

void News::find_opportunities(const MarketView& view, std::vector<Opportunity>& found) {
  for (const auto& [market, effects] : effects_) {
    const bool looked_at =
        view.all || !view.news.empty() || std::find(view.changed.begin(), view.changed.end(), market) != view.changed.end();
    if (looked_at && market < view.size()) consider(market, view, found);
  }
}

void News::consider(MarketIndex market, const MarketView& view, std::vector<Opportunity>& found) {
  if (!view.has_mid(market)) return;
  const double moved = impact(market, view.now);
  if (moved == 0 || !std::isfinite(moved)) return;
  const Outcome outcome = moved > 0 ? Outcome::yes : Outcome::no;
  const trading::Ladder& asks = view.prices[market].of(outcome).asks;
  if (asks.empty()) return;
  const double posterior = std::clamp(from_logit(logit(view.tops[market].mid()) + moved), kLeastProbability, 1 - kLeastProbability);
  const double probability = outcome == Outcome::yes ? posterior : 1 - posterior;
  const double price = dollars(asks.best().price);
  const double unit = price + view.markets[market].fees.per_share(price);
  if (!(probability - unit > options_.min_edge)) return;
  Opportunity& one = found.emplace_back();
  one.kind = OpportunityKind::news;
  one.leg_count = 1;
  one.legs[0] = {.market = market, .outcome = outcome, .limit = asks.best().price, .shares = asks.best().size};
  one.probability = probability;
  one.signal = moved;
  one.edge = one.score = probability - unit;
  one.shares = asks.best().size.to_double();
  one.cost = one.shares * unit;
  one.expected_profit = one.shares * one.edge;
  const std::vector<Effect>& effects = effects_.at(market);
  for (auto e = effects.rbegin(); e != effects.rend(); ++e)
    if (e->spent == kUnspent) one.news.push_back(e->record);
  ++found_;
}

EntryVerdict News::should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  return may_bet(opportunity, options_.min_edge, options_.rules, options_.sizing, view, account);
}

OrderPlan News::enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  return bet(opportunity, options_.min_edge, options_.sizing, view, account);
}

bool News::should_exit(const OpenTrade& trade, const MarketView& view) const {
  if (trade.orders_working || trade.holdings.empty()) return false;
  const MarketIndex market = trade.holdings[0].market;
  if (market >= view.size() || !view.tradable(market)) return false;
  if (must_leave(options_.exits, trade, view)) return true;
  const double now = impact_since(market, view.now, trade.id);
  return now * trade.entry_signal <= 0 || std::abs(now) < options_.exit_impact * std::abs(trade.entry_signal);
}

OrderPlan News::exit_position(const OpenTrade& trade, const MarketView& view) const {
  return trade.orders_working ? OrderPlan{} : sell_holdings(trade, view, options_.exits.exit_slippage);
}

std::vector<std::string> News::evidence(const Opportunity& opportunity) const {
  std::vector<std::string> items;
  for (const std::uint32_t number : opportunity.news) {
    const std::uint32_t place = number - first_record_;
    if (number >= first_record_ && place < records_.size()) items.push_back(evidence_of(records_[place].id, records_[place].headline));
  }
  return items;
}

StrategyStatistics News::get_statistics() const {
  StrategyStatistics told{.opportunities_found = found_};
  told.details["items_seen"] = seen_;
  told.details["repetitions"] = repeated_;
  told.details["items_about_a_market"] = matched_;
  told.details["items_waiting"] = waiting_.size();
  told.details["markets_moved"] = effects_.size();
  told.details["lexicon_words"] = options_.lexicon.size();
  return told;
}

}  // namespace tradewind::prediction
