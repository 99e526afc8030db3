// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/adaptive.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::ensemble {
namespace {

/// Differences of weights, and shares of a way, below this are rounding, not worth a trade.
constexpr double kNoise = 1e-12;

/// aʹΣb.
double form(const std::vector<double>& covariance, std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    double row = 0;
    for (std::size_t j = 0; j < b.size(); ++j) row += covariance[i * b.size() + j] * b[j];
    sum += a[i] * row;
  }
  return sum;
}

int likeliest(std::span<const double> row) {
  const auto best = std::max_element(row.begin(), row.end());
  return best == row.end() || !(*best > 0) ? -1 : static_cast<int>(best - row.begin());
}

/// The regime of each row of the past: what was likeliest at the close before.
std::vector<int> states_of(const RegimeProbabilities& probabilities, std::size_t rows) {
  std::vector<int> states(rows, -1);
  for (std::size_t t = 1; t < rows; ++t) states[t] = likeliest(probabilities.row(t - 1));
  return states;
}

/// Mean run of one state, over all runs so far; `state` −1 stands for any.
double mean_run(const std::vector<int>& states, int state) {
  double bars = 0;
  double runs = 0;
  for (std::size_t t = 0; t < states.size(); ++t) {
    if (states[t] < 0 || (state >= 0 && states[t] != state)) continue;
    ++bars;
    if (t == 0 || states[t - 1] != states[t]) ++runs;
  }
  return runs > 0 ? bars / runs : static_cast<double>(std::max<std::size_t>(1, states.size()));
}

/// Every regime with its probability, then all bars with what is unknown.
template <typename Use>
void each_regime(const AdaptiveModel& model, std::span<const double> probabilities, Use&& use) {
  double known = 0;
  for (const double p : probabilities) known += p;
  for (std::size_t k = 0; k < probabilities.size(); ++k)
    if (probabilities[k] > 0) use(probabilities[k] / std::max(1.0, known), model.regimes[k]);
  if (known < 1) use(1 - known, model.global);
}

/// Whether one regime of a model is what fit_adaptive could have made.
bool is_sound(const AdaptiveRegime& regime, std::size_t strategies) {
  const auto at_least = [](double number, double bound) { return number >= bound && std::isfinite(number); };
  double sum = 0;
  for (const double weight : regime.weights) sum += at_least(weight, 0) ? weight : 2;
  return regime.weights.size() == strategies && sum <= 1 + 1e-9 && regime.covariance.size() == strategies * strategies &&
         std::ranges::all_of(regime.covariance, [](double number) { return std::isfinite(number); }) && at_least(regime.risk_aversion, 0) &&
         at_least(regime.holding_bars, 1);
}

bool looks_at_returns(Objective objective) { return objective == Objective::sharpe || objective == Objective::sortino; }

/// The risk aversion for which the weights would be the best ones, from the unbiased squared Sharpe ratio.
double implied_aversion(const Moments& moments, std::span<const double> weights) {
  double mean = 0;
  double held = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    mean += weights[j] * moments.mean[j];
    held += weights[j] > 0 ? 1 : 0;
  }
  const double variance = form(moments.covariance, weights, weights);
  if (!(variance > 0) || !(mean > 0)) return 0;
  const double n = static_cast<double>(moments.rows);
  const double squared = ((n - held - 2) * mean * mean / variance - held) / n;
  return squared > 0 ? std::sqrt(squared / variance) : 0;
}

Status check(const AdaptiveOptions& options) {
  if (!(options.cost_rate >= 0 && options.cost_rate < 1))
    return Error(Errc::usage, fmt::format("the cost of moving capital must be in [0, 1), not {}", number_text(options.cost_rate)),
                 "cost_rate", "10bps is 0.001");
  const auto bad = [](double number) { return !(number >= 0) || !std::isfinite(number); };
  if (bad(options.risk_aversion)) return Error(Errc::usage, "the risk aversion must be at least 0", "risk_aversion");
  if (bad(options.holding_bars)) return Error(Errc::usage, "the expected holding time must be at least 0 bars", "holding_bars");
  return {};
}

}  // namespace

std::vector<double> one_hot(std::span<const int> state, std::size_t regimes) {
  std::vector<double> values(state.size() * regimes, 0.0);
  for (std::size_t t = 0; t < state.size(); ++t)
    if (state[t] >= 0 && static_cast<std::size_t>(state[t]) < regimes) values[t * regimes + static_cast<std::size_t>(state[t])] = 1;
  return values;
}

Status check(const RegimeProbabilities& probabilities, std::size_t bars) {
  if (probabilities.names.empty()) return Error(Errc::invalid_data, "probabilities of no regime are given");
  if (probabilities.values.size() != bars * probabilities.names.size())
    return Error(Errc::invalid_data,
                 fmt::format("{} probabilities for {} bars and {} regimes", probabilities.values.size(), bars, probabilities.names.size()));
  for (std::size_t t = 0; t < bars; ++t) {
    double sum = 0;
    for (const double p : probabilities.row(t)) {
      if (!(p >= 0 && p <= 1 + 1e-9)) return Error(Errc::invalid_data, "a probability does not lie in [0, 1]", fmt::format("row {}", t));
      sum += p;
    }
    if (sum > 1 + 1e-6)
      return Error(Errc::invalid_data, fmt::format("the probabilities sum to {}", number_text(sum)), fmt::format("row {}", t));
  }
  return {};
}

Status check(const AdaptiveModel& model, std::size_t regimes, std::size_t strategies) {
  if (model.regimes.size() != regimes)
    return Error(Errc::invalid_data, fmt::format("weights that adapt are for {} regimes, there are {}", model.regimes.size(), regimes));
  if (!(model.cost_rate >= 0 && model.cost_rate < 1))
    return Error(Errc::invalid_data, "the cost of moving capital must lie in [0, 1)", "cost_rate");
  const bool sound = is_sound(model.global, strategies) &&
                     std::ranges::all_of(model.regimes, [&](const auto& regime) { return is_sound(regime, strategies); });
  if (!sound)
    return Error(Errc::invalid_data,
                 fmt::format("weights that adapt need, for every regime, {} weights that sum to at most 1, a covariance of {} numbers, a "
                             "risk_aversion of at least 0 and holding_bars of at least 1",
                             strategies, strategies * strategies));
  return {};
}

Result<AdaptiveModel> fit_adaptive(const ReturnPanel& past, const RegimeProbabilities& probabilities, const AdaptiveOptions& options,
                                   std::span<const double> previous) {
  TRADEWIND_TRY(check(options));
  TRADEWIND_TRY(check(probabilities, past.rows));
  EnsembleOptions plain = options.ensemble;
  plain.constraints.current_weights.clear();
  const std::vector<int> states = states_of(probabilities, past.rows);
  const RegimeRows regimes{states, probabilities.names};
  TRADEWIND_ASSIGN(const EnsembleWeights fitted, EnsembleOptimizer(plain).optimize_weights(past, &regimes));
  TRADEWIND_ASSIGN(const Moments all, estimate_moments(past, plain.covariance, plain.threads));

  const auto aversion = [&](const Moments& moments, std::span<const double> weights) {
    if (options.risk_aversion > 0) return options.risk_aversion;
    return looks_at_returns(plain.objective) ? implied_aversion(moments, weights) : kNeutralAversion;
  };
  AdaptiveModel model;
  model.global.weights = fitted.global.weights;
  model.fallback = !fitted.global.has_weights();
  if (model.fallback) {
    model.global.weights.assign(previous.begin(), previous.end());
    if (previous.empty()) model.global.weights.assign(past.columns(), 1 / static_cast<double>(past.columns()));
    model.global.fallback = fitted.global.reason;
  }
  model.global.covariance = all.covariance;
  model.global.bars = past.rows;
  const auto holding = [&](int state) { return options.holding_bars > 0 ? options.holding_bars : std::max(1.0, mean_run(states, state)); };
  model.cost_rate = options.cost_rate;
  model.global.holding_bars = holding(-1);
  model.global.risk_aversion = aversion(all, model.global.weights);

  std::vector<std::size_t> columns(past.columns());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  for (std::size_t k = 0; k < fitted.regimes.size(); ++k) {
    const RegimeWeights& own = fitted.regimes[k];
    AdaptiveRegime regime = model.global;
    regime.fallback = own.fallback;
    regime.bars = own.bars;
    regime.holding_bars = holding(static_cast<int>(k));
    if (own.fallback.empty()) {
      std::vector<std::size_t> rows;
      for (std::size_t t = 0; t < states.size(); ++t)
        if (states[t] == static_cast<int>(k)) rows.push_back(t);
      TRADEWIND_ASSIGN(const Moments moments, estimate_moments(select(past, columns, rows), plain.covariance, plain.threads));
      regime.weights = own.weights;
      regime.covariance = moments.covariance;
      regime.risk_aversion = aversion(moments, own.weights);
    }
    model.regimes.push_back(std::move(regime));
  }
  return model;
}

std::vector<double> target_weights(const AdaptiveModel& model, std::span<const double> probabilities) {
  std::vector<double> target(model.global.weights.size(), 0.0);
  each_regime(model, probabilities, [&](double p, const AdaptiveRegime& regime) {
    for (std::size_t j = 0; j < target.size(); ++j) target[j] += p * regime.weights[j];
  });
  return target;
}

AdaptiveDecision decide(const AdaptiveModel& model, std::span<const double> probabilities, std::span<const double> held) {
  AdaptiveDecision out;
  out.target = target_weights(model, probabilities);
  out.weights.assign(held.begin(), held.end());
  std::vector<double> way(held.size());
  double length = 0;
  for (std::size_t j = 0; j < held.size(); ++j) {
    way[j] = out.target[j] - held[j];
    length += std::fabs(way[j]);
  }
  if (!(length > kNoise)) return out;
  double loss = 0;     // γ dʹΣd
  double holding = 0;  // bars the target is expected to stay
  each_regime(model, probabilities, [&](double p, const AdaptiveRegime& regime) {
    loss += p * regime.risk_aversion * form(regime.covariance, way, way);
    holding += p * regime.holding_bars;
  });
  const double cost = model.cost_rate * length;
  const double benefit = holding * loss;
  out.share = cost == 0 ? 1 : benefit > cost ? 1 - cost / benefit : 0;
  if (out.share < kNoise) out.share = 0;  // at the edge of the region: what was decided at the close before is not decided again
  for (std::size_t j = 0; j < held.size(); ++j) out.weights[j] = out.share == 1 ? out.target[j] : held[j] + out.share * way[j];
  out.turnover = out.share * length;
  out.cost = model.cost_rate * out.turnover;
  return out;
}

void drift(std::span<const double> returns, std::span<double> weights) noexcept {
  double total = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    weights[j] *= 1 + returns[j];
    total += weights[j];
  }
  for (double& weight : weights) weight = total > 0 ? weight / total : 1 / static_cast<double>(weights.size());
}

}  // namespace tradewind::ensemble
