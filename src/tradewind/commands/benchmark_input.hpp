// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::commands {

/// Returns of a benchmark file over each bar of a timeline. The file's column `close` (or `adj_close`, `adj close`, `price`) holds prices;
/// else its first numeric column holds returns. With times on both sides, a bar's return is what the benchmark made since the bar before,
/// whatever times the file has in between; the first bar's is 0 for prices. Without them the file needs as many rows as there are bars.
/// Errors: as read_series; `invalid_data` for values that are not finite, prices at or below 0, a file that does not reach into the
/// timeline or has another number of rows.
Result<std::vector<double>> benchmark_of_file(const Path& file, std::span<const UnixNanos> timeline, std::size_t bars);

}  // namespace tradewind::commands
