// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/indicator.hpp"

#include <cmath>
#include <deque>
#include <limits>

#include "tradewind/base/result.hpp"

namespace tradewind::strategies {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

class Close final : public Indicator {
 public:
  explicit Close(const PriceHistory& history) : history_(history) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = history_.close()[begin + i];
  }

 private:
  const PriceHistory& history_;
};

class Sma final : public Indicator {
 public:
  Sma(const PriceHistory& history, int window) : history_(history), window_(static_cast<std::size_t>(window)) {}
  void next(std::size_t begin, std::span<double> out) override {
    const double* sums = history_.close_sums().data();
    const auto divisor = static_cast<double>(window_);
    std::size_t i = 0;
    for (; i < out.size() && begin + i + 1 < window_; ++i) out[i] = kUndefined;
    for (; i < out.size(); ++i) out[i] = (sums[begin + i + 1] - sums[begin + i + 1 - window_]) / divisor;
  }

 private:
  const PriceHistory& history_;
  std::size_t window_;
};

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

 private:
  int window_;
  double alpha_;
  int count_ = 0;
  double sum_ = 0;
  double value_ = 0;
};

class Ema final : public Indicator {
 public:
  Ema(const PriceHistory& history, int window) : history_(history), state_(window) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = state_.next(history_.close()[begin + i]);
  }

 private:
  const PriceHistory& history_;
  EmaState state_;
};

/// The macd line, or its signal line when `signal` > 0.
class Macd final : public Indicator {
 public:
  Macd(const PriceHistory& history, int fast, int slow, int signal)
      : history_(history), fast_(fast), slow_(slow), signal_(std::max(signal, 1)), is_signal_(signal > 0) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double close = history_.close()[begin + i];
      const double line = fast_.next(close) - slow_.next(close);
      out[i] = !is_signal_ ? line : std::isnan(line) ? kUndefined : signal_.next(line);
    }
  }

 private:
  const PriceHistory& history_;
  EmaState fast_;
  EmaState slow_;
  EmaState signal_;
  bool is_signal_;
};

/// Highest or lowest of the `window` values before the current bar, by a monotonic queue: O(1) amortised.
class Extreme final : public Indicator {
 public:
  Extreme(const std::vector<double>& values, int window, bool highest)
      : values_(values), window_(static_cast<std::size_t>(window)), highest_(highest) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t bar = begin + i;
      if (!queue_.empty() && queue_.front() + window_ < bar) queue_.pop_front();
      out[i] = bar >= window_ ? values_[queue_.front()] : kUndefined;
      while (!queue_.empty() && !beyond(values_[queue_.back()], values_[bar])) queue_.pop_back();
      queue_.push_back(bar);
    }
  }

 private:
  bool beyond(double held, double fresh) const { return highest_ ? held > fresh : held < fresh; }
  const std::vector<double>& values_;
  std::size_t window_;
  bool highest_;
  std::deque<std::size_t> queue_;
};

class Rsi final : public Indicator {
 public:
  Rsi(const PriceHistory& history, int window) : history_(history), window_(window) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = step(begin + i);
  }

 private:
  double step(std::size_t bar) {
    if (bar == 0) return kUndefined;
    const double change = history_.close()[bar] - history_.close()[bar - 1];
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
  const PriceHistory& history_;
  int window_;
  int count_ = 0;
  double gain_ = 0;
  double loss_ = 0;
};

class Zscore final : public Indicator {
 public:
  Zscore(const PriceHistory& history, int window) : history_(history), window_(static_cast<std::size_t>(window)) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = step(begin + i);
  }

 private:
  /// Every kRefresh bars the sums are made anew around the current price, so that rounding cannot build up and the value of a bar
  /// depends on its own window and its number only.
  static constexpr std::size_t kRefresh = 256;

  double step(std::size_t bar) {
    const auto& close = history_.close();
    if (bar + 1 < window_) return kUndefined;
    if (bar + 1 == window_ || bar % kRefresh == 0) {
      refresh(bar);
    } else {
      const double in = close[bar] - reference_;
      const double out = close[bar - window_] - reference_;
      sum_ += in - out;
      squares_ += in * in - out * out;
    }
    const auto n = static_cast<double>(window_);
    const double mean = sum_ / n;
    const double variance = squares_ / n - mean * mean;
    // Below this a window of equal prices differs from zero by rounding only.
    if (!(variance > 1e-14 * close[bar] * close[bar])) return kUndefined;
    return (close[bar] - reference_ - mean) / std::sqrt(variance);
  }
  void refresh(std::size_t bar) {
    const auto& close = history_.close();
    reference_ = close[bar];
    sum_ = 0;
    squares_ = 0;
    for (std::size_t i = bar + 1 - window_; i <= bar; ++i) {
      const double deviation = close[i] - reference_;
      sum_ += deviation;
      squares_ += deviation * deviation;
    }
  }
  const PriceHistory& history_;
  std::size_t window_;
  double reference_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

class Momentum final : public Indicator {
 public:
  Momentum(const PriceHistory& history, int window) : history_(history), window_(static_cast<std::size_t>(window)) {}
  void next(std::size_t begin, std::span<double> out) override {
    const auto& close = history_.close();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t bar = begin + i;
      out[i] = bar >= window_ ? close[bar] / close[bar - window_] - 1 : kUndefined;
    }
  }

 private:
  const PriceHistory& history_;
  std::size_t window_;
};

}  // namespace

PriceHistory::PriceHistory(const market::Bars& bars) : bars_(&bars), close_sums_(bars.size() + 1, 0.0) {
  for (std::size_t i = 0; i < bars.size(); ++i) close_sums_[i + 1] = close_sums_[i] + bars.close[i];
}

std::unique_ptr<Indicator> make_indicator(const IndicatorKey& key, const PriceHistory& history) {
  const auto& w = key.windows;
  using Kind = IndicatorKey::Kind;
  switch (key.kind) {
    case Kind::close: return std::make_unique<Close>(history);
    case Kind::sma: return std::make_unique<Sma>(history, w[0]);
    case Kind::ema: return std::make_unique<Ema>(history, w[0]);
    case Kind::macd: return std::make_unique<Macd>(history, w[0], w[1], 0);
    case Kind::macd_signal: return std::make_unique<Macd>(history, w[0], w[1], w[2]);
    case Kind::highest: return std::make_unique<Extreme>(history.high(), w[0], true);
    case Kind::lowest: return std::make_unique<Extreme>(history.low(), w[0], false);
    case Kind::rsi: return std::make_unique<Rsi>(history, w[0]);
    case Kind::zscore: return std::make_unique<Zscore>(history, w[0]);
    case Kind::momentum: return std::make_unique<Momentum>(history, w[0]);
  }
  TRADEWIND_ASSERT(false, "every kind of indicator has an implementation");
  return nullptr;
}

}  // namespace tradewind::strategies
