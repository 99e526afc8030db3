// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

bool any_number(std::span<const double> values) {
  return std::ranges::any_of(values, [](double v) { return std::isfinite(v); });
}

ComparedStrategy performance_of(View strategy) {
  ComparedStrategy one;
  const View selection = strategy["selection"], holdout = strategy["holdout"], interval = strategy["sharpe_interval"];
  one.strategy_id = strategy["strategy_id"].text();
  one.selection_sharpe = selection["sharpe_ratio"].number();
  one.sharpe_low = interval[0].number();
  one.sharpe_high = interval[1].number();
  one.holdout_sharpe = holdout["sharpe_ratio"].number();
  const View quantiles = strategy["returns"]["quantiles"];
  for (std::size_t i = 0; i < one.return_quantiles.size(); ++i) one.return_quantiles[i] = quantiles[i].number();
  one.avg_win = selection["avg_win"].number();
  one.avg_loss = selection["avg_loss"].number();
  one.selection_drawdown = selection["max_drawdown"].number();
  one.holdout_drawdown = holdout["max_drawdown"].number();
  one.win_rate = selection["win_rate"].number();
  one.profit_factor = selection["profit_factor"].number();
  one.selected = strategy["status"].text() == "selected";
  return one;
}

/// The weights of one regime in the order of `strategies`; those not named weigh 0.
std::vector<double> weight_row(View weights, const std::vector<std::string>& strategies) {
  std::vector<double> row;
  for (const std::string& id : strategies) {
    const double weight = weights[id].number();
    row.push_back(std::isfinite(weight) ? weight : 0.0);
  }
  return row;
}

/// Strategies that carry weight anywhere, in the ensemble's order, then in order of appearance.
std::vector<std::string> weighted_strategies(View ensemble) {
  std::vector<std::string> ids = ensemble["strategies"].texts();
  const auto add = [&](View weights) {
    for (const auto& [id, weight] : weights.members()) {
      if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
  };
  for (const auto& [regime, weights] : ensemble["weights"].members()) add(weights);
  add(ensemble["global_weights"]);
  std::erase_if(ids, [&](const std::string& id) {
    for (const auto& [regime, weights] : ensemble["weights"].members()) {
      if (weights[id].number() > 0) return false;
    }
    return !(ensemble["global_weights"][id].number() > 0);
  });
  return ids;
}

std::vector<SurfacePoint> marked_points(View analysis, const ParameterSurface& surface) {
  std::vector<SurfacePoint> marked;
  const View wanted = analysis["parameter_surface"];
  for (const View& strategy : analysis["strategies"].list()) {
    if (strategy["status"].text() != "selected" || strategy["strategy_type"].text() != wanted["strategy_type"].text() ||
        strategy["symbol"].text() != wanted["symbol"].text())
      continue;
    const SurfacePoint point{strategy["parameters"][surface.x_name].number(), strategy["parameters"][surface.y_name].number(),
                             "selected: " + strategy["strategy_id"].text()};
    // A category axis would grow a row for a value that is not on the grid.
    if (std::ranges::find(surface.x, point.x) != surface.x.end() && std::ranges::find(surface.y, point.y) != surface.y.end())
      marked.push_back(point);
  }
  return marked;
}

}  // namespace

std::vector<FunnelBar> funnel_of(View analysis) {
  std::vector<FunnelBar> stages;
  for (const View& stage : analysis["funnel"].list()) {
    stages.push_back({stage["stage"].text(), stage["strategies"].integer(), stage["rejected"].integer(), stage["reason"].text()});
  }
  return stages;
}

std::optional<WeightBars> weights_of(View analysis) {
  const View ensemble = analysis["ensemble"];
  WeightBars table;
  table.strategies = weighted_strategies(ensemble);
  if (table.strategies.empty()) return std::nullopt;
  for (const auto& [regime, weights] : ensemble["weights"].members()) {
    table.regimes.push_back(regime);
    table.weights.push_back(weight_row(weights, table.strategies));
  }
  if (!ensemble["global_weights"].empty()) {
    table.regimes.push_back(table.regimes.empty() ? "always" : "any other time");
    table.weights.push_back(weight_row(ensemble["global_weights"], table.strategies));
  }
  return table;
}

std::vector<ComparedStrategy> comparison_of(View analysis) {
  std::vector<ComparedStrategy> strategies;
  std::size_t selected = 0, others = 0;
  const std::vector<View> all = analysis["strategies"].list();
  for (const View& strategy : all) selected += strategy["status"].text() == "selected";
  for (const View& strategy : all) {
    ComparedStrategy one = performance_of(strategy);
    if (one.strategy_id.empty()) continue;
    if (!one.selected && others++ >= kCompared - std::min(selected, kCompared)) continue;
    strategies.push_back(std::move(one));
  }
  return strategies;
}

std::optional<EquityTable> equity_of(View analysis) {
  const View curves = analysis["curves"];
  EquityTable table;
  table.timestamps = curves["timestamp"].texts();
  table.boundary = curves["boundary"].text();
  for (const View& series : curves["series"].list()) {
    EquityCurve curve{series["name"].text(), series["kind"].text(), series["equity"].numbers(), series["drawdown"].numbers()};
    if (any_number(curve.equity)) table.curves.push_back(std::move(curve));
  }
  for (const View& span : curves["regimes"].list()) {
    if (!span["from"].empty() && !span["to"].empty())
      table.regimes.push_back({span["from"].text(), span["to"].text(), span["label"].text()});
  }
  if (table.timestamps.empty() || table.curves.empty()) return std::nullopt;
  return table;
}

std::optional<MonthlyReturns> monthly_of(View analysis) {
  const View monthly = analysis["monthly_returns"];
  MonthlyReturns table;
  for (const View& year : monthly["years"].list()) {
    std::array<double, 12>& row = table.returns.emplace_back();
    for (std::size_t month = 0; month < row.size(); ++month) row[month] = monthly["returns"][table.years.size()][month].number();
    table.years.push_back(static_cast<int>(year.integer()));
  }
  table.totals = monthly["totals"].numbers();
  if (table.years.empty()) return std::nullopt;
  return table;
}

/// A curve keeps its look wherever it is drawn.
static std::string kind_of(View analysis, const std::string& name) {
  for (const View& series : analysis["curves"]["series"].list()) {
    if (series["name"].text() == name) return series["kind"].text();
  }
  return {};
}

std::optional<RollingTable> rolling_of(View analysis) {
  const View rolling = analysis["rolling_sharpe"];
  RollingTable table{rolling["window"].integer(), rolling["timestamp"].texts(), {}, analysis["curves"]["boundary"].text()};
  for (const View& series : rolling["series"].list()) {
    RollingCurve curve{series["name"].text(), kind_of(analysis, series["name"].text()), series["values"].numbers()};
    if (any_number(curve.values)) table.curves.push_back(std::move(curve));
  }
  if (table.timestamps.empty() || table.curves.empty()) return std::nullopt;
  return table;
}

View best_classifier(View analysis) {
  const std::vector<View> classifiers = analysis["classifiers"].list();
  const auto best = std::ranges::find_if(classifiers, [](const View& c) { return c["best"].flag(); });
  return best != classifiers.end() ? *best : classifiers.empty() ? View() : classifiers.front();
}

std::optional<RegimeTable> regimes_of(View analysis, View classifier) {
  RegimeTable table;
  table.regimes = classifier["labels"].texts();
  const std::string id = classifier["classifier_id"].text();
  for (const ComparedStrategy& shown : comparison_of(analysis)) {
    for (const View& strategy : analysis["strategies"].list()) {
      if (strategy["strategy_id"].text() != shown.strategy_id) continue;
      const View regimes = strategy["regimes"][id];
      if (regimes.empty()) break;
      table.strategies.push_back(shown.strategy_id);
      std::vector<RegimeCell>& row = table.cells.emplace_back();
      for (const std::string& label : table.regimes)
        row.push_back({regimes[label]["sharpe_ratio"].number(), regimes[label]["bars"].integer()});
      break;
    }
  }
  if (table.strategies.empty() || table.regimes.empty()) return std::nullopt;
  return table;
}

std::optional<CorrelationTable> correlation_of(View analysis) {
  const View correlation = analysis["correlation"];
  CorrelationTable table;
  table.strategies = correlation["strategies"].texts();
  for (const View& row : correlation["matrix"].list()) table.matrix.push_back(row.numbers());
  for (const View& index : correlation["order"].list())
    table.order.push_back(static_cast<std::size_t>(std::max<std::int64_t>(index.integer(-1), -1)));
  if (table.strategies.size() < 2 || table.matrix.empty()) return std::nullopt;
  return table;
}

std::optional<ParameterSurface> surface_of(View analysis) {
  const View section = analysis["parameter_surface"];
  ParameterSurface surface{
      section["x"]["name"].text(), section["y"]["name"].text(), section["x"]["values"].numbers(), section["y"]["values"].numbers(), {}, {}};
  const auto known = [](const std::vector<double>& axis) { return std::ranges::all_of(axis, [](double v) { return std::isfinite(v); }); };
  bool any = false;
  for (const View& row : section["z"].list()) {
    surface.sharpe_ratio.push_back(row.numbers());
    any = any || any_number(surface.sharpe_ratio.back());
  }
  if (!any || surface.x.empty() || surface.y.empty() || !known(surface.x) || !known(surface.y)) return std::nullopt;
  surface.marked = marked_points(analysis, surface);
  return surface;
}

}  // namespace tradewind::figures
