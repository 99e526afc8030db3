// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>

#include "tradewind/discovery/input_internal.hpp"
#include "tradewind/discovery/outcome_internal.hpp"
#include "tradewind/discovery/pattern_miner.hpp"
#include "tradewind/discovery/sign_flip.hpp"

namespace tradewind::discovery {
namespace {

/// Where a transition happened (the first bars of the regime entered) and how long the regimes entered lasted.
struct Transition {
  std::vector<std::size_t> bars;
  double lasted = 0;
  std::int64_t ended = 0;
};
using Transitions = std::map<std::pair<int, int>, Transition>;

Transitions transitions_of(std::span<const std::int8_t> state) {
  Transitions transitions;
  Transition* open = nullptr;
  std::size_t entered = 0;
  for (std::size_t t = 1; t < state.size(); ++t) {
    if (state[t] == state[t - 1]) continue;
    if (open != nullptr) {
      open->lasted += static_cast<double>(t - entered);
      ++open->ended;
      open = nullptr;
    }
    if (state[t] < 0 || state[t - 1] < 0) continue;
    open = &transitions[{state[t - 1], state[t]}];
    open->bars.push_back(t);
    entered = t;
  }
  return transitions;
}

double outcome_after(std::span<const double> returns, std::size_t bar, std::size_t horizon) {
  double sum = 0;
  for (std::size_t i = 1; i <= horizon; ++i) sum += returns[bar + i];
  return sum;
}

/// 95 % of the mean by the cluster-robust standard error √(Σ_blocks (Σ (y − mean))²) / n [Liang & Zeger 1986].
Interval clustered_interval(const std::vector<std::pair<std::size_t, double>>& outcomes, double mean, std::size_t block) {
  std::map<std::size_t, double> clusters;
  for (const auto& [bar, outcome] : outcomes) clusters[bar / block] += outcome - mean;
  Interval interval;
  interval.why = Undefined::too_few;
  if (clusters.size() < 2) return interval;
  double squares = 0;
  for (const auto& [index, sum] : clusters) squares += sum * sum;
  const double c = static_cast<double>(clusters.size());
  const double error = std::sqrt(squares * c / (c - 1)) / static_cast<double>(outcomes.size());
  constexpr double kNormal95 = 1.959963984540054;
  return {mean - kNormal95 * error, mean + kNormal95 * error, Undefined::defined, outcomes.size() < 30};
}

/// What holding earns in a bar, when that makes no pattern.
double holding(std::span<const double> returns, const MinerOptions& options) {
  OutcomeMoments moments;
  for (std::size_t bar = 1; bar < returns.size() && options.excess; ++bar) moments.add(returns[bar]);
  return moments.count() > 0 ? moments.mean().number : 0;
}

TransitionPattern pattern_of(const Transition& transition, std::span<const double> returns, double held, const MinerOptions& options,
                             OutcomeTable& table) {
  const auto horizon = static_cast<std::size_t>(options.horizon);
  const auto block = static_cast<std::size_t>(options.block);
  TransitionPattern pattern;
  OutcomeMoments moments, tested;
  std::vector<std::pair<std::size_t, double>> outcomes;
  std::int64_t won = 0;
  std::int64_t lost = 0;
  table.begin();
  for (const std::size_t bar : transition.bars) {
    if (bar + horizon >= returns.size()) continue;
    const double outcome = outcome_after(returns, bar, horizon);
    moments.add(outcome);
    tested.add(outcome - static_cast<double>(horizon) * held);
    outcomes.emplace_back(bar + 1, outcome);
    won += outcome > 0 ? 1 : 0;
    lost += outcome < 0 ? 1 : 0;
    for (std::size_t i = 1; i <= horizon; ++i) table.add_part(static_cast<std::uint32_t>((bar + i) / block), returns[bar + i] - held);
    table.add_whole(outcome - static_cast<double>(horizon) * held);
  }
  pattern.occurrences = static_cast<std::int64_t>(transition.bars.size());
  pattern.avg_return = moments.mean();
  pattern.effect = tested.effect(tested.direction(), options.cost);
  pattern.win_rate =
      won + lost == 0 ? Value(Undefined::no_decided_bars) : Value(static_cast<double>(won) / static_cast<double>(won + lost));
  pattern.interval = clustered_interval(outcomes, moments.count() > 0 ? moments.mean().number : 0, std::max(block, horizon));
  pattern.avg_duration =
      transition.ended == 0 ? Value(Undefined::too_few) : Value(transition.lasted / static_cast<double>(transition.ended));
  return pattern;
}

}  // namespace

Result<RegimePatterns> PatternMiner::find_regime_patterns(const Regimes& regimes, std::span<const double> returns,
                                                          const Cancellation* cancellation) const {
  TRADEWIND_TRY(check_returns(returns));
  TRADEWIND_TRY(check_regimes(regimes, returns.size()));
  RegimePatterns found;
  OutcomeTable table(returns.size() / static_cast<std::size_t>(options_.block) + 1);
  const double held = holding(returns, options_);
  for (const auto& [key, transition] : transitions_of(regimes.state)) {
    TransitionPattern pattern = pattern_of(transition, returns, held, options_, table);
    pattern.from = regimes.names[static_cast<std::size_t>(key.first)];
    pattern.to = regimes.names[static_cast<std::size_t>(key.second)];
    found.transitions.push_back(std::move(pattern));
  }
  TRADEWIND_ASSIGN(const std::vector<Significance> significance,
                   sign_flip_test(table, {options_.permutations, options_.seed, options_.cost, options_.threads, cancellation}));
  for (std::size_t i = 0; i < significance.size(); ++i) {
    TransitionPattern& pattern = found.transitions[i];
    pattern.p_value = significance[i].p_value;
    pattern.p_adjusted = significance[i].p_adjusted;
    pattern.q_value = significance[i].q_value;
    pattern.significant = pattern.p_adjusted.defined() && pattern.p_adjusted.number <= kSignificance;
    found.tested += pattern.p_value.defined() ? 1 : 0;
  }
  return found;
}

}  // namespace tradewind::discovery
