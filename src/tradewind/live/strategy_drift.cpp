// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/strategy_drift.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/calibration_internal.hpp"
#include "tradewind/live/short_record.hpp"

namespace tradewind::live {
namespace {

/// Trades that came within one moment say nothing of how many a year has; more than one a second are not believed.
constexpr double kMostTradesPerYear = 365.25 * 86'400;

std::optional<metrics::DriftMonitor> monitor_of(const metrics::DriftBaseline& baseline, double per_year) {
  metrics::DriftOptions options;
  options.periods_per_year = per_year;
  auto made = metrics::DriftMonitor::make(baseline, options);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

}  // namespace

StrategyDrift::StrategyDrift(StrategyOrigin origin) : origin_(std::move(origin)) {
  if (by_bars()) monitor_ = monitor_of(*origin_.expected, origin_.bars_per_year);
}

void StrategyDrift::start_afresh() { *this = StrategyDrift(std::move(origin_)); }

void StrategyDrift::observe(UnixNanos time, double r) {
  const bool before = alarm();
  monitor_->add(r);
  if (!before && alarm()) since_ = time;
}

void StrategyDrift::mark(UnixNanos time, double index, bool trading) {
  if (!by_bars() || !monitor_) return;
  if (!trading || !bar_ || !(bar_->index > 0)) {
    bar_ = {time, index};
    return;
  }
  if (static_cast<double>(time - bar_->time) < origin_.bar_seconds * 1e9) return;
  observe(time, index / bar_->index - 1);
  bar_ = {time, index};
}

void StrategyDrift::trade(UnixNanos time, double expected, double earned) {
  if (by_bars()) return;
  ++trades_;
  expects_ |= expected != 0;
  if (monitor_) return observe(time, monitor_->baseline().mean + earned - expected);
  first_.push_back({time, expected, earned});
  if (first_.size() >= kEnoughTrades) begin_with_trades();
}

/// The monitor watches the mean of "promised mean + what was earned beyond what was expected", which is the promised mean as long as the
/// expectations are right, whatever each of them is.
void StrategyDrift::begin_with_trades() {
  if (!expects_) return first_.clear();
  std::vector<double> beyond;
  double promised = 0;
  for (const Trade& one : first_) {
    beyond.push_back(one.earned - one.expected);
    promised += one.expected / static_cast<double>(first_.size());
  }
  const auto spread = metrics::drift_baseline(beyond);
  if (!spread) return;  // all alike: the next ones may differ
  const double years = static_cast<double>(first_.back().time - first_.front().time) / kNanosPerYear;
  const double per_year = std::min(kMostTradesPerYear, static_cast<double>(first_.size()) / std::max(years, 1e-9));
  monitor_ = monitor_of({promised, spread->deviation}, per_year);
  if (!monitor_) return;
  for (const Trade& one : first_) observe(one.time, promised + one.earned - one.expected);
  first_.clear();
}

bool StrategyDrift::alarm() const { return monitor_ && monitor_->report().alarm == metrics::Drift::worse; }

bool StrategyDrift::take_alarm() { return alarm() && !std::exchange(told_, true); }

std::string StrategyDrift::sentence(const std::string& strategy) const {
  const metrics::DriftReport report = monitor_->report();
  return fmt::format("strategy {} earns less than {}: over {} {} it has fallen {:.3g} standard deviations behind, {:.3g} are allowed",
                     strategy, by_bars() ? "its run promised" : "it expects of its trades", report.alarm_bar + 1,
                     by_bars() ? "bars" : "trades", report.worse, report.threshold);
}

Json StrategyDrift::json() const {
  Json json = {{"of", by_bars() ? "bars" : "trades"}, {"alarm", nullptr}, {"since", nullptr}};
  if (!monitor_) {
    json["observed"] = trades_;
    json["undefined"]["alarm"] = by_bars() ? "invalid_expectation" : expects_ || trades_ == 0 ? "too_few" : "no_expectation";
    return json;
  }
  const metrics::DriftReport report = monitor_->report();
  if (alarm()) {
    json["alarm"] = enum_name(report.alarm);
    json["since"] = format_time(since_);
  }
  json["observed"] = report.bars;
  json["shortfall"] = report.worse;
  json["threshold"] = report.threshold;
  json["expected_mean"] = monitor_->baseline().mean;
  json["expected_deviation"] = monitor_->baseline().deviation;
  return json;
}

}  // namespace tradewind::live
