// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/tear_sheet.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/analysis/tear_sheet.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/report.hpp"
#include "tradewind/commands/return_series.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/figures/tear_sheet.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/version.hpp"

namespace tradewind::commands {
namespace {

/// The clock that times tell: the usual one within 5 % of what is observed, so that holidays do not make another, else the observed one.
Result<double> clock_of_times(const market::SeriesTable& table, const Path& file, std::vector<std::string>& notes) {
  const auto observed = observed_periods_per_year(table);
  if (!observed)
    return Error(Errc::usage, "how many bars make a year is not given, and the file's times do not tell", "--periods-per-year",
                 "252 for daily stocks, 365 for daily crypto, 52 for weeks, 12 for months");
  double clock = std::round(*observed);
  for (const double usual : {12.0, 52.0, 252.0, 365.0})
    if (std::fabs(*observed / usual - 1) <= 0.05) clock = usual;
  notes.push_back(fmt::format("{} bars a year: the times of {} show {:.1f}; --periods-per-year gives another number", clock,
                              file.filename().string(), *observed));
  return clock;
}

/// Writes the page and says what stands on it.
Result<CommandOutput> write_sheet(Json sheet, const SheetFiles& files) {
  TRADEWIND_ASSIGN(const std::string html, figures::html_tear_sheet(sheet));
  CommandOutput output{schema_object("report")};
  TRADEWIND_TRY(write_page(files.page, html, output.json));
  TRADEWIND_TRY(write_figures(files.figures, figures::tear_sheet_figures(sheet), output.json));
  for (const char* key : {"name", "bars", "from", "to", "periods_per_year", "metrics", "luck", "benchmark", "drawdowns", "notes"})
    if (sheet.contains(key)) output.json[key] = std::move(sheet[key]);
  output.json["undefined"] = output.json["metrics"]["undefined"];
  output.json["metrics"].erase("undefined");
  return output;
}

Json file_provenance(const ReturnSeries& input, const MetricsArguments& arguments) {
  Json json = {{"file", arguments.file.filename().string()}, {"column", input.column}, {"sha256", input.table.sha256}};
  if (input.prices) json["read_as"] = "prices";
  json["periods_per_year"] = arguments.options.periods_per_year;
  json["risk_free"] = input.risk_free.series.empty() ? Json(input.risk_free.annual) : Json(Path(input.risk_free.name).filename().string());
  if (input.benchmark) json["benchmark"] = Path(input.benchmark->name).filename().string();
  if (!arguments.signals.empty()) json["signals"] = arguments.signals;
  if (arguments.costs) {
    json["commission_rate"] = arguments.costs->commission_rate;
    json["slippage"] = arguments.costs->slippage_bps;
    json["slippage_model"] = enum_name(arguments.costs->slippage_model);
  }
  json["rows_without_a_number"] = input.returns.replaced;
  json["tradewind_version"] = TRADEWIND_VERSION;
  return json;
}

/// The run's account of one strategy: what it earned bar by bar, its closed trades and in how many bars it held something.
struct StrategyAccount {
  replay::ReplayResult result;
  metrics::TradeTables::Options execution;
  std::vector<double> trades;
  double bars_held = 0;
};

Result<StrategyAccount> account_of(analysis::RunInput& input, const StrategySheetArguments& arguments) {
  StrategyAccount account;
  const std::vector<std::string> ids = {arguments.strategy};
  replay::SignalReplayConfig config;
  config.strategies = {{arguments.run, arguments.strategy, 1}};
  TRADEWIND_ASSIGN(config.execution, input.execution_over(ids));
  TRADEWIND_ASSIGN(const auto loaded, input.replayable(ids));
  TRADEWIND_ASSIGN(account.result, replay::replay_signals(config, loaded.signals, loaded.series));
  account.execution = config.execution;
  replay::ReplayRunOptions recording;
  recording.record = true;
  TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(config));
  TRADEWIND_ASSIGN(const auto recorded, engine.run(loaded.signals, loaded.series, {}, recording));
  for (const replay::ReplayTrade& trade : recorded.trades) {
    account.bars_held += static_cast<double>(trade.bars);
    if (trade.exit != replay::TradeExit::open && trade.capital > 0) account.trades.push_back(trade.profit / trade.capital);
  }
  return account;
}

}  // namespace

Result<CommandOutput> tear_sheet_of_file(const MetricsArguments& given, const SheetFiles& files, const Context& context) {
  TRADEWIND_TRY(check_page_name(files.page));
  if (given.costs && given.signals.empty()) return costs_without_signals();
  MetricsArguments arguments = given;
  arguments.price_by_name = given.signals.empty();
  TRADEWIND_ASSIGN(const ReturnSeries input, read_return_series(arguments));
  std::vector<std::string> notes = input.table.notes;
  if (arguments.options.periods_per_year == 0) {
    TRADEWIND_ASSIGN(arguments.options.periods_per_year, clock_of_times(input.table, given.file, notes));
  } else {
    warn_of_clock(input.table, arguments.options.periods_per_year, context, notes);
  }
  arguments.options.risk_free = input.risk_free.annual;
  auto measured = measure_returns(input, arguments, arguments.options, notes);
  if (!measured) return locate(measured.error(), input.table, arguments.file, input.returns.rows);
  analysis::TearSheetInput sheet;
  const std::string stem = arguments.file.stem().string();
  const bool alone = input.prices || input.table.numeric_columns().size() < 2;
  sheet.name = alone ? stem : fmt::format("{} ({})", input.column, stem);
  sheet.returns = std::move(measured->net);
  if (arguments.costs) sheet.gross = std::move(measured->gross);
  sheet.timestamp = input.times();
  sheet.clock = input.table.clock;
  if (input.benchmark) {
    sheet.benchmark_name = names_file(input.benchmark->name) ? Path(input.benchmark->name).stem().string() : input.benchmark->name;
    sheet.benchmark = input.benchmark->returns;
  }
  sheet.options = arguments.options;
  sheet.risk_free = input.risk_free_over(arguments.options.periods_per_year);
  sheet.sharpe_benchmark = arguments.sharpe_benchmark;
  sheet.performance = measured->performance;
  sheet.distribution = measured->distribution;
  sheet.notes = std::move(notes);
  Json json = analysis::tear_sheet_json(sheet);
  json["provenance"] = file_provenance(input, arguments);
  return write_sheet(std::move(json), files);
}

Result<CommandOutput> tear_sheet_of_strategy(const StrategySheetArguments& arguments, const SheetFiles& files, const Context& context) {
  TRADEWIND_TRY(check_page_name(files.page));
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(arguments.run, {}, context.workspace));
  const std::vector<std::string> known = input.run().strategy_ids();
  if (std::find(known.begin(), known.end(), arguments.strategy) == known.end())
    return Error(Errc::not_found, fmt::format("run '{}' has no strategy '{}'", arguments.run, printable(arguments.strategy, 200)),
                 "--strategy", suggestion(arguments.strategy, known));
  TRADEWIND_ASSIGN(StrategyAccount account, account_of(input, arguments));
  TRADEWIND_ASSIGN(const auto rows, input.run().strategies({{arguments.strategy}}));
  const std::string& symbol = rows.front().symbol;
  analysis::TearSheetInput sheet;
  sheet.name = arguments.strategy;
  sheet.timestamp = std::move(account.result.timestamp);
  sheet.clock = input.clock_of(symbol);
  sheet.options = {.periods_per_year = account.execution.periods_per_year, .risk_free = account.execution.risk_free};
  TRADEWIND_ASSIGN(SeriesBeside benchmark, benchmark_of_strategy(input, arguments.benchmark, symbol, {sheet.timestamp, sheet.clock}));
  sheet.benchmark_name = names_file(benchmark.name) ? Path(benchmark.name).stem().string() : benchmark.name;
  sheet.benchmark = std::move(benchmark.returns);
  sheet.notes = std::move(benchmark.notes);
  TRADEWIND_ASSIGN(const RiskFreeInput risk_free,
                   risk_free_input(arguments.risk_free, sheet.options.risk_free, sheet.timestamp, sheet.notes));
  sheet.options.risk_free = risk_free.annual;
  sheet.returns = std::move(account.result.returns);
  if (account.execution.costs.commission_rate > 0 || account.execution.costs.slippage_bps > 0)
    sheet.gross = metrics::returns_of_equity(account.result.gross_equity);
  sheet.performance = account.result.performance;
  const double clock = sheet.options.periods_per_year;
  sheet.risk_free = risk_free.series.empty() ? metrics::RiskFree(risk_free.annual, clock) : metrics::RiskFree(risk_free.series);
  std::vector<double> without_risk(sheet.returns.size()), excess;
  for (std::size_t t = 0; t < without_risk.size(); ++t) without_risk[t] = sheet.risk_free.at(t);
  if (!risk_free.series.empty()) excess = metrics::excess_returns(sheet.returns, risk_free.series);
  if (!risk_free.series.empty() || risk_free.annual != account.execution.risk_free)  // else they are those of the run, to the last bit
    metrics::set_risk_free(sheet.performance, sheet.returns, sheet.gross, without_risk, clock);
  sheet.sharpe_benchmark = arguments.sharpe_benchmark;
  sheet.distribution = metrics::distribution_metrics({.returns = sheet.returns,
                                                      .performance = &sheet.performance,
                                                      .trades = account.trades,
                                                      .excess = excess,
                                                      .sharpe_benchmark = arguments.sharpe_benchmark},
                                                     sheet.options);
  if (!sheet.returns.empty())
    sheet.distribution[metrics::DistributionMetric::time_in_market] =
        std::min(1.0, account.bars_held / static_cast<double>(sheet.returns.size()));
  Json json = analysis::tear_sheet_json(sheet);
  json["provenance"] = {{"run", arguments.run},
                        {"strategy", arguments.strategy},
                        {"symbol", symbol},
                        {"sha256", input.data_hash(symbol)},
                        {"fill", enum_name(account.execution.fill)},
                        {"commission_rate", account.execution.costs.commission_rate},
                        {"slippage", account.execution.costs.slippage_bps},
                        {"slippage_model", enum_name(account.execution.costs.slippage_model)},
                        {"risk_free", risk_free.series.empty() ? Json(risk_free.annual) : Json(Path(risk_free.name).filename().string())},
                        {"tradewind_version", TRADEWIND_VERSION}};
  auto output = write_sheet(std::move(json), files);
  if (output) output->json["run_id"] = arguments.run, output->json["strategy_id"] = arguments.strategy;
  return output;
}

}  // namespace tradewind::commands
