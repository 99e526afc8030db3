// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/report_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

constexpr std::size_t kSampledRows = 60;

Cell identity(View strategy) {
  Cell cell = text_cell(strategy["strategy_id"].text());
  const std::string reason = strategy["reason"].text();
  if (!reason.empty()) cell.html += fmt::format("<small>{}</small>", prose(reason));
  return cell;
}

/// The numbers of one strategy in one part of the data, each with the reason when it has none.
struct Part {
  const RunPage& page;
  View metrics;
  std::string path, other_path;

  std::string why(std::string_view name) const { return page.reasons.why(metrics, name, path, other_path); }
  Cell fixed(std::string_view name) const { return fixed_cell(metrics[name].number(), why(name)); }
  Cell percent(std::string_view name) const { return percent_cell(metrics[name].number(), why(name)); }
};

Part part_of(const RunPage& page, View strategy, std::size_t index, std::string_view name) {
  return {page, strategy[name], fmt::format("strategies.{}.{}", index, name),
          fmt::format("strategies.{}.{}", strategy["strategy_id"].text(), name)};
}

Table strategies_table(const RunPage& page) {
  Table table("The best strategies of the run, after costs; the selected ones are marked",
              {{"Strategy"},
               {"Status"},
               {"Sharpe, selection", true, "with its 95 % interval"},
               {"DSR", true, "deflated Sharpe ratio: confidence that it is not the luck of many tries"},
               {"Sharpe, held out", true},
               {"Return a year, held out", true},
               {"Max drawdown, selection", true},
               {"Max drawdown, held out", true},
               {"Win rate", true},
               {"Profit factor", true},
               {"Trades", true},
               {"Cost impact", true, "Sharpe ratio lost to costs"}});
  const std::vector<View> strategies = page.analysis["strategies"].list();
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    const View strategy = strategies[i], interval = strategy["sharpe_interval"];
    const Part selection = part_of(page, strategy, i, "selection"), holdout = part_of(page, strategy, i, "holdout");
    table.add({identity(strategy), text_cell(strategy["status"].text()),
               interval_cell(selection.metrics["sharpe_ratio"].number(), interval[0].number(), interval[1].number(),
                             selection.why("sharpe_ratio")),
               percent_cell(strategy["dsr"].number(), page.reasons.why(strategy, "dsr", fmt::format("strategies.{}", i)), 0),
               holdout.fixed("sharpe_ratio"), holdout.percent("annualized_return"), selection.percent("max_drawdown"),
               holdout.percent("max_drawdown"), selection.percent("win_rate"), selection.fixed("profit_factor"),
               count_cell(selection.metrics["total_trades"]), selection.fixed("cost_impact")},
              strategy["status"].text() == "selected");
  }
  return table;
}

Table comparison_table(const std::vector<ComparedStrategy>& strategies) {
  Table table("What the comparison shows", {{"Strategy"},
                                            {"Sharpe, selection", true},
                                            {"Sharpe, held out", true},
                                            {"5 % return", true},
                                            {"Median return", true},
                                            {"95 % return", true},
                                            {"Drawdown, selection", true},
                                            {"Drawdown, held out", true},
                                            {"Win rate", true},
                                            {"Profit factor", true}});
  for (const ComparedStrategy& s : strategies) {
    table.add(
        {text_cell(s.strategy_id), interval_cell(s.selection_sharpe, s.sharpe_low, s.sharpe_high), fixed_cell(s.holdout_sharpe),
         percent_cell(s.return_quantiles[1], {}, 2), percent_cell(s.return_quantiles[3], {}, 2), percent_cell(s.return_quantiles[5], {}, 2),
         percent_cell(s.selection_drawdown), percent_cell(s.holdout_drawdown), percent_cell(s.win_rate), fixed_cell(s.profit_factor)},
        s.selected);
  }
  return table;
}

/// The last point of each year, or of each month or day when the years are few.
std::vector<std::size_t> period_ends(const std::vector<std::string>& times) {
  if (!times.empty() && times.front().find('-') == std::string::npos) {  // bars that are numbered
    std::vector<std::size_t> ends;
    const std::size_t rows = std::min<std::size_t>(times.size(), kSampledRows / 3);
    for (std::size_t i = 1; i <= rows; ++i) ends.push_back(i * times.size() / rows - 1);
    return ends;
  }
  for (const std::size_t prefix : {4u, 7u, 10u, 40u}) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (i + 1 == times.size() || times[i].substr(0, prefix) != times[i + 1].substr(0, prefix)) ends.push_back(i);
    }
    if (ends.size() >= 3 || prefix == 40) {
      if (ends.size() > kSampledRows) ends.erase(ends.begin(), ends.end() - kSampledRows);
      return ends;
    }
  }
  return {};
}

template <class Curves, class Add>
Table sampled_table(std::string caption, const std::vector<std::string>& times, const Curves& curves, Add add) {
  std::vector<Column> columns = {{"Until"}};
  for (const auto& curve : curves) columns.push_back({curve.name, true});
  Table table(std::move(caption), std::move(columns));
  for (const std::size_t i : period_ends(times)) {
    std::vector<Cell> row = {text_cell(times[i].substr(0, times[i].ends_with("T00:00:00Z") ? 10 : 40))};
    for (const auto& curve : curves) row.push_back(add(curve, i));
    table.add(std::move(row));
  }
  return table;
}

}  // namespace

std::string equity_table(const EquityTable& equity) {
  return sampled_table("Equity (and drawdown) at the end of each period", equity.timestamps, equity.curves,
                       [](const EquityCurve& curve, std::size_t i) {
                         Cell cell = i < curve.equity.size() ? fixed_cell(curve.equity[i], {}, 3) : undefined_cell({});
                         if (i < curve.drawdown.size() && std::isfinite(curve.drawdown[i]))
                           cell.html += fmt::format("<small>{}</small>", percent(-curve.drawdown[i]));
                         return cell;
                       })
      .html();
}

std::string rolling_table(const RollingTable& rolling, std::string_view what) {
  return sampled_table(fmt::format("{} at the end of each period", what), rolling.timestamps, rolling.curves,
                       [](const RollingCurve& curve, std::size_t i) {
                         return i < curve.values.size() ? fixed_cell(curve.values[i], "the window is not full") : undefined_cell({});
                       })
      .html();
}

std::string monthly_table(const MonthlyReturns& monthly) {
  std::vector<Column> columns = {{"Year"}};
  for (const char* month : {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"})
    columns.push_back({month, true});
  columns.push_back({"Year", true, "of the months shown"});
  Table table("Monthly returns", std::move(columns));
  for (std::size_t year = 0; year < monthly.years.size(); ++year) {
    std::vector<Cell> row = {text_cell(std::to_string(monthly.years[year]))};
    double growth = 1;
    for (const double value : monthly.returns[year]) {
      row.push_back(percent_cell(value, "outside the data"));
      if (std::isfinite(value)) growth *= 1 + value;
    }
    row.push_back(percent_cell(growth - 1));
    table.add(std::move(row));
  }
  return table.html();
}

void write_strategies(RunPage& page) {
  page.open_section(
      "strategies", "The strategies compared",
      "Beside every Sharpe ratio stands its deflated one: the more strategies are tried, the better the best looks by luck alone.");
  if (page.analysis["strategies"].empty()) {
    page.missing("The analysis holds no strategies.");
  } else {
    page.figure("strategy_comparison", comparison_table(comparison_of(page.analysis)).html());
    page.table(strategies_table(page), true);
  }
  page.close_section();
}

void write_tear_sheet(RunPage& page) {
  page.open_section("tear-sheet", "Tear sheet", "The path itself, after costs.");
  const auto equity = equity_of(page.analysis);
  if (!equity) page.missing("There are no curves: nothing was selected, or there was not enough data.");
  if (equity) page.figure("equity_and_drawdown", equity_table(*equity));
  if (const auto monthly = monthly_of(page.analysis)) page.figure("monthly_returns", monthly_table(*monthly));
  if (const auto rolling = rolling_of(page.analysis)) page.figure("rolling_sharpe", rolling_table(*rolling, "Rolling Sharpe ratio"));
  page.close_section();
}

}  // namespace tradewind::figures
