// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"

namespace tradewind::ensemble {

/// Simple net returns of several strategies over the same bars, one column per strategy, column after column.
struct ReturnPanel {
  std::vector<std::string> names;  ///< one per column, unique
  std::size_t rows = 0;            ///< bars
  std::vector<double> values;      ///< rows · names.size(), values[column · rows + row], finite

  std::size_t columns() const noexcept { return names.size(); }
  std::span<const double> column(std::size_t j) const noexcept { return {values.data() + j * rows, rows}; }
  void add(std::string name, std::span<const double> returns);
};

/// Success, or `invalid_data` with "row R" (from 0) as where: a value that is not finite, a name that occurs twice, a wrong size.
Status check(const ReturnPanel& panel);

/// The columns and rows asked for, in the order asked for. Indices must be in range.
ReturnPanel select(const ReturnPanel& panel, std::span<const std::size_t> columns, std::span<const std::size_t> rows);
ReturnPanel select_columns(const ReturnPanel& panel, std::span<const std::size_t> columns);
/// Rows [first, last) of every column.
ReturnPanel slice(const ReturnPanel& panel, std::size_t first, std::size_t last);

}  // namespace tradewind::ensemble
