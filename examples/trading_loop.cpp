// SPDX-License-Identifier: Apache-2.0
// The trading loop of the document: a market monitor, a StrategyManager, a PerformanceMonitor and a PerformanceOptimizer.
//
//   build/release/bin/trading_loop [CYCLES]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tradewind/base/json.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace {

using namespace tradewind;

constexpr const char* kConfig = R"(
total_capital: 1000
cycle_interval: 0
strategies:
  enabled: [arbitrage, momentum, statistical_arb]
  capital_allocation: {arbitrage: 0.50, momentum: 0.30, statistical_arb: 0.20}
target_cycle_time_ms: 200
target_network_latency_ms: 100
performance_history_size: 100
)";

Result<int> trade(int cycles) {
  TRADEWIND_ASSIGN(const config::Value config, config::parse_config(kConfig, "example"));
  TRADEWIND_ASSIGN(live::LiveConfig settings, live::read_live_config(config, "example"));
  TRADEWIND_ASSIGN(const auto strategy_manager, live::StrategyManager::make(config));
  telemetry::PerformanceMonitor performance_monitor(settings.monitor);
  telemetry::PerformanceOptimizer performance_optimizer(settings.optimizer);
  venues::SimulatedMonitor market_monitor(settings.simulation);

  for (int cycle = 0; cycle < cycles; ++cycle) {
    performance_monitor.start_cycle();

    auto start = performance_monitor.time();
    TRADEWIND_ASSIGN(const auto markets, market_monitor.get_active_markets());
    performance_monitor.measure_network_latency(start, "markets");

    std::map<std::string, trading::MarketPrices> prices;
    for (const trading::PredictionMarket& market : markets) {
      if (market.payout) continue;  // decided: it has no prices any more
      start = performance_monitor.time();
      TRADEWIND_ASSIGN(prices[market.id], market_monitor.get_market_prices(market.id));
      performance_monitor.measure_network_latency(start, "prices_" + market.id);
    }

    start = performance_monitor.time();
    TRADEWIND_ASSIGN(const auto opportunities, strategy_manager->run_all_strategies(markets, prices, market_monitor.get_news()));
    std::size_t found = 0;
    for (const auto& [strategy, list] : opportunities) found += list.size();
    performance_monitor.measure_detection_speed(start, found);

    start = performance_monitor.time();
    strategy_manager->execute_best_opportunities(opportunities);
    performance_monitor.measure_execution_speed(start);
    performance_monitor.end_cycle();

    if (performance_monitor.total_cycles() % 10 == 0) {
      const auto report = performance_monitor.generate_performance_report();
      const auto [grade, details] = performance_monitor.get_performance_grade();
      if (grade == "C" || grade == "D" || grade == "F") {
        const auto suggestions = performance_optimizer.optimize_config(report);
        std::printf("grade %s: %zu optimization suggestions\n", grade.c_str(), suggestions.system_changes.size());
        if (suggestions.find("use_multiprocessing") != nullptr) performance_optimizer.enable_multiprocessing();
      }
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(settings.cycle_interval));
  }
  performance_optimizer.cleanup();

  std::printf("grade %s\n%s\n", performance_monitor.get_performance_grade().first.c_str(),
              strategy_manager->get_statistics().dump(2).c_str());
  const Json comparison = strategy_manager->compare_strategies();
  for (const auto& [name, figures] : comparison.items())
    std::printf("%-16s profit %s of %s, %s trades\n", name.c_str(), figures["total_profit"].dump().c_str(),
                figures["capital"].dump().c_str(), figures["opportunities_taken"].dump().c_str());
  std::printf("best strategy: %s\n", strategy_manager->get_best_performing_strategy().value_or("none yet").c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = trade(argc > 1 ? std::atoi(argv[1]) : 200);
  if (done) return *done;
  std::fprintf(stderr, "error: %s\n", done.error().message().c_str());
  return tradewind::exit_code(done.error().code());
}
