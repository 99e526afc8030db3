// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tradewind::discovery {

/// Columns of features, all of one length; finite. Borrowed.
using Columns = std::span<const std::vector<double>>;

struct BoostingOptions {
  int trees = 40;              ///< ≥ 1
  int depth = 2;               ///< splits from root to leaf, 1 … 4
  double learning_rate = 0.1;  ///< in (0, 1]
  std::size_t min_leaf = 50;   ///< rows in a leaf, ≥ 1
  double regularisation = 1;   ///< rows' worth of zeros added to a leaf's mean, ≥ 0
};

/// Small regression trees fitted one after the other to what those before left [Friedman 2001], squared loss, on at most 32 quantile
/// bins of each feature. No randomness: ties go to the first feature and the lowest bin.
class BoostedTrees {
 public:
  /// Fits `target` on the rows `train` (ascending). Without rows every prediction is 0. O(trees · depth · rows · features).
  static BoostedTrees fit(Columns features, std::span<const double> target, std::span<const std::size_t> train,
                          const BoostingOptions& options);

  /// Prediction of one row of the same columns.
  double predict(Columns features, std::size_t row) const noexcept;
  /// Mean of the training targets, which every prediction starts from.
  double base() const noexcept { return base_; }
  /// Reduction of squared error by the splits on each feature.
  const std::vector<double>& gains() const noexcept { return gains_; }

 private:
  struct Node {
    std::int32_t feature = -1;  ///< −1: leaf
    double threshold = 0;       ///< rows with a value ≤ threshold go left
    std::size_t left = 0;
    std::size_t right = 0;
    double value = 0;
  };
  using Tree = std::vector<Node>;
  friend class TreeGrower;

  double base_ = 0;
  std::vector<Tree> trees_;
  std::vector<double> gains_;
};

}  // namespace tradewind::discovery
