// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/registry.hpp"
#include "tradewind/regimes/classifier.hpp"
#include "tradewind/regimes/hmm.hpp"
#include "tradewind/regimes/refit_schedule.hpp"

namespace tradewind::regimes {

/// Settings of the walk-forward hidden Markov classifier.
struct HmmClassifierOptions {
  std::size_t states = 2;
  std::size_t history = 250;  ///< values before the first fit
  std::size_t refit = 50;     ///< least number of values between fits
  int starts = 6;             ///< of the first fit
  double switch_above = 0;    ///< a new state is taken only when its probability exceeds this; 0: the most probable state at once
  std::uint64_t seed = 1;
};

/// The settings that values of the registered type `hmm` stand for.
HmmClassifierOptions hmm_options(const ParameterValues& values);
/// Labels of its states, in order of variance: calm, turbulent; calm, normal, turbulent; volatility_1, ….
std::vector<std::string> hmm_labels(std::size_t states);

/// Gaussian hidden Markov model fitted on the values before each label and run as a filter: nothing it says depends on later data.
/// States are in order of variance at every fit; those whose variances do not differ clearly keep the place they had in the fit before.
/// States that a fit does not tell apart are one: the lower one's label and probability stand for all. Between fits a value costs
/// O(states²); a fit costs O(steps · values so far), and fits become rarer as the past grows (10 %), so a series of n values costs O(n)
/// fits in all.
class HmmClassifier final : public Classifier {
 public:
  explicit HmmClassifier(const HmmClassifierOptions& options);

  /// Takes the simple return from the close before to this one.
  State update(const Bar& bar) override;
  /// The same from a value (a return) directly; finite.
  State update_value(double value);

  /// p(state) after the last value; empty before the first fit.
  std::span<const double> probabilities() const override;
  /// Dead states, missing convergence and starts that lost a state, fit by fit.
  std::span<const FitDiagnostic> diagnostics() const override { return diagnostics_; }
  std::string save() const override;
  Status load(std::string_view state) override;
  /// Of the latest fit.
  const std::optional<HmmParameters>& parameters() const { return parameters_; }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive);

 private:
  void fit();
  void adopt(HmmParameters best, std::vector<FitDiagnostic> found);
  bool restore_probability();

  HmmClassifierOptions options_;
  RefitSchedule schedule_;
  std::vector<double> past_;
  std::optional<HmmParameters> parameters_;
  std::vector<std::size_t> merged_;  ///< the state that each is one with, at the latest fit
  std::optional<HmmFilter> filter_;
  std::vector<double> probability_;  ///< of the filter, those of one state added up
  std::vector<FitDiagnostic> diagnostics_;
  State state_ = kUnknown;
  double previous_close_ = 0;
};

}  // namespace tradewind::regimes
