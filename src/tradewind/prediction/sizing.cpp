// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/sizing.hpp"

#include <algorithm>
#include <cmath>

namespace tradewind::prediction {
namespace {

constexpr Price kMostLater{50'000};  // by which a later book may be dearer

constexpr double kMostShares = 1e9;

/// price + fee rises with the price for exponents 0 and 1 and rates below 1, so the limit is the dearest; else the largest fee there is.
Money dearest_fee(Price limit, Shares shares, const trading::FeeSchedule& fees) noexcept {
  const bool rising = fees.exponent == 0 || fees.exponent == 1;
  return fees.taker(rising ? limit : Price{Price::kOne / 2}, shares);
}

/// As many shares as the budget pays for at the limit, at most `wanted`.
Shares affordable(Money budget, Price limit, Shares wanted, const trading::FeeSchedule& fees) noexcept {
  Shares shares = floor_shares(wanted);
  if (budget.micros <= 0) return {};
  const double unit = dollars(limit) + dearest_fee(limit, Shares::whole(1000), fees).to_double() / 1000;
  shares = std::min(shares, floor_shares(budget.to_double() / unit));
  while (shares > Shares{} && worst_cost(limit, shares, fees) > budget) shares -= kShareStep;
  return shares;
}

struct Depth {
  Price worst;
  Shares shares;
};
/// The levels up to a price.
Depth depth_to(Price ceiling, const trading::Ladder& asks) noexcept {
  Depth depth;
  for (const trading::Level& level : asks) {
    if (level.price > ceiling) break;
    depth.worst = level.price;
    depth.shares += level.size;
  }
  return depth;
}

}  // namespace

SizingOptions read_sizing(config::MapReader& reader, SizingOptions defaults) {
  return {.kelly_fraction = reader.number("kelly_fraction", defaults.kelly_fraction, 0.001, 0.5),
          .max_trade_share = reader.number("max_trade_share", defaults.max_trade_share, 0.0001, 1),
          .max_depth_share = reader.number("max_depth_share", defaults.max_depth_share, 0.001, 1)};
}

double kelly_share(double probability, double cost) noexcept {
  const bool possible = probability > 0 && probability <= 1 && cost > 0 && cost < 1;  // false for NaN
  return possible && probability > cost ? (probability - cost) / (1 - cost) : 0;
}

Shares floor_shares(Shares shares) noexcept { return {shares.micros <= 0 ? 0 : shares.micros / kShareStep.micros * kShareStep.micros}; }

Shares floor_shares(double shares) noexcept {
  if (!(shares > 0) || shares > kMostShares) return {};
  return floor_shares(Shares{static_cast<std::int64_t>(shares * 1e6)});
}

bool orderable(Price price, Price tick) noexcept {
  return tick.micros > 0 && price >= tick && price.micros <= Price::kOne - tick.micros && price.micros % tick.micros == 0;
}

std::optional<Price> buy_limit(Price level, Price ceiling, Price tick) noexcept {
  if (tick.micros <= 0 || level.micros <= 0 || level.micros >= Price::kOne) return std::nullopt;
  const Price up{(level.micros + tick.micros - 1) / tick.micros * tick.micros};
  const Price limit = up <= ceiling ? up : Price{level.micros / tick.micros * tick.micros};
  return limit <= ceiling && orderable(limit, tick) ? std::optional(limit) : std::nullopt;
}

std::optional<Price> sell_limit(Price level, Price tick) noexcept {
  if (tick.micros <= 0 || level.micros <= 0 || level.micros > Price::kOne) return std::nullopt;
  const Price down{std::min(level.micros / tick.micros * tick.micros, Price::kOne - tick.micros)};
  return orderable(down, tick) ? std::optional(down) : std::nullopt;
}

Money worst_cost(Price limit, Shares shares, const trading::FeeSchedule& fees) noexcept {
  return notional(limit, shares, Rounding::up) + dearest_fee(limit, shares, fees);
}

Money trade_budget(const Account& account, const SizingOptions& options) noexcept {
  const double share = account.equity.to_double() * options.max_trade_share;
  const auto most = fixed_from_double<Money>(share);
  return most ? std::max(Money{}, std::min(*most, account.free_cash)) : Money{};
}

bool large_enough(Price limit, Shares shares, const trading::PredictionMarket& market) noexcept {
  return shares >= market.minimum_size && notional(limit, shares) >= kMinimumNotional;
}

namespace {

/// As much as budget and depth allow at a limit; nullopt when that is no order the venue takes.
std::optional<SizedBuy> size_at(Price limit, Money budget, const trading::PredictionMarket& market, const trading::Ladder& asks,
                                const SizingOptions& options) noexcept {
  const Shares there = floor_shares(depth_to(limit, asks).shares.to_double() * options.max_depth_share);
  const Shares shares = affordable(budget, limit, there, market.fees);
  if (!large_enough(limit, shares, market)) return std::nullopt;
  return SizedBuy{limit, shares, worst_cost(limit, shares, market.fees)};
}

}  // namespace

std::optional<SizedBuy> size_buy_within(Money budget, Price ceiling, const trading::PredictionMarket& market, const trading::Ladder& asks,
                                        const SizingOptions& options) noexcept {
  const Depth depth = depth_to(ceiling, asks);
  if (depth.shares.micros <= 0) return std::nullopt;
  const auto limit = buy_limit(depth.worst, ceiling, market.tick_size);
  return limit ? size_at(*limit, budget, market, asks, options) : std::nullopt;
}

std::optional<SizedBuy> size_buy(double probability, double margin, const trading::PredictionMarket& market, const trading::Ladder& asks,
                                 const Account& account, const SizingOptions& options) noexcept {
  if (!(probability > 0 && probability < 1) || !std::isfinite(margin)) return std::nullopt;
  const auto worth_it = [&](std::int64_t micros) {
    const double price = static_cast<double>(micros) / 1e6;
    return probability - price - market.fees.per_share(price) > margin;
  };
  // The dearest price still worth it, to the millionth: price + fee rises, so bisection finds it.
  std::int64_t low = 0;
  std::int64_t high = Price::kOne;
  if (!worth_it(low)) return std::nullopt;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (worth_it(middle) ? low : high) = middle;
  }
  const Price ceiling{low};
  const Depth depth = depth_to(ceiling, asks);
  if (depth.shares.micros <= 0) return std::nullopt;
  const auto kelly_at = [&](Price price) { return kelly_share(probability, dollars(price) + market.fees.per_share(dollars(price))); };
  const auto at = [&](Price wanted) -> std::optional<SizedBuy> {
    const auto limit = buy_limit(wanted, ceiling, market.tick_size);
    if (!limit) return std::nullopt;
    const double bet = std::min(options.kelly_fraction * kelly_at(depth.worst), kelly_at(*limit));
    const auto stake = fixed_from_double<Money>(account.equity.to_double() * bet);
    if (!stake) return std::nullopt;
    return size_at(*limit, std::min(*stake, trade_budget(account, options)), market, asks, options);
  };
  // The order meets a later book than this one and may pay what is still worth it there, up to a few cents more than now. It bets Kelly's
  // fraction at the price seen, and at the worst price it may pay never more than the whole of Kelly's.
  const Price most = std::min(ceiling, depth.worst + kMostLater);
  for (const Price wanted : {most, Price{depth.worst.micros + (most.micros - depth.worst.micros) / 2}})
    if (auto sized = at(wanted)) return sized;
  return at(depth.worst);
}

bool holds(std::span<const OpenTrade> trades, MarketIndex market) noexcept {
  return std::any_of(trades.begin(), trades.end(), [&](const OpenTrade& trade) {
    return std::any_of(trade.holdings.begin(), trade.holdings.end(), [&](const Holding& held) { return held.market == market; });
  });
}

}  // namespace tradewind::prediction
