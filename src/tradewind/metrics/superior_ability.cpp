// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/superior_ability.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/metrics/resampling_internal.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::size_t kFewestBars = 10;
constexpr std::size_t kMaxBlockLengths = 200;  ///< trials whose automatic block lengths are averaged
constexpr std::size_t kReplicatesAtOnce = 25;
constexpr std::size_t kMostReturns = std::size_t{1} << 25;  ///< above: added up over several bars first
constexpr std::size_t kMostSteps = 1024;
constexpr double kNegligible = 1e-18;  ///< of the weight of a lag

/// The differences of the trials that take part, ready for drawing: means, long-run deviations, running sums bar by bar.
struct Differences {
  std::vector<std::size_t> trial;  ///< which trial column k is
  std::vector<double> mean;
  std::vector<double> deviation;  ///< ω
  std::vector<double> running;    ///< Σ of the first t bars less their mean, at [t · columns + k]
  std::size_t columns() const { return trial.size(); }
};

Status check_ability(const SuperiorAbilityOptions& options) {
  if (options.replicates < 100)
    return Error(Errc::usage, fmt::format("a bootstrap needs at least 100 replicates, not {}", options.replicates), "replicates");
  if (!(options.level > 0 && options.level < 1)) return Error(Errc::usage, "the level must lie between 0 and 1", "level");
  if (options.block_length != 0 && !(options.block_length >= 1))
    return Error(Errc::usage, "the mean block length must be at least 1 bar, or 0 to choose it", "block_length");
  return {};
}

double mean_block_length(const std::vector<std::vector<double>>& columns) {
  const std::size_t count = std::min(columns.size(), kMaxBlockLengths);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += optimal_block_length(columns[k * columns.size() / count]);
  return sum / static_cast<double>(count);
}

/// Variance of √n times the mean over the replicates, which is known without drawing any [Politis & Romano 1994, lemma 1].
double long_run_variance(std::span<const double> x, double block_length) {
  const std::size_t n = x.size();
  const double count = static_cast<double>(n);
  const double log_stay = std::log1p(-1 / block_length);
  double total = 0;
  for (const double v : x) total += v * v;
  for (std::size_t lag = 1; lag < n; ++lag) {
    const double share = static_cast<double>(lag) / count;
    const double weight =
        (1 - share) * std::exp(log_stay * static_cast<double>(lag)) + share * std::exp(log_stay * static_cast<double>(n - lag));
    if (weight < kNegligible) continue;
    double product = 0;
    for (std::size_t t = lag; t < n; ++t) product += x[t] * x[t - lag];
    total += 2 * weight * product;
  }
  return total / count;
}

/// What a trial earned above its benchmark, added up over `step` bars each; a rest is left out at the newest end.
std::vector<double> difference(std::span<const double> trial, std::span<const double> benchmark, Against how, std::size_t step) {
  std::vector<double> column = excess_returns(trial, benchmark, how);
  if (step == 1) return column;
  for (std::size_t t = 0; t < column.size() / step; ++t) {
    double sum = 0;
    for (std::size_t i = 0; i < step; ++i) sum += column[t * step + i];
    column[t] = sum;
  }
  column.resize(column.size() / step);
  column.shrink_to_fit();
  return column;
}

Result<Differences> prepare(Trials trials, const Benchmarks& benchmarks, const SuperiorAbilityOptions& options, std::size_t step,
                            double& block_length, const Cancellation* cancellation) {
  const std::size_t n = trials[0].size() / step;
  Differences out;
  std::vector<std::vector<double>> columns;
  for (std::size_t k = 0; k < trials.size(); ++k) {
    std::vector<double> column = difference(trials[k], benchmarks.of(k), benchmarks.how(), step);
    const MeanDeviation m = mean_deviation(column);
    if (is_zero_variance(m.deviation, m.mean)) continue;
    for (double& v : column) v -= m.mean;
    out.trial.push_back(k);
    out.mean.push_back(m.mean);
    columns.push_back(std::move(column));
  }
  if (columns.empty()) return out;
  block_length = options.block_length > 0 ? std::max(1.0, options.block_length / static_cast<double>(step))
                                          : std::min(mean_block_length(columns), longest_block(n, columns.size()));
  block_length = std::min(block_length, static_cast<double>(n) / 3);  // with longer ones every replicate is nearly the series itself
  const std::size_t width = columns.size();
  out.deviation.resize(width);
  out.running.resize((n + 1) * width);
  TRADEWIND_TRY(parallel_for(
      width, options.threads,
      [&](std::size_t k) -> Status {
        out.deviation[k] = std::sqrt(std::max(long_run_variance(columns[k], block_length), 0.0));
        for (std::size_t t = 0; t < n; ++t) out.running[(t + 1) * width + k] = out.running[t * width + k] + columns[k][t];
        return {};
      },
      cancellation));
  return out;
}

/// What one replicate says: the maximum under each of the three nulls, and the maximum over the trials from each rank on.
class Draw {
 public:
  Draw(const Differences& data, std::span<const double> unit, std::span<const std::size_t> order, std::size_t bars, double block_length)
      : data_(data), unit_(unit), order_(order), bars_(bars), block_length_(block_length), sums_(data.columns()), tail_(data.columns()) {
    const double threshold = std::sqrt(2 * std::log(std::log(static_cast<double>(bars))));
    for (std::size_t k = 0; k < data.columns(); ++k) {
      const double t = data.mean[k] * std::sqrt(static_cast<double>(bars)) / data.deviation[k];
      shift_[0].push_back(data.mean[k] > 0 ? 0 : data.mean[k]);
      shift_[1].push_back(t >= -threshold ? 0 : data.mean[k]);
    }
  }

  void run(Random random) {
    std::fill(sums_.begin(), sums_.end(), 0);
    const std::size_t width = data_.columns();
    stationary_blocks(bars_, block_length_, random, [&](std::size_t from, std::size_t length) {
      const double* begin = data_.running.data() + from * width;
      const double* end = begin + length * width;
      for (std::size_t k = 0; k < width; ++k) sums_[k] += end[k] - begin[k];
    });
    const double per_bar = 1 / static_cast<double>(bars_);
    maxima_.fill(0);
    double tail = -INFINITY;
    for (std::size_t rank = width; rank-- > 0;) {
      const std::size_t k = order_[rank];
      const double mean = sums_[k] * per_bar;  // less the sample's own mean: the null of the upper p
      tail = std::max(tail, mean * unit_[k]);
      tail_[rank] = tail;
      for (std::size_t null = 0; null < 2; ++null) maxima_[null] = std::max(maxima_[null], (mean + shift_[null][k]) * unit_[k]);
    }
    maxima_[2] = std::max(0.0, tail);
  }
  const std::array<double, 3>& maxima() const { return maxima_; }
  std::span<const double> tail() const { return tail_; }

 private:
  const Differences& data_;
  std::span<const double> unit_;
  std::span<const std::size_t> order_;
  std::size_t bars_;
  double block_length_;
  std::array<std::vector<double>, 2> shift_;  ///< lower, consistent: what a trial keeps of its negative mean
  std::vector<double> sums_;
  std::vector<double> tail_;
  std::array<double, 3> maxima_{};
};

/// The statistics observed, best first.
struct Ranking {
  std::vector<double> unit;      ///< what a mean difference is multiplied by
  std::vector<double> observed;  ///< the statistic
  std::vector<std::size_t> order;
  double top() const { return std::max(0.0, observed[order[0]]); }
};

Ranking rank(const Differences& data, std::size_t bars, bool studentised) {
  Ranking ranking;
  const double root = std::sqrt(static_cast<double>(bars));
  for (std::size_t k = 0; k < data.columns(); ++k) {
    ranking.unit.push_back(studentised ? root / data.deviation[k] : root);
    ranking.observed.push_back(data.mean[k] * ranking.unit[k]);
  }
  ranking.order.resize(data.columns());
  std::iota(ranking.order.begin(), ranking.order.end(), std::size_t{0});
  std::stable_sort(ranking.order.begin(), ranking.order.end(),
                   [&](std::size_t x, std::size_t y) { return ranking.observed[x] > ranking.observed[y]; });
  return ranking;
}

/// Replicates that reach what was observed.
struct Exceedances {
  std::array<std::int64_t, 3> nulls{};
  std::vector<std::int64_t> ranks;
};

Result<Exceedances> draw_all(const Differences& data, const Ranking& ranking, std::size_t bars, double block_length,
                             const SuperiorAbilityOptions& options, const Cancellation* cancellation) {
  const auto replicates = static_cast<std::size_t>(options.replicates);
  const std::size_t width = data.columns();
  std::vector<Exceedances> counts((replicates + kReplicatesAtOnce - 1) / kReplicatesAtOnce);
  TRADEWIND_TRY(parallel_for(
      counts.size(), options.threads,
      [&](std::size_t chunk) -> Status {
        Draw draw(data, ranking.unit, ranking.order, bars, block_length);
        Exceedances& count = counts[chunk];
        count.ranks.assign(width, 0);
        for (std::size_t i = chunk * kReplicatesAtOnce; i < std::min(replicates, (chunk + 1) * kReplicatesAtOnce); ++i) {
          draw.run(Random(options.seed, i));
          for (std::size_t null = 0; null < 3; ++null) count.nulls[null] += draw.maxima()[null] >= ranking.top();
          for (std::size_t r = 0; r < width; ++r) count.ranks[r] += draw.tail()[r] >= ranking.observed[ranking.order[r]];
        }
        return {};
      },
      cancellation));
  Exceedances total{{}, std::vector<std::int64_t>(width)};
  for (const Exceedances& count : counts) {
    for (std::size_t null = 0; null < 3; ++null) total.nulls[null] += count.nulls[null];
    for (std::size_t r = 0; r < width; ++r) total.ranks[r] += count.ranks[r];
  }
  return total;
}

/// Adjusted p of each rank never falls below that of a better one.
void step_down(const Exceedances& count, const Differences& data, std::span<const std::size_t> order, const SuperiorAbilityOptions& options,
               SuperiorAbility& out) {
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, static_cast<double>(1 + count.ranks[rank]) / static_cast<double>(1 + options.replicates));
    const std::size_t trial = data.trial[order[rank]];
    out.p_adjusted[trial] = largest;
    if (largest <= options.level) out.superior.push_back(trial);
  }
  std::sort(out.superior.begin(), out.superior.end());
}

}  // namespace

Status check_trials(Trials trials) {
  for (std::size_t k = 0; k < trials.size(); ++k) {
    if (trials[k].size() != trials[0].size()) {
      return Error(Errc::invalid_data, fmt::format("trial {} has {} bars and trial 0 has {}", k, trials[k].size(), trials[0].size()));
    }
    for (std::size_t t = 0; t < trials[k].size(); ++t) {
      if (!std::isfinite(trials[k][t])) {
        return Error(Errc::invalid_data, fmt::format("return of row {} of trial {} is not finite (both count from 0)", t, k),
                     fmt::format("row {}", t));
      }
    }
  }
  return {};
}

Status Benchmarks::check(Trials trials) const {
  if (!each_.empty() && each_.size() != trials.size())
    return Error(Errc::usage, fmt::format("{} benchmarks for {} trials", each_.size(), trials.size()), "benchmark");
  const double* checked = nullptr;  // trials of one symbol share theirs
  for (std::size_t k = 0; k < (each_.empty() ? 1 : each_.size()); ++k) {
    const std::span<const double> series = of(k);
    if (series.empty() || series.data() == checked) continue;
    checked = series.data();
    TRADEWIND_TRY(check_trials(std::span(&series, 1)));
    if (!trials.empty() && series.size() != trials[0].size())
      return Error(Errc::usage, fmt::format("the benchmark has {} bars and the trials have {}", series.size(), trials[0].size()),
                   "benchmark");
  }
  return {};
}

double longest_block(std::size_t bars, std::size_t trials) noexcept {
  return std::max(1.0, static_cast<double>(bars) / (50 * std::log(std::max(3.0, static_cast<double>(trials)))));
}

Result<SuperiorAbility> superior_ability(Trials trials, const Benchmarks& benchmarks, const SuperiorAbilityOptions& options,
                                         const Cancellation* cancellation) {
  TRADEWIND_TRY(check_ability(options));
  TRADEWIND_TRY(check_trials(trials));
  TRADEWIND_TRY(benchmarks.check(trials));
  SuperiorAbility out;
  const auto undefined = [&](Undefined why) {
    out.statistic = out.p_lower = out.p_consistent = out.p_upper = why;
    out.t.assign(trials.size(), why);
    out.p_adjusted.assign(trials.size(), why);
    return out;
  };
  if (trials.empty()) return undefined(Undefined::insufficient_trials);
  if (trials[0].size() < kFewestBars) return undefined(Undefined::insufficient_bars);
  if (trials.size() * trials[0].size() > kMostReturns) out.bars_per_step = (trials[0].size() + kMostSteps - 1) / kMostSteps;
  const std::size_t bars = trials[0].size() / out.bars_per_step;
  TRADEWIND_ASSIGN(const Differences data, prepare(trials, benchmarks, options, out.bars_per_step, out.block_length, cancellation));
  undefined(Undefined::zero_variance);
  if (data.columns() == 0) return out;

  const Ranking ranking = rank(data, bars, options.studentised);
  TRADEWIND_ASSIGN(const Exceedances reached, draw_all(data, ranking, bars, out.block_length, options, cancellation));
  out.block_length *= static_cast<double>(out.bars_per_step);
  const auto share = [&](std::int64_t count) { return Value(static_cast<double>(count) / options.replicates); };
  out.statistic = ranking.top();
  out.p_lower = share(reached.nulls[0]);
  out.p_consistent = share(reached.nulls[1]);
  out.p_upper = share(reached.nulls[2]);
  for (std::size_t k = 0; k < data.columns(); ++k)
    out.t[data.trial[k]] = data.mean[k] * std::sqrt(static_cast<double>(bars)) / data.deviation[k];
  step_down(reached, data, ranking.order, options, out);
  return out;
}

}  // namespace tradewind::metrics
