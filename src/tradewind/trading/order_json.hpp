// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/trading/venue.hpp"

namespace tradewind::trading {

/// Orders and account entries as JSON: decimals as text, names as in the command's output. What to_json wrote, from_json reads back the
/// same.
Json to_json(const Order& order);
Json to_json(const AccountEntry& entry);
/// Errc::corrupt for anything else.
Result<Order> order_from_json(const Json& json);
Result<AccountEntry> entry_from_json(const Json& json);

}  // namespace tradewind::trading
