// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

/// An order's name. Computed from its content before it is sent and known to the venue by it, so that what became of it can be asked.
using OrderId = std::string;

struct Order {
  OrderId id;
  std::string market_id;
  OrderKind kind = OrderKind::limit;
  TimeInForce time_in_force = TimeInForce::fak;
  Outcome outcome = Outcome::yes;
  Side side = Side::buy;
  Price limit;
  Shares shares;
  bool operator==(const Order&) const = default;
};

/// Which side of a fill an order was on.
enum class Liquidity : std::uint8_t {
  taken,  ///< it met what was displayed, and pays the taker's fee
  given,  ///< it was resting
};
constexpr auto names_of(Liquidity) { return std::to_array<std::string_view>({"taken", "given"}); }

/// One line of the account's statement at the venue: everything that ever changed it, in the venue's order, numbered 1, 2, 3, …
struct AccountEntry {
  enum class Kind : std::uint8_t {
    fill,
    reversal,  ///< a fill that was matched and never settled is taken back: the fill's amounts with the sign changed
    merge,
    split,
    payout,    ///< a decided market's shares into dollars
    transfer,  ///< cash put in or taken out by hand
  };
  std::uint64_t sequence = 0;
  std::string id;  ///< unique; of a reversal: its own, `reverses` names the fill
  std::string reverses;
  Kind kind = Kind::fill;
  OrderId order_id;  ///< empty for payouts and transfers
  std::string market_id;
  Outcome outcome = Outcome::yes;          ///< of a fill
  Side side = Side::buy;                   ///< of a fill
  Price price;                             ///< of a fill
  Liquidity liquidity = Liquidity::taken;  ///< of a fill
  std::array<Price, 2> payout{};           ///< of a payout: what a share pays, by Outcome
  Shares yes;                              ///< change of the position in yes shares
  Shares no;                               ///< change of the position in no shares
  Money cash;                              ///< change of the cash, fee included
  Money fee;                               ///< ≥ 0 (of a reversal ≤ 0)
  UnixNanos time = 0;
  bool operator==(const AccountEntry&) const = default;

  Shares change(Outcome of) const noexcept { return of == Outcome::yes ? yes : no; }
  /// Shares of a fill, as counted against its order.
  Shares filled() const noexcept;
};
constexpr auto names_of(AccountEntry::Kind) {
  return std::to_array<std::string_view>({"fill", "reversal", "merge", "split", "payout", "transfer"});
}

/// What the venue says of an order when asked.
struct OrderReport {
  OrderId id;
  enum class State : std::uint8_t { not_found, open, done } state = State::not_found;
  Shares filled;
};

/// The account as the venue has it, all of one moment.
struct AccountReport {
  std::uint64_t request = 0;   ///< number of the question it answers
  std::uint64_t sequence = 0;  ///< of the last entry
  Money cash;
  std::map<std::pair<std::string, Outcome>, Shares> positions;  ///< those that are not 0
  std::vector<AccountEntry> entries;                            ///< those after the sequence asked for
  std::vector<OrderReport> open_orders;
};

struct OrderAccepted {
  OrderId id;
};
/// The venue said no, and why. Nothing of it was or will be filled.
struct OrderRejected {
  OrderId id;
  std::string reason;
};
/// No answer, or one that does not tell: the order may or may not be there.
struct OutcomeUnknown {
  OrderId id;
  std::string reason;
};
/// Nothing further will happen to the order; what it did not fill is cancelled.
struct OrderDone {
  OrderId id;
  Shares filled;
};
/// A question was not answered.
struct QuestionFailed {
  std::string reason;
};
using VenueEvent =
    std::variant<OrderAccepted, OrderRejected, OutcomeUnknown, OrderDone, AccountEntry, OrderReport, AccountReport, QuestionFailed>;

/// A place that takes orders. Nothing is answered on the spot: calls send, `poll` gives what has come back, in any order, sometimes twice,
/// sometimes not at all. One thread.
class Venue {
 public:
  virtual ~Venue() = default;
  virtual void submit(std::span<const Order> orders) = 0;
  virtual void cancel(const OrderId& id) = 0;
  virtual void cancel_all() = 0;
  /// Answered by an OrderReport.
  virtual void ask_order(const OrderId& id) = 0;
  /// Answered by an AccountReport with the entries after `sequence`.
  virtual void ask_account(std::uint64_t request, std::uint64_t sequence) = 0;
  virtual std::vector<VenueEvent> poll() = 0;
  /// Nanoseconds after sending at which an order that the venue does not know cannot arrive any more.
  virtual std::int64_t latest_arrival() const = 0;
};

}  // namespace tradewind::trading
