// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tradewind/regimes/archive_internal.hpp"
#include "tradewind/regimes/builtin_internal.hpp"
#include "tradewind/regimes/multivariate_hmm.hpp"
#include "tradewind/regimes/refit_schedule.hpp"
#include "tradewind/regimes/rolling_internal.hpp"

namespace tradewind::regimes {
namespace {

constexpr std::size_t kHmmFeatures = 3;
constexpr int kFeatureWarmSteps = 100;
constexpr double kFeatureTolerance = 1e-7;

/// Hidden Markov model of (return, |return|, trailing volatility), fitted walk-forward and run as a filter, as HmmClassifier is of returns.
class FeatureHmm final : public Classifier {
 public:
  FeatureHmm(std::size_t states, std::size_t window, std::size_t history, std::size_t refit, int starts, std::uint64_t seed)
      : states_(states), starts_(starts), seed_(seed), returns_(window), schedule_(history, refit) {}

  State update(const Bar& bar) override {
    const double previous = previous_close_;
    previous_close_ = bar.close;
    if (previous == 0) return kUnknown;
    const double r = bar.close / previous - 1;
    returns_.add(r);
    if (!returns_.full()) return kUnknown;
    if (schedule_.due(past_.size() / kHmmFeatures)) fit();
    const std::array<double, kHmmFeatures> row = {r, std::fabs(r), returns_.deviation()};
    past_.insert(past_.end(), row.begin(), row.end());
    if (filter_.empty()) return kUnknown;
    filter_[0].update(row);
    return filter_[0].state();
  }

  std::span<const double> probabilities() const override {
    return filter_.empty() ? std::span<const double>() : filter_[0].probabilities();
  }
  std::span<const FitDiagnostic> diagnostics() const override { return diagnostics_; }
  std::string save() const override { return save_state(*this, kTag); }
  Status load(std::string_view state) override { return load_state(*this, state, kTag); }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.states_, "number of states"), archive.same(self.starts_, "number of starts"), archive.same(self.seed_, "seed");
    RollingWindow::transfer(self.returns_, archive);
    RefitSchedule::transfer(self.schedule_, archive);
    archive(self.past_), archive(self.previous_close_);
    transfer_diagnostics(self.diagnostics_, archive);
    bool fitted = !self.filter_.empty();
    archive(fitted);
    if constexpr (Archive::kLoading) {
      self.filter_.clear();
      if (self.past_.size() % kHmmFeatures != 0) archive.fail();
    }
    if (!fitted) return;
    auto& m = self.model_;
    archive(m.start_probability), archive(m.transition), archive(m.means), archive(m.variances);
    if constexpr (Archive::kLoading) {
      if (!archive.ok() || m.states() != self.states_ || m.features() != kHmmFeatures || !check(m)) return archive.fail();
      self.filter_.emplace_back(m);
    }
    MultivariateFilter::transfer(self.filter_[0], archive);
    if constexpr (Archive::kLoading) {
      if (self.filter_[0].probabilities().size() != self.states_) archive.fail();
    }
  }

 private:
  static constexpr std::string_view kTag = "hmm_features/1";

  MultivariateHmm in_known_order(const MultivariateHmm& best, const FeatureRows& rows) const {
    const auto step = train(best, rows, 1);
    return reorder(best, matching_order(best, model_, step ? step->occupancy : std::vector<double>()));
  }

  void fit() {
    const FeatureRows rows{past_, kHmmFeatures};
    std::optional<MultivariateTraining> warm;
    if (!filter_.empty()) {
      if (auto run = train(model_, rows, kFeatureWarmSteps, kFeatureTolerance)) warm = std::move(*run);
    }
    const auto fresh =
        fit_hmm(rows, {.states = states_, .starts = filter_.empty() ? starts_ : 1, .tolerance = kFeatureTolerance, .seed = seed_});
    const bool from_scratch = fresh && (!warm || fresh->log_likelihood > warm->log_likelihood.back());
    if (!from_scratch && !warm) {
      diagnostics_.push_back({FitIssue::no_model, rows.rows()});
      return;
    }
    if (from_scratch) diagnostics_.insert(diagnostics_.end(), fresh->diagnostics.begin(), fresh->diagnostics.end());
    if (!from_scratch && !warm->converged) diagnostics_.push_back({FitIssue::not_converged, rows.rows(), -1, 0, kFeatureWarmSteps});
    const MultivariateHmm& best = from_scratch ? fresh->model : warm->model;
    model_ = filter_.empty() ? best : in_known_order(best, rows);
    filter_.assign(1, MultivariateFilter(model_));
    for (std::size_t t = 0; t < rows.rows(); ++t) filter_[0].update(rows.values.subspan(t * kHmmFeatures, kHmmFeatures));
  }

  std::size_t states_;
  int starts_;
  std::uint64_t seed_;
  RollingWindow returns_;
  RefitSchedule schedule_;
  std::vector<double> past_;  ///< rows of features
  MultivariateHmm model_;
  std::vector<MultivariateFilter> filter_;  ///< one, or none before the first fit
  std::vector<FitDiagnostic> diagnostics_;
  double previous_close_ = 0;
};

}  // namespace

ClassifierType feature_hmm_type() {
  ClassifierType type;
  type.name = "hmm_features";
  type.summary = "hidden states of return, absolute return and trailing volatility together, filtered, fitted on the past only";
  type.formula =
      "Gaussian hidden Markov model with diagonal covariance of (r_t, |r_t|, standard deviation of the last `window` returns); label = "
      "argmax "
      "p(state_t | rows 1 … t) under parameters fitted to the rows before t, renewed each time the past has grown by a tenth; states in "
      "order of "
      "the variance of r";
  type.source = "Hamilton 1989; filter and EM as Rabiner 1989";
  type.parameters = {{"states", "hidden states", 2, 2, 6, true},
                     {"window", "returns in the trailing volatility", 20, 2, 100000, true},
                     {"history", "rows before the first fit", 250, 60, 1000000, true},
                     {"refit", "least number of rows between fits", 50, 1, 1000000, true},
                     {"starts", "seeded starts of the first fit", 6, 1, 100, true},
                     {"seed", "seed of the starts", 1, 0, 9007199254740992.0, true}};
  type.labels = [](const ParameterValues& values) {
    if (values[0] == 2) return std::vector<std::string>{"calm", "turbulent"};
    if (values[0] == 3) return std::vector<std::string>{"calm", "normal", "turbulent"};
    std::vector<std::string> labels;
    for (int i = 1; i <= static_cast<int>(values[0]); ++i) labels.push_back(fmt::format("volatility_{}", i));
    return labels;
  };
  type.make = [](const ParameterValues& v) -> std::unique_ptr<Classifier> {
    return std::make_unique<FeatureHmm>(static_cast<std::size_t>(v[0]), static_cast<std::size_t>(v[1]), static_cast<std::size_t>(v[2]),
                                        static_cast<std::size_t>(v[3]), static_cast<int>(v[4]), static_cast<std::uint64_t>(v[5]));
  };
  return type;
}

}  // namespace tradewind::regimes
