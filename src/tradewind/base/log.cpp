// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/log.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind {
namespace {

constexpr std::size_t kLongestLine = 2000;
constexpr std::size_t kRemembered = 256;  ///< texts that come again and again
constexpr std::int64_t kMinute = 60 * kNanosPerSecond;

class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view) noexcept override {}
  void write_seldom(LogLevel, std::string_view) noexcept override {}
  bool keeps(LogLevel) const noexcept override { return false; }
  void flush() noexcept override {}
};

/// A link may lead to what is no file of ours.
void close_to_others(const spdlog::filename_t&, std::FILE* file) {
  struct stat about{};
  const int descriptor = ::fileno(file);
  if (::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode)) static_cast<void>(::fchmod(descriptor, S_IRUSR | S_IWUSR));
}

class FileLog final : public Log {
 public:
  FileLog(Path path, const FileLogSettings& settings) : path_(std::move(path)), settings_(settings) {}
  ~FileLog() override {
    safely([&] {
      tell_held(0);
      flush_file();
    });
  }

  Status open() {
    tried_ = settings_.clock->steady();
    return guarded([&]() -> Status {
      // Nothing is written elsewhere; that there be no log may be said by a link to /dev/null.
      std::error_code unknown;
      if (std::filesystem::is_symlink(path_, unknown) && !std::filesystem::is_character_file(path_, unknown))
        return Error(Errc::storage, "a symbolic link stands in its place");
      spdlog::file_event_handlers handlers;
      handlers.after_open = close_to_others;
      auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_st>(path_.string(), settings_.file_bytes,
                                                                         std::max<std::size_t>(1, settings_.files) - 1, false, handlers);
      logger_ = std::make_unique<spdlog::logger>("", std::move(sink));
      logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
      logger_->set_level(spdlog::level::trace);
      logger_->set_error_handler([this](const std::string& what) { failure_ = what; });
      return {};
    });
  }

  bool keeps(LogLevel level) const noexcept override { return level >= settings_.level; }
  void write(LogLevel level, std::string_view text) noexcept override {
    if (!keeps(level)) return;
    safely([&] {
      tell_held(kMinute);
      put(level, printable(text, kLongestLine));
    });
  }
  void write_seldom(LogLevel level, std::string_view text) noexcept override {
    if (!keeps(level)) return;
    safely([&] { count(level, printable(text, kLongestLine)); });
  }
  void flush() noexcept override {
    safely([&] {
      tell_held(kMinute);
      flush_file();
    });
  }

 private:
  struct Repeated {
    LogLevel level = LogLevel::info;
    std::int64_t told = 0;
    std::uint64_t held = 0;
  };

  template <class Function>
  void safely(Function&& function) noexcept {
    try {
      const std::lock_guard lock(mutex_);
      function();
    } catch (...) {  // a line is missing; nobody else is to suffer from it
    }
  }

  void count(LogLevel level, const std::string& line) {
    tell_held(kMinute);
    const auto [at, is_new] = repeated_.try_emplace(line, Repeated{level, settings_.clock->steady(), 0});
    if (!is_new) {
      ++at->second.held;
      return;
    }
    put(level, line);
    if (repeated_.size() < kRemembered) return;
    tell_held(0);
    repeated_.clear();
  }

  /// Tells what was held back for so long; what has not come again is forgotten.
  void tell_held(std::int64_t age) {
    const std::int64_t now = settings_.clock->steady();
    if (repeated_.empty() || now - swept_ < std::min(age, kNanosPerSecond)) return;
    swept_ = now;
    for (auto at = repeated_.begin(); at != repeated_.end();) {
      Repeated& one = at->second;
      const bool due = now - one.told >= age;
      if (due && one.held > 0) {
        put(one.level, fmt::format("{} ({} more)", at->first, one.held));
        one = Repeated{one.level, now, 0};
      } else if (due) {
        at = repeated_.erase(at);
        continue;
      }
      ++at;
    }
  }

  void put(LogLevel level, const std::string& line) {
    if (!logger_ && (settings_.clock->steady() - tried_ < kMinute || !open())) return;
    if (!lost_.empty() && emit(LogLevel::warn, "lines are missing here, the log could not be written: " + lost_)) lost_.clear();
    if (logger_) emit(level, line);
  }

  bool emit(LogLevel level, const std::string& line) {
    using std::chrono::system_clock;
    const system_clock::time_point time(
        std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(settings_.clock->now())));
    logger_->log(time, spdlog::source_loc{}, spdlog::level::info, fmt::format("{} {}", enum_name(level), line));
    if (level >= LogLevel::warn) logger_->flush();
    return still_written();
  }

  void flush_file() {
    if (logger_) logger_->flush();
    still_written();
  }

  /// spdlog goes on with a file it could not open again, so what has failed is never used again.
  bool still_written() {
    if (failure_.empty()) return true;
    lost_ = printable(std::exchange(failure_, {}), kLongestLine);
    logger_.reset();
    tried_ = settings_.clock->steady();
    return false;
  }

  Path path_;
  FileLogSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<spdlog::logger> logger_;  ///< null while the file cannot be written
  std::string failure_;                     ///< of the call under way
  std::string lost_;                        ///< why lines are missing since the last one that was written
  std::int64_t tried_ = 0;
  std::int64_t swept_ = 0;
  std::map<std::string, Repeated> repeated_;
};

}  // namespace

Log& null_log() {
  static NullLog log;
  return log;
}

Result<std::unique_ptr<Log>> open_file_log(const Path& path, const FileLogSettings& settings) {
  auto log = std::make_unique<FileLog>(path, settings);
  if (const Status opened = log->open(); !opened)
    return Error(Errc::storage, "the log cannot be written: " + opened.error().message(), path.string());
  return std::unique_ptr<Log>(std::move(log));
}

}  // namespace tradewind
