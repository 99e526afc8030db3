// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "tradewind/workspace/scan_arrow.hpp"

namespace tradewind::workspace {

/// export_arrow of columns that somebody keeps; they are read until both structs are released.
Status share_arrow(const std::shared_ptr<const std::vector<ScanColumn>>& columns, std::size_t rows, ArrowArray* array, ArrowSchema* schema);

}  // namespace tradewind::workspace
