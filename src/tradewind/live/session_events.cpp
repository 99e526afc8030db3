// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session_events.hpp"

#include "tradewind/base/guard.hpp"
#include "tradewind/notifications/analytics_events.hpp"

namespace tradewind::live {

/// A journal whose records are told once they are written.
class SessionEvents::Teller final : public execution::Journal {
 public:
  Teller(execution::Journal& journal, SessionEvents& events) : journal_(journal), events_(events) {}
  Status append(std::span<const execution::Record> records) override {
    Status written = journal_.append(records);
    if (!written) return written;
    // They are written, whatever becomes of the telling.
    static_cast<void>(guarded([&]() -> Status {
      for (const execution::Record& record : records) tell(record);
      return {};
    }));
    return written;
  }
  Status read(const std::function<void(const execution::Record&)>& take) const override { return journal_.read(take); }

 private:
  void tell(const execution::Record& record) const {
    using execution::TradingState;
    if (const auto* state = std::get_if<execution::StateChanged>(&record.body)) {
      const char* change = state->state == TradingState::halted     ? "halted"
                           : state->state == TradingState::reducing ? "reducing"
                                                                    : "resumed";
      events_.tell(change, {}, state->reason, record.time);
    }
    const auto* switched = std::get_if<execution::StrategySwitched>(&record.body);
    if (switched == nullptr || switched->limit.empty()) return;  // a person did it
    const bool fault = switched->limit.starts_with("fault: ");
    events_.tell(fault ? "strategy_faulty" : "strategy_stopped", switched->strategy, switched->limit, record.time);
  }

  execution::Journal& journal_;
  SessionEvents& events_;
};

SessionEvents::SessionEvents() = default;
SessionEvents::~SessionEvents() = default;

Status SessionEvents::open(const notifications::EventSettings& settings, const std::string& session, const Clock& clock,
                           execution::Journal& journal) {
  session_ = session;
  clock_ = &clock;
  journal_ = std::make_unique<Teller>(journal, *this);
  if (settings.empty()) return {};
  TRADEWIND_ASSIGN(sinks_, notifications::EventSinks::open(bus_, settings));
  return {};
}

execution::Journal& SessionEvents::journal() noexcept { return *journal_; }

void SessionEvents::tell(const char* change, const std::string& strategy, const std::string& message, UnixNanos time) {
  bus_.publish(notifications::SessionChanged{session_, change, strategy, message, time});
}

void SessionEvents::tell(const std::vector<DriftAlarm>& alarms, Progress& progress) {
  for (const DriftAlarm& alarm : alarms) {
    progress.warn(alarm.message);
    tell("drift_alarm", alarm.strategy, alarm.message, alarm.time);
  }
}

void SessionEvents::end(const std::string& message, double seconds, Progress& progress) {
  if (!journal_) return;
  tell("ended", {}, message, clock_->now());
  if (!sinks_) return;
  const auto report = std::exchange(sinks_, nullptr)->close(seconds);
  for (const std::string& warning : report.warnings()) progress.warn(warning);
}

}  // namespace tradewind::live
