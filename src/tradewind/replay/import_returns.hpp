// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"

namespace tradewind::replay {

struct ReturnsImport {
  std::int64_t strategies = 0;
  std::int64_t bars = 0;  ///< rows of the file
  std::vector<std::string> notes;
};

/// Stores a table of net returns per bar, a column a strategy, as a run of workflow_type "import". Each column is an account of its own:
/// its equity, starting at 1, lies in the run as `data/{id}.csv` and is held from the first bar to the last, without costs, so that every
/// command finds the returns in it. Blank cells before the first return and after the last are bars without the strategy. A first return
/// that is 0 or blank is the start; else a bar is put before it. Errors: Errc::invalid_data for a file without times, a column whose name
/// is no strategy id, a blank inside, a return of −1 or less, fewer than two returns; Errc::too_large beyond 2,000 columns;
/// Errc::already_exists. Nothing is written then.
Result<ReturnsImport> import_returns(const Path& root, const Path& file, const std::string& run_id, double periods_per_year);

}  // namespace tradewind::replay
