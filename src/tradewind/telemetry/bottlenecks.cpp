// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/telemetry/performance_report.hpp"

namespace tradewind::telemetry {
namespace {

constexpr double kLargeShare = 0.4;        // of a cycle above its target
constexpr double kLargeShareInTime = 0.5;  // of a cycle within it
constexpr double kUnmeasuredShare = 0.5;
constexpr double kTailRatio = 5;
constexpr std::uint64_t kTailLeast = 20;  // measurements before a p99 says anything
constexpr double kFailedShare = 0.05;
constexpr std::uint64_t kFailedLeast = 3;

std::string advice_for(std::string_view component) {
  if (component == "detection")
    return "profile the strategies (profile_bottlenecks), cache what does not change between cycles, run them in parallel";
  if (component == "decision") return "decide from figures kept up to date instead of computing them anew; profile the decision";
  if (component == "execution") return "keep connections to the venue open and send independent orders together";
  if (component == "network") return "ask concurrently (fetch_multiple_urls_async), ask for less, or move nearer to the endpoint";
  return fmt::format("profile '{}' (profile_bottlenecks) and move it out of the cycle where it can wait", component);
}

class Finder {
 public:
  explicit Finder(const Recordings& recordings)
      : recordings_(recordings), cycle_(statistics_of(recordings.stage(Stage::total_cycle).history.values())) {}

  Bottlenecks find() {
    latency();
    failures();
    for (const StageRecord& each : recordings_.stages)
      if (&each != &recordings_.stage(Stage::total_cycle)) share(each);
    unmeasured();
    tail();
    return finish();
  }

 private:
  double overshoot() const { return cycle_.median / recordings_.settings.target_cycle_time_ms; }
  void add(std::string_view component, std::string issue, Severity severity, std::string recommendation, std::optional<double> share) {
    out_.bottlenecks.push_back({std::string(component), std::move(issue), severity, std::move(recommendation), share});
  }

  void latency() {
    const StageRecord& network = recordings_.stage(Stage::network);
    const Statistics calls = statistics_of(network.history.values());
    const double target = recordings_.settings.target_network_latency_ms;
    if (calls.count == 0 || calls.median <= target) return;
    add("network", fmt::format("median latency {:.1f} ms is above its target of {:.1f} ms", calls.median, target),
        calls.median > 2 * target ? Severity::high : Severity::medium,
        "check the connection and whether the endpoints answer; move nearer to them", share_of_cycle(recordings_, network));
  }

  void failures() {
    for (const EndpointGroup& each : recordings_.groups) {
      const std::uint64_t calls = std::max(each.latency.count(), each.failures);
      const double failed = calls == 0 ? 0 : static_cast<double>(each.failures) / static_cast<double>(calls);
      if (each.failures < kFailedLeast || failed < kFailedShare) continue;
      add("network", fmt::format("{:.0f} % of calls of '{}' failed", 100 * failed, each.name),
          failed >= 0.5 ? Severity::high : Severity::medium,
          fmt::format("check that '{}' answers and that its rate limit is kept", each.name), std::nullopt);
    }
  }

  void share(const StageRecord& stage) {
    const auto share = share_of_cycle(recordings_, stage);
    const bool late = cycle_.count > 0 && overshoot() > 1;
    if (!share || *share < (late ? kLargeShare : kLargeShareInTime)) return;
    const Severity severity = !late ? Severity::low : overshoot() > 2 ? Severity::high : Severity::medium;
    add(stage.name,
        fmt::format("takes {:.0f} % of a cycle; the median cycle of {:.3g} ms is {} its target of {:.3g} ms", 100 * *share, cycle_.median,
                    late ? "above" : "within", recordings_.settings.target_cycle_time_ms),
        severity, advice_for(stage.name), share);
  }

  void unmeasured() {
    const double all = static_cast<double>(recordings_.stage(Stage::total_cycle).history.sum());
    double measured = 0;
    for (const StageRecord& each : recordings_.stages)
      if (&each != &recordings_.stage(Stage::total_cycle)) measured += static_cast<double>(each.in_cycles.sum());
    if (!(all > 0) || 1 - measured / all < kUnmeasuredShare) return;
    const double share = 1 - measured / all;
    add("unmeasured", fmt::format("{:.0f} % of a cycle is in no stage", 100 * share), overshoot() > 1 ? Severity::medium : Severity::low,
        "measure what else happens in a cycle as stages of their own", share);
  }

  void tail() {
    if (cycle_.count < kTailLeast || cycle_.p99 <= kTailRatio * cycle_.median) return;
    add("total_cycle", fmt::format("p99 {:.3g} ms is {:.1f} times the median", cycle_.p99, cycle_.p99 / std::max(cycle_.median, 1e-6)),
        cycle_.p99 > 2 * recordings_.settings.target_cycle_time_ms ? Severity::medium : Severity::low,
        "look for pauses: other work on the machine, timeouts, growing memory", 1.0);
  }

  Bottlenecks finish() {
    std::stable_sort(out_.bottlenecks.begin(), out_.bottlenecks.end(), [](const Bottleneck& a, const Bottleneck& b) {
      if (a.severity != b.severity) return a.severity > b.severity;
      return a.share_of_cycle.value_or(0) > b.share_of_cycle.value_or(0);
    });
    for (const Bottleneck& each : out_.bottlenecks)
      if (std::find(out_.recommendations.begin(), out_.recommendations.end(), each.recommendation) == out_.recommendations.end())
        out_.recommendations.push_back(each.recommendation);
    if (!out_.bottlenecks.empty()) out_.critical_component = out_.bottlenecks.front().component;
    return std::move(out_);
  }

  const Recordings& recordings_;
  Statistics cycle_;
  Bottlenecks out_;
};

}  // namespace

Bottlenecks analyze_bottlenecks(const Recordings& recordings) { return Finder(recordings).find(); }

}  // namespace tradewind::telemetry
