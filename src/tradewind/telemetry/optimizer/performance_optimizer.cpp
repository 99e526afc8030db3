// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kMostCached = 10'000;

bool is_worker_count(std::int64_t workers) { return workers >= 1 && workers <= kMostWorkers; }

}  // namespace

PerformanceOptimizer::PerformanceOptimizer(const OptimizerSettings& settings, const Clock& clock)
    : settings_(settings), cache_(kMostCached, clock) {
  if (settings_.use_multiprocessing) enable_multiprocessing();
}

Suggestions PerformanceOptimizer::optimize_config(const PerformanceReport& current_performance) const {
  OptimizerSettings now = settings_;
  now.use_multiprocessing = process_workers_ > 0;
  return suggest(current_performance, now, {thread_count(0), cache_.statistics()});
}

bool PerformanceOptimizer::apply(const ConfigChange& change, const PerformanceMonitor* monitor) {
  if (!apply_value(change.key, change.value)) return false;
  if (monitor != nullptr) baselines_.insert_or_assign(change.key, Baseline{monitor->history(), monitor->total_cycles()});
  return true;
}

bool PerformanceOptimizer::apply_value(const std::string& key, const std::variant<bool, std::int64_t>& value) {
  if (const auto* workers = std::get_if<std::int64_t>(&value)) return key == "max_workers" && set_workers(*workers);
  const bool on = std::get<bool>(value);
  if (key == "use_multiprocessing") {
    if (on) return enable_multiprocessing();
    settings_.use_multiprocessing = false;
    process_workers_ = 0;
    return true;
  }
  if (key == "use_async") {
    settings_.use_async = on;
    client_.reset();  // the next one is made for the new setting
    return true;
  }
  if (key == "use_caching") {
    settings_.use_caching = on;
    return true;
  }
  return false;
}

bool PerformanceOptimizer::set_workers(std::int64_t workers) {
  if (!is_worker_count(workers)) return false;
  const int count = static_cast<int>(workers);
  if (pool_ && !enable_threading(count)) return false;
  if (process_workers_ > 0) process_workers_ = count;
  settings_.max_workers = count;
  return true;
}

Result<Effect> PerformanceOptimizer::measure_effect(std::string_view key, const PerformanceMonitor& monitor) const {
  const auto found = baselines_.find(key);
  if (found == baselines_.end()) {
    std::vector<std::string> applied;
    for (const auto& [name, baseline] : baselines_) applied.push_back(name);
    return Error(Errc::unknown_name, fmt::format("no change of '{}' was applied with a monitor", printable(key)), {},
                 suggestion(key, applied));
  }
  const std::vector<double> history = monitor.history();
  const std::uint64_t since = monitor.total_cycles() - std::min(found->second.total_cycles, monitor.total_cycles());
  const std::span<const double> after = std::span(history).last(std::min<std::size_t>(history.size(), since));
  return compare_cycles(found->second.cycles_ms, after);
}

bool PerformanceOptimizer::enable_multiprocessing(std::optional<int> max_workers) {
  const int workers = max_workers.value_or(settings_.max_workers);
  if (!is_worker_count(workers)) return false;
  process_workers_ = workers;
  settings_.use_multiprocessing = true;
  return true;
}

bool PerformanceOptimizer::enable_threading(std::optional<int> max_workers) {
  const int workers = max_workers.value_or(settings_.max_workers);
  if (!is_worker_count(workers)) return false;
  auto pool = std::make_unique<WorkerPool>(workers);
  if (pool->threads() == 0) return false;
  pool_ = std::move(pool);
  return true;
}

bool PerformanceOptimizer::cache_data(std::string_view key, std::any data, std::optional<double> ttl) {
  if (!settings_.use_caching) return false;
  cache_.put(key, std::move(data), ttl);
  return true;
}

Result<std::unique_ptr<http::Client>> PerformanceOptimizer::create_async_client() const {
  http::ClientOptions options;
  if (!settings_.use_async) options.connections = options.connections_per_host = 1;
  return http::Client::make(options);
}

Result<std::vector<std::future<http::Response>>> PerformanceOptimizer::fetch_multiple_urls_async(std::span<const std::string> urls) {
  if (!client_) {
    TRADEWIND_ASSIGN(client_, create_async_client());
  }
  std::vector<std::future<http::Response>> out;
  out.reserve(urls.size());
  for (const std::string& url : urls) {
    http::Request request;
    request.url = url;
    out.push_back(client_->fetch(std::move(request)));
  }
  return out;
}

OptimizationSummary PerformanceOptimizer::get_optimization_summary() const {
  OptimizationSummary out;
  const auto feature = [&](bool on, const char* name, const char* advice) {
    if (on) {
      out.enabled_optimizations.emplace_back(name);
      out.optimization_score += 20;
    } else {
      out.recommendations.emplace_back(advice);
    }
  };
  feature(settings_.use_caching, "caching", "set use_caching: keep what does not change between cycles");
  feature(settings_.use_async, "async", "set use_async: send independent requests at once");
  feature(pool_ != nullptr, "threading", "enable_threading for work that waits");
  feature(process_workers_ > 0, "multiprocessing", "set use_multiprocessing for work that computes");
  out.system_resources = {thread_count(0), settings_.max_workers, pool_ ? pool_->threads() : 0, process_workers_};
  out.cache_performance = cache_.statistics();
  const CacheStatistics& cache = out.cache_performance;
  if (cache.cache_hits + cache.cache_misses >= kLookupsLeast) {
    out.optimization_score += static_cast<int>(std::lround(*cache.hit_rate_percent / 5));
    if (*cache.hit_rate_percent < kLowHitRate)
      out.recommendations.push_back(
          fmt::format("only {:.0f} % of look-ups hit the cache: adjust what is cached and for how long", *cache.hit_rate_percent));
  }
  return out;
}

void PerformanceOptimizer::cleanup() {
  pool_.reset();
  process_workers_ = 0;
  client_.reset();
  cache_.clear();
}

}  // namespace tradewind::telemetry
