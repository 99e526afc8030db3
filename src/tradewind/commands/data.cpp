// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/data.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/market/describe.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/market/simulate.hpp"
#include "tradewind/market/write_bars.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::commands {
namespace {

constexpr int kDataInvalid = 3;
constexpr std::size_t kListedGaps = 20;

std::string stamp(UnixNanos nanos) { return format_time(nanos, true); }

Json rejected_json(const std::vector<market::Rejection>& rejected) {
  Json list = Json::array();
  for (const auto& row : rejected) list.push_back({{"line", row.line}, {"column", row.column}, {"reason", row.reason}});
  return list;
}

Json columns_json(const std::vector<market::ColumnRole>& columns) {
  Json object = Json::object();
  for (const auto& column : columns) object[column.role] = column.name;
  return object;
}

Json gaps_json(const std::vector<market::Gap>& gaps) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(gaps.size(), kListedGaps); ++i)
    list.push_back(
        {{"from", stamp(gaps[i].from)}, {"to", stamp(gaps[i].to)}, {"duration", market::duration_text(gaps[i].to - gaps[i].from)}});
  return list;
}

Json moves_json(const std::vector<market::Move>& moves) {
  Json list = Json::array();
  for (const auto& move : moves)
    list.push_back(
        {{"timestamp", stamp(move.timestamp)}, {"change", number_or_null(move.change)}, {"suspected_split", move.suspected_split}});
  return list;
}

std::string split_note(const std::vector<market::Move>& splits) {
  std::string text = fmt::format("{} jump{} like an unadjusted split: ", splits.size(), splits.size() == 1 ? " looks" : "s look");
  for (std::size_t i = 0; i < std::min<std::size_t>(splits.size(), 5); ++i)
    text += fmt::format("{}{} {:+.1f} %", i == 0 ? "" : ", ", stamp(splits[i].timestamp), splits[i].change * 100);
  return text + (splits.size() > 5 ? ", …" : "");
}

Result<market::ReadOptions> read_options(const DataImportArguments& arguments) {
  TRADEWIND_ASSIGN(market::ReadOptions options, market::read_options_of(arguments.reading, arguments.symbol));
  options.strict = arguments.strict;
  if (arguments.on_error == "skip")
    options.on_error = market::OnError::skip;
  else if (arguments.on_error != "fail")
    return Error(Errc::usage, fmt::format("'{}' is no way to treat errors", arguments.on_error), "--on-error", "use fail or skip");
  return options;
}

/// Adds the range and gaps of accepted bars.
void add_range(Json& json, const market::BarsSummary& summary) {
  json["first"] = stamp(summary.first);
  json["last"] = stamp(summary.last);
  json["median_spacing_seconds"] = static_cast<double>(summary.median_spacing) * 1e-9;
  json["bars_per_year"] = summary.bars_per_year ? Json(*summary.bars_per_year) : Json(nullptr);
  json["gaps"] = gaps_json(summary.gaps);
  json["gaps_total"] = summary.gaps.size();
}

/// Where the bars of one of several symbols go; `folder_format` is the extension of files in a folder.
Path symbol_path(const Path& out, const std::string& known, bool only_one, const std::string& folder_format = ".csv") {
  if (only_one) return out;
  const std::string symbol = workspace::id_of_symbol(known);
  if (!market::check_output_format(out)) return out / (symbol + folder_format);
  const std::string name = out.filename().string();
  const auto dot = name.find('.', 1);
  return out.parent_path() / (name.substr(0, dot) + "-" + symbol + name.substr(dot));
}

std::string regimes_csv(const market::Simulation& simulation) {
  std::string text = "timestamp,regime\n";
  for (std::size_t i = 0; i < simulation.timestamp.size(); ++i)
    text += fmt::format("{},{}\n", stamp(simulation.timestamp[i]), simulation.regime_names[simulation.regime[i]]);
  return text;
}

Result<market::SimulationOptions> simulation_options(const DataSimulateArguments& arguments) {
  market::SimulationOptions options;
  options.symbols = arguments.symbols;
  options.bars = arguments.bars;
  options.seed = arguments.seed;
  options.around_the_clock = arguments.around_the_clock;
  TRADEWIND_ASSIGN(options.interval, market::parse_interval(arguments.interval));
  const auto start = parse_time(arguments.start);
  if (!start) return Error(Errc::usage, fmt::format("'{}' is no date", arguments.start), "--start", "write YYYY-MM-DD");
  options.start = start->nanos;
  return options;
}

}  // namespace

namespace {

/// The symbols of a file; one, "", when it does not have several.
Result<std::vector<std::string>> symbols_in(const Path& file, market::ReadOptions options) {
  constexpr std::size_t kMostSymbols = 1000;
  options.symbol = "\n";  // none is called so, so none is chosen
  TRADEWIND_ASSIGN(const market::BarsImport import, market::read_bars(file, options));
  if (import.symbols.size() >= kMostSymbols)
    return Error(Errc::too_large, "the file has 1,000 symbols or more", file.string(), "choose one at a time with --symbol");
  return import.symbols.empty() ? std::vector<std::string>{""} : import.symbols;
}

Result<Json> write_symbols(const Path& out, const std::vector<market::Bars>& all) {
  Json files = Json::array();
  for (const market::Bars& bars : all) {
    const Path path = symbol_path(out, bars.symbol, false, ".parquet");
    TRADEWIND_TRY(market::write_bars(path, bars));
    files.push_back({{"symbol", bars.symbol}, {"path", path.string()}, {"rows", bars.size()}});
  }
  return files;
}

/// Each symbol of a file with several: read first, all of them, then written, so that a fault in one leaves nothing behind.
Result<CommandOutput> import_all(const DataImportArguments& arguments, market::ReadOptions options, const Context& context) {
  if (!arguments.symbol.empty())
    return Error(Errc::usage, "one symbol is named, and all are asked for", "--all-symbols", "leave out --symbol or --all-symbols");
  TRADEWIND_ASSIGN(const auto symbols, symbols_in(arguments.source, options));
  CommandOutput output{schema_object("data_import")};
  Json rejected = Json::array(), notes = Json::array();
  std::vector<market::Bars> all;
  std::int64_t rejected_total = 0;
  std::size_t rows = 0;
  for (const std::string& symbol : symbols) {
    if (context.cancellation != nullptr && context.cancellation->requested()) return interrupted_error();
    options.symbol = symbol;
    TRADEWIND_ASSIGN(market::BarsImport import, market::read_bars(arguments.source, options));
    for (auto& row : rejected_json(import.rejected)) {
      row["symbol"] = symbol;
      rejected.push_back(std::move(row));
    }
    for (const auto& note : import.notes) notes.push_back(symbol + ": " + note);
    rejected_total += import.rejected_total;
    rows += import.bars.size();
    output.json["sha256"] = import.sha256;
    if (!import.accepted) output.exit_code = kDataInvalid;
    all.push_back(std::move(import.bars));
  }
  output.json["source"] = arguments.source.string();
  output.json["output"] = output.exit_code == 0 ? Json(arguments.out.string()) : Json(nullptr);
  output.json["rows"] = rows;
  output.json["rejected"] = std::move(rejected);
  output.json["rejected_total"] = rejected_total;
  output.json["notes"] = std::move(notes);
  output.json["files"] = Json::array();
  if (output.exit_code != 0) return output;
  TRADEWIND_ASSIGN(output.json["files"], write_symbols(arguments.out, all));
  return output;
}

}  // namespace

Result<CommandOutput> data_import(const DataImportArguments& arguments, const Context& context) {
  if (arguments.all_symbols) {
    TRADEWIND_ASSIGN(market::ReadOptions all, read_options(arguments));
    return import_all(arguments, std::move(all), context);
  }
  TRADEWIND_TRY(market::check_output_format(arguments.out));
  TRADEWIND_ASSIGN(const auto options, read_options(arguments));
  TRADEWIND_ASSIGN(const auto result, market::read_bars(arguments.source, options));
  CommandOutput output{schema_object("data_import"), result.accepted ? 0 : kDataInvalid};
  Json& json = output.json;
  json["source"] = arguments.source.string();
  json["output"] = result.accepted ? Json(arguments.out.string()) : Json(nullptr);
  json["symbol"] = result.bars.symbol;
  json["rows"] = result.bars.size();
  json["rejected"] = rejected_json(result.rejected);
  json["rejected_total"] = result.rejected_total;
  json["notes"] = result.notes;
  json["columns"] = columns_json(result.columns);
  json["ignored_columns"] = result.ignored_columns;
  json["sha256"] = result.sha256;
  if (!result.accepted) return output;
  const auto summary = market::describe(result.bars);
  add_range(json, summary);
  if (!summary.suspected_splits.empty()) json["notes"].push_back(split_note(summary.suspected_splits));
  TRADEWIND_TRY(market::write_bars(arguments.out, result.bars));
  return output;
}

Result<CommandOutput> data_info(const DataInfoArguments& arguments, const Context&) {
  TRADEWIND_ASSIGN(const market::ReadOptions options, market::read_options_of(arguments.reading, arguments.symbol));
  TRADEWIND_ASSIGN(const auto result, market::read_bars(arguments.file, options));
  CommandOutput output{schema_object("data_info"), result.accepted ? 0 : kDataInvalid};
  Json& json = output.json;
  json["file"] = arguments.file.string();
  json["symbol"] = result.bars.symbol;
  json["rows"] = result.bars.size();
  json["rejected"] = rejected_json(result.rejected);
  json["rejected_total"] = result.rejected_total;
  json["notes"] = result.notes;
  json["columns"] = columns_json(result.columns);
  json["ignored_columns"] = result.ignored_columns;
  json["sha256"] = result.sha256;
  if (!result.accepted) return output;
  const auto summary = market::describe(result.bars);
  add_range(json, summary);
  json["lowest"] = summary.lowest;
  json["highest"] = summary.highest;
  json["zero_volumes"] = summary.zero_volumes;
  json["missing_volumes"] = summary.missing_volumes;
  json["largest_moves"] = moves_json(summary.largest_moves);
  json["suspected_splits"] = moves_json(summary.suspected_splits);
  if (!summary.suspected_splits.empty()) json["notes"].push_back(split_note(summary.suspected_splits));
  return output;
}

Result<CommandOutput> data_simulate(const DataSimulateArguments& arguments, const Context& context) {
  const bool only_one = arguments.symbols == 1;
  if (only_one) TRADEWIND_TRY(market::check_output_format(arguments.out));
  TRADEWIND_ASSIGN(const auto options, simulation_options(arguments));
  TRADEWIND_ASSIGN(const auto simulation, market::simulate(options));
  CommandOutput output{schema_object("data_simulate"), 0};
  Json files = Json::array();
  for (const auto& bars : simulation.symbols) {
    if (context.cancellation != nullptr && context.cancellation->requested()) return interrupted_error();
    const Path path = symbol_path(arguments.out, bars.symbol, only_one);
    TRADEWIND_TRY(market::write_bars(path, bars));
    files.push_back({{"symbol", bars.symbol}, {"path", path.string()}, {"rows", bars.size()}});
    context.progress->update("simulate", files.size(), simulation.symbols.size(), "symbols");
  }
  context.progress->finish();
  const bool named = market::check_output_format(arguments.out).has_value();
  const std::string name = arguments.out.filename().string();
  const Path regimes =
      named ? arguments.out.parent_path() / (name.substr(0, name.find('.', 1)) + "-regimes.csv") : arguments.out / "regimes.csv";
  TRADEWIND_TRY(write_file_durable(regimes, regimes_csv(simulation)));
  output.json["output"] = arguments.out.string();
  output.json["rows"] = simulation.timestamp.size();
  output.json["seed"] = arguments.seed;
  output.json["first"] = stamp(simulation.timestamp.front());
  output.json["last"] = stamp(simulation.timestamp.back());
  output.json["files"] = std::move(files);
  output.json["regimes"] = regimes.string();
  Json occupancy = Json::object();
  for (std::size_t k = 0; k < simulation.regime_names.size(); ++k)
    occupancy[simulation.regime_names[k]] = std::count(simulation.regime.begin(), simulation.regime.end(), static_cast<std::uint8_t>(k));
  output.json["regime_bars"] = std::move(occupancy);
  return output;
}

}  // namespace tradewind::commands
