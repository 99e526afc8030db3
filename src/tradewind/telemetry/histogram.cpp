// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/histogram.hpp"

#include <cmath>

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kParts = std::size_t{1} << Histogram::kPrecisionBits;

int shift_of(std::size_t bucket) noexcept { return bucket < 2 * kParts ? 0 : static_cast<int>(bucket / kParts) - 1; }

}  // namespace

std::int64_t Histogram::bucket_least(std::size_t bucket) noexcept {
  const std::size_t part = bucket < 2 * kParts ? bucket : kParts + bucket % kParts;
  return static_cast<std::int64_t>(part) << shift_of(bucket);
}

std::int64_t Histogram::bucket_greatest(std::size_t bucket) noexcept {
  return bucket_least(bucket) + (std::int64_t{1} << shift_of(bucket)) - 1;
}

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  if (count_ + other.count_ <= kFew) few_.insert(few_.end(), other.few_.begin(), other.few_.end());
  count_ += other.count_;
  sum_ += other.sum_;
  least_ = std::min(least_, other.least_);
  greatest_ = std::max(greatest_, other.greatest_);
}

std::optional<std::int64_t> Histogram::least() const noexcept { return count_ == 0 ? std::nullopt : std::optional(least_); }

std::optional<std::int64_t> Histogram::greatest() const noexcept { return count_ == 0 ? std::nullopt : std::optional(greatest_); }

std::optional<double> Histogram::mean() const noexcept {
  if (count_ == 0) return std::nullopt;
  return static_cast<double>(sum_) / static_cast<double>(count_);
}

/// The duration of a rank from 0, from its bucket's middle.
double Histogram::of_rank(std::uint64_t rank) const noexcept {
  if (rank == 0) return static_cast<double>(least_);
  if (rank + 1 >= count_) return static_cast<double>(greatest_);
  std::uint64_t seen = 0;
  std::size_t bucket = bucket_of(least_);
  while ((seen += counts_[bucket]) <= rank) ++bucket;
  if (bucket == kBuckets - 1) return static_cast<double>(greatest_);
  const std::int64_t middle = bucket_least(bucket) + (bucket_greatest(bucket) - bucket_least(bucket)) / 2;
  return static_cast<double>(std::clamp(middle, least_, greatest_));
}

std::optional<std::int64_t> Histogram::percentile(double share) const noexcept {
  if (count_ == 0) return std::nullopt;
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(count_ - 1);
  const auto rank = static_cast<std::uint64_t>(at);
  const double part = at - static_cast<double>(rank);
  std::vector<std::int64_t> sorted;
  if (count_ <= kFew) {
    sorted = few_;
    std::sort(sorted.begin(), sorted.end());
  }
  const auto value = [&](std::uint64_t i) {
    return sorted.empty() ? of_rank(i) : static_cast<double>(sorted[std::min<std::size_t>(i, sorted.size() - 1)]);
  };
  const double low = value(rank);
  return std::llround(part > 0 ? low + part * (value(rank + 1) - low) : low);
}

std::uint64_t Histogram::count_at_most(std::int64_t nanoseconds) const noexcept {
  if (count_ == 0 || nanoseconds < least_) return 0;
  if (nanoseconds >= greatest_) return count_;
  std::uint64_t seen = 0;
  for (std::size_t i = bucket_of(least_); i < kBuckets - 1 && bucket_greatest(i) <= nanoseconds; ++i) seen += counts_[i];
  return seen;
}

}  // namespace tradewind::telemetry
