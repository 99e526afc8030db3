// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fixture.hpp"

namespace tradewind::workspace {
namespace {

class ScanTest : public WorkspaceTest {};

TEST_F(ScanTest, Filters_and_sorts_like_a_loop_over_all_rows) {
  write_run("r", Layout::packed, 200);
  const auto result = need(scan(root, {}, {.where = "win_rate >= 0.5 and max_drawdown <= 0.2 and symbol == 'SPY'", .limit = 7}));
  std::vector<std::pair<double, std::string>> expected;
  for (int i = 0; i < 200; ++i) {
    const auto m = metadata(i);
    if (m.values[2] >= 0.5 && m.values[1] <= 0.2 && m.symbol == "SPY")
      expected.emplace_back(std::isnan(m.values[0]) ? -1e9 : m.values[0], m.strategy_id);
  }
  std::sort(expected.begin(), expected.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  EXPECT_EQ(result.scanned, 200U);
  EXPECT_EQ(result.matched, expected.size());
  ASSERT_EQ(result.rows, 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(result.find("strategy_id")->text(i), expected[i].second);
}

TEST_F(ScanTest, Pages_join_to_the_whole_and_undefined_comes_last_both_ways) {
  write_run("r", Layout::packed, 60);
  for (const bool descending : {true, false}) {
    const auto whole = need(scan(root, {}, {.descending = descending, .limit = 0}));
    ASSERT_EQ(whole.rows, 60U);
    std::vector<std::vector<Cell>> joined;
    for (std::size_t at = 0; at < 60; at += 13)
      for (auto& row : cells(need(scan(root, {}, {.descending = descending, .limit = 13, .offset = at})))) joined.push_back(std::move(row));
    EXPECT_EQ(joined, cells(whole));
    bool ended = false;
    for (std::size_t row = 0; row < whole.rows; ++row) {
      const bool undefined = whole.find("sharpe_ratio")->is_null(row);
      EXPECT_FALSE(ended && !undefined);
      ended = ended || undefined;
    }
    EXPECT_TRUE(ended);
  }
  EXPECT_EQ(need(scan(root, {}, {.limit = 5, .offset = 1000})).rows, 0U);
}

TEST_F(ScanTest, Cells_keep_their_types) {
  write_run("r", Layout::packed, 6);
  const auto result = need(scan(root, {},
                                {.where = "param.fast == 5",
                                 .columns = {"param.fast", "param.rate", "param.mode", "param.on", "signal_changes", "undefined",
                                             "regime.vol.w20.bull.sharpe_ratio"}}));
  ASSERT_EQ(result.rows, 1U);
  const auto row = cells(result)[0];
  EXPECT_EQ(std::get<std::int64_t>(row[0]), 5);
  EXPECT_EQ(std::get<double>(row[1]), 0.5);
  EXPECT_EQ(std::get<std::string>(row[2]), "a\"b");
  EXPECT_EQ(std::get<std::string>(row[3]), "false");
  EXPECT_EQ(std::get<std::int64_t>(row[4]), 10);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(row[5]));
  EXPECT_EQ(std::get<double>(row[6]), 2.5);
}

TEST_F(ScanTest, Unknown_columns_are_named_with_the_nearest) {
  write_run("r", Layout::packed, 4);
  for (const ScanQuery& query :
       {ScanQuery{.where = "sharpe_rato > 1"}, ScanQuery{.sort = "sharpe_rato"}, ScanQuery{.columns = {"sharpe_rato"}}}) {
    const auto result = scan(root, {}, query);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Errc::unknown_name);
    EXPECT_NE(result.error().hint().find("sharpe_ratio"), std::string::npos);
  }
  EXPECT_EQ(scan(root, std::vector<std::string>{"absent"}, {}).error().code(), Errc::not_found);
}

TEST_F(ScanTest, Runs_with_other_columns_are_scanned_together) {
  write_run("a", Layout::packed, 4);
  auto writer = need(RunWriter::create(root, "b", {"w0", Layout::packed, {"sharpe_ratio", "own_metric"}}));
  auto segment = writer.new_segment();
  SignalMetadata m;
  m.strategy_id = "x";
  m.parameters = {{"fast", std::string("text here")}};
  m.values = {9.0, 1.0};
  need(segment.append(0, m));
  need(writer.add(std::move(segment)));
  need(writer.commit());
  const auto result = need(scan(root, {}, {.columns = {"run_id", "own_metric", "net_sharpe", "param.fast"}}));
  ASSERT_EQ(result.rows, 5U);
  const std::vector<Cell> first = {"b", 1.0, {}, "text here"};
  EXPECT_EQ(cells(result)[0], first);
  // A parameter that is a word in one run and a number in the other: text, that still prints as the number it is.
  EXPECT_EQ(result.columns[3].type(), ScanType::text);
  for (std::size_t row = 1; row < 5; ++row) {
    EXPECT_EQ(result.cell(row, 3), Cell(std::int64_t{std::stoi(std::string(result.columns[3].text(row)))}));
    EXPECT_TRUE(result.columns[1].is_null(row) && std::isnan(result.columns[1].numbers()[row]));
  }
  EXPECT_EQ(need(scan(root, {}, {.where = "run_id == 'a' and param.fast == '3'"})).matched, 1U);
}

TEST_F(ScanTest, Results_export_as_csv_json_and_parquet) {
  write_run("r", Layout::packed, 12);
  const auto result = need(scan(root, {}, {.limit = 0}));
  need(export_rows(result, root / "x.csv"));
  const std::string csv = bytes(root / "x.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 13);
  EXPECT_NE(csv.find("\"a\"\"b\""), std::string::npos);
  need(export_rows(result, root / "x.json"));
  need(export_rows(result, root / "x.parquet"));
  EXPECT_EQ(bytes(root / "x.parquet").substr(0, 4), "PAR1");
  EXPECT_EQ(export_rows(result, root / "x.xls").error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::workspace
