// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/ensemble_results.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tradewind/analysis/adaptive_study.hpp"
#include "tradewind/analysis/run_classifier.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::analysis {
namespace {

using replay::RegimeReplayResult;

constexpr UnixNanos kBeginning = std::numeric_limits<UnixNanos>::min();
constexpr UnixNanos kEnd = std::numeric_limits<UnixNanos>::max();
/// Bars a regime may have to hold before the weights follow.
constexpr std::array<int, 5> kWaits = {1, 2, 3, 5, 10};

/// One part of the data, replayed with fresh capital.
struct Part {
  RegimeReplayResult ensemble;
  replay::ReplayBaselines baselines;
};

/// The ensemble of a study as the engine wants it.
class Replayer {
 public:
  Replayer(RunInput& input, const EnsembleStudy& ensemble, const AnalysisOptions& options)
      : input_(input), ensemble_(ensemble), options_(options) {}

  Status load(const std::string& classifier_id) {
    TRADEWIND_ASSIGN(loaded_, input_.replayable(ensemble_.held));
    if (has_gates()) {
      TRADEWIND_ASSIGN(ungated_, input_.replayable(ensemble_.strategies));
    }
    if (!classifier_id.empty()) {
      TRADEWIND_ASSIGN(regimes_, regimes_of_run(input_, classifier_id, !ensemble_.regimes.empty()));
    }
    return {};
  }

  /// The wait that had the highest net Sharpe ratio on the selection part; without regimes there is nothing to wait for.
  Result<int> choose_wait(UnixNanos boundary) {
    if (ensemble_.regimes.empty()) return 1;
    double best = -std::numeric_limits<double>::infinity();
    for (const int bars : kWaits) {
      wait_ = bars;
      TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(config_of(kBeginning, boundary)));
      TRADEWIND_ASSIGN(const auto result, engine.run(loaded_.signals, loaded_.series, regimes_, run_options()));
      tried_[bars] = result.performance[metrics::Metric::sharpe_ratio];
      best = std::max(best, std::isnan(tried_[bars]) ? best : tried_[bars]);
    }
    wait_ = 1;
    for (const auto& [bars, sharpe] : tried_)
      if (sharpe == best) return wait_ = bars;
    return wait_;
  }
  const std::map<int, double>& tried() const { return tried_; }

  Result<Part> replay(UnixNanos from, UnixNanos to) const {
    const replay::SignalReplayConfig config = config_of(from, to);
    const replay::ReplayRunOptions run = run_options();
    TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(config));
    Part part;
    TRADEWIND_ASSIGN(part.ensemble, engine.run(loaded_.signals, loaded_.series, regimes_, run));
    TRADEWIND_ASSIGN(part.baselines, engine.baselines(loaded_.signals, loaded_.series, options_.cancellation));
    return part;
  }

  /// Whether a strategy is out of the market in some regime.
  bool has_gates() const {
    return std::ranges::any_of(ensemble_.held, [](const auto& held) { return held.gate.has_value(); });
  }
  /// The same weights, every strategy held in all regimes.
  Result<RegimeReplayResult> ungated(UnixNanos from, UnixNanos to) const {
    TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(config_of(from, to)));
    return engine.run(ungated_.signals, ungated_.series, regimes_, run_options());
  }

  const replay::ReplayRegimes& regimes() const { return regimes_; }
  /// Weights that follow the probabilities of the regimes.
  Result<RegimeReplayResult> adaptive(const ensemble::AdaptiveModel& model, UnixNanos from, UnixNanos to) const {
    replay::SignalReplayConfig config = config_of(from, to);
    config.regime_weights.clear();
    config.adaptive = model;
    TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(std::move(config)));
    return engine.run(loaded_.signals, loaded_.series, regimes_, run_options());
  }

  /// One strategy with the whole capital.
  Result<RegimeReplayResult> alone(std::size_t i, UnixNanos from, UnixNanos to) const {
    replay::SignalReplayConfig config = config_of(from, to);
    config.strategies = {ensemble_.held[i]};
    config.strategies.front().weight = 1;
    config.regimes.clear();
    config.regime_weights.clear();
    TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(config));
    return engine.run(std::span(loaded_.signals).subspan(i, 1), std::span(loaded_.series).subspan(i, 1), {}, run_options());
  }

 private:
  replay::SignalReplayConfig config_of(UnixNanos from, UnixNanos to) const {
    replay::SignalReplayConfig config;
    config.execution = input_.execution();
    config.from = from;
    config.to = to;
    config.confirm_bars = wait_;
    config.strategies = ensemble_.held;
    config.regimes = ensemble_.regimes;
    config.regime_weights = ensemble_.regime_weights;
    for (auto& weights : config.regime_weights) cap_at_one(weights);
    return config;
  }
  replay::ReplayRunOptions run_options() const {
    replay::ReplayRunOptions run;
    run.cancellation = options_.cancellation;
    return run;
  }

  RunInput& input_;
  const EnsembleStudy& ensemble_;
  const AnalysisOptions& options_;
  RunInput::Replayable loaded_;
  RunInput::Replayable ungated_;
  replay::ReplayRegimes regimes_;
  int wait_ = 1;
  std::map<int, double> tried_;
};

/// Returns at their places in the timeline, 0 elsewhere.
void place(const RegimeReplayResult& result, const std::vector<UnixNanos>& timeline, std::vector<double>& returns) {
  auto at = timeline.begin();
  for (std::size_t i = 0; i < result.timestamp.size(); ++i) {
    at = std::lower_bound(at, timeline.end(), result.timestamp[i]);
    returns[static_cast<std::size_t>(at - timeline.begin())] = result.returns[i];
  }
}

HoldingPath path_of(std::string name, std::string kind, const RegimeReplayResult& selection, const RegimeReplayResult& holdout,
                    const std::vector<UnixNanos>& timeline) {
  HoldingPath path{std::move(name),
                   std::move(kind),
                   {},
                   selection.performance,
                   holdout.performance,
                   {},
                   {},
                   {},
                   std::vector<double>(timeline.size(), 0.0)};
  place(selection, timeline, path.returns);
  place(holdout, timeline, path.returns);
  return path;
}

/// The best single strategy by what was known when choosing.
std::size_t best_single(const Part& selection) {
  std::size_t best = 0;
  const auto sharpe = [&](std::size_t i) {
    const double value = selection.ensemble.members[i].performance[metrics::Metric::sharpe_ratio];
    return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
  };
  for (std::size_t i = 1; i < selection.ensemble.members.size(); ++i)
    if (sharpe(i) > sharpe(best)) best = i;
  return best;
}

Result<metrics::Interval> annual_interval(std::span<const double> returns, const AnalysisOptions& options, double periods_per_year) {
  metrics::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  TRADEWIND_ASSIGN(metrics::Interval interval, metrics::sharpe_interval(returns, bootstrap));
  interval.low *= std::sqrt(periods_per_year);
  interval.high *= std::sqrt(periods_per_year);
  return interval;
}

}  // namespace

Result<EnsembleResults> replay_ensemble(RunInput& input, const Study& study, const EnsembleStudy& ensemble,
                                        const std::string& classifier_id, const AnalysisOptions& options) {
  Replayer replayer(input, ensemble, options);
  TRADEWIND_TRY(replayer.load(classifier_id));
  EnsembleResults out;
  TRADEWIND_ASSIGN(out.confirm_bars, replayer.choose_wait(study.split.boundary));
  out.confirm_tried = replayer.tried();
  TRADEWIND_ASSIGN(const Part before, replayer.replay(kBeginning, study.split.boundary));
  TRADEWIND_ASSIGN(const Part after, replayer.replay(study.split.boundary, kEnd));
  const auto& times = ensemble.timestamp;
  out.paths.push_back(path_of("ensemble", "ensemble", before.ensemble, after.ensemble, times));
  if (!ensemble.regimes.empty()) {
    out.paths.back().switching_costs = after.ensemble.switching_costs;
    const double years = static_cast<double>(after.ensemble.returns.size()) / input.execution().periods_per_year;
    out.paths.back().turnover = after.ensemble.turnover / years;
    TRADEWIND_ASSIGN(const auto adaptive, study_adaptive(ensemble, input, replayer.regimes(), options));
    if (adaptive) {
      out.adaptive = adaptive->json;
      TRADEWIND_ASSIGN(const auto adapted_before, replayer.adaptive(adaptive->model, kBeginning, study.split.boundary));
      TRADEWIND_ASSIGN(const auto adapted_after, replayer.adaptive(adaptive->model, study.split.boundary, kEnd));
      out.paths.push_back(path_of("adaptive weights", "adaptive", adapted_before, adapted_after, times));
      out.paths.back().switching_costs = adapted_after.switching_costs;
      out.paths.back().turnover = adapted_after.turnover / years;
    }
    out.paths.push_back(path_of("static weights", "static", before.baselines.static_weights, after.baselines.static_weights, times));
  }
  if (replayer.has_gates()) {
    TRADEWIND_ASSIGN(const auto always_before, replayer.ungated(kBeginning, study.split.boundary));
    TRADEWIND_ASSIGN(const auto always_after, replayer.ungated(study.split.boundary, kEnd));
    out.paths.push_back(path_of("held always", "ungated", always_before, always_after, times));
  }
  for (const auto& member : before.ensemble.members) out.selection.push_back(member.performance);
  for (const auto& member : after.ensemble.members) out.holdout.push_back(member.performance);
  out.paths.push_back(path_of("equal weight", "equal", before.baselines.equal_weight, after.baselines.equal_weight, times));
  const std::size_t best = best_single(before);
  TRADEWIND_ASSIGN(const auto best_before, replayer.alone(best, kBeginning, study.split.boundary));
  TRADEWIND_ASSIGN(const auto best_after, replayer.alone(best, study.split.boundary, kEnd));
  out.paths.push_back(path_of("best single", "single", best_before, best_after, times));
  out.paths.back().strategy_id = ensemble.strategies[best];
  out.paths.push_back(path_of("buy and hold", "baseline", before.baselines.buy_and_hold, after.baselines.buy_and_hold, times));
  for (HoldingPath& path : out.paths) {
    const auto held_out = std::span<const double>(path.returns).subspan(ensemble.selection_rows);
    TRADEWIND_ASSIGN(path.holdout_sharpe, annual_interval(held_out, options, input.execution().periods_per_year));
  }
  return out;
}

}  // namespace tradewind::analysis
