// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr int kMaxBlocks = 127;

struct TakenName {
  Path path;
  std::string writer;
  int block;
};

std::vector<TakenName> taken_names(const Path& catalog) {
  std::vector<TakenName> out;
  std::error_code failure;
  for (auto it = std::filesystem::directory_iterator(catalog, failure); !failure && it != std::filesystem::directory_iterator();
       it.increment(failure)) {
    const auto parts = split(it->path().filename().string(), '.');
    if (parts.size() != 3 || parts[2] != "writer") continue;
    const auto block = parse_number(parts[1]);
    if (block && *block >= 0 && *block <= kMaxBlocks) out.push_back({it->path(), parts[0], static_cast<int>(*block)});
  }
  return out;
}

Error cannot(const std::string& action, const Path& path) { return system_error(action, path, errno); }

Result<int> open_locked(const Path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0644);
  if (fd < 0) return cannot("cannot open", path);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const bool busy = errno == EWOULDBLOCK;
  const Error fault = cannot("cannot lock", path);
  ::close(fd);
  if (!busy) return fault;
  return Error(Errc::already_exists, "the run is being written by another process", path.string(),
               "wait for it to finish, or write under another name (--writer NAME)");
}

}  // namespace

Claim::Claim(Claim&& other) noexcept : fd_(std::exchange(other.fd_, -1)), block_(other.block_) {}

Claim& Claim::operator=(Claim&& other) noexcept {
  std::swap(fd_, other.fd_);
  block_ = other.block_;
  return *this;
}

Claim::~Claim() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Claim> Claim::take(const Path& catalog, const std::string& writer, bool may_exist) {
  TRADEWIND_TRY(check_writer(writer));
  TRADEWIND_TRY(make_directories(catalog));
  // Names are given out one at a time, so that two writers starting together get different blocks.
  TRADEWIND_ASSIGN([[maybe_unused]] const Claim turn, Claim::turn(catalog));
  int block = 0;
  const auto names = taken_names(catalog);
  for (const TakenName& name : names) {
    block = std::max(block, name.block + 1);
    if (name.writer != writer) continue;
    if (!may_exist)
      return Error(Errc::already_exists, "writer '" + writer + "' has written to the run before", catalog.parent_path().string(),
                   "go on with it (--resume), choose another --run-id, or write beside it under another name (--writer NAME)");
    TRADEWIND_ASSIGN(const int fd, open_locked(name.path, 0));
    return Claim(fd, name.block);
  }
  if (block > kMaxBlocks)
    return Error(Errc::too_large, "the run has " + std::to_string(block) + " writers already", catalog.parent_path().string(),
                 "write a new run");
  TRADEWIND_ASSIGN(const int fd, open_locked(catalog / (writer + "." + std::to_string(block) + ".writer"), O_CREAT | O_EXCL));
  Claim claim(fd, block);
  TRADEWIND_TRY(sync_path(catalog));
  return claim;
}

std::size_t Claim::count(const Path& catalog) { return taken_names(catalog).size(); }

Result<Claim> Claim::turn(const Path& catalog) {
  const int folder = ::open(catalog.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return cannot("cannot open", catalog);
  Claim turn(folder, 0);
  if (::flock(folder, LOCK_EX) != 0) return cannot("cannot lock", catalog);
  return turn;
}

Result<Claim> Claim::create(const Path& catalog, const std::string& writer) { return take(catalog, writer, false); }
Result<Claim> Claim::resume(const Path& catalog, const std::string& writer) { return take(catalog, writer, true); }

Result<std::vector<Claim>> Claim::all(const Path& catalog) {
  std::vector<Claim> out;
  const int folder = ::open(catalog.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return cannot("cannot open", catalog);
  out.push_back(Claim(folder, 0));
  if (::flock(folder, LOCK_EX | LOCK_NB) != 0)
    return Error(Errc::already_exists, "the run is being changed by another process", catalog.parent_path().string(),
                 "wait for it to finish");
  for (const TakenName& name : taken_names(catalog)) {
    TRADEWIND_ASSIGN(const int fd, open_locked(name.path, 0));
    out.push_back(Claim(fd, name.block));
  }
  return out;
}

}  // namespace tradewind::workspace
