// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/ttl_cache.hpp"

#include <algorithm>
#include <limits>

namespace tradewind::telemetry {
namespace {

constexpr std::int64_t kForEver = std::numeric_limits<std::int64_t>::max();

std::int64_t good_before(std::int64_t now, std::optional<double> ttl_seconds) {
  constexpr double kCentury = 100.0 * 365 * 86'400;
  if (!ttl_seconds || *ttl_seconds > kCentury) return kForEver;
  return now + static_cast<std::int64_t>(*ttl_seconds * 1e9);
}

}  // namespace

TtlCache::TtlCache(std::size_t most_values, const Clock& clock) : clock_(&clock), most_values_(std::max<std::size_t>(1, most_values)) {}

void TtlCache::drop(std::list<Entry>::iterator entry) {
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

const std::any* TtlCache::find(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const auto entry = found->second;
  if (clock_->steady() >= entry->good_before) {
    drop(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return &entry->value;
}

void TtlCache::put(std::string_view key, std::any value, std::optional<double> ttl_seconds) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) drop(found->second);
  if (ttl_seconds && !(*ttl_seconds > 0)) return;
  const std::int64_t now = clock_->steady();
  if (entries_.size() >= most_values_) {
    if (entries_.back().good_before > now) ++evictions_;
    drop(std::prev(entries_.end()));
  }
  entries_.push_front({std::string(key), std::move(value), good_before(now, ttl_seconds)});
  by_key_.emplace(entries_.front().key, entries_.begin());
}

bool TtlCache::erase(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  drop(found->second);
  return true;
}

void TtlCache::clear() {
  const std::lock_guard lock(mutex_);
  by_key_.clear();
  entries_.clear();
}

CacheStatistics TtlCache::statistics() const {
  const std::lock_guard lock(mutex_);
  CacheStatistics out;
  out.cache_hits = hits_;
  out.cache_misses = misses_;
  if (hits_ + misses_ > 0) out.hit_rate_percent = 100 * static_cast<double>(hits_) / static_cast<double>(hits_ + misses_);
  const std::int64_t now = clock_->steady();
  const auto good = std::count_if(entries_.begin(), entries_.end(), [&](const Entry& each) { return each.good_before > now; });
  out.cache_size = static_cast<std::size_t>(good);
  out.evictions = evictions_;
  return out;
}

}  // namespace tradewind::telemetry
