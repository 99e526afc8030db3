// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/error.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/scan_column.hpp"

namespace tradewind::workspace {

/// A matching row and what it is sorted by.
struct ScanHit {
  double number;
  std::uint32_t table;
  std::uint32_t row;
};

struct ScanTable {
  const CatalogTable* table;
  std::string_view run_id;
};

/// A table of which a value that is shown has rotted.
struct RottenTable {
  std::size_t table;
  Error error;
};

/// The column `name` of the hits: text where some run has it as text, integers where all that have it have integers.
/// With a value that has rotted, `out` is half done.
std::optional<RottenTable> fill_column(std::span<const ScanTable> tables, std::span<const ScanHit> hits, const std::string& name,
                                       bool as_text, std::vector<ScanColumn>& out);

}  // namespace tradewind::workspace
