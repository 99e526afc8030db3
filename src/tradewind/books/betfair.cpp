// SPDX-License-Identifier: Apache-2.0
// Betfair's market change messages [Exchange Stream API]: odds of runners, as markets that pay a dollar when the runner wins.
//
// Backing at odds o is buying yes at 1/o: a stake s buys s·o shares. What is available to back are offers of yes, what is available to lay
// are bids. The venue has one book a runner: no is its mirror.
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/books/import_internal.hpp"

namespace tradewind::books {
namespace {

using trading::Outcome;
using trading::Side;

/// One runner as far as its messages have told.
struct Runner {
  std::uint32_t market = 0;
  std::map<std::int64_t, std::int64_t> asks, bids;  ///< price -> shares
  bool seen = false;                                ///< a change of it: what was traded before the recording is known
  std::map<double, double> traded;                  ///< odds -> stakes of both sides together, since the market opened
  std::string status;
};

struct Quote {
  std::int64_t price = 0;
  std::int64_t shares = 0;
};

std::optional<Quote> quote_of(double odds, double stake) {
  if (!(odds > 1 && odds <= 1000 && stake >= 0 && stake < 1e12)) return std::nullopt;
  return Quote{static_cast<std::int64_t>(std::llround(1e6 / odds)), static_cast<std::int64_t>(std::llround(stake * odds * 1e6))};
}

class BetfairReader {
 public:
  explicit BetfairReader(RecordingBuilder& builder) : builder_(builder) {}

  Status read(const Json& message, const std::string& where) {
    const auto time = millis_in(message, "pt");
    if (text_in(message, "op") != "mcm" || !time)
      return Error(Errc::invalid_data, "the line is no market change message (op mcm, with pt)", where);
    const Json& changes = member(message, "mc");
    if (!changes.is_array()) return {};
    for (const Json& change : changes) TRADEWIND_TRY(change_market(change, *time, where));
    return {};
  }

 private:
  Status change_market(const Json& change, UnixNanos time, const std::string& where) {
    const std::string id = text_in(change, "id");
    if (id.empty()) return Error(Errc::invalid_data, "a market change without the market's id", where);
    if (const Json& definition = member(change, "marketDefinition"); definition.is_object()) define(id, definition, time);
    const Json& runners = member(change, "rc");
    const Json& image = member(change, "img");
    const bool whole = image.is_boolean() && image.get<bool>();
    if (whole) forget_books(id, time);
    if (!runners.is_array()) return {};
    for (const Json& runner : runners) {
      const Json& number = member(runner, "id");
      if (!number.is_number_integer()) return Error(Errc::invalid_data, "a runner without id", where);
      change_runner(runner_of(id, number.get<std::int64_t>()), runner, time);
    }
    return {};
  }

  Runner& runner_of(const std::string& market, std::int64_t number) {
    const auto [at, fresh] = runners_.try_emplace({market, number});
    if (!fresh) return at->second;
    at->second.market = builder_.market(fmt::format("{}-{}", market, number));
    RecordedMarket& one = builder_.at(at->second.market);
    one.mirrored = true;
    one.market.event_id = market;
    one.market.outcome_names = {"Yes", "No"};
    one.market.tick_size = Price{1};  // odds have their own ladder, which no tick of a price is
    one.market.minimum_size = Shares::whole(1);
    return at->second;
  }

  void define(const std::string& id, const Json& definition, UnixNanos time) {
    const std::string status = text_in(definition, "status");
    const Json& winners = member(definition, "numberOfWinners");
    const Json& runners = member(definition, "runners");
    const auto rate = micros_in(definition, "marketBaseRate");
    const auto start = parse_time(text_in(definition, "marketTime"));
    if (!runners.is_array()) return;
    for (const Json& one : runners) {
      if (!member(one, "id").is_number_integer()) continue;
      Runner& runner = runner_of(id, one["id"].get<std::int64_t>());
      describe(builder_.at(runner.market), definition, one, runners.size());
      builder_.at(runner.market).market.negative_risk = winners.is_number_integer() && winners.get<std::int64_t>() == 1;
      builder_.at(runner.market).commission = rate ? static_cast<double>(*rate) / 1e8 : 0;
      if (start) builder_.at(runner.market).market.end_time = start->nanos;
      const std::string now = status + "/" + text_in(one, "status");
      if (now == runner.status) continue;
      runner.status = now;
      builder_.trading(time, runner.market, now == "OPEN/ACTIVE");
      if (now == "CLOSED/WINNER") builder_.payout(time, runner.market, Price::kOne);
      if (now == "CLOSED/LOSER") builder_.payout(time, runner.market, 0);
      if (now == "CLOSED/REMOVED") builder_.at(runner.market).unresolved = "the runner was removed: bets on it are void";
    }
  }

  /// What takers pay is commission on what they have won at the end; on the mean over the outcomes that is rate · p(1 − p) a share, which
  /// is what the fee of a fill is here.
  static void describe(RecordedMarket& one, const Json& definition, const Json& runner, std::size_t runners) {
    const std::string name = text_in(runner, "name");
    const std::string event = text_in(definition, "eventName");
    if (one.market.question.empty() || !name.empty())
      one.market.question = fmt::format("{}{}{}", event.empty() ? "" : event + ": ", text_in(definition, "marketType"),
                                        name.empty() ? " runner " + dump_json(runner["id"]) : " " + name);
    one.market.tags = {text_in(definition, "marketType")};
    one.market.event_markets = static_cast<std::uint32_t>(runners);
    const auto rate = micros_in(definition, "marketBaseRate");
    one.described = rate.has_value();
    one.market.fees_known = rate.has_value();
    if (rate) one.market.fees = {static_cast<double>(*rate) / 1e8, 1};
    one.market.fees_known = one.market.fees_known && one.market.fees.plausible();
  }

  void forget_books(const std::string& market, UnixNanos time) {
    for (auto& [key, runner] : runners_) {
      if (key.first != market) continue;
      runner.asks.clear();
      runner.bids.clear();
      builder_.book(time, time, runner.market, Outcome::yes);
    }
  }

  void change_runner(Runner& runner, const Json& change, UnixNanos time) {
    trades(runner, member(change, "trd"), time);
    levels(runner, runner.asks, member(change, "atb"), Side::sell, time);
    levels(runner, runner.bids, member(change, "atl"), Side::buy, time);
    runner.seen = true;
  }

  void levels(Runner& runner, std::map<std::int64_t, std::int64_t>& book, const Json& changes, Side side, UnixNanos time) {
    each_pair(changes, [&](double odds, double stake) {
      const auto quote = quote_of(odds, stake);
      if (!quote) return builder_.leave_out("levels whose price or size makes no sense");
      if (!builder_.level(time, time, runner.market, Outcome::yes, side, quote->price, quote->shares)) return;
      if (quote->shares == 0)
        book.erase(quote->price);
      else
        book[quote->price] = quote->shares;
    });
  }

  /// Cumulative, and counting both sides: what was traded since the last message is half of the difference.
  void trades(Runner& runner, const Json& changes, UnixNanos time) {
    each_pair(changes, [&](double odds, double sum) {
      double& before = runner.traded[odds];
      const auto quote = quote_of(odds, (sum - before) / 2);
      if (runner.seen && quote && quote->shares > 0)
        builder_.print(time, time, runner.market, Outcome::yes, taker_of(runner, quote->price), quote->price, quote->shares, true);
      before = sum;
    });
  }

  /// Not told by the venue: who trades at an ask or nearer to it has bought.
  static Side taker_of(const Runner& runner, std::int64_t price) {
    if (runner.asks.empty()) return Side::sell;
    if (runner.bids.empty()) return Side::buy;
    return 2 * price >= runner.asks.begin()->first + runner.bids.rbegin()->first ? Side::buy : Side::sell;
  }

  template <class Use>
  static void each_pair(const Json& pairs, Use&& use) {
    if (!pairs.is_array()) return;
    for (const Json& pair : pairs)
      if (pair.is_array() && pair.size() == 2 && pair[0].is_number() && pair[1].is_number())
        use(pair[0].get<double>(), pair[1].get<double>());
  }

  RecordingBuilder& builder_;
  std::map<std::pair<std::string, std::int64_t>, Runner> runners_;
};

}  // namespace

Result<std::int64_t> import_betfair(const Path& file, RecordingBuilder& builder) {
  BetfairReader reader(builder);
  return each_line(file, [&](const Json& json, const std::string& where) { return reader.read(json, where); });
}

}  // namespace tradewind::books
