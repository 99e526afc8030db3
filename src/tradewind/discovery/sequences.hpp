// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tradewind::discovery {

using Item = std::int32_t;

/// Sequences of items, one behind the other.
class SequenceDatabase {
 public:
  void add(std::span<const Item> sequence);
  /// The same with equal neighbours merged into one.
  void add_runs(std::span<const Item> sequence);
  std::size_t size() const noexcept { return first_.size() - 1; }
  std::span<const Item> operator[](std::size_t i) const noexcept { return {items_.data() + first_[i], first_[i + 1] - first_[i]}; }

 private:
  std::vector<Item> items_;
  std::vector<std::size_t> first_{0};
};

inline constexpr int kUnlimitedGap = -1;

struct SequenceOptions {
  std::int64_t min_count = 1;   ///< sequences of the database that must hold a pattern, ≥ 1
  int max_length = 5;           ///< items in a pattern, ≥ 1
  int max_gap = kUnlimitedGap;  ///< items that may be passed over between two neighbours of a pattern; 0: consecutive
};

/// A pattern and the number of sequences that hold it; a sequence counts once however often it holds it.
struct FrequentSequence {
  std::vector<Item> items;
  std::int64_t count = 0;
  bool closed = true;  ///< no pattern found that extends it by one item has the same count
};

/// Every pattern with enough sequences, by count descending, then length, then items [PrefixSpan: Pei et al. 2001, with gap limits].
/// `closed` is judged among the patterns found (up to max_length): with a gap limit by extensions at both ends, without one by those
/// anywhere. O(patterns · occurrences of their prefixes).
std::vector<FrequentSequence> frequent_sequences(const SequenceDatabase& database, const SequenceOptions& options);

}  // namespace tradewind::discovery
