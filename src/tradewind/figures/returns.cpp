// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/style_internal.hpp"

namespace tradewind::figures {
namespace {

Json year_bars(const std::vector<int>& years, std::span<const double> values, const std::string& name, std::string_view fill) {
  Json x = Json::array();
  for (const int year : years) x.push_back(std::to_string(year));
  return {{"type", "bar"},        {"name", shortened(name, 40)}, {"x", std::move(x)},
          {"y", numbers(values)}, {"marker", {{"color", fill}}}, {"hovertemplate", "%{x}: %{y:.1%}<extra>" + plain(name) + "</extra>"}};
}

/// A dotted line across the plot at a value of x, with its name above.
void mark(Json& layout, double x, std::string_view text, std::string_view anchor) {
  if (!std::isfinite(x)) return;
  layout["shapes"].push_back({{"type", "line"},
                              {"x0", number(x)},
                              {"x1", number(x)},
                              {"yref", "paper"},
                              {"y0", 0},
                              {"y1", 1},
                              {"line", {{"width", 1.4}, {"dash", "dot"}, {"color", kGrey}}}});
  Json label = annotation(text, 0, 1);
  label["xref"] = "x";
  label["x"] = number(x);
  label["xanchor"] = anchor;
  label["yanchor"] = "bottom";
  layout["annotations"].push_back(std::move(label));
}

}  // namespace

Figure yearly_returns(const YearlyReturns& table) {
  Figure figure;
  figure.layout = base_layout("Return of each year", 340);
  figure.data.push_back(year_bars(table.years, table.returns, table.name, kBlue));
  if (!table.benchmark.empty()) figure.data.push_back(year_bars(table.years, table.benchmark, table.benchmark_name, kGrey));
  figure.layout["barmode"] = "group";
  figure.layout["bargap"] = 0.35;
  figure.layout["xaxis"] = axis();
  figure.layout["xaxis"]["type"] = "category";
  figure.layout["xaxis"]["showgrid"] = false;
  figure.layout["yaxis"] = axis("return");
  figure.layout["yaxis"]["tickformat"] = ".0%";
  figure.layout["yaxis"]["zerolinecolor"] = kGrey;
  figure.layout["showlegend"] = !table.benchmark.empty();
  figure.layout["legend"] = {{"orientation", "h"}, {"x", 0}, {"y", -0.22}, {"yanchor", "top"}};
  return figure;
}

Figure return_histogram(const ReturnHistogram& histogram) {
  Figure figure;
  figure.layout = base_layout("Returns of the bars", 340);
  const auto bins = static_cast<double>(histogram.counts.size());
  const double width = bins > 0 ? (histogram.high - histogram.low) / bins : 0;
  Json x = Json::array(), y = Json::array(), colours = Json::array();
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double centre = histogram.low + (static_cast<double>(i) + 0.5) * width;
    x.push_back(number(centre));
    y.push_back(histogram.counts[i]);
    colours.push_back(centre < 0 ? kVermillion : kBlue);
  }
  figure.data.push_back({{"type", "bar"},
                         {"x", std::move(x)},
                         {"y", std::move(y)},
                         {"width", number(width * 0.92)},
                         {"marker", {{"color", std::move(colours)}}},
                         {"hovertemplate", "%{x:.2%}: %{y} bars<extra></extra>"}});
  figure.layout["xaxis"] = axis("return of a bar");
  figure.layout["xaxis"]["tickformat"] = width < 0.002 ? ".1%" : ".0%";
  figure.layout["yaxis"] = axis("bars");
  figure.layout["shapes"] = Json::array();
  figure.layout["annotations"] = Json::array();
  mark(figure.layout, -histogram.value_at_risk, fmt::format("VaR {}", signed_text(-histogram.value_at_risk * 100) + " %"), "right");
  mark(figure.layout, histogram.mean, fmt::format("mean {}", signed_text(histogram.mean * 100) + " %"), "left");
  return figure;
}

Figure rolling_panels(const std::vector<std::string>& timestamps, std::span<const RollingPanel> panels) {
  constexpr double gap = 0.08;
  Figure figure;
  const auto count = static_cast<double>(panels.size());
  figure.layout = base_layout("Rolling figures", 90 + 170 * static_cast<int>(std::max<std::size_t>(panels.size(), 1)));
  const Json times = short_times(timestamps);
  const double height = (1 - gap * (count - 1)) / std::max(count, 1.0);
  figure.layout["xaxis"] = time_axis(timestamps);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const std::string suffix = i == 0 ? "" : std::to_string(i + 1);
    const double top = 1 - static_cast<double>(i) * (height + gap);
    figure.data.push_back({{"type", "scatter"},
                           {"mode", "lines"},
                           {"name", plain(panels[i].title)},
                           {"x", times},
                           {"y", numbers(panels[i].values)},
                           {"yaxis", "y" + suffix},
                           {"line", {{"width", 1.6}, {"color", colour(i)}}},
                           {"hovertemplate", "%{x}: %{y:" + panels[i].format + "}<extra>" + plain(panels[i].title) + "</extra>"}});
    Json& y = figure.layout["yaxis" + suffix] = axis(panels[i].title);
    y["domain"] = {number(std::max(0.0, top - height)), number(top)};
    y["tickformat"] = panels[i].format == ".2f" ? "" : panels[i].format;
    y["zerolinecolor"] = kGrey;
  }
  if (!panels.empty()) figure.layout["xaxis"]["anchor"] = panels.size() == 1 ? "y" : "y" + std::to_string(panels.size());
  return figure;
}

}  // namespace tradewind::figures
