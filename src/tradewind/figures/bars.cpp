// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/base/text.hpp"
#include "tradewind/figures/style_internal.hpp"

namespace tradewind::figures {
namespace {

/// 9,900
std::string grouped(std::int64_t count) {
  std::string text = std::to_string(count);
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > (count < 0 ? 1 : 0); at -= 3) text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

Json weight_bar(const WeightBars& table, std::size_t strategy, const std::string& name) {
  Json x = Json::array(), text = Json::array(), y = Json::array();
  for (std::size_t r = 0; r < table.regimes.size(); ++r) {
    const bool there = r < table.weights.size() && strategy < table.weights[r].size();
    const double weight = there ? table.weights[r][strategy] : kMissing;
    y.push_back(plain(table.regimes[r]));
    x.push_back(number(weight));
    text.push_back(weight >= 0.06 ? fmt::format("{:.3g} %", weight * 100) : "");
  }
  return {{"type", "bar"},
          {"orientation", "h"},
          {"name", name},
          {"x", std::move(x)},
          {"y", std::move(y)},
          {"text", std::move(text)},
          {"textposition", "inside"},
          {"insidetextanchor", "middle"},
          {"textangle", 0},
          {"marker", {{"color", colour(strategy)}, {"pattern", {{"shape", pattern(strategy)}}}}},
          {"hovertemplate", "%{y}: %{x:.1%}<extra>" + plain(table.strategies[strategy]) + "</extra>"}};
}

}  // namespace

Figure regime_weights(const WeightBars& table) {
  Figure figure;
  const auto rows = static_cast<int>(table.regimes.size()), names = static_cast<int>(table.strategies.size());
  figure.layout = base_layout("Weights in each regime", 130 + 42 * std::max(rows, 2) + 20 * names);
  const std::vector<std::string> ids = shortened(table.strategies, 48);
  for (std::size_t s = 0; s < table.strategies.size(); ++s) figure.data.push_back(weight_bar(table, s, ids[s]));
  figure.layout["barmode"] = "stack";
  figure.layout["bargap"] = 0.3;
  figure.layout["xaxis"] = axis("share of the capital");
  figure.layout["xaxis"]["tickformat"] = ".0%";
  figure.layout["xaxis"]["range"] = {0, 1};
  figure.layout["yaxis"] = axis();
  figure.layout["yaxis"]["type"] = "category";
  figure.layout["yaxis"]["autorange"] = "reversed";
  figure.layout["showlegend"] = true;
  figure.layout["legend"] = {{"orientation", "v"},    {"x", 0}, {"xanchor", "left"}, {"y", 0}, {"yanchor", "bottom"}, {"yref", "container"},
                             {"traceorder", "normal"}};
  figure.layout["margin"]["b"] = 60 + 20 * names;
  return figure;
}

Figure expected_and_realized(std::span<const ExpectedBar> bars) {
  Figure figure;
  figure.layout = base_layout("Expected and realised profit", 130 + 56 * static_cast<int>(std::max<std::size_t>(bars.size(), 2)));
  std::vector<std::string> names;
  for (const ExpectedBar& bar : bars) names.push_back(bar.name);
  names = shortened(names, 48);
  const auto add = [&](std::size_t which, const char* name, double ExpectedBar::* value) {
    Json x = Json::array(), y = Json::array(), text = Json::array();
    for (std::size_t i = 0; i < bars.size(); ++i) {
      x.push_back(number(bars[i].*value));
      y.push_back(names[i]);
      text.push_back(std::isfinite(bars[i].*value) ? fmt::format("{:+.2f}", bars[i].*value) : "");
    }
    figure.data.push_back({{"type", "bar"},
                           {"orientation", "h"},
                           {"name", name},
                           {"x", std::move(x)},
                           {"y", std::move(y)},
                           {"text", std::move(text)},
                           {"textposition", "auto"},
                           {"textangle", 0},
                           {"marker", {{"color", colour(which)}, {"pattern", {{"shape", pattern(which)}}}}},
                           {"hovertemplate", std::string("%{y}: %{x:+.2f} dollars<extra>") + name + "</extra>"}});
  };
  add(0, "expected", &ExpectedBar::expected);
  add(1, "realised", &ExpectedBar::realized);
  figure.layout["barmode"] = "group";
  figure.layout["bargap"] = 0.3;
  figure.layout["xaxis"] = axis("dollars");
  figure.layout["yaxis"] = axis();
  figure.layout["yaxis"]["type"] = "category";
  figure.layout["yaxis"]["autorange"] = "reversed";
  figure.layout["showlegend"] = true;
  return figure;
}

Figure selection_funnel(std::span<const FunnelBar> stages) {
  Figure figure;
  figure.layout =
      base_layout("From all strategies to the selected ones", 70 + 36 * static_cast<int>(std::max<std::size_t>(stages.size(), 2)));
  Json x = Json::array(), y = Json::array(), text = Json::array(), hover = Json::array();
  for (const FunnelBar& stage : stages) {
    x.push_back(stage.strategies);
    y.push_back(plain(stage.stage));
    std::string label = " <b>" + grouped(stage.strategies) + "</b>";
    if (stage.rejected > 0)
      label += fmt::format("  −{}{}{}", grouped(stage.rejected), stage.reason.empty() ? "" : ": ", plain(stage.reason));
    text.push_back(label);
    hover.push_back(fmt::format("{}: {} left, {} rejected", plain(stage.stage), grouped(stage.strategies), grouped(stage.rejected)));
  }
  // Labels of their own: a bar of nothing would not show its text.
  Json labels = {
      {"type", "scatter"},   {"mode", "text"},     {"x", x}, {"y", y}, {"text", std::move(text)}, {"textposition", "middle right"},
      {"cliponaxis", false}, {"hoverinfo", "skip"}};
  Json bars = {{"type", "bar"},
               {"orientation", "h"},
               {"x", std::move(x)},
               {"y", std::move(y)},
               {"marker", {{"color", kBlue}}},
               {"hovertext", std::move(hover)},
               {"hovertemplate", "%{hovertext}<extra></extra>"}};
  figure.data = Json::array({std::move(bars), std::move(labels)});
  figure.layout["xaxis"] = axis();
  figure.layout["xaxis"]["visible"] = false;
  std::int64_t most = 1;
  for (const FunnelBar& stage : stages) most = std::max(most, stage.strategies);
  figure.layout["xaxis"]["range"] = {0, number(static_cast<double>(most) * 1.8)};
  figure.layout["yaxis"] = axis();
  figure.layout["yaxis"]["type"] = "category";
  figure.layout["yaxis"]["autorange"] = "reversed";
  figure.layout["yaxis"]["showgrid"] = false;
  figure.layout["bargap"] = 0.25;
  figure.layout["margin"]["b"] = 20;
  return figure;
}

}  // namespace tradewind::figures
