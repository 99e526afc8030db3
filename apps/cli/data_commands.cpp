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

void render_import(const Json& json) {
  const bool accepted = !json["output"].is_null();
  if (accepted)
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
  for (const auto& file : json["files"])
    fmt::print("{} bars of {} written to {}\n", file["rows"].get<std::size_t>(), file["symbol"].get<std::string>(),
               file["path"].get<std::string>());
  fmt::print("true regimes in {}\n", json["regimes"].get<std::string>());
}

void add_import(CLI::App& data, Session& session) {
  auto* command = data.add_subcommand("import", "Check a price file and write it anew; faults are listed by line");
  auto arguments = std::make_shared<commands::DataImportArguments>();
  command->add_option("source", arguments->source, "CSV, .csv.gz or Parquet file")->required();
  command->add_option("--out", arguments->out, "File to write: .parquet, .csv or .csv.gz")->required();
  command->add_option("--on-error", arguments->on_error, "fail: refuse the file; skip: leave bad rows out")
      ->check(CLI::IsMember({"fail", "skip"}))
      ->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Reject identical duplicates too");
  command->add_flag("--sort", arguments->sort, "Sort rows by time instead of rejecting those out of order");
  command->add_option("--zone", arguments->zone, "Time zone of times without an offset, e.g. America/New_York");
  command->add_option("--symbol", arguments->symbol,
                      "Name of the symbol (default: from the file); of a file with several, the one whose rows are read");
  session.on(command, [arguments](const Context& context) { return commands::data_import(*arguments, context); }, render_import);
}

void add_info(CLI::App& data, Session& session) {
  auto* command = data.add_subcommand("info", "What a price file holds, and what looks odd in it");
  auto arguments = std::make_shared<commands::DataInfoArguments>();
  command->add_option("file", arguments->file, "CSV, .csv.gz or Parquet file")->required();
  command->add_option("--zone", arguments->zone, "Time zone of times without an offset");
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

void add_data_commands(CLI::App& app, Session& session) {
  auto* data = app.add_subcommand("data", "Import, inspect and simulate market data");
  data->require_subcommand(1);
  add_import(*data, session);
  add_info(*data, session);
  add_simulate(*data, session);
}

}  // namespace tradewind::cli
