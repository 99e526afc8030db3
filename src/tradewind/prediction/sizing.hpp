// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "tradewind/config/reader.hpp"
#include "tradewind/prediction/strategy.hpp"

namespace tradewind::prediction {

/// Orders are in hundredths of a share.
inline constexpr Shares kShareStep{10'000};
/// The least an order that is filled at once may be worth.
inline constexpr Money kMinimumNotional{1'000'000};

/// How much of a strategy's capital one trade may take.
struct SizingOptions {
  double kelly_fraction = 0.25;   ///< (0, 0.5] of the full Kelly bet
  double max_trade_share = 0.10;  ///< (0, 1] of the strategy's equity in one trade
  double max_depth_share = 0.50;  ///< (0, 1] of the shares that lie in the book at the limit or better
};
/// Reads kelly_fraction, max_trade_share and max_depth_share.
SizingOptions read_sizing(config::MapReader& reader, SizingOptions defaults = {});

/// Kelly's share of the capital for a bet that costs `cost` and pays 1 with `probability`: (p − c)/(1 − c), within [0, 1]. 0 without an
/// advantage and for anything that is not a probability or a cost. [Kelly 1956; Thorp 2006]
double kelly_share(double probability, double cost) noexcept;

/// A price in dollars, correctly rounded (Price::to_double is off by an ulp now and then).
inline double dollars(Price price) noexcept { return static_cast<double>(price.micros) / 1e6; }

/// Rounded down to whole hundredths of a share; 0 for what is negative.
Shares floor_shares(Shares shares) noexcept;
/// A double as shares, rounded down to hundredths; 0 for NaN, infinities, negatives and what no venue trades (above 1e9).
Shares floor_shares(double shares) noexcept;

/// Whether an order may carry the price: on the market's grid, within [tick, 1 − tick].
bool orderable(Price price, Price tick) noexcept;
/// The limit of a buy that must reach `level` and may not pay more than `ceiling`: on the grid, rounded up as far as the ceiling allows,
/// else down; within [tick, 1 − tick]. nullopt when there is no such price.
std::optional<Price> buy_limit(Price level, Price ceiling, Price tick) noexcept;
/// The limit of a sale that must reach `level`: on the grid, rounded down, within [tick, 1 − tick].
std::optional<Price> sell_limit(Price level, Price tick) noexcept;

/// The most a buy at `limit` or better can cost, fee included.
Money worst_cost(Price limit, Shares shares, const trading::FeeSchedule& fees) noexcept;

/// What one trade of the account may spend: its share of the equity, at most the free cash. Never negative.
Money trade_budget(const Account& account, const SizingOptions& options) noexcept;

struct SizedBuy {
  Price limit;
  Shares shares;
  Money cost;  ///< worst_cost
};
/// Sizes a buy of an outcome that comes true with `probability`: takes the levels at which probability − price − fee > `margin`, bets the
/// fraction of Kelly at the worst of them, within budget and depth. nullopt when that is below the market's minimum or a dollar.
std::optional<SizedBuy> size_buy(double probability, double margin, const trading::PredictionMarket& market, const trading::Ladder& asks,
                                 const Account& account, const SizingOptions& options) noexcept;
/// The same with a fixed budget in place of Kelly's and a ceiling for the price in place of the margin.
std::optional<SizedBuy> size_buy_within(Money budget, Price ceiling, const trading::PredictionMarket& market, const trading::Ladder& asks,
                                        const SizingOptions& options) noexcept;

/// Whether an order of that size is one the venue takes: minimum size and a dollar's worth.
bool large_enough(Price limit, Shares shares, const trading::PredictionMarket& market) noexcept;

/// Whether one of the trades holds a token of the market.
bool holds(std::span<const OpenTrade> trades, MarketIndex market) noexcept;

}  // namespace tradewind::prediction
