// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/prediction/market_view.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::prediction {

/// One order of an opportunity, as it was seen.
struct Leg {
  MarketIndex market = 0;
  trading::Outcome outcome = trading::Outcome::yes;
  trading::Side side = trading::Side::buy;
  Price limit{};  ///< worst price still worth it
  Shares shares{};
};

enum class OpportunityKind : std::uint8_t {
  complete_set_buy,   ///< yes and no together for less than the dollar they pay
  complete_set_sell,  ///< a dollar split into yes and no that sell for more
  multi_outcome,      ///< one of several exclusive markets must win
  implication,        ///< A implies B, priced as if it did not
  momentum,
  pair,  ///< two related markets apart from each other
  news,
  signal,  ///< a bar strategy or a replayed ensemble wants a position
  custom,
};
constexpr auto names_of(OpportunityKind) {
  return std::to_array<std::string_view>(
      {"complete_set_buy", "complete_set_sell", "multi_outcome", "implication", "momentum", "pair", "news", "signal", "custom"});
}

/// A trade a strategy would make. Small and without text, since ten thousand markets make thousands of them each cycle; two legs lie
/// inside, further ones in `more_legs`.
struct Opportunity {
  OpportunityKind kind = OpportunityKind::custom;
  std::uint8_t leg_count = 0;  ///< of `legs`; further ones in more_legs
  std::array<Leg, 2> legs{};
  std::vector<Leg> more_legs;
  double shares = 0;                ///< of every leg, before sizing by capital
  double cost = 0;                  ///< dollars to enter with `shares`, fees included
  double expected_profit = 0;       ///< dollars, after fees
  double edge = 0;                  ///< expected profit per share
  double score = 0;                 ///< what opportunities of one strategy are ranked by, larger is better
  double probability = 0;           ///< the strategy's own of the first leg's outcome; 0: none (locked-in arbitrage)
  double signal = 0;                ///< z-score, momentum score, polarity … of the strategy's kind
  std::vector<std::uint32_t> news;  ///< what it rests on: places in the strategy's record of news items

  MarketIndex market() const noexcept { return legs[0].market; }
  void add(const Leg& leg) {
    if (leg_count < legs.size())
      legs[leg_count++] = leg;
    else
      more_legs.push_back(leg);
  }
  template <class Visit>
  void each_leg(Visit&& visit) const {
    for (std::size_t i = 0; i < leg_count; ++i) visit(legs[i]);
    for (const Leg& leg : more_legs) visit(leg);
  }
  std::size_t size() const noexcept { return leg_count + more_legs.size(); }
};

/// What became of an opportunity: each ends in exactly one of these, and they are counted.
enum class Fate : std::uint8_t {
  traded,
  not_best,      ///< better ones of the same strategy came first this cycle
  below_margin,  ///< profit after fees too small
  no_capital,    ///< the strategy has no free capital
  too_small,     ///< below the market's minimum order size
  already_held,  ///< the strategy holds or is entering this position
  cooling_down,  ///< left this market a moment ago
  wide_spread,
  thin_book,  ///< too little volume or depth
  near_resolution,
  market_closed,
  stale_book,
  gapped_book,
  crossed_book,
  missing_book,
  unknown_fees,  ///< takers pay and nobody says how much
  position_limit,
  exposure_limit,
  allocation_limit,
  order_limit,  ///< size of one order, or number of open orders
  order_rate,
  price_band,
  loss_limit,
  invalid_number,  ///< NaN, infinite or out of range
  reducing,        ///< trading state REDUCING: only exits
  halted,          ///< trading state HALTED
  disabled,        ///< the strategy was disabled meanwhile
  unreconciled,    ///< the account is not yet reconciled with the venue
  journal_failed,
};
inline constexpr std::size_t kFates = static_cast<std::size_t>(Fate::journal_failed) + 1;
constexpr auto names_of(Fate) {
  return std::to_array<std::string_view>({"traded",        "not_best",       "below_margin",   "no_capital",       "too_small",
                                          "already_held",  "cooling_down",   "wide_spread",    "thin_book",        "near_resolution",
                                          "market_closed", "stale_book",     "gapped_book",    "crossed_book",     "missing_book",
                                          "unknown_fees",  "position_limit", "exposure_limit", "allocation_limit", "order_limit",
                                          "order_rate",    "price_band",     "loss_limit",     "invalid_number",   "reducing",
                                          "halted",        "disabled",       "unreconciled",   "journal_failed"});
}

/// The reason a book that is not good gives.
Fate fate_of(BookState state) noexcept;

}  // namespace tradewind::prediction
