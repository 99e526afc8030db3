// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/books.hpp"

#include "tradewind/base/text.hpp"
#include "tradewind/books/check.hpp"
#include "tradewind/books/import.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::commands {

std::vector<std::string> books_formats() {
  const auto names = names_of(books::BooksFormat{});
  return {names.begin(), names.end()};
}

Result<CommandOutput> books_import(const BooksImportArguments& arguments, const Context& context) {
  const Stopwatch watch;
  TRADEWIND_TRY(workspace::check_id("--into", arguments.into));
  if (is_there(books::recording_folder(context.workspace, arguments.into) / "manifest.json"))
    return Error(Errc::already_exists, "recorded books '" + arguments.into + "' are there already", "--into",
                 "choose another name, or remove " + books::recording_folder(context.workspace, arguments.into).string());
  books::ImportRequest request;
  const auto format = enum_from_name<books::BooksFormat>(arguments.format);
  if (!format)
    return Error(Errc::usage, "unknown format '" + printable(arguments.format) + "'", "format", "tradewind books import --help lists them");
  request.format = *format;
  request.files = arguments.files;
  request.markets = arguments.markets;
  request.cancellation = context.cancellation;
  TRADEWIND_ASSIGN(const books::Recording recording, books::import_books(request));
  TRADEWIND_TRY(books::write_recording(context.workspace, arguments.into, recording));
  CommandOutput output{schema_object("books_import")};
  output.json["books"] = arguments.into;
  output.json.update(books::to_json(recording.info));
  output.json["milliseconds"] = watch.milliseconds();
  return output;
}

Result<CommandOutput> books_info(const std::string& name, const Context& context) {
  TRADEWIND_TRY(workspace::check_id("books", name));
  TRADEWIND_ASSIGN(const books::RecordingInfo info, books::read_recording_info(context.workspace, name));
  CommandOutput output{schema_object("books_info")};
  output.json["books"] = name;
  output.json.update(books::to_json(info));
  return output;
}

Result<CommandOutput> books_check(const std::string& name, const Context& context) {
  TRADEWIND_TRY(workspace::check_id("books", name));
  TRADEWIND_ASSIGN(const books::Recording recording, books::read_recording(context.workspace, name));
  const books::BooksCheck check = books::check_books(recording);
  CommandOutput output{schema_object("books_check"), check.sound() ? 0 : 1};
  Json& json = output.json;
  json["books"] = name;
  json.update(books::to_json(recording.info));
  json["print_events"] = check.prints;
  json["inferred_prints"] = check.inferred_prints;
  json["untrusted_share"] = check.untrusted_share;
  json["crossed"] = check.crossed;
  json["without_book"] = check.without_book;
  json["one_sided"] = check.one_sided;
  json["described"] = check.described;
  json["fees_known"] = check.fees_known;
  json["payout_before_last"] = check.payout_before_last;
  json["unresolved"] = Json::object();
  for (const auto& [why, markets] : check.unresolved) json["unresolved"][why] = markets;
  json["longest_gaps"] = Json::array();
  for (const books::Silence& gap : check.gaps)
    json["longest_gaps"].push_back({{"from", format_time(gap.from)}, {"to", format_time(gap.to)}});
  json["sound"] = check.sound();
  return output;
}

}  // namespace tradewind::commands
