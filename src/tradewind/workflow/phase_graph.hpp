// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind::workflow {

/// Results of finished phases by name.
using PhaseResults = std::map<std::string, Json>;

/// One step of a workflow. What it does depends on `settings` and the results of the phases it needs, on nothing else: with the same ones
/// its stored result is taken instead of doing it again.
struct Phase {
  std::string name;
  std::vector<std::string> needs;
  Json settings;
  std::function<Result<Json>(const PhaseResults& needed, const Cancellation& cancellation)> run;
  std::function<bool(const Json& result)> still_there = {};  ///< whether what a stored result speaks of still exists; none: always
};

/// How a phase ended.
struct PhaseOutcome {
  std::string name;
  std::string status;  ///< done, or resumed: its stored result was taken
};

struct PhaseReport {
  PhaseResults results;
  std::vector<PhaseOutcome> outcomes;  ///< in the order of the phases given
};

struct PhaseOptions {
  Path journal;  ///< folder of the stored results, one file a phase
  const Cancellation* cancellation = nullptr;
  /// Statuses: running, done, resumed, failed, interrupted; `message` says why the last two. One call at a time.
  std::function<void(const std::string& phase, const std::string& status, const std::string& message)> on_change = {};
};

/// Success, or `invalid_config`: names that are taken twice or no ids, needs that do not exist (with the nearest name), cycles (named).
Status check(const std::vector<Phase>& phases);

/// Runs phases as soon as what they need is there, independent ones at the same time. Each result is stored durably before anything that
/// needs it starts, so that the same call after a crash goes on where it stopped. A failed phase fails the call with its error, after those
/// that run have ended; what was finished is kept.
Result<PhaseReport> run_phases(const std::vector<Phase>& phases, const PhaseOptions& options);

}  // namespace tradewind::workflow
