// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/hmm.hpp"

#include <cmath>
#include <numeric>

#include <fmt/core.h>

#include "tradewind/regimes/hmm_kernel_internal.hpp"

namespace tradewind::regimes {
namespace {

Status check_distribution(std::span<const double> probabilities, std::size_t states, const std::string& what) {
  if (probabilities.size() != states)
    return Error(Errc::invalid_config, fmt::format("{} has {} entries for {} states", what, probabilities.size(), states), what);
  double sum = 0;
  for (const double p : probabilities) {
    if (!(p >= 0 && p <= 1 + 1e-6)) return Error(Errc::invalid_config, fmt::format("{} holds {}, which is no probability", what, p), what);
    sum += p;
  }
  if (std::fabs(sum - 1) > 1e-6) return Error(Errc::invalid_config, fmt::format("{} sums to {} instead of 1", what, sum), what);
  return {};
}

}  // namespace

Status check_series(std::span<const double> series, std::size_t least) {
  if (series.size() < least)
    return Error(Errc::invalid_data, fmt::format("{} points are too few; at least {} are needed", series.size(), least));
  for (std::size_t t = 0; t < series.size(); ++t) {
    if (!std::isfinite(series[t]))
      return Error(Errc::invalid_data, fmt::format("value of row {} is not finite (rows count from 0)", t), fmt::format("row {}", t));
  }
  return {};
}

Status check(const HmmParameters& p) {
  const std::size_t states = p.states();
  if (states < kMinHmmStates || states > kMaxHmmStates) {
    return Error(Errc::invalid_config,
                 fmt::format("a hidden Markov model has {} to {} states, not {}", kMinHmmStates, kMaxHmmStates, states), "states");
  }
  TRADEWIND_TRY(check_distribution(p.start_probability, states, "start_probability"));
  if (p.transition.size() != states)
    return Error(Errc::invalid_config, fmt::format("transition has {} rows for {} states", p.transition.size(), states), "transition");
  for (std::size_t i = 0; i < states; ++i) TRADEWIND_TRY(check_distribution(p.transition[i], states, fmt::format("transition[{}]", i)));
  if (p.variances.size() != states)
    return Error(Errc::invalid_config, fmt::format("variances has {} entries for {} states", p.variances.size(), states), "variances");
  for (std::size_t i = 0; i < states; ++i) {
    if (!std::isfinite(p.means[i])) return Error(Errc::invalid_config, fmt::format("means[{}] is not finite", i), "means");
    if (!(p.variances[i] > 0) || !std::isfinite(p.variances[i]))
      return Error(Errc::invalid_config, fmt::format("variances[{}] must be above 0, not {}", i, p.variances[i]), "variances");
  }
  return {};
}

HmmFilter::HmmFilter(const HmmParameters& p) : states_(p.states()) {
  for (std::size_t j = 0; j < states_; ++j) {
    for (std::size_t i = 0; i < states_; ++i) into_[j][i] = p.transition[i][j];
    mean_[j] = p.means[j];
    half_precision_[j] = 0.5 / p.variances[j];
    log_weight_[j] = -0.5 * std::log(2 * M_PI * p.variances[j]);
    probability_[j] = p.start_probability[j];
  }
}

template <std::size_t K>
void HmmFilter::step(double value) {
  std::array<double, K + K % 2> density{};
  double peak = -INFINITY;
  for (std::size_t j = 0; j < K; ++j) {
    const double gap = value - mean_[j];
    density[j] = log_weight_[j] - gap * gap * half_precision_[j];
    peak = std::max(peak, density[j]);
  }
  for (double& d : density) d -= peak;
  Exponential::instance()(density.data(), K + K % 2);
  std::array<double, K> joint{};
  double total = 0;
  for (std::size_t j = 0; j < K; ++j) {
    double before = probability_[0] * into_[j][0];
    for (std::size_t i = 1; i < K; ++i) before += probability_[i] * into_[j][i];
    if (!started_) before = probability_[j];
    joint[j] = before * density[j];
    total += joint[j];
  }
  started_ = true;
  log_likelihood_ += peak;
  if (total > 0) {
    scale_ *= total;
  } else {  // the model calls this value impossible from here: start again from the value itself
    std::copy_n(density.begin(), K, joint.begin());
    total = std::accumulate(density.begin(), density.begin() + std::ptrdiff_t{K}, 0.0);
    log_likelihood_ = -INFINITY;
  }
  const double normaliser = 1 / total;
  for (std::size_t j = 0; j < K; ++j) probability_[j] = joint[j] * normaliser;
  if (scale_ < 0x1p-500) {
    log_likelihood_ += std::log(scale_);
    scale_ = 1;
  }
}

std::span<const double> HmmFilter::update(double value) {
  with_state_count(states_, [&]<std::size_t K>() { step<K>(value); });
  return probabilities();
}

double HmmFilter::log_likelihood() const { return log_likelihood_ + std::log(scale_); }

State HmmFilter::state() const {
  const auto all = probabilities();
  return static_cast<State>(std::max_element(all.begin(), all.end()) - all.begin());
}

Result<HmmProbabilities> filtered(const HmmParameters& parameters, std::span<const double> series) {
  TRADEWIND_TRY(check(parameters));
  TRADEWIND_TRY(check_series(series, 0));
  HmmProbabilities out{parameters.states(), {}, 0};
  out.values.reserve(series.size() * out.states);
  HmmFilter filter(parameters);
  for (const double value : series) {
    const auto row = filter.update(value);
    out.values.insert(out.values.end(), row.begin(), row.end());
  }
  out.log_likelihood = filter.log_likelihood();
  return out;
}

Result<HmmProbabilities> smoothed(const HmmParameters& parameters, std::span<const double> series) {
  TRADEWIND_TRY(check(parameters));
  TRADEWIND_TRY(check_series(series, 1));
  HmmProbabilities out{parameters.states(), std::vector<double>(series.size() * parameters.states()), 0};
  with_state_count(parameters.states(), [&]<std::size_t K>() {
    const HmmKernel<K> kernel(parameters);
    HmmWorkspace work;
    HmmSums<K> sums;
    out.log_likelihood = kernel.forward(series, work);
    if (!std::isfinite(out.log_likelihood)) return;
    kernel.backward(series, work, sums, [&](std::size_t t, const std::array<double, K>& gamma) {
      std::copy(gamma.begin(), gamma.end(), out.values.begin() + static_cast<std::ptrdiff_t>(t * K));
    });
  });
  if (!std::isfinite(out.log_likelihood))
    return Error(Errc::numeric, "the model makes the series impossible", {}, "check the zeros in transition and start_probability");
  return out;
}

Result<HmmPath> viterbi(const HmmParameters& p, std::span<const double> series) {
  TRADEWIND_TRY(check(p));
  TRADEWIND_TRY(check_series(series, 1));
  const std::size_t states = p.states();
  const std::size_t n = series.size();
  std::vector<std::uint8_t> came_from(n * states);
  std::vector<double> log_transition(states * states), best(states), next(states);
  for (std::size_t j = 0; j < states; ++j) {
    for (std::size_t i = 0; i < states; ++i) log_transition[j * states + i] = std::log(p.transition[i][j]);
  }
  std::vector<double> log_weight(states);
  for (std::size_t j = 0; j < states; ++j) log_weight[j] = -0.5 * std::log(2 * M_PI * p.variances[j]);
  const auto density = [&](std::size_t t, std::size_t j) {
    return log_weight[j] - 0.5 * (series[t] - p.means[j]) * (series[t] - p.means[j]) / p.variances[j];
  };
  for (std::size_t j = 0; j < states; ++j) best[j] = std::log(p.start_probability[j]) + density(0, j);
  for (std::size_t t = 1; t < n; ++t) {
    for (std::size_t j = 0; j < states; ++j) {
      std::size_t from = 0;
      double top = best[0] + log_transition[j * states];
      for (std::size_t i = 1; i < states; ++i) {
        const double candidate = best[i] + log_transition[j * states + i];
        if (candidate > top) top = candidate, from = i;
      }
      came_from[t * states + j] = static_cast<std::uint8_t>(from);
      next[j] = top + density(t, j);
    }
    best.swap(next);
  }
  HmmPath path;
  path.states.resize(n);
  auto last = static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  path.log_probability = best[last];
  if (!std::isfinite(path.log_probability)) return Error(Errc::numeric, "the model makes the series impossible");
  for (std::size_t t = n; t-- > 0;) {
    path.states[t] = static_cast<State>(last);
    last = came_from[t * states + last];
  }
  return path;
}

}  // namespace tradewind::regimes
