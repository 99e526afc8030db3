// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/sweep.hpp"

#include <sys/resource.h>

#include "tradewind/analysis/analytics_coordinator.hpp"
#include "tradewind/analysis/event_lineage.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/sweep_events.hpp"
#include "tradewind/commands/workflow_config.hpp"
#include "tradewind/notifications/sinks.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/strategies/strategy.hpp"
#include "tradewind/sweep/run_sweep.hpp"

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

/// Tells a bus that the sweep is complete; the analysis that follows it starts by itself.
Status follow_with_analysis(const sweep::SweepSummary& summary, const Context& context) {
  analysis::AnalysisOptions options;
  options.threads = thread_count(context.threads);
  options.progress = context.progress;
  options.cancellation = context.cancellation;
  const analysis::AnalyticsCoordinator coordinator(context.workspace, options);
  notifications::EventBus bus;
  analysis::AnalysisFollower follower(coordinator, bus);
  bus.publish(sweep_completed(summary));
  for (const auto& report : follower.wait())
    if (!report) return report.error().with_context("analysing the run");
  return {};
}

/// Tells NATS and webhooks that the sweep has ended.
Status tell(const sweep::SweepSummary& summary, const notifications::EventSettings& settings, const Context& context) {
  notifications::EventBus bus;
  TRADEWIND_ASSIGN(const auto sinks, notifications::EventSinks::open(bus, settings));
  bus.publish(sweep_completed(summary));
  for (const std::string& warning : sinks->close(notifications::kDeliverySeconds).warnings()) context.progress->warn(warning);
  return {};
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
  std::optional<notifications::EventSettings> settings;
  if (!arguments.events.empty()) {
    TRADEWIND_ASSIGN(settings, load_event_settings(arguments.events));
  }
  TRADEWIND_ASSIGN(const sweep::SweepSummary summary, sweep::run_sweep(config, options));

  std::int64_t events = 0;
  if (arguments.trace > 0 && !summary.interrupted) {
    TRADEWIND_ASSIGN(events, trace_best(summary.run_id, arguments.trace, context));
  }
  if (!arguments.events.empty()) TRADEWIND_TRY(tell(summary, *settings, context));
  if (arguments.analyze && !summary.interrupted) TRADEWIND_TRY(follow_with_analysis(summary, context));

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
