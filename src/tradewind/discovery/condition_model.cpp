// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/condition_model.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/discovery/lightgbm_plugin.hpp"
#include "tradewind/discovery/outcome_internal.hpp"
#include "tradewind/discovery/pattern_miner.hpp"
#include "tradewind/discovery/purged_folds.hpp"
#include "tradewind/discovery/sign_flip.hpp"

namespace tradewind::discovery {
namespace {

/// Out-of-fold predictions and outcomes, each less the mean that the model of the fold was trained on.
struct Predictions {
  std::vector<double> predicted;
  std::vector<double> outcome;
  std::vector<double> position;  ///< sign of the whole prediction
};

struct Products {
  double xy = 0;
  double xx = 0;
  double yy = 0;
  void add(double x, double y) noexcept {
    xy += x * y;
    xx += x * x;
    yy += y * y;
  }
  Value correlation() const {
    if (!(xx > 0) || !(yy > 0)) return Undefined::zero_variance;
    return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
  }
};

Status check(const ConditionOptions& options) {
  const BoostingOptions& b = options.boosting;
  if (options.folds < 2 || options.folds > 50)
    return Error(Errc::usage, fmt::format("{} folds; 2 to 50 are possible", options.folds), "folds");
  if (b.trees < 1 || b.depth < 1 || b.depth > 4 || !(b.learning_rate > 0 && b.learning_rate <= 1) || b.min_leaf < 1 ||
      !(b.regularisation >= 0) || options.block < 1) {
    return Error(Errc::usage, "boosting needs trees ≥ 1, depth 1 … 4, learning rate in (0, 1], leaves ≥ 1, block ≥ 1", "boosting");
  }
  return {};
}

/// What one model says about the part it has not seen.
struct FoldResult {
  double base = 0;  ///< mean of its training targets
  std::vector<double> predictions;
  std::vector<double> gains;
};

FoldResult fit_built_in(const Conditions& conditions, const Fold& fold, const BoostingOptions& options) {
  const BoostedTrees model = BoostedTrees::fit(conditions.columns, conditions.target, fold.train, options);
  FoldResult result{model.base(), {}, model.gains()};
  for (std::size_t row = fold.test_begin; row < fold.test_end; ++row) result.predictions.push_back(model.predict(conditions.columns, row));
  return result;
}

Result<FoldResult> fit_lightgbm(const LightGbm& library, const Conditions& conditions, const Fold& fold, const BoostingOptions& options) {
  FoldResult result;
  for (const std::size_t row : fold.train) result.base += conditions.target[row] / static_cast<double>(fold.train.size());
  TRADEWIND_ASSIGN(auto fitted, library.fit(conditions.columns, conditions.target, fold.train, fold.test_begin, fold.test_end, options));
  result.predictions = std::move(fitted.predictions);
  result.gains = std::move(fitted.gains);
  return result;
}

Result<std::vector<FoldResult>> fit_folds(const Conditions& conditions, const std::vector<Fold>& folds, const ConditionOptions& options) {
  std::vector<FoldResult> results(folds.size());
  if (!options.lightgbm.empty()) {
    TRADEWIND_ASSIGN(const LightGbm library, LightGbm::load(options.lightgbm));
    for (std::size_t k = 0; k < folds.size(); ++k) {
      if (options.cancellation != nullptr && options.cancellation->requested()) return interrupted_error();
      TRADEWIND_ASSIGN(results[k], fit_lightgbm(library, conditions, folds[k], options.boosting));
    }
    return results;
  }
  TRADEWIND_TRY(parallel_for(
      folds.size(), options.threads,
      [&](std::size_t k) -> Status {
        results[k] = fit_built_in(conditions, folds[k], options.boosting);
        return {};
      },
      options.cancellation));
  return results;
}

Predictions predictions_of(const Conditions& conditions, const std::vector<Fold>& folds, const std::vector<FoldResult>& results) {
  Predictions p;
  for (std::size_t k = 0; k < folds.size(); ++k) {
    for (std::size_t row = folds[k].test_begin; row < folds[k].test_end; ++row) {
      const double whole = results[k].predictions[row - folds[k].test_begin];
      p.predicted.push_back(whole - results[k].base);
      p.outcome.push_back(conditions.target[row] - results[k].base);
      p.position.push_back(whole > 0 ? 1 : whole < 0 ? -1 : 0);
    }
  }
  return p;
}

void add_importance(const Conditions& conditions, const std::vector<FoldResult>& models, ConditionSkill& skill) {
  double total = 0;
  for (std::size_t f = 0; f < conditions.names.size(); ++f) {
    double gain = 0;
    for (const FoldResult& model : models) gain += model.gains[f];
    total += gain;
    skill.importance.emplace_back(conditions.names[f], gain);
  }
  for (auto& [name, gain] : skill.importance) gain = total > 0 ? gain / total : 0;
  std::stable_sort(skill.importance.begin(), skill.importance.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
}

}  // namespace

Result<ConditionSkill> test_conditions(const Conditions& conditions, const ConditionOptions& options) {
  TRADEWIND_TRY(check(options));
  ConditionSkill skill;
  skill.rows = static_cast<std::int64_t>(conditions.bar.size());
  skill.information_coefficient = skill.r_squared = skill.p_value = skill.net_return = Undefined::too_few;
  if (conditions.bar.size() < 4 * options.boosting.min_leaf * options.folds) return skill;

  const auto folds = purged_folds(conditions.bar.size(), options.folds, 1, options.embargo);
  TRADEWIND_ASSIGN(const std::vector<FoldResult> models, fit_folds(conditions, folds, options));
  const Predictions p = predictions_of(conditions, folds, models);
  OutcomeTable table(conditions.bar.back() / static_cast<std::size_t>(options.block) + 1);
  table.begin();
  Products all;
  double squared_error = 0;
  double gain = 0;
  for (std::size_t row = 0; row < p.outcome.size(); ++row) {
    all.add(p.predicted[row], p.outcome[row]);
    squared_error += (p.outcome[row] - p.predicted[row]) * (p.outcome[row] - p.predicted[row]);
    gain += p.position[row] * conditions.next_return[row] - std::fabs(p.position[row]) * options.cost;
    table.add(static_cast<std::uint32_t>(conditions.bar[row] / static_cast<std::size_t>(options.block)), p.predicted[row] * p.outcome[row]);
  }
  for (const Fold& fold : folds) {
    Products part;
    for (std::size_t row = fold.test_begin; row < fold.test_end; ++row) part.add(p.predicted[row], p.outcome[row]);
    skill.fold_coefficients.push_back(part.correlation());
  }
  skill.information_coefficient = all.correlation();
  skill.r_squared = all.yy > 0 ? Value(1 - squared_error / all.yy) : Value(Undefined::zero_variance);
  skill.net_return = gain / static_cast<double>(p.outcome.size());
  TRADEWIND_ASSIGN(const auto significance,
                   sign_flip_test(table, {options.permutations, options.seed, 0, options.threads, options.cancellation}));
  skill.p_value = significance[0].p_value;
  add_importance(conditions, models, skill);
  skill.skilled = skill.p_value.defined() && skill.p_value.number <= kSignificance && skill.information_coefficient.number > 0 &&
                  skill.net_return.number > 0;
  return skill;
}

}  // namespace tradewind::discovery
