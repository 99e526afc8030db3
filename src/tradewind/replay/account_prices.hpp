// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "tradewind/base/time.hpp"

namespace tradewind::replay {

/// The value of an account as a price file that a run names as its data: CSV with timestamp and close. The same value, the same bytes.
std::string account_prices(std::span<const UnixNanos> timestamp, std::span<const double> value);

}  // namespace tradewind::replay
