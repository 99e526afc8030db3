// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"

namespace tradewind::market {

/// The decoded bytes of a plain or gzip file, or of the only file in a zip archive (told by the first bytes, not the name). Hashes the raw
/// bytes as they pass.
class ByteSource {
 public:
  static Result<std::unique_ptr<ByteSource>> open(const Path& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills up to `capacity` bytes; 0 at the end. Refuses packed data that expands beyond reason.
  Result<std::size_t> read(char* out, std::size_t capacity);
  /// SHA-256 of the whole file as stored; reads what was not read yet.
  Result<std::string> sha256();

 private:
  struct State;
  explicit ByteSource(std::unique_ptr<State> state);
  Result<std::size_t> read_raw(char* out, std::size_t capacity);
  Result<std::size_t> read_packed(char* out, std::size_t capacity);
  Status open_zip();
  Result<bool> fill();
  std::unique_ptr<State> state_;
};

/// Lines of a text file in bounded memory: a line above kLongestLine is cut and marked overlong.
class LineReader {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{1} << 20;

  explicit LineReader(ByteSource& source);
  /// The next line without its end (LF or CRLF), valid until the next call; false at the end or on a failure (see status).
  bool next(std::string_view& line);
  /// The failure that ended the reading, if any.
  const Status& status() const noexcept { return status_; }
  /// 1-based number of the last line.
  std::int64_t number() const noexcept { return number_; }
  /// Offset of the last line's first byte in the decoded file.
  std::uint64_t offset() const noexcept { return line_offset_; }
  /// Whether the last line ended with a line feed.
  bool terminated() const noexcept { return terminated_; }
  bool overlong() const noexcept { return overlong_; }

 private:
  bool refill();
  bool skip_to_line_end();

  ByteSource* source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t buffer_offset_ = 0;  ///< decoded offset of buffer_[0]
  std::uint64_t line_offset_ = 0;
  std::int64_t number_ = 0;
  bool at_end_ = false;
  bool terminated_ = true;
  bool overlong_ = false;
  Status status_;
};

}  // namespace tradewind::market
