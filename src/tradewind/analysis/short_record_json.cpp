// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/short_record_json.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tradewind/base/json.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::analysis {
namespace {

constexpr auto kAnnualised = std::to_array<std::string_view>(
    {"score", "annualized_return", "volatility", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "gross_sharpe", "net_sharpe",
     "cost_impact", "selection_sharpe", "holdout_sharpe", "sharpe_interval", "rolling_sharpe", "alpha", "information_ratio",
     "tracking_error", "up_capture", "down_capture", "treynor"});

void leave_out(Json& value) {  // NOLINT(misc-no-recursion): as deep as our own document
  if (value.is_array())
    for (Json& one : value) leave_out(one);
  if (!value.is_object()) return;
  for (const auto& [key, inner] : value.items()) {
    if (key == "undefined") continue;
    if (std::find(kAnnualised.begin(), kAnnualised.end(), key) == kAnnualised.end() || inner.is_object()) {
      leave_out(inner);
      continue;
    }
    inner = nullptr;
    if (const auto reasons = value.find("undefined"); reasons != value.end() && reasons->is_object())
      (*reasons)[key] = enum_name(metrics::Undefined::short_sample);
  }
}

}  // namespace

std::optional<double> short_record_years(const Json& document) {
  const auto number = [](const Json& value) { return value.is_number() ? value.get<double>() : 0; };
  const Json& split = member(document, "split");
  const double bars = number(member(split, "selection_bars")) + number(member(split, "holdout_bars"));
  const double years = bars / number(member(member(document, "provenance"), "periods_per_year"));
  return years < metrics::ReturnOptions().minimum_years ? std::optional(years) : std::nullopt;
}

void leave_out_annualised(Json& document) {
  leave_out(document["strategies"]);
  leave_out(document["combinations"]);
  leave_out(document["classifiers"]);
  leave_out(document["ensemble"]);
  for (Json& one : document["rolling_sharpe"]["series"])
    for (Json& value : one["values"]) value = nullptr;
  document["findings"] = Json::array();
}

}  // namespace tradewind::analysis
