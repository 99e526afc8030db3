// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/streaming.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// What the backtest promised, per bar. `sharpe` is mean / deviation.
struct DriftBaseline {
  double mean = 0;
  double deviation = 0;  ///< > 0
  double sharpe() const noexcept { return mean / deviation; }
};
/// Of a backtest's returns. Undefined as return_moments: too_few, zero_variance.
std::optional<DriftBaseline> drift_baseline(std::span<const double> returns) noexcept;

struct DriftOptions {
  double periods_per_year = 0;   ///< bars per year, > 0
  bool two_sided = false;        ///< also watch for returns better than promised; default: worse only
  double false_alarm_years = 5;  ///< mean time to a false alarm while nothing has changed, > 0
  double shift = 0;      ///< change of the mean to detect soonest, in standard deviations; 0: the baseline's Sharpe per bar (an edge
                         ///< that has gone), at most 1, 0.05 when that is not positive
  double winsorise = 4;  ///< standardised returns are cut to ± this, above half the shift
};

enum class Drift : std::uint8_t { none, worse, better };
constexpr auto names_of(Drift) { return std::to_array<std::string_view>({"none", "worse", "better"}); }

/// The state of the alarm.
struct DriftReport {
  Drift alarm = Drift::none;    ///< latched: stays until a new monitor is made
  std::int64_t alarm_bar = -1;  ///< the bar it rose at, from 0
  std::int64_t bars = 0;
  double worse = 0;   ///< CUSUM statistics, in standard deviations
  double better = 0;  ///< 0 unless two_sided
  double threshold = 0;
  double shift = 0;  ///< the one used
  double mean_bars_to_false_alarm = 0;
  double mean_bars_to_detection = 0;  ///< once the mean has fallen by `shift`
};

/// Watches live returns for a change of their mean against the backtest: the CUSUM of Page 1954 on winsorised standardised returns
/// z = clip((r − mean) / deviation), worse: C ← max(0, C − z − shift/2), alarm when C > h [Hawkins & Olwell 1998].
/// h makes the mean time between false alarms `false_alarm_years` · periods_per_year bars for independent normal z, by Siegmund's
/// approximation [Siegmund 1985]: ARL(Δ) = (exp(2Δb) − 2Δb − 1) / (2Δ²), b = h + 1.166, Δ = drift of −z − shift/2; two sides: 1/ARL adds
/// up. Cutting at ±4 bounds what one bar can add, so that a single crash raises no alarm by itself; it makes fat tails count less, and the
/// time between false alarms longer. Positive autocorrelation makes it shorter. O(1) per bar, no allocation.
class DriftMonitor {
 public:
  /// Errors: `usage` for options or a baseline out of range.
  static Result<DriftMonitor> make(const DriftBaseline& baseline, const DriftOptions& options);

  /// The next bar's return, finite (others are ignored).
  void add(double simple_return) noexcept;
  DriftReport report() const noexcept;
  const DriftBaseline& baseline() const noexcept { return baseline_; }

  std::string save() const;
  /// Goes on to the last bit. Errors: `corrupt`, `newer_format`.
  static Result<DriftMonitor> load(std::string_view text);

 private:
  DriftMonitor() = default;
  DriftBaseline baseline_;
  DriftOptions options_;
  double shift_ = 0;
  double threshold_ = 0;
  std::int64_t bars_ = 0;
  double worse_ = 0;
  double better_ = 0;
  Drift alarm_ = Drift::none;
  std::int64_t alarm_bar_ = -1;
};

/// Probability that the true Sharpe ratio of the live returns is below the baseline's: 1 − probabilistic_sharpe(live, baseline) [Bailey &
/// López de Prado 2012]. Undefined as return_moments and probabilistic_sharpe.
Value probability_below(const StreamingMetrics& live, const DriftBaseline& baseline) noexcept;

/// Siegmund's mean number of bars to an alarm of a one-sided CUSUM with threshold h whose unit-variance steps have mean `drift`.
double cusum_run_length(double threshold, double drift) noexcept;
/// The threshold whose run length is `bars` when nothing has changed (steps of mean −allowance). Precondition: allowance > 0, bars > 0.
double cusum_threshold(double bars, double allowance) noexcept;

}  // namespace tradewind::metrics
