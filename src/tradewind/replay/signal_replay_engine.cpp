// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/signal_replay_engine.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/replay/ensemble_book_internal.hpp"
#include "tradewind/replay/replay_internal.hpp"
#include "tradewind/replay/replay_plan_internal.hpp"

namespace tradewind::replay {
namespace {

using Weights = std::vector<double>;

std::vector<double> own_weights(const ReplayPlan& plan) {
  std::vector<double> weights;
  for (const PlanMember& member : plan.members) weights.push_back(member.strategy.weight);
  return weights;
}

Status check_weights(std::span<const double> weights, const std::string& what) {
  double sum = 0;
  for (const double weight : weights) {
    if (!(weight >= 0))
      return Error(Errc::usage, fmt::format("a weight of {} is {}; weights are at least 0", what, number_text(weight)), what);
    sum += weight;
  }
  if (!(sum <= 1 + 1e-9))
    return Error(Errc::usage, fmt::format("the weights of {} sum to {}, at most 1 can be invested", what, number_text(sum)), what,
                 "scale them down; what is left of 1 stays cash");
  return {};
}

/// One replay under way.
class EngineRun {
 public:
  EngineRun(const ReplayPlan& plan, const SignalReplayConfig& config, const std::vector<Weights>& regime_weights,
            const ReplayRunOptions& options)
      : plan_(plan),
        config_(config),
        regime_weights_(regime_weights),
        options_(options),
        own_(own_weights(plan)),
        aim_(config.adaptive ? ensemble::target_weights(*config.adaptive, plan.deciding(0)) : weights_of(plan.governing(0))),
        alone_(aim_.size() == 1 && aim_[0] == 1),
        net_(plan, aim_, false),
        gross_(plan, aim_, true),
        governing_(plan.governing(0)) {}

  Result<RegimeReplayResult> run() {
    TRADEWIND_TRY(start());
    for (std::size_t place = 0; place < plan_.timeline.size(); ++place) {
      if (options_.cancellation != nullptr && options_.cancellation->requested()) return interrupted_error();
      TRADEWIND_TRY(step(place));
    }
    TRADEWIND_TRY(finish());
    return std::move(result_);
  }

 private:
  const Weights& weights_of(int regime) const {
    return regime < 0 || regime_weights_.empty() ? own_ : regime_weights_[static_cast<std::size_t>(regime)];
  }

  Status start() {
    const auto& execution = config_.execution;
    metrics::StreamingOptions streaming;
    streaming.returns.periods_per_year = execution.periods_per_year;
    streaming.returns.risk_free = execution.risk_free;
    streaming.regimes = config_.regimes;
    TRADEWIND_ASSIGN(metrics::StreamingMetrics made, metrics::StreamingMetrics::make(std::move(streaming)));
    metrics_.emplace(std::move(made));
    if (options_.expected) {
      TRADEWIND_ASSIGN(metrics::DriftMonitor monitor,
                       metrics::DriftMonitor::make(*options_.expected, {.periods_per_year = execution.periods_per_year}));
      drift_.emplace(std::move(monitor));
    }
    result_.timestamp = plan_.timeline;
    for (const PlanSeries& series : plan_.series) result_.symbols.push_back(series.symbol);
    if (options_.record) net_.tell(&recorder_.emplace(plan_));
    exposure_.assign(plan_.series.size(), 0.0);
    next_.assign(plan_.members.size(), 0);
    position_.assign(plan_.members.size(), 0);
    return {};
  }

  Status step(std::size_t place) {
    const int governing = plan_.governing(place);
    if (config_.adaptive) {
      if (plan_.delay == 0 && place > 0) decide(place);
      if (next_aim_) move_to(*std::exchange(next_aim_, std::nullopt), place, governing);
      governing_ = governing;
    } else if (governing != governing_) {
      change_weights(place, governing);
    }
    const double equity = net_.step(place);
    if (!result_.switches.empty()) record_move();
    const double r = before_ > 0 ? equity / before_ - 1 : 0;
    before_ = equity;
    if (config_.adaptive && plan_.delay > 0) decide(place);
    result_.equity.push_back(equity);
    result_.gross_equity.push_back(gross_.step(place));
    result_.returns.push_back(r);
    const int applying = plan_.applying(place);
    result_.regime.push_back(static_cast<std::int8_t>(applying));
    TRADEWIND_TRY(metrics_->add(r, applying));
    if (drift_) drift_->add(r);
    note_exposure(place);
    const std::size_t bars = place + 1;
    if (options_.observer && (bars == plan_.timeline.size() || bars % static_cast<std::size_t>(options_.observe_every) == 0))
      observe(place);
    return {};
  }

  void change_weights(std::size_t place, int governing) {
    if (weights_of(governing_) != weights_of(governing)) move_to(weights_of(governing), place, governing);
    governing_ = governing;
  }

  /// How far it pays to go towards what the probabilities known at a close aim at, from the shares held at the latest one.
  void decide(std::size_t place) {
    if (!(before_ > 0)) return;
    Weights held(net_.marks().begin(), net_.marks().end());
    for (double& share : held) share /= before_;
    ensemble::AdaptiveDecision decision = ensemble::decide(*config_.adaptive, plan_.probabilities(place), held);
    if (decision.turnover > 0) next_aim_ = std::move(decision.weights);
  }

  void move_to(const Weights& weights, std::size_t place, int governing) {
    aim_ = weights;
    net_.aim(weights);
    gross_.aim(weights);
    RegimeSwitch change;
    change.time = plan_.delay == 0 || place == 0 ? plan_.timeline[place] : plan_.timeline[place - 1];
    change.from = governing_;
    change.to = governing;
    result_.switches.push_back(change);
  }

  void record_move() {
    RegimeSwitch& change = result_.switches.back();
    const RegimeSwitch& move = net_.move();
    change.turnover = move.turnover;
    change.traded = move.traded;
    change.cost = move.cost;
    change.fills = move.fills;
    change.complete = move.complete;
  }

  /// Net target exposure at the close of a place, from the signals and the regime known there.
  void note_exposure(std::size_t place) {
    const std::int8_t regime = plan_.known[place];
    const Weights weights = config_.adaptive ? next_aim_.value_or(aim_) : weights_of(regime);
    std::vector<double>& now = scratch_;
    now.assign(plan_.series.size(), 0.0);
    for (std::size_t m = 0; m < plan_.members.size(); ++m) {
      const PlanMember& member = plan_.members[m];
      const std::int32_t bar = plan_.series[member.series].bar_at[place];
      for (; bar >= 0 && next_[m] < member.changes.size() && member.changes[next_[m]].bar <= bar; ++next_[m])
        position_[m] = member.changes[next_[m]].position;
      if (!net_.account(m).ruined()) now[member.series] += weights[m] * position_[m];
    }
    for (std::size_t s = 0; s < now.size(); ++s) {
      if (now[s] == exposure_[s] && regime == exposure_regime_ && place > 0) continue;
      exposure_[s] = now[s];
      result_.exposure.push_back({plan_.timeline[place], static_cast<std::int32_t>(s), now[s], regime});
    }
    exposure_regime_ = regime;
  }

  void observe(std::size_t place) {
    ReplayObservation seen;
    seen.time = plan_.timeline[place];
    seen.bar = static_cast<std::int64_t>(place);
    seen.bars = static_cast<std::int64_t>(plan_.timeline.size());
    seen.equity = before_;
    seen.regime = plan_.known[place];
    seen.weights = !config_.adaptive ? weights_of(seen.regime) : next_aim_ ? *next_aim_ : aim_;
    seen.metrics = &*metrics_;
    seen.drift = drift_ ? &*drift_ : nullptr;
    options_.observer(seen);
  }

  Status finish() {
    TradeCounts counts;
    for (std::size_t m = 0; m < plan_.members.size(); ++m) {
      const PlanMember& member = plan_.members[m];
      const PlanSeries& series = plan_.series[member.series];
      result_.members.push_back({member.strategy, series.symbol, metrics::account_metrics(*series.tables, member.changes), net_.profit(m)});
      const SubAccount& account = net_.account(m);
      counts.fills += account.fills();
      counts.won += account.won();
      counts.lost += account.lost();
      counts.flat += account.flat();
    }
    for (const RegimeSwitch& change : result_.switches) {
      result_.turnover += change.turnover;
      result_.switching_costs += change.cost;
    }
    result_.strategy_costs = net_.strategy_costs();
    counts.costs = result_.strategy_costs + result_.switching_costs;
    set_regimes();
    if (recorder_) std::move(*recorder_).finish(net_.marks(), result_);
    if (drift_) result_.drift = drift_->report();
    if (alone_ && result_.switches.empty()) {
      result_.performance = result_.members.front().performance;
      return {};
    }
    TRADEWIND_ASSIGN(result_.performance,
                     metrics_of_whole(result_.returns, metrics::returns_of_equity(result_.gross_equity), counts, config_.execution));
    return {};
  }

  void set_regimes() {
    for (std::size_t k = 0; k < config_.regimes.size(); ++k) {
      const metrics::StreamingRegime regime = metrics_->regime(k);
      result_.regimes.push_back({config_.regimes[k], regime.bars, regime.runs, regime.mean, regime.volatility, regime.sharpe_ratio});
    }
    result_.unknown_bars = std::count(result_.regime.begin(), result_.regime.end(), std::int8_t{-1});
  }

  const ReplayPlan& plan_;
  const SignalReplayConfig& config_;
  const std::vector<Weights>& regime_weights_;
  const ReplayRunOptions& options_;
  Weights own_;
  Weights aim_;                      ///< of the latest move
  std::optional<Weights> next_aim_;  ///< decided, moved to at the next fills
  bool alone_;                       ///< one strategy began with the whole capital
  EnsembleBook net_;
  EnsembleBook gross_;
  std::optional<TradeRecorder> recorder_;
  int governing_;
  double before_ = 1;
  std::optional<metrics::StreamingMetrics> metrics_;
  std::optional<metrics::DriftMonitor> drift_;
  std::vector<double> exposure_, scratch_;
  std::vector<std::size_t> next_;
  std::vector<std::int8_t> position_;
  std::int8_t exposure_regime_ = -1;
  RegimeReplayResult result_;
};

Result<RegimeReplayResult> run_with_weights(ReplayPlan& plan, const SignalReplayConfig& config, const Weights& weights,
                                            const Cancellation* cancellation) {
  for (std::size_t m = 0; m < plan.members.size(); ++m) plan.members[m].strategy.weight = weights[m];
  const std::vector<Weights> none;
  ReplayRunOptions options;
  options.cancellation = cancellation;
  return EngineRun(plan, config, none, options).run();
}

}  // namespace

Result<SignalReplayEngine> SignalReplayEngine::make(SignalReplayConfig config) {
  if (config.strategies.empty()) return Error(Errc::usage, "nothing to replay: no strategy is named");
  std::vector<double> own;
  for (const ReplayStrategy& strategy : config.strategies) own.push_back(strategy.weight);
  TRADEWIND_TRY(check_weights(own, "the strategies"));
  if (config.adaptive) {
    if (!config.regime_weights.empty()) return Error(Errc::usage, "weights either adapt or are those of the regime in force", "adaptive");
    TRADEWIND_TRY(ensemble::check(*config.adaptive, config.regimes.size(), config.strategies.size()));
  }
  if (!config.adaptive && config.regime_weights.size() != config.regimes.size())
    return Error(Errc::usage, fmt::format("{} regimes have {} lists of weights", config.regimes.size(), config.regime_weights.size()),
                 "regime_weights");
  if (std::set<std::string>(config.regimes.begin(), config.regimes.end()).size() != config.regimes.size())
    return Error(Errc::usage, "two regimes have the same label", "regimes");
  for (std::size_t k = 0; k < config.regime_weights.size(); ++k) {
    if (config.regime_weights[k].size() != config.strategies.size())
      return Error(Errc::usage,
                   fmt::format("regime '{}' has {} weights for {} strategies", config.regimes[k], config.regime_weights[k].size(),
                               config.strategies.size()),
                   "regime_weights");
    TRADEWIND_TRY(check_weights(config.regime_weights[k], "regime '" + config.regimes[k] + "'"));
  }
  if (config.confirm_bars < 1)
    return Error(Errc::usage, fmt::format("a regime must hold for at least 1 bar, not {}", config.confirm_bars), "confirm_bars");
  if (config.from >= config.to) return Error(Errc::usage, "the window ends before it begins", "to");
  return SignalReplayEngine(std::move(config));
}

Result<RegimeReplayResult> SignalReplayEngine::run(std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series,
                                                   const ReplayRegimes& regimes, const ReplayRunOptions& options) const {
  TRADEWIND_ASSERT(signals.size() == config_.strategies.size() && series.size() == config_.strategies.size(),
                   "a replay has signals and prices for every strategy");
  if (options.observe_every < 1) return Error(Errc::usage, "observations are at least one bar apart", "observe_every");
  TRADEWIND_ASSIGN(const ReplayPlan plan, make_plan(config_, signals, series, regimes));
  return EngineRun(plan, config_, config_.regime_weights, options).run();
}

Result<ReplayBaselines> SignalReplayEngine::baselines(std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series,
                                                      const Cancellation* cancellation) const {
  TRADEWIND_ASSERT(signals.size() == config_.strategies.size() && series.size() == config_.strategies.size(),
                   "a replay has signals and prices for every strategy");
  SignalReplayConfig config = config_;
  config.regimes.clear();
  config.regime_weights.clear();
  config.adaptive.reset();
  TRADEWIND_ASSIGN(ReplayPlan plan, make_plan(config, signals, series, {}));
  const Weights own = own_weights(plan);
  ReplayPlan held = buy_and_hold_plan(plan);
  ReplayBaselines result;
  TRADEWIND_ASSIGN(result.static_weights, run_with_weights(plan, config, own, cancellation));
  TRADEWIND_ASSIGN(result.equal_weight,
                   run_with_weights(plan, config, Weights(own.size(), 1 / static_cast<double>(own.size())), cancellation));
  const Weights shares = own_weights(held);
  TRADEWIND_ASSIGN(result.buy_and_hold, run_with_weights(held, config, shares, cancellation));
  return result;
}

}  // namespace tradewind::replay
