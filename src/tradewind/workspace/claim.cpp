// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

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

/// What a claim's file holds: batches of a count, as many keys and a checksum of them. False when it ends in something else.
bool read_keys(std::string_view bytes, std::vector<std::uint64_t>& keys) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  while (!bytes.empty()) {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    if (bytes.size() < 2 * kWord) return false;
    std::memcpy(&count, bytes.data(), kWord);
    if (count > bytes.size() / kWord - 2) return false;
    const std::string_view batch = bytes.substr(0, (count + 1) * kWord);
    std::memcpy(&sum, bytes.data() + batch.size(), kWord);
    if (sum != strategy_key(batch)) return false;
    keys.resize(keys.size() + count);
    if (count > 0) std::memcpy(keys.data() + keys.size() - count, bytes.data() + kWord, count * kWord);
    bytes.remove_prefix(batch.size() + kWord);
  }
  return true;
}

/// Errc::already_exists when one of the strategies is another writer's.
Status check_free(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies) {
  if (strategies.empty()) return {};
  std::vector<std::uint64_t> mine;
  for (const TakenName& name : taken_names(catalog)) {
    if (name.writer == writer) continue;
    TRADEWIND_ASSIGN(const std::string held, read_file(name.path));
    // What a damaged claim still shows counts; what its writer has committed is looked at in the catalog.
    std::vector<std::uint64_t> theirs;
    static_cast<void>(read_keys(held, theirs));
    if (mine.empty()) {
      mine.assign(strategies.begin(), strategies.end());
      std::sort(mine.begin(), mine.end());
    }
    const auto common =
        std::count_if(theirs.begin(), theirs.end(), [&](std::uint64_t key) { return std::binary_search(mine.begin(), mine.end(), key); });
    if (common > 0)
      return Error(Errc::already_exists,
                   std::to_string(common) + " of " + std::to_string(mine.size()) + " strategies belong to writer '" + name.writer +
                       "' of the run already",
                   name.path.string(),
                   "let each writer write strategies of its own, go on with that writer (--writer " + name.writer +
                       " --resume), or choose another --run-id");
  }
  return {};
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

std::uint64_t strategy_key(std::string_view strategy_id) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : strategy_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

Status Claim::append(std::span<const std::uint64_t> strategies, const Path& catalog) const {
  if (strategies.empty()) return {};
  const std::uint64_t count = strategies.size();
  std::string batch(reinterpret_cast<const char*>(&count), sizeof count);
  batch.append(reinterpret_cast<const char*>(strategies.data()), strategies.size_bytes());
  const std::uint64_t sum = strategy_key(batch);
  batch.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  const off_t before = ::lseek(fd_, 0, SEEK_END);
  std::string_view rest = batch;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const Error fault = cannot("cannot write a claim in", catalog);
      static_cast<void>(::ftruncate(fd_, std::max<off_t>(before, 0)));  // no half batch stays
      return fault;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd_) == 0 ? Status() : cannot("cannot sync a claim in", catalog);
}

Status Claim::reserve(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies) {
  if (strategies.empty()) return {};
  TRADEWIND_ASSIGN([[maybe_unused]] const Claim turn, Claim::turn(catalog));
  TRADEWIND_TRY(check_free(catalog, writer, strategies));
  return append(strategies, catalog);
}

Result<Claim> Claim::take(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies, bool may_exist) {
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
    TRADEWIND_TRY(check_free(catalog, writer, strategies));
    TRADEWIND_ASSIGN(const int fd, open_locked(name.path, O_APPEND));
    Claim claim(fd, name.block);
    const auto held = read_file(name.path);
    const bool renew = !strategies.empty() || !held || !intact(*held);
    if (renew && ::ftruncate(fd, 0) != 0) return cannot("cannot renew", name.path);
    TRADEWIND_TRY(claim.append(strategies, catalog));
    return claim;
  }
  if (block > kMaxBlocks)
    return Error(Errc::too_large, "the run has " + std::to_string(block) + " writers already", catalog.parent_path().string(),
                 "write a new run");
  TRADEWIND_TRY(check_free(catalog, writer, strategies));
  TRADEWIND_ASSIGN(const int fd, open_locked(catalog / (writer + "." + std::to_string(block) + ".writer"), O_CREAT | O_EXCL | O_APPEND));
  Claim claim(fd, block);
  TRADEWIND_TRY(claim.append(strategies, catalog));
  TRADEWIND_TRY(sync_path(catalog));
  return claim;
}

bool Claim::intact(std::string_view bytes) {
  std::vector<std::uint64_t> keys;
  return read_keys(bytes, keys);
}

std::size_t Claim::count(const Path& catalog) { return taken_names(catalog).size(); }

Result<Claim> Claim::turn(const Path& catalog) {
  const int folder = ::open(catalog.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return cannot("cannot open", catalog);
  Claim turn(folder, 0);
  if (::flock(folder, LOCK_EX) != 0) return cannot("cannot lock", catalog);
  return turn;
}

Result<Claim> Claim::create(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies) {
  return take(catalog, writer, strategies, false);
}
Result<Claim> Claim::resume(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies) {
  return take(catalog, writer, strategies, true);
}

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
