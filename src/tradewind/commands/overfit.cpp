// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/overfit.hpp"

#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/missing_values.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/splits.hpp"
#include "tradewind/metrics/superior_ability.hpp"

namespace tradewind::commands {
namespace {

/// Everything the command computes.
struct Verdict {
  metrics::OverfitReport report;
  metrics::FamilyWise family;
  metrics::SuperiorAbility ability;
  metrics::CrossValidatedSharpe cross_validated;
  metrics::Interval sharpe;  ///< of the best trial
};

bool none(const std::string& benchmark) { return benchmark.empty() || benchmark == "none" || benchmark == "0"; }

/// The trials of a table, and the column among them that is the benchmark.
Result<TrialColumns> trials_of(const market::SeriesTable& table, const OverfitArguments& arguments, const std::string& benchmark) {
  TrialColumns trials;
  for (const market::SeriesColumn* column : table.numeric_columns()) {
    if (column->name == benchmark) {
      trials.benchmarks = metrics::Benchmarks(column->values);
      trials.benchmark = benchmark;
    } else {
      trials.values.emplace_back(column->values);
      trials.names.push_back(column->name);
    }
  }
  for (const std::string& name : arguments.columns) {
    TRADEWIND_TRY(table.numbers(name));
  }
  if (!benchmark.empty()) {
    TRADEWIND_TRY(table.numbers(benchmark));
  }
  if (trials.values.empty() && table.rows() > 0) return table.no_numbers(arguments.file);
  return trials;
}

Result<Verdict> judge(const TrialColumns& trials, const OverfitArguments& arguments, const Context& context) {
  const int threads = thread_count(context.threads);
  if (arguments.groups < 0 || arguments.purge < 0 || arguments.embargo < 0)
    return Error(Errc::usage, "groups, purge and embargo cannot be negative", "--groups");
  Verdict verdict;
  TRADEWIND_ASSIGN(verdict.report, metrics::overfit_report(trials.values, arguments.splits, threads, context.cancellation));
  const metrics::FamilyWiseOptions family{.replicates = arguments.replicates, .seed = arguments.seed, .threads = threads};
  TRADEWIND_ASSIGN(verdict.family, metrics::family_wise(trials.values, trials.benchmarks, family, context.cancellation));
  const metrics::SuperiorAbilityOptions ability{.replicates = arguments.replicates, .seed = arguments.seed, .threads = threads};
  TRADEWIND_ASSIGN(verdict.ability, metrics::superior_ability(trials.values, trials.benchmarks, ability, context.cancellation));
  const metrics::PurgedOptions purged{.groups = static_cast<std::size_t>(arguments.groups),
                                      .purge = static_cast<std::size_t>(arguments.purge),
                                      .embargo = static_cast<std::size_t>(arguments.embargo)};
  TRADEWIND_ASSIGN(verdict.cross_validated, metrics::cross_validated_sharpe(trials.values, purged, threads));
  if (!verdict.report.sharpe_per_period.defined()) {
    verdict.sharpe.why = verdict.report.sharpe_per_period.why;
    return verdict;
  }
  const metrics::BootstrapOptions bootstrap{.replicates = arguments.replicates, .seed = arguments.seed, .threads = threads};
  TRADEWIND_ASSIGN(verdict.sharpe, metrics::sharpe_interval(trials.values[verdict.report.best], bootstrap));
  return verdict;
}

/// One object of figures, each null with its reason under `name.figure`.
class Section {
 public:
  Section(std::string name, Json& undefined) : name_(std::move(name)), undefined_(undefined) {}
  void put(const char* figure, const metrics::Value& value) {
    json_[figure] = number_or_null(value.number);
    if (!value.defined()) undefined_[fmt::format("{}.{}", name_, figure)] = enum_name(value.why);
  }
  template <class T>
  void plain(const char* figure, T value) {
    json_[figure] = std::move(value);
  }
  Json take() { return std::move(json_); }

 private:
  std::string name_;
  Json& undefined_;
  Json json_ = Json::object();
};

Json ability_json(const metrics::SuperiorAbility& ability, const OverfitArguments& arguments, const std::string& benchmark,
                  Json& undefined) {
  Section spa("spa", undefined);
  spa.put("statistic", ability.statistic);
  spa.put("p_consistent", ability.p_consistent);
  spa.put("p_lower", ability.p_lower);
  spa.put("p_upper", ability.p_upper);
  spa.plain("benchmark", benchmark == "0" ? Json(0) : Json(benchmark));
  spa.plain("replicates", arguments.replicates);
  spa.plain("block_length", ability.statistic.defined() ? Json(ability.block_length) : Json(nullptr));
  return spa.take();
}

Json cross_validated_json(const metrics::CrossValidatedSharpe& found, const OverfitArguments& arguments, Json& undefined) {
  Section cpcv("cpcv", undefined);
  cpcv.put("mean", found.mean);
  cpcv.put("deviation", found.deviation);
  cpcv.put("low", found.low);
  cpcv.put("high", found.high);
  cpcv.put("loss_probability", found.loss_probability);
  cpcv.put("in_sample", found.in_sample);
  cpcv.plain("paths", found.paths);
  cpcv.plain("splits", found.chosen.size());
  cpcv.plain("groups", arguments.groups);
  cpcv.plain("test_groups", metrics::PurgedOptions().test_groups);
  cpcv.plain("purge", arguments.purge);
  cpcv.plain("embargo", arguments.embargo);
  return cpcv.take();
}

Json names_json(const std::vector<std::size_t>& chosen, const TrialColumns& trials) {
  Json names = Json::array();
  for (const std::size_t k : chosen) names.push_back(trials.names[k]);
  return names;
}

void put_family(Json& json, Json& undefined, const metrics::FamilyWise& family, const TrialColumns& trials) {
  analysis::put_value(json, undefined, "", "family_wise_p", family.p_best);
  json["family_wise_method"] = enum_name(family.method);
  json["family_wise_best"] = family.p_best.defined() ? Json(trials.names[family.best]) : Json(nullptr);
  json["believed"] = names_json(family.believed, trials);
  analysis::put_value(json, undefined, "", "expected_max_null", family.expected_max);
  analysis::put_value(json, undefined, "", "dsr_null", family.dsr_null);
  json["benchmark"] = trials.benchmark == "0" ? Json(0) : Json(trials.benchmark);
  json["block_length"] = family.block_length;
  Json adjusted = Json::object();
  for (std::size_t k = 0; k < trials.names.size(); ++k) {
    adjusted[trials.names[k]] = number_or_null(family.p[k].number);
    if (!family.p[k].defined()) undefined["stepm_p." + trials.names[k]] = enum_name(family.p[k].why);
  }
  json["stepm"] = json["believed"];
  json["stepm_p"] = std::move(adjusted);
}

void put_interval(Json& json, Json& undefined, const metrics::Interval& interval) {
  Json& at = json["intervals"]["sharpe_per_period"];
  at = nullptr;
  if (interval.defined()) {
    at = Json{interval.low, interval.high};
  } else {
    undefined["intervals.sharpe_per_period"] = enum_name(interval.why);
  }
}

}  // namespace

Result<Json> overfit_json(const TrialColumns& trials, const OverfitArguments& arguments, const Context& context, OverfitFigures* kept) {
  const Stopwatch watch;
  auto judged = judge(trials, arguments, context);
  if (!judged) return judged.error();
  const metrics::OverfitReport& report = judged->report;
  const double milliseconds = watch.milliseconds();
  Json json;
  Json undefined = Json::object();
  json["trials"] = report.trials;
  const metrics::Value& independent = judged->family.effective_trials;
  json["effective_trials"] = independent.defined() ? independent.number : report.effective_trials;
  json["participation_trials"] = report.effective_trials;
  json["clustered_trials"] = report.clustered_trials;
  json["best"] = report.sharpe_per_period.defined() ? Json(trials.names[report.best]) : Json(nullptr);
  analysis::put_value(json, undefined, "", "sharpe_per_period", report.sharpe_per_period);
  analysis::put_value(json, undefined, "", "psr", report.psr);
  analysis::put_value(json, undefined, "", "min_track_record", report.min_track_record);
  analysis::put_value(json, undefined, "", "expected_max_sharpe", report.expected_max_sharpe);
  analysis::put_value(json, undefined, "", "dsr", report.dsr);
  analysis::put_value(json, undefined, "", "dsr_clustered", report.dsr_clustered);
  analysis::put_value(json, undefined, "", "pbo", report.pbo.pbo);
  analysis::put_value(json, undefined, "", "loss_probability", report.pbo.loss_probability);
  json["pbo_splits"] = report.pbo.splits;
  json["rows"] = trials.values.empty() ? 0 : trials.values.front().size();
  json["rows_used"] = report.pbo.rows_used;
  json["flat"] = names_json(report.flat, trials);
  json["pbo_left_out"] = names_json(report.pbo.sparse, trials);
  put_family(json, undefined, judged->family, trials);
  json["spa"] = ability_json(judged->ability, arguments, trials.benchmark, undefined);
  put_interval(json, undefined, judged->sharpe);
  json["cpcv"] = cross_validated_json(judged->cross_validated, arguments, undefined);
  json["seed"] = arguments.seed;
  json["undefined"] = std::move(undefined);
  json["milliseconds"] = milliseconds;
  if (kept != nullptr) *kept = {std::move(judged->report), std::move(judged->family)};
  return json;
}

Result<CommandOutput> overfit_of_file(const OverfitArguments& arguments, const Context& context) {
  if (!arguments.where.empty())
    return Error(Errc::usage, "the trials of a file have nothing to be chosen by", "--where", "--column chooses columns");
  std::error_code ignored;
  const bool in_file = !none(arguments.benchmark) && std::filesystem::is_regular_file(arguments.benchmark, ignored);
  const std::string column = in_file || none(arguments.benchmark) ? std::string() : arguments.benchmark;
  market::SeriesOptions options;
  options.columns = arguments.columns;
  if (!arguments.columns.empty() && !column.empty()) options.columns.push_back(column);
  TRADEWIND_ASSIGN(market::SeriesTable table, market::read_series(arguments.file, options));
  TRADEWIND_TRY(returns_of_columns(table, arguments.prices, {}, arguments.file));
  std::vector<std::string> names;
  for (const market::SeriesColumn* one : table.numeric_columns()) names.push_back(one->name);
  TRADEWIND_ASSIGN(const MissingValues missing, apply_nan_policy(table, names, arguments.nan_policy, arguments.file));
  TRADEWIND_ASSIGN(TrialColumns trials, trials_of(table, arguments, column));
  std::vector<double> read;
  if (in_file) {
    const bool timed = !table.timestamp.empty();  // then a bar's return is what was made since the bar before that is left
    TRADEWIND_ASSIGN(read, benchmark_of_file(arguments.benchmark, {table.timestamp, table.clock}, timed ? table.rows() : missing.rows));
    if (!timed) read = missing.of(read);
    trials.benchmarks = metrics::Benchmarks(read);
    trials.benchmark = arguments.benchmark;
  }
  TRADEWIND_ASSIGN(Json computed, overfit_json(trials, arguments, context));
  CommandOutput output{schema_object("overfit"), 0};
  output.json["file"] = arguments.file.string();
  output.json["nan_rows"] = missing.changed;
  output.json.update(computed);
  output.json["notes"] = table.notes;
  return output;
}

}  // namespace tradewind::commands
