// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <zlib.h>

#include "tradewind/base/expansion.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/market/input_internal.hpp"

namespace tradewind::market {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18;

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

struct ByteSource::State {
  Path path;
  std::unique_ptr<std::FILE, FileCloser> file;
  Sha256 hash;
  bool gzip = false;
  bool stream_open = false;
  bool stream_started = false;  ///< inside a gzip member
  z_stream stream{};
  std::vector<char> raw;  ///< bytes read and hashed, not yet handed out
  std::size_t raw_begin = 0;
  std::size_t raw_end = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t decoded_bytes = 0;

  ~State() {
    if (stream_open) inflateEnd(&stream);
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
  if (std::filesystem::is_directory(path, ignored)) return Error(Errc::usage, "this is a folder, not a file", path.string());
  auto state = std::make_unique<State>();
  state->path = path;
  state->file.reset(std::fopen(path.c_str(), "rbe"));
  if (!state->file) {
    const Errc code = errno == ENOENT ? Errc::not_found : Errc::storage;
    return Error(code, std::string("cannot open: ") + std::strerror(errno), path.string());
  }
  state->raw.resize(kChunk);
  TRADEWIND_ASSIGN(const bool any, state->fill());
  if (any && state->raw_end >= 2 && state->raw[0] == '\x1f' && state->raw[1] == '\x8b') {
    state->gzip = true;
    // 15 window bits, +16: gzip framing only.
    if (inflateInit2(&state->stream, 15 + 16) != Z_OK) return Error(Errc::internal, "zlib does not start", path.string());
    state->stream_open = true;
  }
  return std::unique_ptr<ByteSource>(new ByteSource(std::move(state)));
}

Result<std::size_t> ByteSource::read(char* out, std::size_t capacity) {
  return state_->gzip ? read_gzip(out, capacity) : read_raw(out, capacity);
}

Result<std::size_t> ByteSource::read_raw(char* out, std::size_t capacity) {
  State& s = *state_;
  if (s.raw_begin == s.raw_end) {
    TRADEWIND_ASSIGN(const bool any, s.fill());
    if (!any) return std::size_t{0};
  }
  const std::size_t count = std::min(capacity, s.raw_end - s.raw_begin);
  std::memcpy(out, s.raw.data() + s.raw_begin, count);
  s.raw_begin += count;
  return count;
}

Result<std::size_t> ByteSource::read_gzip(char* out, std::size_t capacity) {
  State& s = *state_;
  s.stream.next_out = reinterpret_cast<Bytef*>(out);
  s.stream.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, std::size_t{1} << 30));
  const uInt room = s.stream.avail_out;
  while (s.stream.avail_out == room) {
    if (s.raw_begin == s.raw_end) {
      TRADEWIND_ASSIGN(const bool any, s.fill());
      if (!any && !s.stream_started) return std::size_t{0};
      if (!any) return Error(Errc::invalid_data, "the gzip data ends too early: the file is cut off", s.path.string());
    }
    s.stream_started = true;
    s.stream.next_in = reinterpret_cast<Bytef*>(s.raw.data() + s.raw_begin);
    s.stream.avail_in = static_cast<uInt>(s.raw_end - s.raw_begin);
    const int code = inflate(&s.stream, Z_NO_FLUSH);
    s.raw_begin = s.raw_end - s.stream.avail_in;
    if (code == Z_STREAM_END) {
      inflateReset(&s.stream);  // another member may follow
      s.stream_started = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return Error(Errc::invalid_data, "damaged gzip data after " + std::to_string(s.decoded_bytes) + " bytes", s.path.string());
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
