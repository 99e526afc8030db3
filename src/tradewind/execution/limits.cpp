// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/limits.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::execution {
namespace {

Money share(Money capital, std::int64_t percent) {
  return {static_cast<std::int64_t>(static_cast<Int128>(capital.micros) * percent / 100)};
}

/// "5%" as 0.05; nullopt for what is no percentage.
std::optional<double> percentage(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const auto percent = parse_number(text.substr(0, text.size() - 1));
  return percent ? std::optional(*percent / 100) : std::nullopt;
}

std::optional<Money> amount(config::MapReader& reader, std::string_view key, Money capital) {
  if (!reader.has(key)) return std::nullopt;
  const std::string text = reader.text(key);
  const auto part = percentage(text);
  const auto money = part ? fixed_from_double<Money>(capital.to_double() * *part) : parse_fixed<Money>(text);
  if (money && money->micros > 0) return money;
  reader.complain(key, fmt::format("'{}' is not a positive amount", printable(text)),
                  "write dollars such as 25, or a share of the capital such as 25%");
  return std::nullopt;
}

std::optional<LossLimit> loss(config::MapReader& reader, std::string_view key) {
  if (!reader.has(key)) return std::nullopt;
  const std::string text = reader.text(key);
  if (const auto share = percentage(text); share && *share > 0 && *share <= 1) return LossLimit{.share = *share};
  if (const auto money = parse_fixed<Money>(text); money && money->micros > 0) return LossLimit{.dollars = *money};
  reader.complain(key, fmt::format("'{}' is neither a positive amount nor a share of up to 100%", printable(text)),
                  "write dollars such as 25, or a share of the strategy's own capital such as 5%");
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

Money LossLimit::of(Money contributed) const noexcept {
  if (share == 0) return dollars;
  return {static_cast<std::int64_t>(share * static_cast<double>(std::max(Money{}, contributed).micros))};
}

StrategyLimits read_strategy_limits(const config::Value& section, const std::string& path, config::Complaints& complaints) {
  config::MapReader reader(section, path, complaints);
  StrategyLimits limits;
  limits.max_loss = loss(reader, "max_loss");
  limits.max_daily_loss = loss(reader, "max_daily_loss");
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
