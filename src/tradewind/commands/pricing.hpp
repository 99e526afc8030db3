// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tradewind/commands/import.hpp"
#include "tradewind/replay/signal_pricing.hpp"

namespace tradewind::commands {

/// The prices and costs that options name; none when no data is given. Errors: Errc::usage; as SignalPricing::open.
Result<std::optional<replay::SignalPricing>> pricing_of(const PricingArguments& arguments);

}  // namespace tradewind::commands
