// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/return_panel.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <set>

#include <fmt/format.h>

namespace tradewind::ensemble {

namespace {

/// Without a branch, so that eight are looked at at once.
bool all_finite(std::span<const double> values) {
  constexpr std::uint64_t kExponent = 0x7FF0'0000'0000'0000;
  std::uint64_t bad = 0;
  for (const double value : values) bad |= static_cast<std::uint64_t>((std::bit_cast<std::uint64_t>(value) & kExponent) == kExponent);
  return bad == 0;
}

}  // namespace

void ReturnPanel::add(std::string name, std::span<const double> returns) {
  TRADEWIND_ASSERT(names.empty() || returns.size() == rows, "every column of a panel has the same number of rows");
  rows = returns.size();
  names.push_back(std::move(name));
  values.insert(values.end(), returns.begin(), returns.end());
}

Status check(const ReturnPanel& panel) {
  if (panel.values.size() != panel.rows * panel.columns()) {
    return Error(Errc::invalid_data,
                 fmt::format("a panel of {} rows and {} columns holds {} values", panel.rows, panel.columns(), panel.values.size()));
  }
  std::set<std::string_view> seen;
  for (const std::string& name : panel.names) {
    if (!seen.insert(name).second) return Error(Errc::invalid_data, fmt::format("two columns are named '{}'", name));
  }
  for (std::size_t j = 0; j < panel.columns(); ++j) {
    const auto column = panel.column(j);
    if (all_finite(column)) continue;
    for (std::size_t t = 0; t < panel.rows; ++t) {
      if (!std::isfinite(column[t])) {
        return Error(Errc::invalid_data, fmt::format("the return of '{}' is not a finite number", panel.names[j]), fmt::format("row {}", t),
                     "leave the bars out for every strategy, or put 0 where a strategy did not trade");
      }
    }
  }
  return {};
}

ReturnPanel select(const ReturnPanel& panel, std::span<const std::size_t> columns, std::span<const std::size_t> rows) {
  ReturnPanel out;
  out.rows = rows.size();
  out.names.reserve(columns.size());
  out.values.reserve(columns.size() * rows.size());
  for (const std::size_t j : columns) {
    out.names.push_back(panel.names[j]);
    const auto column = panel.column(j);
    for (const std::size_t t : rows) out.values.push_back(column[t]);
  }
  return out;
}

ReturnPanel select_columns(const ReturnPanel& panel, std::span<const std::size_t> columns) {
  ReturnPanel out;
  out.values.reserve(columns.size() * panel.rows);
  for (const std::size_t j : columns) out.add(panel.names[j], panel.column(j));
  out.rows = panel.rows;
  return out;
}

ReturnPanel slice(const ReturnPanel& panel, std::size_t first, std::size_t last) {
  ReturnPanel out;
  out.values.reserve(panel.columns() * (last - first));
  for (std::size_t j = 0; j < panel.columns(); ++j) out.add(panel.names[j], panel.column(j).subspan(first, last - first));
  out.rows = last - first;
  return out;
}

}  // namespace tradewind::ensemble
