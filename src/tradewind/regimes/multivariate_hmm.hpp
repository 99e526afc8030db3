// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/regimes/hmm.hpp"

namespace tradewind::regimes {

inline constexpr std::size_t kMaxFeatures = 16;

/// A series of feature vectors, row by row: values[t · features + f]. Borrowed for the duration of a call.
struct FeatureRows {
  std::span<const double> values;
  std::size_t features = 0;
  std::size_t rows() const noexcept { return features == 0 ? 0 : values.size() / features; }
};

/// A Gaussian hidden Markov model of feature vectors with diagonal covariance: in state i, feature f ~ N(means[i][f], variances[i][f]),
/// independently of the others.
struct MultivariateHmm {
  std::vector<double> start_probability;
  std::vector<std::vector<double>> transition;
  std::vector<std::vector<double>> means;
  std::vector<std::vector<double>> variances;

  std::size_t states() const noexcept { return means.size(); }
  std::size_t features() const noexcept { return means.empty() ? 0 : means[0].size(); }
};
/// Success, or `invalid_config` as check(HmmParameters), for 1 … kMaxFeatures features.
Status check(const MultivariateHmm& model);

/// Steps of expectation maximisation, as train() of one series.
struct MultivariateTraining {
  MultivariateHmm model;
  std::vector<double> log_likelihood;
  std::vector<double> occupancy;
  bool converged = false;
};
/// Errors: `invalid_config` as check, or for rows of another width; `invalid_data` for fewer than 2 rows or values that are not finite,
/// with the first row; `numeric` when a state dies. O(steps · rows · states · (states + features)).
Result<MultivariateTraining> train(const MultivariateHmm& initial, const FeatureRows& rows, int steps, double tolerance = 0);

struct MultivariateFit {
  MultivariateHmm model;  ///< states in order of the variance of the first feature
  double log_likelihood = 0;
  double bic = 0;
  bool converged = false;
  std::vector<FitDiagnostic> diagnostics;
};
/// Maximum likelihood from several seeded starts. Errors as fit_hmm; every feature must vary.
Result<MultivariateFit> fit_hmm(const FeatureRows& rows, const HmmFitOptions& options);

/// Renumbers states: new state i is old state order[i].
MultivariateHmm reorder(const MultivariateHmm& model, std::span<const std::size_t> order);
/// The order that makes `model` resemble `reference` most, as that of one series; the variance that counts is the first feature's.
std::vector<std::size_t> matching_order(const MultivariateHmm& model, const MultivariateHmm& reference, std::span<const double> occupancy);

/// The causal filter: p(state | all rows so far), one row at a time in O(states · (states + features)).
class MultivariateFilter {
 public:
  /// `model` must pass check().
  explicit MultivariateFilter(const MultivariateHmm& model);
  /// `row` has as many finite values as the model has features. An impossible row starts the filter again from itself.
  std::span<const double> update(std::span<const double> row);
  std::span<const double> probabilities() const { return probability_; }
  /// Ties go to the lower state.
  State state() const;
  double log_likelihood() const { return log_likelihood_; }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive(self.probability_), archive(self.log_likelihood_), archive(self.started_);
  }

 private:
  MultivariateHmm model_;
  std::vector<double> log_weight_;  ///< per state: logarithm of the normalising factor of its density
  std::vector<double> probability_;
  std::vector<double> joint_;
  double log_likelihood_ = 0;
  bool started_ = false;
};

}  // namespace tradewind::regimes
