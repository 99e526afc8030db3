// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/streaming_drift.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/streaming_text_internal.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::string_view kDriftKind = "tradewind.drift";
/// What a discrete walk overshoots the threshold by, on average: 2 · 0.583 [Siegmund 1985].
constexpr double kOvershoot = 1.166;
constexpr double kDefaultShift = 0.05;
/// A larger shift by default would ask more of one bar than winsorised returns can give.
constexpr double kLargestDefault = 1;
/// Below this the threshold would lie beyond any realistic run.
constexpr double kSmallestShift = 1e-4;

}  // namespace

std::optional<DriftBaseline> drift_baseline(std::span<const double> returns) noexcept {
  if (returns.size() < 2) return std::nullopt;
  const MeanDeviation m = mean_deviation(returns);
  if (is_zero_variance(m.deviation, m.mean)) return std::nullopt;
  return DriftBaseline{m.mean, m.deviation};
}

double cusum_run_length(double threshold, double drift) noexcept {
  const double b = threshold + kOvershoot;
  if (std::fabs(drift * b) < 1e-5) return b * b;  // the limit of the formula as the drift vanishes
  const double x = -2 * drift * b;
  return (std::expm1(x) - x) / (2 * drift * drift);
}

double cusum_threshold(double bars, double allowance) noexcept {
  double low = 0;
  double high = 1;
  while (cusum_run_length(high, -allowance) < bars) high *= 2;
  for (int step = 0; step < 200 && low < high; ++step) {
    const double middle = 0.5 * (low + high);
    if (middle == low || middle == high) break;
    (cusum_run_length(middle, -allowance) < bars ? low : high) = middle;
  }
  return high;
}

Result<DriftMonitor> DriftMonitor::make(const DriftBaseline& baseline, const DriftOptions& options) {
  if (!std::isfinite(baseline.mean) || !(baseline.deviation > 0) || !std::isfinite(baseline.deviation))
    return Error(Errc::usage, "the baseline needs a finite mean and a standard deviation above 0", "baseline");
  const auto positive = [](double number) { return number > 0 && std::isfinite(number); };
  if (!positive(options.periods_per_year)) return Error(Errc::usage, "periods per year must be above 0", "periods_per_year");
  if (!positive(options.false_alarm_years))
    return Error(Errc::usage, "the mean time between false alarms must be above 0", "false_alarm_years");
  if (!positive(options.winsorise)) return Error(Errc::usage, "the limit of standardised returns must be above 0", "winsorise");
  if (options.shift != 0 && !(positive(options.shift) && options.shift >= kSmallestShift))
    return Error(Errc::usage, "the shift to detect must be at least 0.0001 standard deviations, or 0 to take the baseline's Sharpe ratio",
                 "shift");
  if (options.winsorise <= std::max(options.shift, kLargestDefault) / 2)
    return Error(Errc::usage, "returns cut to half the shift or less can never raise an alarm", "winsorise",
                 "cut at 4 standard deviations");
  DriftMonitor monitor;
  monitor.baseline_ = baseline;
  monitor.options_ = options;
  monitor.shift_ = options.shift > 0 ? options.shift
                                     : (baseline.sharpe() > kSmallestShift ? std::min(baseline.sharpe(), kLargestDefault) : kDefaultShift);
  const double bars = options.false_alarm_years * options.periods_per_year * (options.two_sided ? 2 : 1);
  monitor.threshold_ = cusum_threshold(bars, monitor.shift_ / 2);
  return monitor;
}

void DriftMonitor::add(double simple_return) noexcept {
  if (!std::isfinite(simple_return)) return;
  const double z = std::clamp((simple_return - baseline_.mean) / baseline_.deviation, -options_.winsorise, options_.winsorise);
  worse_ = std::max(0.0, worse_ - z - shift_ / 2);
  if (options_.two_sided) better_ = std::max(0.0, better_ + z - shift_ / 2);
  if (alarm_ == Drift::none && (worse_ > threshold_ || better_ > threshold_)) {
    alarm_ = worse_ > threshold_ ? Drift::worse : Drift::better;
    alarm_bar_ = bars_;
  }
  ++bars_;
}

DriftReport DriftMonitor::report() const noexcept {
  DriftReport out;
  out.alarm = alarm_;
  out.alarm_bar = alarm_bar_;
  out.bars = bars_;
  out.worse = worse_;
  out.better = better_;
  out.threshold = threshold_;
  out.shift = shift_;
  out.mean_bars_to_false_alarm = options_.false_alarm_years * options_.periods_per_year;
  out.mean_bars_to_detection = cusum_run_length(threshold_, shift_ / 2);
  return out;
}

std::string DriftMonitor::save() const {
  StateText text(kDriftKind);
  text.line("baseline", {baseline_.mean, baseline_.deviation});
  text.line("options",
            {options_.periods_per_year, options_.two_sided ? 1.0 : 0.0, options_.false_alarm_years, options_.shift, options_.winsorise});
  text.line("state", {static_cast<double>(bars_), worse_, better_, static_cast<double>(alarm_), static_cast<double>(alarm_bar_)});
  return text.finish();
}

Result<DriftMonitor> DriftMonitor::load(std::string_view text) {
  TRADEWIND_ASSIGN(StateReader reader, StateReader::open(text, kDriftKind));
  const auto baseline = reader.line("baseline", 2);
  const auto options = reader.line("options", 5);
  const auto state = reader.line("state", 5);
  TRADEWIND_TRY(reader.finish());
  TRADEWIND_ASSIGN(DriftMonitor monitor,
                   make({baseline[0], baseline[1]}, {options[0], options[1] != 0, options[2], options[3], options[4]}));
  if (!(state[3] >= 0 && state[3] < static_cast<double>(enum_names<Drift>().size())))
    return Error(Errc::corrupt, "the saved state names an unknown alarm");
  monitor.bars_ = static_cast<std::int64_t>(state[0]);
  monitor.worse_ = state[1];
  monitor.better_ = state[2];
  monitor.alarm_ = static_cast<Drift>(static_cast<int>(state[3]));
  monitor.alarm_bar_ = static_cast<std::int64_t>(state[4]);
  return monitor;
}

Value probability_below(const StreamingMetrics& live, const DriftBaseline& baseline) noexcept {
  ReturnMoments moments;
  if (const Undefined why = live.moments(moments); why != Undefined::defined) return why;
  const Value above = probabilistic_sharpe(moments, baseline.sharpe());
  return above.defined() ? Value(1 - above.number) : above;
}

}  // namespace tradewind::metrics
