// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <zlib.h>

#include "tradewind/base/expansion.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/market/input_internal.hpp"
#include "tradewind/market/zip_internal.hpp"

namespace tradewind::market {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18;

struct Packer {
  std::string_view magic;
  std::string_view name;
  std::string_view tool;
};
constexpr Packer kOtherPackers[] = {{"BZh", "bzip2", "bunzip2"},
                                    {std::string_view("\xfd"
                                                      "7zXZ\0",
                                                      6),
                                     "xz", "unxz"},
                                    {"\x28\xb5\x2f\xfd", "Zstandard", "unzstd"},
                                    {"7z\xbc\xaf\x27\x1c", "7-Zip", "7z x"},
                                    {"FEA1", "Feather version 1", "pandas: read_feather and to_parquet"}};

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

struct ByteSource::State {
  Path path;
  std::unique_ptr<std::FILE, FileCloser> file;
  Sha256 hash;
  bool packed = false;
  bool zip = false;
  std::uint64_t left = UINT64_MAX;  ///< raw bytes of the file in a zip archive that were not handed out yet
  bool stream_open = false;
  bool stream_started = false;  ///< inside a gzip member, or the file of a zip archive
  z_stream stream{};
  std::vector<char> raw;  ///< bytes read and hashed, not yet handed out
  std::size_t raw_begin = 0;
  std::size_t raw_end = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t decoded_bytes = 0;

  ~State() {
    if (stream_open) inflateEnd(&stream);
  }

  const char* name() const noexcept { return zip ? "zip" : "gzip"; }
  Status inflate_with(int window_bits) {
    if (inflateInit2(&stream, window_bits) != Z_OK) return Error(Errc::internal, "zlib does not start", path.string());
    stream_open = true;
    return {};
  }

  /// Reads the next raw chunk; false at the end.
  Result<bool> fill() {
    raw_begin = 0;
    raw_end = std::fread(raw.data(), 1, raw.size(), file.get());
    if (raw_end == 0 && std::ferror(file.get()) != 0)
      return Error(Errc::storage, std::string("cannot read: ") + std::strerror(errno), path.string());
    hash.update(std::string_view(raw.data(), raw_end));
    raw_bytes += raw_end;
    return raw_end > 0;
  }
};

ByteSource::ByteSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteSource::~ByteSource() = default;

Result<std::unique_ptr<ByteSource>> ByteSource::open(const Path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Error(Errc::usage, "this is a folder, not a file", path.string(), "name one of the files in it");
  auto state = std::make_unique<State>();
  state->path = path;
  state->file.reset(std::fopen(path.c_str(), "rbe"));
  if (!state->file) {
    const Errc code = errno == ENOENT ? Errc::not_found : Errc::storage;
    return Error(code, std::string("cannot open: ") + std::strerror(errno), path.string());
  }
  state->raw.resize(kChunk);
  TRADEWIND_TRY(state->fill());
  const std::string_view begin(state->raw.data(), state->raw_end);
  for (const auto& [magic, name, tool] : kOtherPackers)
    if (begin.starts_with(magic) && (magic != "BZh" || begin.substr(std::min<std::size_t>(4, begin.size())).starts_with("1AY&SY")))
      return Error(Errc::invalid_data, fmt::format("the file is packed with {}, which is not read here", name), path.string(),
                   fmt::format("unpack it first, e.g. with {}", tool));
  state->packed = begin.starts_with("\x1f\x8b");
  // 15 window bits, +16: gzip framing only.
  if (state->packed) TRADEWIND_TRY(state->inflate_with(15 + 16));
  std::unique_ptr<ByteSource> source(new ByteSource(std::move(state)));
  if (begin.starts_with("PK\x03\x04")) TRADEWIND_TRY(source->open_zip());
  return source;
}

/// Goes to the bytes of the only file of a zip archive.
Status ByteSource::open_zip() {
  State& s = *state_;
  TRADEWIND_ASSIGN(const ZipEntry entry, only_file_of_zip(s.path));
  std::uint64_t passed = 0;
  while (passed + s.raw_end <= entry.begin) {
    passed += s.raw_end;
    TRADEWIND_ASSIGN(const bool any, s.fill());
    if (!any) return Error(Errc::invalid_data, "damaged zip archive: it is cut off", s.path.string());
  }
  s.raw_begin = static_cast<std::size_t>(entry.begin - passed);
  s.zip = true;
  s.left = entry.size;
  s.packed = entry.deflated;
  s.stream_started = true;
  return s.packed ? s.inflate_with(-15) : Status();
}

/// Makes raw bytes ready to be handed out; false when there are no more.
Result<bool> ByteSource::fill() {
  State& s = *state_;
  if (s.left == 0) return false;
  if (s.raw_begin < s.raw_end) return true;
  return s.fill();
}

Result<std::size_t> ByteSource::read(char* out, std::size_t capacity) {
  return state_->packed ? read_packed(out, capacity) : read_raw(out, capacity);
}

Result<std::size_t> ByteSource::read_raw(char* out, std::size_t capacity) {
  State& s = *state_;
  TRADEWIND_ASSIGN(const bool any, fill());
  if (!any) return std::size_t{0};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({capacity, s.raw_end - s.raw_begin, s.left}));
  std::memcpy(out, s.raw.data() + s.raw_begin, count);
  s.raw_begin += count;
  if (s.zip) s.left -= count;
  return count;
}

Result<std::size_t> ByteSource::read_packed(char* out, std::size_t capacity) {
  State& s = *state_;
  s.stream.next_out = reinterpret_cast<Bytef*>(out);
  s.stream.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, std::size_t{1} << 30));
  const uInt room = s.stream.avail_out;
  while (s.stream.avail_out == room) {
    if (s.zip && !s.stream_started) break;
    TRADEWIND_ASSIGN(const bool any, fill());
    if (!any && !s.stream_started) return std::size_t{0};
    if (!any) return Error(Errc::invalid_data, fmt::format("the {} data ends too early: the file is cut off", s.name()), s.path.string());
    s.stream_started = true;
    const auto given = static_cast<std::size_t>(std::min<std::uint64_t>(s.raw_end - s.raw_begin, s.left));
    s.stream.next_in = reinterpret_cast<Bytef*>(s.raw.data() + s.raw_begin);
    s.stream.avail_in = static_cast<uInt>(given);
    const int code = inflate(&s.stream, Z_NO_FLUSH);
    const std::size_t used = given - s.stream.avail_in;
    s.raw_begin += used;
    if (s.zip) s.left -= used;
    if (code == Z_STREAM_END) {
      inflateReset(&s.stream);  // another member of a gzip file may follow
      s.stream_started = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return Error(Errc::invalid_data, fmt::format("damaged {} data after {} bytes", s.name(), s.decoded_bytes), s.path.string());
    }
  }
  const std::size_t count = room - s.stream.avail_out;
  s.decoded_bytes += count;
  if (const Expansion expansion(s.path, s.raw_bytes); s.decoded_bytes > expansion.allowed()) return expansion.refusal();
  return count;
}

Result<std::string> ByteSource::sha256() {
  for (;;) {
    TRADEWIND_ASSIGN(const bool any, state_->fill());
    if (!any) return state_->hash.hex();
  }
}

LineReader::LineReader(ByteSource& source) : source_(&source), buffer_(kLongestLine + kChunk) {}

bool LineReader::refill() {
  if (at_end_ || !status_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    buffer_offset_ += begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  const auto got = source_->read(buffer_.data() + end_, buffer_.size() - end_);
  if (!got) {
    status_ = Error(got.error());
    return false;
  }
  at_end_ = *got == 0;
  end_ += *got;
  return *got > 0;
}

bool LineReader::skip_to_line_end() {
  for (;;) {
    if (const void* found = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_)) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
      return true;
    }
    begin_ = end_;
    if (!refill()) return false;
  }
}

bool LineReader::next(std::string_view& line) {
  if (overlong_) {
    overlong_ = false;
    if (!skip_to_line_end()) return false;
  }
  std::size_t searched = 0;
  for (;;) {
    const char* first = buffer_.data() + begin_;
    if (const void* found = std::memchr(first + searched, '\n', end_ - begin_ - searched)) {
      line = {first, static_cast<std::size_t>(static_cast<const char*>(found) - first)};
      terminated_ = true;
      break;
    }
    searched = end_ - begin_;
    if (searched >= kLongestLine) {
      line = {first, searched};
      overlong_ = true;
      break;
    }
    if (refill()) continue;
    if (!status_ || searched == 0) return false;
    line = {buffer_.data() + begin_, searched};
    terminated_ = false;
    break;
  }
  line_offset_ = buffer_offset_ + begin_;
  begin_ += line.size() + (overlong_ || !terminated_ ? 0 : 1);
  if (!overlong_ && !line.empty() && line.back() == '\r') line.remove_suffix(1);
  ++number_;
  return true;
}

}  // namespace tradewind::market
