// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/run_execution.hpp"

#include <gtest/gtest.h>

#include "tradewind/workspace/json_internal.hpp"

namespace tradewind::workspace {
namespace {

RunExecution read(const std::string& text) {
  const auto parsed = parse_unchecked_run_metadata(text);
  EXPECT_TRUE(parsed) << parsed.error().message();
  return parsed ? parsed->metadata.execution : RunExecution();
}

TEST(RunExecution, comes_back_as_it_was_written) {
  RunMetadata run;
  run.run_id = "r";
  run.periods_per_year = 365;
  run.execution = {
      {{"SPY", "/d/spy.csv", "America/New_York", std::string(64, 'a'), 252, "next_open"},
       {"BTC", "/d/btc.csv", "", std::string(64, 'b'), 365, "next_close", {{"adjusted", "true"}, {"date_format", "%d/%m/%Y"}}}},
      "next_open",
      0.0007,
      "sqrt",
      0.0002,
      0.03};
  EXPECT_EQ(read(run_metadata_json(run, {})), run.execution);
}

TEST(RunExecution, of_a_run_without_data_is_null) {
  RunMetadata run;
  run.run_id = "r";
  const std::string text = run_metadata_json(run, {});
  EXPECT_NE(text.find("\"execution\": null"), std::string::npos);
  EXPECT_TRUE(read(text).data.empty());
}

TEST(RunExecution, is_lifted_from_the_configuration_of_a_sweep_of_before) {
  const RunExecution lifted = read(R"({"run_id": "r", "periods_per_year": 252,
    "data_hashes": {"spy.csv": "aa", "wm.csv": "bb"}, "data_files": {"SPY": "/d/spy.csv"},
    "config": {"data": [{"symbol": "SPY", "path": "spy.csv", "zone": "UTC"}],
               "annualization": {"periods_per_year": "252", "risk_free": 0.02},
               "execution": {"fill": "next_close", "commission": "7bps", "slippage": {"model": "sqrt", "rate": 0.0002}},
               "strategies": [{"type": "of_a_user"}]},
    "configs": {"b": {"data": [{"symbol": "SPY", "path": "spy.csv"}, {"symbol": "WM", "path": "wm.csv"}]}}})");
  ASSERT_EQ(lifted.data.size(), 2U) << "of all writers, each symbol once";
  EXPECT_EQ(lifted.data[0], (SymbolPrices{"SPY", "/d/spy.csv", "UTC", "aa", 252, "next_close"}));
  EXPECT_EQ(lifted.data[1], (SymbolPrices{"WM", "wm.csv", "", "bb", 252, "next_close"}));
  EXPECT_EQ(lifted.fill, "next_close");
  EXPECT_EQ(lifted.commission_rate, 0.0007);
  EXPECT_EQ(lifted.slippage_model, "sqrt");
  EXPECT_EQ(lifted.slippage_rate, 0.0002);
  EXPECT_EQ(lifted.risk_free, 0.02);
}

TEST(RunExecution, of_a_configuration_that_says_nothing_has_the_defaults_of_a_sweep) {
  const RunExecution lifted = read(R"({"run_id": "r", "periods_per_year": 252, "config": {"data": [{"symbol": "S", "path": "s.csv"}]}})");
  ASSERT_EQ(lifted.data.size(), 1U);
  EXPECT_EQ(lifted.fill, "next_open");
  EXPECT_EQ(lifted.commission_rate, 0.001);
  EXPECT_EQ(lifted.slippage_model, "linear");
  EXPECT_EQ(lifted.slippage_rate, 0.0005);
  EXPECT_EQ(lifted.risk_free, 0);
}

TEST(RunExecution, what_is_none_of_its_kind_is_left_out_and_never_a_crash) {
  for (const char* text : {R"({"run_id": "r", "execution": 7})", R"({"run_id": "r", "execution": null})",
                           R"({"run_id": "r", "execution": {"data": {}, "fill": 3, "commission_rate": "x"}})",
                           R"({"run_id": "r", "execution": {"data": [1, {"symbol": 2, "path": "p"}, {"symbol": "S"}]}})",
                           R"({"run_id": "r", "config": "no object"})", R"({"run_id": "r", "config": {"data": "no list"}})"})
    EXPECT_TRUE(read(text).data.empty()) << text;
}

}  // namespace
}  // namespace tradewind::workspace
