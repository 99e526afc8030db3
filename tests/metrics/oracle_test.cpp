// SPDX-License-Identifier: Apache-2.0
#include "oracle.hpp"

#include <map>

#include "tradewind/metrics/returns.hpp"

namespace tradewind::metrics {
namespace {

const std::map<std::string, Metric>& renamed() {
  static const std::map<std::string, Metric> kNames = {
      {"sharpe", Metric::sharpe_ratio}, {"sortino", Metric::sortino_ratio}, {"calmar", Metric::calmar_ratio}};
  return kNames;
}

void expect_values(std::span<const double> returns, double periods_per_year, const nlohmann::json& expected, const std::string& name) {
  const auto metrics = calculate_metrics(returns, {.periods_per_year = periods_per_year});
  ASSERT_TRUE(metrics) << name << ": " << metrics.error().message();
  EXPECT_EQ(metrics->bars, expected["n"].get<std::int64_t>()) << name;
  EXPECT_EQ(metrics->zeros, expected["zeros"].get<std::int64_t>()) << name;
  EXPECT_EQ(metrics->ruin, expected["flags"].dump().find("ruin") != std::string::npos) << name;
  for (const auto& [key, value] : expected["values"].items()) {
    const std::string what = name + " " + key;
    double number = 0;
    Undefined why = Undefined::defined;
    if (key == "sharpe_per_period") {
      const Value sharpe = sharpe_per_period(returns);
      number = sharpe.number;
      why = returns.empty() ? Undefined::empty : sharpe.why;
    } else {
      const auto found = renamed().find(key);
      const Metric metric = found != renamed().end() ? found->second : *enum_from_name<Metric>(key);
      number = (*metrics)[metric];
      why = metrics->why(metric);
    }
    if (value.is_null()) {
      EXPECT_TRUE(std::isnan(number)) << what;
      EXPECT_EQ(enum_name(why), expected["undefined"][key].get<std::string>()) << what;
      continue;
    }
    EXPECT_EQ(why, Undefined::defined) << what;
    const auto only = expected.find("compare_only");
    if (only == expected.end() || std::find(only->begin(), only->end(), key) != only->end())
      expect_close(number, value.get<double>(), what);
  }
}

TEST(MetricOracle, every_case_agrees) {
  const auto folder = oracle_folder() / "metrics";
  if (!std::filesystem::exists(folder / "metrics.json")) GTEST_SKIP() << "no reference results at " << folder;
  const auto oracle = read_json(folder / "metrics.json");
  for (const auto& [name, expected] : oracle["cases"].items()) {
    const auto columns = read_columns(folder / expected["file"].get<std::string>());
    const auto& returns = columns[0];
    const double periods_per_year = expected["ppy"].get<double>();
    if (expected.contains("values")) {
      expect_values(returns, periods_per_year, expected, name);
      continue;
    }
    const auto refused = calculate_metrics(returns, {.periods_per_year = periods_per_year});
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code(), Errc::invalid_data) << name;
    const auto first = expected.contains("policy") ? expected["policy"]["reject"]["first_row"] : expected["first_row"];
    EXPECT_EQ(refused.error().where(), "row " + std::to_string(first.get<int>())) << name;
    if (!expected.contains("policy")) continue;
    for (const NanPolicy policy : {NanPolicy::drop, NanPolicy::zero}) {
      const auto clean = apply_nan_policy(returns, policy);
      ASSERT_TRUE(clean);
      EXPECT_EQ(clean->replaced, expected["nan_count"].get<std::int64_t>());
      const std::string title = name + " " + std::string(enum_name(policy));
      expect_values(clean->values, periods_per_year, expected["policy"][std::string(enum_name(policy))], title);
    }
  }
}

}  // namespace
}  // namespace tradewind::metrics
