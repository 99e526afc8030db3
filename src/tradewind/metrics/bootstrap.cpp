// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/bootstrap.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/distribution.hpp"
#include "tradewind/metrics/resampling_internal.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::size_t kChunk = 50;
constexpr std::int64_t kSmallSample = 30;
constexpr std::size_t kFigures = 6;
constexpr double kRounding = 1e-12;  ///< of a sum of squares: what is left of it below that is no variance
constexpr std::uint64_t kStreamsPerSeries = std::uint64_t{1} << 32;

/// One replicate of the series.
void resample(std::span<const double> returns, double mean_length, Random& random, std::vector<double>& out) {
  auto to = out.begin();
  stationary_blocks(returns.size(), mean_length, random, [&](std::size_t from, std::size_t length) {
    to = std::copy_n(returns.begin() + static_cast<std::ptrdiff_t>(from), length, to);
  });
}

/// mean, volatility, Sharpe, Sortino, annualised return, maximum drawdown of one replicate; NaN where undefined.
std::array<double, kFigures> figures(std::span<const double> returns, const ReturnOptions& options) {
  const auto metrics = calculate_metrics(returns, options);
  if (!metrics) return {std::nan(""), std::nan(""), std::nan(""), std::nan(""), std::nan(""), std::nan("")};
  double sum = 0;
  for (const double r : returns) sum += r;
  const PerformanceMetrics& m = *metrics;
  return {sum / static_cast<double>(returns.size()),
          m[Metric::volatility],
          m[Metric::sharpe_ratio],
          m[Metric::sortino_ratio],
          m[Metric::annualized_return],
          m[Metric::max_drawdown]};
}

Status check(const BootstrapOptions& bootstrap) {
  if (bootstrap.replicates < 100)
    return Error(Errc::usage, fmt::format("a bootstrap needs at least 100 replicates, not {}", bootstrap.replicates), "replicates");
  if (!(bootstrap.confidence > 0 && bootstrap.confidence < 1))
    return Error(Errc::usage, "the confidence must lie between 0 and 1", "confidence");
  if (bootstrap.block_length != 0 && !(bootstrap.block_length >= 1))
    return Error(Errc::usage, "the mean block length must be at least 1 bar, or 0 to choose it", "block_length");
  return {};
}

}  // namespace

Interval percentile_interval(std::vector<double>& sample, double confidence, Undefined otherwise) {
  Interval interval;
  const std::size_t drawn = sample.size();
  std::erase_if(sample, [](double value) { return std::isnan(value); });
  interval.left_out = static_cast<std::int64_t>(drawn - sample.size());
  if (sample.size() < 2 || 2 * sample.size() < drawn) {
    interval.why = otherwise;
    return interval;
  }
  interval.low = quantile(sample, (1 - confidence) / 2);
  interval.high = quantile(sample, (1 + confidence) / 2);
  interval.why = Undefined::defined;
  return interval;
}

double optimal_block_length(std::span<const double> values) {
  const std::size_t n = values.size();
  if (n < 4) return 1;
  const double count = static_cast<double>(n);
  const double mean = mean_deviation(values).mean;
  const auto quiet_lags = std::max<std::size_t>(5, static_cast<std::size_t>(std::log10(count)));
  const std::size_t max_lag = std::min(n - 2, static_cast<std::size_t>(std::ceil(std::sqrt(count))) + quiet_lags);
  const double critical = 2 * std::sqrt(std::log10(count) / count);
  double total = 0;
  for (const double v : values) total += (v - mean) * (v - mean);
  if (total == 0) return 1;
  std::vector<double> covariance{total / count};
  double head = total;  // Σ of squares without the last `lag + 1`, and without the first `lag + 1`
  double tail = total;
  std::size_t quiet = 0;
  std::size_t last_lag = max_lag;
  bool settled = false;
  for (std::size_t lag = 0; lag <= last_lag && lag <= max_lag; ++lag) {
    if (lag > 0) {
      double cross = 0;
      for (std::size_t t = lag; t < n; ++t) cross += (values[t] - mean) * (values[t - lag] - mean);
      covariance.push_back(cross / count);
    }
    head -= (values[n - 1 - lag] - mean) * (values[n - 1 - lag] - mean);
    tail -= (values[lag] - mean) * (values[lag] - mean);
    const double correlation = std::fabs(covariance[lag]) * count / std::sqrt(std::max(head, 0.0) * std::max(tail, 0.0));
    if (settled) continue;
    quiet = correlation < critical ? quiet + 1 : 0;
    if (quiet == quiet_lags && lag + 1 <= max_lag) {  // these correlations and, by assumption, all later ones are noise
      settled = true;
      last_lag = std::min(max_lag, 2 * std::max<std::size_t>(lag + 1 - quiet_lags, 1));
    }
  }
  const std::size_t bandwidth = std::min(last_lag, covariance.size() - 1);
  double slope = 0;
  double long_run = covariance[0];
  for (std::size_t k = 1; k <= bandwidth; ++k) {
    const double ratio = static_cast<double>(k) / static_cast<double>(bandwidth);
    const double weight = ratio <= 0.5 ? 1 : 2 * (1 - ratio);
    slope += 2 * weight * static_cast<double>(k) * covariance[k];
    long_run += 2 * weight * covariance[k];
  }
  const double longest = std::ceil(std::min(3 * std::sqrt(count), count / 3));
  const double length = std::cbrt(2 * slope * slope / (2 * long_run * long_run)) * std::cbrt(count);
  return std::isfinite(length) ? std::clamp(length, 1.0, longest) : longest;
}

Result<BootstrapIntervals> bootstrap_intervals(std::span<const double> returns, const ReturnOptions& options,
                                               const BootstrapOptions& bootstrap) {
  TRADEWIND_TRY(check(bootstrap));
  TRADEWIND_ASSIGN(const PerformanceMetrics whole, calculate_metrics(returns, options));
  BootstrapIntervals out;
  const std::array<Interval*, kFigures> targets = {&out.mean,          &out.volatility,        &out.sharpe_ratio,
                                                   &out.sortino_ratio, &out.annualized_return, &out.max_drawdown};
  if (returns.size() < 2) {
    for (Interval* interval : targets) interval->why = returns.empty() ? Undefined::empty : Undefined::too_few;
    return out;
  }
  out.block_length = bootstrap.block_length > 0 ? bootstrap.block_length : optimal_block_length(returns);
  const auto replicates = static_cast<std::size_t>(bootstrap.replicates);
  std::array<std::vector<double>, kFigures> samples;
  for (auto& sample : samples) sample.resize(replicates);
  TRADEWIND_TRY(parallel_for((replicates + kChunk - 1) / kChunk, bootstrap.threads, [&](std::size_t chunk) -> Status {
    std::vector<double> path(returns.size());
    for (std::size_t i = chunk * kChunk; i < std::min(replicates, (chunk + 1) * kChunk); ++i) {
      Random random(bootstrap.seed, i);
      resample(returns, out.block_length, random, path);
      const auto drawn = figures(path, options);
      for (std::size_t f = 0; f < kFigures; ++f) samples[f][i] = drawn[f];
    }
    return {};
  }));
  const std::array<Undefined, kFigures> reasons = {Undefined::too_few,     Undefined::too_few,      Undefined::zero_variance,
                                                   Undefined::no_downside, Undefined::short_sample, Undefined::too_few};
  for (std::size_t f = 0; f < kFigures; ++f) {
    *targets[f] = percentile_interval(samples[f], bootstrap.confidence, reasons[f]);
    targets[f]->small_sample = whole.bars < kSmallSample;
  }
  return out;
}

Result<Interval> sharpe_interval(std::span<const double> returns, const BootstrapOptions& bootstrap) {
  TRADEWIND_TRY(check(bootstrap));
  Interval interval;
  const std::size_t n = returns.size();
  interval.why = n == 0 ? Undefined::empty : Undefined::too_few;
  if (n < 2) return interval;
  const double center = mean_deviation(returns).mean;
  std::vector<double> sums(n + 1), squares(n + 1);  // around the mean, up to each bar: a piece of any length costs two differences
  for (std::size_t t = 0; t < n; ++t) {
    const double gap = returns[t] - center;
    sums[t + 1] = sums[t] + gap;
    squares[t + 1] = squares[t] + gap * gap;
  }
  const double length = bootstrap.block_length > 0 ? bootstrap.block_length : optimal_block_length(returns);
  const double count = static_cast<double>(n);
  const auto replicates = static_cast<std::size_t>(bootstrap.replicates);
  std::vector<double> sample(replicates, std::nan(""));
  TRADEWIND_TRY(parallel_for((replicates + kChunk - 1) / kChunk, bootstrap.threads, [&](std::size_t chunk) -> Status {
    for (std::size_t i = chunk * kChunk; i < std::min(replicates, (chunk + 1) * kChunk); ++i) {
      Random random(bootstrap.seed, i);
      double sum = 0, square = 0;
      stationary_blocks(n, length, random, [&](std::size_t from, std::size_t bars) {
        sum += sums[from + bars] - sums[from];
        square += squares[from + bars] - squares[from];
      });
      const double shift = sum / count;
      const double spread = square - sum * shift;
      const double deviation = std::sqrt(std::max(0.0, spread / (count - 1)));
      if (!is_zero_variance(deviation, center + shift) && spread > kRounding * squares[n]) sample[i] = (center + shift) / deviation;
    }
    return {};
  }));
  interval = percentile_interval(sample, bootstrap.confidence, Undefined::zero_variance);
  interval.small_sample = returns.size() < static_cast<std::size_t>(kSmallSample);
  return interval;
}

Interval block_sharpe_interval(std::span<const BlockMoments> blocks, double center, const ReturnOptions& options,
                               const BootstrapOptions& bootstrap, std::uint64_t stream) {
  Interval interval;
  interval.why = Undefined::insufficient_bars;
  if (blocks.size() < 2) return interval;
  std::vector<BlockMoments> joined(std::min(blocks.size(), kMaxBlocks));
  double bars = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    BlockMoments& into = joined[i * joined.size() / blocks.size()];
    into.count += blocks[i].count;
    into.sum += blocks[i].sum;
    into.squares += blocks[i].squares;
    bars += blocks[i].count;
  }
  const double root = std::sqrt(options.periods_per_year);
  const double risk_free = rate_per_bar(options.risk_free, options.periods_per_year);
  std::vector<double> sample(static_cast<std::size_t>(bootstrap.replicates), std::nan(""));
  for (std::size_t i = 0; i < sample.size(); ++i) {
    Random random(bootstrap.seed, (stream + 1) * kStreamsPerSeries + i);
    BlockMoments drawn;
    for (std::size_t k = 0; k < joined.size(); ++k) {
      const BlockMoments& block = joined[random.below(joined.size())];
      drawn.count += block.count;
      drawn.sum += block.sum;
      drawn.squares += block.squares;
    }
    if (drawn.count < 2) continue;
    const double offset = drawn.sum / drawn.count;
    const double spread = drawn.squares - drawn.sum * offset;
    const double deviation = std::sqrt(std::max(0.0, spread / (drawn.count - 1)));
    const double mean = center + offset;
    if (!is_zero_variance(deviation, mean) && spread > kRounding * drawn.squares) sample[i] = (mean - risk_free) / deviation * root;
  }
  interval = percentile_interval(sample, bootstrap.confidence, Undefined::zero_variance);
  interval.small_sample = bars < kSmallSample;
  return interval;
}

}  // namespace tradewind::metrics
