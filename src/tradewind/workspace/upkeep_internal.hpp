// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "tradewind/workspace/catalog_internal.hpp"

namespace tradewind::workspace {

/// Brings summary/*.json and metadata.json up to the catalog; does nothing for a run without metadata.json.
Status rewrite_metadata(const Path& folder, std::span<const CatalogRow> rows, std::span<const std::string> metric_columns);

}  // namespace tradewind::workspace
