// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

/// `tradewind doctor`: whether this machine and this workspace are fit for work. Exit code 1 when a check fails.
Result<CommandOutput> doctor(const Context& context);

}  // namespace tradewind::commands
