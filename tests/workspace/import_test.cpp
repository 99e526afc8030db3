// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {
namespace {

std::vector<Path> one(const Path& source) { return {source}; }

TEST_F(WorkspaceTest, Dense_signals_are_imported_sparse) {
  put(root / "in/a.csv",
      "timestamp,signal,confidence\n2024-01-01,0,1\n2024-01-02,1,0.5\n2024-01-03,1,0.5\n2024-01-04,-1,1\r\n2024-01-05,0,1\n");
  put(root / "in/b.csv", "when,timestamp,signal\nx,2024-01-01T10:00:00Z,1\n");
  put(root / "in/notes.txt", "ignored");
  const auto report = need(import_signals(root, one(root / "in"), "imported"));
  EXPECT_EQ(report.strategies, 2);
  EXPECT_EQ(report.rows_read, 6);
  EXPECT_EQ(report.rows_kept, 4);
  const auto run = need(Run::open(root, "imported"));
  EXPECT_EQ(run.metadata().workflow_type, "import");
  const auto a = need(run.load_signals(std::vector<std::string>{"a"}))[0];
  EXPECT_EQ(a.signal, (std::vector<std::int8_t>{1, -1, 0}));
  EXPECT_EQ(a.confidence[0], 0.5F);
  EXPECT_TRUE(need(verify(root, "imported")).faults.empty());
  EXPECT_EQ(import_signals(root, one(root / "in"), "imported").error().code(), Errc::already_exists);
}

TEST_F(WorkspaceTest, Import_says_file_row_and_column_and_writes_nothing) {
  const std::pair<const char*, const char*> cases[] = {
      {"timestamp,signal\n2024-01-01,2\n", "row 1, column signal"},
      {"timestamp,signal\n2024-01-02,1\n2024-01-01,0\n", "row 2, column timestamp"},
      {"timestamp,signal,confidence\n2024-01-02,1,1.5\n", "row 1, column confidence"},
      {"timestamp,signal,confidence\n2024-01-02,1,nan\n", "row 1, column confidence"},
      {"timestamp,signal\n2024-02-30,1\n", "row 1, column timestamp"},
      {"timestamp,signal,strategy\n2024-01-02,1,../x\n", "row 1, column strategy"},
      {"timestamp,signal\n2024-01-02,1,3\n", "row 1"},
      {"time,signal\n2024-01-02,1\n", "x.csv"},
      {"", "x.csv"},
  };
  for (const auto& [text, where] : cases) {
    put(root / "x.csv", text);
    const auto result = import_signals(root, one(root / "x.csv"), "r");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), Errc::invalid_data) << text;
    EXPECT_NE(result.error().where().find(where), std::string::npos) << result.error().where();
    EXPECT_FALSE(std::filesystem::exists(root / "r"));
  }
  EXPECT_EQ(import_signals(root, one(root / "none"), "r").error().code(), Errc::not_found);
}

TEST_F(WorkspaceTest, Parquet_signals_are_imported_and_damaged_ones_refused) {
  const auto s = signals(3);
  need(write_signal_file(root / "m.parquet", {s.timestamp, s.signal, s.confidence}, {}));
  need(import_signals(root, one(root / "m.parquet"), "r"));
  EXPECT_GT(need(Run::open(root, "r")).size(), 0U);
  const std::string good = bytes(root / "m.parquet");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0xff);
    put(root / "bad.parquet", bad);
    static_cast<void>(import_signals(root, one(root / "bad.parquet"), "bad" + std::to_string(at)));  // may fail, must not crash
    static_cast<void>(read_signal_file(root / "bad.parquet"));
  }
}

class Rebuilt : public WorkspaceTest, public testing::WithParamInterface<Layout> {};
INSTANTIATE_TEST_SUITE_P(Both, Rebuilt, testing::Values(Layout::files, Layout::packed));

TEST_P(Rebuilt, catalogs_equal_the_lost_ones) {
  write_run("r", GetParam(), 30);
  const ScanQuery query{.limit = 0,
                        .columns = {"strategy_id", "symbol", "param.fast", "sharpe_ratio", "net_sharpe", "regime.vol.w20.bull.sharpe_ratio",
                                    "signal_changes", "total_trades", "undefined"}};
  const auto rows = cells(need(scan(root, {}, query)));
  const auto before = all_signals("r");
  for (const Path& file : files("r"))
    if (file.parent_path().filename() == "catalog") std::filesystem::remove(file);
  EXPECT_EQ(need(reindex(root, "r")), 30);
  EXPECT_EQ(cells(need(scan(root, {}, query))), rows);
  for (const auto& [id, s] : all_signals("r")) EXPECT_TRUE(same(s, before.at(id)));
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
  for (const Path& file : files("r"))
    if (file.extension() == ".arrow" || file.filename() == "metadata.json") put(file, "rubbish");
  EXPECT_EQ(need(reindex(root, "r")), 30);
  EXPECT_EQ(cells(need(scan(root, {}, query))), rows);
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_F(WorkspaceTest, Foreign_files_are_indexed) {
  const auto s = signals(3);
  std::filesystem::create_directories(root / "r/signals/mine");
  need(write_signal_file(root / "r/signals/mine/signals.parquet", {s.timestamp, s.signal, s.confidence},
                         {{"sharpe_ratio", "1.25"}, {"note", "text"}}));
  EXPECT_EQ(need(reindex(root, "r")), 1);
  const auto result = need(scan(root, {}, {.columns = {"strategy_id", "sharpe_ratio"}}));
  ASSERT_EQ(result.rows, 1U);
  EXPECT_EQ(result.columns.at(1).numbers()[0], 1.25);
  EXPECT_TRUE(same(all_signals("r").at("mine"), s));
}

}  // namespace
}  // namespace tradewind::workspace
