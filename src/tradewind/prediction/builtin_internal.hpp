// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/prediction/strategy.hpp"

namespace tradewind::prediction {

/// arbitrage, momentum, statistical_arb, news.
std::vector<PredictionStrategyType> builtin_prediction_strategies();

}  // namespace tradewind::prediction
