// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// Bars [begin, end).
struct BarRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const noexcept { return end - begin; }
  bool operator==(const BarRange&) const = default;
};

/// What a model may learn from and what it is judged on: ranges in order of time that do not touch.
struct Split {
  std::vector<BarRange> train;
  std::vector<BarRange> test;
};

/// Training that always lies before its test.
struct WalkForwardWindows {
  std::size_t train = 0;    ///< bars of the (first) training window, ≥ 1
  std::size_t test = 0;     ///< bars of a test window, ≥ 1; the last one may be shorter
  std::size_t step = 0;     ///< bars from one test to the next; 0: `test`, so that each bar is tested once
  bool expanding = false;   ///< training begins at bar 0 and grows; false: it rolls
  std::size_t purge = 0;    ///< bars a label reaches ahead (its horizon): training ends that much earlier
  std::size_t embargo = 0;  ///< further bars left out between training and test
};
/// Errors: `usage` for empty windows; `invalid_data` when not even one split fits.
Result<std::vector<Split>> walk_forward_splits(std::size_t bars, const WalkForwardWindows& options);

/// Every choice of `test_groups` of `groups` consecutive groups as the test, the rest as training.
struct PurgedOptions {
  std::size_t groups = 10;      ///< 2 … 20; sizes differ by at most one bar
  std::size_t test_groups = 2;  ///< 1 … groups − 1
  std::size_t purge = 0;        ///< bars a label reaches ahead: left out of the training on both sides of each test range
  std::size_t embargo = 0;      ///< further bars left out after each test range, where the test still echoes
};

/// Combinatorial purged cross-validation [López de Prado 2018, chapters 7 and 12].
struct PurgedSplits {
  std::vector<BarRange> groups;
  std::vector<Split> splits;                     ///< C(groups, test_groups), in lexicographic order of the groups tested
  std::vector<std::vector<std::size_t>> tested;  ///< [split]: the groups it tests, ascending
  std::vector<std::vector<std::size_t>>
      paths;  ///< [path][group]: the split that tests the group on this path; C(groups − 1, test_groups − 1)
};
/// Errors: `usage` for options out of range or above 20,000 splits; `invalid_data` when a group would be empty or a split has nothing left
/// to train on.
Result<PurgedSplits> purged_splits(std::size_t bars, const PurgedOptions& options);

/// How the selection "take the trial with the best training Sharpe ratio" fares on bars it was not made on. Sharpe ratios per bar.
struct CrossValidatedSharpe {
  std::vector<double> paths;        ///< Sharpe ratio of each whole path, one out-of-sample history of every bar
  std::vector<std::size_t> chosen;  ///< [split]: the trial selected
  Value mean;                       ///< of `paths`
  Value deviation;                  ///< of `paths`, ddof 1; undefined for a single path
  Value low;                        ///< 5th percentile of `paths`
  Value high;                       ///< 95th
  Value loss_probability;           ///< share of `paths` below 0
  Value in_sample;                  ///< mean over splits of the selected trial's training Sharpe ratio: what selection promised
};
/// Undefined: insufficient_trials (none), insufficient_bars (groups too short, or nothing left to train on), zero_variance (a training set
/// in which no trial varies, or a path without variance). A single trial has nothing to select: every path is its own series. Errors:
/// `usage` as purged_splits; `invalid_data` as check_trials. O(splits · trials + bars · (trials + paths)).
Result<CrossValidatedSharpe> cross_validated_sharpe(Trials trials, const PurgedOptions& options = {}, int threads = 1);

}  // namespace tradewind::metrics
