// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/trading/fees.hpp"
#include "tradewind/trading/money.hpp"

namespace tradewind::trading {

/// The two outcomes of a market: `yes` is the one the venue calls so, or the first of two other names (PredictionMarket::is_yes_or_no).
enum class Outcome : std::uint8_t { yes, no };
constexpr Outcome opposite(Outcome outcome) noexcept { return outcome == Outcome::yes ? Outcome::no : Outcome::yes; }
constexpr auto names_of(Outcome) { return std::to_array<std::string_view>({"yes", "no"}); }

enum class Side : std::uint8_t { buy, sell };
constexpr Side opposite(Side side) noexcept { return side == Side::buy ? Side::sell : Side::buy; }
constexpr auto names_of(Side) { return std::to_array<std::string_view>({"buy", "sell"}); }

enum class OrderKind : std::uint8_t {
  limit,  ///< buy or sell at the limit or better
  merge,  ///< one yes and one no into a dollar
  split,  ///< a dollar into one yes and one no
};
constexpr auto names_of(OrderKind) { return std::to_array<std::string_view>({"limit", "merge", "split"}); }

enum class TimeInForce : std::uint8_t {
  fak,  ///< fill what is there, cancel the rest (IOC)
  fok,  ///< all or nothing
  gtc,  ///< rests until cancelled
};
constexpr auto names_of(TimeInForce) { return std::to_array<std::string_view>({"fak", "fok", "gtc"}); }

/// A question with two outcomes, each a token that pays one dollar if it comes true.
struct PredictionMarket {
  std::string id;  ///< the venue's name of the condition; unique
  std::string question;
  std::string slug;
  std::string event_id;  ///< markets of one event belong together; empty: alone
  std::vector<std::string> tags;
  std::array<std::string, 2> outcome_names = {"Yes", "No"};  ///< by Outcome; empty: not told
  std::array<std::string, 2> token_ids;                      ///< by Outcome
  Price tick_size{10'000};
  Shares minimum_size = Shares::whole(5);  ///< of a resting order
  FeeSchedule fees;                        ///< in force; counts only where they are known
  bool fees_known = true;                  ///< false: takers pay and nobody says how much, so nothing is traded
  std::vector<FeeChange> fee_changes;      ///< by date, the oldest first; empty: `fees` whenever it is
  UnixNanos end_time = 0;                  ///< when trading is meant to end; 0: not known. No promise of a resolution
  bool active = true;
  bool closed = false;
  bool accepting_orders = true;
  bool order_book_enabled = true;
  bool negative_risk = false;                  ///< of the markets of its event exactly one resolves to yes
  bool augmented = false;                      ///< the event may get further outcomes: those listed need not hold the winner
  std::uint32_t event_markets = 0;             ///< how many markets its event has at the venue, whether we follow them or not; 0: not known
  double volume = 0;                           ///< dollars traded so far
  double liquidity = 0;                        ///< dollars resting in the book, as the venue has it
  std::optional<std::array<Price, 2>> payout;  ///< once resolved, by Outcome: 1 and 0, or fractions that sum to 1

  /// Whether the venue takes orders: `active` alone stays true after the close.
  bool tradable() const noexcept { return active && !closed && accepting_orders && order_book_enabled && !payout; }
  /// What takers pay at a moment: the one place that says so. nullopt: not known.
  std::optional<FeeSchedule> fees_at(UnixNanos time) const noexcept;
  /// Puts what is in force at a moment into `fees` and `fees_known`.
  void apply_fees(UnixNanos time) noexcept;
  /// Whether its outcomes are yes and no to its question. Of two teams, say, neither is: such a market says nothing about other markets.
  bool is_yes_or_no() const noexcept { return outcome_names[0] == "Yes" && outcome_names[1] == "No"; }
};

/// The proposition "if `antecedent` resolves to yes, so does `consequent`". Curated by people: similar words may settle differently.
struct Implication {
  std::string antecedent;  ///< market id
  std::string consequent;  ///< market id
};

/// One item of a news feed.
struct NewsItem {
  std::string id;          ///< unique in its feed
  UnixNanos time = 0;      ///< when it was published
  UnixNanos received = 0;  ///< when it reached us, never before which it may be used
  std::string source;
  std::string headline;
  std::string text;
  std::vector<std::string> market_ids;  ///< markets the feed says it is about; mostly empty
};

}  // namespace tradewind::trading
