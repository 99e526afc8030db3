// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::discovery {

/// Outcomes of many associations (patterns, transitions …), added up by blocks of consecutive bars. A permutation turns the sign of
/// whole blocks, so that it is a signed sum over a few numbers per association and never a scan of the bars.
class OutcomeTable {
 public:
  /// `blocks`: how many blocks of bars there are.
  explicit OutcomeTable(std::size_t blocks) : blocks_(blocks) {}

  /// Starts the next association (numbered from 0).
  void begin();
  /// One outcome of the association begun last, in its block. Cheapest when the blocks come in order.
  void add(std::uint32_t block, double outcome);
  /// A part of an outcome that stands in another block (outcomes over several bars): adds to the sum, not to Σ outcome².
  void add_part(std::uint32_t block, double part);
  /// Adds to Σ outcome² and to the count; goes with add_part.
  void add_whole(double outcome);

  std::size_t associations() const noexcept { return total_.size(); }
  std::size_t blocks() const noexcept { return blocks_; }
  std::int64_t count(std::size_t association) const noexcept { return count_[association]; }
  double total(std::size_t association) const noexcept { return total_[association]; }
  double squares(std::size_t association) const noexcept { return squares_[association]; }

  /// Entries sorted by block, what the permutations run through.
  struct ByBlock {
    std::vector<std::size_t> first;  ///< of each block; blocks + 1
    std::vector<std::uint32_t> association;
    std::vector<double> sum;
  };
  ByBlock by_block() const;

 private:
  std::size_t blocks_;
  std::vector<std::uint32_t> entry_association_;
  std::vector<std::uint32_t> entry_block_;
  std::vector<double> entry_sum_;
  std::vector<std::int64_t> count_;
  std::vector<double> total_;
  std::vector<double> squares_;
};

struct SignFlipOptions {
  int permutations = 500;  ///< 19 … 100,000
  std::uint64_t seed = 1;
  double cost = 0;  ///< of acting on one occurrence, in and out, as a fraction: ≥ 0
  int threads = 1;
  const Cancellation* cancellation = nullptr;
};

/// What chance says about one association. Undefined (too_few) for one without outcomes, zero_variance when every outcome is 0.
struct Significance {
  double statistic = 0;       ///< signed: (Σy ∓ n·cost) / √Σy², 0 when the cost eats the sum
  metrics::Value p_value;     ///< two-sided, of this association alone
  metrics::Value p_adjusted;  ///< family-wise over all associations of the table (Westfall–Young maxT, step-down); ≥ p_value
  metrics::Value q_value;     ///< false-discovery rate over all associations of the table [Benjamini & Hochberg 1995]
  std::int64_t blocks = 0;    ///< blocks with an outcome
};

/// Tests that the mean outcome, net of cost, is not zero. The null turns the sign of whole blocks at random, the same turn for every
/// association: volatility clustering within and around blocks, overlap between associations and their dependence stay as they are.
/// p_adjusted: step-down maxT [Westfall & Young 1993, algorithm 2.8] with (b + 1)/(B + 1). p_value: the same count for one association;
/// below ten hits the normal tail of the turned sum (its variance, Σ block sums², is exact), not under 2^(1 − blocks). Errors: `usage` for
/// options out of range, `too_large`, `interrupted`. O(permutations · entries); the same bytes at any thread count.
Result<std::vector<Significance>> sign_flip_test(const OutcomeTable& table, const SignFlipOptions& options);

/// Benjamini–Hochberg q of each p, in the order given; NaN entries stay NaN and do not count as tested. O(n log n).
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace tradewind::discovery
