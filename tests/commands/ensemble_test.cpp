// SPDX-License-Identifier: Apache-2.0
// The ensemble command against the figures of independent solvers, and what it prints when there is no answer.
#include "tradewind/commands/ensemble.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "../metrics/oracle.hpp"

namespace tradewind::commands {
namespace {

EnsembleArguments arguments_for(const Path& file, const std::string& objective, std::size_t columns, std::size_t max_strategies,
                                double max_weight = 0.5) {
  EnsembleArguments out;
  out.file = file;
  out.options.objective = *enum_from_name<ensemble::Objective>(objective);
  out.options.covariance = ensemble::CovarianceMethod::sample;
  out.options.periods_per_year = 252;
  out.options.constraints.max_strategies = max_strategies;
  out.options.constraints.max_weight = max_weight;
  out.walk = false;
  for (std::size_t j = 0; j < columns; ++j) out.columns.push_back("s" + std::to_string(j));
  return out;
}

TEST(EnsembleCommand, Agrees_with_independent_solvers) {
  const Path folder = oracle_folder() / "ensemble";
  if (!std::filesystem::exists(folder / "ensemble.json")) GTEST_SKIP() << "no reference results beside the source tree";
  const auto oracle = read_json(folder / "ensemble.json");
  for (const auto& one : oracle["cases"]) {
    const Path file = folder / one["file"].get<std::string>();
    for (const auto& [key, objective] : {std::pair<std::string, std::string>{"sharpe", "sharpe"}, {"minvar", "min_variance"}}) {
      const auto& expected = one[key];
      const std::string what = one["name"].get<std::string>() + " " + objective;
      const double sign = key == "sharpe" ? 1 : -1;
      const auto open = ensemble_of_file(arguments_for(file, objective, one["N"], 0), {});
      ASSERT_TRUE(open) << open.error().message();
      EXPECT_EQ(open->json["status"], "optimal") << what;
      EXPECT_LE(open->json["kkt_residual"].get<double>(), 1e-9) << what;
      const double want = expected["relaxed"];
      EXPECT_GE(sign * (open->json["objective"].get<double>() / want - 1), -1e-9) << what;
      EXPECT_NEAR(open->json["objective"].get<double>() / want, 1, 1e-6) << what;
      for (std::size_t j = 0; j < one["N"].get<std::size_t>(); ++j) {
        EXPECT_NEAR(open->json["weights"].value("s" + std::to_string(j), 0.0), expected["relaxed_w"][j].get<double>(), 1e-4)
            << what << " s" << j;
      }
      if (!expected.contains("exact_k5")) continue;
      const auto five = ensemble_of_file(arguments_for(file, objective, one["N"], 5), {});
      ASSERT_TRUE(five) << five.error().message();
      EXPECT_EQ(five->json["status"], "optimal") << what;
      EXPECT_NEAR(five->json["objective"].get<double>() / expected["exact_k5"].get<double>(), 1, 1e-9) << what;
      EXPECT_EQ(five->json["weights"].size(), expected["exact_k5_support"].size()) << what;
      for (const auto& j : expected["exact_k5_support"])
        EXPECT_TRUE(five->json["weights"].contains("s" + std::to_string(j.get<int>()))) << what;
    }
  }
  for (const auto& one : oracle["infeasible"]) {
    const std::string columns = one["columns"];
    const auto result =
        ensemble_of_file(arguments_for(folder / one["file"].get<std::string>(), "sharpe", std::stoul(columns.substr(columns.find(' '))),
                                       one["max_strategies"], one["max_weight"]),
                         {});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_code, 3);
    EXPECT_EQ(result->json["status"], "infeasible");
    EXPECT_GT(result->json["reason"].get<std::string>().size(), 5u);
  }
}

TEST(EnsembleCommand, Regimes_get_weights_of_their_own_or_a_reason) {
  std::string name = (std::filesystem::temp_directory_path() / "tradewind-ensemble-XXXXXX").string();
  const Path folder = ::mkdtemp(name.data());
  const Path file = folder / "panel.csv";
  {
    std::ofstream out(file);
    out << "a,b,c,regime\n";
    for (int t = 0; t < 300; ++t)
      out << 0.001 * std::sin(t * 1.7) + 2e-4 << ',' << 0.002 * std::cos(t * 0.9) + 3e-4 << ',' << 0.001 * std::sin(t * t) << ','
          << (t < 5         ? "odd"
              : t % 20 < 10 ? "up"
                            : "down")
          << '\n';
  }
  EnsembleArguments arguments = arguments_for(file, "min_variance", 0, 0);
  arguments.regimes = "regime";
  arguments.walk = true;
  const auto result = ensemble_of_file(arguments, {});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->json["weights"].size(), 3u);
  EXPECT_EQ(result->json["fallback"].size(), 1u);
  EXPECT_TRUE(result->json["fallback"].contains("odd"));
  EXPECT_EQ(result->json["regimes"]["odd"]["bars"], 5);
  EXPECT_TRUE(result->json["walk_forward"]["sharpe_ratio"].is_number());
  EXPECT_TRUE(result->json["baselines"]["equal_weight"]["walk_forward"]["sharpe_ratio"].is_number());
  arguments.columns = {"a", "nope"};
  EXPECT_EQ(ensemble_of_file(arguments, {}).error().code(), Errc::unknown_name);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tradewind::commands
