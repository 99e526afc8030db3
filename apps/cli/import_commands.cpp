// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/import.hpp"

namespace tradewind::cli {

void add_pricing_options(CLI::App* command, commands::PricingArguments& pricing) {
  command->add_option("--data", pricing.data, "SYMBOL=FILE: prices that the signals are traded on; one for each symbol")
      ->allow_extra_args(false);
  add_reader_options(command, pricing.reading, false);
  command->add_option("--commission", pricing.commission, "Of traded notional per fill: 0.001, 0.1%, 10bps (default 10bps)");
  command->add_option("--slippage", pricing.slippage, "By which a fill is worse than the price (default 5bps)");
  command->add_option("--slippage-model", pricing.slippage_model, "linear, or sqrt: grows with the volatility (default linear)");
  command->add_option("--fill", pricing.fill, "next_open, next_close or close (default next_open)");
  command->add_option("--periods-per-year", pricing.periods_per_year, "Bars a year (default: as the timestamps show)");
}

void add_import_commands(CLI::App& app, Session& session) {
  CLI::App* import =
      app.add_subcommand("import-signals", "Store the signals of another tool as a run; with --data it is traded as a sweep is");
  auto arguments = std::make_shared<commands::ImportArguments>();
  import->add_option("sources", arguments->sources, "CSV or Parquet files, folders of them, or the signals folder of a run")->required();
  import->add_option("--run-id", arguments->run_id, "Name of the run")->required();
  import
      ->add_option("--format", arguments->format,
                   "long: strategy_id, symbol, timestamp, signal[, confidence]; wide: a column a strategy; entries-exits: booleans")
      ->capture_default_str();
  add_pricing_options(import, arguments->pricing);
  session.on(
      import, [arguments](const Context& context) { return commands::import_signals(*arguments, context); },
      [](const Json& json) {
        fmt::print("{} strategies in run {}: {} of {} rows change something and are kept\n", cell(json["strategies"]),
                   json["run_id"].get<std::string>(), cell(json["rows_kept"]), cell(json["rows_read"]));
        for (const auto& note : json["notes"]) fmt::print("{}\n", dim(note.get<std::string>()));
      });

  CLI::App* returns = app.add_subcommand("import-returns", "Store a table of returns, a column a strategy, as a run");
  auto table = std::make_shared<commands::ImportReturnsArguments>();
  returns->add_option("file", table->file, "CSV or Parquet file with times and net returns per bar")->required();
  returns->add_option("--run-id", table->run_id, "Name of the run")->required();
  returns->add_option("--periods-per-year", table->periods_per_year, "Bars a year, e.g. 252 for daily stock bars")->required();
  session.on(
      returns, [table](const Context& context) { return commands::import_returns(*table, context); },
      [](const Json& json) {
        fmt::print("{} strategies over {} bars in run {}\n", cell(json["strategies"]), cell(json["bars"]),
                   json["run_id"].get<std::string>());
        for (const auto& note : json["notes"]) fmt::print("{}\n", dim(note.get<std::string>()));
      });
}

}  // namespace tradewind::cli
