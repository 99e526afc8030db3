// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind::workspace {

/// Whether a run, strategy or classifier may be called so: 1–200 of `A-Z a-z 0-9 . _ = , @ + -`, not `.`, `..`, `combined`,
/// not starting with `_`. So no id can leave the run's folder. `kind` names the id in the error ("strategy_id"). Errc::usage.
Status check_id(std::string_view kind, std::string_view id);

/// A symbol as it stands in the ids of its strategies and classifiers, before the first '.': letters, digits, _ - @ + as they are, every
/// other byte as =XX in hexadecimal, a leading '_' too (BRK.B: BRK=2EB, EURUSD=X: EURUSD=3DX). Two symbols never give the same.
std::string id_of_symbol(std::string_view symbol);
/// Whether an id begins with the symbol, written either way.
bool id_begins_with(std::string_view id, std::string_view symbol);

/// A writer's name: 1–64 of `A-Z a-z 0-9 _ -`, starting with a letter or digit, not `upkeep`. Errc::usage.
Status check_writer(std::string_view writer);

}  // namespace tradewind::workspace
