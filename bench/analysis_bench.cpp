// SPDX-License-Identifier: Apache-2.0
// The analysis of 10,000 strategies × 3 classifiers on two threads, from the finished sweep to the stored document. Prints name,value,unit.
#include <cstdlib>
#include <string>

#include <sys/resource.h>

#include <fmt/core.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/config/value.hpp"
#include "tradewind/market/simulate.hpp"
#include "tradewind/market/write_bars.hpp"
#include "tradewind/sweep/run_sweep.hpp"

namespace {

using namespace tradewind;

constexpr const char* kSweep = R"(
data: [{symbol: SIM01, path: SIM01.csv}]
annualization: {periods_per_year: 252}
execution: {commission: 2bps, slippage: {model: linear, rate: 1bps}}
strategies: [{type: sma_cross, fast: {from: 1, to: 100}, slow: {from: 101, to: 200}}]
classifiers: [{type: volatility_terciles, window: 20}, {type: trend, window: 100}, {type: hmm, states: 2}]
)";

template <class Outcome>
auto need(Outcome outcome) {
  if (!outcome) {
    fmt::print(stderr, "{} ({})\n", outcome.error().message(), outcome.error().where());
    std::exit(1);
  }
  if constexpr (requires { *outcome; } && !std::is_void_v<typename Outcome::value_type>) return std::move(*outcome);
}

}  // namespace

int main() {
  market::SimulationOptions options;
  options.symbols = 1;
  options.bars = 5040;
  const auto simulation = need(market::simulate(options));
  need(market::write_bars("SIM01.csv", simulation.symbols.front()));
  const auto document = need(config::parse_config(kSweep, "sweep"));
  sweep::SweepOptions sweep;
  sweep.workspace = "ws";
  sweep.run_id = "bench";
  sweep.threads = 2;
  need(sweep::run_sweep(need(sweep::read_sweep_config(document, ".", "sweep")), sweep));

  analysis::AnalysisOptions analysis;
  analysis.threads = 2;
  analysis.criteria.min_sharpe = 0.2;
  analysis.criteria.min_win_rate = 0.2;
  analysis.criteria.min_trades = 10;
  analysis.criteria.max_drawdown = 0.6;
  const Stopwatch watch;
  need(analysis::analyze_run("ws", "bench", analysis));
  fmt::print("analysis_10000x3_s,{},s\n", watch.seconds());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("analysis_10000x3_mb,{},MB\n", static_cast<double>(usage.ru_maxrss) / 1024);
}
