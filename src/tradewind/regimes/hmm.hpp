// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/regimes/classifier.hpp"

namespace tradewind::regimes {

inline constexpr std::size_t kMinHmmStates = 2;
inline constexpr std::size_t kMaxHmmStates = 6;

/// A Gaussian hidden Markov model of one series: in state i, x ~ N(means[i], variances[i]). Row i of `transition` holds P(next | i).
struct HmmParameters {
  std::vector<double> start_probability;
  std::vector<std::vector<double>> transition;
  std::vector<double> means;
  std::vector<double> variances;

  std::size_t states() const noexcept { return means.size(); }
};

/// Success, or `invalid_config` for sizes that differ, state counts outside 2 … 6, probabilities that are negative or do not sum to 1
/// (to 1e-6), variances that are not positive and values that are not finite.
Status check(const HmmParameters& parameters);

/// Probability of every state at every point, row by row: row t is [t · states, (t + 1) · states).
struct HmmProbabilities {
  std::size_t states = 0;
  std::vector<double> values;
  double log_likelihood = 0;

  std::span<const double> row(std::size_t t) const { return std::span(values).subspan(t * states, states); }
};

/// p(state_t | x_1 … x_t): what could be known at t. O(n · states²).
Result<HmmProbabilities> filtered(const HmmParameters& parameters, std::span<const double> series);
/// p(state_t | all of x): hindsight. [Baum et al. 1970, scaled as Rabiner 1989]
Result<HmmProbabilities> smoothed(const HmmParameters& parameters, std::span<const double> series);

/// The most probable path of states: hindsight. [Viterbi 1967] Ties go to the lower state.
struct HmmPath {
  std::vector<State> states;
  double log_probability = 0;
};
Result<HmmPath> viterbi(const HmmParameters& parameters, std::span<const double> series);

/// Steps of expectation maximisation from given parameters, without prior and without floor.
struct HmmTraining {
  HmmParameters parameters;            ///< after the last step
  std::vector<double> log_likelihood;  ///< [i]: of the parameters before step i; non-decreasing up to rounding
  std::vector<double> occupancy;       ///< points each state explained in the last step, Σ γ
  bool converged = false;
};
/// Exactly `steps` steps when `tolerance` is 0, else fewer once a step gains less than `tolerance` · |log likelihood|.
/// Errors: `invalid_config` as check; `invalid_data` for fewer than 2 points or values that are not finite, with the first row;
/// `numeric` when a state dies (its variance or its share of the points vanishes). O(steps · n · states²), three doubles per point and
/// state.
Result<HmmTraining> train(const HmmParameters& initial, std::span<const double> series, int steps, double tolerance = 0);

/// How a model is searched for.
struct HmmFitOptions {
  std::size_t states = 2;
  int starts = 8;           ///< seeded starts; the best likelihood wins
  int max_steps = 200;      ///< per start
  double tolerance = 1e-8;  ///< relative gain of a step that counts as converged
  std::uint64_t seed = 1;
  int threads = 1;  ///< starts run side by side; the result does not depend on it
};

/// Where at least one start ended.
struct HmmOptimum {
  double log_likelihood = 0;
  int starts = 0;  ///< that ended here, to a relative 1e-6
};

/// A fitted model: states in the order of their variance, lowest first.
struct HmmFit {
  HmmParameters parameters;
  double log_likelihood = 0;
  double bic = 0;                  ///< −2 log likelihood + free parameters · ln n; lower is better [Schwarz 1978]
  std::vector<HmmOptimum> optima;  ///< likeliest first; more than one: the surface has local optima
  bool converged = false;
  std::vector<FitDiagnostic> diagnostics;  ///< states as in `parameters`
};
/// A state with fewer points than this is dead.
inline constexpr int kLeastOccupancy = 5;
/// What is wrong with a training on `values` values: missing convergence, dead states.
std::vector<FitDiagnostic> training_diagnostics(const HmmTraining& training, std::size_t values);
/// Maximum likelihood from several starts. Deterministic for a seed. Errors: `invalid_data` for fewer than 10 points per state, values that
/// are not finite or a series without variation; `numeric` when every start degenerates.
Result<HmmFit> fit_hmm(std::span<const double> series, const HmmFitOptions& options);

/// The start that the reference results use: uniform start probabilities, 0.95 on the diagonal, means spread over ±5 % of a standard
/// deviation and deviations from 0.5 to 1.8 of it.
HmmParameters default_start(std::span<const double> series, std::size_t states);

/// Renumbers states: new state i is old state order[i].
HmmParameters reorder(const HmmParameters& parameters, std::span<const std::size_t> order);
/// The order that makes `parameters` resemble `reference` most: least Σ |ln(sd ratio)| + |mean difference| / sd over all permutations that
/// keep variances in ascending order where they differ clearly (two standard errors, given how many points each state explains).
std::vector<std::size_t> matching_order(const HmmParameters& parameters, const HmmParameters& reference, std::span<const double> occupancy);

/// The causal filter, one point at a time in O(states²): what a live session runs.
class HmmFilter {
 public:
  /// `parameters` must pass check().
  explicit HmmFilter(const HmmParameters& parameters);
  /// Takes the next value (finite) and returns p(state | everything so far).
  std::span<const double> update(double value);
  /// The most probable state of the last update; ties go to the lower state.
  State state() const;
  std::span<const double> probabilities() const { return {probability_.data(), states_}; }
  /// Of everything taken so far; −∞ once the model has called a value impossible (it then starts again from that value).
  double log_likelihood() const;

  /// What has been taken so far, between equal parameters (see Classifier::save).
  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive(self.joint_), archive(self.probability_), archive(self.peaks_), archive(self.total_), archive(self.scalings_),
        archive(self.started_);
  }

 private:
  using PerState = std::array<double, kMaxHmmStates>;

  template <std::size_t K>
  void step(double value);
  void rescale(const PerState& density);

  std::size_t states_;
  std::array<PerState, kMaxHmmStates> from_{};  ///< P(j | i) at [i][j]
  PerState mean_{}, half_precision_{}, log_weight_{};
  PerState joint_{};  ///< in proportion to probability_; `total_` is its sum
  PerState probability_{};
  double peaks_ = 0;  ///< logarithms that the densities were taken relative to
  double total_ = 1;
  std::int64_t scalings_ = 0;  ///< by 2⁶⁴
  bool started_ = false;
};

}  // namespace tradewind::regimes
