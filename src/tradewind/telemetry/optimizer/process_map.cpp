// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/process_map.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <optional>

#include <fmt/format.h>

#include "tradewind/base/guard.hpp"

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kMostWorkers = 256;
constexpr std::uint64_t kNone = static_cast<std::uint64_t>(-1);

/// What workers and parent see together.
struct Shared {
  std::atomic<std::uint64_t> next{0};
  std::array<std::atomic<std::uint64_t>, kMostWorkers> current;  ///< the item each worker is at
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
};

enum class Kind : std::uint32_t { value, error, finished };

/// Before the bytes of each message in a pipe.
struct Head {
  Kind kind;
  std::int32_t code;  ///< of an error
  std::uint64_t item;
  std::uint64_t bytes;
};

void write_all(int pipe, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = ::write(pipe, at, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) ::_exit(1);
    at += put;
    size -= static_cast<std::size_t>(put);
  }
}

void write_message(int pipe, Kind kind, Errc code, std::uint64_t item, std::string_view bytes) {
  const Head head{kind, static_cast<std::int32_t>(code), item, bytes.size()};
  write_all(pipe, &head, sizeof head);
  write_all(pipe, bytes.data(), bytes.size());
}

[[noreturn]] void be_worker(int pipe, Shared& shared, std::size_t worker, std::size_t count,
                            const std::function<Result<std::string>(std::size_t)>& task) {
  for (std::uint64_t item = 0; (item = shared.next.fetch_add(1)) < count;) {
    shared.current[worker] = item;
    const Result<std::string> out = guarded([&] { return task(item); });
    if (out)
      write_message(pipe, Kind::value, Errc::internal, item, *out);
    else
      write_message(pipe, Kind::error, out.error().code(), item, out.error().message());
    shared.current[worker] = kNone;
  }
  write_message(pipe, Kind::finished, Errc::internal, 0, {});
  ::_exit(0);  // no destructors, no buffers of the parent written twice
}

struct Worker {
  pid_t process = -1;
  int pipe = -1;
  std::string received;
  bool finished = false;
};

class ProcessMap {
 public:
  ProcessMap(std::size_t count, const ProcessOptions& options) : count_(count), options_(options), results_(count) {}
  ProcessMap(const ProcessMap&) = delete;
  ProcessMap& operator=(const ProcessMap&) = delete;
  ~ProcessMap() {
    for (Worker& each : workers_) {
      if (!each.finished) ::kill(each.process, SIGKILL);
      ::close(each.pipe);
      while (::waitpid(each.process, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
  }

  Status start(const std::function<Result<std::string>(std::size_t)>& task) {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return system_error("no shared memory for processes");
    shared_ = new (memory) Shared;
    for (auto& each : shared_->current) each = kNone;
    const auto wanted = static_cast<std::size_t>(std::max(1, options_.workers));
    const std::size_t workers = std::min({wanted, count_, kMostWorkers});
    for (std::size_t i = 0; i < workers; ++i) TRADEWIND_TRY(fork_worker(i, task));
    return {};
  }

  Result<std::vector<std::string>> gather() {
    const auto deadline = std::chrono::steady_clock::now() +
                          std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(options_.most_seconds));
    while (std::any_of(workers_.begin(), workers_.end(), [](const Worker& each) { return !each.finished; })) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      if (left <= 0) return late();
      std::vector<pollfd> watched;
      for (const Worker& each : workers_) watched.push_back({each.finished ? -1 : each.pipe, POLLIN, 0});
      ::poll(watched.data(), watched.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000)));
      for (std::size_t i = 0; i < workers_.size(); ++i)
        if (watched[i].revents != 0) TRADEWIND_TRY(receive(i));
    }
    return std::move(results_);
  }

 private:
  static Error system_error(std::string_view what) { return {Errc::storage, fmt::format("{}: {}", what, std::strerror(errno))}; }

  /// One at a time in the whole program, so that no process keeps the writing end of another's pipe.
  Status fork_worker(std::size_t index, const std::function<Result<std::string>(std::size_t)>& task) {
    static std::mutex forking;
    const std::lock_guard lock(forking);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("no pipe to a process");
    const pid_t process = ::fork();
    if (process == 0) {
      ::close(ends[0]);
      be_worker(ends[1], *shared_, index, count_, task);
    }
    ::close(ends[1]);
    if (process < 0) {
      const Error error = system_error("no process");
      ::close(ends[0]);
      return error;
    }
    workers_.push_back({process, ends[0], {}, false});
    return {};
  }

  Status receive(std::size_t index) {
    Worker& worker = workers_[index];
    std::array<char, 65'536> buffer;
    const ssize_t got = ::read(worker.pipe, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return {};
    if (got <= 0) return crashed(index);
    worker.received.append(buffer.data(), static_cast<std::size_t>(got));
    return messages(worker);
  }

  Status messages(Worker& worker) {
    std::size_t at = 0;
    Head head{};
    while (worker.received.size() - at >= sizeof head) {
      std::memcpy(&head, worker.received.data() + at, sizeof head);
      if (worker.received.size() - at - sizeof head < head.bytes) break;
      const std::string_view bytes(worker.received.data() + at + sizeof head, head.bytes);
      if (head.kind == Kind::error)
        return Error(static_cast<Errc>(head.code), std::string(bytes)).with_context(fmt::format("item {}", head.item));
      if (head.kind == Kind::finished) worker.finished = true;
      if (head.kind == Kind::value) results_.at(head.item) = bytes;
      at += sizeof head + head.bytes;
    }
    worker.received.erase(0, at);
    return {};
  }

  Error crashed(std::size_t index) {
    const Worker worker = workers_[index];
    ::kill(worker.process, SIGKILL);  // it has closed its pipe: it is ending, and if not, it shall
    int status = 0;
    while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(worker.pipe);
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    const std::uint64_t item = shared_->current[index];
    const std::string how =
        WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status)) : fmt::format("exited with {}", WEXITSTATUS(status));
    return {Errc::internal, item == kNone ? "a worker process " + how : fmt::format("item {}: its process {}", item, how)};
  }

  Error late() const {
    std::string items;
    for (std::size_t i = 0; i < workers_.size(); ++i)
      if (const std::uint64_t item = shared_->current[i]; item != kNone) items += fmt::format("{}{}", items.empty() ? "" : ", ", item);
    return {Errc::interrupted, fmt::format("no end after {} s at item {}", options_.most_seconds, items)};
  }

  std::size_t count_;
  ProcessOptions options_;
  std::vector<std::string> results_;
  std::vector<Worker> workers_;
  Shared* shared_ = nullptr;
};

}  // namespace

Result<std::vector<std::string>> map_in_processes(std::size_t count, const std::function<Result<std::string>(std::size_t)>& task,
                                                  const ProcessOptions& options) {
  if (count == 0) return std::vector<std::string>{};
  ProcessMap map(count, options);
  TRADEWIND_TRY(map.start(task));
  return map.gather();
}

}  // namespace tradewind::telemetry
