// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/multivariate_hmm.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/regimes/hmm_kernel_internal.hpp"
#include "tradewind/regimes/state_order_internal.hpp"

namespace tradewind::regimes {
namespace {

/// The chain alone, with a unit normal in every state, for the code that knows chains of one series.
HmmParameters chain_of(const MultivariateHmm& m) {
  return {m.start_probability, m.transition, std::vector<double>(m.states(), 0.0), std::vector<double>(m.states(), 1.0)};
}

Status check_rows(const FeatureRows& rows, std::size_t least) {
  if (rows.features < 1 || rows.features > kMaxFeatures || rows.values.size() % rows.features != 0)
    return Error(Errc::invalid_config, fmt::format("{} values are no rows of {} features", rows.values.size(), rows.features), "features");
  if (rows.rows() < least) return Error(Errc::invalid_data, fmt::format("{} rows are too few; at least {} are needed", rows.rows(), least));
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    if (!std::isfinite(rows.values[i])) {
      return Error(Errc::invalid_data,
                   fmt::format("feature {} of row {} is not finite (both count from 0)", i % rows.features, i / rows.features),
                   fmt::format("row {}", i / rows.features));
    }
  }
  return {};
}

struct FeatureMoments {
  std::vector<double> mean;
  std::vector<double> variance;
};

FeatureMoments moments_of(const FeatureRows& rows) {
  FeatureMoments m{std::vector<double>(rows.features), std::vector<double>(rows.features)};
  const double n = static_cast<double>(rows.rows());
  for (std::size_t i = 0; i < rows.values.size(); ++i) m.mean[i % rows.features] += rows.values[i] / n;
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    const double gap = rows.values[i] - m.mean[i % rows.features];
    m.variance[i % rows.features] += gap * gap / n;
  }
  return m;
}

double log_weight_of(std::span<const double> variances) {
  double sum = 0;
  for (const double v : variances) sum -= 0.5 * std::log(2 * M_PI * v);
  return sum;
}

double log_density(std::span<const double> row, std::span<const double> means, std::span<const double> variances, double log_weight) {
  for (std::size_t f = 0; f < row.size(); ++f) {
    const double gap = row[f] - means[f];
    log_weight -= 0.5 * gap * gap / variances[f];
  }
  return log_weight;
}

/// Relative densities of points [from, to), as HmmKernel::forward wants them.
template <std::size_t K>
double emit(const MultivariateHmm& m, const FeatureRows& rows, std::size_t from, std::size_t to, double* emission) {
  std::array<double, K> weight;
  for (std::size_t j = 0; j < K; ++j) weight[j] = log_weight_of(m.variances[j]);
  double peaks = 0;
  for (std::size_t t = from; t < to; ++t) {
    const auto row = rows.values.subspan(t * rows.features, rows.features);
    double* at = emission + t * K;
    for (std::size_t j = 0; j < K; ++j) at[j] = log_density(row, m.means[j], m.variances[j], weight[j]);
    const double peak = *std::max_element(at, at + K);
    for (std::size_t j = 0; j < K; ++j) at[j] -= peak;
    peaks += peak;
  }
  const std::size_t count = (to - from) * K;
  Exponential::instance()(emission + from * K, count + count % 2);
  return peaks;
}

/// Σ γ (x − mean) and Σ γ (x − mean)² per state and feature.
struct FeatureSums {
  std::vector<double> deviation;
  std::vector<double> squares;
};

template <std::size_t K>
Status maximise(const HmmSums<K>& sums, const FeatureSums& features, std::span<const double> least, MultivariateHmm& m) {
  const std::size_t width = m.features();
  for (std::size_t i = 0; i < K; ++i) {
    double leaving = 0;
    for (std::size_t j = 0; j < K; ++j) leaving += m.transition[i][j] * sums.moves[i][j];
    bool alive = sums.weight[i] > 1e-8 && leaving > 0;
    for (std::size_t f = 0; f < width; ++f) {
      const double shift = features.deviation[i * width + f] / sums.weight[i];
      const double variance = features.squares[i * width + f] / sums.weight[i] - shift * shift;
      alive = alive && variance > least[f];
      m.means[i][f] += shift;
      m.variances[i][f] = variance;
    }
    if (!alive)
      return Error(Errc::numeric, fmt::format("state {} died: no rows, or all with one value of a feature, are left to it", i), {},
                   "use fewer states or another start");
    m.start_probability[i] = sums.first[i];
    for (std::size_t j = 0; j < K; ++j) m.transition[i][j] *= sums.moves[i][j] / leaving;
  }
  return {};
}

template <std::size_t K>
Result<MultivariateTraining> train_states(const MultivariateHmm& initial, const FeatureRows& rows, int steps, double tolerance) {
  MultivariateTraining out{initial, {}, {}, false};
  HmmWorkspace work;
  const std::size_t width = rows.features;
  std::vector<double> least = moments_of(rows).variance;
  for (double& v : least) v *= 1e-12;
  for (int s = 0; s < steps; ++s) {
    const HmmKernel<K> kernel(chain_of(out.model));
    const double likelihood = kernel.forward(rows.rows(), work, [&](std::size_t from, std::size_t to, double* emission) {
      return emit<K>(out.model, rows, from, to, emission);
    });
    if (!std::isfinite(likelihood))
      return Error(Errc::numeric, "the model makes the series impossible", {}, "check the zeros in transition and start_probability");
    const bool gained_little = !out.log_likelihood.empty() && likelihood - out.log_likelihood.back() <= tolerance * std::fabs(likelihood);
    out.log_likelihood.push_back(likelihood);
    if (tolerance > 0 && gained_little) {
      out.converged = true;
      break;
    }
    HmmSums<K> sums;
    FeatureSums features{std::vector<double>(K * width), std::vector<double>(K * width)};
    kernel.backward(rows.rows(), work, sums, [&](std::size_t t, const std::array<double, K>& gamma) {
      for (std::size_t i = 0; i < K; ++i) {
        sums.weight[i] += gamma[i];
        for (std::size_t f = 0; f < width; ++f) {
          const double gap = rows.values[t * width + f] - out.model.means[i][f];
          features.deviation[i * width + f] += gamma[i] * gap;
          features.squares[i * width + f] += gamma[i] * gap * gap;
        }
      }
    });
    out.occupancy.assign(sums.weight.begin(), sums.weight.end());
    TRADEWIND_TRY(maximise(sums, features, least, out.model));
  }
  return out;
}

/// States spread from calm to wild: deviations of a random multiple, means near the overall one.
MultivariateHmm random_start(const FeatureMoments& m, std::size_t states, Random& random) {
  MultivariateHmm start;
  start.start_probability.assign(states, 1.0 / static_cast<double>(states));
  const double stay = 0.8 + 0.19 * random.uniform();
  for (std::size_t i = 0; i < states; ++i) {
    std::vector<double> row(states, (1 - stay) / static_cast<double>(states - 1));
    row[i] = stay;
    start.transition.push_back(std::move(row));
    std::vector<double> means, variances;
    for (std::size_t f = 0; f < m.mean.size(); ++f) {
      const double spread = std::exp(2.4 * random.uniform() - 1.4);
      means.push_back(m.mean[f] + (2 * random.uniform() - 1) * std::sqrt(m.variance[f]));
      variances.push_back(m.variance[f] * spread * spread);
    }
    start.means.push_back(std::move(means));
    start.variances.push_back(std::move(variances));
  }
  return start;
}

/// The likeliest of the starts, ties to the first, with its states in order of the first feature's variance.
Result<MultivariateFit> best_of(const std::vector<std::optional<MultivariateTraining>>& runs, const FeatureRows& rows,
                                const HmmFitOptions& options) {
  const MultivariateTraining* best = nullptr;
  int lost = 0;
  for (const auto& run : runs) {
    lost += !run;
    if (run && (best == nullptr || run->log_likelihood.back() > best->log_likelihood.back())) best = &*run;
  }
  const auto starts = static_cast<int>(runs.size());
  if (best == nullptr) return Error(Errc::numeric, fmt::format("all {} starts lost a state", starts), {}, "use fewer states");
  const auto order = order_by(options.states, [&](std::size_t i) { return best->model.variances[i][0]; });
  MultivariateFit fit;
  fit.model = reorder(best->model, order);
  fit.log_likelihood = best->log_likelihood.back();
  fit.converged = best->converged;
  const double k = static_cast<double>(options.states);
  fit.bic = -2 * fit.log_likelihood + (k * k - 1 + 2 * k * static_cast<double>(rows.features)) * std::log(static_cast<double>(rows.rows()));
  if (lost > 0) fit.diagnostics.push_back({FitIssue::lost_starts, rows.rows(), -1, lost, starts});
  HmmTraining shell;
  shell.log_likelihood = best->log_likelihood;
  shell.converged = best->converged;
  for (const std::size_t i : order) shell.occupancy.push_back(best->occupancy[i]);
  const auto found = training_diagnostics(shell, rows.rows());
  fit.diagnostics.insert(fit.diagnostics.end(), found.begin(), found.end());
  return fit;
}

}  // namespace

Status check(const MultivariateHmm& m) {
  TRADEWIND_TRY(check(chain_of(m)));
  if (m.features() < 1 || m.features() > kMaxFeatures)
    return Error(Errc::invalid_config, fmt::format("there can be 1 to {} features, not {}", kMaxFeatures, m.features()), "means");
  if (m.variances.size() != m.states())
    return Error(Errc::invalid_config, "variances and means differ in their number of states", "variances");
  for (std::size_t i = 0; i < m.states(); ++i) {
    if (m.means[i].size() != m.features() || m.variances[i].size() != m.features())
      return Error(Errc::invalid_config, fmt::format("state {} has another number of features than state 0", i), "means");
    for (std::size_t f = 0; f < m.features(); ++f) {
      if (!std::isfinite(m.means[i][f])) return Error(Errc::invalid_config, fmt::format("means[{}][{}] is not finite", i, f), "means");
      if (!(m.variances[i][f] > 0) || !std::isfinite(m.variances[i][f]))
        return Error(Errc::invalid_config, fmt::format("variances[{}][{}] must be above 0, not {}", i, f, m.variances[i][f]), "variances");
    }
  }
  return {};
}

Result<MultivariateTraining> train(const MultivariateHmm& initial, const FeatureRows& rows, int steps, double tolerance) {
  TRADEWIND_TRY(check(initial));
  TRADEWIND_TRY(check_rows(rows, 2));
  if (rows.features != initial.features())
    return Error(Errc::invalid_config, fmt::format("the rows have {} features and the model {}", rows.features, initial.features()),
                 "features");
  return with_state_count(initial.states(), [&]<std::size_t K>() { return train_states<K>(initial, rows, steps, tolerance); });
}

Result<MultivariateFit> fit_hmm(const FeatureRows& rows, const HmmFitOptions& options) {
  if (options.states < kMinHmmStates || options.states > kMaxHmmStates) {
    return Error(Errc::invalid_config,
                 fmt::format("a hidden Markov model has {} to {} states, not {}", kMinHmmStates, kMaxHmmStates, options.states), "states");
  }
  TRADEWIND_TRY(check_rows(rows, 10 * options.states));
  const FeatureMoments m = moments_of(rows);
  for (std::size_t f = 0; f < rows.features; ++f) {
    if (!(m.variance[f] > 1e-24 * m.mean[f] * m.mean[f]) || !(m.variance[f] > 0))
      return Error(Errc::invalid_data, fmt::format("feature {} does not vary, so it has no regimes", f));
  }
  std::vector<std::optional<MultivariateTraining>> runs(static_cast<std::size_t>(std::max(1, options.starts)));
  TRADEWIND_TRY(parallel_for(runs.size(), options.threads, [&](std::size_t start) -> Status {
    Random random(options.seed, start);
    if (auto run = train(random_start(m, options.states, random), rows, options.max_steps, options.tolerance))
      runs[start] = std::move(*run);
    return {};
  }));
  return best_of(runs, rows, options);
}

MultivariateHmm reorder(const MultivariateHmm& m, std::span<const std::size_t> order) {
  const HmmParameters chain = reorder(chain_of(m), order);
  MultivariateHmm out{chain.start_probability, chain.transition, {}, {}};
  for (const std::size_t i : order) {
    out.means.push_back(m.means[i]);
    out.variances.push_back(m.variances[i]);
  }
  return out;
}

std::vector<std::size_t> matching_order(const MultivariateHmm& m, const MultivariateHmm& reference, std::span<const double> occupancy) {
  const auto variance = [&](std::size_t i) { return m.variances[i][0]; };
  return least_cost_order(m.states(), occupancy, variance, [&](const std::vector<std::size_t>& order) {
    double cost = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t f = 0; f < m.features(); ++f) {
        cost += std::fabs(0.5 * std::log(m.variances[order[i]][f] / reference.variances[i][f])) +
                std::fabs(m.means[order[i]][f] - reference.means[i][f]) / std::sqrt(reference.variances[i][f]);
      }
    }
    return cost;
  });
}

MultivariateFilter::MultivariateFilter(const MultivariateHmm& model)
    : model_(model), probability_(model.start_probability), joint_(model.states()) {
  for (const auto& variances : model.variances) log_weight_.push_back(log_weight_of(variances));
}

std::span<const double> MultivariateFilter::update(std::span<const double> row) {
  const std::size_t states = model_.states();
  std::array<double, kMaxHmmStates> density{};
  for (std::size_t j = 0; j < states; ++j) density[j] = log_density(row, model_.means[j], model_.variances[j], log_weight_[j]);
  const double peak = *std::max_element(density.begin(), density.begin() + static_cast<std::ptrdiff_t>(states));
  double total = 0;
  double anew = 0;
  for (std::size_t j = 0; j < states; ++j) {
    density[j] = std::exp(density[j] - peak);
    anew += density[j];
    double before = started_ ? 0 : probability_[j];
    for (std::size_t i = 0; started_ && i < states; ++i) before += probability_[i] * model_.transition[i][j];
    joint_[j] = before * density[j];
    total += joint_[j];
  }
  log_likelihood_ += peak + std::log(total);
  const bool impossible = !(total > 0);
  for (std::size_t j = 0; j < states; ++j) probability_[j] = impossible ? density[j] / anew : joint_[j] / total;
  started_ = true;
  return probability_;
}

State MultivariateFilter::state() const {
  return static_cast<State>(std::max_element(probability_.begin(), probability_.end()) - probability_.begin());
}

}  // namespace tradewind::regimes
