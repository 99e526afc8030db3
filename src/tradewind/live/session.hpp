// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/progress.hpp"
#include "tradewind/live/live_config.hpp"

namespace tradewind::live {

struct SessionOptions {
  Path workspace = "workspaces";
  std::string session;                              ///< its name and that of its run
  std::int64_t cycles = 0;                          ///< so many more; 0: until stopped
  std::function<Result<LiveConfig>()> reload = {};  ///< the configuration as it is now, for strategies to be added; null: none can be
  const Cancellation* cancellation = nullptr;
  const Cancellation* kill = nullptr;  ///< the kill switch as a signal: halts trading, the session goes on
  Progress* progress = &silent_progress();
};

/// Where a session keeps its files: {workspace}/_live/{session}/ with journal.sqlite, venue.sqlite (the paper account), session.log
/// with those before it and, to halt it, a file HALT. Its run is {workspace}/{session}/ as for every other.
struct SessionFiles {
  Path folder;
  Path journal;
  Path venue;
  Path halt;
  Path log;
  static SessionFiles of(const Path& workspace, const std::string& session);
  /// Makes the folder; nobody but its owner may look into it. Errors: Errc::storage.
  Status make_folder() const;
};
/// The session of the workspace that was written last; empty when there is none.
std::string newest_session(const Path& workspace);

/// A paper trading session: the document's loop over a monitor, a paper account and the strategies, resumed by the same call.
///
/// One cycle: markets and prices, strategies, orders, mark. A monitor that fails leaves books to go stale; nothing trades on them. Between
/// cycles commands and the kill switch are looked at every 20 ms. With simulated markets time is virtual: cycles have the simulation's
/// step, whatever they take, so a session without pause gives the same result each time; performance is measured in real time always.
class LiveSession {
 public:
  /// Opens or resumes. Errors: Errc::already_exists while another process runs it and for the name of a run that is not its own;
  /// Errc::invalid_config for a resumed session whose capital, strategies or simulated world have changed; as the journal's.
  static Result<std::unique_ptr<LiveSession>> open(LiveConfig config, SessionOptions options);
  ~LiveSession();
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  /// Runs the cycles, then settles what is on its way and writes the run. Interrupted: the same, after the cycle under way.
  Status run();
  /// Stopped by a risk halt at some time.
  bool halted() const;
  bool interrupted() const noexcept;
  /// The result of `tradewind live`: session, cycles, account, statistics, strategies, performance, reasons, …
  Json report() const;
  /// The port of the metrics endpoint; 0 without.
  std::uint16_t metrics_port() const noexcept;

  StrategyManager& manager() noexcept;
  telemetry::PerformanceMonitor& monitor() noexcept;

 private:
  class Impl;
  explicit LiveSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What a session's journal says now, whether it runs or not: the same object as LiveSession::report with `running` and what
/// session_calibration gives, all of one moment.
/// Errors: Errc::not_found; as the journal's.
Result<Json> session_status(const Path& workspace, const std::string& session);

/// Every trade of a session with its orders, fills and payouts, so that each figure of the session can be recomputed: {"session",
/// "simulated", "venue", "market_data", "trades": […]}. docs/live.md has the fields. Errors: as session_status.
Result<Json> session_trades(const Path& workspace, const std::string& session);

/// {"calibration": {strategy: {kind: {trades, expected_profit, realized_profit, hit_rate_percent, legs, legs_short, markout_cents}}},
/// "recommendations": […]}: what was expected of closed trades beside what they earned; told of are kinds that stay 2 standard errors below
/// their expectation over 30 trades. Errors: as session_status.
Result<Json> session_calibration(const Path& workspace, const std::string& session);

/// Leaves a command for a session and waits until it is carried out; a session that does not run is opened for it.
/// `command`: {"do": "halt" | "resume" | "reduce" | "enable" | "disable" | "rebalance", "strategy", "exit", "allocation", "reason"}.
/// Gives {"accepted", "answer"}. Errors: Errc::not_found; Errc::venue when a running session does not answer in time.
Result<Json> send_command(const Path& workspace, const std::string& session, const Json& command, double wait_seconds = 10);

}  // namespace tradewind::live
