// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/commands/output.hpp"
#include "tradewind/metrics/family_wise.hpp"
#include "tradewind/metrics/overfitting.hpp"

namespace tradewind::commands {

struct OverfitArguments {
  Path file;                                                   ///< one column of returns per bar for each trial
  std::vector<std::string> columns;                            ///< the trials; empty: every numeric column
  bool prices = false;                                         ///< of files: the columns hold prices, of which returns are made
  metrics::NanPolicy nan_policy = metrics::NanPolicy::reject;  ///< of files: rows in which a column has no finite number
  int splits = 16;                                             ///< blocks of the symmetric cross-validation behind pbo: even, 2 … 20
  /// What trials must beat. Of files: a column, itself no trial, or another file; empty: 0 in every bar. Of runs: a symbol of the run or a
  /// file; empty: each its own symbol, as much of it as it moves with. `none` or `0`: 0 in every bar.
  std::string benchmark;
  std::string where;      ///< of runs: the strategies that are trials; empty: all of them
  int replicates = 1000;  ///< of every bootstrap, ≥ 100
  std::uint64_t seed = 1;
  int groups = 10;  ///< of the purged cross-validation, 2 of which are tested at a time
  int purge = 0;    ///< bars a position or label reaches ahead
  int embargo = 0;  ///< further bars left out after each test range
};

/// `tradewind overfit`: how much of the best trial's Sharpe ratio is selection.
Result<CommandOutput> overfit_of_file(const OverfitArguments& arguments, const Context& context);

/// The same for the strategies of the run that arguments.file names, with stored signals, all of them being trials. Without `where` and
/// `benchmark` it writes the columns psr, dsr and family_wise_p into the catalog, so that `scan` shows them, and
/// analytics/overfitting.json; what is stored is never replaced by an undefined value.
Result<CommandOutput> overfit_of_run(const OverfitArguments& arguments, const Context& context);

/// Return series of one length, one for each trial; borrowed.
struct TrialColumns {
  std::vector<std::span<const double>> values;
  std::vector<std::string> names;
  metrics::Benchmarks benchmarks;
  std::string benchmark = "0";  ///< what they are, for people
};
/// The statistics themselves.
struct OverfitFigures {
  metrics::OverfitReport report;
  metrics::FamilyWise family;
};
/// What both print of their trials; `kept`, when given, receives the statistics.
Result<Json> overfit_json(const TrialColumns& trials, const OverfitArguments& arguments, const Context& context,
                          OverfitFigures* kept = nullptr);

}  // namespace tradewind::commands
