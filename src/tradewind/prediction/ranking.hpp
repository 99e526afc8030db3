// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tradewind/prediction/opportunity.hpp"

namespace tradewind::prediction {

/// Places of the `most` opportunities with the highest score, best first; equal scores in the order found. NaN ranks last. O(n + n·log
/// most).
void best_opportunities(std::span<const Opportunity> all, std::size_t most, std::vector<std::uint32_t>& best);

}  // namespace tradewind::prediction
