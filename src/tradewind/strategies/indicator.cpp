// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/indicator.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "tradewind/base/result.hpp"
#include "tradewind/strategies/indicator_states_internal.hpp"
#include "tradewind/strategies/price_scale.hpp"

namespace tradewind::strategies {
namespace {

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
    const double per_unit = divisor * history_.factor();
    const bool are_whole = !history_.whole_sums().empty();
    const double* whole = history_.whole_sums().data();
    const std::uint64_t* ticks = history_.tick_sums().data();
    const auto in_ticks = [&](std::size_t bar) {
      return are_whole ? static_cast<std::uint64_t>(static_cast<std::int64_t>(whole[bar + 1] - whole[bar + 1 - window_]))
                       : ticks[bar + 1] - ticks[bar + 1 - window_];
    };
    for (; i < out.size() && begin + i < std::min(history_.settled_from(), history_.exact_bars()); ++i) {
      const std::int64_t coarse = history_.ticks_per_known_tick(begin + i);
      const auto sum = static_cast<std::int64_t>(in_ticks(begin + i)) / coarse;
      out[i] = exact_mean(static_cast<std::uint64_t>(sum), per_unit / static_cast<double>(coarse));
    }
    const std::size_t exact = std::min(out.size(), history_.exact_bars() - std::min(begin, history_.exact_bars()));
    for (; are_whole && i < exact; ++i)  // the same values as below, at the speed of any others
      out[i] = (whole[begin + i + 1] - whole[begin + i + 1 - window_]) / per_unit;
    for (; i < exact; ++i) out[i] = exact_mean(in_ticks(begin + i), per_unit);
    for (; i < out.size(); ++i) out[i] = (sums[begin + i + 1] - sums[begin + i + 1 - window_]) / divisor;
  }

 private:
  const PriceHistory& history_;
  std::size_t window_;
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

class Macd final : public Indicator {
 public:
  Macd(const PriceHistory& history, int fast, int slow, int signal) : history_(history), state_(fast, slow, signal) {}
  void next(std::size_t begin, std::span<double> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = state_.next(history_.close()[begin + i]);
  }

 private:
  const PriceHistory& history_;
  MacdState state_;
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

/// Tells a state that counts in ticks when they become finer.
class NextRefinement {
 public:
  template <class State>
  void at(std::size_t bar, const PriceHistory& history, State& state) {
    const auto& all = history.refinements();
    if (next_ < all.size() && all[next_].bar == bar) state.rescale(static_cast<double>(all[next_++].finer));
  }

 private:
  std::size_t next_ = 0;
};

class Rsi final : public Indicator {
 public:
  Rsi(const PriceHistory& history, int window) : history_(history), state_(window) {}
  void next(std::size_t begin, std::span<double> out) override {
    const auto& close = history_.close();
    const auto& ticks = history_.ticks();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t bar = begin + i;
      if (bar == history_.exact_bars()) state_.rescale(1 / history_.factor());
      refinement_.at(bar, history_, state_);
      if (bar == 0)
        out[i] = state_.first();
      else if (bar >= ticks.size())
        out[i] = state_.next(close[bar] - close[bar - 1]);
      else if (bar >= history_.settled_from())
        out[i] = state_.next(static_cast<double>(ticks[bar] - ticks[bar - 1]));
      else
        out[i] = state_.next(static_cast<double>((ticks[bar] - ticks[bar - 1]) / history_.ticks_per_known_tick(bar)));
    }
  }

 private:
  const PriceHistory& history_;
  NextRefinement refinement_;
  RsiState state_;
};

class Zscore final : public Indicator {
 public:
  Zscore(const PriceHistory& history, int window)
      : history_(history), exact_(static_cast<std::size_t>(window)), state_(static_cast<std::size_t>(window)) {}
  void next(std::size_t begin, std::span<double> out) override {
    const auto& close = history_.close();
    const auto& ticks = history_.ticks();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t bar = begin + i;
      refinement_.at(bar, history_, exact_);
      if (bar < std::min(history_.settled_from(), ticks.size()))
        out[i] = exact_.next(bar, [&](std::size_t ago) { return ticks[bar - ago] / history_.ticks_per_known_tick(bar); });
      else if (bar < ticks.size())
        out[i] = exact_.next(bar, [&](std::size_t ago) { return ticks[bar - ago]; });
      else
        out[i] = state_.next(bar, bar == ticks.size(), [&](std::size_t ago) { return close[bar - ago]; });
    }
  }

 private:
  const PriceHistory& history_;
  NextRefinement refinement_;
  ExactZscoreState exact_;
  ZscoreState state_;
};

class Momentum final : public Indicator {
 public:
  Momentum(const PriceHistory& history, int window) : history_(history), window_(static_cast<std::size_t>(window)) {}
  void next(std::size_t begin, std::span<double> out) override {
    const auto& close = history_.close();
    const auto& ticks = history_.ticks();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t bar = begin + i;
      if (bar < window_)
        out[i] = kUndefined;
      else if (bar < ticks.size())
        out[i] = exact_momentum(ticks[bar], ticks[bar - window_]);
      else
        out[i] = close[bar] / close[bar - window_] - 1;
    }
  }

 private:
  const PriceHistory& history_;
  std::size_t window_;
};

}  // namespace

PriceHistory::PriceHistory(const market::Bars& bars) : bars_(&bars), close_sums_(bars.size() + 1, 0.0) {
  for (std::size_t i = 0; i < bars.size(); ++i) close_sums_[i + 1] = close_sums_[i] + bars.close[i];
  PriceScale scale;
  std::size_t exact = 0;
  for (; exact < bars.size(); ++exact) {
    scale.take(bars.close[exact]);
    if (!scale.exact()) break;
    if (scale.grown() != 1) refinements_.push_back({exact, static_cast<std::int64_t>(scale.grown())});
  }
  factor_ = scale.factor();
  ticks_.resize(exact);
  whole_sums_.assign(exact + 1, 0.0);
  double size = 0;
  for (std::size_t i = 0; i < exact; ++i) {
    ticks_[i] = scale.ticks(bars.close[i]);
    whole_sums_[i + 1] = whole_sums_[i] + static_cast<double>(ticks_[i]);
    size += std::fabs(static_cast<double>(ticks_[i]));
  }
  if (size <= 0x1p53) return;
  whole_sums_.clear();
  tick_sums_.assign(exact + 1, 0);
  for (std::size_t i = 0; i < exact; ++i) tick_sums_[i + 1] = tick_sums_[i] + static_cast<std::uint64_t>(ticks_[i]);
}

std::int64_t PriceHistory::ticks_per_known_tick(std::size_t bar) const noexcept {
  std::int64_t result = 1;
  for (auto one = refinements_.rbegin(); one != refinements_.rend() && one->bar > bar; ++one) result *= one->finer;
  return result;
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
