// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/notifications/cloud_event.hpp"
#include "tradewind/notifications/event_bus.hpp"

namespace tradewind::notifications {

// What the parts of an analysis tell each other and the world. A number that is NaN is undefined: null in JSON.
// `fields` names every field once, for writing and reading; `subject` is what the event is about.

/// A sweep, import or live session has put a run on disk.
struct SweepCompleted {
  static constexpr std::string_view kType = "tradewind.sweep.completed";
  std::string run_id = {};
  std::string status = {};      ///< complete, or interrupted: what is finished is kept
  std::int64_t strategies = 0;  ///< in the run
  std::int64_t classifiers = 0;
  std::int64_t bars = 0;
  double seconds = std::numeric_limits<double>::quiet_NaN();

  const std::string& subject() const { return run_id; }
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("run_id", self.run_id), visit("status", self.status), visit("strategies", self.strategies);
    visit("classifiers", self.classifiers), visit("bars", self.bars), visit("seconds", self.seconds);
  }
};

/// The analysis of a run can be read.
struct AnalysisReady {
  static constexpr std::string_view kType = "tradewind.analysis.ready";
  std::string run_id = {};
  std::string input_hash = {};  ///< of everything the analysis depends on
  std::string path = {};        ///< of the report, in the workspace
  std::int64_t strategies = 0;  ///< analysed
  std::int64_t qualified = 0;   ///< that met the criteria
  std::vector<std::string> selected = {};

  const std::string& subject() const { return run_id; }
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("run_id", self.run_id), visit("input_hash", self.input_hash), visit("path", self.path);
    visit("strategies", self.strategies), visit("qualified", self.qualified), visit("selected", self.selected);
  }
};

/// Stored signals were traded over their data again.
struct ReplayCompleted {
  static constexpr std::string_view kType = "tradewind.replay.completed";
  std::string run_id = {};         ///< the run the signals are of
  std::string result_run_id = {};  ///< the run the result was written as; empty: none
  std::int64_t strategies = 0;
  std::int64_t bars = 0;
  double net_return = std::numeric_limits<double>::quiet_NaN();
  double net_sharpe = std::numeric_limits<double>::quiet_NaN();
  double max_drawdown = std::numeric_limits<double>::quiet_NaN();

  const std::string& subject() const { return run_id; }
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("run_id", self.run_id), visit("result_run_id", self.result_run_id), visit("strategies", self.strategies),
        visit("bars", self.bars);
    visit("net_return", self.net_return), visit("net_sharpe", self.net_sharpe), visit("max_drawdown", self.max_drawdown);
  }
};

/// How a strategy or ensemble stands after a bar. Comes often.
struct PerformanceUpdated {
  static constexpr std::string_view kType = "tradewind.performance.updated";
  std::string name = {};                                     ///< strategy or ensemble
  UnixNanos time = 0;                                        ///< of the bar
  double equity = std::numeric_limits<double>::quiet_NaN();  ///< start = 1
  double sharpe = std::numeric_limits<double>::quiet_NaN();
  double drawdown = std::numeric_limits<double>::quiet_NaN();  ///< from the peak, positive fraction
  std::string regime = {};                                     ///< label; empty: not known
  std::string alarm = {};                                      ///< why it is not what the backtest promised; empty: it is

  const std::string& subject() const { return name; }
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("name", self.name), visit.time("time", self.time), visit("equity", self.equity), visit("sharpe", self.sharpe);
    visit("drawdown", self.drawdown), visit("regime", self.regime), visit("alarm", self.alarm);
  }
};

/// A phase of a workflow has started or ended.
struct WorkflowPhaseChanged {
  static constexpr std::string_view kType = "tradewind.workflow.phase_changed";
  std::string workflow = {};
  std::string phase = {};
  std::string status = {};  ///< running, complete, skipped, failed, interrupted
  std::string message = {};

  const std::string& subject() const { return workflow; }
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("workflow", self.workflow), visit("phase", self.phase), visit("status", self.status), visit("message", self.message);
  }
};

/// Something has happened to a live session that its owner wants to know.
struct SessionChanged {
  static constexpr std::string_view kType = "tradewind.session.changed";
  std::string session = {};
  std::string change = {};    ///< started, ended, halted, reducing, resumed, strategy_stopped, strategy_faulty, drift_alarm
  std::string strategy = {};  ///< that it concerns; empty: the whole session
  std::string message = {};   ///< why
  UnixNanos time = 0;         ///< of the session: virtual where its markets are simulated

  const std::string& subject() const { return session; }
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("session", self.session), visit("change", self.change), visit("strategy", self.strategy), visit("message", self.message);
    visit.time("time", self.time);
  }
};

using AnalyticsEvent =
    std::variant<SweepCompleted, AnalysisReady, ReplayCompleted, PerformanceUpdated, WorkflowPhaseChanged, SessionChanged>;

/// The event's kType.
std::string_view type_of(const AnalyticsEvent& event);
/// "tradewind.sweep.completed" and so on, in the order of AnalyticsEvent.
std::span<const std::string> event_types();
/// One event of every type with nothing filled in, for checks of what a type holds.
std::vector<AnalyticsEvent> empty_events();

/// The event's fields as one line of JSON.
std::string data_json(const AnalyticsEvent& event);
/// The event for the world, with its id.
CloudEvent to_cloud_event(const AnalyticsEvent& event, const std::string& source, UnixNanos time);
/// Errors: `unknown_name` for a type that is none of these; `invalid_data` for a field of the wrong kind or an empty subject. Fields that
/// are missing keep their defaults, unknown ones are passed over.
Result<AnalyticsEvent> from_cloud_event(const CloudEvent& event);

/// Publishes the event as what it is.
void publish(const EventBus& bus, const AnalyticsEvent& event);
/// Calls the handler for events of every type.
[[nodiscard]] std::vector<Subscription> subscribe_all(EventBus& bus, const std::function<void(const AnalyticsEvent&)>& handler);

}  // namespace tradewind::notifications
