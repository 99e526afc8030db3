// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tradewind/ensemble/correlation.hpp"

namespace tradewind::ensemble {

/// Makes a column what the kind correlates, with sum 0 and sum of squares 1; false, and all zeros, when it has no variance.
bool prepare(std::span<double> column, CorrelationKind kind);
/// The columns by their Sharpe ratio, best first; those without one last.
std::vector<std::size_t> by_sharpe(const ReturnPanel& panel);
/// The report from the pairs above the threshold (by first, then second index) and the columns in the order in which they may stay.
RedundancyReport redundancy_of(std::vector<RedundantPair> pairs, std::span<const std::size_t> order);

}  // namespace tradewind::ensemble
