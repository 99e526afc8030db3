// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <any>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/http/client.hpp"
#include "tradewind/telemetry/optimizer/effect.hpp"
#include "tradewind/telemetry/optimizer/optimization_advice.hpp"
#include "tradewind/telemetry/optimizer/parallel_map.hpp"
#include "tradewind/telemetry/optimizer/profiler.hpp"
#include "tradewind/telemetry/optimizer/ttl_cache.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"

namespace tradewind::telemetry {

struct SystemResources {
  int cpu_cores = 0;
  int max_workers = 0;
  int thread_workers = 0;   ///< 0: threading is off
  int process_workers = 0;  ///< 0: multiprocessing is off
};

struct OptimizationSummary {
  /// What is switched on, not how fast it is: 20 each for async, caching, threading and multiprocessing, and the cache's hit rate / 5 from
  /// 20 look-ups on.
  int optimization_score = 0;
  std::vector<std::string> enabled_optimizations;
  SystemResources system_resources;
  CacheStatistics cache_performance;
  std::vector<std::string> recommendations;
};

/// Suggests what makes cycles faster, does what can be done by a program, and measures whether it helped. The cache and the maps may be
/// used from any thread; everything that switches something on or off belongs to one.
class PerformanceOptimizer {
 public:
  /// use_multiprocessing of the settings enables it now. `clock` outlives the optimizer.
  explicit PerformanceOptimizer(const OptimizerSettings& settings = {}, const Clock& clock = system_clock());

  Suggestions optimize_config(const PerformanceReport& current_performance) const;
  /// Does a change of the configuration, for this session only; false when the key or value is none that can be applied. With a monitor its
  /// last cycles are kept to compare with.
  bool apply(const ConfigChange& change, const PerformanceMonitor* monitor = nullptr);
  /// The monitor's cycles since that change against those before. Errors: Errc::unknown_name when it was not applied with a monitor.
  Result<Effect> measure_effect(std::string_view key, const PerformanceMonitor& monitor) const;

  /// Workers: those of the settings unless given. False when they are not 1 to 256, or the system gives no threads.
  bool enable_multiprocessing(std::optional<int> max_workers = std::nullopt);
  bool enable_threading(std::optional<int> max_workers = std::nullopt);

  /// function(item) for each item, in order of the items. On processes when asked and enabled, else on threads when enabled, else one after
  /// another. The function is called from several threads at once. It may return R or Result<R>. Errors name the item's index: the
  /// function's own, Errc::internal for an exception or a crash of a process; Errc::usage for results that cannot leave a process.
  template <class F, class Items>
  auto parallel_map(F&& function, const Items& items, bool use_processes = false) const {
    using T = std::remove_cvref_t<decltype(*std::data(items))>;
    const std::span<const T> all(std::data(items), std::size(items));
    if (use_processes && process_workers_ > 0) return map_on_processes(function, all, ProcessOptions{.workers = process_workers_});
    return map_on_threads(function, all, pool_.get());
  }
  /// function(batch) for consecutive spans of at most `batch_size` items (at least 1), like parallel_map.
  template <class F, class T>
  auto batch_map(F&& function, const std::vector<T>& items, std::size_t batch_size, bool use_processes = false) const {
    std::vector<std::span<const T>> batches;
    const std::size_t step = std::max<std::size_t>(1, batch_size);
    for (std::size_t at = 0; at < items.size(); at += step)
      batches.push_back(std::span(items).subspan(at, std::min(step, items.size() - at)));
    return parallel_map(function, batches, use_processes);
  }

  /// Keeps data for `ttl` seconds (nullopt: until its room is needed). False when caching is off. Ask for it with the type it was given in.
  bool cache_data(std::string_view key, std::any data, std::optional<double> ttl = std::nullopt);
  /// Nullopt when there is none, it is too old, of another type, or caching is off (which counts as no look-up).
  template <class T>
  std::optional<T> get_cached_data(std::string_view key) {
    return settings_.use_caching ? cache_.get<T>(key) : std::nullopt;
  }
  CacheStatistics get_cache_statistics() const { return cache_.statistics(); }

  /// See profiler.hpp.
  Result<Profile> profile_bottlenecks(const std::function<void()>& function) const { return telemetry::profile_bottlenecks(function); }

  /// A client with kept connections, 32 at once and 8 to a host; one at a time when use_async is off.
  Result<std::unique_ptr<http::Client>> create_async_client() const;
  /// Asks for all URLs by GET through a client that stays until cleanup(); answers in order of the URLs. Errors: those of
  /// http::Client::make.
  Result<std::vector<std::future<http::Response>>> fetch_multiple_urls_async(std::span<const std::string> urls);

  OptimizationSummary get_optimization_summary() const;
  /// Ends workers and connections and empties the cache. The optimizer can be used again.
  void cleanup();

  const OptimizerSettings& settings() const noexcept { return settings_; }

 private:
  struct Baseline {
    std::vector<double> cycles_ms;
    std::uint64_t total_cycles;
  };
  bool apply_value(const std::string& key, const std::variant<bool, std::int64_t>& value);
  bool set_workers(std::int64_t workers);

  OptimizerSettings settings_;
  TtlCache cache_;
  std::unique_ptr<WorkerPool> pool_;
  int process_workers_ = 0;
  std::unique_ptr<http::Client> client_;
  std::map<std::string, Baseline, std::less<>> baselines_;
};

}  // namespace tradewind::telemetry
