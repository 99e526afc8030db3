// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/tear_sheet.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::analysis {
namespace {

TearSheetInput sheet_of(std::vector<double> returns, bool timed = true) {
  TearSheetInput input;
  input.name = "returns";
  input.options.periods_per_year = 252;
  input.returns = std::move(returns);
  if (timed)
    for (std::size_t t = 0; t < input.returns.size(); ++t)
      input.timestamp.push_back((days_from_civil(2020, 1, 30) + static_cast<std::int64_t>(t)) * kNanosPerDay);
  input.performance = *metrics::calculate_metrics(input.returns, input.options);
  input.distribution = metrics::distribution_metrics({.returns = input.returns, .performance = &input.performance}, input.options);
  return input;
}

std::vector<double> drawn(std::size_t bars) {
  Random random(4);
  std::vector<double> returns(bars);
  for (double& r : returns) r = 0.01 * random.normal();
  return returns;
}

TEST(TearSheet, says_when_drawdowns_began_bottomed_and_ended) {
  const Json sheet = tear_sheet_json(sheet_of({0.1, -0.1, -0.1, 0.3, -0.2}));
  ASSERT_EQ(sheet["drawdowns"].size(), 2U);
  const Json& open = sheet["drawdowns"][0];
  EXPECT_NEAR(open["depth"].get<double>(), 0.2, 1e-15);
  EXPECT_EQ(open["start"], "2020-02-02T00:00:00Z");
  EXPECT_TRUE(open["end"].is_null());
  EXPECT_TRUE(open["recovery_bars"].is_null());
  EXPECT_EQ(open["bars"], 1);
  const Json& over = sheet["drawdowns"][1];
  EXPECT_NEAR(over["depth"].get<double>(), 1 - 0.81, 1e-15);
  EXPECT_EQ(over["start"], "2020-01-30T00:00:00Z");
  EXPECT_EQ(over["trough"], "2020-02-01T00:00:00Z");
  EXPECT_EQ(over["end"], "2020-02-02T00:00:00Z");
  EXPECT_EQ(over["decline_bars"], 2);
  EXPECT_EQ(over["recovery_bars"], 1);
  EXPECT_EQ(over["bars"], 3);
}

TEST(TearSheet, has_months_and_years_of_the_clock_it_is_given) {
  const Json utc = tear_sheet_json(sheet_of({0.1, 0.1, 0.1}));
  EXPECT_EQ(utc["monthly_returns"]["years"], Json({2020}));
  EXPECT_NEAR(utc["monthly_returns"]["returns"][0][0].get<double>(), 0.21, 1e-14);  // 30 and 31 January
  EXPECT_NEAR(utc["monthly_returns"]["returns"][0][1].get<double>(), 0.1, 1e-14);
  EXPECT_EQ(utc["calendar"]["zone"], "UTC");
  TearSheetInput west = sheet_of({0.1, 0.1, 0.1});
  west.clock = {{.since = 0, .seconds = -5 * 3600}};
  const Json new_york = tear_sheet_json(west);
  EXPECT_NEAR(new_york["monthly_returns"]["returns"][0][0].get<double>(), 1.1 * 1.1 * 1.1 - 1, 1e-14);
  EXPECT_EQ(new_york["calendar"]["zone"], "exchange");
}

TEST(TearSheet, benchmark_starts_where_the_returns_stand) {
  TearSheetInput input = sheet_of({0.5, 0.1, 0.1});
  input.benchmark = {std::nan(""), 0.2, 0.0};
  input.benchmark_name = "index";
  input.gross = {0.6, 0.2, 0.2};
  const Json sheet = tear_sheet_json(input);
  const Json& series = sheet["curves"]["series"];
  ASSERT_EQ(series.size(), 3U);
  EXPECT_EQ(series[1]["name"], "before costs");
  EXPECT_EQ(series[2]["name"], "index");
  EXPECT_TRUE(series[2]["equity"][0].is_null());
  EXPECT_NEAR(series[2]["equity"][1].get<double>(), 1.5 * 1.2, 1e-14);
  EXPECT_EQ(sheet["benchmark"]["bars"], 2);
  EXPECT_EQ(sheet["benchmark"]["left_out"], 1);
  EXPECT_EQ(sheet["benchmark"]["yearly"].size(), 1U);
  EXPECT_NEAR(sheet["benchmark"]["metrics"]["total_return"].get<double>(), 0.2, 1e-14);
}

TEST(TearSheet, counts_every_bar_that_moved_in_the_histogram) {
  auto returns = drawn(1000);
  returns[3] = returns[4] = 0;
  const Json sheet = tear_sheet_json(sheet_of(returns));
  const auto counts = sheet["histogram"]["counts"].get<std::vector<std::int64_t>>();
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), 998);
  EXPECT_EQ(sheet["histogram"]["left_out"], 2);
  EXPECT_LE(counts.size(), 60U);
}

TEST(TearSheet, long_series_are_reduced_and_short_ones_have_no_window) {
  TearSheetInput input = sheet_of(drawn(20000));
  input.benchmark = drawn(20000);
  const Json sheet = tear_sheet_json(input);
  EXPECT_LE(sheet["curves"]["timestamp"].size(), 1500U);
  EXPECT_EQ(sheet["rolling"]["window"], 126);
  EXPECT_EQ(sheet["rolling"]["beta"].size(), sheet["rolling"]["timestamp"].size());
  EXPECT_TRUE(tear_sheet_json(sheet_of(drawn(39)))["rolling"].is_null());
}

TEST(TearSheet, of_nothing_and_without_times_is_a_document_too) {
  const Json none = tear_sheet_json(sheet_of({}));
  EXPECT_EQ(none["bars"], 0);
  EXPECT_FALSE(none.contains("from"));
  const Json untimed = tear_sheet_json(sheet_of(drawn(50), false));
  EXPECT_FALSE(untimed.contains("calendar"));
  EXPECT_EQ(untimed["curves"]["timestamp"][0], "1");
  EXPECT_EQ(untimed["curves"]["timestamp"].back(), "50");
}

}  // namespace
}  // namespace tradewind::analysis
