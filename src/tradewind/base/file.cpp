// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace tradewind {

Error system_error(std::string_view action, const Path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "free some disk space and run the command again; what was finished before is kept";
  if (code == ELOOP) hint = "a symbolic link stands where a file is to be written; remove it";
  if (code == EFBIG) hint = "the limit on the size of files (ulimit -f) is reached; raise it and run the command again";
  if (code == EACCES || code == EPERM) hint = "check the permissions of the file and its folder";
  if (code == EROFS) hint = "the file system is mounted read-only; name a place elsewhere";
  if (code == EISDIR) hint = "a folder has that name; name a file";
  if (code == ENOTDIR || code == EEXIST) hint = "a file stands where a folder is to be";
  const Errc kind = code == ENOENT ? Errc::not_found : Errc::storage;
  return {kind, std::string(action) + ": " + std::strerror(code), path.string(), hint};
}

namespace {

Error system_error(std::string_view action, const Path& path) { return tradewind::system_error(action, path, errno); }

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  /// Closes and reports: on some file systems a write error shows only here.
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

Path temporary_name(const Path& path) { return path.string() + ".tmp"; }

}  // namespace

bool is_there(const Path& path) noexcept {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Result<std::string> read_file(const Path& path, std::uintmax_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error("cannot open", path);
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  if (!ignored && size > limit)
    return Error(Errc::too_large, "file of " + std::to_string(size) + " bytes, at most " + std::to_string(limit) + " are read",
                 path.string());
  std::string bytes;
  bytes.resize(ignored ? 0 : static_cast<std::size_t>(size) + 1);
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) {
      if (used > limit) return Error(Errc::too_large, "more than " + std::to_string(limit) + " bytes", path.string());
      bytes.resize(std::max<std::size_t>(bytes.size() * 2, 65536));
    }
    const ssize_t got = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", path);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

Status stage_file(const Path& path, std::string_view bytes, bool sync) {
  const Path temporary = temporary_name(path);
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file.get() < 0 && errno == ENOENT) return system_error("cannot create", path).with_hint("its folder is not there: make it first");
  if (file.get() < 0) return system_error("cannot create", temporary);
  const auto fail = [&](std::string_view action) {
    const Error error = system_error(action, temporary);
    ::unlink(temporary.c_str());
    return error;
  };
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail("cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (sync && ::fsync(file.get()) != 0) return fail("cannot sync");
  if (!file.close()) return fail("cannot close");
  return {};
}

Status commit_file(const Path& path) {
  if (::rename(temporary_name(path).c_str(), path.c_str()) != 0) return system_error("cannot rename to", path);
  return sync_path(path.parent_path().empty() ? Path(".") : path.parent_path());
}

Status write_file_durable(const Path& path, std::string_view bytes) {
  TRADEWIND_TRY(stage_file(path, bytes));
  const Status committed = commit_file(path);
  if (!committed) ::unlink(temporary_name(path).c_str());  // still there when the rename was refused
  return committed;
}

Status sync_path(const Path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error("cannot open", path);
  if (::fsync(file.get()) != 0) return system_error("cannot sync", path);
  return {};
}

Status sync_file_system(const Path& folder) {
  Descriptor file(::open(folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error("cannot open", folder);
  if (::syncfs(file.get()) != 0) return system_error("cannot sync the file system of", folder);
  return {};
}

Status make_directories(const Path& path) {
  std::error_code failure;
  if (path.empty() || std::filesystem::is_directory(path, failure)) return {};
  const Path parent = path.parent_path();
  if (!parent.empty() && parent != path) TRADEWIND_TRY(make_directories(parent));
  std::filesystem::create_directory(path, failure);
  if (failure) return system_error("cannot create the folder", path, failure.value());
  return sync_path(parent.empty() ? Path(".") : parent);
}

}  // namespace tradewind
