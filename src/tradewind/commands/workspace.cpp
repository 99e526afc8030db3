// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/workspace.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/commands/pricing.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/scan.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::commands {
namespace {

Json json_of(const workspace::Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return *integer;
  if (const auto* number = std::get_if<double>(&cell)) {
    // Whole parameters (param.fast) read as whole numbers.
    if (std::abs(*number) < 1e15 && *number == static_cast<double>(static_cast<std::int64_t>(*number)))
      return static_cast<std::int64_t>(*number);
    return number_or_null(*number);
  }
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

Result<workspace::ScanQuery> query_of(const ScanArguments& arguments) {
  workspace::ScanQuery query;
  query.where = arguments.where;
  query.limit = arguments.limit;
  query.offset = arguments.offset;
  query.columns = arguments.columns;
  if (!arguments.sort.empty()) query.sort = arguments.sort;
  if (const auto colon = arguments.sort.rfind(':'); colon != std::string::npos) {
    const std::string order = arguments.sort.substr(colon + 1);
    if (order != "asc" && order != "desc")
      return Error(Errc::usage, "--sort order '" + printable(order) + "' is unknown", "--sort " + printable(arguments.sort),
                   "write COLUMN:asc or COLUMN:desc");
    query.sort = arguments.sort.substr(0, colon);
    query.descending = order == "desc";
  }
  return query;
}

/// Rows by Sharpe ratio when nothing is said; by id when there is none, as for signals without prices.
Result<workspace::ScanResult> scanned(const ScanArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(workspace::ScanQuery query, query_of(arguments));
  auto result = workspace::scan(context.workspace, arguments.runs, query);
  if (result || !arguments.sort.empty() || result.error().code() != Errc::unknown_name) return result;
  query.sort.clear();
  return workspace::scan(context.workspace, arguments.runs, query);
}

Json rows_json(const workspace::ScanResult& result) {
  Json rows = Json::array();
  for (std::size_t row = 0; row < result.rows; ++row) {
    Json object = Json::object();
    for (const workspace::ScanColumn& column : result.columns) object[column.name()] = json_of(column.cell(row));
    rows.push_back(std::move(object));
  }
  return rows;
}

Json faults_json(const std::vector<workspace::ScanFault>& faults) {
  Json list = Json::array();
  for (const auto& fault : faults)
    list.push_back({{"run_id", fault.run_id}, {"message", fault.error.message()}, {"where", fault.error.where()}});
  return list;
}

}  // namespace

Result<CommandOutput> runs(const Context& context) {
  TRADEWIND_ASSIGN(const auto entries, workspace::list_runs(context.workspace));
  CommandOutput output{schema_object("runs")};
  output.json["rows"] = Json::array();
  for (const auto& entry : entries) {
    Json row = {{"run_id", entry.run_id}};
    if (entry.fault) {
      row["status"] = "damaged";
      row["fault"] = entry.fault->message();
    } else {
      const auto& run = entry.metadata;
      row["status"] = run.status;
      row["workflow_type"] = run.workflow_type;
      row["created_at"] = format_time(run.created_at);
      row["total_strategies"] = run.total_strategies;
      row["total_classifiers"] = run.total_classifiers;
      row["symbols"] = run.symbols;
      row["best_sharpe"] = number_or_null(run.best_sharpe);
      row["best_strategy"] = run.best_strategy;
      row["layout"] = run.layout;
    }
    output.json["rows"].push_back(std::move(row));
  }
  return output;
}

Result<CommandOutput> delete_run(const std::string& run_id, bool yes, const Context& context) {
  if (!yes) {
    TRADEWIND_ASSIGN(const auto size, workspace::run_size(context.workspace, run_id));
    return Error(
        Errc::usage,
        fmt::format("this removes run '{}' for good: {} files, {:.1f} MB", run_id, size.files, 1e-6 * static_cast<double>(size.bytes)),
        (context.workspace / run_id).string(), "add --yes to do it");
  }
  TRADEWIND_ASSIGN(const auto size, workspace::delete_run(context.workspace, run_id));
  CommandOutput output{schema_object("runs_delete")};
  output.json["run_id"] = run_id;
  output.json["files"] = size.files;
  output.json["bytes"] = size.bytes;
  output.json["notes"] = Json::array();
  if (is_there(context.workspace / "_live" / run_id))
    output.json["notes"].push_back(
        "the session of that name is still there: live status shows it, and it writes its run again when it goes on");
  return output;
}

Result<CommandOutput> scan(const ScanArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(const workspace::ScanResult result, scanned(arguments, context));
  // A scan of several runs leaves out the damaged ones and names them; when there is nothing else, the damage is the answer.
  if (result.scanned == 0 && !result.faults.empty()) return result.faults.front().error;
  if (result.matched == 0)
    return Error(Errc::nothing_matched, "no strategy of " + std::to_string(result.scanned) + " matches", arguments.where,
                 "loosen the condition, or look at the best ones without it");
  CommandOutput output{schema_object("scan")};
  output.json["scanned"] = result.scanned;
  output.json["matched"] = result.matched;
  output.json["milliseconds"] = result.milliseconds;
  output.json["faults"] = faults_json(result.faults);
  output.json["rows"] = rows_json(result);
  return output;
}

Result<CommandOutput> export_run(const ScanArguments& arguments, const Path& out, const Context& context) {
  TRADEWIND_ASSIGN(const workspace::ScanResult result, scanned(arguments, context));
  if (!result.faults.empty()) return result.faults.front().error.with_context("nothing was written");
  if (result.matched == 0)
    return Error(Errc::nothing_matched, "no strategy of " + std::to_string(result.scanned) + " matches; nothing was written",
                 arguments.where);
  TRADEWIND_TRY(workspace::export_rows(result, out));
  CommandOutput output{schema_object("export")};
  output.json["rows"] = result.rows;
  output.json["columns"] = Json::array();
  for (const workspace::ScanColumn& column : result.columns) output.json["columns"].push_back(column.name());
  output.json["output"] = out.string();
  return output;
}

Result<CommandOutput> pack(const std::string& run_id, const Context& context) {
  TRADEWIND_ASSIGN(const auto moved, workspace::pack(context.workspace, run_id));
  CommandOutput output{schema_object("pack")};
  output.json["run_id"] = run_id;
  output.json["strategies"] = moved;
  return output;
}

Result<CommandOutput> unpack(const std::string& run_id, const std::vector<std::string>& ids, std::optional<std::size_t> top,
                             const Context& context) {
  if (!ids.empty() && top) return Error(Errc::usage, "strategies are named and --top is given", {}, "give one or the other");
  TRADEWIND_ASSIGN(const auto moved, workspace::unpack(context.workspace, run_id, ids, top));
  CommandOutput output{schema_object("unpack")};
  output.json["run_id"] = run_id;
  output.json["strategies"] = moved;
  return output;
}

Result<CommandOutput> reindex(const std::string& run_id, const PricingArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(const auto pricing, pricing_of(arguments));
  workspace::RunCompletion completion;
  if (pricing) completion = pricing->completion();
  TRADEWIND_ASSIGN(const auto strategies, workspace::reindex(context.workspace, run_id, pricing ? &completion : nullptr));
  CommandOutput output{schema_object("reindex")};
  output.json["run_id"] = run_id;
  output.json["strategies"] = strategies;
  output.json["symbols"] = completion.described.symbols;
  output.json["notes"] = pricing ? pricing->notes() : std::vector<std::string>();
  return output;
}

Result<CommandOutput> verify(const std::string& run_id, const Context& context) {
  TRADEWIND_ASSIGN(const auto report, workspace::verify(context.workspace, run_id));
  CommandOutput output{schema_object("verify"), report.faults.empty() ? 0 : 1};
  output.json["run_id"] = run_id;
  output.json["checked"] = report.checked;
  output.json["faults"] = Json::array();
  for (const auto& fault : report.faults) output.json["faults"].push_back({{"path", fault.path}, {"fault", fault.fault}});
  output.json["unprotected"] = report.unprotected;
  return output;
}

}  // namespace tradewind::commands
