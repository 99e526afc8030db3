// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind::workspace {

/// Whether a run, strategy or classifier may be called so: 1–200 of `A-Z a-z 0-9 . _ = , @ + -`, not `.`, `..`, `combined`,
/// not starting with `_`. So no id can leave the run's folder. `kind` names the id in the error ("strategy_id"). Errc::usage.
Status check_id(std::string_view kind, std::string_view id);

/// A writer's name: 1–64 of `A-Z a-z 0-9 _ -`, starting with a letter or digit, not `upkeep`. Errc::usage.
Status check_writer(std::string_view writer);

}  // namespace tradewind::workspace
