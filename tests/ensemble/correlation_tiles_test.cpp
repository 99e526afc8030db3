// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/correlation_tiles.hpp"

#include <bit>
#include <cmath>
#include <csignal>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "panels.hpp"

namespace tradewind::ensemble {
namespace {

class Tiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tradewind_tiles_XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    path = folder / "correlation.bin";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static void expect_same(const CorrelationMatrix& one, const CorrelationMatrix& two) {
    ASSERT_EQ(one.values.size(), two.values.size());
    EXPECT_EQ(one.undefined, two.undefined);
    std::size_t different = 0;
    for (std::size_t k = 0; k < one.values.size(); ++k) {
      const bool same = std::bit_cast<std::uint64_t>(one.values[k]) == std::bit_cast<std::uint64_t>(two.values[k]);
      different += !same && !(std::isnan(one.values[k]) && std::isnan(two.values[k]));
    }
    EXPECT_EQ(different, 0U);
  }
  std::string bytes() const { return *read_file(path); }
  /// 700 columns, one of them constant: three tiles a side, the last one part empty.
  static ReturnPanel panel() {
    ReturnPanel out = random_panel(700, 130, 11);
    std::fill_n(out.values.begin() + 300 * 130, 130, 0.25);
    std::copy_n(out.values.begin(), 130, out.values.begin() + 600 * 130);
    return out;
  }

  Path folder;
  Path path;
};

TEST_F(Tiles, hold_the_matrix_to_the_bit_at_any_memory_and_thread_count) {
  const ReturnPanel returns = panel();
  for (const auto kind : {CorrelationKind::sample, CorrelationKind::rank, CorrelationKind::downside}) {
    const auto whole = correlation_matrix(returns, kind);
    ASSERT_TRUE(whole);
    std::string first;
    for (const std::size_t memory : {std::size_t{1}, std::size_t{1} << 20, std::size_t{1} << 30}) {
      for (const int threads : {1, 3}) {
        const auto tiles = CorrelationTiles::compute(source_of(returns), path, {kind, memory, threads, nullptr});
        ASSERT_TRUE(tiles) << tiles.error().message();
        EXPECT_EQ(tiles->count(), 700U);
        EXPECT_EQ(tiles->kind(), kind);
        expect_same(*tiles->load(), *whole);
        if (first.empty()) first = bytes();
        EXPECT_EQ(bytes() == first, true) << memory << " " << threads;
      }
    }
  }
}

TEST_F(Tiles, give_the_same_redundancy_as_the_matrix) {
  const ReturnPanel returns = panel();
  const auto whole = correlation_matrix(returns, CorrelationKind::sample);
  const auto tiles = CorrelationTiles::compute(source_of(returns), path);
  ASSERT_TRUE(tiles);
  for (const double threshold : {0.05, 0.2, 0.99}) {
    const auto expected = redundancy_report(returns, *whole, threshold);
    const auto report = redundancy_report(returns, *tiles, threshold);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->replaced_by, expected.replaced_by);
    ASSERT_EQ(report->pairs.size(), expected.pairs.size());
    EXPECT_GT(report->pairs.size(), 0U);
    for (std::size_t i = 0; i < report->pairs.size(); ++i) {
      EXPECT_EQ(report->pairs[i].first, expected.pairs[i].first);
      EXPECT_EQ(report->pairs[i].second, expected.pairs[i].second);
      EXPECT_EQ(report->pairs[i].correlation, expected.pairs[i].correlation);
    }
  }
  const std::vector<std::size_t> short_order{0, 1};
  EXPECT_EQ(redundancy_report(*tiles, short_order, 0.5).error().code(), Errc::usage);
  EXPECT_EQ(redundancy_report(*tiles, std::vector<std::size_t>(700, 3), 0.5).error().code(), Errc::usage);
}

/// Who stays, told apart by hand: the plain rule of the report.
TEST_F(Tiles, redundancy_keeps_the_better_of_two) {
  const ReturnPanel returns = panel();
  const auto whole = correlation_matrix(returns, CorrelationKind::sample);
  const auto report = redundancy_report(returns, *whole, 0.2);
  for (std::size_t j = 0; j < 700; ++j) {
    const std::size_t by = report.replaced_by[j];
    EXPECT_EQ(report.replaced_by[by], by) << "dropped for one that stays";
    if (by != j) {
      EXPECT_GT((*whole)(j, by), 0.2);
      continue;
    }
    for (std::size_t k = 0; k < j; ++k) EXPECT_FALSE(report.replaced_by[k] == k && (*whole)(j, k) > 0.2) << "two that stay are not alike";
  }
}

TEST_F(Tiles, leave_nothing_behind_when_the_work_fails) {
  const ReturnPanel returns = panel();
  ColumnSource fails = source_of(returns);
  fails.read = [](std::size_t, std::size_t, std::span<double>) -> Status { return Error(Errc::storage, "gone"); };
  EXPECT_EQ(CorrelationTiles::compute(fails, path).error().code(), Errc::storage);

  ReturnPanel bad = panel();
  bad.values[500 * 130 + 7] = std::nan("");
  const auto refused = CorrelationTiles::compute(source_of(bad), path);
  EXPECT_EQ(refused.error().code(), Errc::invalid_data);
  EXPECT_NE(refused.error().message().find("column 500"), std::string::npos);
  EXPECT_EQ(refused.error().where(), "row 7");

  Cancellation cancellation;
  ColumnSource stops = source_of(returns);
  stops.read = [&](std::size_t first, std::size_t count, std::span<double> out) {
    cancellation.request();
    return source_of(returns).read(first, count, out);
  };
  EXPECT_EQ(CorrelationTiles::compute(stops, path, {CorrelationKind::sample, 1, 2, &cancellation}).error().code(), Errc::interrupted);
  EXPECT_EQ(CorrelationTiles::compute(ColumnSource{}, path).error().code(), Errc::invalid_data);
  EXPECT_EQ(CorrelationTiles::compute(source_of(returns), folder / "no" / "folder").error().code(), Errc::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(Tiles, a_full_disk_is_told_before_the_work_and_spares_what_was_there) {
  const ReturnPanel small = random_panel(10, 50, 1);
  ASSERT_TRUE(CorrelationTiles::compute(source_of(small), path));
  const std::string before = bytes();
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const rlimit little{1 << 16, old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &little);
  const ReturnPanel returns = panel();
  bool read = false;
  ColumnSource source = source_of(returns);
  source.read = [&](std::size_t, std::size_t, std::span<double>) -> Status {
    read = true;
    return {};
  };
  const auto refused = CorrelationTiles::compute(source, path);
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::storage);
  EXPECT_FALSE(read);
  EXPECT_EQ(bytes(), before);
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
}

TEST_F(Tiles, files_that_are_none_are_refused) {
  const ReturnPanel returns = random_panel(20, 50, 1);
  ASSERT_TRUE(CorrelationTiles::compute(source_of(returns), path));
  const std::string good = bytes();
  const auto open_with = [&](const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    return CorrelationTiles::open(path);
  };
  EXPECT_TRUE(open_with(good));
  std::string huge = good, newer = good, no_columns = good;
  huge.replace(8, 8, std::string(8, '\x7f'));
  newer[6] = '2';
  no_columns.replace(8, 8, std::string(8, '\0'));
  for (const std::string& text :
       {std::string(), good.substr(0, 20), good.substr(0, good.size() - 1), good + "x", huge, newer, no_columns}) {
    const auto opened = open_with(text);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), Errc::corrupt);
  }
  std::filesystem::remove(path);
  EXPECT_EQ(CorrelationTiles::open(path).error().code(), Errc::not_found);
}

}  // namespace
}  // namespace tradewind::ensemble
