// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/file.hpp"
#include "tradewind/market/bars.hpp"

namespace tradewind::market {

/// Writes bars as the extension says: .parquet (timestamp[ns, UTC] and float64 columns), .csv or .csv.gz; other extensions are a
/// usage error. Durable: after a crash the file holds either the old or the new content. Equal bars give equal bytes.
Status write_bars(const Path& path, const Bars& bars);

/// Whether write_bars knows the extension, so that a command can refuse before it reads. Errors: usage.
Status check_output_format(const Path& path);

}  // namespace tradewind::market
