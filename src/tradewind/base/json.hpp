// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

#include "tradewind/base/json_fwd.hpp"

namespace tradewind {

/// The number, or null for NaN and infinities, which JSON cannot hold.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace tradewind
