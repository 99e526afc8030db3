// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tradewind/base/result.hpp"
#include "tradewind/discovery/pattern.hpp"

namespace tradewind::discovery {

/// `invalid_data` at "row N" for a return that is not finite.
Status check_returns(std::span<const double> returns);
/// `invalid_data` for labels of another length or outside −1 … names − 1.
Status check_regimes(const Regimes& regimes, std::size_t bars);

}  // namespace tradewind::discovery
