// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/demo.hpp"

#include <fmt/format.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/commands/demo_market.hpp"
#include "tradewind/commands/live.hpp"
#include "tradewind/commands/workflow.hpp"
#include "tradewind/commands/workspace.hpp"
#include "tradewind/market/write_bars.hpp"

namespace tradewind::commands {
namespace {

constexpr std::size_t kBars = 2520;

constexpr std::string_view kSweep = R"(# A sweep over the simulated market of `tradewind demo`. Change it and run it again:
#   tradewind sweep {folder}/demo.yaml --run-id mine
data:
{data}annualization: {{periods_per_year: 252}}
execution: {{fill: next_open, commission: 10bps, slippage: {{model: linear, rate: 5bps}}}}
strategies:
  - {{type: sma_cross, fast: {{from: 5, to: 50, step: 5}}, slow: {{from: 20, to: 200, step: 20}}, where: fast < slow}}
  - {{type: ema_cross, fast: [5, 10, 20], slow: [50, 100, 200]}}
  - {{type: macd, fast: [8, 12], slow: [21, 26], signal: [5, 9]}}
  - {{type: donchian_breakout, entry: [20, 55, 100], exit: [10, 20]}}
  - {{type: rsi_reversion, direction: long_short, window: [2, 7, 14], lower: [20, 30], upper: [70, 80]}}
  - {{type: bollinger_reversion, direction: long_short, window: [10, 20, 50], bands: [1, 1.5, 2]}}
  - {{type: zscore_reversion, direction: long_short, window: [10, 20, 50], entry: [1, 1.5, 2], exit: [0, 0.5]}}
  - {{type: time_series_momentum, direction: long_short, window: [21, 63, 126, 252]}}
classifiers:
  - {{type: volatility_terciles, window: 20}}
  - {{type: trend, window: 100}}
  - {{type: hmm, states: 2}}
)";

constexpr std::string_view kWorkflow = R"(# The whole way from a sweep to a replayed ensemble and its report:
#   tradewind workflow {folder}/workflow.yaml
name: {run_id}
sweep: demo.yaml
run_id: {run_id}
criteria: {{min_sharpe: 0.5, min_win_rate: 0.4, max_drawdown: 0.35, min_trades: 15, max_correlation: 0.7, max_selections: 3}}
replay: true
report: report.html
seed: {seed}
)";

constexpr std::string_view kLive = R"(# Paper trading on simulated prediction markets:
#   tradewind live {folder}/live.yaml --session {session} --cycles 500
total_capital: 1000
cycle_interval: 0
strategies:
  enabled: [arbitrage, momentum, statistical_arb, news]
  capital_allocation: {{arbitrage: 0.4, momentum: 0.2, statistical_arb: 0.2, news: 0.2}}
seed: {seed}
)";
constexpr std::int64_t kLiveCycles = 500;

/// A paper session; one that is there already goes on.
Result<Json> trade_on_paper(const DemoArguments& arguments, const std::string& run_id, const Context& context) {
  LiveArguments live_arguments;
  live_arguments.config = arguments.folder / "live.yaml";
  live_arguments.session = run_id + "-live";
  live_arguments.cycles = kLiveCycles;
  TRADEWIND_TRY(write_file_durable(live_arguments.config,
                                   fmt::format(fmt::runtime(kLive), fmt::arg("folder", arguments.folder.string()),
                                               fmt::arg("session", live_arguments.session), fmt::arg("seed", arguments.seed))));
  TRADEWIND_ASSIGN(CommandOutput done, live(live_arguments, context));
  Json session = Json::object();
  for (const char* key : {"session", "cycles", "account", "statistics", "strategies", "reasons"}) session[key] = done.json[key];
  session["config"] = live_arguments.config.string();
  return session;
}

/// Writes the market, the sweep and the workflow; gives the workflow's path.
Result<Path> write_demo(const DemoArguments& arguments, const std::string& run_id) {
  TRADEWIND_TRY(make_directories(arguments.folder));
  std::string data;
  for (const market::Bars& bars : demo_market(kBars, arguments.seed)) {
    const std::string name = bars.symbol + ".csv";
    TRADEWIND_TRY(market::write_bars(arguments.folder / name, bars));
    data += fmt::format("  - {{symbol: {}, path: {}}}\n", bars.symbol, name);
  }
  const std::string folder = arguments.folder.string();
  TRADEWIND_TRY(write_file_durable(arguments.folder / "demo.yaml",
                                   fmt::format(fmt::runtime(kSweep), fmt::arg("folder", folder), fmt::arg("data", data))));
  const Path workflow = arguments.folder / "workflow.yaml";
  TRADEWIND_TRY(write_file_durable(workflow, fmt::format(fmt::runtime(kWorkflow), fmt::arg("folder", folder), fmt::arg("run_id", run_id),
                                                         fmt::arg("seed", arguments.seed))));
  return workflow;
}

/// The best by Sharpe ratio over all bars, as a look at the ranking alone would have it.
Result<Json> ranked(const std::string& run_id, const Context& context) {
  ScanArguments best;
  best.runs = {run_id};
  best.where = "total_trades >= 15";
  best.sort = "net_sharpe";
  best.limit = 5;
  TRADEWIND_ASSIGN(const CommandOutput found, scan(best, context));
  return found.json["rows"];
}

}  // namespace

Result<CommandOutput> demo(const DemoArguments& arguments, const Context& context) {
  const Stopwatch watch;
  std::string run_id = fmt::format("demo-{}", arguments.seed);
  for (int n = 2; arguments.rerun && std::filesystem::exists(context.workspace / run_id); ++n)
    run_id = fmt::format("demo-{}-{}", arguments.seed, n);
  TRADEWIND_ASSIGN(const Path config, write_demo(arguments, run_id));
  TRADEWIND_ASSIGN(const CommandOutput done, workflow({config}, context));
  TRADEWIND_ASSIGN(const auto report, analysis::read_analysis(context.workspace, run_id));
  const Json& analysis = report.document;

  CommandOutput output{schema_object("demo")};
  Json& json = output.json;
  json["run_id"] = run_id;
  json["config"] = (arguments.folder / "demo.yaml").string();
  json["workflow"] = config.string();
  json["symbols"] = analysis["provenance"]["symbols"];
  json["bars"] = analysis["provenance"]["bars"];
  json["strategies"] = analysis["funnel"][0]["strategies"];
  json["classifiers"] = analysis["classifiers"].size();
  TRADEWIND_ASSIGN(json["ranked"], ranked(run_id, context));
  for (const char* key : {"funnel", "findings", "recommendations", "split"}) json[key] = analysis[key];
  json["selected_combinations"] = done.json["selected_combinations"];
  json["ensemble"] = analysis["ensemble"];
  json["replay_runs"] = done.json["replay_runs"];
  TRADEWIND_ASSIGN(json["live"], trade_on_paper(arguments, run_id, context));
  json["report"] = done.json["report"];
  json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace tradewind::commands
