// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <any>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tradewind/base/time.hpp"

namespace tradewind::telemetry {

struct CacheStatistics {
  std::uint64_t cache_hits = 0;
  std::uint64_t cache_misses = 0;          ///< not there, too old, or of another type
  std::optional<double> hit_rate_percent;  ///< nullopt before the first look-up
  std::size_t cache_size = 0;              ///< that are not too old
  std::uint64_t evictions = 0;             ///< of values still good, for lack of room
};

/// Values of any type by key, each until its time is over; the least recently used makes room for a new one. Time is the clock's monotonic
/// side. Thread-safe; all but statistics() costs O(1).
class TtlCache {
 public:
  /// `clock` outlives the cache.
  explicit TtlCache(std::size_t most_values = 10'000, const Clock& clock = system_clock());

  /// Replaces what is there. `ttl_seconds`: nullopt for ever; 0 and less: not kept at all (what was there goes).
  void put(std::string_view key, std::any value, std::optional<double> ttl_seconds = std::nullopt);
  /// Nullopt when there is none that is still good; one whose type is not exactly T counts as a miss.
  template <class T>
  std::optional<T> get(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const std::any* found = find(key);
    const T* value = found == nullptr ? nullptr : std::any_cast<T>(found);
    ++(value == nullptr ? misses_ : hits_);
    return value == nullptr ? std::nullopt : std::optional<T>(*value);
  }
  bool erase(std::string_view key);
  void clear();
  CacheStatistics statistics() const;

 private:
  struct Entry {
    std::string key;
    std::any value;
    std::int64_t good_before;  ///< monotonic time
  };
  const std::any* find(std::string_view key);
  void drop(std::list<Entry>::iterator entry);

  const Clock* clock_;
  std::size_t most_values_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;                                                 ///< most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  ///< keys point into entries_
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace tradewind::telemetry
