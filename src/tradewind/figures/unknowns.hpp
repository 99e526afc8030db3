// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"

namespace tradewind::figures {

/// What an analysis (schema "tradewind.analyze/1") cannot tell, in sentences: checks of its verdict without a number, costs that were not
/// charged, fills that flatter, few markets, a short held-out part, its notes.
std::vector<std::string> unknowns_of(const Json& analysis);

}  // namespace tradewind::figures
