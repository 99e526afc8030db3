// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::commands {

/// Rows of a table after a NanPolicy.
struct MissingValues {
  std::size_t rows = 0;           ///< of the table before
  std::vector<std::size_t> kept;  ///< which of them are left, in order
  std::int64_t changed = 0;       ///< rows left out, or in which a value was read as 0

  /// What stands in the rows that are left of something that had an entry for every row.
  template <class T>
  std::vector<T> of(const std::vector<T>& all) const {
    std::vector<T> some;
    some.reserve(kept.size());
    for (const std::size_t row : kept) some.push_back(all[row]);
    return some;
  }
};

/// Applies a policy to the rows in which one of the columns named has no finite number: series that begin late or end early leave the part
/// that all of them have (`drop`), or are 0 there (`zero`). What was done is a note of the table, with the columns that caused it.
/// Errors: `unknown_name`; `invalid_data` under `reject`, with the first line, or when no row is left.
Result<MissingValues> apply_nan_policy(market::SeriesTable& table, const std::vector<std::string>& columns, metrics::NanPolicy policy,
                                       const Path& file);

}  // namespace tradewind::commands
