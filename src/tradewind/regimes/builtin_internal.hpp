// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/regimes/registry.hpp"

namespace tradewind::regimes {

ClassifierType volatility_terciles_type();
ClassifierType trend_type();
ClassifierType hmm_type();
ClassifierType feature_hmm_type();
ClassifierType jump_type();
ClassifierType change_point_type();

}  // namespace tradewind::regimes
