// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/pattern_miner.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tradewind/discovery/candidates_internal.hpp"
#include "tradewind/discovery/input_internal.hpp"
#include "tradewind/discovery/outcome_internal.hpp"
#include "tradewind/discovery/sign_flip.hpp"

namespace tradewind::discovery {
namespace {

constexpr std::uint64_t kMaxOccurrences = std::uint64_t{1} << 27;

Status check_streams(std::span<const SignalStream> streams, std::size_t bars) {
  for (const SignalStream& stream : streams) {
    if (stream.signals.size() != bars) {
      return Error(Errc::invalid_data,
                   fmt::format("strategy '{}' has {} signals beside {} returns", stream.strategy, stream.signals.size(), bars));
    }
    for (std::size_t t = 0; t < bars; ++t) {
      if (stream.signals[t] >= -1 && stream.signals[t] <= 1) continue;
      return Error(Errc::invalid_data,
                   fmt::format("signal of strategy '{}' is {}; it must be -1, 0 or 1", stream.strategy, stream.signals[t]),
                   fmt::format("row {}", t));
    }
  }
  return {};
}

Status check_around(const Surroundings& around, std::size_t bars) {
  if ((!around.volume.empty() && around.volume.size() != bars) || (!around.timestamp.empty() && around.timestamp.size() != bars))
    return Error(Errc::invalid_data, fmt::format("volume or timestamps do not have {} rows as the returns", bars));
  for (std::size_t t = 0; t < around.volume.size(); ++t) {
    if (!(around.volume[t] >= 0 && std::isfinite(around.volume[t])))
      return Error(Errc::invalid_data, fmt::format("volume is {}", around.volume[t]), fmt::format("row {}", t));
  }
  return {};
}

/// Discovery part, embargo, holdout.
void split(MiningInput& input, const MinerOptions& options) {
  const std::size_t bars = input.bars();
  const auto kept_back = static_cast<std::size_t>(options.holdout * static_cast<double>(bars));
  const std::size_t embargo = static_cast<std::size_t>(options.embargo < 0 ? options.block + options.max_length : options.embargo);
  input.discovery = {0, bars - kept_back};
  input.holdout = {std::min(bars, bars - kept_back + embargo), bars};
  if (kept_back == 0) input.holdout = {bars, bars};
  std::vector<bool> seen(input.regimes.names.size() + 1);
  for (std::size_t t = 0; t < input.discovery.end && !input.regimes.state.empty(); ++t)
    seen[static_cast<std::size_t>(input.state(t) + 1)] = true;
  input.by_regime = std::count(seen.begin(), seen.end(), true) > 1;
}

std::string id_of(const Candidate& candidate, const Regimes& regimes) {
  std::vector<int> signals(candidate.sequence.begin(), candidate.sequence.end());
  std::string id = fmt::format("{}:{}", enum_name(candidate.form), fmt::join(signals, ","));
  if (candidate.regime >= 0) id += "@" + regimes.names[static_cast<std::size_t>(candidate.regime)];
  return id;
}

bool is_tested(const Candidate& candidate, const MiningInput& input) {
  const double bars = static_cast<double>(input.discovery.size() * input.streams.size());
  const double least = std::max(std::ceil(kTestedSupport * bars), static_cast<double>(kTestedOccurrences));
  return static_cast<double>(candidate.discovery.size()) >= least;
}

/// The returns that are tested: as they are, or less the mean of the discovery bars that follow the same regime.
std::vector<double> tested_returns(const MiningInput& input, bool excess) {
  std::vector<double> returns(input.returns.begin(), input.returns.end());
  if (!excess) return returns;
  const auto regime_before = [&](std::size_t bar) { return static_cast<std::size_t>(input.state(bar - 1) + 1); };
  std::vector<OutcomeMoments> moments(input.regimes.names.size() + 1);
  for (std::size_t t = 1; t < input.discovery.end; ++t) moments[regime_before(t)].add(returns[t]);
  for (std::size_t t = 1; t < returns.size(); ++t) {
    const Value mean = moments[regime_before(t)].mean();
    if (mean.defined()) returns[t] -= mean.number;
  }
  return returns;
}

OutcomeMoments moments_of(const Occurrences& occurrences, std::span<const double> returns) {
  OutcomeMoments moments;
  for (const std::uint32_t occurrence : occurrences) moments.add(returns[occurrence % returns.size() + 1]);
  return moments;
}

void add_holdout(const Candidate& candidate, const std::vector<double>& returns, const MinerOptions& options, int direction,
                 TradingPattern& pattern) {
  pattern.holdout_occurrences = static_cast<std::int64_t>(candidate.holdout.size());
  const OutcomeMoments moments = moments_of(candidate.holdout, returns);
  pattern.holdout_effect = options.holdout > 0 ? moments.effect(direction, options.cost) : Value(Undefined::empty);
  const bool confirmed = options.holdout <= 0 || (pattern.holdout_effect.defined() && direction * pattern.holdout_effect.number > 0);
  const bool gains = pattern.avg_return.defined() && direction * pattern.avg_return.number > options.cost;
  pattern.profitable = gains && pattern.p_adjusted.defined() && pattern.p_adjusted.number <= kSignificance && direction != 0 &&
                       pattern.effect.defined() && direction * pattern.effect.number > 0 && confirmed;
}

TradingPattern pattern_of(const Candidate& candidate, const MiningInput& input, const MinerOptions& options,
                          const std::vector<double>& returns, const Significance* significance) {
  TradingPattern pattern;
  pattern.pattern_id = id_of(candidate, input.regimes);
  pattern.form = candidate.form;
  pattern.sequence = candidate.sequence;
  if (candidate.regime >= 0) pattern.regime = input.regimes.names[static_cast<std::size_t>(candidate.regime)];
  pattern.occurrences = static_cast<std::int64_t>(candidate.discovery.size());
  pattern.support = candidate.support;
  pattern.confidence = candidate.confidence;
  pattern.closed = candidate.closed;
  pattern.structural = candidate.closed && candidate.support >= options.min_support && candidate.confidence >= options.min_confidence;
  pattern.avg_duration = candidate.duration;
  pattern.frequency = static_cast<double>(pattern.occurrences) / static_cast<double>(input.discovery.size() * input.streams.size());
  const OutcomeMoments moments = moments_of(candidate.discovery, returns);
  const int direction = moments.direction();
  pattern.avg_return = moments_of(candidate.discovery, input.returns).mean();
  pattern.effect = moments.effect(direction, options.cost);
  pattern.t_statistic = pattern.p_value = pattern.p_adjusted = pattern.q_value = Undefined::too_few;
  if (significance != nullptr) {
    pattern.t_statistic = significance->statistic;
    pattern.p_value = significance->p_value;
    pattern.p_adjusted = significance->p_adjusted;
    pattern.q_value = significance->q_value;
  }
  if (direction != 0) pattern.pattern_type = classify(candidate.sequence, direction);
  add_holdout(candidate, returns, options, direction, pattern);
  return pattern;
}

/// Significant ones first, bars before runs, then by adjusted p, then by the size of the statistic, then by name.
bool comes_before(const TradingPattern& a, const TradingPattern& b) {
  const auto p = [](const TradingPattern& x) { return x.p_adjusted.defined() ? x.p_adjusted.number : 2.0; };
  const auto t = [](const TradingPattern& x) { return x.t_statistic.defined() ? std::fabs(x.t_statistic.number) : 0.0; };
  const bool hit_a = p(a) <= kSignificance;
  const bool hit_b = p(b) <= kSignificance;
  if (hit_a != hit_b) return hit_a;
  if (a.form != b.form) return a.form < b.form;
  if (p(a) != p(b)) return p(a) < p(b);
  if (t(a) != t(b)) return t(a) > t(b);
  return a.pattern_id < b.pattern_id;
}

Result<std::vector<Candidate>> collect(const MiningInput& input, const MinerOptions& options, const Cancellation* cancellation) {
  std::vector<Candidate> candidates;
  if (options.bars) candidates = bar_candidates(input, options);
  if (cancellation != nullptr && cancellation->requested()) return interrupted_error();
  if (options.runs) {
    auto runs = run_candidates(input, options);
    std::move(runs.begin(), runs.end(), std::back_inserter(candidates));
  }
  return candidates;
}

Result<std::vector<Significance>> test(const std::vector<Candidate>& candidates, const std::vector<bool>& tested,
                                       const std::vector<double>& returns, const MinerOptions& options, const Cancellation* cancellation) {
  const auto block = static_cast<std::size_t>(options.block);
  OutcomeTable table(returns.size() / block + 1);
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (!tested[c]) continue;
    table.begin();
    for (const std::uint32_t occurrence : candidates[c].discovery) {
      const std::size_t next = occurrence % returns.size() + 1;
      table.add(static_cast<std::uint32_t>(next / block), returns[next]);
    }
  }
  return sign_flip_test(table, {options.permutations, options.seed, options.cost, options.threads, cancellation});
}

}  // namespace

Result<MinedPatterns> PatternMiner::mine_patterns(std::span<const SignalStream> signals, std::span<const double> returns,
                                                  const Regimes& regimes, std::span<const EventTrace> events, const Surroundings& around,
                                                  const Cancellation* cancellation) const {
  TRADEWIND_TRY(check_returns(returns));
  TRADEWIND_TRY(check_regimes(regimes, returns.size()));
  TRADEWIND_TRY(check_streams(signals, returns.size()));
  TRADEWIND_TRY(check_around(around, returns.size()));
  if (std::uint64_t{signals.size()} * returns.size() * static_cast<std::uint64_t>(options_.max_length) > kMaxOccurrences) {
    return Error(Errc::too_large, fmt::format("{} strategies of {} bars", signals.size(), returns.size()), {},
                 "mine fewer strategies or a shorter span at a time");
  }
  MinedPatterns mined;
  MiningInput input{signals, returns, regimes, events, around, {}, {}, false};
  split(input, options_);
  mined.bars = static_cast<std::int64_t>(input.discovery.size());
  mined.holdout_bars = static_cast<std::int64_t>(input.holdout.size());
  if (signals.empty() || input.discovery.size() < 2) return mined;

  TRADEWIND_ASSIGN(const std::vector<Candidate> candidates, collect(input, options_, cancellation));
  std::vector<bool> tested(candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) tested[c] = is_tested(candidates[c], input);
  mined.tested = std::count(tested.begin(), tested.end(), true);
  const std::vector<double> adjusted_returns = tested_returns(input, options_.excess);
  TRADEWIND_ASSIGN(const std::vector<Significance> significance, test(candidates, tested, adjusted_returns, options_, cancellation));

  const Describer describer(input, options_);
  std::size_t next = 0;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const Significance* const found = tested[c] ? &significance[next++] : nullptr;
    TradingPattern pattern = pattern_of(candidates[c], input, options_, adjusted_returns, found);
    if (!pattern.structural && !(pattern.p_adjusted.defined() && pattern.p_adjusted.number <= kSignificance)) continue;
    const int direction = moments_of(candidates[c].discovery, adjusted_returns).direction();
    describer.describe(candidates[c], direction == 0 ? 1 : direction, pattern);
    mined.patterns.push_back(std::move(pattern));
  }
  std::stable_sort(mined.patterns.begin(), mined.patterns.end(), comes_before);
  return mined;
}

}  // namespace tradewind::discovery
