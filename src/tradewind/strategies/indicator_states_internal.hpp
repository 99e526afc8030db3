// SPDX-License-Identifier: Apache-2.0
// The recursions behind indicators. The rows of a sweep and the signals of a stream are made by these alone, so that they agree to the
// last bit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace tradewind::strategies {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// The recursion of an exponential average over any input, undefined until `window` inputs have come.
class EmaState {
 public:
  explicit EmaState(int window) : window_(window), alpha_(2.0 / (window + 1)) {}
  double next(double input) {
    if (count_ < window_) {
      sum_ += input;
      if (++count_ < window_) return kUndefined;
      value_ = sum_ / window_;
      return value_;
    }
    value_ += alpha_ * (input - value_);
    return value_;
  }
  /// Shows a StateArchive what changes from input to input.
  template <class Archive>
  void each(Archive& archive) {
    archive.number(count_);
    archive.number(sum_);
    archive.number(value_);
  }

 private:
  int window_;
  double alpha_;
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

/// Wilder's averages of gains and losses.
class RsiState {
 public:
  explicit RsiState(int window) : window_(window) {}
  double next(double close) {
    const double change = close - previous_;
    previous_ = close;
    if (!begun_) {
      begun_ = true;
      return kUndefined;
    }
    const double gain = std::max(change, 0.0);
    const double loss = std::max(-change, 0.0);
    if (count_ < window_) {
      gain_ += gain / window_;
      loss_ += loss / window_;
      if (++count_ < window_) return kUndefined;
    } else {
      gain_ += (gain - gain_) / window_;
      loss_ += (loss - loss_) / window_;
    }
    if (gain_ + loss_ == 0) return 50;
    return 100 * gain_ / (gain_ + loss_);
  }
  template <class Archive>
  void each(Archive& archive) {
    archive.number(begun_);
    archive.number(previous_);
    archive.number(count_);
    archive.number(gain_);
    archive.number(loss_);
  }

 private:
  int window_;
  bool begun_ = false;
  double previous_ = 0;
  int count_ = 0;
  double gain_ = 0;
  double loss_ = 0;
};

/// Sums of a window around a reference price. Every kRefresh bars they are made anew around the current price, so that rounding cannot
/// build up and the value of a bar depends on its own window and its number only: O(1 + window/kRefresh) a bar.
class ZscoreState {
 public:
  explicit ZscoreState(std::size_t window) : window_(window) {}
  /// `close(ago)` gives the close `ago` ≤ window bars ago, 0 the current one; bars are numbered from 0.
  template <class Close>
  double next(std::size_t bar, Close&& close) {
    if (bar + 1 < window_) return kUndefined;
    if (bar + 1 == window_ || bar % kRefresh == 0) {
      refresh(close);
    } else {
      const double in = close(0) - reference_;
      const double out = close(window_) - reference_;
      sum_ += in - out;
      squares_ += in * in - out * out;
    }
    const auto n = static_cast<double>(window_);
    const double mean = sum_ / n;
    const double variance = squares_ / n - mean * mean;
    // Below this a window of equal prices differs from zero by rounding only.
    if (!(variance > 1e-14 * close(0) * close(0))) return kUndefined;
    return (close(0) - reference_ - mean) / std::sqrt(variance);
  }
  template <class Archive>
  void each(Archive& archive) {
    archive.number(reference_);
    archive.number(sum_);
    archive.number(squares_);
  }

 private:
  static constexpr std::size_t kRefresh = 256;

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
