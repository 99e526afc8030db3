// SPDX-License-Identifier: Apache-2.0
// The recursions behind indicators. The rows of a sweep and the signals of a stream are made by these alone, so that they agree to the
// last bit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tradewind::strategies {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// The mean of a window of ticks whose sum is given modulo 2^64: one rounding of the exact quotient, so that an average equals a price, or
/// another average, when the two are equal, in any unit. `per_unit` is window · ticks per unit of price.
inline double exact_mean(std::uint64_t window_sum, double per_unit) noexcept {
  return static_cast<double>(static_cast<std::int64_t>(window_sum)) / per_unit;
}
inline double exact_momentum(std::int64_t now, std::int64_t before) noexcept {
  return static_cast<double>(now - before) / static_cast<double>(before);
}

/// The recursion of an exponential average over any input, undefined until `window` inputs have come.
class EmaState {
 public:
  explicit EmaState(int window) : window_(window), alpha_(2.0 / (window + 1)) {}
  double next(double input) {
    if (count_ < window_) {
      if (count_ == 0) first_ = input;
      sum_ += input - first_;  // around the first input: the average of equal inputs is that input
      if (++count_ < window_) return kUndefined;
      value_ = first_ + sum_ / window_;
      return value_;
    }
    const double gap = input - value_;
    // What is left of a distance after long standstill is rounding, whose sign means nothing.
    if (std::fabs(gap) <= kNothing * std::fabs(input)) return value_ = input;
    value_ += alpha_ * gap;
    return value_;
  }
  /// Shows a StateArchive what changes from input to input.
  template <class Archive>
  void each(Archive& archive) {
    archive.number(count_);
    if (archive.format() > 1) archive.number(first_);
    archive.number(sum_);
    archive.number(value_);
  }

 private:
  static constexpr double kNothing = 1e-13;

  int window_;
  double alpha_;
  double first_ = 0;
  int count_ = 0;
  double sum_ = 0;
  double value_ = 0;
};

/// The macd line, or its signal line when `signal` > 0.
class MacdState {
 public:
  MacdState(int fast, int slow, int signal) : fast_(fast), slow_(slow), signal_(std::max(signal, 1)), is_signal_(signal > 0) {}
  double next(double close) {
    const double line = fast_.next(close) - slow_.next(close);
    if (!is_signal_) return line;
    return std::isnan(line) ? kUndefined : signal_.next(line);
  }
  template <class Archive>
  void each(Archive& archive) {
    fast_.each(archive);
    slow_.each(archive);
    signal_.each(archive);
  }

 private:
  EmaState fast_;
  EmaState slow_;
  EmaState signal_;
  bool is_signal_;
};

/// Wilder's averages of gains and losses, both times the window: of changes in ticks the first ones are exact.
class RsiState {
 public:
  explicit RsiState(int window) : window_(window) {}
  /// Bar 0, which has no change.
  double first() {
    begun_ = true;
    return kUndefined;
  }
  double next(double change) {
    const double gain = std::max(change, 0.0);
    const double loss = std::max(-change, 0.0);
    if (count_ < window_) {
      gain_ += gain;
      loss_ += loss;
      if (++count_ < window_) return kUndefined;
    } else {
      gain_ += gain - gain_ / window_;
      loss_ += loss - loss_ / window_;
    }
    if (gain_ + loss_ == 0) return 50;
    return 100 * gain_ / (gain_ + loss_);
  }
  bool begun() const noexcept { return begun_; }
  /// Changes come in another unit from now on.
  void rescale(double factor) {
    gain_ *= factor;
    loss_ *= factor;
  }
  template <class Archive>
  void each(Archive& archive, double& previous) {
    archive.number(begun_);
    archive.number(previous);
    archive.number(count_);
    archive.number(gain_);
    archive.number(loss_);
    if (archive.format() == 1) rescale(window_);  // averages, not yet times the window
  }

 private:
  int window_;
  bool begun_ = false;
  int count_ = 0;
  double gain_ = 0;
  double loss_ = 0;
};

/// Sums of a window of ticks and of their squares, exact: z is 0, or a whole or simple fraction of deviations, exactly when it is.
/// Ticks stay below 2^45 and windows below 2^17, so that n · Σx² fits 124 bits.
class ExactZscoreState {
 public:
  explicit ExactZscoreState(std::size_t window) : window_(window) {}
  /// `ticks(ago)` as close(ago) of ZscoreState.
  template <class Ticks>
  double next(std::size_t bar, Ticks&& ticks) {
    add(ticks(0), 1);
    if (bar >= window_) add(ticks(window_), -1);
    if (bar + 1 < window_) return kUndefined;
    const auto n = static_cast<Wide>(window_);
    const auto spread = static_cast<Signed>(n * squares_ - sum_ * sum_);
    if (spread <= 0) return kUndefined;
    const auto gap = static_cast<Signed>(n * widened(ticks(0)) - sum_);
    return static_cast<double>(gap) / std::sqrt(static_cast<double>(spread));
  }
  /// Ticks are `factor` times as many from now on.
  void rescale(double factor) {
    const auto by = static_cast<Wide>(static_cast<std::uint64_t>(factor));
    sum_ *= by;
    squares_ *= by * by;
  }
  template <class Archive>
  void each(Archive& archive) {
    for (Wide* one : {&sum_, &squares_}) {
      auto low = static_cast<std::uint64_t>(*one);
      auto high = static_cast<std::uint64_t>(*one >> 64);
      archive.number(low);
      archive.number(high);
      *one = static_cast<Wide>(high) << 64 | low;
    }
  }

 private:
  __extension__ using Wide = unsigned __int128;  // modulo 2^128, so that not even a damaged memory overflows
  __extension__ using Signed = __int128;

  static Wide widened(std::int64_t ticks) { return static_cast<Wide>(static_cast<Signed>(ticks)); }
  void add(std::int64_t ticks, int sign) {
    const Wide x = widened(ticks);
    sum_ += sign > 0 ? x : -x;
    squares_ += sign > 0 ? x * x : -(x * x);
  }

  std::size_t window_;
  Wide sum_ = 0;
  Wide squares_ = 0;
};

/// Sums of a window around a reference price. Every kRefresh bars they are made anew around the current price, so that rounding cannot
/// build up and the value of a bar depends on its own window and its number only: O(1 + window/kRefresh) a bar.
class ZscoreState {
 public:
  explicit ZscoreState(std::size_t window) : window_(window) {}
  /// `close(ago)` gives the close `ago` ≤ window bars ago, 0 the current one; bars are numbered from 0. `anew`: the bar before was not
  /// seen.
  template <class Close>
  double next(std::size_t bar, bool anew, Close&& close) {
    if (bar + 1 < window_) return kUndefined;
    if (anew || bar + 1 == window_ || bar % kRefresh == 0) {
      refresh(close);
    } else {
      const double in = close(0) - reference_;
      const double out = close(window_) - reference_;
      sum_ += in - out;
      squares_ += in * in - out * out;
    }
    // Below this the sums may be what rounding has left of larger deviations: made anew around this bar's price, they are 0 exactly in a
    // window of equal prices.
    if (!(variance() > 1e-14 * close(0) * close(0))) refresh(close);
    const double variance = this->variance();
    if (!(variance > 0)) return kUndefined;
    return (close(0) - reference_ - sum_ / static_cast<double>(window_)) / std::sqrt(variance);
  }
  template <class Archive>
  void each(Archive& archive) {
    archive.number(reference_);
    archive.number(sum_);
    archive.number(squares_);
  }

 private:
  static constexpr std::size_t kRefresh = 256;

  double variance() const {
    const auto n = static_cast<double>(window_);
    return squares_ / n - (sum_ / n) * (sum_ / n);
  }

  template <class Close>
  void refresh(Close&& close) {
    reference_ = close(0);
    sum_ = 0;
    squares_ = 0;
    for (std::size_t ago = window_; ago-- > 0;) {
      const double deviation = close(ago) - reference_;
      sum_ += deviation;
      squares_ += deviation * deviation;
    }
  }
  std::size_t window_;
  double reference_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

}  // namespace tradewind::strategies
