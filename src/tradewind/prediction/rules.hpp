// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/config/reader.hpp"
#include "tradewind/prediction/strategy.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {

/// What a book and a market must be like to be entered.
struct EntryRules {
  double min_volume = 0;         ///< dollars traded so far
  double min_depth = 20;         ///< shares at the best ask
  double max_spread = 0.05;      ///< dollars
  double min_hours_to_end = 24;  ///< of the market's life left; unknown ends pass, 0 switches the rule off
};
EntryRules read_entry_rules(config::MapReader& reader);
/// Fate::traded, or the first rule an outcome's book breaks.
Fate fate_by_rules(const EntryRules& rules, const MarketView& view, MarketIndex market, trading::Outcome outcome) noexcept;

/// When a position is left whatever the signal says.
struct ExitRules {
  double take_profit = 0.20;  ///< return on cost at executable bids, fees off
  double stop_loss = 0.15;    ///< loss on cost at executable bids, fees off
  double max_holding_hours = 24;
  double exit_hours_before_end = 2;      ///< 0 switches the rule off
  double exit_slippage = kExitSlippage;  ///< dollars below the best bid
};
ExitRules read_exit_rules(config::MapReader& reader);
/// Whether one of them says so; false while the book is not good, since nothing could be sold.
bool must_leave(const ExitRules& rules, const OpenTrade& trade, const MarketView& view) noexcept;

/// Hours until trading is meant to end; a great many when not known, negative once it has passed.
double hours_to_end(const MarketView& view, MarketIndex market) noexcept;
/// Whether trading is meant to end within so many hours, or was meant to have ended already. Never for 0 hours: markets stay open beyond
/// their stated end, and then only the rule that is switched off lets them be traded.
bool ends_within(const MarketView& view, MarketIndex market, double hours) noexcept;

}  // namespace tradewind::prediction
