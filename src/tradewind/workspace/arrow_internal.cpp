// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/arrow_internal.hpp"

#include <cerrno>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <parquet/exception.h>
#include <unistd.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr std::size_t kLongestReason = 300;  // the library quotes what it could not read

Error os_error(const std::string& action, const Path& path) { return tradewind::system_error(action, path, errno); }

}  // namespace

HashedFile::HashedFile(Path path, int fd) : path_(std::move(path)), fd_(fd) { buffer_.reserve(kBuffer); }

Result<std::shared_ptr<HashedFile>> HashedFile::open(const Path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return os_error("cannot create", path);
  return std::shared_ptr<HashedFile>(new HashedFile(path, fd));
}

HashedFile::~HashedFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!kept_) ::unlink(path_.c_str());
}

arrow::Status HashedFile::drain() {
  hash_.update(buffer_);
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return arrow::Status::IOError("cannot write: ", std::strerror(errno));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  // The disk works while the next pages are encoded, so that the final fsync has little left to do.
  if (position_ - started_ >= std::int64_t{1} << 20) {
    ::sync_file_range(fd_, started_, position_ - started_, SYNC_FILE_RANGE_WRITE);
    started_ = position_;
  }
  return arrow::Status::OK();
}

arrow::Status HashedFile::Write(const void* data, std::int64_t bytes) {
  if (fd_ < 0) return arrow::Status::IOError("the file is closed");
  buffer_.append(static_cast<const char*>(data), static_cast<std::size_t>(bytes));
  position_ += bytes;
  return buffer_.size() >= kBuffer ? drain() : arrow::Status::OK();
}

arrow::Status HashedFile::Close() { return arrow::Status::OK(); }  // the Parquet writer closes; keep() decides

Result<std::string> HashedFile::keep(bool sync) {
  if (const auto drained = drain(); !drained.ok()) return from_arrow(drained, path_, Errc::storage);
  if (sync && ::fsync(fd_) != 0) return os_error("cannot sync", path_);
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) return os_error("cannot close", path_);
  kept_ = true;
  return hash_.hex();
}

Error from_arrow(const arrow::Status& status, const Path& path, Errc otherwise) {
  if (status.IsOutOfMemory() && status.message().find("unpacks to more than") != std::string::npos) return Expansion::of(path).refusal();
  const std::string why = printable(status.message(), kLongestReason);
  for (const int code : {ENOSPC, EDQUOT, EFBIG})
    if (status.message().find(std::strerror(code)) != std::string::npos)
      return {Errc::storage, why, path.string(), tradewind::system_error("", path, code).hint()};
  if (status.message().find("launch worker thread") != std::string::npos) return no_thread_error();  // the file is not to blame
  return {status.IsOutOfMemory() ? Errc::storage : otherwise, why, path.string()};
}

Error from_exception(const std::exception& fault, const Path& path, Errc otherwise) {
  if (const auto* known = dynamic_cast<const parquet::ParquetStatusException*>(&fault)) return from_arrow(known->status(), path, otherwise);
  return {otherwise,
          dynamic_cast<const std::bad_alloc*>(&fault) != nullptr ? "asks for more memory than there is"
                                                                 : printable(fault.what(), kLongestReason),
          path.string()};
}

}  // namespace tradewind::workspace
