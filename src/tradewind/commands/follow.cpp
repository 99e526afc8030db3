// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/follow.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/notifications/sinks.hpp"
#include "tradewind/workflow/analytics_coordinator.hpp"
#include "tradewind/workflow/workflow_config.hpp"

namespace tradewind::commands {
namespace {

constexpr auto kLook = std::chrono::milliseconds(50);

analysis::AnalysisOptions options_of(const workflow::FollowConfig& config, notifications::EventBus& bus, const Context& context) {
  analysis::AnalysisOptions options;
  options.criteria = config.analysis.criteria;
  options.costs = config.analysis.costs;
  options.ensemble = config.analysis.ensemble;
  options.holdout = config.analysis.holdout;
  options.seed = config.seed;
  options.threads = thread_count(context.threads);
  options.events = &bus;
  options.cancellation = context.cancellation;
  return options;
}

void note(const workflow::AnalysisFollower::Finished& finished, Json& json, const Context& context) {
  const auto& [run_id, report] = finished;
  if (report) {
    json["analyses"].push_back({{"run_id", run_id}, {"qualified", report->qualified}, {"input_hash", report->input_hash}});
    return;
  }
  context.progress->warn(fmt::format("run {}: {}", run_id, report.error().message()));
  json["failures"].push_back({{"run_id", run_id}, {"message", report.error().message()}});
}

}  // namespace

Result<CommandOutput> follow(const FollowArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(workflow::FollowConfig config, workflow::load_follow_config(arguments.config));
  if (!config.events.nats)
    return Error(Errc::invalid_config, "names no NATS server to listen to", "events.nats", "add `nats: {url: nats://localhost:4222}`");
  config.events.nats->subscribe = true;
  notifications::EventBus bus;
  const workflow::AnalyticsCoordinator coordinator(context.workspace, options_of(config, bus, context));
  workflow::AnalysisFollower follower(coordinator, bus);
  TRADEWIND_ASSIGN(const auto sinks, notifications::EventSinks::open(bus, config.events));

  CommandOutput output{schema_object("follow")};
  Json& json = output.json;
  json["analyses"] = Json::array();
  json["failures"] = Json::array();
  const auto ended = [&] { return static_cast<int>(json["analyses"].size() + json["failures"].size()); };
  while ((context.cancellation == nullptr || !context.cancellation->requested()) && (arguments.count == 0 || ended() < arguments.count)) {
    for (const auto& finished : follower.take_finished()) note(finished, json, context);
    std::this_thread::sleep_for(kLook);
  }
  for (const std::string& warning : sinks->close(notifications::kDeliverySeconds).warnings()) context.progress->warn(warning);
  return output;
}

}  // namespace tradewind::commands
