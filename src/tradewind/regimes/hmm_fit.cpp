// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/regimes/hmm_kernel_internal.hpp"
#include "tradewind/regimes/state_order_internal.hpp"

namespace tradewind::regimes {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;  ///< ddof 0
};

Moments moments(std::span<const double> series) {
  Moments m;
  const double n = static_cast<double>(series.size());
  for (const double x : series) m.mean += x / n;
  for (const double x : series) m.variance += (x - m.mean) * (x - m.mean) / n;
  return m;
}

/// The M-step; an error names the state that died.
template <std::size_t K>
Status maximise(const HmmSums<K>& sums, double smallest_variance, HmmParameters& p) {
  for (std::size_t i = 0; i < K; ++i) {
    const double shift = sums.deviation[i] / sums.weight[i];
    const double variance = sums.squares[i] / sums.weight[i] - shift * shift;
    double leaving = 0;
    for (std::size_t j = 0; j < K; ++j) leaving += p.transition[i][j] * sums.moves[i][j];
    if (!(sums.weight[i] > 1e-8) || !(variance > smallest_variance) || !(leaving > 0)) {
      return Error(Errc::numeric, fmt::format("state {} died: no points, or all of one value, are left to it", i), {},
                   "use fewer states or another start");
    }
    p.means[i] += shift;
    p.variances[i] = variance;
    p.start_probability[i] = sums.first[i];
    for (std::size_t j = 0; j < K; ++j) p.transition[i][j] *= sums.moves[i][j] / leaving;
  }
  return {};
}

template <std::size_t K>
Result<HmmTraining> train_states(const HmmParameters& initial, std::span<const double> series, int steps, double tolerance) {
  HmmTraining out{initial, {}, {}, false};
  HmmWorkspace work;
  const double smallest_variance = 1e-12 * moments(series).variance;
  for (int s = 0; s < steps; ++s) {
    const HmmKernel<K> kernel(out.parameters);
    HmmSums<K> sums;
    const double likelihood = kernel.forward(series, work);
    if (!std::isfinite(likelihood))
      return Error(Errc::numeric, "the model makes the series impossible", {}, "check the zeros in transition and start_probability");
    const bool gained_little = !out.log_likelihood.empty() && likelihood - out.log_likelihood.back() <= tolerance * std::fabs(likelihood);
    out.log_likelihood.push_back(likelihood);
    if (tolerance > 0 && gained_little) {
      out.converged = true;
      break;
    }
    kernel.backward(series, work, sums, [](std::size_t, const std::array<double, K>&) {});
    out.occupancy.assign(sums.weight.begin(), sums.weight.end());
    TRADEWIND_TRY(maximise(sums, smallest_variance, out.parameters));
  }
  return out;
}

HmmParameters random_start(const Moments& m, std::size_t states, Random& random) {
  const double deviation = std::sqrt(m.variance);
  HmmParameters p;
  p.start_probability.assign(states, 1.0 / static_cast<double>(states));
  const double stay = 0.8 + 0.19 * random.uniform();
  for (std::size_t i = 0; i < states; ++i) {
    std::vector<double> row(states, (1 - stay) / static_cast<double>(states - 1));
    row[i] = stay;
    p.transition.push_back(std::move(row));
    p.means.push_back(m.mean + 0.3 * deviation * random.normal());
    const double spread = deviation * std::exp(2.4 * random.uniform() - 1.4);
    p.variances.push_back(spread * spread);
  }
  std::sort(p.variances.begin(), p.variances.end());
  return p;
}

std::vector<HmmOptimum> distinct_optima(std::vector<double> ends) {
  std::sort(ends.begin(), ends.end(), std::greater<>());
  std::vector<HmmOptimum> optima;
  double last = 0;
  for (const double end : ends) {
    if (optima.empty() || last - end > 1e-6 * std::fabs(end)) optima.push_back({end, 0});
    ++optima.back().starts;
    last = end;
  }
  return optima;
}

/// The likeliest of the starts, ties to the first, with its states in order of variance.
Result<HmmFit> best_of(std::vector<std::optional<HmmTraining>> runs, std::size_t values, const HmmFitOptions& options) {
  const HmmTraining* best = nullptr;
  std::vector<double> ends;
  for (const auto& run : runs) {
    if (!run) continue;
    ends.push_back(run->log_likelihood.back());
    if (best == nullptr || ends.back() > best->log_likelihood.back()) best = &*run;
  }
  const auto starts = static_cast<int>(runs.size());
  if (best == nullptr) return Error(Errc::numeric, fmt::format("all {} starts lost a state", starts), {}, "use fewer states");
  const auto order = order_by(options.states, [&](std::size_t i) { return best->parameters.variances[i]; });
  HmmFit fit;
  fit.parameters = reorder(best->parameters, order);
  fit.log_likelihood = best->log_likelihood.back();
  fit.converged = best->converged;
  const double k = static_cast<double>(options.states);
  fit.bic = -2 * fit.log_likelihood + (k * k - 1 + 2 * k) * std::log(static_cast<double>(values));
  const int lost = starts - static_cast<int>(ends.size());
  fit.optima = distinct_optima(std::move(ends));
  if (lost > 0) fit.diagnostics.push_back({FitIssue::lost_starts, values, -1, lost, starts});
  if (fit.optima.size() > 1) fit.diagnostics.push_back({FitIssue::local_optima, values, -1, static_cast<int>(fit.optima.size()), starts});
  for (FitDiagnostic d : training_diagnostics(*best, values)) {
    if (d.state >= 0) d.state = static_cast<int>(std::find(order.begin(), order.end(), static_cast<std::size_t>(d.state)) - order.begin());
    fit.diagnostics.push_back(d);
  }
  return fit;
}

}  // namespace

std::vector<FitDiagnostic> training_diagnostics(const HmmTraining& training, std::size_t values) {
  std::vector<FitDiagnostic> found;
  if (!training.converged) found.push_back({FitIssue::not_converged, values, -1, 0, static_cast<int>(training.log_likelihood.size())});
  for (std::size_t i = 0; i < training.occupancy.size(); ++i) {
    if (training.occupancy[i] < kLeastOccupancy) found.push_back({FitIssue::dead_state, values, static_cast<int>(i), 0, kLeastOccupancy});
  }
  return found;
}

void HmmWorkspace::resize(std::size_t points, std::size_t states) {
  emission.resize(points * states + 2);
  forward.resize(points * states);
}

Result<HmmTraining> train(const HmmParameters& initial, std::span<const double> series, int steps, double tolerance) {
  TRADEWIND_TRY(check(initial));
  TRADEWIND_TRY(check_series(series, 2));
  return with_state_count(initial.states(), [&]<std::size_t K>() { return train_states<K>(initial, series, steps, tolerance); });
}

HmmParameters default_start(std::span<const double> series, std::size_t states) {
  const Moments m = moments(series);
  const double deviation = std::sqrt(m.variance);
  HmmParameters p;
  p.start_probability.assign(states, 1.0 / static_cast<double>(states));
  for (std::size_t i = 0; i < states; ++i) {
    const double share = states == 1 ? 0 : static_cast<double>(i) / static_cast<double>(states - 1);
    std::vector<double> row(states, 0.05 / static_cast<double>(states - 1));
    row[i] = 0.95;
    p.transition.push_back(std::move(row));
    p.means.push_back(m.mean + (0.05 - 0.1 * share) * deviation);
    const double spread = (0.5 + 1.3 * share) * deviation;
    p.variances.push_back(spread * spread);
  }
  return p;
}

Result<HmmFit> fit_hmm(std::span<const double> series, const HmmFitOptions& options) {
  if (options.states < kMinHmmStates || options.states > kMaxHmmStates) {
    return Error(Errc::invalid_config,
                 fmt::format("a hidden Markov model has {} to {} states, not {}", kMinHmmStates, kMaxHmmStates, options.states), "states");
  }
  TRADEWIND_TRY(check_series(series, 10 * options.states));
  const Moments m = moments(series);
  if (!(m.variance > 1e-24 * m.mean * m.mean) || !(m.variance > 0))
    return Error(Errc::invalid_data, "a series without variation has no regimes");
  const auto starts = static_cast<std::size_t>(std::max(1, options.starts));
  std::vector<std::optional<HmmTraining>> runs(starts);
  TRADEWIND_TRY(parallel_for(starts, options.threads, [&](std::size_t start) -> Status {
    Random random(options.seed, start);
    const HmmParameters initial = start == 0 ? default_start(series, options.states) : random_start(m, options.states, random);
    if (auto run = train(initial, series, options.max_steps, options.tolerance)) runs[start] = std::move(*run);
    return {};
  }));
  return best_of(std::move(runs), series.size(), options);
}

HmmParameters reorder(const HmmParameters& p, std::span<const std::size_t> order) {
  HmmParameters out;
  for (const std::size_t i : order) {
    out.start_probability.push_back(p.start_probability[i]);
    out.means.push_back(p.means[i]);
    out.variances.push_back(p.variances[i]);
    std::vector<double> row;
    for (const std::size_t j : order) row.push_back(p.transition[i][j]);
    out.transition.push_back(std::move(row));
  }
  return out;
}

std::vector<std::size_t> matching_order(const HmmParameters& p, const HmmParameters& reference, std::span<const double> occupancy) {
  const auto variance = [&](std::size_t i) { return p.variances[i]; };
  return least_cost_order(p.states(), occupancy, variance, [&](const std::vector<std::size_t>& order) {
    double cost = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double deviation = std::sqrt(reference.variances[i]);
      cost += std::fabs(0.5 * std::log(p.variances[order[i]] / reference.variances[i])) +
              std::fabs(p.means[order[i]] - reference.means[i]) / deviation;
    }
    return cost;
  });
}

}  // namespace tradewind::regimes
