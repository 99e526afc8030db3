// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/overfit.hpp"

#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/metrics/overfitting.hpp"

namespace tradewind::commands {
namespace {

struct TrialColumns {
  std::vector<std::span<const double>> values;
  std::vector<std::string> names;
};

Result<TrialColumns> trials_of(const market::SeriesTable& table, const OverfitArguments& arguments) {
  TrialColumns trials;
  for (const market::SeriesColumn* column : table.numeric_columns()) {
    for (std::size_t row = 0; row < column->values.size(); ++row) {
      if (std::isfinite(column->values[row])) continue;
      return Error(Errc::invalid_data, fmt::format("column '{}' holds a value that is not finite", column->name),
                   fmt::format("{}:{}", arguments.file.string(), table.line[row]), "every trial needs a return in every bar");
    }
    trials.values.emplace_back(column->values);
    trials.names.push_back(column->name);
  }
  for (const std::string& name : arguments.columns) {
    TRADEWIND_TRY(table.numbers(name));
  }
  if (trials.values.empty() && table.rows() > 0)
    return Error(Errc::invalid_data, fmt::format("{} has no column of numbers", arguments.file.string()), arguments.file.string());
  return trials;
}

void put(Json& json, Json& undefined, const char* name, const metrics::Value& value) {
  json[name] = number_or_null(value.number);
  if (!value.defined()) undefined[name] = metrics::undefined_name(value.why);
}

}  // namespace

Result<CommandOutput> overfit_of_file(const OverfitArguments& arguments, const Context& context) {
  market::SeriesOptions options;
  options.columns = arguments.columns;
  TRADEWIND_ASSIGN(const market::SeriesTable table, market::read_series(arguments.file, options));
  TRADEWIND_ASSIGN(const TrialColumns trials, trials_of(table, arguments));
  const Stopwatch watch;
  TRADEWIND_ASSIGN(const metrics::OverfitReport report,
                   metrics::overfit_report(trials.values, arguments.splits, thread_count(context.threads), context.cancellation));
  const double milliseconds = watch.milliseconds();

  CommandOutput output{schema_object("overfit"), 0};
  Json& json = output.json;
  Json undefined = Json::object();
  json["file"] = arguments.file.string();
  json["trials"] = report.trials;
  json["effective_trials"] = report.effective_trials;
  json["best"] = report.sharpe_per_period.defined() ? Json(trials.names[report.best]) : Json(nullptr);
  put(json, undefined, "sharpe_per_period", report.sharpe_per_period);
  put(json, undefined, "psr", report.psr);
  put(json, undefined, "min_track_record", report.min_track_record);
  put(json, undefined, "expected_max_sharpe", report.expected_max_sharpe);
  put(json, undefined, "dsr", report.dsr);
  put(json, undefined, "pbo", report.pbo.pbo);
  put(json, undefined, "loss_probability", report.pbo.loss_probability);
  json["pbo_splits"] = report.pbo.splits;
  json["rows"] = table.rows();
  json["rows_used"] = report.pbo.rows_used;
  json["undefined"] = std::move(undefined);
  json["notes"] = table.notes;
  json["milliseconds"] = milliseconds;
  return output;
}

}  // namespace tradewind::commands
