// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/replay/replay.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::analysis {

/// Where a run's price data is, when it is not where the run says.
struct RunData {
  std::map<std::string, std::string> files;  ///< SYMBOL -> price file
  bool allow_changed = false;                ///< accept data whose hash differs from the run's
};

/// A run with what is needed to trade its signals again, whoever wrote it: what its metadata say of its execution, and the prices.
class RunInput {
 public:
  /// Errors: Errc::not_found; Errc::invalid_data for a run that does not say on which prices its signals are.
  static Result<RunInput> open(const std::string& run_id, RunData data, const Path& root);

  const workspace::Run& run() const noexcept { return run_; }
  const workspace::RunMetadata& metadata() const noexcept { return run_.metadata(); }
  /// How the run is traded, on the timeline of all its symbols.
  const metrics::TradeTables::Options& execution() const noexcept { return execution_; }
  /// The same for one symbol: its own fill and bars per year.
  metrics::TradeTables::Options execution_of(const std::string& symbol) const;
  /// The same for the timeline of some strategies' symbols: their highest bars per year.
  Result<metrics::TradeTables::Options> execution_over(std::span<const std::string> strategy_ids) const;

  /// Signals and prices of the strategies named, ready for replay_signals and strategy_returns; prices are read when first needed and
  /// checked against the run's hashes. Errors: Errc::invalid_data for changed data, Errc::not_found for a missing file or unknown strategy.
  struct Replayable {
    std::vector<workspace::Signals> signals;
    std::vector<replay::ReplaySeries> series;
  };
  Result<Replayable> replayable(std::span<const std::string> strategy_ids);
  /// The same as the strategies are held: after their gates. Errors also: Errc::unknown_name for a classifier the run does not have.
  Result<Replayable> replayable(std::span<const replay::ReplayStrategy> held);
  /// The bars of a symbol, read when first asked for. Errors as replayable.
  Result<const market::Bars*> series(const std::string& symbol);
  /// The clock of a symbol's prices, as its file tells; empty: UTC, or the symbol's prices were not read.
  std::vector<market::UtcOffset> clock_of(const std::string& symbol) const;
  /// What is wrong with looking at the bars of these symbols together: two that cover the same days and have no bar at the same time. Of
  /// symbols that were read; empty when nothing is.
  std::string apart(std::span<const std::string> symbols) const;
  /// SHA-256 of a symbol's price file as it was read; empty before it was. Differs from the run's only under RunData::allow_changed.
  std::string data_hash(const std::string& symbol) const;
  bool allows_changed_data() const noexcept { return data_.allow_changed; }
  /// Net returns per bar of the strategies named.
  Result<replay::ReturnTable> returns(std::span<const std::string> strategy_ids);
  /// The times of all bars of all symbols of the run.
  Result<std::span<const UnixNanos>> timeline();
  /// The same as returns, on timeline() whichever symbols the strategies trade, so that tables of one run fit each other.
  Result<replay::ReturnTable> returns_on_timeline(std::span<const std::string> strategy_ids);
  Result<replay::ReturnTable> returns_on_timeline(std::span<const replay::ReplayStrategy> held);
  /// Costs to trade with instead of the run's own.
  void set_costs(const metrics::ExecutionCosts& costs) {
    other_costs_ = other_costs_ || !(costs == execution_.costs);
    execution_.costs = costs;
  }
  /// Whether they are others than those of the run's own figures.
  bool has_other_costs() const noexcept { return other_costs_; }
  /// The run's classifiers and, of symbols that have two or more, their consensus (`SYMBOL.consensus`), by id.
  Result<std::vector<workspace::ClassifierMetadata>> classifiers() const;
  /// What one of the run's classifiers says at each time of a timeline, known at that bar's close; −1: not yet known.
  struct StatesOn {
    std::vector<std::string> labels;
    std::vector<std::int8_t> state;
  };
  /// The regimes one of the run's classifiers tells apart. Errors: Errc::unknown_name with the classifiers the run has.
  Result<std::vector<std::string>> labels_of(const std::string& classifier_id) const;
  /// Errors: as labels_of.
  Result<StatesOn> states_on(const std::string& classifier_id, std::span<const UnixNanos> timeline) const;

 private:
  RunInput(workspace::Run run, RunData data) : run_(std::move(run)), data_(std::move(data)) {}
  Status read_execution();
  Result<replay::ReturnTable> returns_of(std::span<const std::string> strategy_ids, const Replayable& input) const;
  Result<replay::ReturnTable> on_timeline(replay::ReturnTable table);
  replay::ReplaySeries series_of(const std::string& symbol, const market::Bars& bars) const;

  workspace::Run run_;
  RunData data_;
  bool other_costs_ = false;
  metrics::TradeTables::Options execution_;
  std::map<std::string, metrics::FillModel> fills_;  ///< of symbols that have their own
  std::map<std::string, market::Bars> bars_;
  std::map<std::string, std::vector<market::UtcOffset>> clocks_;
  std::map<std::string, std::string> hashes_;  ///< of the files read
  std::vector<UnixNanos> timeline_;
};

/// Strategies of a run: those that pass `where`, the best `top` by net Sharpe ratio.
struct RunSelection {
  std::string run;
  std::string where;     ///< empty: with 10 trades or more, where the run has trades
  std::size_t top = 50;  ///< 0: all

  /// The condition as it counts in that run: sessions and imported returns are accounts, whose signals are no trades.
  std::string condition(const RunInput& input) const {
    return !where.empty() || input.metadata().execution.accounts ? where : "total_trades >= 10";
  }
};

/// The best strategies of a run by a catalog column. `limit` 0: all. Of a replay's run the strategies only, not their combinations.
Result<std::vector<std::string>> best_strategies(const std::string& run_id, const std::string& where, const std::string& sort,
                                                 std::size_t limit, const Path& root);

}  // namespace tradewind::analysis
