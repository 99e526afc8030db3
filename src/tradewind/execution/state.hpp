// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tradewind/execution/record.hpp"

namespace tradewind::execution {

using TokenKey = std::pair<std::string, trading::Outcome>;  ///< market id, outcome

struct OrderState {
  trading::Order order;
  TradeId trade = 0;
  Purpose purpose = Purpose::entry;
  OrderStatus status = OrderStatus::pending;
  Money reserved;       ///< of the whole order
  Shares filled;        ///< by fills booked; reversals do not count against it
  Shares final_filled;  ///< with `closing`: what the venue said
  UnixNanos created = 0;

  Shares remaining() const noexcept { return order.shares - filled; }
  /// What is still set aside for it.
  Money reserve() const noexcept;
};

/// Shares of one token held by a trade and what was paid for them.
struct Lot {
  Shares shares;
  Money cost;
};

struct Trade {
  TradeId id = 0;
  std::string strategy;
  prediction::OpportunityKind kind = prediction::OpportunityKind::custom;
  double signal = 0;
  double expected_profit = 0;
  std::vector<std::string> evidence;
  UnixNanos opened = 0;
  std::map<TokenKey, Lot> lots;         ///< those that are not 0
  Money realized;                       ///< cash that came out less the cost of what was given, fees included
  Money spent;                          ///< cash paid for shares, in all
  std::uint32_t working = 0;            ///< orders that are not final
  bool entered = false;                 ///< something was filled
  bool exiting = false;                 ///< an exit order was sent
  bool paid_out = false;                ///< a resolution has paid for some of its shares
  std::vector<std::string> market_ids;  ///< of its entry orders
  bool closed() const noexcept { return lots.empty() && working == 0; }
};

/// One strategy's own account. The sum over strategies and `external` is the account at the venue, to the millionth.
struct StrategyLedger {
  std::string name;
  bool enabled = true;
  bool exit_positions = false;
  double allocation = 0;
  Money cash;
  Money contributed;  ///< capital given to it less capital taken away
  Money reserved;     ///< set aside for its working orders
  Money open_cost;    ///< Σ cost of its lots
  Money realized;
  Money settled;  ///< of it: by trades that are over
  Money fees;
  std::int64_t opened = 0;  ///< trades whose orders were sent, whatever became of them
  std::int64_t trades = 0;  ///< of them: something was filled
  std::int64_t closed = 0;
  std::int64_t won = 0;
  std::int64_t lost = 0;
  std::int64_t streak = 0;  ///< closed trades in a row that lost, since it was last enabled
  std::string limit;        ///< why it was disabled, when a limit did it
  Money profit_base;        ///< what limits count its loss from: its profit when it was last enabled
  Money day_base;           ///< … its profit at the day's first mark, or when it was enabled since
  double capital_time = 0;  ///< dollars · nanoseconds: what `contributed` was, for how long, until it last changed
  UnixNanos capital_since = 0;
  Money free_cash() const noexcept { return cash - reserved; }
  /// Capital given, or taken away, at `time`.
  void contribute(Money given, UnixNanos time);
  /// Profit `equity` − contributed over the mean capital from the session's start to `now`, each dollar by the time it was there [Dietz
  /// 1968, modified]: what the owner made of his money. nullopt without capital or time.
  std::optional<double> money_weighted(Money equity, UnixNanos started, UnixNanos now) const;
};

/// Cash and shares that one line of the venue's statement moved within one trade: what an account's history is made of. Merges, splits and
/// payouts give one for each outcome and holder.
struct CashFlow {
  TradeId trade = 0;
  const trading::AccountEntry* entry = nullptr;
  trading::Outcome outcome = trading::Outcome::yes;
  Price price;    ///< per share: of the fill, half a dollar of a merge or split, the payout
  Shares shares;  ///< change of what the trade holds
  Money fee;
  Money cash;  ///< change of the strategy's cash, fee included
};

/// Everything an engine knows of its account. Built by records only, so a journal replayed gives the same state to the last digit.
class EngineState {
 public:
  /// Name of the ledger for what no order of ours explains: trades by hand, transfers.
  static constexpr const char* kExternal = "external";

  /// Takes for granted that the record can follow those before it, as one made of this state does.
  void apply(const Record& record);
  /// Is told of every movement as it is booked; for a history read from a journal.
  void observe(std::function<void(const CashFlow&)> observer) { observer_ = std::move(observer); }
  /// The same for a record from elsewhere. Errc::corrupt, and nothing is changed, for one that no engine wrote after those before it: the
  /// first that is no start, an order that is there already, amounts whose sums overflow.
  Status replay(const Record& record);

  const std::string& session() const noexcept { return session_; }
  const std::string& config() const noexcept { return config_; }
  Money capital() const noexcept { return capital_; }
  UnixNanos started() const noexcept { return started_; }
  TradingState trading_state() const noexcept { return trading_state_; }
  const std::string& state_reason() const noexcept { return state_reason_; }
  /// Strategies in the order of the session's start, then the external ledger.
  const std::vector<StrategyLedger>& ledgers() const noexcept { return ledgers_; }
  const StrategyLedger* ledger(std::string_view name) const;
  const std::map<TradeId, Trade>& trades() const noexcept { return trades_; }         ///< those not closed
  const std::map<TradeId, Trade>& closed_trades() const noexcept { return closed_; }  ///< the latest ones
  const OrderState* order(const trading::OrderId& id) const;
  /// Orders that are not final.
  const std::map<trading::OrderId, OrderState>& working() const noexcept { return working_; }

  Money cash() const;  ///< of the account
  std::map<TokenKey, Shares> positions() const;
  /// Whether shares of a market are held or an order for it is working. O(trades + working orders).
  bool involves(std::string_view market_id) const;
  std::uint64_t sequence() const noexcept { return sequence_; }  ///< of the last account entry booked
  std::uint64_t next_order() const noexcept { return orders_created_ + 1; }
  TradeId next_trade() const noexcept { return trades_opened_ + 1; }
  bool capital_moving() const noexcept { return capital_moving_; }  ///< a rebalance is not through yet
  std::int64_t day() const noexcept { return day_; }                ///< of the last DayStarted, in days since 1970; −1 without one
  Money day_equity() const noexcept { return day_equity_; }         ///< that of its first mark
  std::int64_t last_command() const noexcept { return last_command_; }
  std::uint64_t records() const noexcept { return records_; }
  /// Orders that became final, as they stand.
  std::uint64_t ended(OrderStatus status) const noexcept { return ended_[static_cast<std::size_t>(status)]; }
  std::uint64_t orders_created() const noexcept { return orders_created_; }
  std::uint64_t fills() const noexcept { return fills_; }
  std::uint64_t reversals() const noexcept { return reversals_; }
  std::uint64_t unknown_outcomes() const noexcept { return unknown_outcomes_; }  ///< orders whose answer did not come or did not tell
  /// Orders refused, by the venue's reason; at most 64 of them.
  const std::map<std::string, std::uint64_t>& rejections() const noexcept { return rejections_; }
  std::uint64_t late_fills() const noexcept { return late_fills_; }
  std::uint64_t external_entries() const noexcept { return external_entries_; }
  /// Shares of a trade's token that no working order is selling or merging yet.
  Shares available(TradeId trade, const TokenKey& token) const;

  /// A trade that holds fewer than no shares: somebody sold them by hand (trade 0), or the venue took back a fill that had been sold on.
  std::optional<std::pair<TradeId, TokenKey>> oversold() const;
  /// What must always hold: ledgers add up, reserves match the working orders, no order is overfilled. The broken rule, or empty.
  std::string broken_invariant() const;
  /// SHA-256 over everything, to compare two states.
  std::string fingerprint() const;

 private:
  void on(const SessionStarted& body, UnixNanos time);
  void on(const TradeOpened& body, UnixNanos time);
  void on(const OrderCreated& body, UnixNanos time);
  void on(const OrderChanged& body, UnixNanos time);
  void on(const EntryBooked& body, UnixNanos time);
  void on(const StrategySwitched& body, UnixNanos time);
  void on(const CapitalMoved& body, UnixNanos time);
  void on(const StateChanged& body, UnixNanos time);
  void on(const CommandTaken& body, UnixNanos time);
  void on(const DayStarted& body, UnixNanos time);
  void on(const StrategyAdded& body, UnixNanos time);

  std::string misfit(const Record& record) const;
  bool can_reserve(TradeId trade, Money reserved) const;

  struct Finished {
    TradeId trade = 0;
    std::string strategy;
  };
  StrategyLedger& ledger_of(std::string_view name);
  Trade& trade_of(const trading::AccountEntry& entry);
  void book(Trade& trade, const trading::AccountEntry& entry);
  void pay_out(const trading::AccountEntry& entry);
  void move(Trade& trade, CashFlow flow);
  void change_lot(Trade& trade, StrategyLedger& ledger, const TokenKey& token, Shares shares, Money cash);
  void set_status(OrderState& order, OrderStatus status);
  void fill(OrderState& order, Shares shares);
  void finish(const trading::OrderId& id);
  void settle(TradeId id);

  std::string session_;
  std::string config_;
  Money capital_;
  UnixNanos started_ = 0;
  TradingState trading_state_ = TradingState::active;
  std::string state_reason_;
  std::vector<StrategyLedger> ledgers_;
  std::map<TradeId, Trade> trades_;
  std::map<trading::OrderId, OrderState> working_;
  std::unordered_map<trading::OrderId, OrderState> finished_;  ///< the latest ones, so that late news of them is understood
  std::deque<trading::OrderId> finished_order_;
  std::map<TradeId, Trade> closed_;  ///< the latest ones
  std::uint64_t sequence_ = 0;
  std::uint64_t orders_created_ = 0;
  TradeId trades_opened_ = 0;
  bool capital_moving_ = false;
  std::int64_t last_command_ = 0;
  std::int64_t day_ = -1;
  Money day_equity_;
  std::uint64_t records_ = 0;
  std::uint64_t late_fills_ = 0;
  std::uint64_t external_entries_ = 0;
  std::array<std::uint64_t, names_of(OrderStatus{}).size()> ended_{};
  std::uint64_t fills_ = 0;
  std::uint64_t reversals_ = 0;
  std::uint64_t unknown_outcomes_ = 0;
  std::map<std::string, std::uint64_t> rejections_;
  std::function<void(const CashFlow&)> observer_;
  AmountBound replayed_;  ///< all amounts of replayed records
};

}  // namespace tradewind::execution
