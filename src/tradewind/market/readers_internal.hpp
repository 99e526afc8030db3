// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tradewind/market/read_bars.hpp"

namespace tradewind::market {

/// read_bars for CSV, plain or gzip.
Result<BarsImport> read_csv_bars(const Path& path, const ReadOptions& options);
/// read_bars for Parquet.
Result<BarsImport> read_parquet_bars(const Path& path, const ReadOptions& options);
/// The file's name up to the first dot.
std::string default_symbol(const Path& path);
/// Whether the file begins as Parquet or Arrow IPC does; not_found and storage when it cannot be opened.
Result<bool> is_parquet(const Path& path);
inline constexpr std::string_view kArrowMagic = "ARROW1";
/// Whether the file begins so, with at most 16 bytes; errors as is_parquet.
Result<bool> starts_with(const Path& path, std::string_view magic);

}  // namespace tradewind::market
