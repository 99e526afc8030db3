// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/limits.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::execution {
namespace {

Money share(Money capital, std::int64_t percent) {
  return {static_cast<std::int64_t>(static_cast<Int128>(capital.micros) * percent / 100)};
}

std::optional<Money> amount(config::MapReader& reader, std::string_view key, Money capital) {
  if (!reader.has(key)) return std::nullopt;
  const std::string text = reader.text(key);
  std::optional<Money> money;
  if (text.ends_with('%')) {
    if (const auto percent = parse_number(std::string_view(text).substr(0, text.size() - 1)))
      money = fixed_from_double<Money>(capital.to_double() * *percent / 100);
  } else {
    money = parse_fixed<Money>(text);
  }
  if (money && money->micros > 0) return money;
  reader.complain(key, fmt::format("'{}' is not a positive amount", printable(text)),
                  "write dollars such as 25, or a share of the capital such as 25%");
  return std::nullopt;
}

}  // namespace

Limits Limits::for_capital(Money capital) noexcept {
  Limits limits;
  limits.max_order = share(capital, 25);
  limits.max_position = share(capital, 25);
  limits.max_event = share(capital, 50);
  limits.max_exposure = capital;
  limits.max_loss = share(capital, 20);
  limits.max_daily_loss = share(capital, 10);
  return limits;
}

StrategyLimits read_strategy_limits(const config::Value& section, const std::string& path, Money capital, config::Complaints& complaints) {
  config::MapReader reader(section, path, complaints);
  StrategyLimits limits;
  limits.max_loss = amount(reader, "max_loss", capital);
  limits.max_daily_loss = amount(reader, "max_daily_loss", capital);
  if (reader.has("max_drawdown")) limits.max_drawdown = reader.number("max_drawdown", 1, 1e-6, 1);
  if (reader.has("losing_streak")) limits.losing_streak = reader.whole_number("losing_streak", 1, 1, 1'000'000);
  limits.then = reader.choice("then", limits.then);
  reader.finish();
  return limits;
}

Limits read_limits(const config::Value& section, Money capital, config::Complaints& complaints) {
  config::MapReader reader(section, "limits", complaints);
  Limits limits = Limits::for_capital(capital);
  limits.max_order = amount(reader, "max_order", capital).value_or(limits.max_order);
  limits.max_position = amount(reader, "max_position", capital).value_or(limits.max_position);
  limits.max_event = amount(reader, "max_event", capital).value_or(limits.max_event);
  limits.max_exposure = amount(reader, "max_exposure", capital).value_or(limits.max_exposure);
  limits.max_loss = amount(reader, "max_loss", capital).value_or(limits.max_loss);
  limits.max_daily_loss = amount(reader, "max_daily_loss", capital).value_or(limits.max_daily_loss);
  limits.max_orders_per_second = reader.number("max_orders_per_second", limits.max_orders_per_second, 0.001, 10'000);
  limits.max_open_orders = static_cast<int>(reader.whole_number("max_open_orders", limits.max_open_orders, 1, 100'000));
  limits.price_band = reader.number("price_band", limits.price_band, 0.001, 1);
  reader.finish();
  return limits;
}

}  // namespace tradewind::execution
