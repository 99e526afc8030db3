// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/prediction/opportunity.hpp"
#include "tradewind/trading/venue.hpp"

namespace tradewind::execution {

enum class TradingState : std::uint8_t {
  active,
  reducing,  ///< exits only
  halted,    ///< nothing is sent but cancels, until a person resumes
};
constexpr auto names_of(TradingState) { return std::to_array<std::string_view>({"ACTIVE", "REDUCING", "HALTED"}); }

/// Where an order stands. Only the venue's word makes it final; a failed transport never does.
enum class OrderStatus : std::uint8_t {
  pending,    ///< journaled and, as far as is known, sent; no answer yet
  open,       ///< the venue has it
  unknown,    ///< no answer, or one that does not tell: it is asked about, never sent again
  closing,    ///< the venue says it is done; some of its fills have not come yet
  filled,     ///< final, whole
  cancelled,  ///< final, what was not filled is cancelled
  rejected,   ///< final, the venue refused it or it never arrived
};
constexpr auto names_of(OrderStatus) {
  return std::to_array<std::string_view>({"pending", "open", "unknown", "closing", "filled", "cancelled", "rejected"});
}
constexpr bool is_final(OrderStatus status) noexcept { return status >= OrderStatus::filled; }

enum class Purpose : std::uint8_t { entry, exit };
constexpr auto names_of(Purpose) { return std::to_array<std::string_view>({"entry", "exit"}); }

/// Most shares of one order.
inline constexpr Shares kMostShares = Shares::whole(100'000'000);

/// Numbers trades within a session, from 1. Trade 0 is what the account did that no order of ours explains.
using TradeId = std::uint64_t;

// What the journal holds. The state of a session is what its records make of an empty one, in order; nothing else changes it.

struct SessionStarted {
  struct Share {
    std::string strategy;
    bool enabled = true;
    double allocation = 0;  ///< [0, 1], Σ = 1
    Money cash;
    bool operator==(const Share&) const = default;
  };
  std::string session;
  Money capital;
  std::vector<Share> strategies;
  std::string config;  ///< as JSON
  bool operator==(const SessionStarted&) const = default;
};
struct TradeOpened {
  TradeId trade = 0;
  std::string strategy;
  prediction::OpportunityKind kind = prediction::OpportunityKind::custom;
  double signal = 0;
  double expected_profit = 0;
  std::vector<std::string> evidence;  ///< e.g. the news items it rests on
  bool operator==(const TradeOpened&) const = default;
};
struct OrderCreated {
  trading::Order order;
  TradeId trade = 0;
  Purpose purpose = Purpose::entry;
  Money reserved;  ///< most it can cost, fee included; 0 for sells
  bool operator==(const OrderCreated&) const = default;
};
/// Why an order is `unknown` after a start: not the venue's silence.
inline constexpr std::string_view kRestart = "restart";
struct OrderChanged {
  trading::OrderId id;
  OrderStatus status = OrderStatus::pending;
  Shares filled;  ///< with `closing`: what the venue says was filled in all
  std::string reason;
  bool operator==(const OrderChanged&) const = default;
};
/// A line of the venue's statement, in its order.
struct EntryBooked {
  trading::AccountEntry entry;
  bool operator==(const EntryBooked&) const = default;
};
struct StrategySwitched {
  std::string strategy;
  bool enabled = true;
  bool exit_positions = false;  ///< when disabled: leave positions now instead of holding them to their own exit
  std::string limit = {};       ///< when a limit of its own or a fault of it did it: which, and by how much; empty: a person did
  Money profit = {};            ///< at that moment: limits of a strategy that is enabled again count from here
  bool operator==(const StrategySwitched&) const = default;
};
/// Capital moved between strategies; `allocation` is the target from now on.
struct CapitalMoved {
  std::vector<std::pair<std::string, double>> allocation;
  std::vector<std::pair<std::string, Money>> transfers;  ///< Σ = 0
  bool more = false;  ///< some of it is still tied up in positions and orders, and follows as it comes free
  bool operator==(const CapitalMoved&) const = default;
};
struct StateChanged {
  TradingState state = TradingState::active;
  std::string reason;
  bool operator==(const StateChanged&) const = default;
};
/// A person's command was carried out or refused.
struct CommandTaken {
  std::int64_t command = 0;  ///< its number in the inbox; 0: none
  std::string text;
  bool accepted = true;
  std::string answer;
  bool operator==(const CommandTaken&) const = default;
};
/// The first mark of a day (UTC), which the day's loss is counted from.
struct DayStarted {
  Money equity;
  std::vector<std::pair<std::string, Money>> profit = {};  ///< of every strategy at that mark
  bool operator==(const DayStarted&) const = default;
};
/// A strategy that the session did not begin with. It has no capital before a rebalance gives it some.
struct StrategyAdded {
  std::string strategy;
  bool enabled = true;
  bool operator==(const StrategyAdded&) const = default;
};
using RecordBody = std::variant<SessionStarted, TradeOpened, OrderCreated, OrderChanged, EntryBooked, StrategySwitched, CapitalMoved,
                                StateChanged, CommandTaken, DayStarted, StrategyAdded>;

struct Record {
  UnixNanos time = 0;
  RecordBody body;
  bool operator==(const Record&) const = default;
};

/// Stable name of a kind of record: "order_created", …
std::string_view record_kind(const RecordBody& body) noexcept;
/// The body as JSON; record_from_json reads back the same. Errc::corrupt for anything else, Errc::newer_format for an unknown kind.
Json record_json(const RecordBody& body);
Result<RecordBody> record_from_json(std::string_view kind, std::string_view json);

}  // namespace tradewind::execution
