// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "tradewind/execution/order_desk.hpp"

namespace tradewind::live {

/// Carries out a command of the inbox on a desk and journals it with its answer. Errors: as the journal's.
/// `add`: makes a strategy that the session does not have, by its name; null where none can be made.
Status carry_out(const execution::Command& command, execution::OrderDesk& desk,
                 const std::function<Status(const std::string&)>& add = nullptr);

}  // namespace tradewind::live
