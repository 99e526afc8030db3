// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tradewind/figures/style_internal.hpp"

namespace tradewind::figures {
namespace {

constexpr std::array<double, 2> kEquity = {0.46, 1.0}, kRibbon = {0.375, 0.425}, kDrawdown = {0.0, 0.34};

/// What the reader came for is drawn thick, what it is measured against thin and dashed.
Json line_style(const std::string& kind, std::size_t index) {
  if (kind == "ensemble") return {{"width", 2.6}, {"color", kBlue}};
  if (kind == "static") return {{"width", 1.6}, {"color", "#CC79A7"}, {"dash", "dash"}};
  if (kind == "equal") return {{"width", 1.6}, {"color", "#009E73"}, {"dash", "dot"}};
  if (kind == "single") return {{"width", 1.6}, {"color", kOrange}, {"dash", "dashdot"}};
  if (kind == "baseline") return {{"width", 1.6}, {"color", kGrey}};
  return {{"width", 1.6}, {"color", colour(index)}, {"dash", dash(index)}};
}

void add_curve(const EquityTable& table, std::size_t index, const Json& times, Json& data) {
  const EquityCurve& curve = table.curves[index];
  const Json style = line_style(curve.kind, index);
  data.push_back({{"type", "scatter"},
                  {"mode", "lines"},
                  {"name", plain(curve.name)},
                  {"x", times},
                  {"y", numbers(curve.equity)},
                  {"line", style},
                  {"legendgroup", std::to_string(index)},
                  {"hovertemplate", "%{x}: %{y:.3f}"}});
  std::vector<double> below = curve.drawdown;
  for (double& value : below) value = -value;
  data.push_back({{"type", "scatter"},
                  {"mode", "lines"},
                  {"name", plain(curve.name)},
                  {"x", times},
                  {"y", numbers(below)},
                  {"yaxis", "y3"},
                  {"line", style},
                  {"legendgroup", std::to_string(index)},
                  {"showlegend", false},
                  {"hovertemplate", "%{x}: %{y:.1%}"}});
  if (table.log_axis && index == 0) data.back()["fill"] = "tozeroy";
}

Json ribbon_scale(std::size_t labels) {
  Json scale = Json::array();
  for (std::size_t i = 0; i < labels; ++i) {
    const auto n = static_cast<double>(labels);
    scale.push_back({static_cast<double>(i) / n, regime_colour(i)});
    scale.push_back({static_cast<double>(i + 1) / n, regime_colour(i)});
  }
  return scale;
}

/// One heatmap row whose cells are the spans: a shape for each would slow the page down.
void add_ribbon(const std::vector<RegimeSpan>& spans, Json& data) {
  std::vector<std::string> labels;
  for (const RegimeSpan& span : spans) labels.push_back(span.label);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  if (labels.empty()) return;
  Json x = Json::array(), z = Json::array(), text = Json::array();
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const RegimeSpan& span = spans[i];
    x.push_back(short_time(span.from));
    z.push_back(std::lower_bound(labels.begin(), labels.end(), span.label) - labels.begin());
    text.push_back(plain(span.label));
    const bool gap = i + 1 < spans.size() && spans[i + 1].from > span.to;
    if (gap) {
      x.push_back(short_time(span.to));
      z.push_back(nullptr);
      text.push_back("");
    }
  }
  x.push_back(short_time(spans.back().to));
  const auto top = static_cast<double>(labels.size());
  data.push_back({{"type", "heatmap"},
                  {"x", std::move(x)},
                  {"y", {0, 1}},
                  {"z", Json::array({std::move(z)})},
                  {"text", Json::array({std::move(text)})},
                  {"yaxis", "y2"},
                  {"zmin", -0.5},
                  {"zmax", top - 0.5},
                  {"colorscale", ribbon_scale(labels.size())},
                  {"showscale", false},
                  {"hovertemplate", "%{x}: %{text}<extra>regime</extra>"}});
  for (std::size_t i = 0; i < labels.size(); ++i) {  // the ribbon's legend
    data.push_back({{"type", "scatter"},
                    {"mode", "markers"},
                    {"name", plain(labels[i])},
                    {"x", Json::array({nullptr})},
                    {"y", Json::array({nullptr})},
                    {"yaxis", "y2"},
                    {"legend", "legend2"},
                    {"hoverinfo", "skip"},
                    {"marker", {{"symbol", "square"}, {"size", 11}, {"color", regime_colour(i)}}}});
  }
}

/// Shades what was held out and says so.
void shade_holdout(const std::string& boundary, const std::string& end, Json& layout) {
  if (boundary.empty() || end.empty() || boundary >= end) return;
  layout["shapes"] = Json::array({{{"type", "rect"},
                                   {"layer", "below"},
                                   {"xref", "x"},
                                   {"x0", short_time(boundary)},
                                   {"x1", short_time(end)},
                                   {"yref", "paper"},
                                   {"y0", 0},
                                   {"y1", 1},
                                   {"line", {{"width", 0}}},
                                   {"fillcolor", "rgba(230,159,0,0.13)"}},
                                  {{"type", "line"},
                                   {"xref", "x"},
                                   {"x0", short_time(boundary)},
                                   {"x1", short_time(boundary)},
                                   {"yref", "paper"},
                                   {"y0", 0},
                                   {"y1", 1},
                                   {"line", {{"width", 1.2}, {"dash", "dot"}, {"color", kGrey}}}}});
  Json label = annotation("held out →", 0, 1.0);
  label["xref"] = "x";
  label["x"] = short_time(boundary);
  label["xanchor"] = "left";
  label["yanchor"] = "bottom";
  layout["annotations"] = Json::array({std::move(label)});
}

Json legend_below(double y) { return {{"orientation", "h"}, {"x", 0}, {"y", y}, {"yanchor", "top"}}; }

/// The fewer decades, the more of each is named.
void set_log_axis(Json& y, const EquityTable& table) {
  y["type"] = "log";
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const EquityCurve& curve : table.curves)
    for (const double value : curve.equity)
      if (value > 0 && std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  if (!(high > 3 * low)) return;
  Json values = Json::array(), texts = Json::array();
  const double decades = std::log10(high / low);
  const int step = std::max(1, static_cast<int>(decades / 8));
  const std::vector<double> digits = decades > 3   ? std::vector<double>{1}
                                     : decades > 2 ? std::vector<double>{1, 2, 5}
                                     : decades > 1 ? std::vector<double>{1, 2, 3, 5}
                                                   : std::vector<double>{1, 1.5, 2, 3, 4, 5, 7};
  for (int power = static_cast<int>(std::floor(std::log10(low))); power <= std::log10(high); power += step)
    for (const double digit : digits) {
      const double value = digit * std::pow(10.0, power);
      if (value < low * 0.8 || value > high * 1.25) continue;
      values.push_back(number(value));
      texts.push_back(fmt::format("{:.6g}", value));
    }
  y["tickvals"] = std::move(values);
  y["ticktext"] = std::move(texts);
}

}  // namespace

Json time_axis(const std::vector<std::string>& timestamps) {
  Json x = axis();
  const bool dates = timestamps.empty() || timestamps.front().find('-') != std::string::npos;
  x["type"] = dates ? "date" : "linear";
  if (dates && timestamps.size() > 1) x["range"] = {short_time(timestamps.front()), short_time(timestamps.back())};
  return x;
}

Figure equity_and_drawdown(const EquityTable& table) {
  Figure figure;
  figure.layout = base_layout("Equity and drawdown", 600);
  const Json times = short_times(table.timestamps);
  for (std::size_t i = 0; i < table.curves.size(); ++i) add_curve(table, i, times, figure.data);
  add_ribbon(table.regimes, figure.data);
  Json& layout = figure.layout;
  layout["xaxis"] = time_axis(table.timestamps);
  layout["xaxis"]["anchor"] = "y3";
  layout["yaxis"] = axis("equity");
  layout["yaxis"]["domain"] = kEquity;
  if (table.log_axis) set_log_axis(layout["yaxis"], table);
  layout["yaxis2"] = {{"domain", kRibbon}, {"range", {0, 1}},   {"ticks", ""},       {"showticklabels", false},
                      {"showgrid", false}, {"zeroline", false}, {"fixedrange", true}};
  layout["yaxis3"] = axis("drawdown");
  layout["yaxis3"]["domain"] = kDrawdown;
  layout["yaxis3"]["tickformat"] = ".0%";
  layout["yaxis3"]["rangemode"] = "tozero";
  layout["showlegend"] = true;
  layout["legend"] = legend_below(-0.09);
  layout["legend2"] = legend_below(-0.19);
  layout["legend2"]["title"] = {{"text", "regime "}};
  layout["margin"]["b"] = table.regimes.empty() ? 70 : 110;
  if (!table.timestamps.empty()) shade_holdout(table.boundary, table.timestamps.back(), layout);
  return figure;
}

Figure rolling_sharpe(const RollingTable& table) {
  Figure figure;
  figure.layout = base_layout(fmt::format("Sharpe ratio over the last {} bars", table.window), 360);
  const Json times = short_times(table.timestamps);
  for (std::size_t i = 0; i < table.curves.size(); ++i) {
    figure.data.push_back({{"type", "scatter"},
                           {"mode", "lines"},
                           {"name", plain(table.curves[i].name)},
                           {"x", times},
                           {"y", numbers(table.curves[i].values)},
                           {"line", line_style(table.curves[i].kind, i)},
                           {"hovertemplate", "%{x}: %{y:.2f}"}});
  }
  figure.layout["xaxis"] = time_axis(table.timestamps);
  figure.layout["yaxis"] = axis("Sharpe ratio per year");
  figure.layout["yaxis"]["zeroline"] = true;
  figure.layout["yaxis"]["zerolinecolor"] = kGrey;
  figure.layout["showlegend"] = true;
  figure.layout["legend"] = legend_below(-0.14);
  if (!table.timestamps.empty()) shade_holdout(table.boundary, table.timestamps.back(), figure.layout);
  return figure;
}

}  // namespace tradewind::figures
