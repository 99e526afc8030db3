// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <span>
#include <string>

#include "tradewind/base/json.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind::figures {

struct ReportOptions {
  std::string title;  ///< of the page; empty: made of the run ids
  std::string
      headline;  ///< verdict over several analyses, one sentence; empty: the page begins with that of its only run, or names the runs
  /// Results of replays, shown as a table: [{"run_id", "name", "performance": {metrics}, …}]; null or empty: none.
  Json replays;
  /// Of runs that are trading sessions, what the session says of itself: {run_id: {"simulated", "calibration", "recommendations"}}.
  Json sessions;
};

/// One HTML page of analyses (schema "tradewind.analyze/1"): verdict, funnel, ensemble, findings, strategies, tear sheet, regimes,
/// correlation, patterns, overfitting, provenance; of trading sessions what was expected of trades beside what they earned. Self-contained:
/// scripts inside, opened from disk, and its content security policy lets no request leave it and no other script run. Everything but the
/// drawing of figures works without scripts. Sections without data say so. Equal input gives equal bytes. O(size of the documents);
/// about 1.6 MB, most of it the chart library. Errors: `usage` without analyses; `invalid_data` for a document of another schema,
/// `newer_format` for a later version of it.
Result<std::string> html_report(std::span<const Json> analyses, const ReportOptions& options = {});
/// Of one analysis. A template only so that a list of analyses is not taken for one document.
Result<std::string> html_report(const std::same_as<Json> auto& analysis, const ReportOptions& options = {}) {
  return html_report(std::span(&analysis, 1), options);
}

}  // namespace tradewind::figures
