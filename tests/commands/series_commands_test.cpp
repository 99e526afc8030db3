// SPDX-License-Identifier: Apache-2.0
// metrics, regimes and overfit as the faces call them: on files, with the place of every complaint.
#include <cmath>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/overfit.hpp"
#include "tradewind/commands/patterns.hpp"
#include "tradewind/commands/regimes.hpp"

namespace tradewind::commands {
namespace {

class SeriesCommands : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / ("tradewind_series_" + std::to_string(::getpid()) + "_" + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Path file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  MetricsArguments metrics_arguments(const Path& path) const {
    MetricsArguments arguments;
    arguments.file = path;
    arguments.options.periods_per_year = 4;
    return arguments;
  }

  Path folder_;
};

TEST_F(SeriesCommands, metrics_of_positions_with_costs_and_regimes) {
  auto arguments = metrics_arguments(file("a.csv", "r,pos,reg\n0.1,1,up\n-0.05,1,up\n0.02,-1,down\n0,0,\n"));
  arguments.signals = "pos";
  arguments.regimes = "reg";
  arguments.labels_aligned = true;
  arguments.drawdowns = 3;
  arguments.costs = metrics::ExecutionCosts{.commission_rate = 0.001, .slippage_model = metrics::SlippageModel::linear, .slippage_bps = 0};
  const auto output = metrics_of_file(arguments, {});
  ASSERT_TRUE(output) << output.error().message();
  const Json& json = output->json;
  EXPECT_EQ(json["schema"], "tradewind.metrics/1");
  EXPECT_EQ(json["column"], "r");
  EXPECT_EQ(json["metrics"]["unit"], "trade");
  EXPECT_EQ(json["metrics"]["total_fills"], 4);
  EXPECT_EQ(json["regimes"]["up"]["bars"], 2);
  EXPECT_EQ(json["unlabelled_bars"], 1);
  EXPECT_EQ(json["undefined"]["regimes.up.annualized_return"], "insufficient_bars");
  EXPECT_EQ(json["drawdowns"].size(), 1U);
}

TEST_F(SeriesCommands, complaints_name_file_and_line) {
  const Path path = file("nan.csv", "r\n0.1\nnan\n0.2\n-1.5\n");
  auto arguments = metrics_arguments(path);
  const auto refused = metrics_of_file(arguments, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where(), path.string() + ":3");
  arguments.nan_policy = metrics::NanPolicy::drop;
  const auto below = metrics_of_file(arguments, {});
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().where(), path.string() + ":5") << "the row of the file, not of the cleaned series";
  arguments.costs = metrics::ExecutionCosts{};
  EXPECT_EQ(metrics_of_file(arguments, {}).error().code(), Errc::usage);
  const Path signals = file("signals.csv", "r,pos\n0.1,0\n0.1,2\n");
  arguments = metrics_arguments(signals);
  arguments.signals = "pos";
  EXPECT_EQ(metrics_of_file(arguments, {}).error().where(), signals.string() + ":3");
}

TEST_F(SeriesCommands, an_empty_file_is_an_answer) {
  const auto output = metrics_of_file(metrics_arguments(file("empty.csv", "r\n")), {});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_TRUE(output->json["metrics"]["total_return"].is_null());
  EXPECT_EQ(output->json["undefined"]["sharpe_ratio"], "empty");
}

TEST_F(SeriesCommands, rates_as_users_write_them) {
  EXPECT_DOUBLE_EQ(*parse_rate("10bps", "--commission"), 0.001);
  EXPECT_DOUBLE_EQ(*parse_rate("0.1%", "--commission"), 0.001);
  EXPECT_DOUBLE_EQ(*parse_rate("-2%", "--risk-free"), -0.02);
  EXPECT_DOUBLE_EQ(*parse_rate("", "--commission", 0.25), 0.25);
  for (const char* text : {"ten", "2", "150%", "-1", "nan"}) {
    const auto rate = parse_rate(text, "--commission", 0.25);
    ASSERT_FALSE(rate) << text;
    EXPECT_EQ(rate.error().code(), Errc::usage);
    EXPECT_EQ(rate.error().where(), "--commission");
  }
  EXPECT_DOUBLE_EQ(*parse_cost("5bps", "--slippage"), 0.0005);
  for (const char* text : {"-5bps", "ten", "2"}) EXPECT_EQ(parse_cost(text, "--slippage").error().where(), "--slippage") << text;
}

TEST_F(SeriesCommands, a_yearly_rate_may_exceed_one) {
  EXPECT_DOUBLE_EQ(*parse_yearly_rate("2%", "--risk-free"), 0.02);
  EXPECT_DOUBLE_EQ(*parse_yearly_rate("120%", "--target"), 1.2);
  EXPECT_DOUBLE_EQ(*parse_yearly_rate("2.7e10", "--target"), 2.7e10);
  EXPECT_DOUBLE_EQ(*parse_yearly_rate("", "--target", 0.25), 0.25);
  for (const char* text : {"ten", "-1", "-100%", "inf", "nan"})
    EXPECT_EQ(parse_yearly_rate(text, "--risk-free").error().where(), "--risk-free") << text;
}

TEST_F(SeriesCommands, regimes_are_causal_and_hindsight_is_said) {
  std::string text = "x\n";
  Random random(3);
  for (int t = 0; t < 600; ++t) text += std::to_string((t / 100 % 2 == 0 ? 0.005 : 0.02) * random.normal()) + "\n";
  RegimesArguments arguments;
  arguments.file = file("x.csv", text);
  const auto causal = regimes_of_file(arguments, {});
  ASSERT_TRUE(causal) << causal.error().message();
  EXPECT_FALSE(causal->json["hindsight"].get<bool>());
  EXPECT_EQ(causal->json["states"].size(), 600U);
  EXPECT_TRUE(causal->json["states"][0].is_null());
  EXPECT_TRUE(causal->json["states"][599].is_number());
  arguments.hindsight = true;
  const auto hindsight = regimes_of_file(arguments, {});
  ASSERT_TRUE(hindsight);
  EXPECT_TRUE(hindsight->json["hindsight"].get<bool>());
  EXPECT_TRUE(hindsight->json["states"][0].is_number());
  EXPECT_GE(hindsight->json["optima"].size(), 1U);
  arguments.hysteresis.minimum_dwell = 5;
  EXPECT_EQ(regimes_of_file(arguments, {}).error().code(), Errc::usage);
  arguments.hindsight = false;
  const auto steady = regimes_of_file(arguments, {});
  ASSERT_TRUE(steady);
  EXPECT_LE(steady->json["hysteresis"]["switches"].get<int>(), steady->json["hysteresis"]["raw_switches"].get<int>());
  arguments.hysteresis = {};
  arguments.choose_states = true;
  const auto chosen = regimes_of_file(arguments, {});
  ASSERT_TRUE(chosen) << chosen.error().message();
  EXPECT_EQ(chosen->json["state_choice"]["chosen"], 2);
  EXPECT_EQ(chosen->json["state_choice"]["table"].size(), 4U);
  EXPECT_TRUE(chosen->json["warnings"].is_array());
  arguments.choose_states = false;
  arguments.hindsight = true;
  arguments.classifier = "trend";
  EXPECT_EQ(regimes_of_file(arguments, {}).error().code(), Errc::usage);
  arguments = {};
  arguments.file = folder_ / "x.csv";
  arguments.prices = true;
  EXPECT_EQ(regimes_of_file(arguments, {}).error().code(), Errc::invalid_data) << "negative prices";
}

TEST_F(SeriesCommands, fitting_given_parameters_needs_hindsight) {
  RegimesArguments arguments;
  arguments.file = file("x.csv", "x\n0.1\n-0.1\n0.2\n0.05\n");
  arguments.init =
      file("init.json", R"({"start_probability":[0.5,0.5],"transition":[[0.9,0.1],[0.1,0.9]],"means":[0,0],"variances":[0.01,0.04]})");
  const auto given = regimes_of_file(arguments, {});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->json["labels"][0], "state_0");
  arguments.iterations = 3;
  EXPECT_EQ(regimes_of_file(arguments, {}).error().code(), Errc::usage);
  arguments.init = file("bad.json", R"({"start_probability":[0.5,0.6]})");
  EXPECT_EQ(regimes_of_file(arguments, {}).error().code(), Errc::invalid_config);
}

TEST_F(SeriesCommands, overfit_names_the_best_trial) {
  std::string text = "a,b\n";
  Random random(5);
  for (int t = 0; t < 64; ++t) text += std::to_string(0.01 * random.normal()) + "," + std::to_string(0.01 + 0.01 * random.normal()) + "\n";
  OverfitArguments arguments;
  arguments.file = file("t.csv", text);
  const auto output = overfit_of_file(arguments, {});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->json["best"], "b");
  EXPECT_EQ(output->json["trials"], 2);
  EXPECT_EQ(output->json["rows_used"], 64);
  EXPECT_LT(output->json["spa"]["p_consistent"].get<double>(), 0.01);
  EXPECT_EQ(output->json["stepm"], Json::array({"b"}));
  EXPECT_GT(output->json["intervals"]["sharpe_per_period"][0].get<double>(), 0.3);
  EXPECT_EQ(output->json["cpcv"]["paths"].size(), 9U);
  EXPECT_EQ(output->json["clustered_trials"], 2);
  arguments.benchmark = "b";
  const auto against = overfit_of_file(arguments, {});
  ASSERT_TRUE(against);
  EXPECT_EQ(against->json["trials"], 1);
  EXPECT_TRUE(against->json["stepm"].empty());
  arguments.benchmark = "c";
  EXPECT_EQ(overfit_of_file(arguments, {}).error().code(), Errc::unknown_name);
  arguments.benchmark.clear();
  arguments.columns = {"a"};
  EXPECT_EQ(overfit_of_file(arguments, {})->json["undefined"]["dsr"], "insufficient_trials");
  arguments.columns.clear();
  arguments.file = file("short.csv", "a,b\n0.1,0.2\n0.2,0.1\n0.1,0.3\n");
  const auto few = overfit_of_file(arguments, {});
  ASSERT_TRUE(few) << few.error().message();
  EXPECT_EQ(few->json["undefined"]["spa.p_consistent"], "insufficient_bars");
  EXPECT_EQ(few->json["undefined"]["cpcv.mean"], "insufficient_bars");
}

TEST_F(SeriesCommands, patterns_name_what_is_missing_and_where) {
  std::string text = "signal,regime,ret\n";
  Random random(8);
  for (int t = 0; t < 1500; ++t) {
    text += std::to_string(static_cast<int>(random.below(3)) - 1) + (t / 50 % 2 == 0 ? ",up," : ",down,");
    text += std::to_string(0.01 * random.normal()) + "\n";
  }
  PatternsArguments arguments;
  arguments.file = file("patterns.csv", text);
  arguments.options.holdout = 0;
  arguments.model = true;
  arguments.shapes = 30;
  const auto output = patterns_of_file(arguments, {});
  ASSERT_TRUE(output) << output.error().message();
  const Json& json = output->json;
  EXPECT_EQ(json["schema"], "tradewind.patterns/1");
  EXPECT_GT(json["tested"].get<int>(), 50);
  EXPECT_EQ(json["transitions"].size(), 2U);
  EXPECT_EQ(json["model"]["undefined"].size() + json["model"]["fold_coefficients"].size(), 5U);
  EXPECT_TRUE(json["shapes"].contains("discords"));
  for (const auto& pattern : json["patterns"]) {
    EXPECT_EQ(pattern["undefined"]["volume_profile"], "empty");
    EXPECT_EQ(pattern["undefined"]["holdout_effect"], "empty");
  }
  arguments.file = file("plain.csv", "signal,ret\n1,0.1\n0,0.1\n2,0.1\n");
  EXPECT_EQ(patterns_of_file(arguments, {}).error().where(), arguments.file.string() + ":4");
  arguments.file = file("nan.csv", "signal,ret\n1,0.1\n0,nan\n");
  EXPECT_EQ(patterns_of_file(arguments, {}).error().where(), arguments.file.string() + ":3");
  arguments.file = file("none.csv", "signal,ret\n");
  const auto none = patterns_of_file(arguments, {});
  ASSERT_TRUE(none) << none.error().message();
  EXPECT_EQ(none->json["tested"], 0);
  arguments.signals = {"sginal"};
  EXPECT_EQ(patterns_of_file(arguments, {}).error().code(), Errc::unknown_name);
}

}  // namespace
}  // namespace tradewind::commands
