// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/execution/order_desk.hpp"

namespace tradewind::live {

/// Carries out a command of the inbox on a desk and journals it with its answer. Errors: as the journal's.
Status carry_out(const execution::Command& command, execution::OrderDesk& desk);

}  // namespace tradewind::live
