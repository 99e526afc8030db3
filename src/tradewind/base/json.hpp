// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

namespace tradewind {

/// JSON whose keys keep the order they were written in, so that equal results give equal bytes.
using Json = nlohmann::ordered_json;

/// The number, or null for NaN and infinities, which JSON cannot hold.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace tradewind
