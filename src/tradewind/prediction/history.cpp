// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/history.hpp"

#include <algorithm>
#include <limits>

namespace tradewind::prediction {

void SamplePanel::grow(std::size_t series) {
  if (series <= series_) return;
  if (series > stride_) {
    const std::size_t stride = std::max(series, stride_ + stride_ / 2);
    std::vector<double> wider(stride * depth_, 0.0);
    for (std::size_t r = 0; r < depth_ && series_ > 0; ++r) std::copy_n(data_.data() + r * stride_, series_, wider.data() + r * stride);
    data_ = std::move(wider);
    stride_ = stride;
  }
  series_ = series;
}

std::span<double> SamplePanel::push() {
  newest_ = (newest_ + 1) % depth_;
  ++pushed_;
  return {data_.data() + newest_ * stride_, series_};
}

void sample_mids(const MarketView& view, std::vector<double>& mids) {
  mids.resize(view.size());
  for (MarketIndex i = 0; i < view.size(); ++i) mids[i] = view.has_mid(i) ? view.tops[i].mid() : std::numeric_limits<double>::quiet_NaN();
}

void SamplePanel::column(std::size_t series, std::span<double> out) const noexcept {
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = row(out.size() - 1 - k)[series];
}

}  // namespace tradewind::prediction
