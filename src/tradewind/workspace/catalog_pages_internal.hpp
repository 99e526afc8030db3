// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"

namespace arrow {
class RecordBatch;
}

namespace tradewind::workspace {

/// By page: whether it was found to be what was written. Several threads may look and note.
using PagesSeen = std::vector<std::atomic<bool>>;

/// Keys of a catalog segment's schema: the checksums of its pages, and that of everything else in the file.
inline constexpr const char* kPagesKey = "tradewind.pages";
inline constexpr const char* kFrameKey = "tradewind.frame";
/// What stands under kFrameKey while the checksum is made.
std::string blank_frame();
/// The checksums of all pages of a batch, as text: 16 hexadecimal digits each.
std::string page_sums(const arrow::RecordBatch& batch);
/// Puts the checksum of all that is no page into an encoded file, where blank_frame() stands.
void seal_frame(std::string& file, const arrow::RecordBatch& batch_in_file);

/// A file as it is now: its place on the disk, size and last change.
struct FileState {
  std::array<std::uint64_t, 4> of_inode{};
  std::int64_t changed = 0;  ///< nanoseconds since 1970
  auto operator<=>(const FileState&) const = default;
};
/// nullopt for a file that is not there.
std::optional<FileState> state_of(const Path& file);

/// Compares what is read of a segment with the checksums it carries, page by page. A page is compared once in the process while the file
/// stays what it is, however often it is opened: a scan after a scan costs what it cost without checksums. Segments without checksums
/// (older versions) pass.
class CatalogPages {
 public:
  /// Errc::corrupt when the checksums do not fit the batch, or the frame is not what was written. `bytes` is the whole file, `before` its
  /// state before it was opened; without one, nothing is remembered.
  static Result<CatalogPages> open(const arrow::RecordBatch& batch, std::string_view bytes, const Path& file,
                                   const std::optional<FileState>& before);

  Status check_all();
  Status check_column(int column);
  /// What one cell is made of.
  Status check_cell(int column, std::int64_t row);

 private:
  /// A buffer of a column: where its pages' checksums begin.
  struct Buffer {
    std::string_view bytes;
    std::size_t first = 0;
  };
  struct Column {
    std::vector<Buffer> own;         ///< validity, values or offsets, text
    std::vector<Buffer> dictionary;  ///< of its words
    int width = 0;                   ///< bytes of a value; 0: text by offsets
  };
  Status check(const Buffer& buffer, std::size_t begin, std::size_t end);

  Path file_;
  std::vector<Column> columns_;
  std::string sums_;
  std::shared_ptr<PagesSeen> seen_;
};

}  // namespace tradewind::workspace
