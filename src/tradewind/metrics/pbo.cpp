// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

/// Σ(r − c) and Σ(r − c)² of every trial over every subset of half of the blocks, so that any in-sample set costs two additions.
/// Row m holds the subset whose members are the bits of m, one entry per trial; c is the trial's mean.
class HalfTable {
 public:
  HalfTable(Trials trials, std::span<const double> centers, std::size_t first_block, std::size_t blocks, std::size_t length)
      : trials_(trials.size()), sums_((std::size_t{1} << blocks) * trials.size()), squares_(sums_.size()) {
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t row = std::size_t{1} << b;
      for (std::size_t k = 0; k < trials_; ++k)
        add_block(trials[k].subspan((first_block + b) * length, length), centers[k], row * trials_ + k);
    }
    for (std::size_t mask = 1; mask < std::size_t{1} << blocks; ++mask) {
      const std::size_t lowest = mask & (~mask + 1);
      if (lowest == mask) continue;
      for (std::size_t k = 0; k < trials_; ++k) {
        sums_[mask * trials_ + k] = sums_[(mask ^ lowest) * trials_ + k] + sums_[lowest * trials_ + k];
        squares_[mask * trials_ + k] = squares_[(mask ^ lowest) * trials_ + k] + squares_[lowest * trials_ + k];
      }
    }
  }
  const double* sums(std::size_t mask) const { return sums_.data() + mask * trials_; }
  const double* squares(std::size_t mask) const { return squares_.data() + mask * trials_; }

 private:
  void add_block(std::span<const double> returns, double center, std::size_t entry) {
    CompensatedSum sum, square;
    for (const double r : returns) {
      sum.add(r - center);
      square.add((r - center) * (r - center));
    }
    sums_[entry] = sum.value();
    squares_[entry] = square.value();
  }

  std::size_t trials_;
  std::vector<double> sums_;
  std::vector<double> squares_;
};

/// mean · |mean| / variance up to a common factor: grows with the Sharpe ratio, without a root.
inline double score(double center, double sum, double squares, double per_bar) {
  const double shift = sum * per_bar;
  const double mean = center + shift;
  const double spread = squares - sum * shift;
  return mean * std::fabs(mean) / (spread > 1e-300 ? spread : 1e-300);
}

struct Counts {
  std::int64_t lower_half = 0;
  std::int64_t losses = 0;
};

/// Where the best of `in` stands in `out`: its average rank, ties sharing theirs, against half of N + 1.
void judge(const std::vector<double>& in, const std::vector<double>& out, Counts& counts) {
  const double chosen = out[static_cast<std::size_t>(std::max_element(in.begin(), in.end()) - in.begin())];
  std::int64_t less = 0;
  std::int64_t equal = 0;
  for (const double value : out) {
    less += value < chosen;
    equal += value == chosen;
  }
  counts.lower_half += 2 * less + equal + 1 <= static_cast<std::int64_t>(out.size()) + 1;
  counts.losses += chosen < 0;
}

/// Splits in pairs: each set of half the blocks that holds the first one, with its complement.
class Splitter {
 public:
  Splitter(Trials trials, std::size_t blocks, std::size_t length)
      : half_(blocks / 2),
        per_bar_(2.0 / static_cast<double>(blocks * length)),
        centers_(centers_of(trials, blocks * length)),
        low_(trials, centers_, 0, half_, length),
        high_(trials, centers_, half_, half_, length) {}

  /// All splits whose upper half of blocks is `upper`.
  Counts count(std::size_t upper) const {
    Counts counts;
    const auto wanted = static_cast<int>(half_) - std::popcount(upper);
    std::vector<double> in(centers_.size()), out(centers_.size());
    for (std::size_t lower = 1; lower < std::size_t{1} << half_; lower += 2) {
      if (std::popcount(lower) != wanted) continue;
      fill(lower, upper, in);
      fill(~lower & mask(), ~upper & mask(), out);
      judge(in, out, counts);
      judge(out, in, counts);
    }
    return counts;
  }
  std::size_t uppers() const { return std::size_t{1} << half_; }

 private:
  static std::vector<double> centers_of(Trials trials, std::size_t rows) {
    std::vector<double> centers;
    for (const auto trial : trials) centers.push_back(mean_deviation(trial.first(rows)).mean);
    return centers;
  }
  std::size_t mask() const { return (std::size_t{1} << half_) - 1; }

  void fill(std::size_t lower, std::size_t upper, std::vector<double>& scores) const {
    const double* sum_low = low_.sums(lower);
    const double* sum_high = high_.sums(upper);
    const double* square_low = low_.squares(lower);
    const double* square_high = high_.squares(upper);
    for (std::size_t k = 0; k < scores.size(); ++k)
      scores[k] = score(centers_[k], sum_low[k] + sum_high[k], square_low[k] + square_high[k], per_bar_);
  }

  std::size_t half_;
  double per_bar_;  ///< 1 / bars of half the blocks
  std::vector<double> centers_;
  HalfTable low_;
  HalfTable high_;
};

/// Whether half of the blocks, or more, are one value throughout, the same one: in some half nothing varies then.
bool flat_in_a_half(std::span<const double> trial, std::size_t blocks, std::size_t length) {
  std::vector<double> still;
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto block = trial.subspan(b * length, length);
    if (std::all_of(block.begin(), block.end(), [&](double r) { return r == block.front(); })) still.push_back(block.front());
  }
  return std::any_of(still.begin(), still.end(),
                     [&](double value) { return 2 * static_cast<std::size_t>(std::count(still.begin(), still.end(), value)) >= blocks; });
}

}  // namespace

Result<PboResult> probability_of_overfitting(Trials trials, int blocks, int threads, const Cancellation* cancellation) {
  if (blocks < 2 || blocks > 20 || blocks % 2 != 0)
    return Error(Errc::usage, fmt::format("the number of blocks must be even, 2 to 20, not {}", blocks), "splits");
  const auto s = static_cast<std::size_t>(blocks);
  PboResult result;
  const auto undefined = [&](Undefined why) {
    result.pbo = result.loss_probability = why;
    return result;
  };
  if (trials.size() < 2) return undefined(Undefined::insufficient_trials);
  const std::size_t length = trials[0].size() / s;
  if (trials[0].size() < 2 * s) return undefined(Undefined::insufficient_bars);
  result.rows_used = static_cast<std::int64_t>(length * s);
  const FlatTrials constant = flat_trials(trials, length * s);
  std::vector<std::span<const double>> ranked;
  for (const std::size_t k : constant.live) {
    if (flat_in_a_half(trials[k], s, length)) {
      result.sparse.push_back(k);
    } else {
      ranked.push_back(trials[k]);
    }
  }
  if (constant.dominate || ranked.size() < 2) return undefined(Undefined::zero_variance);
  const Splitter splitter(ranked, s, length);
  std::vector<Counts> counts(splitter.uppers());
  TRADEWIND_TRY(parallel_for(
      counts.size(), threads,
      [&](std::size_t upper) -> Status {
        counts[upper] = splitter.count(upper);
        return {};
      },
      cancellation));
  Counts total;
  for (const Counts& c : counts) {
    total.lower_half += c.lower_half;
    total.losses += c.losses;
  }
  result.splits = 1;
  for (std::int64_t i = 1; i <= blocks / 2; ++i) result.splits = result.splits * (blocks / 2 + i) / i;
  result.pbo = static_cast<double>(total.lower_half) / static_cast<double>(result.splits);
  result.loss_probability = static_cast<double>(total.losses) / static_cast<double>(result.splits);
  return result;
}

}  // namespace tradewind::metrics
