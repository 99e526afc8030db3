// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/execution/state.hpp"

namespace tradewind::execution {

/// What a trade became, line by line: enough to recompute every figure of its strategy.
struct ListedTrade {
  struct OrderLine {
    trading::Order order;
    Purpose purpose = Purpose::entry;
    OrderStatus status = OrderStatus::pending;
    std::string reason;  ///< of its last change, e.g. why the venue refused it
    UnixNanos created = 0;
    Shares filled;
  };
  /// One movement of shares and cash, as the venue's statement has it.
  struct Line {
    trading::AccountEntry::Kind kind = trading::AccountEntry::Kind::fill;
    UnixNanos time = 0;
    std::uint64_t sequence = 0;  ///< of the account entry
    trading::OrderId order_id;
    std::string market_id;
    trading::Outcome outcome = trading::Outcome::yes;
    trading::Side side = trading::Side::buy;
    trading::Liquidity liquidity = trading::Liquidity::taken;
    Price price;
    Shares shares;  ///< change of what is held
    Money fee;
    Money cash;  ///< change of the cash, fee included
  };
  TradeId id = 0;
  std::string strategy;
  prediction::OpportunityKind kind = prediction::OpportunityKind::custom;
  UnixNanos opened = 0;
  std::optional<UnixNanos> closed;  ///< nothing of it is held and none of its orders works
  double expected_profit = 0;       ///< dollars, of the orders that were sent
  std::vector<std::string> evidence;
  std::vector<OrderLine> orders;
  std::vector<Line> lines;

  Money profit() const;  ///< Σ cash of its lines: its profit once it is closed
  Money fees() const;
  bool filled() const { return !lines.empty(); }
};

/// Reads a session's records into trades. Trade 0 is what no order of the session explains: transfers, trades by hand.
class TradeHistory {
 public:
  TradeHistory();
  TradeHistory(const TradeHistory&) = delete;
  TradeHistory& operator=(const TradeHistory&) = delete;

  void apply(const Record& record);
  /// The same for a record from elsewhere. Errors: as EngineState::replay.
  Status replay(const Record& record);
  /// By number.
  const std::map<TradeId, ListedTrade>& trades() const noexcept { return trades_; }
  const EngineState& state() const noexcept { return state_; }

 private:
  void note(const Record& record);
  void take(const CashFlow& flow);
  void take(const OrderChanged& body);
  ListedTrade::OrderLine* order(const trading::OrderId& id);

  EngineState state_;
  std::map<TradeId, ListedTrade> trades_;
  std::unordered_map<trading::OrderId, std::pair<TradeId, std::size_t>> orders_;
  std::vector<TradeId> touched_;  ///< by the record under way
};

}  // namespace tradewind::execution
