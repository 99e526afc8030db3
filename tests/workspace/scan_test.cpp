// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fixture.hpp"

namespace tradewind::workspace {
namespace {

class ScanTest : public WorkspaceTest {
 protected:
  std::size_t column(const ScanResult& result, const std::string& name) const {
    return static_cast<std::size_t>(std::find(result.columns.begin(), result.columns.end(), name) - result.columns.begin());
  }
};

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
  ASSERT_EQ(result.rows.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(std::get<std::string>(result.rows[i][column(result, "strategy_id")]), expected[i].second);
}

TEST_F(ScanTest, Pages_join_to_the_whole_and_undefined_comes_last_both_ways) {
  write_run("r", Layout::packed, 60);
  for (const bool descending : {true, false}) {
    const auto whole = need(scan(root, {}, {.descending = descending, .limit = 0}));
    ASSERT_EQ(whole.rows.size(), 60U);
    std::vector<std::vector<Cell>> joined;
    for (std::size_t at = 0; at < 60; at += 13)
      for (auto& row : need(scan(root, {}, {.descending = descending, .limit = 13, .offset = at})).rows) joined.push_back(std::move(row));
    EXPECT_EQ(joined, whole.rows);
    const auto sharpe = column(whole, "sharpe_ratio");
    bool ended = false;
    for (const auto& row : whole.rows) {
      const bool undefined = std::holds_alternative<std::monostate>(row[sharpe]);
      EXPECT_FALSE(ended && !undefined);
      ended = ended || undefined;
    }
    EXPECT_TRUE(ended);
  }
  EXPECT_TRUE(need(scan(root, {}, {.limit = 5, .offset = 1000})).rows.empty());
}

TEST_F(ScanTest, Cells_keep_their_types) {
  write_run("r", Layout::packed, 6);
  const auto result = need(scan(root, {},
                                {.where = "param.fast == 5",
                                 .columns = {"param.fast", "param.rate", "param.mode", "param.on", "signal_changes", "undefined",
                                             "regime.vol.w20.bull.sharpe_ratio"}}));
  ASSERT_EQ(result.rows.size(), 1U);
  const auto& row = result.rows[0];
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
  ASSERT_EQ(result.rows.size(), 5U);
  EXPECT_EQ(std::get<std::string>(result.rows[0][0]), "b");
  EXPECT_EQ(std::get<double>(result.rows[0][1]), 1.0);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(result.rows[0][2]));
  EXPECT_EQ(std::get<std::string>(result.rows[0][3]), "text here");
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
