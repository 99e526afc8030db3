// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind {

enum class LogLevel : std::uint8_t { debug, info, warn, error };
constexpr auto names_of(LogLevel) { return std::to_array<std::string_view>({"debug", "info", "warn", "error"}); }

/// Takes what happened, a line for each event. Nothing it is given and nothing that goes wrong with it reaches the caller. Any thread.
class Log {
 public:
  virtual ~Log() = default;
  void debug(std::string_view text) noexcept { write(LogLevel::debug, text); }
  void info(std::string_view text) noexcept { write(LogLevel::info, text); }
  void warn(std::string_view text) noexcept { write(LogLevel::warn, text); }
  void error(std::string_view text) noexcept { write(LogLevel::error, text); }

  virtual void write(LogLevel level, std::string_view text) noexcept = 0;
  /// For what may come again and again: the same text once a minute at most, with how often it came meanwhile.
  virtual void write_seldom(LogLevel level, std::string_view text) noexcept = 0;
  /// Whether lines of this level are kept: what is costly to put into words is asked for first.
  virtual bool keeps(LogLevel level) const noexcept = 0;
  virtual void flush() noexcept = 0;
};

/// Keeps nothing.
Log& null_log();

struct FileLogSettings {
  LogLevel level = LogLevel::info;     ///< the least that is kept
  std::size_t file_bytes = 5'000'000;  ///< of one file
  std::size_t files = 3;               ///< NAME.log, and NAME.1.log, NAME.2.log of before; at least 1
  const Clock* clock = &system_clock();
};

/// A log in a file that only its owner may read: UTC time to the millisecond, level, text as printable() shows it. Flushed with each
/// warning and error, on request and at the end. A file that can no longer be written is tried again once a minute; the first line
/// that succeeds says that others are missing. Errors: Errc::storage when it cannot be opened.
Result<std::unique_ptr<Log>> open_file_log(const Path& path, const FileLogSettings& settings = {});

}  // namespace tradewind
