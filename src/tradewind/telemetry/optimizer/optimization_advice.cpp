// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/optimization_advice.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tradewind::telemetry {
namespace {

constexpr double kShareWorthAChange = 0.3;  // of a cycle, from which a change is worth its trouble
constexpr double kWideTail = 5;

class Adviser {
 public:
  Adviser(const PerformanceReport& report, const OptimizerSettings& settings, const Machine& around)
      : report_(report), settings_(settings), around_(around), median_(report.overall_grade.median_cycle_time_ms.value_or(0)) {}

  Suggestions advise() {
    if (!report_.overall_grade.median_cycle_time_ms) {
      system("measure whole cycles with start_cycle and end_cycle", "none by itself", "there is no complete cycle to judge");
      return std::move(out_);
    }
    out_.priority = priority();
    network();
    computing();
    execution();
    caching();
    tail();
    trend();
    return std::move(out_);
  }

 private:
  Severity priority() const {
    const std::string& grade = report_.overall_grade.grade;
    const double target = report_.settings.target_cycle_time_ms;
    if (grade == "D" || grade == "F" || median_ > 2 * target) return Severity::high;
    return grade == "C" || median_ > target ? Severity::medium : Severity::low;
  }
  bool late() const { return out_.priority != Severity::low; }

  const StageMetrics& stage(Stage which) const { return report_.detailed_metrics.at(static_cast<std::size_t>(which)); }
  double share(Stage which) const { return stage(which).share_of_cycle.value_or(0); }

  void config(std::string key, std::variant<bool, std::int64_t> value, std::string change, std::string improvement, std::string reason) {
    out_.config_changes.push_back({std::move(key), value, std::move(change), std::move(improvement), std::move(reason)});
  }
  void system(std::string change, std::string improvement, std::string reason) {
    out_.system_changes.push_back({std::move(change), std::move(improvement), std::move(reason)});
  }

  /// The cycle when `share` of it runs `ways` at a time and the rest as now [Amdahl 1967].
  std::string at_best(double share, double ways) const {
    const double part = std::min(1.0, share);
    return fmt::format("median cycle from {:.3g} ms to {:.3g} ms at best", median_, median_ * (1 - part * (1 - 1 / ways)));
  }

  void network() {
    const double part = share(Stage::network);
    const double calls =
        static_cast<double>(stage(Stage::network).session.count) / static_cast<double>(std::max<std::uint64_t>(1, report_.total_cycles));
    const bool slow =
        stage(Stage::network).recent.count > 0 && stage(Stage::network).recent.median > report_.settings.target_network_latency_ms;
    if (slow)
      system("move nearer to the endpoints or use a faster connection", "up to the time above the target of each call",
             fmt::format("the median call takes {:.3g} ms, its target is {:.3g} ms", stage(Stage::network).recent.median,
                         report_.settings.target_network_latency_ms));
    if (!late() || part < kShareWorthAChange) return;
    const std::string reason = fmt::format("the network takes {:.0f} % of a cycle in {:.3g} calls", 100 * part, calls);
    if (!settings_.use_async) config("use_async", true, "send independent requests at once", at_best(part, std::max(1.0, calls)), reason);
    if (settings_.use_async && calls >= 2)
      system("ask for independent things with fetch_multiple_urls_async instead of one after another", at_best(part, calls), reason);
  }

  void computing() {
    const double part = share(Stage::detection) + share(Stage::decision);
    if (!late() || part < kShareWorthAChange) return;
    const std::string reason = fmt::format("detection and decision take {:.0f} % of a cycle", 100 * part);
    const int ways = std::min(settings_.max_workers, around_.cores);
    if (around_.cores > settings_.max_workers && settings_.use_multiprocessing)
      config("max_workers", std::int64_t{around_.cores}, fmt::format("use all {} cores", around_.cores), at_best(part, around_.cores),
             reason);
    if (!settings_.use_multiprocessing && ways > 1)
      config("use_multiprocessing", true, fmt::format("run strategies in parallel on {} workers", ways), at_best(part, ways), reason);
    system("profile the strategies with profile_bottlenecks and mend what takes longest", at_best(part, 2) + " if it becomes twice as fast",
           reason);
  }

  void execution() {
    const double part = share(Stage::execution);
    if (!late() || part < kShareWorthAChange) return;
    system("send independent orders together and keep connections to the venue open", at_best(part, 2) + " if it becomes twice as fast",
           fmt::format("execution takes {:.0f} % of a cycle", 100 * part));
  }

  void caching() {
    if (!settings_.use_caching && late())
      config("use_caching", true, "keep what does not change between cycles", "not known before it is measured",
             "the cache is switched off");
    const std::uint64_t lookups = around_.cache.cache_hits + around_.cache.cache_misses;
    if (lookups >= kLookupsLeast && around_.cache.hit_rate_percent.value_or(100) < kLowHitRate)
      system("give cached values a longer time to live or cache others", "not known before it is measured",
             fmt::format("only {:.0f} % of {} look-ups found their value", *around_.cache.hit_rate_percent, lookups));
  }

  void tail() {
    const Statistics& cycle = stage(Stage::total_cycle).recent;
    if (cycle.count < kLookupsLeast || cycle.p99 <= kWideTail * cycle.median) return;
    system("give the session cores of its own and look for pauses",
           fmt::format("p99 from {:.3g} ms towards the median of {:.3g} ms", cycle.p99, cycle.median),
           fmt::format("p99 is {:.1f} times the median", cycle.p99 / std::max(cycle.median, 1e-6)));
  }

  void trend() {
    for (const auto& [name, trend] : report_.performance_trends)
      if (trend.direction == TrendDirection::degrading)
        system(fmt::format("find what grows in '{}'", name), "stops the slowing",
               fmt::format("it slowed by {:.0f} % over the last {} measurements", trend.change_percent, trend.measurements));
  }

  const PerformanceReport& report_;
  const OptimizerSettings& settings_;
  const Machine& around_;
  double median_;
  Suggestions out_;
};

}  // namespace

OptimizerSettings read_optimizer_settings(config::MapReader& reader) {
  OptimizerSettings out;
  out.use_multiprocessing = reader.boolean("use_multiprocessing", out.use_multiprocessing);
  out.use_async = reader.boolean("use_async", out.use_async);
  out.use_caching = reader.boolean("use_caching", out.use_caching);
  out.max_workers = static_cast<int>(reader.whole_number("max_workers", out.max_workers, 1, kMostWorkers));
  return out;
}

const ConfigChange* Suggestions::find(std::string_view key) const noexcept {
  const auto found = std::find_if(config_changes.begin(), config_changes.end(), [&](const ConfigChange& each) { return each.key == key; });
  return found == config_changes.end() ? nullptr : &*found;
}

Suggestions suggest(const PerformanceReport& report, const OptimizerSettings& settings, const Machine& surroundings) {
  return Adviser(report, settings, surroundings).advise();
}

}  // namespace tradewind::telemetry
