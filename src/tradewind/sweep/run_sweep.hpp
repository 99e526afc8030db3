// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/progress.hpp"
#include "tradewind/sweep/sweep_config.hpp"

namespace tradewind::sweep {

/// Whose signals are stored. Metrics of every strategy are stored always.
struct KeepSignals {
  enum class Kind { all, top, none };
  Kind kind = Kind::all;
  std::int64_t top = 0;  ///< how many, by Sharpe ratio, for Kind::top
};
/// "all", "none" or "top:N". Errors: Errc::usage.
Result<KeepSignals> parse_keep_signals(std::string_view text);

enum class LayoutChoice { automatic, files, packed };
/// "auto", "files" or "packed". Errors: Errc::usage.
Result<LayoutChoice> parse_layout(std::string_view text);

/// Strategies up to which the automatic layout writes a folder for each.
inline constexpr std::int64_t kMostStrategiesAsFiles = 2000;

struct SweepOptions {
  Path workspace = "workspaces";
  std::string run_id;         ///< empty: made from the configuration's content, so that the same sweep has the same name
  std::string writer = "w0";  ///< name among concurrent writers of one run
  LayoutChoice layout = LayoutChoice::automatic;
  KeepSignals keep;
  bool resume = false;
  int threads = 0;  ///< 0: one per core; the files are the same at any number
  Progress* progress = &silent_progress();
  const Cancellation* cancellation = nullptr;
};

struct SweepSeconds {
  double load = 0;
  double compute = 0;  ///< from the first to the last combination; writing overlaps it
  double write = 0;
  double total = 0;
};

struct SweepSummary {
  std::string run_id;
  std::string layout;
  std::int64_t strategies = 0;  ///< in the run
  std::int64_t resumed = 0;     ///< of those, found finished by --resume
  std::int64_t classifiers = 0;
  std::int64_t bars = 0;            ///< over all symbols
  std::int64_t signal_changes = 0;  ///< of the strategies computed now
  std::int64_t rejected_orders = 0;
  double periods_per_year = 0;  ///< the highest of the symbols
  SweepSeconds seconds;
  double combos_per_second = 0;
  bool interrupted = false;  ///< stopped on request: what is committed is kept, --resume goes on
  std::vector<std::string> notes;
};

/// Computes every strategy of the configuration on every symbol and stores the run.
/// Errors: data and storage errors as they come; Errc::already_exists for a run that exists without `resume`.
Result<SweepSummary> run_sweep(const SweepConfig& config, const SweepOptions& options);

}  // namespace tradewind::sweep
