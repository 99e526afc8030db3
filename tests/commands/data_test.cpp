// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/data.hpp"
#include "../support/paths.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace tradewind::commands {
namespace {

const Path kFixtures = test::source_dir() / "tests/fixtures/dirty";

/// Every test works in a folder of its own.
class DataCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tradewind-data-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CommandOutput import(const char* fixture, const Path& out, const std::string& on_error = "fail") {
    DataImportArguments arguments;
    arguments.source = kFixtures / fixture;
    arguments.out = out;
    arguments.on_error = on_error;
    auto result = data_import(arguments, {});
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : CommandOutput{};
  }
  Path folder_;
};

TEST_F(DataCommands, a_good_file_is_written_and_summed_up) {
  const auto output = import("00_clean.csv", folder_ / "a.parquet");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.json.begin().key(), "schema");
  EXPECT_EQ(output.json["schema"], "tradewind.data_import/1");
  EXPECT_EQ(output.json["rows"], 8);
  EXPECT_TRUE(output.json["rejected"].empty());
  EXPECT_EQ(output.json["columns"]["close"], "close");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a.parquet"));
}

TEST_F(DataCommands, a_bad_file_is_exit_3_with_the_list_and_nothing_is_written) {
  const auto output = import("22_ragged_rows.csv", folder_ / "a.parquet");
  EXPECT_EQ(output.exit_code, 3);
  ASSERT_EQ(output.json["rejected"].size(), 2u);
  EXPECT_EQ(output.json["rejected"][0]["line"], 3);
  EXPECT_TRUE(output.json["rejected"][0].contains("column"));
  EXPECT_TRUE(output.json["output"].is_null());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.parquet"));
}

TEST_F(DataCommands, skip_writes_what_is_good) {
  const auto output = import("22_ragged_rows.csv", folder_ / "a.csv", "skip");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.json["rows"], 6);
  EXPECT_EQ(output.json["rejected_total"], 2);
}

TEST_F(DataCommands, an_unknown_output_format_is_refused_before_reading) {
  DataImportArguments arguments;
  arguments.source = folder_ / "absent.csv";
  arguments.out = folder_ / "a.xls";
  EXPECT_EQ(data_import(arguments, {}).error().code(), Errc::usage);
}

TEST_F(DataCommands, simulated_files_are_there_and_can_be_inspected) {
  DataSimulateArguments arguments;
  arguments.out = folder_ / "market.csv";
  arguments.symbols = 2;
  arguments.bars = 100;
  const auto output = data_simulate(arguments, {});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->json["rows"], 100);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "market-SIM02.csv"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "market-regimes.csv"));
  arguments.out = folder_ / "many";
  ASSERT_TRUE(data_simulate(arguments, {}));
  const auto info = data_info(DataInfoArguments{folder_ / "many" / "SIM01.csv"}, {});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->json["rows"], 100);
  EXPECT_EQ(info->json["largest_moves"].size(), 5u);
}

}  // namespace
}  // namespace tradewind::commands
