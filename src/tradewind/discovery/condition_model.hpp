// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/discovery/boosted_trees.hpp"
#include "tradewind/discovery/pattern.hpp"

namespace tradewind::discovery {

/// What is known at the close of each bar, and what the next bar brought.
struct Conditions {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;  ///< by name, then row
  std::vector<double> target;                ///< next return over the trailing 20-bar volatility
  std::vector<double> next_return;
  std::vector<std::size_t> bar;  ///< of each row; bars without volatility yet, or with none at all, are left out
};

/// Features of a bar: for each strategy its signal, the two before and bars since it changed; regime (one column a label) and bars since it
/// changed; volatility; the last 1, 5 and 20 bars' return over it. Nothing looks ahead. Lengths as PatternMiner checks them.
/// Errors: `invalid_data`. O(bars · features).
Result<Conditions> conditions_of(std::span<const SignalStream> signals, std::span<const double> returns, const Regimes& regimes);

struct ConditionOptions {
  BoostingOptions boosting;
  std::size_t folds = 5;     ///< 2 … 50
  std::size_t embargo = 20;  ///< rows after a test part; the longest look-back of the features
  int permutations = 500;
  int block = 10;
  double cost = 0;  ///< of acting on one bar's prediction, fraction
  std::uint64_t seed = 1;
  std::string lightgbm;  ///< shared library of LightGBM to fit with instead of the built-in trees; empty: built-in
  int threads = 1;
  const Cancellation* cancellation = nullptr;
};

/// How well the conditions tell the next return, by predictions of rows that the model had not seen. Undefined (too_few) when there is
/// less than four leaves' worth of rows in a part, zero_variance when predictions or outcomes do not vary.
struct ConditionSkill {
  std::int64_t rows = 0;
  Value information_coefficient;         ///< correlation of out-of-fold prediction and outcome, each less its training mean
  Value r_squared;                       ///< out of fold, beside predicting the training mean; negative when worse
  Value p_value;                         ///< of the predictions' products with outcomes, by block sign flips
  Value net_return;                      ///< mean next return in the predicted direction less cost, per bar
  std::vector<Value> fold_coefficients;  ///< information coefficient by test part, oldest first
  std::vector<std::pair<std::string, double>> importance;  ///< share of the squared error taken off, largest first
  bool skilled = false;                                    ///< p_value ≤ 0.05 with a positive coefficient and net_return
};

/// Boosted trees under purged cross-validation. Errors: `usage` for options out of range, `interrupted`; as
/// LightGbm when it is asked for. The same bytes at any thread count.
Result<ConditionSkill> test_conditions(const Conditions& conditions, const ConditionOptions& options);

}  // namespace tradewind::discovery
