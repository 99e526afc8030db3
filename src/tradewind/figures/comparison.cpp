// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/style_internal.hpp"

namespace tradewind::figures {
namespace {

using Strategies = std::span<const ComparedStrategy>;
constexpr double kLeft = 0.43, kRight = 0.57, kUpper = 0.6, kLower = 0.4;  // where the panels end and begin

template <class Value>
Json each(Strategies strategies, Value value) {
  Json list = Json::array();
  for (const ComparedStrategy& strategy : strategies) list.push_back(value(strategy));
  return list;
}

Json ids(Strategies strategies) {
  return each(strategies, [](const ComparedStrategy& s) { return plain(s.strategy_id); });
}

Json positions(Strategies strategies) {
  Json list = Json::array();
  for (std::size_t i = 1; i <= strategies.size(); ++i) list.push_back(i);
  return list;
}

Json trace(Strategies strategies, std::string_view type, std::string_view name, int panel) {
  const std::string suffix = panel == 1 ? "" : std::to_string(panel);
  return {{"type", type}, {"name", name}, {"xaxis", "x" + suffix}, {"yaxis", "y" + suffix}, {"customdata", ids(strategies)}};
}

Json bar(Strategies strategies, int panel, Json values, std::string_view hover) {
  Json bar = trace(strategies, "bar", "selection part", panel);
  bar["orientation"] = "h";
  bar["y"] = positions(strategies);
  bar["x"] = std::move(values);
  bar["width"] = 0.6;
  bar["marker"] = {{"color", "#a9b4c0"}};
  bar["legendgroup"] = "selection";
  bar["showlegend"] = panel == 1;
  bar["hovertemplate"] = hover;
  return bar;
}

Json diamonds(Strategies strategies, int panel, Json values, std::string_view hover) {
  Json points = trace(strategies, "scatter", "held-out part", panel);
  points["mode"] = "markers";
  points["y"] = positions(strategies);
  points["x"] = std::move(values);
  points["marker"] = {{"symbol", "diamond"}, {"size", 10}, {"color", kOrange}, {"line", {{"width", 1.5}, {"color", "#3d3d3d"}}}};
  points["legendgroup"] = "holdout";
  points["showlegend"] = panel == 1;
  points["hovertemplate"] = hover;
  return points;
}

bool any(Strategies strategies, double ComparedStrategy::* field) {
  return std::ranges::any_of(strategies, [field](const ComparedStrategy& s) { return std::isfinite(s.*field); });
}

void add_sharpe(Strategies strategies, Json& data) {
  Json bars = bar(strategies, 1, each(strategies, [](const auto& s) { return number(s.selection_sharpe); }),
                  "%{customdata}<br>selection Sharpe %{x:.2f}<extra></extra>");
  if (any(strategies, &ComparedStrategy::sharpe_low))
    bars["error_x"] = {{"type", "data"},
                       {"symmetric", false},
                       {"thickness", 1.5},
                       {"width", 4},
                       {"color", kBlue},
                       {"array", each(strategies, [](const auto& s) { return number(s.sharpe_high - s.selection_sharpe); })},
                       {"arrayminus", each(strategies, [](const auto& s) { return number(s.selection_sharpe - s.sharpe_low); })}};
  data.push_back(std::move(bars));
  if (!any(strategies, &ComparedStrategy::holdout_sharpe)) return;
  data.push_back(diamonds(strategies, 1, each(strategies, [](const auto& s) { return number(s.holdout_sharpe); }),
                          "%{customdata}<br>held-out Sharpe %{x:.2f}<extra></extra>"));
}

Json quantile(Strategies strategies, std::size_t which) {
  return each(strategies, [which](const ComparedStrategy& s) { return number(s.return_quantiles[which]); });
}

Json box_of_quantiles(Strategies strategies) {
  Json box = trace(strategies, "box", "returns", 2);
  box["orientation"] = "h";
  box["y"] = positions(strategies);
  box["lowerfence"] = quantile(strategies, 1);
  box["q1"] = quantile(strategies, 2);
  box["median"] = quantile(strategies, 3);
  box["q3"] = quantile(strategies, 4);
  box["upperfence"] = quantile(strategies, 5);
  box["line"] = {{"width", 1.4}, {"color", kBlue}};
  box["fillcolor"] = "rgba(86,180,233,0.45)";
  box["showlegend"] = false;
  return box;
}

/// Average loss to average win, for strategies whose returns are not at hand.
Json average_win_and_loss(Strategies strategies) {
  Json line = trace(strategies, "scatter", "average loss to average win", 2);
  line["mode"] = "lines+markers";
  line["x"] = Json::array();
  line["y"] = Json::array();
  line["customdata"] = Json::array();
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    for (const double end : {strategies[i].avg_loss, strategies[i].avg_win, kMissing}) {
      line["x"].push_back(number(end));
      line["y"].push_back(i + 1);
      line["customdata"].push_back(plain(strategies[i].strategy_id));
    }
  }
  line["line"] = {{"width", 2}, {"color", kBlue}};
  line["marker"] = {{"size", 8}, {"color", kBlue}};
  line["showlegend"] = false;
  line["hovertemplate"] = "%{customdata}<br>%{x:.2%}<extra></extra>";
  return line;
}

bool have_quantiles(Strategies strategies) {
  return std::ranges::any_of(strategies, [](const ComparedStrategy& s) { return std::isfinite(s.return_quantiles[3]); });
}

void add_drawdowns(Strategies strategies, Json& data) {
  data.push_back(bar(strategies, 3, each(strategies, [](const auto& s) { return number(s.selection_drawdown); }),
                     "%{customdata}<br>largest drawdown, selection %{x:.1%}<extra></extra>"));
  if (!any(strategies, &ComparedStrategy::holdout_drawdown)) return;
  data.push_back(diamonds(strategies, 3, each(strategies, [](const auto& s) { return number(s.holdout_drawdown); }),
                          "%{customdata}<br>largest drawdown, held out %{x:.1%}<extra></extra>"));
}

void add_wins(Strategies strategies, Json& data) {
  Json points = trace(strategies, "scatter", "strategies", 4);
  points["mode"] = "markers+text";
  points["x"] = each(strategies, [](const auto& s) { return number(s.win_rate); });
  points["y"] = each(strategies, [](const auto& s) { return number(s.profit_factor); });
  points["text"] = Json::array();
  for (std::size_t i = 1; i <= strategies.size(); ++i) points["text"].push_back(std::to_string(i));
  points["textposition"] = "top center";
  points["marker"] = {{"size", 10},
                      {"line", {{"width", 1.5}, {"color", kBlue}}},
                      {"symbol", each(strategies, [](const auto& s) { return s.selected ? "circle" : "circle-open"; })},
                      {"color", kBlue}};
  points["showlegend"] = false;
  points["hovertemplate"] = "%{customdata}<br>win rate %{x:.1%}, profit factor %{y:.2f}<extra></extra>";
  data.push_back(std::move(points));
}

/// Ranks with or without the names, best at the top; the selected ones are bold.
Json strategy_axis(Strategies strategies, bool with_names) {
  Json names = axis();
  names["tickmode"] = "array";
  names["tickvals"] = positions(strategies);
  names["ticktext"] = Json::array();
  std::vector<std::string> ids;
  for (const ComparedStrategy& strategy : strategies) ids.push_back(strategy.strategy_id);
  ids = shortened(ids, 30);
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    std::string text = std::to_string(i + 1);
    if (with_names) text = ids[i] + "  " + text;
    names["ticktext"].push_back(strategies[i].selected ? "<b>" + text + "</b>" : text);
  }
  names["range"] = {static_cast<double>(strategies.size()) + 0.6, 0.4};
  names["showgrid"] = false;
  names["zeroline"] = false;
  return names;
}

/// From the smallest to the largest value with room for a label above: Plotly does not count labels in.
void pad_range(Strategies strategies, double ComparedStrategy::* field, double always, Json& axis_) {
  double low = always, high = always;
  for (const ComparedStrategy& s : strategies) {
    if (!std::isfinite(s.*field)) continue;
    low = std::isnan(low) ? s.*field : std::min(low, s.*field);
    high = std::isnan(high) ? s.*field : std::max(high, s.*field);
  }
  if (std::isnan(low)) return;
  const double room = std::max(high - low, 0.02) * 0.14;
  axis_["range"] = {number(low - room), number(high + room)};
}

void add_axes(Strategies strategies, Json& layout) {
  const auto panel = [&](const std::string& suffix, Json x, Json y, bool left, bool top) {
    x["domain"] = left ? Json::array({0.0, kLeft}) : Json::array({kRight, 1.0});
    y["domain"] = top ? Json::array({kUpper, 1.0}) : Json::array({0.0, kLower});
    x["anchor"] = "y" + suffix;
    y["anchor"] = "x" + suffix;
    layout["xaxis" + suffix] = std::move(x);
    layout["yaxis" + suffix] = std::move(y);
  };
  const auto percent = [](std::string_view title, std::string_view format) {
    Json x = axis(title);
    x["tickformat"] = format;
    return x;
  };
  panel("", axis("Sharpe ratio per year, net"), strategy_axis(strategies, true), true, true);
  Json returns = percent("return", ".1%");
  returns["title"]["text"] =
      have_quantiles(strategies) ? "return of a bar with a position<br>(box 25–75 %, line 5–95 %)" : "average loss to average win";
  panel("2", std::move(returns), strategy_axis(strategies, false), false, true);
  panel("3", percent("largest loss from a peak", ".0%"), strategy_axis(strategies, true), true, false);
  panel("4", percent("win rate", ".0%"), axis("profit factor"), false, false);
  layout["xaxis3"]["rangemode"] = "tozero";
  pad_range(strategies, &ComparedStrategy::win_rate, kMissing, layout["xaxis4"]);
  pad_range(strategies, &ComparedStrategy::profit_factor, 1.0, layout["yaxis4"]);
}

Json panel_titles() {
  Json titles = Json::array();
  const auto add = [&](std::string_view text, double x, double y) {
    Json title = annotation(text, x, y);
    title["xanchor"] = "left";
    title["yanchor"] = "bottom";
    title["font"] = {{"size", 13}};
    titles.push_back(std::move(title));
  };
  add("<b>Sharpe Ratios</b>", 0.0, 1.0);
  add("<b>Returns Distribution</b>", kRight, 1.0);
  add("<b>Drawdown Comparison</b>", 0.0, kLower);
  add("<b>Win Rate vs Profit Factor</b>", kRight, kLower);
  return titles;
}

}  // namespace

Figure strategy_comparison(std::span<const ComparedStrategy> strategies) {
  Figure figure;
  figure.layout = base_layout("Strategy comparison", 260 + 44 * static_cast<int>(std::max<std::size_t>(strategies.size(), 6)));
  add_sharpe(strategies, figure.data);
  figure.data.push_back(have_quantiles(strategies) ? box_of_quantiles(strategies) : average_win_and_loss(strategies));
  add_drawdowns(strategies, figure.data);
  add_wins(strategies, figure.data);
  add_axes(strategies, figure.layout);
  figure.layout["annotations"] = panel_titles();
  // Break-even: a profit factor of 1.
  figure.layout["shapes"] = Json::array({{{"type", "line"},
                                          {"xref", "x4 domain"},
                                          {"x0", 0},
                                          {"x1", 1},
                                          {"yref", "y4"},
                                          {"y0", 1},
                                          {"y1", 1},
                                          {"line", {{"dash", "dot"}, {"width", 1}, {"color", kGrey}}}}});
  figure.layout["showlegend"] = true;
  figure.layout["legend"] = {{"orientation", "h"}, {"x", 0}, {"y", 0}, {"yref", "container"}, {"yanchor", "bottom"}};
  figure.layout["margin"]["b"] = 90;
  figure.layout["margin"]["t"] = 80;
  figure.layout["margin"]["r"] = 34;
  return figure;
}

}  // namespace tradewind::figures
