// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/hmm_classifier.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/core.h>

#include "tradewind/regimes/archive_internal.hpp"
#include "tradewind/regimes/builtin_internal.hpp"
#include "tradewind/regimes/state_identity.hpp"

namespace tradewind::regimes {
namespace {

constexpr int kWarmSteps = 100;
constexpr int kFreshSteps = 200;
constexpr std::string_view kHmmTag = "hmm/2";
constexpr std::string_view kHmmTagBefore = "hmm/1";  ///< knew nothing of states that are one
constexpr double kTolerance = 1e-7;

}  // namespace

HmmClassifierOptions hmm_options(const ParameterValues& values) {
  HmmClassifierOptions options;
  options.states = static_cast<std::size_t>(values[0]);
  options.history = static_cast<std::size_t>(values[1]);
  options.refit = static_cast<std::size_t>(values[2]);
  options.starts = static_cast<int>(values[3]);
  options.switch_above = values[4];
  options.seed = static_cast<std::uint64_t>(values[5]);
  return options;
}

std::vector<std::string> hmm_labels(std::size_t states) {
  if (states == 2) return {"calm", "turbulent"};
  if (states == 3) return {"calm", "normal", "turbulent"};
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < states; ++i) labels.push_back(fmt::format("volatility_{}", i + 1));
  return labels;
}

HmmClassifier::HmmClassifier(const HmmClassifierOptions& options) : options_(options), schedule_(options.history, options.refit) {}

State HmmClassifier::update(const Bar& bar) {
  const double previous = previous_close_;
  previous_close_ = bar.close;
  return previous == 0 ? kUnknown : update_value(bar.close / previous - 1);
}

State HmmClassifier::update_value(double value) {
  // fitted on what came before this value, then shown the value
  if (schedule_.due(past_.size())) fit();
  past_.push_back(value);
  if (!filter_) return kUnknown;
  const auto now = filter_->update(value);
  probability_.assign(now.begin(), now.end());
  merge_probabilities(merged_, probability_);
  const auto likeliest = std::max_element(probability_.begin(), probability_.end());
  if (state_ == kUnknown || merged_[static_cast<std::size_t>(state_)] != static_cast<std::size_t>(state_) ||
      *likeliest > options_.switch_above)
    state_ = static_cast<State>(likeliest - probability_.begin());
  return state_;
}

std::span<const double> HmmClassifier::probabilities() const { return probability_; }

void HmmClassifier::fit() {
  std::optional<HmmTraining> warm;
  if (parameters_) {  // from the last fit on, and once from scratch in case the surface has a better optimum by now
    if (auto run = train(*parameters_, past_, kWarmSteps, kTolerance)) warm = std::move(*run);
  }
  const HmmFitOptions fresh{.states = options_.states,
                            .starts = parameters_ ? 1 : options_.starts,
                            .max_steps = kFreshSteps,
                            .tolerance = kTolerance,
                            .seed = options_.seed};
  auto scratch = fit_hmm(past_, fresh);
  const bool from_scratch = scratch && (!warm || scratch->log_likelihood > warm->log_likelihood.back());
  if (!from_scratch && !warm) {  // nothing to learn yet (no variation, or every start lost a state): keep what there is
    diagnostics_.push_back({FitIssue::no_model, past_.size()});
    return;
  }
  if (from_scratch) {
    adopt(std::move(scratch->parameters), std::move(scratch->diagnostics));
  } else {
    adopt(std::move(warm->parameters), training_diagnostics(*warm, past_.size()));
  }
}

/// Numbers the states of a fit, tells which of them are one, and shows the filter the past.
void HmmClassifier::adopt(HmmParameters best, std::vector<FitDiagnostic> found) {
  if (parameters_) {
    const auto order = matching_order(best, *parameters_, occupancy_of(best, past_));
    best = reorder(best, order);
    for (FitDiagnostic& d : found) {
      if (d.state >= 0)
        d.state = static_cast<int>(std::find(order.begin(), order.end(), static_cast<std::size_t>(d.state)) - order.begin());
    }
  }
  merged_ = merged_states(best, past_);
  diagnostics_.insert(diagnostics_.end(), found.begin(), found.end());
  for (const FitDiagnostic& d : merged_diagnostics(merged_, past_.size())) diagnostics_.push_back(d);
  parameters_ = std::move(best);
  filter_.emplace(*parameters_);
  for (const double value : past_) filter_->update(value);
}

/// False when the states that are one make no sense.
bool HmmClassifier::restore_probability() {
  if (merged_.size() != options_.states) return false;
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    if (merged_[i] > i || merged_[merged_[i]] != merged_[i]) return false;
  }
  const auto now = filter_->probabilities();
  probability_.assign(now.begin(), now.end());
  merge_probabilities(merged_, probability_);
  return true;
}

template <class Self, class Archive>
void HmmClassifier::transfer(Self& self, Archive& archive) {
  const auto& o = self.options_;
  archive.same(o.states, "number of states"), archive.same(o.history, "history"), archive.same(o.starts, "number of starts");
  archive.same(o.switch_above, "switch_above"), archive.same(o.seed, "seed");
  RefitSchedule::transfer(self.schedule_, archive);
  archive(self.past_), archive(self.state_), archive(self.previous_close_);
  transfer_diagnostics(self.diagnostics_, archive);
  bool fitted = self.parameters_.has_value();
  archive(fitted);
  if constexpr (Archive::kLoading) {
    self.parameters_ = fitted ? std::optional<HmmParameters>(HmmParameters()) : std::nullopt;
    self.filter_.reset();
  }
  if (fitted) {
    auto& p = *self.parameters_;
    archive(p.start_probability), archive(p.transition), archive(p.means), archive(p.variances);
    if constexpr (Archive::kLoading) {
      if (!archive.ok() || p.states() != o.states || !check(p)) return archive.fail();
      self.filter_.emplace(p);
    }
    HmmFilter::transfer(*self.filter_, archive);
    if constexpr (Archive::kLoading) {
      self.merged_.resize(o.states);
      std::iota(self.merged_.begin(), self.merged_.end(), std::size_t{0});
    }
    if (archive.newest()) archive(self.merged_);
    if constexpr (Archive::kLoading) {
      if (!archive.ok() || !self.restore_probability()) return archive.fail();
    }
  }
  if constexpr (Archive::kLoading) {
    if (self.state_ < kUnknown || self.state_ >= static_cast<int>(o.states)) archive.fail();
  }
}

std::string HmmClassifier::save() const { return save_state(*this, kHmmTag); }
Status HmmClassifier::load(std::string_view state) { return load_state(*this, state, kHmmTag, kHmmTagBefore); }

ClassifierType hmm_type() {
  ClassifierType type;
  type.name = "hmm";
  type.summary = "hidden volatility states of the returns, filtered, fitted on the past only";
  type.formula =
      "Gaussian hidden Markov model of simple returns; label = argmax p(state_t | r_1 … r_t) under parameters fitted by maximum likelihood "
      "to the "
      "returns before t, renewed each time the past has grown by a tenth; states in order of variance";
  type.source = "Hamilton 1989; filter and EM as Rabiner 1989";
  type.parameters = {
      {"states", "hidden states", 2, 2, 6, true},
      {"history", "returns before the first fit", 250, 60, 1000000, true},
      {"refit", "least number of returns between fits", 50, 1, 1000000, true},
      {"starts", "seeded starts of the first fit", 6, 1, 100, true},
      {"switch_above", "probability a new state must exceed before it is taken; 0 takes the likeliest at once", 0, 0, 0.999, false},
      {"seed", "seed of the starts", 1, 0, 9007199254740992.0, true}};
  type.labels = [](const ParameterValues& values) { return hmm_labels(hmm_options(values).states); };
  type.make = [](const ParameterValues& values) -> std::unique_ptr<Classifier> {
    return std::make_unique<HmmClassifier>(hmm_options(values));
  };
  return type;
}

}  // namespace tradewind::regimes
