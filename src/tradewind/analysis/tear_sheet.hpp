// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/metrics/benchmark.hpp"
#include "tradewind/metrics/distribution.hpp"

namespace tradewind::analysis {

/// One series of returns and what its tear sheet is made of. Whatever is empty is left out.
struct TearSheetInput {
  std::string name;                      ///< of the series, as the page is headed
  std::vector<double> returns;           ///< net, as calculate_metrics takes them
  std::vector<double> gross;             ///< of the same bars before costs
  std::vector<UnixNanos> timestamp;      ///< of the bars; empty: they are numbered
  std::vector<market::UtcOffset> clock;  ///< of the calendar; empty: UTC
  std::string benchmark_name;
  std::vector<double> benchmark;  ///< NaN in bars that it does not have
  metrics::RiskFree risk_free{0, 1};
  metrics::ReturnOptions options;
  double sharpe_benchmark = 0;              ///< annual, for psr and min_track_record
  metrics::PerformanceMetrics performance;  ///< of the returns
  metrics::DistributionMetrics distribution;
  std::vector<std::string> notes;
};

/// The document (schema "tradewind.tear_sheet/1") that a tear sheet is drawn from: metrics, luck, benchmark, calendar, the worst
/// drawdowns, curves reduced to what a chart can show, rolling figures and a histogram. Its `curves` and `monthly_returns` have the form of
/// an analysis'. The caller adds where the data come from (`provenance`). O(n).
Json tear_sheet_json(const TearSheetInput& input);

}  // namespace tradewind::analysis
