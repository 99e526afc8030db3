// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

/// Where a tear sheet is written.
struct SheetFiles {
  Path page;     ///< .html
  Path figures;  ///< folder for the figures as Plotly's JSON; empty: none
};

/// `tradewind report FILE --out F.html`: a tear sheet of any returns or prices. Where the arguments have no bars per year they are those of
/// the file's times, with a note. Errors: as metrics_of_file; `usage` for another ending than .html, or when the file has no times either.
Result<CommandOutput> tear_sheet_of_file(const MetricsArguments& series, const SheetFiles& files, const Context& context);

/// `tradewind report RUN --strategy ID --out F.html`: the same for one strategy of a run, net of its costs, with what it earned before
/// them.
struct StrategySheetArguments {
  std::string run;
  std::string strategy;
  std::string benchmark;  ///< a symbol of the run or a file; empty: holding the strategy's symbol; "none"
  std::string risk_free;  ///< a rate or a file; empty: the run's rate
  double sharpe_benchmark = 0;
};
/// Errors: as replay; `unknown_name` for a benchmark that is neither.
Result<CommandOutput> tear_sheet_of_strategy(const StrategySheetArguments& arguments, const SheetFiles& files, const Context& context);

}  // namespace tradewind::commands
