// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/execution/order_desk.hpp"
#include "tradewind/live/session_moment.hpp"
#include "tradewind/live/trade_follower.hpp"
#include "tradewind/prediction/strategy.hpp"
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"
#include "tradewind/trading/market_listener.hpp"
#include "tradewind/trading/order_book.hpp"

namespace tradewind::live {

/// A strategy under the name the configuration gives it.
struct NamedStrategy {
  std::string name;
  std::unique_ptr<prediction::PredictionStrategy> strategy;
  execution::StrategyLimits limits = {};
};

struct ManagerSettings {
  int max_trades_per_cycle = 3;  ///< entries of one strategy in one cycle: the best ones
  double cooldown_seconds = 30;  ///< a strategy does not enter a market again so soon after it tried
};

/// Opportunities by strategy, as the document's run_all_strategies gives them.
using Opportunities = std::map<std::string, std::vector<prediction::Opportunity>>;

/// Runs several strategies on one account, each with its own capital: the document's StrategyManager.
///
/// Orders leave through the OrderDesk only, so a fill belongs to one strategy and limits hold for all. Every opportunity found ends in
/// exactly one prediction::Fate, which is counted. Strategies see the market whether or not they are enabled, so that one enabled later
/// knows its history. One thread.
class StrategyManager {
 public:
  struct Parts {
    execution::OrderDesk* desk = nullptr;
    prediction::MarketUniverse* universe = nullptr;
    const Clock* clock = nullptr;
    trading::MarketListener* listener = nullptr;  ///< is shown all that is taken: a paper venue; null on a real one
  };
  StrategyManager(const Parts& parts, std::vector<NamedStrategy> strategies, const ManagerSettings& settings);

  /// By itself: a paper account without delay and a journal in memory, from a configuration with the document's keys (docs/live.md).
  /// Errors: Errc::invalid_config with every complaint.
  static Result<std::unique_ptr<StrategyManager>> make(const config::Value& config, const std::string& file = "config",
                                                       const Clock& clock = system_clock());
  ~StrategyManager();
  StrategyManager(const StrategyManager&) = delete;
  StrategyManager& operator=(const StrategyManager&) = delete;

  /// One more, from the next cycle on. The desk must have its ledger.
  void add(NamedStrategy strategy);

  /// Takes markets (decided ones with their payout) and their prices, which count as received now. A decided market is kept until nothing
  /// of it is held and its whole event is decided.
  void take(std::span<const trading::PredictionMarket> markets, std::span<const trading::MarketPrices> prices);
  /// Trades of others at the venue, which move the queues of a paper account.
  void take(std::span<const trading::Print> prints);
  /// A cycle lived before, once more, at the clock's time then: strategies see it and are told of their trades as they stood, which `then`
  /// has. Nothing is counted, entered or shown to the listener. Before `restore`.
  void relive(const execution::EngineState& then, std::span<const trading::PredictionMarket> markets,
              std::span<const trading::MarketPrices> prices, std::span<const trading::NewsItem> news);
  /// All strategies on what was taken last. `news`: received since the last call. The reference is good until the next call.
  const Opportunities& run_all_strategies(std::span<const trading::NewsItem> news = {});
  /// The document's form: takes and runs.
  Result<Opportunities> run_all_strategies(std::span<const trading::PredictionMarket> markets,
                                           const std::map<std::string, trading::MarketPrices>& prices,
                                           std::span<const trading::NewsItem> news = {});
  /// Lets every strategy look at the market on a worker of its own: `optimizer`'s threads, while it has some; null: one after another. What
  /// they find is the same either way. A strategy's analyze and find_opportunities then run on other threads than its other methods, never
  /// at the same time.
  void look_in_parallel(const telemetry::PerformanceOptimizer* optimizer) noexcept { optimizer_ = optimizer; }
  /// One book has changed, outside the cycle: the strategies look at that market only, and what they find is executed. Trades entered.
  int on_book(const trading::MarketPrices& prices);

  /// Leaves trades that are to be left, then enters the best opportunities of every strategy. Trades entered by strategy.
  std::map<std::string, int> execute_best_opportunities(const Opportunities& all);
  /// Its two halves, to be timed apart: choosing and sizing, then journal, wire and what comes back at once.
  std::map<std::string, int> decide(const Opportunities& all);
  void execute();

  /// {name: {opportunities_found, opportunities_taken, total_profit, roi_percent, win_rate_percent, avg_profit_per_trade, …}}: found =
  /// taken + the sum of `reasons`, taken: trades of which something was filled. total_profit is that of closed trades; profit and rates
  /// are net of fees; undefined ones are null with a reason under "undefined".
  Json compare_strategies() const;
  /// By time-weighted return; nullopt while no strategy has traded.
  std::optional<std::string> get_best_performing_strategy() const;
  /// False for a name the session does not have; `last_error` says more.
  bool enable_strategy(const std::string& name);
  /// Without `exit_positions` it keeps its positions to their own exits and opens none.
  bool disable_strategy(const std::string& name, bool exit_positions = false);
  /// False when refused: the shares must sum to 1.
  bool rebalance_capital(const std::map<std::string, double>& new_allocation);
  Json get_statistics() const;
  Json get_portfolio_summary() const;
  /// All of these, as `tradewind live` gives them.
  Json report() const;
  /// {reason: count}: why opportunities were not traded.
  Json reasons() const;
  const std::optional<Error>& last_error() const noexcept { return last_error_; }

  execution::OrderDesk& desk() noexcept { return desk_; }
  const execution::OrderDesk& desk() const noexcept { return desk_; }
  prediction::MarketUniverse& universe() noexcept { return universe_; }
  std::uint64_t cycles() const noexcept { return cycles_; }
  std::uint64_t opportunities_found() const noexcept;
  std::size_t stale_books() const noexcept;

  /// Counts a cycle and marks every account at its equity, which returns are computed from; by ledger.
  std::vector<Money> finish_cycle();
  /// Marks again: something came back after the cycle.
  std::vector<Money> mark();
  /// All that compare_strategies and get_statistics are computed from.
  SessionMoment moment() const;
  /// What is counted outside the journal, to go on after a restart.
  Counters counters() const;
  /// The same with what the strategies save.
  Counters counters_and_states() const;
  /// Goes on from them; without `states` strategies have seen all before. A state that its strategy refuses is told by `last_error`; that
  /// strategy starts without.
  void restore(const SessionMoment& moment, bool states = true);

 private:
  /// A strategy with what it has counted.
  struct Running {
    std::string name;
    std::unique_ptr<prediction::PredictionStrategy> strategy;
    execution::StrategyLimits limits;
    Counters::OfStrategy counted;
    std::string fault;                                                ///< what it threw: it is asked no more
    bool was_enabled = true;                                          ///< when last looked at
    std::unordered_map<prediction::MarketIndex, std::int64_t> tried;  ///< when it last entered a market
    std::map<std::string, std::int64_t> tried_before;                 ///< the same before a restart, by the market's id
    std::vector<prediction::Opportunity>* opportunities = nullptr;    ///< its place in opportunities_
    std::vector<std::uint32_t> ranking;                               ///< kept for its memory
  };
  struct Owned;
  StrategyManager(std::unique_ptr<Owned> owned, const Parts& parts, std::vector<NamedStrategy> strategies, const ManagerSettings& settings);

  const execution::EngineState& state() const noexcept { return then_ != nullptr ? *then_ : desk_.state(); }
  prediction::MarketView view(std::span<const trading::NewsItem> news) const;
  void look_at_all(std::span<const trading::NewsItem> news);
  void take_decided(const trading::PredictionMarket& market);
  void release_decided();
  void notice_enabled();
  void set_faulty_aside();
  void note_unpaid(Running& running, const prediction::Opportunity& opportunity) const;
  void watch_limits(std::span<const Money> equity);
  std::string passed_limit(const Running& running, const execution::StrategyLedger& ledger, Money equity) const;
  void look(const prediction::MarketView& view);
  void look(Running& running, const prediction::MarketView& view) const;
  void leave(Running& running, const prediction::MarketView& view);
  int enter_best(Running& running, std::span<const prediction::Opportunity> found, const prediction::MarketView& view);
  prediction::Fate try_to_enter(Running& running, const prediction::Opportunity& opportunity, const prediction::MarketView& view,
                                const execution::StrategyAccount& account);
  prediction::Fate guarded_entry(Running& running, const prediction::Opportunity& opportunity, const prediction::MarketView& view,
                                 const execution::StrategyAccount& account);
  void tell_trades();
  void tell(const execution::Trade& trade, bool over);
  bool keep(const Status& status);
  void recall_entries(Running& running) const;
  bool cools_down(const Running& running, prediction::MarketIndex market, const prediction::MarketView& view) const;
  void add_details(Json& strategies) const;
  std::string question(const std::string& market_id) const;

  std::unique_ptr<Owned> owned_;
  execution::OrderDesk& desk_;
  prediction::MarketUniverse& universe_;
  const Clock& clock_;
  trading::MarketListener* listener_;
  ManagerSettings settings_;
  const execution::EngineState* then_ = nullptr;  ///< while a cycle is lived once more
  std::vector<Running> strategies_;
  Opportunities opportunities_;
  std::vector<double> mids_;          ///< of this cycle's view
  std::vector<std::string> decided_;  ///< markets to be released
  const telemetry::PerformanceOptimizer* optimizer_ = nullptr;
  std::map<std::string, AccountGrowth> growth_;  ///< by ledger
  UnixNanos marked_ = 0;                         ///< time of the last mark
  TradeFollower told_;                           ///< trades that were told to their strategies
  std::uint64_t cycles_ = 0;
  std::optional<Error> last_error_;
};

}  // namespace tradewind::live
