// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/state_identity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "tradewind/regimes/state_order_internal.hpp"

namespace tradewind::regimes {
namespace {

constexpr int kMergedSteps = 20;
constexpr double kMergedTolerance = 1e-6;

/// What is compared: a model, how likely it makes the series and what each state explains of it.
struct Candidate {
  HmmParameters parameters;  ///< of one state: mean and variance only
  double log_likelihood = 0;
  std::vector<double> occupancy;
};

double criterion(double log_likelihood, std::size_t states, std::size_t points) {
  const double k = static_cast<double>(states);
  return -2 * log_likelihood + (k * k - 1 + 2 * k) * std::log(static_cast<double>(points));
}

/// Log likelihood of one normal distribution fitted to the series.
double one_state_likelihood(std::span<const double> series) {
  const double n = static_cast<double>(series.size());
  double mean = 0, variance = 0;
  for (const double x : series) mean += x / n;
  for (const double x : series) variance += (x - mean) * (x - mean) / n;
  return -0.5 * n * (std::log(2 * M_PI * variance) + 1);
}

/// State b becomes part of state a < b, with the moments of both together.
HmmParameters merge(const Candidate& c, std::size_t a, std::size_t b) {
  HmmParameters p = c.parameters;
  const double total = c.occupancy[a] + c.occupancy[b];
  const double share = total > 0 ? c.occupancy[b] / total : 0.5;
  const double gap = p.means[b] - p.means[a];
  p.variances[a] = (1 - share) * p.variances[a] + share * p.variances[b] + share * (1 - share) * gap * gap;
  p.means[a] += share * gap;
  p.start_probability[a] += p.start_probability[b];
  for (std::size_t j = 0; j < p.states(); ++j) p.transition[a][j] = (1 - share) * p.transition[a][j] + share * p.transition[b][j];
  for (auto& row : p.transition) row[a] += row[b];
  std::vector<std::size_t> kept(p.states());
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(b));
  return reorder(p, kept);
}

std::optional<Candidate> trained(const HmmParameters& parameters, std::span<const double> series, int steps) {
  auto run = train(parameters, series, steps, steps > 1 ? kMergedTolerance : 0);
  if (!run) return std::nullopt;
  return Candidate{steps > 1 ? std::move(run->parameters) : parameters, run->log_likelihood.back(), std::move(run->occupancy)};
}

/// The likeliest model with two neighbours by variance merged; `b` says which state went into the one before it.
std::optional<Candidate> best_merger(const Candidate& now, std::span<const double> series, std::size_t& b) {
  const std::size_t states = now.parameters.states();
  if (states == 2) {
    b = 1;
    return Candidate{{}, one_state_likelihood(series), {}};
  }
  std::optional<Candidate> best;
  for (std::size_t i = 1; i < states; ++i) {
    auto one = trained(merge(now, i - 1, i), series, kMergedSteps);
    if (one && (!best || one->log_likelihood > best->log_likelihood)) best = std::move(one), b = i;
  }
  return best;
}

}  // namespace

std::vector<std::size_t> merged_states(const HmmParameters& parameters, std::span<const double> series) {
  std::vector<std::size_t> merged(parameters.states());
  std::iota(merged.begin(), merged.end(), std::size_t{0});
  const auto by_variance = order_by(parameters.states(), [&](std::size_t i) { return parameters.variances[i]; });
  auto now = trained(reorder(parameters, by_variance), series, 1);
  std::vector<std::vector<std::size_t>> groups;
  for (const std::size_t state : by_variance) groups.push_back({state});
  while (now && groups.size() > 1) {
    std::size_t b = 0;
    auto fewer = best_merger(*now, series, b);
    if (!fewer ||
        criterion(fewer->log_likelihood, groups.size() - 1, series.size()) > criterion(now->log_likelihood, groups.size(), series.size()))
      break;
    groups[b - 1].insert(groups[b - 1].end(), groups[b].begin(), groups[b].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(b));
    now = std::move(fewer);
  }
  for (const auto& group : groups)
    for (const std::size_t state : group) merged[state] = *std::min_element(group.begin(), group.end());
  return merged;
}

std::vector<FitDiagnostic> merged_diagnostics(std::span<const std::size_t> merged, std::size_t values) {
  std::vector<FitDiagnostic> found;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    if (merged[i] != i) found.push_back({FitIssue::one_state, values, static_cast<int>(i), static_cast<int>(merged[i]), 0});
  }
  return found;
}

void merge_probabilities(std::span<const std::size_t> merged, std::span<double> probabilities) {
  for (std::size_t i = 0; i < merged.size(); ++i) {
    if (merged[i] == i) continue;
    probabilities[merged[i]] += probabilities[i];
    probabilities[i] = 0;
  }
}

std::vector<double> occupancy_of(const HmmParameters& parameters, std::span<const double> series) {
  auto run = train(parameters, series, 1);
  return run ? std::move(run->occupancy) : std::vector<double>();
}

}  // namespace tradewind::regimes
