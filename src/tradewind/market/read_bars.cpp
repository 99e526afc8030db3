// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/read_bars.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "tradewind/market/readers_internal.hpp"

namespace tradewind::market {

/// A file's name without what says how it is written.
std::string default_symbol(const Path& path) {
  std::string name = path.filename().string();
  for (const std::string_view ending : {".gz", ".zip", ".csv", ".txt", ".tsv", ".parquet", ".pq", ".feather", ".arrow"})
    if (lower(name).ends_with(ending) && name.size() > ending.size()) name.resize(name.size() - ending.size());
  return name;
}

Result<bool> starts_with(const Path& path, std::string_view magic) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
  if (!file)
    return Error(errno == ENOENT ? Errc::not_found : Errc::storage, std::string("cannot open: ") + std::strerror(errno), path.string());
  char bytes[16] = {};
  const std::size_t got = std::fread(bytes, 1, std::min(magic.size(), sizeof bytes), file.get());
  return std::string_view(bytes, got) == magic;
}

Result<bool> is_parquet(const Path& path) {
  TRADEWIND_ASSIGN(const bool parquet, starts_with(path, "PAR1"));
  if (parquet) return true;
  return starts_with(path, kArrowMagic);
}

Result<BarsImport> read_bars(const Path& path, const ReadOptions& options) {
  ReadOptions settings = options;
  if (settings.symbol.empty()) settings.symbol = default_symbol(path);
  TRADEWIND_ASSIGN(const bool parquet, is_parquet(path));
  TRADEWIND_ASSIGN(BarsImport import, parquet ? read_parquet_bars(path, settings) : read_csv_bars(path, settings));
  if (options.symbol.empty() && !import.named_symbol.empty()) import.bars.symbol = import.named_symbol;
  return import;
}

Result<Bars> load_bars(const Path& path, const ReadOptions& options) {
  TRADEWIND_ASSIGN(auto result, read_bars(path, options));
  if (result.accepted) return std::move(result.bars);
  const Rejection first = result.rejected.empty() ? Rejection{0, "", "no acceptable row"} : result.rejected.front();
  std::string message = first.column.empty() ? first.reason : fmt::format("column '{}': {}", first.column, first.reason);
  if (result.rejected_total > 1) message += fmt::format(" ({} rows are rejected in all)", result.rejected_total);
  return Error(Errc::invalid_data, std::move(message), first.line > 0 ? fmt::format("{}:{}", path.string(), first.line) : path.string(),
               "`tradewind data import` lists every fault and can skip or repair rows");
}

}  // namespace tradewind::market
