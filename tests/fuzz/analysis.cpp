// SPDX-License-Identifier: Apache-2.0
// analysis.json: its typed view, the verdict over it and the report made of it.
#include "fuzz.hpp"
#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/figures/report.hpp"
#include "tradewind/figures/verdict.hpp"

FUZZ_TARGET(analysis) {
  using namespace tradewind;
  using namespace tradewind::fuzz;
  const auto report = analysis::AnalysisReport::from(read_json(input));
  if (!good(report)) return;
  const auto page = figures::html_report(report->document);
  if (good(page)) require(page->ends_with("</html>\n"), "a page is whole");
}
