// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/prediction/market_view.hpp"

namespace tradewind::prediction {

/// The last samples of many series, a row for each moment: what one cycle touches lies side by side. Values before the first sample of a
/// series are 0, so that sums over rows stay sums over what is stored.
class SamplePanel {
 public:
  /// `depth` rows are kept, the newest included.
  explicit SamplePanel(std::size_t depth) : depth_(depth) {}

  /// Makes room for more series. O(1) amortised per series.
  void grow(std::size_t series);
  /// Begins a new moment and gives its row, to be filled by the caller.
  std::span<double> push();

  std::size_t series() const noexcept { return series_; }
  std::size_t depth() const noexcept { return depth_; }
  std::size_t pushed() const noexcept { return pushed_; }
  /// The row `back` moments ago, 0 the newest; back < depth.
  const double* row(std::size_t back) const noexcept { return data_.data() + (newest_ + depth_ - back) % depth_ * stride_; }
  double at(std::size_t back, std::size_t series) const noexcept { return row(back)[series]; }
  void set(std::size_t back, std::size_t series, double value) noexcept {
    data_[(newest_ + depth_ - back) % depth_ * stride_ + series] = value;
  }
  /// The last out.size() values of one series, oldest first; out.size() ≤ depth.
  void column(std::size_t series, std::span<double> out) const noexcept;

 private:
  std::size_t depth_;
  std::size_t series_ = 0;
  std::size_t stride_ = 0;
  std::size_t newest_ = 0;
  std::size_t pushed_ = 0;
  std::vector<double> data_;
};

/// All mids of a view, for MarketView::mids, so that they are computed once for all histories. O(markets).
void sample_mids(const MarketView& view, std::vector<double>& mids);

/// One sample a cycle of every market. A market without a good two-sided book keeps its last value for up to `max_gap` samples in a row;
/// after that its history starts anew.
class MarketSamples {
 public:
  MarketSamples(std::size_t depth, int max_gap) : panel_(depth), max_gap_(max_gap) {}

  /// `value(mid)` is what is stored.
  template <class Value>
  void take(const MarketView& view, Value&& value) {
    if (view.size() > panel_.series()) {
      panel_.grow(view.size());
      run_.resize(view.size(), 0);
      missed_.resize(view.size(), 0);
    }
    places_.each(view, [&](MarketIndex i) { run_[i] = missed_[i] = 0; });
    const std::span<double> row = panel_.push();
    const double* const before = panel_.row(1);
    if (view.mids.size() != view.size()) sample_mids(view, own_mids_);
    const double* const mids = view.mids.size() == view.size() ? view.mids.data() : own_mids_.data();
    for (MarketIndex i = 0; i < view.size(); ++i) {
      if (!std::isnan(mids[i])) [[likely]] {
        row[i] = value(mids[i]);
        ++run_[i];
        missed_[i] = 0;
      } else {
        row[i] = before[i];
        bridge(i);
      }
    }
  }
  const SamplePanel& panel() const noexcept { return panel_; }
  std::size_t size() const noexcept { return run_.size(); }
  /// Samples since the last gap that was too long.
  std::size_t run(std::size_t market) const noexcept { return run_[market]; }

 private:
  void bridge(std::size_t market) noexcept {
    const bool bridged = run_[market] > 0 && missed_[market] < max_gap_;
    run_[market] = bridged ? run_[market] + 1 : 0;
    missed_[market] = static_cast<std::uint8_t>(bridged ? missed_[market] + 1 : 0);
  }

  SamplePanel panel_;
  int max_gap_;
  PlaceChanges places_;
  std::vector<std::uint32_t> run_;
  std::vector<std::uint8_t> missed_;  ///< samples bridged in a row
  std::vector<double> own_mids_;      ///< for views without any
};

}  // namespace tradewind::prediction
