// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/books.hpp"

namespace tradewind::cli {
namespace {

void render_books(const Json& json) {
  fmt::print("{}  {} of {} markets, {} events of {} rows\n", bold(json["books"].get<std::string>()), json["format"].get<std::string>(),
             count(json["markets"].get<std::int64_t>()), count(json["events"].get<std::int64_t>()),
             count(json["rows"].get<std::int64_t>()));
  fmt::print("  {} … {}\n", cell(json["from"]), cell(json["to"]));
  fmt::print("  {} markets resolved; trades of others: {}; sizes: {}; {} gaps\n", count(json["resolved"].get<std::int64_t>()),
             json["prints"].get<bool>() ? "yes" : "no", json["sizes"].get<bool>() ? "yes" : "no", count(json["gaps"].get<std::int64_t>()));
  for (const auto& note : json["notes"]) fmt::print("  note: {}\n", printable(note.get<std::string>(), 400));
}

void render_books_check(const Json& json) {
  render_books(json);
  fmt::print("  {} of the book events come before their market's first whole book\n", percent(json["untrusted_share"]));
  fmt::print("  {} crossed books, {} markets without a book, {} never two-sided\n", count(json["crossed"].get<std::int64_t>()),
             count(json["without_book"].get<std::int64_t>()), count(json["one_sided"].get<std::int64_t>()));
  fmt::print("  {} markets described, of {} the fees are known; {} go on after their payout\n",
             count(json["described"].get<std::int64_t>()), count(json["fees_known"].get<std::int64_t>()),
             count(json["payout_before_last"].get<std::int64_t>()));
  for (const auto& [why, markets] : json["unresolved"].items())
    fmt::print("  {} outcomes do not count: {}\n", count(markets.get<std::int64_t>()), why);
  Table table({"longest gaps", "to"});
  std::size_t shown = 0;
  for (const auto& gap : json["longest_gaps"])
    if (shown++ < 5) table.add({gap["from"].get<std::string>(), gap["to"].get<std::string>()});
  if (!table.empty()) table.print();
}

}  // namespace

void add_books_commands(CLI::App& app, Session& session) {
  auto* books = app.add_subcommand("books", "Recorded order books of prediction markets: import, inspect, check");
  books->require_subcommand(1);

  auto* import = books->add_subcommand("import", "Read recordings of any source into the workspace");
  auto arguments = std::make_shared<commands::BooksImportArguments>();
  import->add_option("format", arguments->format, "How the source writes its books")
      ->required()
      ->check(CLI::IsMember(commands::books_formats()));
  import->add_option("files", arguments->files, "Files, in any order")->required();
  import->add_option(
      "--markets", arguments->markets,
      "Who the markets are: pages of Polymarket's Gamma (JSON), or tables (Parquet) with slug and question, or slug, y and source");
  import->add_option("--into", arguments->into, "Name of the recording in the workspace")->required();
  session.on(import, [arguments](const Context& context) { return commands::books_import(*arguments, context); }, render_books);

  auto name = std::make_shared<std::string>();
  auto* info = books->add_subcommand("info", "What a recording holds");
  info->add_option("books", *name, "Name of the recording")->required();
  session.on(info, [name](const Context& context) { return commands::books_info(*name, context); }, render_books);

  auto* check = books->add_subcommand("check", "What there is to doubt in a recording: gaps, crossed books, outcomes that do not count");
  check->add_option("books", *name, "Name of the recording")->required();
  session.on(check, [name](const Context& context) { return commands::books_check(*name, context); }, render_books_check);
}

}  // namespace tradewind::cli
