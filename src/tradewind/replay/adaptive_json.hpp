// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/ensemble/adaptive.hpp"

namespace tradewind::replay {

/// Weights that adapt, as every file and answer says them: {cost_rate, all: R, regimes: {LABEL: R}} with R = {weights, covariance,
/// risk_aversion, holding_bars, bars, fallback}; weights, and rows and columns of the covariance, are in the order of the strategies.
Json adaptive_json(const ensemble::AdaptiveModel& model, std::span<const std::string> regimes);
/// Reads it back. Errors: `corrupt` for what is missing or of another kind; as ensemble::check.
Result<ensemble::AdaptiveModel> adaptive_from_json(const Json& json, std::span<const std::string> regimes, std::size_t strategies);

}  // namespace tradewind::replay
