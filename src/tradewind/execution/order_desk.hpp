// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tradewind/base/time.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/execution/limits.hpp"
#include "tradewind/execution/state.hpp"
#include "tradewind/prediction/strategy.hpp"

namespace tradewind::execution {

struct DeskSettings {
  Limits limits;
  double stale_seconds = 15;       ///< a book without news for so long is not traded on
  double stale_venue_seconds = 0;  ///< nor one whose last change lies so far back by the venue's own clock; 0: whatever its stamp says
  double answer_seconds = 5;       ///< an order without an answer for so long is asked about
  double ask_again_seconds = 1;    ///< further questions come so far apart
  double rest_seconds = 300;       ///< a resting order is cancelled after so long
  double reconcile_seconds = 30;   ///< the account is compared with the venue's so often
};

/// What this process's desk has counted; what became of orders is counted by the state, which knows it over restarts.
struct DeskStatistics {
  std::uint64_t duplicates = 0;  ///< news of the venue that were known already
  std::uint64_t reconciliations = 0;
  std::uint64_t unanswered_questions = 0;
};

/// A strategy's account with its trades, as the strategy sees it.
struct StrategyAccount {
  Money equity;
  Money free_cash;
  std::vector<prediction::OpenTrade> trades;
  prediction::Account view() const noexcept { return {equity, free_cash, trades}; }
};

/// The one place through which orders leave.
///
/// - `enter` and `exit` check every limit, name the orders and set their cost aside; nothing leaves before `flush` has put them in the
///   journal. An order that the journal does not take is never sent.
/// - `poll` takes the venue's news, in any order, twice or not at all, and turns them into records. An order without an answer becomes
///   `unknown` and is asked about until the venue's word makes it final; it is never sent again.
/// - The account is compared with the venue's at the start and from time to time; until the first agreement nothing is sent, and a
///   difference halts trading.
/// - What a limit rests on is in the journal: the day's first mark and the orders of the last second hold over restarts.
/// - HALTED latches: it is in the journal and only `resume` ends it.
/// Time for durations and staleness is the clock's steady time: wall clock jumps change nothing. One thread.
class OrderDesk {
 public:
  struct Parts {
    trading::Venue* venue = nullptr;
    Journal* journal = nullptr;
    const Clock* clock = nullptr;
    prediction::MarketUniverse* universe = nullptr;
  };
  /// Replays the journal; an empty one is started with `fresh`. Orders whose end is not known become `unknown`. Errors: as the journal's.
  static Result<std::unique_ptr<OrderDesk>> open(const Parts& parts, const DeskSettings& settings, const SessionStarted& fresh);

  /// Says of every book whether it may be traded on, and what takers pay now.
  void refresh_books();
  prediction::BookState book_state(prediction::MarketIndex market) const;

  /// Opens a trade with these orders, all or none of them. Fate::traded, or why not.
  prediction::Fate enter(const std::string& strategy, const prediction::Opportunity& opportunity, const prediction::OrderPlan& plan,
                         std::vector<std::string> evidence = {});
  /// Orders that leave a trade; those that cannot be sent now are left out, the first reason is given.
  prediction::Fate exit(TradeId trade, const prediction::OrderPlan& plan);
  /// Journal first, then the wire. Errors: as the journal's; trading is then halted and nothing is sent.
  Status flush();
  /// What the venue has to say; timers.
  Status poll();
  void cancel(const trading::OrderId& id);

  /// Halting sends cancels for everything. All are journaled.
  Status set_trading_state(TradingState state, std::string reason);
  /// Errors: Errc::unknown_name with the strategies there are.
  Status switch_strategy(const std::string& name, bool enabled, bool exit_positions = false);
  /// Disables a strategy because a limit of its own, or a fault of it, says so; `why` stands in the journal.
  Status stop_strategy(const std::string& name, bool exit_positions, std::string why);
  /// A strategy the session did not begin with, without capital. Nothing for one it has.
  Status add_strategy(const std::string& name, bool enabled);
  /// Moves free capital towards the allocation; what is tied up follows as it comes free. Strategies not named get 0.
  /// Errors: Errc::usage when the shares do not sum to 1 (±1e-9) or one is outside [0, 1]; Errc::unknown_name.
  Status rebalance(const std::vector<std::pair<std::string, double>>& allocation);
  /// Carries out a person's command: what `effect` changes and the receipt, with its answer or its refusal, reach the journal together or
  /// not at all, so that a crash leads to no second time. Errors: as the journal's.
  Status take_command(CommandTaken command, const std::function<Result<std::string>()>& effect);

  /// Marks the account, moves capital that is still to follow a rebalance, and halts when a loss limit is passed.
  Status watch();

  /// Is told of every fill as it is booked.
  void on_fill(std::function<void(const trading::AccountEntry&)> observer) { on_fill_ = std::move(observer); }

  StrategyAccount account(const std::string& strategy) const;
  Money equity(const std::string& ledger) const;
  Money equity() const;
  const EngineState& state() const noexcept { return state_; }
  bool reconciled() const noexcept { return reconciled_; }
  /// Nothing is on its way: every order final, account compared.
  bool quiet() const noexcept { return reconciled_ && state_.working().empty() && waiting_.empty() && !wants_account_; }
  const DeskStatistics& statistics() const noexcept { return statistics_; }
  const DeskSettings& settings() const noexcept { return settings_; }

 private:
  /// What is known of an order's way over the wire; lost with the process, since only the venue's word counts after it.
  struct Wire {
    std::int64_t sent = 0;
    std::int64_t asked = 0;
    std::int64_t cancelled = -1;  ///< when a cancel was last sent; −1: never
  };
  OrderDesk(const Parts& parts, const DeskSettings& settings)
      : venue_(*parts.venue), journal_(*parts.journal), clock_(*parts.clock), universe_(*parts.universe), settings_(settings) {}

  void note_sent(const Record& record);
  void record(RecordBody body);
  // order_desk_admit.cpp
  prediction::Fate admit(const StrategyLedger& ledger, const prediction::OrderIntent& intent, Purpose purpose, TradeId trade) const;
  prediction::Fate admit_numbers(const prediction::OrderIntent& intent) const;
  prediction::Fate admit_book(const prediction::OrderIntent& intent) const;
  prediction::Fate admit_cost(const StrategyLedger& ledger, const prediction::OrderIntent& intent, Money cost) const;
  Money cost_of(const prediction::OrderIntent& intent) const;
  Money tied_up(const std::string& market_id) const;
  Money tied_up_in_event(const std::string& event_id) const;
  Money mark(const Trade& trade) const;
  void create(TradeId trade, const prediction::OrderIntent& intent, Purpose purpose);
  // order_desk_events.cpp
  void on(const trading::OrderAccepted& event);
  void on(const trading::OrderRejected& event);
  void on(const trading::OutcomeUnknown& event);
  void on(const trading::OrderDone& event);
  void on(const trading::AccountEntry& event);
  void on(const trading::OrderReport& event);
  void on(const trading::AccountReport& event);
  void on(const trading::QuestionFailed& event);
  void change(const trading::OrderId& id, OrderStatus status, std::string reason = {}, Shares filled = {});
  void book_waiting();
  void compare(const trading::AccountReport& report);
  bool is_behind(const trading::AccountReport& report) const;
  void look_after_orders();
  void look_after(const OrderState& order, Wire& wire);
  void ask(const trading::OrderId& id, Wire& wire);
  void ask_account_if_due();
  void halt(std::string reason);
  void move_capital();
  std::int64_t nanos(double seconds) const { return static_cast<std::int64_t>(seconds * 1e9); }

  trading::Venue& venue_;
  Journal& journal_;
  const Clock& clock_;
  prediction::MarketUniverse& universe_;
  DeskSettings settings_;
  EngineState state_;
  DeskStatistics statistics_;
  std::vector<Record> pending_;  ///< applied, not yet in the journal
  std::vector<trading::Order> to_send_;
  bool cancel_all_ = false;
  bool journal_failed_ = false;  ///< the last write
  bool together_ = false;        ///< flush waits for the end of the command
  std::unordered_map<trading::OrderId, Wire> wires_;
  std::map<std::uint64_t, trading::AccountEntry> waiting_;  ///< entries whose predecessors have not come yet
  std::deque<std::int64_t> sent_times_;                     ///< of the orders of the last second
  std::function<void(const trading::AccountEntry&)> on_fill_;
  bool reconciled_ = false;
  bool wants_account_ = true;
  std::int64_t account_asked_ = -1;
  std::int64_t reconciled_at_ = 0;
  std::int64_t halted_cancel_ = 0;
  std::uint64_t requests_ = 0;
  std::map<std::uint64_t, std::uint64_t> questions_;  ///< for the account: number, last entry known when it was asked
};

}  // namespace tradewind::execution
