// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/selection_criteria.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"

namespace tradewind::analysis {
namespace {

/// The criteria of a YAML text and what it complained of; empty: nothing.
std::pair<SelectionCriteria, Error> read(const std::string& yaml) {
  const auto document = config::parse_config(yaml, "c.yaml");
  EXPECT_TRUE(document) << document.error().message();
  config::Complaints complaints("c.yaml");
  SelectionCriteria criteria = read_criteria(*document, "criteria", complaints);
  const Status status = complaints.status();
  return {criteria, status ? Error(Errc::internal, "") : status.error()};
}

TEST(SelectionCriteria, defaults_are_the_documents) {
  const SelectionCriteria c;
  EXPECT_EQ(c.min_sharpe, 1.0);
  EXPECT_EQ(c.min_win_rate, 0.55);
  EXPECT_EQ(c.max_drawdown, 0.20);
  EXPECT_EQ(c.min_trades, 100);
  EXPECT_TRUE(c.required_regimes.empty());
  EXPECT_TRUE(c.min_regime_performance.empty());
  EXPECT_EQ(c.max_correlation, 0.7);
  EXPECT_EQ(c.max_selections, 3U);
  EXPECT_FALSE(c.auto_execute_replay);
  EXPECT_TRUE(c.target_regimes.empty());
  EXPECT_EQ(c.min_dsr, 0);  // decides nothing unless asked
  EXPECT_TRUE(check(c));
}

TEST(SelectionCriteria, an_empty_map_is_the_defaults) {
  const auto [criteria, fault] = read("{}");
  EXPECT_EQ(fault.message(), "");
  EXPECT_EQ(to_json(criteria), to_json(SelectionCriteria{}));
}

TEST(SelectionCriteria, reads_every_key) {
  const auto [c, fault] = read(
      "{min_sharpe: -0.5, min_win_rate: 0.4, max_drawdown: 0.35, min_trades: 15, required_regimes: [up, down], min_regime_performance: "
      "{up: 0.5, down: -1},\n"
      " max_correlation: 0.9, max_selections: 7, auto_execute_replay: true, target_regimes: up, min_dsr: 0.95}");
  EXPECT_EQ(fault.message(), "");
  EXPECT_EQ(to_json(c).dump(),
            R"({"min_sharpe":-0.5,"min_win_rate":0.4,"max_drawdown":0.35,"min_trades":15,"required_regimes":["up","down"],)"
            R"("min_regime_performance":{"down":-1.0,"up":0.5},"max_correlation":0.9,"max_selections":7,"auto_execute_replay":true,)"
            R"("target_regimes":["up"],"min_dsr":0.95})");
}

TEST(SelectionCriteria, complains_with_line_and_nearest_key) {
  const auto [c, fault] =
      read("min_sharp: 1\nmin_win_rate: 1.5\nmax_drawdown: deep\nmin_regime_performance: 3\nauto_execute_replay: maybe\n");
  EXPECT_EQ(fault.code(), Errc::invalid_config);
  const std::string text = fault.message() + " " + fault.hint() + " " + fault.where();
  for (const char* part :
       {"criteria.min_sharp", "min_sharpe", "c.yaml:", "criteria.min_win_rate: 1.5 is outside 0 … 1", "'deep' is not a number",
        "criteria.min_regime_performance: is not a map", "'maybe' is neither true nor false", "line 3", "line 4", "line 5"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(SelectionCriteria, complaints_inside_a_map_name_its_whole_path) {
  const auto [c, fault] = read("min_regime_performance: {up: high}");
  EXPECT_EQ(fault.message(), "criteria.min_regime_performance.up: 'high' is not a number");
}

TEST(SelectionCriteria, whole_numbers_must_be_whole) {
  for (const char* yaml : {"min_trades: 10.5", "max_selections: 2.5"}) {
    const auto [c, fault] = read(yaml);
    EXPECT_EQ(fault.code(), Errc::invalid_config) << yaml;
  }
}

TEST(SelectionCriteria, what_is_no_map_is_a_complaint) {
  for (const char* yaml : {"[1, 2]", "7"}) EXPECT_EQ(read(yaml).second.code(), Errc::invalid_config) << yaml;
}

TEST(SelectionCriteria, check_names_the_field_that_is_out_of_range) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [](const char* field, auto&& change) {
    SelectionCriteria c;
    change(c);
    const Status status = check(c);
    ASSERT_FALSE(status) << field;
    EXPECT_EQ(status.error().code(), Errc::usage);
    EXPECT_EQ(status.error().where(), field);
  };
  refused("min_sharpe", [&](auto& c) { c.min_sharpe = nan; });
  refused("min_win_rate", [](auto& c) { c.min_win_rate = 1.01; });
  refused("max_drawdown", [](auto& c) { c.max_drawdown = -0.2; });
  refused("max_correlation", [](auto& c) { c.max_correlation = 1.5; });
  refused("min_dsr", [](auto& c) { c.min_dsr = -0.1; });
  refused("min_trades", [](auto& c) { c.min_trades = -1; });
  refused("max_selections", [](auto& c) { c.max_selections = 0; });
  refused("min_regime_performance.up", [&](auto& c) { c.min_regime_performance["up"] = nan; });
}

}  // namespace
}  // namespace tradewind::analysis
