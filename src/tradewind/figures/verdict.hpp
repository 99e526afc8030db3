// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/json_fwd.hpp"

namespace tradewind::figures {

/// How much an analysis supports its ensemble, worst first.
enum class Confidence {
  nothing_qualified,  ///< no strategy met the criteria, or no ensemble could be formed
  lost,               ///< the ensemble earned nothing on the held-out part
  low,
  moderate,
  high
};
constexpr auto names_of(Confidence) { return std::to_array<std::string_view>({"nothing_qualified", "lost", "low", "moderate", "high"}); }

enum class CheckOutcome { passed, partly, failed, unknown };

/// One of the four tests an ensemble must pass, with its numbers in one sentence.
struct Check {
  std::string name;
  CheckOutcome outcome = CheckOutcome::unknown;
  std::string text;
};

/// Plain text, not HTML.
struct Verdict {
  Confidence confidence = Confidence::nothing_qualified;
  std::string headline;               ///< what to do, one sentence
  std::string summary;                ///< what and how it did, two or three sentences
  std::vector<Check> checks;          ///< empty when nothing qualified
  std::vector<std::string> unknowns;  ///< what the analysis cannot tell
};

/// Judges an analysis (schema "tradewind.analyze/1"). The four checks:
///   unseen data           Sharpe ratio of the held-out part > 0; passed when its 95 % interval lies above 0
///   luck of many tries    deflated Sharpe ratio of the best strategy: passed from 0.95, failed below 0.50 [Bailey & López de Prado 2014]
///   overfitting           probability of backtest overfitting: passed below 0.20, failed from 0.50 [Bailey, Borwein, López de Prado & Zhu
///   2017] simple alternatives   held-out Sharpe ratio above that of equal weight, best single strategy and buy and hold: passed when above
///   all,
///                         failed when not above buy and hold
/// high: all passed; moderate: none failed and two passed; low: otherwise; lost: the first one failed.
Verdict verdict_of(const Json& analysis);

}  // namespace tradewind::figures
