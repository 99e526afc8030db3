// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tradewind/commands/import.hpp"
#include "tradewind/replay/signal_pricing.hpp"

namespace tradewind::commands {

/// Both sides of SYMBOL=FILE. A symbol may hold '=' itself (EURUSD=X): the first one counts behind which a file is, else the first of all.
/// Errors: Errc::usage.
Result<std::pair<std::string, std::string>> symbol_and_file(const std::string& entry);

/// The prices and costs that options name; none when no data is given. Errors: Errc::usage; as SignalPricing::open.
Result<std::optional<replay::SignalPricing>> pricing_of(const PricingArguments& arguments);

}  // namespace tradewind::commands
