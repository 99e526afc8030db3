// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace tradewind::discovery {

/// One part of a cross-validation over time: rows [test_begin, test_end) are predicted by a model that has seen `train` only.
struct Fold {
  std::size_t test_begin = 0;
  std::size_t test_end = 0;
  std::vector<std::size_t> train;  ///< ascending
};

/// Splits `rows` into `count` consecutive test parts. Training leaves out every row whose outcome (known `horizon` bars after it)
/// overlaps one of the test part, and the `embargo` rows after it, whose features look back into it [López de Prado 2018, ch. 7].
/// Fewer rows than parts give fewer parts. O(rows · count).
std::vector<Fold> purged_folds(std::size_t rows, std::size_t count, std::size_t horizon, std::size_t embargo);

}  // namespace tradewind::discovery
