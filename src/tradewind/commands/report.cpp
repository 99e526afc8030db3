// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/report.hpp"

#include <fmt/format.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/stored_document.hpp"
#include "tradewind/figures/report.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::commands {
namespace {

/// What runs that are sessions say of themselves, by run; nothing of the others.
Result<Json> sessions_of(const std::vector<std::string>& runs, const Context& context) {
  Json sessions = Json::object();
  for (const std::string& run : runs) {
    const auto metadata = workspace::read_run_metadata(context.workspace, run);
    if (!metadata || metadata->workflow_type != "live") continue;
    auto status = live::session_status(context.workspace, run);
    if (!status && status.error().code() == Errc::not_found) continue;  // its folder was not copied with the run
    if (!status) return status.error();
    sessions[run] = {{"simulated", (*status)["simulated"]},
                     {"world", status->value("world", Json())},
                     {"optimistic", (*status)["optimistic"]},
                     {"calibration", (*status)["calibration"]},
                     {"recommendations", (*status)["recommendations"]}};
  }
  return sessions;
}

}  // namespace

Status check_page_name(const Path& out) {
  if (out.extension() == ".html") return {};
  return Error(Errc::usage, fmt::format("'{}' does not end in .html", out.string()), "--out", "name the page, e.g. --out report.html");
}

Status write_page(const Path& out, const std::string& html, Json& json) {
  TRADEWIND_TRY(make_directories(std::filesystem::absolute(out).parent_path()));
  TRADEWIND_TRY(write_file_durable(out, html));
  json["report"] = out.string();
  json["bytes"] = html.size();
  json["sha256"] = sha256_hex(html);
  return {};
}

Status write_figures(const Path& folder, const std::vector<figures::NamedFigure>& all, Json& json) {
  if (folder.empty()) return {};
  TRADEWIND_TRY(make_directories(folder));
  json["figures"] = Json::array();
  for (const figures::NamedFigure& one : all) {
    const Path file = folder / (one.name + ".json");
    TRADEWIND_TRY(write_file_durable(file, one.figure.text() + "\n"));
    json["figures"].push_back(file.string());
  }
  return {};
}

namespace {

Result<CommandOutput> analysed_for(const ReportArguments& arguments, const Context& context) {
  if (arguments.as_stored) {
    auto stored = analysis::read_analysis(context.workspace, arguments.analysis.run);
    if (stored) return CommandOutput{std::move(stored->document)};
  }
  return analyze(arguments.analysis, context);
}

}  // namespace

Result<CommandOutput> report(const ReportArguments& arguments, const Context& context) {
  TRADEWIND_TRY(check_page_name(arguments.out));
  TRADEWIND_ASSIGN(CommandOutput analysed, analysed_for(arguments, context));
  analysed.json.erase("milliseconds");
  figures::ReportOptions options;
  TRADEWIND_ASSIGN(options.sessions, sessions_of({arguments.analysis.run}, context));
  TRADEWIND_ASSIGN(const std::string html,
                   reading_document(arguments.analysis.run, [&] { return figures::html_report(analysed.json, options); }));
  CommandOutput output{schema_object("report")};
  output.json["run_id"] = analysed.json["run_id"];
  TRADEWIND_TRY(write_page(arguments.out, html, output.json));
  TRADEWIND_TRY(write_figures(arguments.figures, figures::analysis_figures(analysed.json), output.json));
  output.json["qualified"] = analysed.json["qualified"];
  output.json["verdict"] = analysed.json["verdict"];
  output.json["recommendations"] = analysed.json["recommendations"];
  return output;
}

Result<std::string> report_of_runs(const std::vector<std::string>& runs, const Json& selection, const Context& context) {
  std::vector<Json> documents;
  for (const std::string& run : runs) {
    TRADEWIND_ASSIGN(auto report, analysis::read_analysis(context.workspace, run));
    documents.push_back(std::move(report.document));
  }
  if (documents.empty()) return Error(Errc::nothing_matched, "there is no analysis to report", {}, "sweep first, or name other runs");
  figures::ReportOptions options;
  TRADEWIND_ASSIGN(options.sessions, sessions_of(runs, context));
  options.replays = Json::array();
  if (selection.contains("replays"))
    for (const Json& one : selection["replays"])
      options.replays.push_back({{"run_id", one["run_id"]},
                                 {"name", "replay of " + one["source"].get<std::string>()},
                                 {"performance", one["summary"]["ensemble"]["metrics"]}});
  if (documents.size() > 1 && !selection["recommendations"].empty()) {
    const Json& first = selection["recommendations"].front();
    options.headline = first["text"].get<std::string>() + ": " + first["reason"].get<std::string>();
  }
  return reading_document(runs.front(), [&] { return figures::html_report(documents, options); });
}

}  // namespace tradewind::commands
