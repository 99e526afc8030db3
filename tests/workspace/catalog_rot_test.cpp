// SPDX-License-Identifier: Apache-2.0
// A catalog that rotted answers with an error or with the truth, never with something else.
#include <chrono>
#include <fstream>
#include <thread>

#include "fixture.hpp"
#include "tradewind/base/rot_hash.hpp"

namespace tradewind::workspace {
namespace {

TEST(RotHash, is_changed_by_every_bit_and_stays_what_it_is) {
  std::string text;
  for (int i = 0; i < 75; ++i) text += static_cast<char>('a' + i % 26);
  const auto hash = rot_hash(text);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(rot_hash(changed), hash) << bit;
  }
  EXPECT_NE(rot_hash(text + '\0'), hash) << "the length counts";
  EXPECT_NE(rot_hash(std::string_view("\0", 1)), rot_hash(""));
}

class CatalogRot : public WorkspaceTest {
 protected:
  static constexpr int kStrategies = 300;
  void SetUp() override {
    WorkspaceTest::SetUp();
    write_run("r", Layout::packed, kStrategies);
    write_run("s", Layout::packed, 3);
    for (const auto& file : files("r"))
      if (file.extension() == ".arrow") segment = file;
    good = bytes(segment);
  }
  std::vector<std::vector<Cell>> rows(const ScanQuery& query) const {
    return cells(need(scan(root, std::vector<std::string>{"r"}, query)));
  }
  Path segment;
  std::string good;
};

TEST_F(CatalogRot, never_changes_a_result) {
  const ScanQuery queries[] = {{.limit = 0},
                               {.where = "net_sharpe > 0 and symbol == 'SPY'", .sort = "sharpe_ratio", .limit = 7},
                               {.where = "param.fast < 100", .limit = 0, .columns = {"strategy_id", "param.mode", "total_trades"}}};
  std::vector<std::vector<std::vector<Cell>>> expected;
  for (const auto& query : queries) expected.push_back(rows(query));
  const auto strategies = need(need(Run::open(root, "r")).strategies());
  int seen = 0, trials = 0;
  for (std::size_t at = 0; at < good.size(); at += 331) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    put(segment, bad);
    for (std::size_t q = 0; q < std::size(queries); ++q) {
      const auto result = scan(root, std::vector<std::string>{"r"}, queries[q]);
      const bool told = !result || !result->faults.empty();
      EXPECT_TRUE(told || cells(*result) == expected[q]) << "byte " << at << ", query " << q;
    }
    ++trials;
    const auto run = Run::open(root, "r");
    const auto all = run ? run->strategies() : Result<std::vector<SignalMetadata>>(run.error());
    if (!all) {
      ++seen;
      EXPECT_EQ(all.error().code(), Errc::corrupt);
      continue;
    }
    for (std::size_t i = 0; i < all->size(); ++i) {
      EXPECT_EQ((*all)[i].strategy_id, strategies[i].strategy_id) << at;
      EXPECT_EQ((*all)[i].total_trades, strategies[i].total_trades) << at;
    }
  }
  EXPECT_GT(seen, trials * 9 / 10) << "only the space between pages may change unseen";
}

TEST_F(CatalogRot, is_seen_in_a_file_that_was_found_good_before) {
  const std::string id = metadata(kStrategies - 1).strategy_id;
  const auto written = std::filesystem::last_write_time(segment);
  // Pages are remembered of a file that has been at rest for a while.
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  for (int again = 0; again < 2; ++again) ASSERT_EQ(rows({.limit = 0}).size(), static_cast<std::size_t>(kStrategies));
  std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(good.find(id)));
  file.put('X');
  file.close();
  std::filesystem::last_write_time(segment, written);
  EXPECT_EQ(need(scan(root, {}, {.limit = 0})).faults.size(), 1U);
}

TEST_F(CatalogRot, of_one_run_does_not_hide_the_others) {
  std::string bad = good;
  const std::string id = metadata(kStrategies - 1).strategy_id;
  bad[bad.find(id)] = 'X';
  put(segment, bad);
  const auto all = need(scan(root, {}, {.limit = 0}));
  ASSERT_EQ(all.faults.size(), 1U);
  EXPECT_EQ(all.faults[0].run_id, "r");
  EXPECT_EQ(all.rows, 3U);
  EXPECT_EQ(all.scanned, 3U);
  EXPECT_EQ(need(reindex(root, "r")), kStrategies);
  EXPECT_EQ(rows({.limit = 0}).size(), static_cast<std::size_t>(kStrategies));
}

}  // namespace
}  // namespace tradewind::workspace
