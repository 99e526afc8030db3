// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <parquet/api/reader.h>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/arrow_internal.hpp"

namespace tradewind::workspace {

/// Deletes a reader before the pool its memory is of.
struct PoolKeeper {
  std::shared_ptr<ArrowPool> pool;
  void operator()(parquet::ParquetFileReader* reader) const { delete reader; }
};
using ParquetReader = std::unique_ptr<parquet::ParquetFileReader, PoolKeeper>;

/// A Parquet file mapped into memory, its rows counted and what it may unpack to bounded, page checksums on.
/// Errc::not_found, corrupt, too_large.
Result<ParquetReader> open_parquet(const Path& path);
/// Errc::newer_format when its key `tradewind.format` says so.
Status check_version(const parquet::FileMetaData& metadata, const Path& path);
/// Index of a column of the type given; −1 when it is not there, Errc::corrupt when it is of another type.
Result<int> find_column(const parquet::SchemaDescriptor& schema, const std::string& name, parquet::Type::type type, const Path& path);
Error bad_file(const Path& path, const std::string& why);

/// Fills `out` from a column without empty cells. Throws as the library does: call it inside `guarded`.
template <class Reader, class T>
void read_column(parquet::RowGroupReader& group, int index, std::int64_t first, std::span<T> out) {
  const auto column = group.Column(index);
  auto& reader = static_cast<Reader&>(*column);
  const bool optional = reader.descr()->max_definition_level() > 0;
  std::vector<std::int16_t> levels(optional ? out.size() : 0);
  if (first > 0 && reader.Skip(first) != first) throw parquet::ParquetException("the column ends early");
  std::int64_t done = 0;
  const auto wanted = static_cast<std::int64_t>(out.size());
  while (done < wanted) {
    std::int64_t values = 0;
    const std::int64_t got =
        reader.ReadBatch(wanted - done, optional ? levels.data() + done : nullptr, nullptr, out.data() + done, &values);
    if (values != got) throw parquet::ParquetException("the column has an empty cell");
    if (got == 0) throw parquet::ParquetException("the column ends early");
    done += got;
  }
}

}  // namespace tradewind::workspace
