// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/analyze.hpp"

#include <fmt/format.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/telling.hpp"

namespace tradewind::commands {
namespace {

/// The run's costs with what the arguments change.
Result<std::optional<metrics::ExecutionCosts>> costs_of(const AnalyzeArguments& arguments, const Context& context) {
  if (arguments.commission.empty() && arguments.slippage.empty() && arguments.slippage_model.empty())
    return std::optional<metrics::ExecutionCosts>();
  TRADEWIND_ASSIGN(const auto input, analysis::RunInput::open(arguments.run, arguments.options.data, context.workspace));
  metrics::ExecutionCosts costs = input.execution().costs;
  TRADEWIND_ASSIGN(costs.commission_rate, parse_cost(arguments.commission, "--commission", costs.commission_rate));
  TRADEWIND_ASSIGN(costs.slippage_bps, parse_cost(arguments.slippage, "--slippage", costs.slippage_bps));
  if (const auto model = enum_from_name<metrics::SlippageModel>(arguments.slippage_model)) costs.slippage_model = *model;
  return std::optional(costs);
}

Result<std::optional<analysis::AnalysisBenchmark>> benchmark_of(const AnalyzeArguments& arguments, const Context& context) {
  const std::string& wanted = arguments.benchmark;
  if (wanted.empty()) return std::optional<analysis::AnalysisBenchmark>();
  if (wanted == "none" || wanted == "0") return std::optional(analysis::AnalysisBenchmark{"0", {}});
  TRADEWIND_ASSIGN(auto input, analysis::RunInput::open(arguments.run, arguments.options.data, context.workspace));
  TRADEWIND_ASSIGN(const auto timeline, input.timeline());
  TRADEWIND_ASSIGN(auto returns, benchmark_of_run(input, wanted, timeline));
  return std::optional(analysis::AnalysisBenchmark{wanted, std::move(returns)});
}

}  // namespace

Result<CommandOutput> analyze(const AnalyzeArguments& arguments, const Context& context) {
  const Stopwatch watch;
  analysis::AnalysisOptions options = arguments.options;
  options.threads = thread_count(context.threads);
  options.progress = context.progress;
  options.cancellation = context.cancellation;
  TRADEWIND_ASSIGN(options.costs, costs_of(arguments, context));
  TRADEWIND_ASSIGN(options.benchmark, benchmark_of(arguments, context));
  TRADEWIND_ASSIGN(Telling telling, Telling::open(arguments.events));
  options.events = telling.bus();
  TRADEWIND_ASSIGN(analysis::AnalysisReport report, analysis::analyze_run(context.workspace, arguments.run, options));
  telling.close(context);
  CommandOutput output{std::move(report.document)};
  output.json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace tradewind::commands
