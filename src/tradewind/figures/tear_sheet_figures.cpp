// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/base/text.hpp"
#include "tradewind/figures/tables_internal.hpp"
#include "tradewind/figures/tear_sheet.hpp"

namespace tradewind::figures {

std::optional<YearlyReturns> yearly_of(View sheet) {
  const View months = sheet["monthly_returns"], yearly = sheet["benchmark"]["yearly"];
  YearlyReturns table{sheet["name"].text(), sheet["benchmark"]["name"].text(), {}, months["totals"].numbers(), {}};
  for (const View& year : months["years"].list()) table.years.push_back(static_cast<int>(year.integer()));
  if (table.years.empty()) return std::nullopt;
  if (yearly.empty()) return table;
  for (const int year : table.years) {
    double value = kMissing;
    for (const View& one : yearly.list())
      if (one["year"].integer() == year) value = one["benchmark"].number();
    table.benchmark.push_back(value);
  }
  return table;
}

std::optional<ReturnHistogram> histogram_of(View sheet) {
  const View from = sheet["histogram"];
  ReturnHistogram histogram{
      from["low"].number(), from["high"].number(), {}, sheet["metrics"]["value_at_risk"].number(), sheet["histogram"]["mean"].number()};
  for (const View& one : from["counts"].list()) histogram.counts.push_back(one.integer());
  if (histogram.counts.empty() || !std::isfinite(histogram.low) || !std::isfinite(histogram.high)) return std::nullopt;
  return histogram;
}

std::vector<RollingPanel> panels_of(View sheet) {
  std::vector<RollingPanel> panels;
  const View rolling = sheet["rolling"];
  const auto add = [&](const char* title, std::string_view key, const char* format) {
    RollingPanel panel{title, rolling[key].numbers(), format};
    if (std::ranges::any_of(panel.values, [](double v) { return std::isfinite(v); })) panels.push_back(std::move(panel));
  };
  add("Sharpe", "sharpe_ratio", ".2f");
  add("volatility", "volatility", ".0%");
  add("beta", "beta", ".2f");
  return panels;
}

static std::string histogram_caption(View sheet) {
  const std::int64_t still = sheet["histogram"]["left_out"].integer();
  return still == 0 ? "How often a bar had which return."
                    : fmt::format("How often a bar had which return; {} bars without one are left out.", count(still));
}

std::vector<NamedFigure> tear_sheet_figures(const Json& document) {
  std::vector<NamedFigure> out;
  const View sheet(document);
  if (auto equity = equity_of(sheet)) {
    equity->log_axis = true;
    out.push_back({"equity_and_drawdown",
                   "What 1 became, on a logarithmic axis: equal steps are equal gains. Below, the loss from the last peak.",
                   equity_and_drawdown(*equity), true});
  }
  if (const auto monthly = monthly_of(sheet))
    out.push_back({"monthly_returns", "Return of each month and year in per cent.", monthly_returns(*monthly)});
  if (const auto yearly = yearly_of(sheet))
    out.push_back({"yearly_returns", yearly->benchmark.empty() ? "Return of each year." : "Return of each year, beside the benchmark's.",
                   yearly_returns(*yearly), true});
  if (const auto histogram = histogram_of(sheet))
    out.push_back({"return_histogram", histogram_caption(sheet), return_histogram(*histogram), true});
  if (const auto panels = panels_of(sheet); !panels.empty())
    out.push_back({"rolling_figures", fmt::format("Over the {} bars before each point.", sheet["rolling"]["window"].integer()),
                   rolling_panels(sheet["rolling"]["timestamp"].texts(), panels), true});
  return out;
}

}  // namespace tradewind::figures
