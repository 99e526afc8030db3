// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct AnalyzeArguments {
  std::string run;
  analysis::AnalysisOptions options;  ///< threads, progress and cancellation come from the context
  std::string commission;             ///< as text (10bps, 0.1%); empty: the run's
  std::string slippage;
  std::string slippage_model;
  std::string benchmark;  ///< a symbol of the run, a file of returns or prices, or none; empty: holding what is traded
  std::string events;     ///< configuration whose section `events` says who is told; empty: nobody
};

/// `tradewind analyze RUN`: the document's AnalysisReport. Its object is analytics/analysis.json, with milliseconds added.
Result<CommandOutput> analyze(const AnalyzeArguments& arguments, const Context& context);

}  // namespace tradewind::commands
