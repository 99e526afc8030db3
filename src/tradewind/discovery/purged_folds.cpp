// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/purged_folds.hpp"

namespace tradewind::discovery {

std::vector<Fold> purged_folds(std::size_t rows, std::size_t count, std::size_t horizon, std::size_t embargo) {
  std::vector<Fold> folds;
  for (std::size_t k = 0; k < count; ++k) {
    Fold fold{rows * k / count, rows * (k + 1) / count, {}};
    if (fold.test_begin == fold.test_end) continue;
    for (std::size_t row = 0; row + horizon <= fold.test_begin; ++row) fold.train.push_back(row);
    for (std::size_t row = fold.test_end + horizon + embargo; row < rows; ++row) fold.train.push_back(row);
    folds.push_back(std::move(fold));
  }
  return folds;
}

}  // namespace tradewind::discovery
