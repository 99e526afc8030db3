// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/enum_names.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::discovery {

using metrics::Interval;
using metrics::Undefined;
using metrics::Value;

/// Signals −1, 0, +1 of one strategy, one per bar, known at the bar's close. Borrowed for the duration of a call.
struct SignalStream {
  std::string strategy;
  std::span<const std::int8_t> signals;
};

/// The regime of every bar, known at its close. Both empty: no regimes.
struct Regimes {
  std::span<const std::int8_t> state;  ///< per bar: an index into `names`, −1 while not known
  std::span<const std::string> names;
};

/// Further series of the same bars that patterns are described with; each may be empty. Borrowed.
struct Surroundings {
  std::span<const double> volume;           ///< traded volume per bar, ≥ 0
  std::span<const std::int64_t> timestamp;  ///< of the bars, nanoseconds UTC: what ties events to bars
};

/// How a pattern is written: `bars` are the signals of consecutive bars; `runs` are the signals of successive runs of equal signals,
/// known at the close of the bar that begins the last run.
enum class Form : std::uint8_t { bars, runs };
constexpr auto names_of(Form) { return std::to_array<std::string_view>({"bars", "runs"}); }

/// How a pattern's gain relates to its signals; the rule is `classify`.
enum class PatternType : std::uint8_t { momentum, mean_reversion, breakout };
constexpr auto names_of(PatternType) { return std::to_array<std::string_view>({"momentum", "mean_reversion", "breakout"}); }
/// breakout: the sequence begins flat and ends in a position which the gain follows (or is flat all along);
/// momentum: the gain follows the last position in the sequence; mean_reversion: it goes against it. `direction` is the sign of the gain.
PatternType classify(std::span<const std::int8_t> sequence, int direction) noexcept;

/// What the event traces say about a pattern's occurrences.
struct PatternEvents {
  std::int64_t fills = 0;     ///< that descend from a signal at an occurrence
  Value avg_delay_seconds;    ///< from signal to fill
  Value cost_per_occurrence;  ///< fills' costs over occurrences, fraction of equity; `empty` when a fill tells no cost
};

/// A sequence of signals and what followed. Figures are of the discovery part of the data unless they say holdout. `too_few` and
/// `empty` mark what has no value.
struct TradingPattern {
  std::string pattern_id;  ///< "bars:-1,1,-1@2", without "@…" when any regime
  Form form = Form::bars;
  std::optional<PatternType> pattern_type;  ///< none when the mean outcome is 0 or unknown
  std::vector<std::int8_t> sequence;        ///< oldest first
  std::optional<std::string> regime;        ///< of the last bar; none: whatever the regime

  std::int64_t occurrences = 0;
  double support = 0;       ///< bars: occurrences / bars; runs: share of windows that hold the sequence
  double confidence = 0;    ///< how surely the last signal follows those before it, in [0, 1]
  bool structural = false;  ///< reaches min_support and min_confidence (and, of runs, is closed)
  bool closed = true;       ///< runs: no longer sequence has the same support

  double avg_duration = 0;  ///< bars from the first of the pattern to its last, both counted
  double frequency = 0;     ///< occurrences per bar and strategy
  Value avg_return;         ///< mean return of the bar after the last one, gross
  Value win_rate;           ///< share of occurrences that gain net of cost in the pattern's direction; those with 0 are left out
  Value effect;             ///< (avg_return ∓ cost) / standard deviation of the outcomes, ddof 1
  Value t_statistic;        ///< Significance::statistic
  Value p_value;
  Value p_adjusted;  ///< over everything tested, both forms together
  Value q_value;
  std::int64_t holdout_occurrences = 0;
  Value holdout_effect;     ///< the same effect in the holdout, with the direction found in the discovery part
  bool profitable = false;  ///< p_adjusted ≤ 0.05 and, unless holdout is 0, holdout_effect of the same sign and net of cost not 0

  std::vector<std::string> dominant_regimes;                    ///< those that make up half of the occurrences, most frequent first
  std::map<std::string, Value> regime_win_rates;                ///< win_rate by regime of the last bar
  std::vector<std::pair<std::string, double>> best_strategies;  ///< up to five: correlation of their bar returns with the pattern's
  Interval volatility_range;            ///< 10th to 90th percentile of the trailing 20-bar volatility at the occurrences, per bar
  std::string volume_profile;           ///< low, normal or high beside the average bar; empty without volume
  std::optional<PatternEvents> events;  ///< none without events
};

/// What follows a change of regime. The outcome of one occurrence is the sum of the returns of the `horizon` bars after it.
struct TransitionPattern {
  std::string from;
  std::string to;
  std::int64_t occurrences = 0;
  Value avg_return;    ///< mean outcome, gross
  Interval interval;   ///< 95 % of avg_return, clustered by blocks of bars
  Value win_rate;      ///< share of outcomes above 0; zeros left out
  Value effect;        ///< (avg_return ∓ cost) / standard deviation, ddof 1
  Value avg_duration;  ///< bars that the regime entered lasted
  Value p_value;
  Value p_adjusted;  ///< over all transitions
  Value q_value;
  bool significant = false;  ///< p_adjusted ≤ 0.05
};

}  // namespace tradewind::discovery
