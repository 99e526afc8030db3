// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/boosted_trees.hpp"

#include <algorithm>
#include <array>

namespace tradewind::discovery {
namespace {

constexpr std::size_t kBins = 32;

/// Upper bounds of up to 32 quantile bins, the last bin open.
std::vector<double> bin_bounds(const std::vector<double>& column, std::span<const std::size_t> rows) {
  std::vector<double> sorted;
  for (const std::size_t row : rows) sorted.push_back(column[row]);
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> bounds;
  for (std::size_t bin = 1; bin < kBins && !sorted.empty(); ++bin) bounds.push_back(sorted[(sorted.size() - 1) * bin / kBins]);
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  if (!bounds.empty() && bounds.back() == sorted.back()) bounds.pop_back();  // nothing would be above it
  return bounds;
}

struct Binned {
  std::vector<std::vector<double>> bounds;      ///< by feature
  std::vector<std::vector<std::uint8_t>> bins;  ///< by feature and training row
};

Binned bin(Columns features, std::span<const std::size_t> rows) {
  Binned binned;
  for (const auto& column : features) {
    binned.bounds.push_back(bin_bounds(column, rows));
    const auto& bounds = binned.bounds.back();
    std::vector<std::uint8_t> bins;
    for (const std::size_t row : rows)
      bins.push_back(static_cast<std::uint8_t>(std::lower_bound(bounds.begin(), bounds.end(), column[row]) - bounds.begin()));
    binned.bins.push_back(std::move(bins));
  }
  return binned;
}

struct Split {
  double gain = 0;
  std::size_t feature = 0;
  std::size_t bin = 0;  ///< the last one that goes left
};

}  // namespace

/// Grows trees on residuals; rows are positions in the training set.
class TreeGrower {
 public:
  TreeGrower(const Binned& binned, const BoostingOptions& options, std::vector<double>& residual, BoostedTrees& model)
      : binned_(binned), options_(options), residual_(residual), model_(model) {}

  void grow_tree() {
    tree_.clear();
    std::vector<std::uint32_t> rows(residual_.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    grow_node(rows, options_.depth);
    model_.trees_.push_back(tree_);
  }

 private:
  std::size_t grow_node(const std::vector<std::uint32_t>& rows, int depth) {
    const std::size_t self = tree_.size();
    tree_.emplace_back();
    double sum = 0;
    for (const auto row : rows) sum += residual_[row];
    const Split split = depth > 0 ? best_split(rows, sum) : Split{};
    if (!(split.gain > 0)) {
      const double value = options_.learning_rate * sum / (static_cast<double>(rows.size()) + options_.regularisation);
      tree_[self].value = value;
      for (const auto row : rows) residual_[row] -= value;
      return self;
    }
    std::vector<std::uint32_t> left;
    std::vector<std::uint32_t> right;
    for (const auto row : rows) (binned_.bins[split.feature][row] <= split.bin ? left : right).push_back(row);
    model_.gains_[split.feature] += split.gain;
    tree_[self].feature = static_cast<std::int32_t>(split.feature);
    tree_[self].threshold = binned_.bounds[split.feature][split.bin];
    const std::size_t to_left = grow_node(left, depth - 1);
    const std::size_t to_right = grow_node(right, depth - 1);
    tree_[self].left = to_left;
    tree_[self].right = to_right;
    return self;
  }

  double score(double sum, double count) const noexcept { return sum * sum / (count + options_.regularisation); }

  Split best_split(const std::vector<std::uint32_t>& rows, double sum) const {
    Split best;
    const double count = static_cast<double>(rows.size());
    for (std::size_t feature = 0; feature < binned_.bins.size(); ++feature) {
      std::array<double, kBins> sums{};
      std::array<double, kBins> counts{};
      for (const auto row : rows) {
        sums[binned_.bins[feature][row]] += residual_[row];
        ++counts[binned_.bins[feature][row]];
      }
      double left_sum = 0;
      double left_count = 0;
      for (std::size_t last = 0; last < binned_.bounds[feature].size(); ++last) {
        left_sum += sums[last];
        left_count += counts[last];
        const double least = static_cast<double>(options_.min_leaf);
        if (left_count < least || count - left_count < least) continue;
        const double gain = score(left_sum, left_count) + score(sum - left_sum, count - left_count) - score(sum, count);
        if (gain > best.gain * (1 + 1e-12)) best = {gain, feature, last};
      }
    }
    return best;
  }

  const Binned& binned_;
  const BoostingOptions& options_;
  std::vector<double>& residual_;
  BoostedTrees& model_;
  BoostedTrees::Tree tree_;
};

BoostedTrees BoostedTrees::fit(Columns features, std::span<const double> target, std::span<const std::size_t> train,
                               const BoostingOptions& options) {
  BoostedTrees model;
  model.gains_.assign(features.size(), 0.0);
  if (train.empty()) return model;
  double sum = 0;
  for (const std::size_t row : train) sum += target[row];
  model.base_ = sum / static_cast<double>(train.size());
  std::vector<double> residual;
  for (const std::size_t row : train) residual.push_back(target[row] - model.base_);
  const Binned binned = bin(features, train);
  TreeGrower grower(binned, options, residual, model);
  for (int tree = 0; tree < options.trees; ++tree) grower.grow_tree();
  return model;
}

double BoostedTrees::predict(Columns features, std::size_t row) const noexcept {
  double sum = base_;
  for (const Tree& tree : trees_) {
    std::size_t node = 0;
    while (tree[node].feature >= 0)
      node = features[static_cast<std::size_t>(tree[node].feature)][row] <= tree[node].threshold ? tree[node].left : tree[node].right;
    sum += tree[node].value;
  }
  return sum;
}

}  // namespace tradewind::discovery
