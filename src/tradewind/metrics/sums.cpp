// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

/// One block's part of FirstPass, two bars at a time on each of the two halves.
struct BlockSums {
  explicit BlockSums(double target_) noexcept : target{target_, target_} {}

  Pair target;
  LaneSum sum, gains, losses, downside;
  Pair smallest{INFINITY, INFINITY};
  Pair largest{-INFINITY, -INFINITY};
  PairMask wins{}, losers{}, below{};

  void half(Pair r, Pair& sum_, Pair& gains_, Pair& losses_, Pair& downside_) noexcept {
    constexpr Pair kZero{};
    const PairMask up = r > kZero;
    const PairMask down = r < kZero;
    const Pair shortfall = r - target;
    const PairMask under = shortfall < kZero;
    sum_ += r;
    gains_ += up ? r : kZero;
    losses_ += down ? r : kZero;
    downside_ += under ? shortfall * shortfall : kZero;
    smallest = r < smallest ? r : smallest;
    largest = r > largest ? r : largest;
    wins -= up;
    losers -= down;
    below -= under;
  }

  void four(const double* r) noexcept {
    half(load_pair(r), sum.low, gains.low, losses.low, downside.low);
    half(load_pair(r + 2), sum.high, gains.high, losses.high, downside.high);
  }
};

void follow_equity(const double* r, std::size_t count, double& equity, double& peak, double& worst) noexcept {
  double e = equity;
  double p = peak;
  double w = worst;
  for (std::size_t i = 0; i < count; ++i) {
    e *= 1 + r[i];
    p = e > p ? e : p;
    const double ratio = e / p;
    w = ratio < w ? ratio : w;
  }
  equity = e;
  peak = p;
  worst = w;
}

}  // namespace

FirstPass first_pass(std::span<const double> returns, double target) noexcept {
  FirstPass result;
  result.smallest = INFINITY;
  result.largest = -INFINITY;
  CompensatedSum sum, gains, losses, downside;
  double peak = 1;
  for (std::size_t start = 0; start < returns.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, returns.size() - start);
    const double* r = returns.data() + start;
    BlockSums block(target);
    const std::size_t whole = count - count % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) block.four(r + i);
    double rest_sum = 0, rest_gains = 0, rest_losses = 0, rest_downside = 0;
    for (std::size_t i = whole; i < count; ++i) {
      const double shortfall = r[i] - target;
      rest_sum += r[i];
      if (r[i] > 0) rest_gains += r[i], ++result.wins;
      if (r[i] < 0) rest_losses += r[i], ++result.losers;
      if (shortfall < 0) rest_downside += shortfall * shortfall, ++result.below;
      result.smallest = std::min(result.smallest, r[i]);
      result.largest = std::max(result.largest, r[i]);
    }
    sum.add(block.sum.total() + rest_sum);
    gains.add(block.gains.total() + rest_gains);
    losses.add(block.losses.total() + rest_losses);
    downside.add(block.downside.total() + rest_downside);
    result.wins += block.wins[0] + block.wins[1];
    result.losers += block.losers[0] + block.losers[1];
    result.below += block.below[0] + block.below[1];
    result.smallest = std::min({result.smallest, block.smallest[0], block.smallest[1]});
    result.largest = std::max({result.largest, block.largest[0], block.largest[1]});
    follow_equity(r, count, result.equity, peak, result.worst_ratio);
  }
  result.sum = std::isfinite(sum.plain()) ? sum.value() : sum.plain();
  result.gains = gains.value();
  result.losses = losses.value();
  result.downside = downside.value();
  return result;
}

double squared_deviations(std::span<const double> returns, double mean) noexcept {
  CompensatedSum squares, deviations;
  for (std::size_t start = 0; start < returns.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, returns.size() - start);
    const double* r = returns.data() + start;
    const Pair center{mean, mean};
    LaneSum square, deviation;
    const std::size_t whole = count - count % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      const Pair low = load_pair(r + i) - center;
      const Pair high = load_pair(r + i + 2) - center;
      square.low += low * low;
      square.high += high * high;
      deviation.low += low;
      deviation.high += high;
    }
    double rest_square = 0, rest_deviation = 0;
    for (std::size_t i = whole; i < count; ++i) {
      const double d = r[i] - mean;
      rest_square += d * d;
      rest_deviation += d;
    }
    squares.add(square.total() + rest_square);
    deviations.add(deviation.total() + rest_deviation);
  }
  const double n = static_cast<double>(returns.size());
  return n == 0 ? 0 : std::max(0.0, squares.value() - deviations.value() * deviations.value() / n);
}

MeanDeviation mean_deviation(std::span<const double> values) noexcept {
  MeanDeviation result;
  if (values.empty()) return result;
  CompensatedSum sum;
  for (std::size_t start = 0; start < values.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, values.size() - start);
    const double* v = values.data() + start;
    LaneSum lanes;
    const std::size_t whole = count - count % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      lanes.low += load_pair(v + i);
      lanes.high += load_pair(v + i + 2);
    }
    double rest = 0;
    for (std::size_t i = whole; i < count; ++i) rest += v[i];
    sum.add(lanes.total() + rest);
  }
  const double n = static_cast<double>(values.size());
  result.mean = sum.value() / n;
  if (values.size() >= 2) result.deviation = std::sqrt(squared_deviations(values, result.mean) / (n - 1));
  return result;
}

}  // namespace tradewind::metrics
