// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "tradewind/base/progress.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/live/session_health.hpp"
#include "tradewind/notifications/event_bus.hpp"
#include "tradewind/notifications/sinks.hpp"

namespace tradewind::live {

/// What happens to a session, told to NATS and webhooks as notifications::SessionChanged. Nothing here waits for a network before `end`.
class SessionEvents {
 public:
  SessionEvents();
  SessionEvents(const SessionEvents&) = delete;
  SessionEvents& operator=(const SessionEvents&) = delete;
  ~SessionEvents();

  /// `journal` is where records go. Errors: as notifications::EventSinks::open.
  Status open(const notifications::EventSettings& settings, const std::string& session, const Clock& clock, execution::Journal& journal);
  /// The journal to write to, once it is open: halts, resumptions and strategies that are stopped are told once they are written.
  execution::Journal& journal() noexcept;

  void started(const std::string& message) { tell("started", {}, message, clock_->now()); }
  /// Alarms are told to the user as well.
  void tell(const std::vector<DriftAlarm>& alarms, Progress& progress);
  /// The last event; gives what was told up to `seconds` to arrive and says what did not. Nothing for a session that is not open.
  void end(const std::string& message, double seconds, Progress& progress);

 private:
  class Teller;
  void tell(const char* change, const std::string& strategy, const std::string& message, UnixNanos time);

  notifications::EventBus bus_;
  std::unique_ptr<notifications::EventSinks> sinks_;
  std::string session_;
  const Clock* clock_ = &system_clock();
  std::unique_ptr<Teller> journal_;
};

}  // namespace tradewind::live
