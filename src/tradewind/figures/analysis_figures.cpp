// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/analysis_figures.hpp"

#include <fmt/format.h>

#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

void add_selection(View analysis, std::vector<NamedFigure>& out) {
  if (const auto stages = funnel_of(analysis); !stages.empty()) {
    out.push_back(
        {"selection_funnel", "How many strategies were left after each test, and why the others were rejected.", selection_funnel(stages)});
  }
  if (const auto weights = weights_of(analysis)) {
    out.push_back({"regime_weights", "Share of the capital that each strategy gets, by market regime.", regime_weights(*weights)});
  }
  if (const auto strategies = comparison_of(analysis); !strategies.empty()) {
    out.push_back({"strategy_comparison",
                   "The selected strategies (bold) and the best of the others, after costs. Bars show the part they were chosen on, "
                   "with 95 % intervals; diamonds the held-out part.",
                   strategy_comparison(strategies)});
  }
}

void add_tear_sheet(View analysis, std::vector<NamedFigure>& out) {
  if (const auto curves = equity_of(analysis)) {
    out.push_back(
        {"equity_and_drawdown",
         "Equity and loss from the last peak, after costs, with the regimes between them. The shaded part played no role in the choice.",
         equity_and_drawdown(*curves)});
  }
  if (const auto monthly = monthly_of(analysis)) {
    const std::string name = analysis["monthly_returns"]["name"].text();
    out.push_back({"monthly_returns", fmt::format("Return of each month in per cent{}{}.", name.empty() ? "" : ": ", name),
                   monthly_returns(*monthly)});
  }
  if (const auto rolling = rolling_of(analysis)) {
    out.push_back(
        {"rolling_sharpe", fmt::format("Sharpe ratio over a rolling window of {} bars.", rolling->window), rolling_sharpe(*rolling)});
  }
}

void add_structure(View analysis, std::vector<NamedFigure>& out) {
  const View classifier = best_classifier(analysis);
  if (const auto regimes = regimes_of(analysis, classifier)) {
    out.push_back(
        {"regime_heatmap",
         fmt::format("Sharpe ratio of each strategy in each regime of {}, over the part it was chosen on. Grey: fewer than {} bars.",
                     classifier["classifier_id"].text(), kFewBars),
         regime_heatmap(*regimes)});
  }
  if (const auto correlation = correlation_of(analysis)) {
    out.push_back({"correlation_matrix", "How alike the returns are: +1 is the same bet twice. Alike strategies stand side by side.",
                   correlation_matrix(*correlation)});
  }
  if (const auto surface = surface_of(analysis)) {
    const View section = analysis["parameter_surface"];
    out.push_back(
        {"parameter_surface",
         fmt::format(
             "Sharpe ratio of {} on {} over its parameters. Circles mark what was selected: a plateau can be trusted, a lone peak cannot.",
             section["strategy_type"].text(), section["symbol"].text()),
         parameter_surface(*surface)});
  }
}

}  // namespace

std::vector<NamedFigure> analysis_figures(const Json& analysis) {
  std::vector<NamedFigure> out;
  add_selection(View(analysis), out);
  add_tear_sheet(View(analysis), out);
  add_structure(View(analysis), out);
  return out;
}

}  // namespace tradewind::figures
