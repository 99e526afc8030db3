// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::books {

/// What a recorded event changes.
enum class EventKind : std::uint8_t {
  book,     ///< a whole book of one outcome begins: both of its sides are empty until the levels that follow
  level,    ///< `shares` rest at `price` on `side` from now on; 0: none
  print,    ///< others traded `shares` at `price`; `side` is the taker's
  tick,     ///< `price` is the tick from now on; the book is not to be trusted until the next one
  trading,  ///< orders are taken (shares 1) or not (0)
  payout,   ///< the market is decided: `price` is what a yes share pays
};
constexpr auto names_of(EventKind) { return std::to_array<std::string_view>({"book", "level", "print", "tick", "trading", "payout"}); }

/// One change, as it was received. 32 bytes: a day of a venue is a hundred million of them.
struct BookEvent {
  UnixNanos received = 0;     ///< what a strategy may know, from then on
  std::int64_t shares = 0;    ///< millionths; kUnknownSize: a quote that does not say how much
  std::int32_t price = 0;     ///< millionths of a dollar
  std::uint32_t market = 0;   ///< place in the recording's markets
  std::int32_t delay_us = 0;  ///< from the venue's time to `received`; clipped to what fits
  EventKind kind = EventKind::level;
  trading::Outcome outcome = trading::Outcome::yes;
  trading::Side side = trading::Side::buy;
  bool inferred = false;  ///< of a print: the source does not tell the taker's side, the book does
};
static_assert(sizeof(BookEvent) == 32);

inline constexpr std::int64_t kUnknownSize = -1;

}  // namespace tradewind::books
