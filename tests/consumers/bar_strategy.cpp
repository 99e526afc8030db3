#include <cstdio>

#include <tradewind/analysis/analysis_report.hpp>
#include <tradewind/market/simulate.hpp>
#include <tradewind/market/write_bars.hpp>
#include <tradewind/strategies/strategy.hpp>
#include <tradewind/sweep/run_sweep.hpp>

using namespace tradewind;

/// Holds while the close is above that of `lag` bars ago.
struct Rising final : strategies::BarStrategy {
  explicit Rising(double lag_) : lag(static_cast<std::size_t>(lag_)) {}
  strategies::Signal on_bar(const strategies::BarWindow& bars) override {
    return {.position = bars.size() > lag && bars.close() > bars.close(lag) ? 1 : 0};
  }
  std::size_t lag;
};

Result<analysis::AnalysisReport> sweep_and_analyze() {
  TRADEWIND_TRY(strategies::Registry::instance().add({.name = "rising",
                                                      .summary = "Holds what has risen",
                                                      .formula = "close > close lag bars ago",
                                                      .source = "an example",
                                                      .parameters = {{"lag", "bars to look back", 20, 1, 250}},
                                                      .constraint = "",
                                                      .rule = {},
                                                      .bar = [](const auto& p, auto) { return std::make_unique<Rising>(p[0]); }}));
  TRADEWIND_ASSIGN(const market::Simulation market, market::simulate({.symbols = 1, .bars = 1500, .seed = 7}));
  TRADEWIND_TRY(market::write_bars("prices.csv", market.symbols[0]));

  TRADEWIND_ASSIGN(const config::Value yaml, config::parse_config(R"(
data: [{symbol: SIM01, path: prices.csv}]
strategies: [{type: rising, lag: [5, 10, 20, 40, 80, 160]}]
)", "sweep"));
  TRADEWIND_ASSIGN(const sweep::SweepConfig config, sweep::read_sweep_config(yaml, ".", "sweep"));
  TRADEWIND_ASSIGN(const sweep::SweepSummary run, sweep::run_sweep(config, {.workspace = "workspaces", .run_id = "rising", .keep = {}}));
  std::printf("%lld strategies stored in %s\n", static_cast<long long>(run.strategies), run.run_id.c_str());

  analysis::AnalysisOptions options;
  options.criteria.min_sharpe = 0.5;
  options.criteria.min_win_rate = 0.3;
  options.criteria.max_drawdown = 0.5;
  options.criteria.min_trades = 10;
  return analysis::analyze_run("workspaces", run.run_id, options);
}

int main() {
  const auto report = sweep_and_analyze();
  if (!report) return std::fprintf(stderr, "%s\n", report.error().message().c_str()), 1;
  for (const analysis::StrategyPerformance& one : report->strategy_performances)
    std::printf("%s %s: Sharpe ratio %.4f chosen on, %.4f held out\n", one.status.c_str(), one.strategy_id.c_str(),
                one.selection.at("sharpe_ratio"), one.holdout.contains("sharpe_ratio") ? one.holdout.at("sharpe_ratio") : 0);
}
