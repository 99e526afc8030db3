// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/demo.hpp"

#include <fmt/format.h>

#include "tradewind/commands/replay.hpp"
#include "tradewind/commands/sweep.hpp"
#include "tradewind/commands/workspace.hpp"
#include "tradewind/market/simulate.hpp"
#include "tradewind/market/write_bars.hpp"

namespace tradewind::commands {
namespace {

constexpr std::size_t kSymbols = 3;
constexpr std::size_t kBars = 2520;

constexpr std::string_view kConfig = R"(# A sweep over the simulated market of `tradewind demo`. Change it and run it again:
#   tradewind sweep {folder}/demo.yaml --run-id mine
data:
{data}annualization: {{periods_per_year: 252}}
execution: {{fill: next_open, commission: 10bps, slippage: {{model: linear, rate: 5bps}}}}
strategies:
  - {{type: sma_cross, fast: {{from: 5, to: 50, step: 5}}, slow: {{from: 20, to: 200, step: 10}}, where: fast < slow}}
  - {{type: ema_cross, fast: [5, 10, 20], slow: [50, 100, 200]}}
  - {{type: macd, fast: [8, 12], slow: [21, 26], signal: [5, 9]}}
  - {{type: donchian_breakout, entry: [20, 55, 100], exit: [10, 20]}}
  - {{type: rsi_reversion, direction: long_short, window: [2, 7, 14], lower: [10, 20, 30], upper: [70, 80, 90]}}
  - {{type: bollinger_reversion, direction: long_short, window: [10, 20, 50], bands: [1.5, 2, 2.5]}}
  - {{type: zscore_reversion, direction: long_short, window: [10, 20, 50], entry: [1.5, 2], exit: [0, 0.5]}}
  - {{type: time_series_momentum, direction: long_short, window: [21, 63, 126, 252]}}
classifiers:
  - {{type: volatility_terciles, window: 20}}
  - {{type: trend, window: 200}}
)";

Result<Path> write_market(const DemoArguments& arguments) {
  market::SimulationOptions options;
  options.symbols = kSymbols;
  options.bars = kBars;
  options.seed = arguments.seed;
  TRADEWIND_ASSIGN(const market::Simulation simulation, market::simulate(options));
  TRADEWIND_TRY(make_directories(arguments.folder));
  std::string data;
  for (const market::Bars& bars : simulation.symbols) {
    const std::string name = bars.symbol + ".csv";
    TRADEWIND_TRY(market::write_bars(arguments.folder / name, bars));
    data += fmt::format("  - {{symbol: {}, path: {}}}\n", bars.symbol, name);
  }
  const Path config = arguments.folder / "demo.yaml";
  TRADEWIND_TRY(write_file_durable(config, fmt::format(fmt::runtime(kConfig), fmt::arg("folder", arguments.folder.string()), fmt::arg("data", data))));
  return config;
}

}  // namespace

Result<CommandOutput> demo(const DemoArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(const Path config, write_market(arguments));
  SweepArguments sweep_arguments;
  sweep_arguments.config = config;
  sweep_arguments.run_id = fmt::format("demo-{}", arguments.seed);
  for (int n = 2; arguments.rerun && std::filesystem::exists(context.workspace / sweep_arguments.run_id); ++n) sweep_arguments.run_id = fmt::format("demo-{}-{}", arguments.seed, n);
  sweep_arguments.resume = true;
  TRADEWIND_ASSIGN(const CommandOutput swept, sweep(sweep_arguments, context));
  if (swept.exit_code != 0) return swept;

  ScanArguments best;
  best.runs = {sweep_arguments.run_id};
  best.where = "total_trades >= 20";
  best.sort = "net_sharpe";
  best.limit = 10;
  TRADEWIND_ASSIGN(const CommandOutput ranked, scan(best, context));
  ScanArguments dead = best;
  dead.where = "gross_sharpe > 0.3 and net_sharpe < 0";
  dead.sort = "cost_impact";
  dead.limit = 3;
  const auto killed_by_costs = scan(dead, context);

  ReplayArguments replayed;
  replayed.run = sweep_arguments.run_id;
  for (std::size_t i = 0; i < 3 && i < ranked.json["rows"].size(); ++i) replayed.strategies.push_back(ranked.json["rows"][i]["strategy_id"]);
  TRADEWIND_ASSIGN(const CommandOutput ensemble, replay(replayed, context));

  CommandOutput output{schema_object("demo")};
  Json& json = output.json;
  json["run_id"] = sweep_arguments.run_id;
  json["config"] = config.string();
  json["symbols"] = kSymbols;
  json["bars"] = swept.json["bars"];
  json["strategies"] = swept.json["strategies"];
  json["classifiers"] = swept.json["classifiers"];
  json["seconds"] = swept.json["seconds"];
  json["ranked"] = ranked.json["rows"];
  json["killed_by_costs"] = killed_by_costs ? killed_by_costs->json["rows"] : Json::array();
  json["killed_by_costs_count"] = killed_by_costs ? killed_by_costs->json["matched"] : Json(0);
  json["replay"] = ensemble.json;
  return output;
}

}  // namespace tradewind::commands
