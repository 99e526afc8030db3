// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/trade_tables.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/metrics/execution_costs.hpp"

namespace tradewind::metrics {
namespace {}  // namespace

Result<TradeTables> TradeTables::make(std::span<const double> open, std::span<const double> close, const Options& options) {
  if (options.fill == FillModel::next_open && open.size() != close.size())
    return Error(Errc::invalid_config, "fill: next_open needs open prices, the data has closes only", "execution.fill",
                 "use fill: next_close, or data with an open column");
  TradeTables tables;
  tables.options_ = options;
  tables.delay_ = options.fill == FillModel::close ? 0 : 1;
  tables.close_.assign(close.begin(), close.end());
  const auto prices = options.fill == FillModel::next_open ? open : close;
  tables.fill_price_.assign(prices.begin(), prices.end());
  tables.build_slippage();
  tables.build_running();
  tables.build_factors();
  tables.build_ranges();
  return tables;
}

TradeTables TradeTables::cut(std::int64_t first, std::int64_t last) const {
  const auto part = [&](const std::vector<double>& column) {
    return column.empty() ? column : std::vector<double>(column.begin() + first, column.begin() + last);
  };
  TradeTables out;
  out.options_ = options_;
  out.delay_ = delay_;
  out.constant_slippage_ = constant_slippage_;
  out.close_ = part(close_);
  out.fill_price_ = part(fill_price_);
  out.slippage_ = part(slippage_);
  out.build_running();
  out.build_factors();
  out.build_ranges();
  return out;
}

void TradeTables::build_slippage() {
  if (options_.costs.slippage_model == SlippageModel::linear) {
    constant_slippage_ = options_.costs.slippage_bps;
    return;
  }
  // √volatility of the bars before the fill: what a trader knows when the order goes out.
  slippage_.assign(close_.size(), 0.0);
  for (std::size_t fill = 3; fill < close_.size(); ++fill) {
    const std::size_t count = std::min(kVolatilityWindow, fill - 1);
    double mean = 0;
    for (std::size_t i = fill - count; i < fill; ++i) mean += close_[i] / close_[i - 1] - 1;
    mean /= static_cast<double>(count);
    double squares = 0;
    for (std::size_t i = fill - count; i < fill; ++i) {
      const double deviation = close_[i] / close_[i - 1] - 1 - mean;
      squares += deviation * deviation;
    }
    const double volatility = std::sqrt(squares / static_cast<double>(count - 1) * options_.periods_per_year);
    slippage_[fill] = options_.costs.slippage(volatility);
  }
}

void TradeTables::build_running() {
  running_.resize(close_.size());
  for (std::size_t i = 1; i < close_.size(); ++i) {
    const double r = close_[i] / close_[i - 1] - 1;
    Running& now = running_[i];
    now = running_[i - 1];
    now.sum += r;
    now.squares += r * r;
    now.downside += r < 0 ? r * r : 0;
    now.up += r > 0 ? 1 : 0;
    now.down += r < 0 ? 1 : 0;
  }
}

void TradeTables::build_factors() {
  factors_.resize(close_.size());
  const double commission = options_.costs.commission_rate;
  for (std::size_t i = 0; i < close_.size(); ++i) {
    const double slip = slippage(static_cast<std::int64_t>(i));
    FillFactors& factor = factors_[i];
    factor.entry_gross = close_[i] / fill_price_[i];
    factor.entry_net = factor.entry_gross / ((1 + slip) * (1 + commission));
    if (i == 0) continue;
    factor.exit_gross = fill_price_[i] / close_[i - 1];
    factor.exit_net = factor.exit_gross * ((1 - slip) * (1 - commission));
  }
}

void TradeTables::build_ranges() {
  const std::size_t n = close_.size();
  ranges_.resize(kLevels);
  ranges_[0].resize(n);
  for (std::size_t i = 0; i < n; ++i) ranges_[0][i] = {close_[i], close_[i]};
  for (std::size_t level = 1; level < kLevels && (std::size_t{1} << level) <= n; ++level) {
    const std::size_t half = std::size_t{1} << (level - 1);
    const auto& below = ranges_[level - 1];
    auto& here = ranges_[level];
    here.reserve(n - 2 * half + 1);
    for (std::size_t i = 0; i + 2 * half <= n; ++i)
      here.push_back({std::min(below[i].low, below[i + half].low), std::max(below[i].high, below[i + half].high)});
  }
  for (std::size_t level = 0; level < kLevels; ++level) levels_[level] = ranges_[level].data();
}

TradeTables::Range TradeTables::long_range(std::int64_t first, std::int64_t last) const noexcept {
  constexpr std::int64_t kLongest = std::int64_t{1} << (kLevels - 1);
  Range result = range(first, first + kLongest - 1);
  for (std::int64_t begin = first + kLongest; begin <= last; begin += kLongest) {
    const Range part = range(begin, std::min(last, begin + kLongest - 1));
    result = {std::min(result.low, part.low), std::max(result.high, part.high)};
  }
  return result;
}

}  // namespace tradewind::metrics
