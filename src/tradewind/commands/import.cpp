// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/import.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/commands/pricing.hpp"
#include "tradewind/replay/import_returns.hpp"
#include "tradewind/workspace/import.hpp"

namespace tradewind::commands {
namespace {

Status read_rate(const char* option, const std::optional<std::string>& text, double& rate) {
  if (!text) return {};
  const auto value = parse_rate(*text);
  if (!value) return Error(Errc::usage, fmt::format("{} '{}' is no rate", option, printable(*text)), option, "write 0.001, 0.1% or 10bps");
  rate = *value;
  return {};
}

}  // namespace

Result<std::pair<std::string, std::string>> symbol_and_file(const std::string& entry) {
  std::optional<std::size_t> place;
  for (std::size_t equals = entry.find('='); equals != std::string::npos; equals = entry.find('=', equals + 1)) {
    std::error_code ignored;
    if (equals == 0 || equals + 1 == entry.size()) continue;
    if (!place) place = equals;
    if (!std::filesystem::exists(entry.substr(equals + 1), ignored)) continue;
    place = equals;
    break;
  }
  if (!place) return Error(Errc::usage, "--data must be SYMBOL=FILE", printable(entry));
  return std::pair(entry.substr(0, *place), entry.substr(*place + 1));
}

Result<std::optional<replay::SignalPricing>> pricing_of(const PricingArguments& arguments) {
  const bool terms = arguments.commission || arguments.slippage || arguments.slippage_model || arguments.fill ||
                     arguments.periods_per_year || !arguments.reading.empty();
  if (arguments.data.empty()) {
    if (!terms) return std::optional<replay::SignalPricing>();
    return Error(Errc::usage, "costs, fill, bars per year and how prices are read count for trades on prices, and no prices are given",
                 "--data", "say where they are: --data SYMBOL=FILE");
  }
  workspace::RunExecution execution;
  market::ReadSettings reading = arguments.reading;
  std::string zone;
  if (const auto given = reading.extract("zone"); !given.empty()) zone = given.mapped();
  for (const std::string& entry : arguments.data) {
    TRADEWIND_ASSIGN(const auto pair, symbol_and_file(entry));
    execution.data.push_back({pair.first, pair.second, zone, {}, 0, {}, reading});
  }
  TRADEWIND_TRY(read_rate("--commission", arguments.commission, execution.commission_rate));
  TRADEWIND_TRY(read_rate("--slippage", arguments.slippage, execution.slippage_rate));
  if (arguments.slippage_model) execution.slippage_model = *arguments.slippage_model;
  if (arguments.fill) execution.fill = *arguments.fill;
  const double periods = arguments.periods_per_year.value_or(0);
  if (arguments.periods_per_year && !(std::isfinite(periods) && periods > 0))
    return Error(Errc::usage, "bars per year are above 0", "--periods-per-year");
  TRADEWIND_ASSIGN(auto pricing, replay::SignalPricing::open(std::move(execution), periods));
  return std::optional(std::move(pricing));
}

Result<CommandOutput> import_signals(const ImportArguments& arguments, const Context& context) {
  const auto format = enum_from_name<workspace::SignalFormat>(arguments.format);
  if (!format)
    return Error(Errc::usage, fmt::format("there is no format '{}'", printable(arguments.format)), "--format",
                 "long, wide, entries-exits, or auto");
  TRADEWIND_ASSIGN(const auto pricing, pricing_of(arguments.pricing));
  workspace::RunCompletion completion;
  if (pricing) completion = pricing->completion();
  const std::vector<Path> sources(arguments.sources.begin(), arguments.sources.end());
  TRADEWIND_ASSIGN(const auto report,
                   workspace::import_signals(context.workspace, sources, arguments.run_id, {*format, pricing ? &completion : nullptr}));
  CommandOutput output{schema_object("import_signals")};
  output.json["run_id"] = arguments.run_id;
  output.json["strategies"] = report.strategies;
  output.json["rows_read"] = report.rows_read;
  output.json["rows_kept"] = report.rows_kept;
  output.json["symbols"] = completion.described.symbols;
  output.json["notes"] = pricing ? pricing->notes()
                                 : std::vector<std::string>{
                                       "without prices these signals can be scanned and exported only; "
                                       "reindex RUN --data SYMBOL=FILE gives them prices"};
  return output;
}

Result<CommandOutput> import_returns(const ImportReturnsArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(const auto report,
                   replay::import_returns(context.workspace, arguments.file, arguments.run_id, arguments.periods_per_year));
  CommandOutput output{schema_object("import_returns")};
  output.json["run_id"] = arguments.run_id;
  output.json["strategies"] = report.strategies;
  output.json["bars"] = report.bars;
  output.json["notes"] = report.notes;
  output.json["notes"].push_back("returns have no trades: analyze them with --min-trades 0 --min-win-rate 0");
  return output;
}

}  // namespace tradewind::commands
