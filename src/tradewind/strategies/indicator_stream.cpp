// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <vector>

#include "tradewind/strategies/indicator_states_internal.hpp"
#include "tradewind/strategies/indicator_stream_internal.hpp"

namespace tradewind::strategies {
namespace {

using Kind = IndicatorKey::Kind;

/// The last `capacity` numbers; takes memory as they come, since most windows allowed are never filled.
template <class Number>
class LastValues {
 public:
  explicit LastValues(std::size_t capacity) : capacity_(capacity) {}
  std::size_t size() const noexcept { return values_.size(); }
  bool full() const noexcept { return size() == capacity_; }
  Number oldest() const { return values_[oldest_]; }
  /// `ago` = 0 is the last one pushed; ago < capacity once it is full.
  Number ago(std::size_t ago) const { return values_[(oldest_ + values_.size() - 1 - ago) % values_.size()]; }
  void push(Number value) {
    if (!full()) return values_.push_back(value);
    values_[oldest_] = value;
    oldest_ = (oldest_ + 1) % capacity_;
  }
  void archive(StateArchive& archive) {
    const std::size_t size = archive.size(values_.size(), capacity_);
    if (!archive.loading()) {
      for (std::size_t i = size; i-- > 0;) {
        Number value = ago(i);
        archive.number(value);
      }
      return;
    }
    values_.assign(size, 0);
    oldest_ = 0;
    for (Number& value : values_) archive.number(value);
  }
  void rescale(Number factor) {
    for (Number& value : values_) value *= factor;
  }

 private:
  std::size_t capacity_;
  std::size_t oldest_ = 0;
  std::vector<Number> values_;
};

class CloseStream final : public IndicatorStream {
 public:
  double push(const PriceBar& bar, const PriceScale&) override { return bar.close; }
  void archive(StateArchive&) override {}
};

/// The row divides the difference of two sums from bar 0 on, so those sums are what is kept: in ticks, as long as prices have them, and as
/// prices for the time after.
class SmaStream final : public IndicatorStream {
 public:
  explicit SmaStream(int window) : divisor_(window), sums_(static_cast<std::size_t>(window)), tick_sums_(static_cast<std::size_t>(window)) {
    sums_.push(0);
    tick_sums_.push(0);
  }
  double push(const PriceBar& bar, const PriceScale& scale) override {
    sum_ += bar.close;
    ++bars_;
    const bool full = bars_ >= static_cast<std::uint64_t>(divisor_);
    double value = full ? (sum_ - sums_.oldest()) / divisor_ : kUndefined;
    sums_.push(sum_);
    if (!scale.exact()) return value;
    if (scale.grown() != 1) {
      tick_sum_ *= static_cast<std::uint64_t>(scale.grown());
      tick_sums_.rescale(static_cast<std::uint64_t>(scale.grown()));
    }
    tick_sum_ += static_cast<std::uint64_t>(scale.ticks(bar.close));
    if (full) value = exact_mean(tick_sum_ - tick_sums_.oldest(), divisor_ * scale.factor());
    tick_sums_.push(tick_sum_);
    return value;
  }
  void archive(StateArchive& archive) override {
    archive.number(bars_);
    archive.number(sum_);
    sums_.archive(archive);
    // The sum before bar 0 is kept like those after it, so one bar less than the window fills them.
    const auto wanted = std::min<std::uint64_t>(bars_ + 1, static_cast<std::uint64_t>(divisor_));
    if (archive.loading() && sums_.size() != wanted) archive.fail();
    if (archive.format() == 1) return;
    archive.number(tick_sum_);
    tick_sums_.archive(archive);
    if (archive.loading() && (tick_sums_.size() == 0 || tick_sums_.size() > wanted)) archive.fail();
  }

 private:
  double divisor_;
  std::uint64_t bars_ = 0;
  double sum_ = 0;
  LastValues<double> sums_;
  std::uint64_t tick_sum_ = 0;
  LastValues<std::uint64_t> tick_sums_;
};

/// Recursions on closes that keep no window.
template <class State>
class CloseRecursion final : public IndicatorStream {
 public:
  explicit CloseRecursion(State state) : state_(state) {}
  double push(const PriceBar& bar, const PriceScale&) override { return state_.next(bar.close); }
  void archive(StateArchive& archive) override { state_.each(archive); }

 private:
  State state_;
};

class RsiStream final : public IndicatorStream {
 public:
  explicit RsiStream(int window) : state_(window) {}
  double push(const PriceBar& bar, const PriceScale& scale) override {
    if (scale.lost()) state_.rescale(1 / scale.factor());
    if (scale.grown() != 1) state_.rescale(scale.grown());
    const double change = scale.exact() ? static_cast<double>(scale.ticks(bar.close) - scale.ticks(previous_)) : bar.close - previous_;
    previous_ = bar.close;
    return state_.begun() ? state_.next(change) : state_.first();
  }
  void archive(StateArchive& archive) override { state_.each(archive, previous_); }

 private:
  RsiState state_;
  double previous_ = 0;
};

/// Extreme's monotonic queue with the values beside their bars.
class ExtremeStream final : public IndicatorStream {
 public:
  ExtremeStream(int window, bool highest) : window_(static_cast<std::uint64_t>(window)), highest_(highest) {}
  double push(const PriceBar& bar, const PriceScale&) override {
    const double fresh = highest_ ? bar.high : bar.low;
    if (!queue_.empty() && queue_.front().bar + window_ < bar_) queue_.pop_front();
    const double value = bar_ >= window_ ? queue_.front().value : kUndefined;
    while (!queue_.empty() && !(highest_ ? queue_.back().value > fresh : queue_.back().value < fresh)) queue_.pop_back();
    queue_.push_back({bar_++, fresh});
    return value;
  }
  void archive(StateArchive& archive) override {
    archive.number(bar_);
    const std::size_t size = archive.size(queue_.size(), static_cast<std::size_t>(window_) + 1);
    if (archive.loading()) queue_.assign(size, {});
    for (Held& held : queue_) {
      archive.number(held.bar);
      archive.number(held.value);
    }
    // The bar before the next one is always held: push relies on it.
    if (archive.loading() && (bar_ > 0 ? queue_.empty() || queue_.back().bar + 1 != bar_ : !queue_.empty())) archive.fail();
  }

 private:
  struct Held {
    std::uint64_t bar = 0;
    double value = 0;
  };
  std::uint64_t window_;
  bool highest_;
  std::uint64_t bar_ = 0;  ///< the next one's number
  std::deque<Held> queue_;
};

class ZscoreStream final : public IndicatorStream {
 public:
  explicit ZscoreStream(int window)
      : exact_(static_cast<std::size_t>(window)),
        state_(static_cast<std::size_t>(window)),
        window_(static_cast<std::size_t>(window)),
        closes_(window_ + 1) {}
  double push(const PriceBar& bar, const PriceScale& scale) override {
    closes_.push(bar.close);
    if (!scale.exact()) return state_.next(bar_++, scale.lost(), [&](std::size_t ago) { return closes_.ago(ago); });
    if (scale.grown() != 1) exact_.rescale(scale.grown());
    return exact_.next(bar_++, [&](std::size_t ago) { return scale.ticks(closes_.ago(ago)); });
  }
  void archive(StateArchive& archive) override {
    archive.number(bar_);
    if (archive.format() > 1) exact_.each(archive);
    state_.each(archive);
    closes_.archive(archive);
    if (archive.loading() && closes_.size() != std::min(bar_, window_ + 1)) archive.fail();
  }

 private:
  ExactZscoreState exact_;
  ZscoreState state_;
  std::size_t window_;
  std::size_t bar_ = 0;        ///< the next one's number
  LastValues<double> closes_;  ///< of the window and the bar that leaves it
};

class MomentumStream final : public IndicatorStream {
 public:
  explicit MomentumStream(int window) : closes_(static_cast<std::size_t>(window)) {}
  double push(const PriceBar& bar, const PriceScale& scale) override {
    double value = kUndefined;
    if (closes_.full() && scale.exact())
      value = exact_momentum(scale.ticks(bar.close), scale.ticks(closes_.oldest()));
    else if (closes_.full())
      value = bar.close / closes_.oldest() - 1;
    closes_.push(bar.close);
    return value;
  }
  void archive(StateArchive& archive) override { closes_.archive(archive); }

 private:
  LastValues<double> closes_;
};

int windows_of(Kind kind) { return kind == Kind::close ? 0 : kind == Kind::macd ? 2 : kind == Kind::macd_signal ? 3 : 1; }

}  // namespace

std::unique_ptr<IndicatorStream> make_indicator_stream(const IndicatorKey& key) {
  const auto& w = key.windows;
  for (int i = 0; i < windows_of(key.kind); ++i)
    if (w[static_cast<std::size_t>(i)] < 1) return nullptr;
  switch (key.kind) {
    case Kind::close: return std::make_unique<CloseStream>();
    case Kind::sma: return std::make_unique<SmaStream>(w[0]);
    case Kind::ema: return std::make_unique<CloseRecursion<EmaState>>(EmaState(w[0]));
    case Kind::macd: return std::make_unique<CloseRecursion<MacdState>>(MacdState(w[0], w[1], 0));
    case Kind::macd_signal: return std::make_unique<CloseRecursion<MacdState>>(MacdState(w[0], w[1], w[2]));
    case Kind::highest: return std::make_unique<ExtremeStream>(w[0], true);
    case Kind::lowest: return std::make_unique<ExtremeStream>(w[0], false);
    case Kind::rsi: return std::make_unique<RsiStream>(w[0]);
    case Kind::zscore: return std::make_unique<ZscoreStream>(w[0]);
    case Kind::momentum: return std::make_unique<MomentumStream>(w[0]);
  }
  return nullptr;
}

}  // namespace tradewind::strategies
