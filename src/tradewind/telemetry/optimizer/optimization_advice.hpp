// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tradewind/config/reader.hpp"
#include "tradewind/telemetry/optimizer/ttl_cache.hpp"
#include "tradewind/telemetry/performance_report.hpp"

namespace tradewind::telemetry {

inline constexpr double kLowHitRate = 50;           ///< percent of a cache's lookups
inline constexpr std::uint64_t kLookupsLeast = 20;  ///< before a hit rate says anything

inline constexpr int kMostWorkers = 256;

struct OptimizerSettings {
  bool use_multiprocessing = false;  ///< processes for work that computes
  bool use_async = true;             ///< many requests at once
  bool use_caching = true;
  int max_workers = 4;  ///< of threads and of processes, at most kMostWorkers
};

/// Reads the keys use_multiprocessing, use_async, use_caching and max_workers of a map that may hold others.
OptimizerSettings read_optimizer_settings(config::MapReader& reader);

/// A key of the configuration to set.
struct ConfigChange {
  std::string key;
  std::variant<bool, std::int64_t> value;
  std::string change;
  std::string expected_improvement;
  std::string reason;
};

/// What a person has to do.
struct SystemChange {
  std::string change;
  std::string expected_improvement;
  std::string reason;
};

struct Suggestions {
  std::vector<ConfigChange> config_changes;
  std::vector<SystemChange> system_changes;
  /// high: grade D or F, or a median cycle above twice its target; medium: grade C, or above its target; else low.
  Severity priority = Severity::low;

  /// Null when that key need not change.
  const ConfigChange* find(std::string_view key) const noexcept;
};

struct Machine {
  int cores = 1;
  CacheStatistics cache;
};

/// What would make the reported cycles faster. Expected improvements are bounds computed from the measured shares by Amdahl's law, not
/// promises; where nothing can be computed they say so. No complete cycle: no suggestion but to measure.
Suggestions suggest(const PerformanceReport& report, const OptimizerSettings& settings, const Machine& surroundings);

}  // namespace tradewind::telemetry
