// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/streaming.hpp"
#include "tradewind/metrics/streaming_drift.hpp"
#include "tradewind/replay/replay.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::replay {

/// How far a replay has come. Borrowed: valid during the call only.
struct ReplayObservation {
  UnixNanos time = 0;               ///< of the latest bar
  std::int64_t bar = 0;             ///< its number, from 0
  std::int64_t bars = 0;            ///< in the whole window
  double equity = 1;                ///< net, from a start of 1
  int regime = -1;                  ///< known at the bar's close, confirmed; −1 unknown
  std::span<const double> weights;  ///< target weights at the bar's close, by strategy
  const metrics::StreamingMetrics* metrics = nullptr;
  const metrics::DriftMonitor* drift = nullptr;  ///< null without an expectation
};
using ReplayObserver = std::function<void(const ReplayObservation&)>;

struct ReplayRunOptions {
  ReplayObserver observer;
  std::int64_t observe_every = 100;  ///< bars between observations, ≥ 1; the last bar is always observed
  const Cancellation* cancellation = nullptr;
  bool record = false;                             ///< trades and shares of the equity, for RegimeReplayResult
  std::optional<metrics::DriftBaseline> expected;  ///< what the backtest promised per bar; observed by a DriftMonitor with default options
};

/// One change of weights.
struct RegimeSwitch {
  UnixNanos time = 0;  ///< of the bar at whose close it was decided; the fills follow by the fill model
  int from = -1;       ///< regimes; −1: unknown
  int to = -1;
  double turnover = 0;  ///< Σ of what was taken out of accounts and put into them, as a fraction of the equity: 0 … 2
  double traded = 0;    ///< notional bought and sold for it, as a fraction of the equity
  double cost = 0;      ///< in units of the starting capital
  std::int64_t fills = 0;
  bool complete = false;  ///< every account has got its weight; false when its series ended, or the next switch or the end came first
};

/// The ensemble's net target exposure to a symbol from the close of a bar on: Σ weight · position, as a fraction of the equity.
struct ExposurePoint {
  UnixNanos timestamp = 0;
  std::int32_t symbol = 0;  ///< index into RegimeReplayResult::symbols
  double exposure = 0;
  std::int8_t regime = -1;  ///< in force from that close on
};

/// Bars spent in a regime (the label known at a bar's close counts for the next bar) and how the ensemble did in them.
struct RegimeTime {
  std::string label;
  std::int64_t bars = 0;
  std::int64_t runs = 0;
  metrics::Value mean;          ///< per bar
  metrics::Value volatility;    ///< annualised
  metrics::Value sharpe_ratio;  ///< annualised
};

/// Why a trade ended.
enum class TradeExit : std::uint8_t {
  open,     ///< it has not
  signal,   ///< the strategy turned away from the position
  weights,  ///< the ensemble took all capital out of the account
  ruin,     ///< the account has nothing left
};
constexpr auto names_of(TradeExit) { return std::to_array<std::string_view>({"open", "signal", "weights", "ruin"}); }

/// One trade of a strategy's account in an ensemble, from being flat to being flat again. Prices include slippage. An open trade is
/// marked at the last close of its symbol.
struct ReplayTrade {
  std::size_t member = 0;
  int side = 0;  ///< +1 long, −1 short
  UnixNanos entry_time = 0;
  double entry_price = 0;
  UnixNanos exit_time = 0;  ///< undefined while `exit` is open
  double exit_price = 0;
  double size = 0;     ///< capital at the entry, as a fraction of the ensemble's equity
  double capital = 0;  ///< the most it was given, in units of the starting capital
  double profit = 0;   ///< net, in units of the starting capital; those of all trades add up to the members' profits
  double costs = 0;    ///< of its own fills and of the transfers it got or gave, in units of the starting capital
  std::int64_t bars = 0;
  TradeExit exit = TradeExit::open;
  double mae = 0;  ///< ≤ 0: worst close against the entry price, as a fraction of it
  double mfe = 0;  ///< ≥ 0: the best
};

/// A replay whose weights follow the regimes. `performance` is net of all costs, total_costs those of strategies and of switching;
/// `members[i].performance` is that of strategy i alone in the window, `members[i].profit` what its account made here.
struct RegimeReplayResult : ReplayResult {
  std::vector<RegimeSwitch> switches;
  double strategy_costs = 0;        ///< of the strategies' own trades, in units of the starting capital
  double switching_costs = 0;       ///< of moving capital
  double turnover = 0;              ///< Σ over the switches
  std::vector<RegimeTime> regimes;  ///< in the order of the labels
  std::int64_t unknown_bars = 0;
  std::vector<std::int8_t> regime;  ///< per timestamp: the regime the bar's return belongs to
  std::vector<std::string> symbols;
  std::vector<ExposurePoint>
      exposure;  ///< in order of time, then symbol; a point where the exposure or the regime changes, 0 before the first
  std::optional<metrics::DriftReport> drift;
  // Only when ReplayRunOptions::record asks for them.
  std::vector<ReplayTrade> trades;          ///< by entry, then member
  std::vector<std::vector<double>> shares;  ///< by member, per timestamp: of the equity at the bar's close; the rest is cash
};

/// What the ensemble is compared with: the same window, fills and costs. The single strategies are `members` of any replay.
struct ReplayBaselines {
  RegimeReplayResult equal_weight;    ///< 1/n of the capital each, never moved
  RegimeReplayResult static_weights;  ///< the strategies' own weights, never moved
  RegimeReplayResult
      buy_and_hold;  ///< equal capital per symbol, bought at the window's first fill, marked at the last close; members are the symbols
};

/// What a replay is told of the market's regimes.
struct ReplayRegimes {
  ReplayRegimes(workspace::States known = {}) : states(std::move(known)) {}

  /// Sparse: a state from the close of the bar at its timestamp on (−1 before the first), an index into config.regimes.
  workspace::States states;
  /// For weights that adapt: the probability of every regime at the close of each of these times, row after row; 0 is known before the
  /// first.
  std::vector<UnixNanos> timestamp = {};
  std::vector<double> probabilities = {};

  /// The probabilities as they are known at each of some times, which ascend: row after row of `regimes` numbers.
  std::vector<double> on(std::span<const UnixNanos> times, std::size_t regimes) const;
};

/// Replays stored signals as an ensemble whose weights follow the market's regime.
///
/// Every strategy is a sub-account that trades its own signals as in replay_signals; without a change of weights the two agree. A regime
/// known at a bar's close, held for `confirm_bars` bars, takes effect at the next fill of each account's series by the fill model. Then
/// accounts above their weight of the total equity (at fill prices) give capital up, reducing an open position at the fill price with
/// costs; the cash goes to accounts below theirs, in proportion to what each lacks, which increase an open position at the fill price with
/// costs. An account whose strategy changes its position in the same bar is moved while it is in cash, at no cost. Accounts on a symbol
/// without a bar at that time wait for its next one; a ruined account gets no further capital, its weight stays cash; a series that has
/// ended keeps its capital. With config.adaptive the weights are what ensemble::decide says at every close from the shares held there and
/// the probabilities known then, moved to at the next fills (where a fill is at the close itself: from the shares at the close before); it
/// begins at what the first probabilities aim at. What no account holds is cash without interest. Nothing depends on later bars. All series
/// must have the same bar interval.
class SignalReplayEngine {
 public:
  /// Errors: Errc::usage for weights that are negative or sum above 1, a number of weights that does not fit, labels that occur twice,
  /// confirm_bars below 1, from ≥ to.
  static Result<SignalReplayEngine> make(SignalReplayConfig config);

  const SignalReplayConfig& config() const noexcept { return config_; }

  /// Positions held before the window are entered at its first fill. Errors: Errc::invalid_data for signals or states that do not fit and
  /// for a symbol with two different series, usage for a window without bars of some series, interrupted. O(members · bars).
  Result<RegimeReplayResult> run(std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series,
                                 const ReplayRegimes& regimes = {}, const ReplayRunOptions& options = {}) const;

  /// Errors as run.
  Result<ReplayBaselines> baselines(std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series,
                                    const Cancellation* cancellation = nullptr) const;

 private:
  explicit SignalReplayEngine(SignalReplayConfig config) : config_(std::move(config)) {}
  SignalReplayConfig config_;
};

}  // namespace tradewind::replay
