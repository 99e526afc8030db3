// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/sweep.hpp"

#include <sys/resource.h>

#include "tradewind/analysis/event_lineage.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/sweep_events.hpp"
#include "tradewind/commands/telling.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/strategies/strategy.hpp"
#include "tradewind/sweep/run_sweep.hpp"
#include "tradewind/workflow/analytics_coordinator.hpp"

namespace tradewind::commands {
namespace {

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Records the events of the best strategies, as far as their signals are stored.
Result<std::int64_t> trace_best(const std::string& run_id, int count, const Context& context) {
  TRADEWIND_ASSIGN(const auto best,
                   analysis::best_strategies(run_id, {}, "net_sharpe", static_cast<std::size_t>(count), context.workspace));
  TRADEWIND_ASSIGN(auto run, analysis::RunInput::open(run_id, {}, context.workspace));
  return analysis::record_lineage(context.workspace, run, best);
}

/// Tells that the sweep has ended; the analysis that follows it, if one is wanted, starts by that and is told of in turn.
Status tell(const sweep::SweepSummary& summary, bool analyze, Telling& telling, const Context& context) {
  notifications::EventBus alone;
  notifications::EventBus& bus = telling.bus() != nullptr ? *telling.bus() : alone;
  analysis::AnalysisOptions options;
  options.threads = thread_count(context.threads);
  options.progress = context.progress;
  options.cancellation = context.cancellation;
  options.events = &bus;
  const workflow::AnalyticsCoordinator coordinator(context.workspace, options);
  std::optional<workflow::AnalysisFollower> follower;
  if (analyze) follower.emplace(coordinator, bus);
  bus.publish(sweep_completed(summary));
  Status done;
  if (follower)
    for (const auto& report : follower->wait())
      if (!report) done = report.error().with_context("analysing the run");
  telling.close(context);
  return done;
}

template <class Type>
Json describe(const Type& type) {
  Json json = {
      {"name", type.name}, {"summary", type.summary}, {"formula", type.formula}, {"source", type.source}, {"parameters", Json::array()}};
  for (const auto& p : type.parameters)
    json["parameters"].push_back({{"name", p.name},
                                  {"description", p.description},
                                  {"default", p.default_value},
                                  {"minimum", p.minimum},
                                  {"maximum", p.maximum},
                                  {"integer", p.integer}});
  return json;
}

}  // namespace

Result<CommandOutput> sweep(const SweepArguments& arguments, const Context& context) {
  if (arguments.trace < 0) return Error(Errc::usage, "cannot trace fewer than 0 strategies", "--trace");
  sweep::SweepOptions options;
  options.workspace = context.workspace;
  options.run_id = arguments.run_id;
  options.writer = arguments.writer;
  options.resume = arguments.resume;
  options.threads = context.threads;
  options.progress = context.progress;
  options.cancellation = context.cancellation;
  TRADEWIND_ASSIGN(options.layout, sweep::parse_layout(arguments.layout));
  TRADEWIND_ASSIGN(options.keep, sweep::parse_keep_signals(arguments.keep_signals));
  TRADEWIND_ASSIGN(const sweep::SweepConfig config, sweep::load_sweep_config(arguments.config));
  TRADEWIND_ASSIGN(Telling telling, Telling::open(arguments.events));
  TRADEWIND_ASSIGN(const sweep::SweepSummary summary, sweep::run_sweep(config, options));

  std::int64_t events = 0;
  if (arguments.trace > 0 && !summary.interrupted) {
    TRADEWIND_ASSIGN(events, trace_best(summary.run_id, arguments.trace, context));
  }
  TRADEWIND_TRY(tell(summary, arguments.analyze && !summary.interrupted, telling, context));

  CommandOutput output{schema_object("sweep"), summary.interrupted ? exit_code(Errc::interrupted) : 0};
  Json& json = output.json;
  json["run_id"] = summary.run_id;
  json["status"] = summary.interrupted ? "interrupted" : "complete";
  json["layout"] = summary.layout;
  json["strategies"] = summary.strategies;
  json["resumed"] = summary.resumed;
  json["classifiers"] = summary.classifiers;
  json["bars"] = summary.bars;
  json["signal_changes"] = summary.signal_changes;
  json["rejected_orders"] = summary.rejected_orders;
  json["periods_per_year"] = summary.periods_per_year;
  json["seconds"] = {{"load", summary.seconds.load},
                     {"compute", summary.seconds.compute},
                     {"write", summary.seconds.write},
                     {"total", summary.seconds.total}};
  json["combos_per_second"] = summary.combos_per_second;
  json["peak_rss_mb"] = peak_rss_mb();
  if (arguments.trace > 0) json["events"] = events;
  if (arguments.analyze && !summary.interrupted)
    json["analysis"] = (context.workspace / summary.run_id / "analytics" / "analysis.json").string();
  json["notes"] = summary.notes;
  return output;
}

Result<CommandOutput> list_types(const Context&) {
  CommandOutput output{schema_object("types")};
  output.json["strategies"] = Json::array();
  for (const auto& type : strategies::StrategyRegistry::instance().types()) {
    Json json = describe(*type);
    json["constraint"] = type->constraint;
    output.json["strategies"].push_back(std::move(json));
  }
  output.json["classifiers"] = Json::array();
  for (const auto& type : regimes::ClassifierRegistry::instance().types()) {
    Json json = describe(*type);
    ParameterValues defaults;
    for (const auto& p : type->parameters) defaults.push_back(p.default_value);
    json["labels"] = type->labels(defaults);
    output.json["classifiers"].push_back(std::move(json));
  }
  return output;
}

}  // namespace tradewind::commands
