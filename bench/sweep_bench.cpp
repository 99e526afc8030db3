// SPDX-License-Identifier: Apache-2.0
// The sweep row of the performance table: 100,000 bars × 4,950 pairs of moving averages, all metrics, no signals kept.
// Prints one line per measurement: name, value, unit.
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/sweep/signal_engine.hpp"

// With a second argument, `decimal`, the prices have two places, as those of stocks do, and are compared exactly.
int main(int argc, char** argv) {
  using namespace tradewind;
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const bool decimal = argc > 2;
  market::Bars bars;
  Random random(7);
  double log_price = std::log(100.0);
  for (int i = 0; i < 100'000; ++i) {
    log_price += 0.001 * random.normal();
    bars.timestamp.push_back(i * 60 * kNanosPerSecond);
    bars.close.push_back(decimal ? std::round(std::exp(log_price) * 100) / 100 : std::exp(log_price));
  }
  metrics::TradeTables::Options options;
  options.fill = metrics::FillModel::close;
  options.periods_per_year = 525'600;
  const auto* type = *strategies::StrategyRegistry::instance().find("sma_cross");

  double best = 1e9;
  std::int64_t changes = 0;
  for (int repeat = 0; repeat < 7; ++repeat) {
    const Stopwatch watch;
    const strategies::PriceHistory history(bars);
    const auto tables = metrics::TradeTables::make({}, bars.close, options);
    if (!tables) return 1;
    std::vector<sweep::SweepCandidate> candidates;
    for (int fast = 5; fast < 105; ++fast)
      for (int slow = fast + 1; slow < 105; ++slow)
        candidates.push_back({type, strategies::Direction::long_only, {static_cast<double>(fast), static_cast<double>(slow)}});
    constexpr std::size_t blocks = 8;  // as run_sweep cuts it, at any number of threads
    std::vector<std::int64_t> counts(blocks);
    const Status done = parallel_for(blocks, threads, [&](std::size_t block) -> Status {
      const std::size_t first = candidates.size() * block / blocks;
      const std::size_t last = candidates.size() * (block + 1) / blocks;
      counts[block] = 0;
      for (const auto& outcome : sweep::run_candidates(history, *tables, std::span(candidates).subspan(first, last - first), false))
        counts[block] += outcome.signal_changes;
      return {};
    });
    if (!done) return 1;
    changes = 0;
    for (const auto count : counts) changes += count;
    best = std::min(best, watch.seconds());
  }
  fmt::print("sweep_combos_per_second,{:.0f},combos/s\nsweep_signal_changes,{},changes\n", 4950 / best, changes);
}
