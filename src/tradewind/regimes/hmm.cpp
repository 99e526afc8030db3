// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/hmm.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/core.h>

#include "tradewind/regimes/hmm_kernel_internal.hpp"

namespace tradewind::regimes {
namespace {

constexpr double kSmall = 0x1p-64;
constexpr double kUp = 0x1p64;
constexpr double kLogUp = 64 * 0.693147180559945309417;

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
  log_weight_.fill(-1e300);  // entries that no state has get no weight
  for (std::size_t j = 0; j < states_; ++j) {
    for (std::size_t i = 0; i < states_; ++i) from_[i][j] = p.transition[i][j];
    mean_[j] = p.means[j];
    half_precision_[j] = 0.5 / p.variances[j];
    log_weight_[j] = -0.5 * std::log(2 * M_PI * p.variances[j]);
    joint_[j] = probability_[j] = p.start_probability[j];
  }
}

/// States in pairs, everything in registers: P pairs hold K states, the odd one out padded by zeros.
template <std::size_t K>
void HmmFilter::step(double value) {
  constexpr std::size_t P = (K + 1) / 2;
  using Pair = Exponential::Pair;
  const auto load = [](const PerState& from, std::size_t p) {
    Pair pair;
    std::memcpy(&pair, from.data() + 2 * p, sizeof pair);
    return pair;
  };
  std::array<Pair, P> density, joint;
  for (std::size_t p = 0; p < P; ++p) {
    const Pair gap = value - load(mean_, p);
    density[p] = load(log_weight_, p) - gap * gap * load(half_precision_, p);
  }
  Pair peaks = density[0];
  for (std::size_t p = 1; p < P; ++p) peaks = density[p] > peaks ? density[p] : peaks;
  const double peak = std::max(peaks[0], peaks[1]);
  for (std::size_t p = 0; p < P; ++p) density[p] = Exponential::instance()(density[p] - peak);
  for (std::size_t p = 0; p < P; ++p) {
    joint[p] = joint_[0] * load(from_[0], p);
    for (std::size_t i = 1; i < K; ++i) joint[p] += joint_[i] * load(from_[i], p);
  }
  if (!started_) {
    for (std::size_t p = 0; p < P; ++p) joint[p] = load(joint_, p);
    started_ = true;
  }
  Pair sums{};
  for (std::size_t p = 0; p < P; ++p) sums += joint[p] *= density[p];
  peaks_ += peak;
  total_ = sums[0] + sums[1];
  std::memcpy(joint_.data(), joint.data(), sizeof joint);
  if (total_ < kSmall) [[unlikely]] {
    PerState relative{};
    std::memcpy(relative.data(), density.data(), sizeof density);
    rescale(relative);
    std::memcpy(joint.data(), joint_.data(), sizeof joint);
  }
  const double normaliser = 1 / total_;  // the next step starts from joint_, so that it need not wait for this division
  for (std::size_t p = 0; p < P; ++p) joint[p] *= normaliser;
  std::memcpy(probability_.data(), joint.data(), sizeof joint);
}

/// Lifts a small total by powers of two, which are exact; an impossible value starts the filter again from the value itself.
void HmmFilter::rescale(const PerState& density) {
  if (!(total_ > 0)) {
    std::copy_n(density.begin(), states_, joint_.begin());
    peaks_ = -INFINITY;
    total_ = std::accumulate(joint_.begin(), joint_.end(), 0.0);
  }
  for (; total_ < kSmall; total_ *= kUp, ++scalings_) {
    for (double& j : joint_) j *= kUp;
  }
}

std::span<const double> HmmFilter::update(double value) {
  with_state_count(states_, [&]<std::size_t K>() { step<K>(value); });
  return probabilities();
}

double HmmFilter::log_likelihood() const { return peaks_ + std::log(total_) - static_cast<double>(scalings_) * kLogUp; }

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
