// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/discovery/condition_model.hpp"
#include "tradewind/discovery/matrix_profile.hpp"
#include "tradewind/discovery/pattern.hpp"

namespace tradewind::analysis {

/// Every field by name, null where it has no value, with the reason in the object's own `undefined`.
Json pattern_json(const discovery::TradingPattern& pattern);
Json transition_json(const discovery::TransitionPattern& pattern);
Json skill_json(const discovery::ConditionSkill& skill);
Json shapes_json(const discovery::Shapes& shapes);

}  // namespace tradewind::analysis
