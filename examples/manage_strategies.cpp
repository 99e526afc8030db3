// SPDX-License-Identifier: Apache-2.0
// A StrategyManager by itself: several strategies on one paper account, compared, switched off and given other shares while they run.
//
//   build/release/bin/manage_strategies
#include <cstdio>
#include <cstdlib>

#include "tradewind/base/json.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace {

using namespace tradewind;

constexpr const char* kConfig = R"(
total_capital: 100        # dollars
cycle_interval: 0
strategies:
  enabled: [arbitrage, momentum, statistical_arb]
  capital_allocation:     # sums to 1
    arbitrage: 0.50
    momentum: 0.30
    statistical_arb: 0.20
)";

/// Simulated markets have a time of their own: ten seconds a cycle.
class MarketTime final : public Clock {
 public:
  UnixNanos now() const override { return 1'767'225'600 * kNanosPerSecond + passed_; }
  std::int64_t steady() const override { return passed_; }
  void next_cycle() { passed_ += 10 * kNanosPerSecond; }

 private:
  std::int64_t passed_ = 0;
};

Status trade(live::StrategyManager& manager, trading::MarketMonitor& monitor, MarketTime& time, int cycles) {
  for (int cycle = 0; cycle < cycles; ++cycle) {
    time.next_cycle();
    TRADEWIND_ASSIGN(const auto markets, monitor.get_active_markets());
    std::map<std::string, trading::MarketPrices> prices;
    for (const trading::PredictionMarket& market : markets) {
      if (market.payout) continue;  // decided: it has no prices any more
      TRADEWIND_ASSIGN(prices[market.id], monitor.get_market_prices(market.id));
    }
    TRADEWIND_ASSIGN(const live::Opportunities opportunities, manager.run_all_strategies(markets, prices, monitor.get_news()));
    manager.execute_best_opportunities(opportunities);
  }
  return {};
}

Status run() {
  TRADEWIND_ASSIGN(const config::Value config, config::parse_config(kConfig, "example"));
  TRADEWIND_ASSIGN(const live::LiveConfig settings, live::read_live_config(config, "example"));
  MarketTime time;
  TRADEWIND_ASSIGN(const auto manager, live::StrategyManager::make(config, "example", time));
  venues::SimulatedMonitor monitor(settings.simulation);

  TRADEWIND_TRY(trade(*manager, monitor, time, 100));
  const Json comparison = manager->compare_strategies();
  for (const auto& [name, figures] : comparison.items())
    std::printf("%-16s found %6s, traded %4s, profit %s dollars\n", name.c_str(), figures["opportunities_found"].dump().c_str(),
                figures["opportunities_taken"].dump().c_str(), figures["total_profit"].dump().c_str());
  std::printf("Best strategy: %s\n", manager->get_best_performing_strategy().value_or("none has traded yet").c_str());

  // Each change is checked, and refused as a whole when it does not make sense.
  if (!manager->rebalance_capital({{"arbitrage", 0.7}, {"momentum", 0.7}}))
    std::printf("refused: %s\n", manager->last_error()->message().c_str());
  if (!manager->disable_strategy("momentum")) return *manager->last_error();
  if (!manager->rebalance_capital({{"arbitrage", 0.70}, {"momentum", 0.10}, {"statistical_arb", 0.20}})) return *manager->last_error();
  TRADEWIND_TRY(trade(*manager, monitor, time, 100));

  const Json statistics = manager->get_statistics();
  std::printf("enabled: %s, %s trades in %s cycles, profit %s dollars\n", statistics["enabled_strategies"].dump().c_str(),
              statistics["total_trades"].dump().c_str(), statistics["cycles_completed"].dump().c_str(),
              statistics["total_profit"].dump().c_str());
  std::printf("portfolio: %s\n", manager->get_portfolio_summary().dump(2).c_str());
  return {};
}

}  // namespace

int main() {
  const Status status = run();
  if (!status) std::fprintf(stderr, "error: %s\n", status.error().message().c_str());
  return status ? EXIT_SUCCESS : EXIT_FAILURE;
}
