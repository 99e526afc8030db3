// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "tradewind/base/random.hpp"
#include "tradewind/regimes/archive_internal.hpp"
#include "tradewind/regimes/builtin_internal.hpp"
#include "tradewind/regimes/refit_schedule.hpp"

namespace tradewind::regimes {
namespace {

constexpr std::size_t kJumpFeatures = 3;
using Features = std::array<double, kJumpFeatures>;

/// Exponentially weighted mean with a half-life in bars, started at the first value.
class Smoothed {
 public:
  explicit Smoothed(double half_life) : keep_(std::exp2(-1 / half_life)) {}
  double add(double value) {
    level_ = started_ ? keep_ * level_ + (1 - keep_) * value : value;
    started_ = true;
    return level_;
  }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive(self.level_), archive(self.started_);
  }

 private:
  double keep_;
  double level_ = 0;
  bool started_ = false;
};

/// Downside deviation (half-life 10) in logarithms and the smoothed return over it (20 and 60), as Shu, Yu & Mulvey 2024.
class FeatureMaker {
 public:
  Features add(double r) {
    const double downside = std::sqrt(short_risk_.add(std::min(r, 0.0) * std::min(r, 0.0)));
    const double middle = std::sqrt(middle_risk_.add(std::min(r, 0.0) * std::min(r, 0.0)));
    const double slow = std::sqrt(long_risk_.add(std::min(r, 0.0) * std::min(r, 0.0)));
    const auto ratio = [](double mean, double risk) { return std::clamp(mean / (risk + 1e-8), -10.0, 10.0); };
    return {std::log(downside + 1e-6), ratio(middle_mean_.add(r), middle), ratio(long_mean_.add(r), slow)};
  }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    for (auto* part : {&self.short_risk_, &self.middle_risk_, &self.middle_mean_, &self.long_risk_, &self.long_mean_})
      Smoothed::transfer(*part, archive);
  }

 private:
  Smoothed short_risk_{10}, middle_risk_{20}, middle_mean_{20}, long_risk_{60}, long_mean_{60};
};

/// Centres of the states in standardised features, and how to standardise.
struct JumpModel {
  Features mean{};
  Features scale{};
  std::vector<Features> centres;

  double loss(const Features& x, std::size_t state) const {
    double sum = 0;
    for (std::size_t f = 0; f < kJumpFeatures; ++f) {
      const double gap = (x[f] - mean[f]) * scale[f] - centres[state][f];
      sum += gap * gap;
    }
    return 0.5 * sum;
  }
};

/// One step of the dynamic programme: cost[s] becomes the least cost of any path that ends in s; returns the way back when asked.
void advance(const JumpModel& model, const Features& x, double penalty, std::vector<double>& cost, std::vector<std::uint8_t>* from) {
  const auto cheapest = static_cast<std::size_t>(std::min_element(cost.begin(), cost.end()) - cost.begin());
  const double jump = cost[cheapest] + penalty;
  const double base = cost[cheapest];
  for (std::size_t s = 0; s < cost.size(); ++s) {
    const bool stays = cost[s] <= jump;
    if (from != nullptr) from->push_back(static_cast<std::uint8_t>(stays ? s : cheapest));
    cost[s] = (stays ? cost[s] : jump) - base + model.loss(x, s);  // differences are all that matters, so the level is kept near 0
  }
}

std::size_t cheapest_state(const std::vector<double>& cost) {
  return static_cast<std::size_t>(std::min_element(cost.begin(), cost.end()) - cost.begin());
}

void standardise(const std::vector<Features>& past, JumpModel& model) {
  const double n = static_cast<double>(past.size());
  for (std::size_t f = 0; f < kJumpFeatures; ++f) {
    double mean = 0, squares = 0;
    for (const Features& x : past) mean += x[f] / n;
    for (const Features& x : past) squares += (x[f] - mean) * (x[f] - mean) / n;
    model.mean[f] = mean;
    model.scale[f] = squares > 1e-20 ? 1 / std::sqrt(squares) : 0;
  }
}

std::vector<std::size_t> best_path(const JumpModel& model, const std::vector<Features>& past, double penalty, double& total) {
  std::vector<double> cost(model.centres.size(), 0);
  std::vector<std::uint8_t> from;
  from.reserve(past.size() * cost.size());
  for (const Features& x : past) advance(model, x, penalty, cost, &from);
  std::vector<std::size_t> path(past.size());
  std::size_t state = cheapest_state(cost);
  for (std::size_t t = past.size(); t-- > 0;) {
    path[t] = state;
    state = from[t * cost.size() + state];
  }
  total = 0;
  for (std::size_t t = 0; t < past.size(); ++t) total += model.loss(past[t], path[t]) + (t > 0 && path[t] != path[t - 1] ? penalty : 0);
  return path;
}

/// Alternates paths and centres until the path repeats [Bemporad et al. 2018]; empty when a state is left without points.
std::optional<double> descend(JumpModel& model, const std::vector<Features>& past, double penalty) {
  std::vector<std::size_t> before;
  double total = 0;
  for (int step = 0; step < 50; ++step) {
    const auto path = best_path(model, past, penalty, total);
    if (path == before) break;
    std::vector<Features> sums(model.centres.size(), Features{});
    std::vector<double> counts(model.centres.size(), 0);
    for (std::size_t t = 0; t < past.size(); ++t) {
      counts[path[t]] += 1;
      for (std::size_t f = 0; f < kJumpFeatures; ++f) sums[path[t]][f] += (past[t][f] - model.mean[f]) * model.scale[f];
    }
    for (std::size_t s = 0; s < sums.size(); ++s) {
      if (counts[s] == 0) return std::nullopt;
      for (std::size_t f = 0; f < kJumpFeatures; ++f) model.centres[s][f] = sums[s][f] / counts[s];
    }
    before = path;
  }
  return total;
}

class JumpClassifier final : public Classifier {
 public:
  JumpClassifier(std::size_t states, double penalty, std::size_t history, std::size_t refit, std::uint64_t seed)
      : states_(states), penalty_(penalty), seed_(seed), schedule_(history, refit) {}

  State update(const Bar& bar) override {
    const double previous = previous_close_;
    previous_close_ = bar.close;
    if (previous == 0) return kUnknown;
    if (schedule_.due(past_.size())) fit();
    past_.push_back(features_.add(bar.close / previous - 1));
    if (!model_) return kUnknown;
    advance(*model_, past_.back(), penalty_, cost_, nullptr);
    return static_cast<State>(cheapest_state(cost_));
  }

  std::span<const FitDiagnostic> diagnostics() const override { return diagnostics_; }
  std::string save() const override { return save_state(*this, kTag); }
  Status load(std::string_view state) override { return load_state(*this, state, kTag); }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.states_, "number of states"), archive.same(self.penalty_, "penalty"), archive.same(self.seed_, "seed");
    RefitSchedule::transfer(self.schedule_, archive);
    FeatureMaker::transfer(self.features_, archive);
    archive(self.past_), archive(self.previous_close_), archive(self.cost_);
    bool fitted = self.model_.has_value();
    archive(fitted);
    if constexpr (Archive::kLoading) {
      self.model_ = fitted ? std::optional<JumpModel>(JumpModel()) : std::nullopt;
    }
    if (fitted) archive(self.model_->mean), archive(self.model_->scale), archive(self.model_->centres);
    transfer_diagnostics(self.diagnostics_, archive);
    if constexpr (Archive::kLoading) {
      if (fitted && (self.model_->centres.size() != self.states_ || self.cost_.size() != self.states_)) archive.fail();
    }
  }

 private:
  static constexpr std::string_view kTag = "jump/1";

  void fit() {
    JumpModel best;
    std::optional<double> least;
    const int starts = model_ ? 4 : 10;
    int lost = 0;
    for (int start = 0; start < starts; ++start) {
      JumpModel trial;
      standardise(past_, trial);
      Random random(seed_, static_cast<std::uint64_t>(start));
      for (std::size_t s = 0; s < states_; ++s) {
        const Features& x = past_[random.below(past_.size())];
        Features centre{};
        for (std::size_t f = 0; f < kJumpFeatures; ++f) centre[f] = (x[f] - trial.mean[f]) * trial.scale[f];
        trial.centres.push_back(centre);
      }
      const auto total = descend(trial, past_, penalty_);
      lost += !total;
      if (total && (!least || *total < *least)) best = trial, least = total;
    }
    if (lost > 0) diagnostics_.push_back({least ? FitIssue::lost_starts : FitIssue::no_model, past_.size(), -1, lost, starts});
    if (!least) return;
    std::sort(best.centres.begin(), best.centres.end());  // by the first feature: downside deviation
    model_ = best;
    cost_.assign(states_, 0);
    for (const Features& x : past_) advance(*model_, x, penalty_, cost_, nullptr);
  }

  std::size_t states_;
  double penalty_;
  std::uint64_t seed_;
  RefitSchedule schedule_;
  FeatureMaker features_;
  std::vector<Features> past_;
  std::optional<JumpModel> model_;
  std::vector<double> cost_;
  std::vector<FitDiagnostic> diagnostics_;
  double previous_close_ = 0;
};

}  // namespace

ClassifierType jump_type() {
  ClassifierType type;
  type.name = "jump";
  type.summary = "statistical jump model: clusters of risk and return features, with a price on every change of state";
  type.formula =
      "minimise sum of 1/2 |x_t - centre(s_t)|^2 + penalty * [s_t != s_(t-1)] over the features log downside deviation (half-life 10) and "
      "return over "
      "downside deviation (20, 60), standardised and fitted on the past only; label = end of the cheapest path so far; states in order of "
      "downside deviation";
  type.source = "Bemporad, Breschi, Piga & Boyd 2018; Nystrup, Lindstrom & Madsen 2020; features of Shu, Yu & Mulvey 2024";
  type.parameters = {{"states", "states", 2, 2, 6, true},
                     {"penalty", "cost of a change of state; larger means fewer changes", 30, 0, 1e6, false},
                     {"history", "returns before the first fit", 250, 60, 1000000, true},
                     {"refit", "least number of returns between fits", 50, 1, 1000000, true},
                     {"seed", "seed of the starts", 1, 0, 9007199254740992.0, true}};
  type.labels = [](const ParameterValues& values) {
    if (values[0] == 2) return std::vector<std::string>{"calm", "turbulent"};
    std::vector<std::string> labels;
    for (int i = 1; i <= static_cast<int>(values[0]); ++i) labels.push_back(fmt::format("risk_{}", i));
    return labels;
  };
  type.make = [](const ParameterValues& v) -> std::unique_ptr<Classifier> {
    return std::make_unique<JumpClassifier>(static_cast<std::size_t>(v[0]), v[1], static_cast<std::size_t>(v[2]),
                                            static_cast<std::size_t>(v[3]), static_cast<std::uint64_t>(v[4]));
  };
  return type;
}

}  // namespace tradewind::regimes
