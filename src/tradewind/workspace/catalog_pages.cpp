// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/catalog_pages_internal.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "tradewind/base/rot_hash.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::workspace {
namespace {

/// Small enough that showing twenty rows of forty columns reads little, large enough that the checksums are few.
constexpr std::size_t kPage = std::size_t{1} << 14;
constexpr std::size_t kDigits = 16;
constexpr std::string_view kFrameMark = "rot_hash:";

std::string hexadecimal(std::uint64_t value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out(kDigits, '0');
  for (std::size_t i = 0; i < kDigits; ++i) out[i] = kHex[(value >> (60 - 4 * i)) & 15];
  return out;
}

std::size_t pages_of(std::size_t bytes) { return (bytes + kPage - 1) / kPage; }

std::vector<std::string_view> buffers_of(const arrow::ArrayData& data) {
  std::vector<std::string_view> out;
  for (const auto& buffer : data.buffers)
    out.push_back(buffer ? std::string_view(reinterpret_cast<const char*>(buffer->data()), static_cast<std::size_t>(buffer->size()))
                         : std::string_view());
  return out;
}

template <class Body>
void for_each_buffer(const arrow::RecordBatch& batch, Body&& body) {
  for (int c = 0; c < batch.num_columns(); ++c) {
    const auto& data = *batch.column_data(c);
    for (const std::string_view bytes : buffers_of(data)) body(c, false, bytes);
    if (data.dictionary)
      for (const std::string_view bytes : buffers_of(*data.dictionary)) body(c, true, bytes);
  }
}

/// The file without its pages: what is before the first and behind the last one, with the checksum's own digits blank.
std::string frame_of(std::string_view file, const arrow::RecordBatch& batch, std::string_view value) {
  std::size_t first = file.size();
  std::size_t last = 0;
  for_each_buffer(batch, [&](int, bool, std::string_view bytes) {
    if (bytes.empty() || bytes.data() < file.data() || bytes.data() + bytes.size() > file.data() + file.size()) return;
    const auto at = static_cast<std::size_t>(bytes.data() - file.data());
    first = std::min(first, at);
    last = std::max(last, at + bytes.size());
  });
  std::string frame(file.substr(0, first));
  frame += file.substr(std::min(std::max(first, last), file.size()));
  const std::string blank = blank_frame();
  for (auto at = frame.find(value); at != std::string::npos; at = frame.find(value, at + blank.size()))
    frame.replace(at, blank.size(), blank);
  return frame;
}

std::int64_t nanos(const timespec& time) { return time.tv_sec * kNanosPerSecond + time.tv_nsec; }

/// What was compared of a file in this state earlier in the process. One that changed just now may change again within the same tick of
/// the file system's clock, unnoticed: nothing is remembered of it yet.
std::shared_ptr<PagesSeen> seen_before(const FileState& state, std::size_t pages) {
  constexpr std::int64_t kTick = 100'000'000;
  constexpr std::size_t kMostFiles = 4096;
  static std::mutex guard;
  static std::map<FileState, std::shared_ptr<PagesSeen>> all;
  if (system_clock().now() - state.changed < kTick) return std::make_shared<PagesSeen>(pages);
  const std::lock_guard lock(guard);
  if (all.size() >= kMostFiles) all.clear();
  std::shared_ptr<PagesSeen>& seen = all[state];
  if (!seen || seen->size() != pages) seen = std::make_shared<PagesSeen>(pages);
  return seen;
}

Error rotten(const Path& file) {
  return {Errc::corrupt, "catalog segment: its bytes are not what was written", file.string(),
          "`tradewind reindex RUN` rebuilds the catalog from the signal files"};
}

}  // namespace

std::string blank_frame() { return std::string(kFrameMark) + std::string(kDigits, '0'); }

std::string page_sums(const arrow::RecordBatch& batch) {
  std::string out;
  for_each_buffer(batch, [&](int, bool, std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += kPage) out += hexadecimal(rot_hash(bytes.substr(at, kPage)));
  });
  return out;
}

void seal_frame(std::string& file, const arrow::RecordBatch& batch_in_file) {
  const std::string blank = blank_frame();
  const std::string sum = std::string(kFrameMark) + hexadecimal(rot_hash(frame_of(file, batch_in_file, blank)));
  for (auto at = file.find(blank); at != std::string::npos; at = file.find(blank, at + sum.size())) file.replace(at, sum.size(), sum);
}

std::optional<FileState> state_of(const Path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  return FileState{
      {found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size), static_cast<std::uint64_t>(nanos(found.st_mtim))},
      nanos(found.st_ctim)};
}

Result<CatalogPages> CatalogPages::open(const arrow::RecordBatch& batch, std::string_view bytes, const Path& file,
                                        const std::optional<FileState>& before) {
  CatalogPages out;
  out.file_ = file;
  const auto metadata = batch.schema()->metadata();
  const auto sums = metadata ? metadata->Get(kPagesKey) : arrow::Result<std::string>(arrow::Status::KeyError(kPagesKey));
  const auto frame = metadata ? metadata->Get(kFrameKey) : arrow::Result<std::string>(arrow::Status::KeyError(kFrameKey));
  if (!sums.ok() && !frame.ok()) return out;  // written by an older version
  if (!sums.ok() || !frame.ok() || frame->size() != blank_frame().size() || !frame->starts_with(kFrameMark)) return rotten(file);
  if (hexadecimal(rot_hash(frame_of(bytes, batch, *frame))) != frame->substr(kFrameMark.size())) return rotten(file);
  out.sums_ = *sums;
  out.columns_.resize(static_cast<std::size_t>(batch.num_columns()));
  std::size_t next = 0;
  for_each_buffer(batch, [&](int c, bool dictionary, std::string_view buffer) {
    Column& column = out.columns_[static_cast<std::size_t>(c)];
    (dictionary ? column.dictionary : column.own).push_back({buffer, next});
    next += pages_of(buffer.size());
  });
  for (int c = 0; c < batch.num_columns(); ++c) {
    const auto id = batch.column_data(c)->type->id();
    out.columns_[static_cast<std::size_t>(c)].width = id == arrow::Type::STRING                                   ? 0
                                                      : id == arrow::Type::INT32 || id == arrow::Type::DICTIONARY ? 4
                                                                                                                  : 8;
  }
  if (next * kDigits != out.sums_.size()) return rotten(file);
  const auto now = before ? state_of(file) : std::nullopt;
  out.seen_ = now && now == before ? seen_before(*now, next) : std::make_shared<PagesSeen>(next);
  return out;
}

Status CatalogPages::check(const Buffer& buffer, std::size_t begin, std::size_t end) {
  end = std::min(end, buffer.bytes.size());
  for (std::size_t page = begin / kPage; page * kPage < end; ++page) {
    if ((*seen_)[buffer.first + page].load(std::memory_order_relaxed)) continue;
    const auto wanted = std::string_view(sums_).substr((buffer.first + page) * kDigits, kDigits);
    if (hexadecimal(rot_hash(buffer.bytes.substr(page * kPage, kPage))) != wanted) return rotten(file_);
    (*seen_)[buffer.first + page].store(true, std::memory_order_relaxed);
  }
  return {};
}

Status CatalogPages::check_column(int column) {
  if (columns_.empty() || column < 0) return {};
  for (const auto* part : {&columns_[static_cast<std::size_t>(column)].own, &columns_[static_cast<std::size_t>(column)].dictionary})
    for (const Buffer& buffer : *part) TRADEWIND_TRY(check(buffer, 0, buffer.bytes.size()));
  return {};
}

Status CatalogPages::check_all() {
  for (std::size_t c = 0; c < columns_.size(); ++c) TRADEWIND_TRY(check_column(static_cast<int>(c)));
  return {};
}

Status CatalogPages::check_cell(int column, std::int64_t row) {
  if (columns_.empty() || column < 0) return {};
  const Column& c = columns_[static_cast<std::size_t>(column)];
  const auto at = static_cast<std::size_t>(row);
  for (const Buffer& buffer : c.dictionary) TRADEWIND_TRY(check(buffer, 0, buffer.bytes.size()));
  if (!c.own.empty()) TRADEWIND_TRY(check(c.own[0], at / 8, at / 8 + 1));
  if (c.own.size() < 2) return {};
  const auto width = static_cast<std::size_t>(c.width == 0 ? 4 : c.width);
  TRADEWIND_TRY(check(c.own[1], at * width, (at + (c.width == 0 ? 2 : 1)) * width));
  if (c.width != 0 || c.own.size() < 3) return {};
  if ((at + 2) * width > c.own[1].bytes.size()) return rotten(file_);
  std::int32_t ends[2] = {};
  std::memcpy(ends, c.own[1].bytes.data() + at * width, sizeof ends);
  if (ends[0] < 0 || ends[1] < ends[0]) return rotten(file_);
  return check(c.own[2], static_cast<std::size_t>(ends[0]), static_cast<std::size_t>(ends[1]));
}

}  // namespace tradewind::workspace
