// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "tradewind/base/log.hpp"
#include "tradewind/base/progress.hpp"
#include "tradewind/execution/order_desk.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {

/// The log of a session, for who holds its journal. A log that cannot be written is told to `progress`, and then nothing is kept: null.
std::unique_ptr<Log> open_session_log(const SessionFiles& files, LogLevel level, Progress& progress);

/// A journal whose records are told to a log once they are written.
class LoggedJournal final : public execution::Journal {
 public:
  LoggedJournal(execution::Journal& journal, Log& log) : journal_(journal), log_(log) {}
  Status append(std::span<const execution::Record> records) override;
  Status read(const std::function<void(const execution::Record&)>& take) const override { return journal_.read(take); }

 private:
  execution::Journal& journal_;
  Log& log_;
};

/// Remarks for the user that are kept in a log too.
class LoggedProgress final : public Progress {
 public:
  LoggedProgress(Progress& progress, Log& log) : progress_(progress), log_(log) {}
  void update(std::string_view stage, std::uint64_t done, std::uint64_t total, std::string_view unit) override {
    progress_.update(stage, done, total, unit);
  }
  void finish() override { progress_.finish(); }
  void warn(std::string_view message) override {
    progress_.warn(message);
    log_.write_seldom(LogLevel::warn, message);
  }

 private:
  Progress& progress_;
  Log& log_;
};

/// How a session starts, or goes on after so many cycles, in one line.
std::string start_line(const LiveConfig& config, const execution::EngineState& state, std::optional<std::int64_t> resumed_after);
/// How it ends: `report` is that of the session.
std::string end_line(const Json& report, bool interrupted);

/// The log of a session that runs; keeps nothing before it is opened, nor when its file cannot be written.
class SessionLog {
 public:
  /// From here on the records of `journal` and remarks to the progress that is given back stand in the log too.
  Progress& open(const SessionFiles& files, LogLevel level, execution::Journal& journal, Progress& progress);
  /// The journal to write to, once it is open.
  execution::Journal& journal() noexcept { return *journal_; }
  Log& operator*() const noexcept { return file_ ? *file_ : null_log(); }
  Log* operator->() const noexcept { return &**this; }

  /// Tells of a comparison with the venue's account since the last call.
  void look(const execution::OrderDesk& desk);
  /// Tells of an error, and gives it back.
  Status told(Status status) const;

 private:
  std::unique_ptr<Log> file_;
  std::optional<LoggedJournal> journal_;
  std::optional<LoggedProgress> progress_;
  bool agreed_ = false;
  std::uint64_t compared_ = 0;
};

}  // namespace tradewind::live
