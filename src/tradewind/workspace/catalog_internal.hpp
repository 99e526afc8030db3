// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/catalog_pages_internal.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace arrow {
class RecordBatch;
}

namespace tradewind::workspace {

/// One strategy in the catalog: its metadata and where its signals are.
struct CatalogRow {
  SignalMetadata metadata;
  std::int32_t ordinal = 0;
  std::string signals_path;     ///< in the run; empty when signals were not kept
  std::int32_t row_group = -1;  ///< −1 outside packed segments
  std::int64_t first_row = 0;   ///< within the row group

  bool is_packed() const { return row_group >= 0; }
};

/// SHA-256 by path in the run.
using Checksums = std::map<std::string, std::string>;

/// Columns every catalog has besides metrics and `param.*`.
std::span<const std::string_view> fixed_columns();

/// Arrow IPC file of one record batch: hot numeric columns first. Same rows, same bytes. Compressed (zstd) for a footer, else for mmap.
Result<std::string> encode_catalog(std::span<const CatalogRow> rows, std::span<const std::string> metric_columns,
                                   std::span<const std::string> supersedes, bool compressed = false);

/// A catalog segment mapped into memory; its columns are checked for type, its values are read as needed.
class CatalogTable {
 public:
  static Result<CatalogTable> open(const Path& file);
  /// The same from memory (what a packed segment's footer carries).
  static Result<CatalogTable> from_bytes(std::string bytes, const Path& origin);

  const Path& file() const { return file_; }
  std::string name() const { return file_.filename().string(); }
  const std::vector<std::string>& supersedes() const { return supersedes_; }
  const std::vector<std::string>& metric_columns() const { return metric_columns_; }
  const arrow::RecordBatch& batch() const { return *batch_; }
  std::size_t rows() const;
  /// The checksums of what is read. `read` compares all of it; whoever reads single columns or cells compares those first.
  CatalogPages& pages() const { return *pages_; }

  /// Index of a column in the batch, −1 when there is none.
  int find(std::string_view column) const;
  /// Text of a utf8 or dictionary column; empty for null. Bounds are checked: a damaged file gives empty text, never a crash.
  std::string_view text(int column, std::size_t row) const;
  bool is_text(int column) const;
  bool is_null(int column, std::size_t row) const;
  std::int64_t integer(int column, std::size_t row) const;  ///< int32, int64 or uint64 column
  double number(int column, std::size_t row) const;         ///< NaN for null

  /// Appends all rows, in file order.
  Status read(std::vector<CatalogRow>& out) const;

 private:
  static Result<CatalogTable> check(CatalogTable table);
  Path file_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::shared_ptr<CatalogPages> pages_ = std::make_shared<CatalogPages>();
  std::vector<std::string> supersedes_;
  std::vector<std::string> metric_columns_;
};

/// The live segments of a run, ordered by writer and number: those that no other one supersedes.
/// Empty when there is no catalog. Errors: the first unreadable segment, since what it supersedes is unknown.
Result<std::vector<CatalogTable>> open_catalog(const Path& run_folder);

/// Writer and number of strategies of each segment, "w0 68": what metadata.json notes, so that a deleted one is missed.
std::vector<std::string> segment_sizes(std::span<const CatalogTable> tables);

/// Rows of all tables by ordinal, their values in the order of `metric_columns` (the union, first table first).
Result<std::vector<CatalogRow>> read_rows(std::span<const CatalogTable> tables, std::vector<std::string>& metric_columns);

/// A path of signals as a catalog may hold it, "signals/FOLDER/FILE": inside the run, nothing that leads out of it or stands for more than
/// one strategy's folder, text that messages can show.
bool is_signals_path(std::string_view path);
/// "w0-12.arrow" -> {"w0", 12}; number −1 for other names.
std::pair<std::string, int> split_segment_name(std::string_view name);
/// Path of the checksum list of a catalog segment.
Path checksum_file(const Path& segment);
/// `sha256sum` lines of a segment and the data files it commits. Errc::corrupt for malformed lines.
Result<Checksums> read_checksums(const Path& segment);
/// Makes a segment visible: checksum list, then the segment itself, both durable. The rename of the segment is the commit.
Status commit_catalog(const Path& run_folder, const std::string& name, const std::string& bytes, const Checksums& data_files);
/// Removes segments that a live one supersedes, with their checksum lists. Missing files are fine.
void remove_superseded(const Path& run_folder, std::span<const std::string> names);

}  // namespace tradewind::workspace
