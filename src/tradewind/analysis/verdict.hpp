// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/json_fwd.hpp"

namespace tradewind::analysis {

/// What an analysis advises to do with what it selected.
enum class VerdictLevel { nothing, paper, trade };
constexpr auto names_of(VerdictLevel) { return std::to_array<std::string_view>({"nothing", "paper", "trade"}); }

/// How much of the evidence is good.
enum class Confidence { low, moderate, high };
constexpr auto names_of(Confidence) { return std::to_array<std::string_view>({"low", "moderate", "high"}); }

enum class CheckOutcome { passed, partly, failed, unknown };
constexpr auto names_of(CheckOutcome) { return std::to_array<std::string_view>({"passed", "partly", "failed", "unknown"}); }

/// One thing that was looked at, with its numbers in a sentence.
struct VerdictReason {
  std::string name;  ///< record, criteria, weights, unseen_data, luck, overfitting, alternatives
  CheckOutcome outcome = CheckOutcome::unknown;
  std::string text;
};

/// The one judgement of an analysis: terminal, JSON, page, recommendations, optimal_weights.json and live all say this. Plain text.
struct Verdict {
  VerdictLevel level = VerdictLevel::nothing;
  Confidence confidence = Confidence::low;
  std::string headline;  ///< what to do, one sentence
  std::string summary;   ///< what and how it did, two or three sentences
  std::vector<VerdictReason> reasons;

  const VerdictReason* find(std::string_view name) const;
};

/// Judges the other sections of an analysis (schema "tradewind.analyze/1"). Nothing is traded of a record below a quarter of a year
/// (`record`), when no strategy met the criteria (`criteria`) or no weights were found (`weights`). Else four checks:
///   unseen_data   Sharpe ratio of the held-out part: passed when its 95 % interval lies above 0, failed when it is not above 0
///   luck          the weight held by strategies that beat holding their market beyond the luck of all tries, family-wise at 5 %
///                 [Romano & Wolf 2005]: passed from half of it on; partly with any of it, or a p of 20 % or less; else failed
///   overfitting   probability of backtest overfitting: passed below 0.20, failed from 0.50 [Bailey, Borwein, López de Prado & Zhu 2017]
///   alternatives  held-out Sharpe ratio above that of equal weights, the best single strategy and buying and holding: passed when above
///                 all, failed when not above buying and holding
/// nothing: unseen_data failed or is unknown; trade: unseen_data and luck passed and nothing failed; paper: otherwise.
/// high: all passed; moderate: none failed and two passed or more; low: otherwise. Anything but an analysis is judged as one that found
/// nothing; never throws.
Verdict judge(const Json& document);

/// {level, confidence, headline, summary, reasons: [{name, passed (null: partly or unknown), outcome, text}]}
Json to_json(const Verdict& verdict);

/// The verdict that a document holds; of one that was stored before verdicts were: judge.
Verdict verdict_of(const Json& document);

}  // namespace tradewind::analysis
