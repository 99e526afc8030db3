// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/trading/fees.hpp"

namespace tradewind::venues {

/// What Polymarket's takers paid, by date, for a market with these tags (slugs): for recordings that hold no schedule. A market that is
/// listed says it itself. Of several categories the dearest counts; days around a change whose date nobody wrote down are not known
/// (docs/polymarket.md has the table).
std::vector<trading::FeeChange> polymarket_fees(std::span<const std::string> tags);

}  // namespace tradewind::venues
