// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/data.hpp"

namespace tradewind::cli {
namespace {

void print_rejected(const Json& json) {
  for (const auto& row : json["rejected"]) {
    const auto column = row["column"].get<std::string>();
    fmt::print("  line {}{}: {}\n", row["line"].get<std::int64_t>(), column.empty() ? "" : ", " + column, row["reason"].get<std::string>());
  }
  const auto total = json["rejected_total"].get<std::size_t>();
  if (total > json["rejected"].size()) fmt::print("  … and {} more\n", total - json["rejected"].size());
}

void print_notes(const Json& json) {
  for (const auto& note : json["notes"]) fmt::print("  note: {}\n", note.get<std::string>());
}

void render_files(const Json& json) {
  for (const auto& file : json["files"])
    fmt::print("{} bars of {} written to {}\n", file["rows"].get<std::size_t>(), file["symbol"].get<std::string>(),
               file["path"].get<std::string>());
}

void render_import(const Json& json) {
  const bool accepted = !json["output"].is_null();
  if (accepted && json.contains("files"))
    render_files(json);
  else if (accepted)
    fmt::print("{} bars of {} written to {}\n", json["rows"].get<std::size_t>(), json["symbol"].get<std::string>(),
               json["output"].get<std::string>());
  else
    fmt::print("refused, nothing written: {} fault{} in {}\n", json["rejected_total"].get<std::size_t>(),
               json["rejected_total"] == 1 ? "" : "s", json["source"].get<std::string>());
  print_rejected(json);
  print_notes(json);
}

void render_info(const Json& json) {
  fmt::print("{}  {}\n", bold(json["file"].get<std::string>()), dim(json["sha256"].get<std::string>().substr(0, 12)));
  print_rejected(json);
  print_notes(json);
  if (!json.contains("first")) return;
  fmt::print("  {} bars, {} to {}\n", json["rows"].get<std::size_t>(), json["first"].get<std::string>(), json["last"].get<std::string>());
  fmt::print("  bars per year {}, prices {} to {}\n", cell(json["bars_per_year"]), cell(json["lowest"]), cell(json["highest"]));
  fmt::print("  {} gaps, {} zero and {} missing volumes\n", json["gaps_total"].get<std::size_t>(), json["zero_volumes"].get<std::size_t>(),
             json["missing_volumes"].get<std::size_t>());
  Table table({"largest moves", "change", ""});
  for (const auto& move : json["largest_moves"])
    table.add(
        {move["timestamp"].get<std::string>(), percent(move["change"]), move["suspected_split"].get<bool>() ? "unadjusted split?" : ""});
  if (!table.empty()) table.print();
}

void render_simulate(const Json& json) {
  render_files(json);
  fmt::print("true regimes in {}\n", json["regimes"].get<std::string>());
}

void add_import(CLI::App& data, Session& session) {
  auto* command = data.add_subcommand("import", "Check a price file and write it anew; faults are listed by line");
  auto arguments = std::make_shared<commands::DataImportArguments>();
  command->add_option("source", arguments->source, "CSV (plain, .gz, .zip), Parquet or Feather file")->required();
  command->add_option("--out", arguments->out, "File to write: .parquet, .csv or .csv.gz")->required();
  command->add_option("--on-error", arguments->on_error, "fail: refuse the file; skip: leave bad rows out")
      ->check(CLI::IsMember({"fail", "skip"}))
      ->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Reject identical duplicates too");
  add_reader_options(command, arguments->reading, true);
  command->add_flag("--all-symbols", arguments->all_symbols,
                    "Each symbol of a file with several into a file of its own; --out is a folder, or a name that gets -SYMBOL");
  command->add_option("--symbol", arguments->symbol,
                      "Name of the symbol (default: from the file); of a file with several, the one whose rows are read");
  session.on(command, [arguments](const Context& context) { return commands::data_import(*arguments, context); }, render_import);
}

void add_info(CLI::App& data, Session& session) {
  auto* command = data.add_subcommand("info", "What a price file holds, and what looks odd in it");
  auto arguments = std::make_shared<commands::DataInfoArguments>();
  command->add_option("file", arguments->file, "CSV (plain, .gz, .zip), Parquet or Feather file")->required();
  add_reader_options(command, arguments->reading, true);
  command->add_option("--symbol", arguments->symbol, "The symbol whose rows are read, of a file with several");
  session.on(command, [arguments](const Context& context) { return commands::data_info(*arguments, context); }, render_info);
}

void add_simulate(CLI::App& data, Session& session) {
  auto* command = data.add_subcommand("simulate", "Simulate a market with known regimes");
  auto arguments = std::make_shared<commands::DataSimulateArguments>();
  command->add_option("--out", arguments->out, "File for one symbol; folder or file name for several")->required();
  command->add_option("--symbols", arguments->symbols, "Number of symbols")->capture_default_str();
  command->add_option("--bars", arguments->bars, "Bars per symbol")->capture_default_str();
  command->add_option("--interval", arguments->interval, "Length of a bar: 30s, 1min, 1h, 1d")->capture_default_str();
  command->add_option("--seed", arguments->seed, "Seed; the same seed gives the same market")->capture_default_str();
  command->add_option("--start", arguments->start, "First day")->capture_default_str();
  command->add_flag("--around-the-clock", arguments->around_the_clock, "A market without sessions and weekends");
  session.on(command, [arguments](const Context& context) { return commands::data_simulate(*arguments, context); }, render_simulate);
}

}  // namespace

void add_reader_options(CLI::App* command, std::map<std::string, std::string>& reading, bool negative) {
  const auto option = [&](const char* flag, const char* name, const char* text) {
    command->add_option_function<std::string>(flag, [&reading, name](const std::string& value) { reading[name] = value; }, text);
  };
  const auto flag = [&](const char* flag_name, const char* name, const char* text) {
    command->add_flag_callback(flag_name, [&reading, name] { reading[name] = "true"; }, text);
  };
  option("--columns", "columns", "ROLE=NAME,…: timestamp, time, open, high, low, close, volume, adjusted, symbol (default: recognised)");
  option("--date-format", "date_format", "How times are written, as strptime has it: %d/%m/%Y %H:%M (default: recognised)");
  flag("--day-first", "day_first", "03/04/2021 is the third of April");
  option("--zone", "zone", "Time zone of times without an offset, e.g. America/New_York");
  option("--skip-rows", "skip_rows", "Lines before the header");
  option("--thousands", "thousands", "What groups digits: , . ' or space; with . the decimal mark is a comma (default: recognised)");
  flag("--adjusted", "adjusted", "Scale all four prices by adjusted close / close");
  flag("--sort", "sort", "Sort rows by time instead of rejecting those out of order");
  if (negative) flag("--allow-negative", "allow_negative", "Take prices of 0 and below as they are");
}

void add_data_commands(CLI::App& app, Session& session) {
  auto* data = app.add_subcommand("data", "Import, inspect and simulate market data");
  data->require_subcommand(1);
  add_import(*data, session);
  add_info(*data, session);
  add_simulate(*data, session);
}

}  // namespace tradewind::cli
