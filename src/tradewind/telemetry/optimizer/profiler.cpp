// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/profiler.hpp"

#include <execinfo.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/time.hpp"
#include "tradewind/telemetry/optimizer/symbols_internal.hpp"

// glibc before 2.40 keeps the name to itself.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kMostSamples = 20'000;
constexpr int kMostFrames = 64;
constexpr long kPeriodNanos = 1'000'000;

struct Sample {
  int frames;
  void* stack[kMostFrames];  ///< innermost first, the signal's own frames included
  void* at;                  ///< where the thread was interrupted; null when not known
};

/// Written by the signal handler.
struct Buffer {
  std::atomic<std::size_t> used{0};
  std::atomic<std::size_t> lost{0};
  std::unique_ptr<Sample[]> samples{new Sample[kMostSamples]};
};
std::atomic<Buffer*> active{nullptr};

void* interrupted_at([[maybe_unused]] void* context) {
#if defined(__x86_64__)
  return reinterpret_cast<void*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<void*>(static_cast<ucontext_t*>(context)->uc_mcontext.pc);
#else
  return nullptr;
#endif
}

/// Async-signal-safe: atomics, memory made before, and backtrace(), which takes no lock and allocates nothing once it has been called.
void on_signal(int, siginfo_t*, void* context) {
  const int saved_errno = errno;
  if (Buffer* buffer = active.load(std::memory_order_acquire)) {
    const std::size_t index = buffer->used.fetch_add(1, std::memory_order_relaxed);
    if (index < kMostSamples) {
      Sample& sample = buffer->samples[index];
      sample.frames = ::backtrace(sample.stack, kMostFrames);
      sample.at = interrupted_at(context);
    } else {
      buffer->lost.fetch_add(1, std::memory_order_relaxed);
    }
  }
  errno = saved_errno;
}

/// SIGPROF for every period of this thread's processor time, while it lives. One at a time in a process.
class Sampler {
 public:
  explicit Sampler(Buffer& buffer) {
    void* once[2];
    ::backtrace(once, 2);  // loads what it needs now, not inside the signal
    active.store(&buffer, std::memory_order_release);
    struct sigaction action{};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    installed_ = ::sigaction(SIGPROF, &action, &before_) == 0;
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGPROF;
    event.sigev_notify_thread_id = static_cast<pid_t>(::syscall(SYS_gettid));
    made_ = installed_ && ::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0;
    const itimerspec period{{0, kPeriodNanos}, {0, kPeriodNanos}};
    running_ = made_ && ::timer_settime(timer_, 0, &period, nullptr) == 0;
  }
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  ~Sampler() {
    if (made_) ::timer_delete(timer_);
    active.store(nullptr, std::memory_order_release);
    // A signal may still be under way to this thread: with the default action it would end the program.
    if (installed_ && before_.sa_handler != SIG_DFL) ::sigaction(SIGPROF, &before_, nullptr);
  }
  bool running() const noexcept { return running_; }

 private:
  struct sigaction before_{};
  timer_t timer_{};
  bool installed_ = false;
  bool made_ = false;
  bool running_ = false;
};

double thread_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Names of the functions of a sample, innermost first, without the `outer` ones that called the profiler. A return address is the
/// instruction after a call: one less is inside the caller.
std::vector<std::string> names_of(const Sample& sample, int outer, Symbols& symbols, std::map<std::uintptr_t, std::string>& known) {
  const auto name = [&](std::uintptr_t address) -> const std::string& {
    auto found = known.find(address);
    if (found == known.end()) found = known.emplace(address, symbols.name(address)).first;
    return found->second;
  };
  const auto first = sample.stack;
  const bool whole = sample.frames < kMostFrames;  // else the outermost frames are missing already
  const auto end = sample.stack + std::max(0, whole ? sample.frames - outer : sample.frames);
  const auto at = sample.at == nullptr ? end : std::find(first, end, sample.at);
  std::vector<std::string> out;
  if (sample.at != nullptr) out.push_back(name(reinterpret_cast<std::uintptr_t>(sample.at)));
  constexpr std::ptrdiff_t kSignalFrames = 2;  // the handler and what called it
  for (auto frame = at == end ? first + std::min<std::ptrdiff_t>(kSignalFrames, end - first) : at + 1; frame != end; ++frame)
    out.push_back(name(reinterpret_cast<std::uintptr_t>(*frame) - 1));
  return out;
}

std::vector<TimeConsumer> count(const Buffer& buffer, std::size_t samples, int outer) {
  Symbols symbols;
  std::map<std::uintptr_t, std::string> known;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;  // self, total
  for (std::size_t i = 0; i < samples; ++i) {
    const std::vector<std::string> names = names_of(buffer.samples[i], outer, symbols, known);
    if (names.empty()) continue;
    ++counts[names.front()].first;
    for (const std::string& each : std::set<std::string>(names.begin(), names.end())) ++counts[each].second;
  }
  std::vector<TimeConsumer> out;
  for (const auto& [function, hits] : counts) {
    const double all = static_cast<double>(samples);
    out.push_back({function, hits.first, 100 * static_cast<double>(hits.first) / all, 100 * static_cast<double>(hits.second) / all});
  }
  std::stable_sort(out.begin(), out.end(), [](const TimeConsumer& a, const TimeConsumer& b) {
    return a.samples != b.samples ? a.samples > b.samples : a.total_percent > b.total_percent;
  });
  return out;
}

std::string text_of(const Profile& profile, const std::vector<TimeConsumer>& all) {
  std::string out = fmt::format("{:.3f} s, {:.3f} s of it computing, {} samples, {} lost\n\n  self %  total %  samples  function\n",
                                profile.execution_time_seconds, profile.cpu_seconds, profile.samples, profile.lost_samples);
  for (const TimeConsumer& each : all)
    out += fmt::format("{:8.1f} {:8.1f} {:8}  {}\n", each.self_percent, each.total_percent, each.samples, each.function);
  return out;
}

}  // namespace

Result<Profile> profile_bottlenecks(const std::function<void()>& function) {
  static std::mutex one_at_a_time;
  const std::unique_lock lock(one_at_a_time, std::try_to_lock);
  if (!lock.owns_lock() || active.load() != nullptr) return Error(Errc::already_exists, "another profile is running");
  Buffer buffer;
  void* stack[kMostFrames];
  const int outer = ::backtrace(stack, kMostFrames);
  Profile out;
  std::optional<Error> failure;
  const double cpu = thread_cpu_seconds();
  const Stopwatch watch;
  {
    const Sampler sampler(buffer);
    if (!sampler.running()) return Error(Errc::storage, fmt::format("no timer for a profile: {}", std::strerror(errno)));
    try {
      function();
    } catch (const std::exception& error) {
      failure = Error(Errc::internal, fmt::format("the profiled function threw: {}", error.what()));
    } catch (...) {
      failure = Error(Errc::internal, "the profiled function threw");
    }
  }
  out.execution_time_seconds = watch.seconds();
  out.cpu_seconds = thread_cpu_seconds() - cpu;
  if (failure) return *failure;
  out.samples = std::min(buffer.used.load(), kMostSamples);
  out.lost_samples = buffer.lost;
  const std::vector<TimeConsumer> all = count(buffer, out.samples, outer);
  out.top_time_consumers.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(10, all.size())));
  out.full_profile = text_of(out, all);
  return out;
}

}  // namespace tradewind::telemetry
