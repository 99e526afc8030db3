// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"

namespace tradewind::replay {

/// Bars from a signal to its fill.
constexpr std::int32_t fill_delay(metrics::FillModel fill) noexcept { return fill == metrics::FillModel::close ? 0 : 1; }

/// What a fresh account does in the bars [first, last) of a series: changes by bars of the window, the position held before it as a change
/// that fills at its first bar. Goes with TradeTables::cut(first, last): every window of a run, whoever looks at it, is this one.
std::vector<metrics::PositionChange> changes_within(std::span<const metrics::PositionChange> all, std::int32_t first, std::int32_t last,
                                                    std::int32_t delay);

}  // namespace tradewind::replay
