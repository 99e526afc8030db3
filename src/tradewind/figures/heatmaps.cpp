// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tradewind/figures/style_internal.hpp"

namespace tradewind::figures {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Rows, columns and the signed numbers of one heatmap, brought together trace by trace.
struct Grid {
  Json x = Json::array(), y = Json::array(), z = Json::array(), text = Json::array(), hover = Json::array();
};

Json heatmap(Grid grid, double limit) {
  return {{"type", "heatmap"},
          {"x", std::move(grid.x)},
          {"y", std::move(grid.y)},
          {"z", std::move(grid.z)},
          {"text", std::move(grid.text)},
          {"texttemplate", "%{text}"},
          {"hovertext", std::move(grid.hover)},
          {"hovertemplate", "%{hovertext}<extra></extra>"},
          {"colorscale", diverging_scale()},
          {"zmid", 0},
          {"zmin", -limit},
          {"zmax", limit},
          {"xgap", 2},
          {"ygap", 2},
          {"hoverongaps", false}};
}

void add_colour_bar(Json& trace, std::string_view title, std::string_view format) {
  trace["colorbar"] = {{"title", {{"text", title}, {"side", "right"}}}, {"tickformat", format}, {"thickness", 12}, {"outlinewidth", 0}};
}

/// The scale's end on both sides of 0, so that one outlier does not bleach the rest: the 95 % quantile of the sizes.
double colour_limit(std::vector<double> values, double at_least) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return at_least;
  for (double& value : values) value = std::abs(value);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * 0.95);
  std::nth_element(values.begin(), at, values.end());
  return std::max(*at, at_least);
}

/// Categories in reading order: first one at the top.
Json reading_axis() {
  Json y = axis();
  y["type"] = "category";
  y["autorange"] = "reversed";
  y["showgrid"] = false;
  return y;
}

Json category_axis(std::string_view title = {}) {
  Json x = axis(title);
  x["type"] = "category";
  x["showgrid"] = false;
  return x;
}

RegimeCell cell_at(const RegimeTable& table, std::size_t strategy, std::size_t regime) {
  if (strategy >= table.cells.size() || regime >= table.cells[strategy].size()) return {};
  return table.cells[strategy][regime];
}

std::string cell_hover(const RegimeTable& table, std::size_t s, std::size_t r, const RegimeCell& cell) {
  return fmt::format("{}<br>{}: Sharpe {} over {} bars{}", plain(table.strategies[s]), plain(table.regimes[r]),
                     signed_text(cell.sharpe_ratio), cell.bars, cell.bars < kFewBars ? "<br>too few bars to tell" : "");
}

/// The cells whose number can be relied on, or the others.
Grid regime_grid(const RegimeTable& table, bool reliable) {
  Grid grid;
  grid.x = shortened(table.regimes, 24);
  grid.y = shortened(table.strategies, 34);
  for (std::size_t s = 0; s < table.strategies.size(); ++s) {
    Json z = Json::array(), text = Json::array(), hover = Json::array();
    for (std::size_t r = 0; r < table.regimes.size(); ++r) {
      const RegimeCell cell = cell_at(table, s, r);
      const bool shown = (cell.bars >= kFewBars && std::isfinite(cell.sharpe_ratio)) == reliable;
      z.push_back(!shown ? Json(nullptr) : reliable ? number(cell.sharpe_ratio) : Json(0.0));
      text.push_back(!shown ? "" : fmt::format("{}<br>{} bars", signed_text(cell.sharpe_ratio), cell.bars));
      hover.push_back(cell_hover(table, s, r, cell));
    }
    grid.z.push_back(std::move(z));
    grid.text.push_back(std::move(text));
    grid.hover.push_back(std::move(hover));
  }
  return grid;
}

double correlation_at(const CorrelationTable& table, std::size_t row, std::size_t column) {
  return row < table.matrix.size() && column < table.matrix[row].size() ? table.matrix[row][column] : kMissing;
}

std::vector<std::size_t> drawing_order(const CorrelationTable& table) {
  std::vector<std::size_t> order = table.order, sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> plain_order(table.strategies.size());
  std::iota(plain_order.begin(), plain_order.end(), std::size_t{0});
  return sorted == plain_order ? order : plain_order;
}

}  // namespace

Figure regime_heatmap(const RegimeTable& table) {
  Figure figure;
  figure.layout =
      base_layout("Sharpe ratio in each regime", 150 + 44 * static_cast<int>(std::max<std::size_t>(table.strategies.size(), 2)));
  std::vector<double> values;
  for (std::size_t s = 0; s < table.strategies.size(); ++s) {
    for (std::size_t r = 0; r < table.regimes.size(); ++r) {
      if (cell_at(table, s, r).bars >= kFewBars) values.push_back(cell_at(table, s, r).sharpe_ratio);
    }
  }
  Json reliable = heatmap(regime_grid(table, true), colour_limit(std::move(values), 1.0));
  add_colour_bar(reliable, "Sharpe ratio", "+.1f");
  Json few = heatmap(regime_grid(table, false), 1.0);
  few["colorscale"] = Json::array({{0.0, "#c9ccd1"}, {1.0, "#c9ccd1"}});
  few["showscale"] = false;
  few["textfont"] = {{"color", "#4a4f57"}};
  figure.data = Json::array({std::move(reliable), std::move(few)});
  figure.layout["xaxis"] = category_axis();
  figure.layout["xaxis"]["side"] = "top";
  figure.layout["yaxis"] = reading_axis();
  figure.layout["margin"]["t"] = 80;
  figure.layout["margin"]["b"] = 16;
  return figure;
}

Figure correlation_matrix(const CorrelationTable& table) {
  const std::vector<std::size_t> order = drawing_order(table);
  const std::size_t n = order.size();
  std::vector<std::string> names;
  for (const std::size_t i : order) names.push_back(table.strategies[i]);
  Grid grid;
  grid.y = shortened(names, 34);
  for (std::size_t i = 1; i <= n; ++i) grid.x.push_back(std::to_string(i));
  for (std::size_t i = 0; i < n; ++i) {
    grid.y[i] = grid.y[i].get<std::string>() + "  " + std::to_string(i + 1);
    Json z = Json::array(), text = Json::array(), hover = Json::array();
    for (std::size_t j = 0; j < n; ++j) {
      const double value = correlation_at(table, order[i], order[j]);
      z.push_back(number(value, 4));
      text.push_back(n <= 20 ? signed_text(value) : "");
      hover.push_back(fmt::format("{}<br>{}<br>correlation {}", plain(names[i]), plain(names[j]), signed_text(value)));
    }
    grid.z.push_back(std::move(z));
    grid.text.push_back(std::move(text));
    grid.hover.push_back(std::move(hover));
  }
  Figure figure;
  figure.layout =
      base_layout("Correlation of returns, alike strategies side by side", 130 + 30 * static_cast<int>(std::clamp<std::size_t>(n, 4, 30)));
  Json trace = heatmap(std::move(grid), 1.0);
  add_colour_bar(trace, "correlation", "+.1f");
  if (n > 30) trace["xgap"] = trace["ygap"] = 0;
  figure.data = Json::array({std::move(trace)});
  figure.layout["xaxis"] = category_axis();
  figure.layout["yaxis"] = reading_axis();
  return figure;
}

namespace {

void add_month(Json& z, Json& text, Json& hover, double value, const std::string& when) {
  z.push_back(number(value, 4));
  text.push_back(std::isfinite(value) ? signed_text(value * 100, 1) : "");
  hover.push_back(fmt::format("{}: {} %", when, signed_text(value * 100)));
}

}  // namespace

Figure monthly_returns(const MonthlyReturns& table) {
  Grid grid;
  for (const std::string_view month : kMonths) grid.x.push_back(month);
  if (!table.totals.empty()) grid.x.push_back("Year");
  std::vector<double> values;
  for (std::size_t year = 0; year < table.years.size(); ++year) {
    grid.y.push_back(std::to_string(table.years[year]));
    Json z = Json::array(), text = Json::array(), hover = Json::array();
    for (std::size_t month = 0; month < 12; ++month) {
      const double value = year < table.returns.size() ? table.returns[year][month] : kMissing;
      values.push_back(value);
      add_month(z, text, hover, value, fmt::format("{} {}", kMonths[month], table.years[year]));
    }
    if (year < table.totals.size()) add_month(z, text, hover, table.totals[year], std::to_string(table.years[year]));
    grid.z.push_back(std::move(z));
    grid.text.push_back(std::move(text));
    grid.hover.push_back(std::move(hover));
  }
  Figure figure;
  figure.layout = base_layout("Monthly returns in per cent", 130 + 30 * static_cast<int>(std::max<std::size_t>(table.years.size(), 2)));
  Json trace = heatmap(std::move(grid), colour_limit(std::move(values), 0.005));
  add_colour_bar(trace, "return", "+.0%");
  figure.data = Json::array({std::move(trace)});
  figure.layout["xaxis"] = category_axis();
  figure.layout["xaxis"]["side"] = "top";
  figure.layout["yaxis"] = reading_axis();
  figure.layout["margin"]["t"] = 80;
  figure.layout["margin"]["b"] = 16;
  return figure;
}

Figure parameter_surface(const ParameterSurface& surface) {
  Grid grid;
  for (const double x : surface.x) grid.x.push_back(number(x));
  for (const double y : surface.y) grid.y.push_back(number(y));
  const bool small = surface.x.size() * surface.y.size() <= 150;
  std::vector<double> values;
  for (std::size_t row = 0; row < surface.y.size(); ++row) {
    Json z = Json::array(), text = Json::array(), hover = Json::array();
    for (std::size_t column = 0; column < surface.x.size(); ++column) {
      const bool there = row < surface.sharpe_ratio.size() && column < surface.sharpe_ratio[row].size();
      const double value = there ? surface.sharpe_ratio[row][column] : kMissing;
      values.push_back(value);
      z.push_back(number(value, 4));
      text.push_back(small && std::isfinite(value) ? signed_text(value) : "");
      hover.push_back(fmt::format("{} {}, {} {}<br>Sharpe {}", plain(surface.x_name), surface.x[column], plain(surface.y_name),
                                  surface.y[row], signed_text(value)));
    }
    grid.z.push_back(std::move(z));
    grid.text.push_back(std::move(text));
    grid.hover.push_back(std::move(hover));
  }
  Figure figure;
  figure.layout = base_layout("Sharpe ratio over the parameters", 440);
  Json trace = heatmap(std::move(grid), colour_limit(std::move(values), 0.5));
  trace["xgap"] = trace["ygap"] = small ? 2 : 0;
  add_colour_bar(trace, "Sharpe ratio", "+.1f");
  figure.data = Json::array({std::move(trace)});
  Json marks = {{"type", "scatter"},
                {"mode", "markers"},
                {"x", Json::array()},
                {"y", Json::array()},
                {"text", Json::array()},
                {"marker", {{"symbol", "circle-open"}, {"size", small ? 40 : 16}, {"color", kOrange}, {"line", {{"width", 3}}}}},
                {"hovertemplate", "%{text}<extra></extra>"}};
  for (const SurfacePoint& point : surface.marked) {
    marks["x"].push_back(number(point.x));
    marks["y"].push_back(number(point.y));
    marks["text"].push_back(plain(point.label));
  }
  if (!surface.marked.empty()) figure.data.push_back(std::move(marks));
  figure.layout["xaxis"] = category_axis(surface.x_name);
  figure.layout["yaxis"] = category_axis(surface.y_name);
  return figure;
}

}  // namespace tradewind::figures
