// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/account_record.hpp"

#include <cmath>

#include "tradewind/base/json.hpp"
#include "tradewind/live/short_record.hpp"

namespace tradewind::live {
namespace {

using metrics::Metric;

/// Figures per mark: how many there are in a year is known once the last one has come.
metrics::StreamingMetrics per_mark() {
  metrics::StreamingOptions options;
  options.returns.periods_per_year = 1;
  return *metrics::StreamingMetrics::make(std::move(options));
}

}  // namespace

AccountRecord::AccountRecord(UnixNanos time, Money contributed) : growth_(contributed), returns_(per_mark()), begun_(time), last_(time) {}

void AccountRecord::add(UnixNanos time, Money equity, Money contributed) {
  const double before = growth_.index();
  growth_.mark(equity, contributed);
  // Only a return beyond any account is refused, and it stays out of the figures.
  static_cast<void>(returns_.add(before > 0 ? growth_.index() / before - 1 : 0));
  last_ = std::max(last_, time);
}

Json AccountRecord::json() const {
  const double years = static_cast<double>(last_ - begun_) / kNanosPerYear;
  metrics::PerformanceMetrics m = returns_.metrics().value_or(metrics::PerformanceMetrics{});
  const double root = years > 0 ? std::sqrt(static_cast<double>(returns_.bars()) / years) : 0;
  for (const Metric metric : {Metric::volatility, Metric::sharpe_ratio, Metric::sortino_ratio})
    if (m.why(metric) == metrics::Undefined::defined) m.set(metric, m[metric] * root);
  leave_out_short(m, years);
  Json json = {{"marks", returns_.bars()}, {"years", years}};
  Json undefined = Json::object();
  const auto put = [&](Metric metric) {
    const std::string name(enum_name(metric));
    json[name] = number_or_null(m[metric]);
    if (m.why(metric) != metrics::Undefined::defined) undefined[name] = enum_name(m.why(metric));
  };
  put(Metric::total_return);
  put(Metric::max_drawdown);
  json["current_drawdown"] = returns_.current_drawdown();
  for (const Metric metric : {Metric::volatility, Metric::sharpe_ratio, Metric::sortino_ratio}) put(metric);
  if (!undefined.empty()) json["undefined"] = std::move(undefined);
  return json;
}

}  // namespace tradewind::live
