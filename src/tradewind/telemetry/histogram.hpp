// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace tradewind::telemetry {

/// Durations in nanoseconds, counted in log-linear buckets: each power of two is cut into 128 equal parts, so a percentile is off by at
/// most 0.4 % of its value (half a bucket) and not at all below 256 ns or while no more than 128 were recorded, which are kept. Fixed
/// memory (41 KiB), recording costs O(1). Count, sum, least and greatest are exact. From 2^46 ns (19.5 hours) on durations share the last
/// bucket. Not thread-safe. [Tene, HdrHistogram, hdrhistogram.org]
class Histogram {
 public:
  static constexpr int kPrecisionBits = 7;
  static constexpr int kLargestBits = 46;
  static constexpr std::size_t kBuckets = (std::size_t{1} << kPrecisionBits) * (kLargestBits - kPrecisionBits + 1);

  static constexpr std::size_t kFew = 128;

  Histogram() : counts_(kBuckets) { few_.reserve(kFew); }

  /// Negative durations are not recorded.
  void record(std::int64_t nanoseconds) noexcept {
    if (nanoseconds < 0) return;
    ++counts_[bucket_of(nanoseconds)];
    if (count_++ < kFew) few_.push_back(nanoseconds);
    sum_ += nanoseconds;
    least_ = std::min(least_, nanoseconds);
    greatest_ = std::max(greatest_, nanoseconds);
  }
  void merge(const Histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  std::int64_t sum() const noexcept { return sum_; }
  /// Exact; nullopt when nothing was recorded.
  std::optional<std::int64_t> least() const noexcept;
  std::optional<std::int64_t> greatest() const noexcept;
  std::optional<double> mean() const noexcept;
  /// Interpolated linearly between the ranks beside share · (count − 1), as numpy's default does (share within [0, 1]); nullopt when
  /// nothing was recorded.
  std::optional<std::int64_t> percentile(double share) const noexcept;
  /// How many durations are at most `nanoseconds`, where those within 0.8 % below it may be missing.
  std::uint64_t count_at_most(std::int64_t nanoseconds) const noexcept;

  static std::size_t bucket_of(std::int64_t nanoseconds) noexcept {
    constexpr std::uint64_t kLargest = (std::uint64_t{1} << kLargestBits) - 1;
    const std::uint64_t value = std::min(static_cast<std::uint64_t>(nanoseconds), kLargest);
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kPrecisionBits - 1);
    return (static_cast<std::size_t>(shift) << kPrecisionBits) + static_cast<std::size_t>(value >> shift);
  }
  /// Least and greatest duration of a bucket.
  static std::int64_t bucket_least(std::size_t bucket) noexcept;
  static std::int64_t bucket_greatest(std::size_t bucket) noexcept;

 private:
  double of_rank(std::uint64_t rank) const noexcept;

  std::vector<std::uint64_t> counts_;
  std::vector<std::int64_t> few_;  ///< the first ones; all there are while they are no more than kFew
  std::uint64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t least_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t greatest_ = 0;
};

}  // namespace tradewind::telemetry
