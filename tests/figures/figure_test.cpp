// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/figure.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fixture.hpp"
#include "tradewind/figures/analysis_figures.hpp"

namespace tradewind::figures {
namespace {

std::vector<ComparedStrategy> two_strategies() {
  ComparedStrategy a, b;
  a.strategy_id = "SPY.sma_cross.fast=5,slow=20";
  a.selection_sharpe = 1.25, a.sharpe_low = 0.5, a.sharpe_high = 2.0, a.holdout_sharpe = 0.75, a.selected = true;
  a.return_quantiles = {-0.05, -0.02, -0.01, 0.0, 0.01, 0.02, 0.05};
  a.selection_drawdown = 0.2, a.holdout_drawdown = 0.3, a.win_rate = 0.55, a.profit_factor = 1.4;
  b.strategy_id = "b";
  return {a, b};
}

TEST(Figure, ComparisonHoldsTheNumbersAndNullForTheUndefined) {
  const Figure figure = strategy_comparison(two_strategies());
  const Json& sharpe = figure.data[0];
  EXPECT_EQ(sharpe["x"], (Json{1.25, nullptr}));
  EXPECT_EQ(sharpe["error_x"]["array"], (Json{0.75, nullptr}));
  EXPECT_EQ(sharpe["error_x"]["arrayminus"], (Json{0.75, nullptr}));
  EXPECT_EQ(figure.data[1]["x"], (Json{0.75, nullptr}));  // held out
  EXPECT_EQ(figure.data[2]["type"], "box");
  EXPECT_EQ(figure.data[2]["lowerfence"], (Json{-0.02, nullptr}));
  EXPECT_EQ(figure.data[2]["median"], (Json{0.0, nullptr}));
  EXPECT_EQ(figure.data[3]["x"], (Json{0.2, nullptr}));
  EXPECT_EQ(figure.data[4]["x"], (Json{0.3, nullptr}));
  EXPECT_EQ(figure.data[5]["y"], (Json{1.4, nullptr}));
  std::vector<std::string> titles;
  for (const Json& note : figure.layout["annotations"]) titles.push_back(note["text"]);
  EXPECT_EQ(titles, (std::vector<std::string>{"<b>Sharpe Ratios</b>", "<b>Returns Distribution</b>", "<b>Drawdown Comparison</b>",
                                              "<b>Win Rate vs Profit Factor</b>"}));
  EXPECT_TRUE(figure.layout["yaxis"]["ticktext"][0].get<std::string>().starts_with("<b>")) << "the selected one is bold";
  EXPECT_FALSE(figure.layout["yaxis"]["ticktext"][1].get<std::string>().starts_with("<b>"));
}

TEST(Figure, RegimeCellsOfFewBarsAreGrey) {
  const Figure figure = regime_heatmap({{"a"}, {"up", "down", "flat"}, {{{1.5, 60}, {-3.0, 59}, {kMissing, 900}}}});
  const Json &reliable = figure.data[0], &few = figure.data[1];
  EXPECT_EQ(reliable["z"], Json::array({{1.5, nullptr, nullptr}}));
  EXPECT_EQ(few["z"], Json::array({{nullptr, 0.0, 0.0}}));
  EXPECT_EQ(reliable["text"][0][0], "+1.50<br>60 bars");
  EXPECT_EQ(few["text"][0][1], "−3.00<br>59 bars");
  EXPECT_EQ(few["text"][0][2], "–<br>900 bars");
  EXPECT_EQ(reliable["zmid"], 0);
  EXPECT_EQ(reliable["zmin"].get<double>(), -reliable["zmax"].get<double>());
  EXPECT_EQ(few["colorscale"][0][1], few["colorscale"][1][1]);
}

TEST(Figure, CorrelationIsDrawnInTheOrderGiven) {
  const CorrelationTable table{{"a", "b", "c"}, {{1, 0.1, 0.9}, {0.1, 1, 0.2}, {0.9, 0.2, 1}}, {1, 0, 2}};
  EXPECT_EQ(correlation_matrix(table).data[0]["z"], Json::array({{1.0, 0.1, 0.2}, {0.1, 1.0, 0.9}, {0.2, 0.9, 1.0}}));
  // What is no permutation is ignored rather than believed.
  for (const std::vector<std::size_t>& bad : {std::vector<std::size_t>{0, 1}, {0, 1, 7}, {0, 0, 1}, {}}) {
    CorrelationTable odd = table;
    odd.order = bad;
    EXPECT_EQ(correlation_matrix(odd).data[0]["z"][0], (Json{1.0, 0.1, 0.9}));
  }
}

TEST(Figure, EquityShowsRegimesAndWhatWasHeldOut) {
  const EquityTable table{
      {"2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2020-01-03T12:00:00Z"},
      {{"ensemble", "ensemble", {1, 1.1, kMissing}, {0, 0, 0.05}}},
      "2020-01-02T00:00:00Z",
      {{"2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "up"}, {"2020-01-03T00:00:00Z", "2020-01-03T12:00:00Z", "down"}}};
  const Figure figure = equity_and_drawdown(table);
  EXPECT_EQ(figure.data[0]["x"], (Json{"2020-01-01", "2020-01-02", "2020-01-03T12:00:00Z"}));
  EXPECT_EQ(figure.data[0]["y"], (Json{1.0, 1.1, nullptr}));
  EXPECT_EQ(figure.data[1]["y"], (Json{0.0, 0.0, -0.05}));
  const Json& ribbon = figure.data[2];
  EXPECT_EQ(ribbon["x"], (Json{"2020-01-01", "2020-01-02", "2020-01-03", "2020-01-03T12:00:00Z"}));
  EXPECT_EQ(ribbon["z"], Json::array({{1, nullptr, 0}})) << "labels in alphabetic order, a gap stays a gap";
  EXPECT_EQ(figure.layout["shapes"][0]["x0"], "2020-01-02");
  EXPECT_EQ(figure.layout["shapes"][0]["x1"], "2020-01-03T12:00:00Z");
  EquityTable whole = table;
  whole.boundary.clear();
  EXPECT_FALSE(equity_and_drawdown(whole).layout.contains("shapes"));
}

TEST(Figure, SmallOnes) {
  std::array<double, 12> months;
  months.fill(kMissing);
  months[1] = -0.0123;
  EXPECT_EQ(monthly_returns({{2020}, {months}}).data[0]["text"][0][1], "−1.2");
  EXPECT_EQ(monthly_returns({{2020}, {months}}).data[0]["z"][0][0], nullptr);

  const FunnelBar stages[] = {{"scanned", 9900, 0, ""}, {"left", 0, 9900, "a < b"}};
  const Figure funnel = selection_funnel(stages);
  EXPECT_EQ(funnel.data[0]["x"], (Json{9900, 0}));
  EXPECT_EQ(funnel.data[1]["text"][1], " <b>0</b>  −9,900: a &lt; b") << "a bar of nothing has its label too";

  const Figure weights = regime_weights({{"up"}, {"a", "b"}, {{0.25, 0.75}}});
  EXPECT_EQ(weights.data.size(), 2u);
  EXPECT_EQ(weights.data[1]["x"], (Json{0.75}));
  EXPECT_EQ(weights.layout["barmode"], "stack");

  const Figure surface = parameter_surface({"fast", "slow", {5, 10}, {20}, {{0.5, kMissing}}, {{5, 20, "here"}}});
  EXPECT_EQ(surface.data[0]["z"], Json::array({{0.5, nullptr}}));
  EXPECT_EQ(surface.data[1]["x"], (Json{5.0}));

  const Figure rolling = rolling_sharpe({63, {"2020-01-01", "2020-01-02"}, {{"a", "", {kMissing, 1.5}}}, ""});
  EXPECT_EQ(rolling.data[0]["y"], (Json{nullptr, 1.5}));
}

TEST(Figure, NothingToDrawIsNoCrash) {
  EXPECT_FALSE(strategy_comparison({}).text().empty());
  EXPECT_FALSE(regime_heatmap({}).text().empty());
  EXPECT_FALSE(regime_heatmap({{"a"}, {"up"}, {}}).text().empty()) << "cells missing";
  EXPECT_FALSE(correlation_matrix({{"a", "b"}, {{1}}, {}}).text().empty()) << "a ragged matrix";
  EXPECT_FALSE(equity_and_drawdown({}).text().empty());
  EXPECT_FALSE(monthly_returns({}).text().empty());
  EXPECT_FALSE(rolling_sharpe({}).text().empty());
  EXPECT_FALSE(parameter_surface({}).text().empty());
  EXPECT_FALSE(regime_weights({{"up"}, {"a"}, {}}).text().empty());
  EXPECT_FALSE(selection_funnel({}).text().empty());
}

TEST(Figure, NamesCannotBecomeMarkup) {
  std::vector<ComparedStrategy> strategies = two_strategies();
  strategies[0].strategy_id = "<a href='https://example.com'>x</a>";
  const std::string text = strategy_comparison(strategies).text();
  EXPECT_EQ(text.find("<a"), std::string::npos);
  EXPECT_NE(text.find("&lt;a"), std::string::npos);
}

TEST(Figure, LongNamesAreShortenedInTheMiddleAndStayApart) {
  const std::string common(60, 'x');
  const auto names = [](std::vector<std::string> strategies) { return regime_heatmap({std::move(strategies), {"up"}, {}}).data[0]["y"]; };
  EXPECT_EQ(names({"é" + common + "tail"})[0], "é" + std::string(24, 'x') + "…xxxxtail");
  const Json alike = names({common + "a" + common, common + "b" + common});
  EXPECT_NE(alike[0], alike[1]) << "two strategies must not fall into one row";
  EXPECT_EQ(names({"SPY.sma_cross.fast=5,slow=20"})[0], "SPY.sma_cross.fast=5,slow=20");
}

TEST(Figure, BytesThatAreNotTextAreReplaced) {
  const Figure figure = regime_weights({{"up\xff"}, {"\xc3"}, {{1.0}}});
  EXPECT_TRUE(Json::accept(figure.text()));
}

TEST(Figure, EqualInputGivesEqualBytesAndNoTraceNeedsAGraphicsCard) {
  const Json analysis = fixture();
  const std::vector<NamedFigure> first = analysis_figures(analysis), second = analysis_figures(analysis);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < first.size(); ++i) {
    names.push_back(first[i].name);
    EXPECT_EQ(first[i].figure.text(), second[i].figure.text());
    EXPECT_EQ(first[i].figure.text().find("gl\""), std::string::npos) << first[i].name;
    EXPECT_FALSE(first[i].caption.empty());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"selection_funnel", "regime_weights", "strategy_comparison", "equity_and_drawdown", "monthly_returns",
                                      "rolling_sharpe", "regime_heatmap", "correlation_matrix", "parameter_surface"}));
}

}  // namespace
}  // namespace tradewind::figures
