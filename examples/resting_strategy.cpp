// SPDX-License-Identifier: Apache-2.0
// A strategy that waits instead of taking: it bids where others bid, and offers what it got where others offer. What that earns depends on
// who is served first at a price, so the program trades one seeded simulated market with the queue it is told and prints what came of it:
//
//   build/release/bin/resting_strategy WORKSPACE [back|front] [SEED=1] [CYCLES=600] [WORLD=none]
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tradewind/base/json.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/prediction/sizing.hpp"

namespace {

using namespace tradewind;
using namespace tradewind::prediction;
using trading::Outcome;
using trading::Side;

/// Rests a bid at the best bid of markets that are far from decided; what it bought it offers at the best ask.
class Rester final : public PredictionStrategy {
 public:
  void analyze(const MarketView&) override {}

  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    for (MarketIndex m = 0; m < view.size(); ++m) {
      const trading::TokenBook& book = view.prices[m].of(Outcome::yes);
      if (!view.tradable(m) || !book.two_sided() || book.mid() < 0.2 || book.mid() > 0.8) continue;
      Opportunity& one = found.emplace_back();
      one.add({.market = m, .outcome = Outcome::yes, .limit = book.bids.best().price, .shares = kShares});
      one.shares = kShares.to_double();
      one.edge = one.score = book.spread();
      one.expected_profit = one.shares * one.edge;
      ++found_;
    }
  }

  EntryVerdict should_enter(const Opportunity& one, const MarketView&, const Account& account) const override {
    return {holds(account.trades, one.market()) ? Fate::already_held : Fate::traded};
  }

  bool should_exit(const OpenTrade& trade, const MarketView&) const override { return !trade.orders_working; }

  OrderPlan enter_position(const Opportunity& one, const MarketView&, const Account&) const override {
    return {{.time_in_force = trading::TimeInForce::gtc, .market = one.market(), .limit = one.legs[0].limit, .shares = kShares}};
  }

  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override {
    OrderPlan plan;
    for (const Holding& held : trade.holdings) {
      const trading::TokenBook& book = view.prices[held.market].of(held.outcome);
      if (!view.tradable(held.market) || !book.two_sided()) continue;
      const bool rests = held.shares >= view.markets[held.market].minimum_size;
      plan.push_back({.time_in_force = rests ? trading::TimeInForce::gtc : trading::TimeInForce::fak,
                      .market = held.market,
                      .outcome = held.outcome,
                      .side = Side::sell,
                      .limit = rests ? book.asks.best().price : book.bids.best().price,
                      .shares = held.shares});
    }
    return plan;
  }

  StrategyStatistics get_statistics() const override { return {.opportunities_found = found_}; }

 private:
  static constexpr Shares kShares = Shares::whole(20);
  std::uint64_t found_ = 0;
};

Status register_rester() {
  return PredictionRegistry::instance().add({.name = "rester",
                                             .summary = "Rests bids and offers",
                                             .formula = "bid at the best bid, offer at the best ask",
                                             .source = "an example",
                                             .make = [](config::MapReader& reader) -> std::unique_ptr<PredictionStrategy> {
                                               reader.finish();
                                               return std::make_unique<Rester>();
                                             }});
}

struct Wanted {
  std::string workspace;
  std::string queue = "back";
  int seed = 1;
  int cycles = 600;
  std::string world = "none";
};

Status run(const Wanted& wanted) {
  TRADEWIND_TRY(register_rester());
  const std::string text =
      "total_capital: 1000\ncycle_interval: 0\nstrategies: {enabled: [rester], cooldown_seconds: 120}\nlimits: {max_loss: 99%, "
      "max_daily_loss: 99%}\n"
      "execution: {rest_seconds: 120}\nseed: " +
      std::to_string(wanted.seed) + "\npaper: {queue: " + wanted.queue + "}\nsimulation: {edge: " + wanted.world +
      ", seed: " + std::to_string(wanted.seed) + "}\n";
  TRADEWIND_ASSIGN(const config::Value yaml, config::parse_config(text, "example"));
  TRADEWIND_ASSIGN(live::LiveConfig config, live::read_live_config(yaml, "example"));
  const std::string name = wanted.world + "-" + wanted.queue + "-" + std::to_string(wanted.seed);
  TRADEWIND_ASSIGN(const auto session,
                   live::LiveSession::open(std::move(config), {.workspace = wanted.workspace, .session = name, .cycles = wanted.cycles}));
  TRADEWIND_TRY(session->run());
  const Json report = session->report();
  const Json& mine = report["strategies"]["rester"];
  std::printf("%s\n", Json{{"session", name},
                           {"profit", std::atof(mine["equity"].get<std::string>().c_str()) - 1000},
                           {"sent", mine["opportunities_sent"]},
                           {"taken", mine["opportunities_taken"]},
                           {"closed", mine["trades_closed"]}}
                          .dump()
                          .c_str());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: resting_strategy WORKSPACE [back|front] [SEED] [CYCLES] [WORLD]\n"), 2;
  Wanted wanted{.workspace = argv[1]};
  if (argc > 2) wanted.queue = argv[2];
  if (argc > 3) wanted.seed = std::atoi(argv[3]);
  if (argc > 4) wanted.cycles = std::atoi(argv[4]);
  if (argc > 5) wanted.world = argv[5];
  const Status status = run(wanted);
  if (!status) std::fprintf(stderr, "%s\n", status.error().message().c_str());
  return status ? 0 : 1;
}
