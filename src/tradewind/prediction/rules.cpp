// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/rules.hpp"

#include "tradewind/prediction/sizing.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {
namespace {
constexpr double kNanosPerHour = 3600e9;
constexpr double kRounding = 1e-9;
}  // namespace

EntryRules read_entry_rules(config::MapReader& reader) {
  const EntryRules defaults;
  return {.min_volume = reader.number("min_volume", defaults.min_volume, 0, 1e12),
          .min_depth = reader.number("min_depth", defaults.min_depth, 0, 1e9),
          .max_spread = reader.number("max_spread", defaults.max_spread, 0, 1),
          .min_hours_to_end = reader.number("min_hours_to_end", defaults.min_hours_to_end, 0, 1e5)};
}

ExitRules read_exit_rules(config::MapReader& reader) {
  const ExitRules defaults;
  return {.take_profit = reader.number("take_profit", defaults.take_profit, 0.001, 1e3),
          .stop_loss = reader.number("stop_loss", defaults.stop_loss, 0.001, 1),
          .max_holding_hours = reader.number("max_holding_hours", defaults.max_holding_hours, 0.001, 1e5),
          .exit_hours_before_end = reader.number("exit_hours_before_end", defaults.exit_hours_before_end, 0, 1e5),
          .exit_slippage = reader.number("exit_slippage", defaults.exit_slippage, 0, 1)};
}

double hours_to_end(const MarketView& view, MarketIndex market) noexcept {
  const UnixNanos end = view.markets[market].end_time;
  return end == 0 ? 1e9 : (static_cast<double>(end) - static_cast<double>(view.now)) / kNanosPerHour;
}

bool ends_within(const MarketView& view, MarketIndex market, double hours) noexcept {
  return hours > 0 && hours_to_end(view, market) < hours;
}

Fate fate_by_rules(const EntryRules& rules, const MarketView& view, MarketIndex market, trading::Outcome outcome) noexcept {
  if (market >= view.size()) return Fate::missing_book;
  if (!view.tradable(market)) return fate_of(view.states[market]);
  const trading::TokenBook& book = view.prices[market].of(outcome);
  if (!book.two_sided() || book.asks.best().size.to_double() < rules.min_depth) return Fate::thin_book;
  if (view.markets[market].volume < rules.min_volume) return Fate::thin_book;
  if (ends_within(view, market, rules.min_hours_to_end)) return Fate::near_resolution;
  const double spread = dollars(book.asks.best().price) - dollars(book.bids.best().price);
  return spread > rules.max_spread + kRounding ? Fate::wide_spread : Fate::traded;
}

bool must_leave(const ExitRules& rules, const OpenTrade& trade, const MarketView& view) noexcept {
  SaleValue all;
  double cost = 0;
  for (const Holding& held : trade.holdings) {
    if (held.market >= view.size() || !view.tradable(held.market)) return false;
    if (ends_within(view, held.market, rules.exit_hours_before_end)) return true;
    const SaleValue value = sale_value(held, view);
    all.proceeds += value.proceeds;
    // What finds no buyer has neither a price nor its cost in the comparison.
    cost += held.cost.to_double() * (value.shares.to_double() / held.shares.to_double());
  }
  if (static_cast<double>(view.now - trade.opened) > rules.max_holding_hours * kNanosPerHour) return true;
  if (!(cost > 0)) return false;
  const double result = all.proceeds / cost - 1;
  return result >= rules.take_profit || result <= -rules.stop_loss;
}

}  // namespace tradewind::prediction
