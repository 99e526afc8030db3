// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "../support/paths.hpp"
#include "market_test_support.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

using Lines = std::vector<std::int64_t>;

/// One dirty file: the lines that must be rejected, or the bars accepted and a part of a note that must be there.
struct Case {
  std::string file;
  std::size_t bars = 0;
  std::string note;
  Lines rejected;
  std::string column;  ///< of the first rejection
  std::string reason;  ///< part of the first rejection's reason
};

void PrintTo(const Case& value, std::ostream* out) { *out << value.file; }

const Path kFixtures = test::source_dir() / "tests/fixtures/dirty";

const Case kCases[] = {
    {"00_clean", 8, "", {}, "", ""},
    {"01_unsorted", 0, "", {5, 6, 7}, "timestamp", "out of order"},
    {"02_duplicate_same", 8, "1 identical duplicate dropped (line 6)", {}, "", ""},
    {"03_duplicate_conflict", 0, "", {6}, "timestamp", "already given in line 5"},
    {"04_nan_blank_inf", 0, "", {3, 5, 8}, "close", "NaN is not a finite number"},
    {"05_negative_price", 0, "", {5}, "low", "not above zero"},
    {"06_high_below_low", 0, "", {5}, "high", "high 50 is below low 52.25"},
    {"07_missing_close", 0, "", {1}, "close", "no close column"},
    {"08_header_case", 8, "", {}, "", ""},
    {"09_semicolon", 8, "the separator is ';'", {}, "", ""},
    {"10_crlf_bom", 8, "", {}, "", ""},
    {"11_empty", 0, "", {0}, "", "empty"},
    {"12_header_only", 0, "", {1}, "", "no data rows"},
    {"13_truncated_last_line", 0, "", {9}, "", "5 fields, 6 expected; the file ends inside this line"},
    {"14_non_utf8", 0, "", {4}, "", "not UTF-8: byte FF at byte 106 of the file"},
    {"15_huge_number", 0, "", {4}, "close", "1e999 is too large"},
    {"16_gap", 10, "gap of 103 days after line 9", {}, "", ""},
    {"17_mixed_offsets", 5, "mixed offsets (-04:00, Z, +05:30)", {}, "", ""},
    {"18_long_line", 0, "", {4}, "", "7 fields, 6 expected"},
    {"19_no_timezone_intraday", 0, "", {2}, "timestamp", "name its zone with --zone (e.g. America/New_York or UTC) (and 4 more lines)"},
    {"20_decimal_comma", 0, "", {5}, "", "7 fields, 6 expected"},
    {"21_impossible_date", 0, "", {5}, "timestamp", "not a possible date"},
    {"22_ragged_rows", 0, "", {3, 6}, "", "7 fields, 6 expected"},
    {"23_volume_odd", 0, "", {3}, "volume", "negative"},
    {"24_nul_bytes", 0, "", {6}, "", "NUL byte"},
};

class DirtyFile : public ::testing::TestWithParam<Case> {};

TEST_P(DirtyFile, gets_what_it_deserves) {
  const Case& expected = GetParam();
  const auto result = read_ok(kFixtures / (expected.file + ".csv"));
  EXPECT_EQ(rejected_lines(result), expected.rejected);
  EXPECT_EQ(result.accepted, expected.rejected.empty());
  EXPECT_EQ(result.bars.size(), expected.bars);
  EXPECT_EQ(result.sha256.size(), 64u);
  EXPECT_TRUE(expected.note.empty() || has_note(result.notes, expected.note)) << joined(result.notes);
  if (expected.rejected.empty()) return;
  ASSERT_FALSE(result.rejected.empty());
  EXPECT_EQ(result.rejected[0].column, expected.column);
  EXPECT_NE(result.rejected[0].reason.find(expected.reason), std::string::npos) << result.rejected[0].reason;
  for (const auto& rejection : result.rejected) {
    EXPECT_LT(rejection.reason.size(), 300u);
    EXPECT_FALSE(invalid_utf8(rejection.reason)) << "messages are valid UTF-8";
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, DirtyFile, ::testing::ValuesIn(kCases), [](const auto& made) { return "f" + made.param.file; });

TEST(DirtyFiles, byte_order_mark_crlf_and_header_case_change_nothing) {
  const auto clean = read_ok(kFixtures / "00_clean.csv").bars;
  for (const char* name : {"10_crlf_bom.csv", "08_header_case.csv", "09_semicolon.csv"}) {
    const auto other = read_ok(kFixtures / name).bars;
    EXPECT_EQ(other.timestamp, clean.timestamp) << name;
    EXPECT_EQ(other.close, clean.close) << name;
    EXPECT_EQ(other.volume, clean.volume) << name;
  }
}

TEST(DirtyFiles, sort_accepts_what_was_out_of_order_and_says_so) {
  ReadOptions options;
  options.sort = true;
  const auto result = read_ok(kFixtures / "01_unsorted.csv", options);
  EXPECT_TRUE(result.accepted);
  EXPECT_TRUE(has_note(result.notes, "sorted by time: 2 rows moved, 5 inverted pairs, first at line 5")) << joined(result.notes);
  EXPECT_EQ(result.bars.close, read_ok(kFixtures / "00_clean.csv").bars.close);
}

TEST(DirtyFiles, sort_still_rejects_contradicting_duplicates) {
  ReadOptions options;
  options.sort = true;
  EXPECT_EQ(rejected_lines(read_ok(kFixtures / "03_duplicate_conflict.csv", options)), Lines{6});
  EXPECT_TRUE(has_note(read_ok(kFixtures / "02_duplicate_same.csv", options).notes, "1 identical duplicate dropped (line 6)"));
}

TEST(DirtyFiles, strict_rejects_identical_duplicates) {
  ReadOptions options;
  options.strict = true;
  EXPECT_EQ(rejected_lines(read_ok(kFixtures / "02_duplicate_same.csv", options)), Lines{6});
}

TEST(DirtyFiles, a_zone_makes_local_times_usable_but_an_hour_that_occurs_twice_is_never_guessed) {
  ReadOptions options;
  options.zone = "Europe/Berlin";
  const auto failed = read_ok(kFixtures / "19_no_timezone_intraday.csv", options);
  EXPECT_FALSE(failed.accepted);
  EXPECT_EQ(rejected_lines(failed), (Lines{4, 5}));
  EXPECT_NE(failed.rejected[0].reason.find("occurs twice in Europe/Berlin (clocks go back); write the offset, +02:00 or +01:00"),
            std::string::npos)
      << failed.rejected[0].reason;
  options.on_error = OnError::skip;
  const auto skipped = read_ok(kFixtures / "19_no_timezone_intraday.csv", options);
  ASSERT_TRUE(skipped.accepted);
  EXPECT_EQ(skipped.rejected_total, 2);
  EXPECT_TRUE(has_note(skipped.notes, "2 bad rows left out"));
  EXPECT_TRUE(has_note(skipped.notes, "local time of Europe/Berlin"));
  EXPECT_EQ(format_time(skipped.bars.timestamp.front()), "2022-10-29T22:30:00Z");  // +02:00
  EXPECT_EQ(format_time(skipped.bars.timestamp.back()), "2022-10-30T02:00:00Z");   // +01:00
}

TEST(DirtyFiles, skip_leaves_bad_rows_out_and_counts_them) {
  ReadOptions options;
  options.on_error = OnError::skip;
  const auto result = read_ok(kFixtures / "23_volume_odd.csv", options);
  ASSERT_TRUE(result.accepted);
  EXPECT_EQ(result.bars.size(), 7u);
  EXPECT_EQ(rejected_lines(result), Lines{3});
  EXPECT_TRUE(has_note(result.notes, "1 volume is missing"));
  EXPECT_TRUE(has_note(result.notes, "1 volume is zero"));
  EXPECT_TRUE(has_note(result.notes, "1 bad row left out"));
  EXPECT_FALSE(read_ok(kFixtures / "12_header_only.csv", options).accepted) << "nothing left is no success";
}

/// The shared set that ships beside the project, when it is there: lines that must be among the rejected, or bars accepted.
TEST(DirtyFiles, the_shared_set_is_judged_as_its_readme_says) {
  const Path folder = test::shared_dir() / "data/dirty";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  const std::map<int, std::size_t> accepted = {{0, 20}, {2, 20}, {8, 20}, {9, 20}, {10, 20}, {16, 20}, {17, 12}};
  const std::map<int, Lines> rejected = {{1, {8}},  {3, {10}}, {4, {6, 12, 17}}, {5, {8}},      {6, {8}},       {7, {1}},
                                         {11, {}},  {12, {}},  {13, {21}},       {14, {8}},     {15, {13, 15}}, {18, {11}},
                                         {19, {2}}, {20, {5}}, {21, {14}},       {22, {4, 16}}, {23, {10}},     {24, {9}}};
  int judged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    const std::string name = entry.path().filename().string();
    const int number = std::stoi(name.substr(0, 2));
    const auto result = read_ok(entry.path());
    ++judged;
    if (accepted.contains(number)) {
      EXPECT_TRUE(result.accepted) << name;
      EXPECT_EQ(result.bars.size(), accepted.at(number)) << name;
    } else if (rejected.contains(number)) {
      EXPECT_FALSE(result.accepted) << name;
      const auto lines = rejected_lines(result);
      for (const auto line : rejected.at(number)) EXPECT_TRUE(std::count(lines.begin(), lines.end(), line)) << name << " line " << line;
    }
    if (number == 16) {
      EXPECT_TRUE(has_note(result.notes, "gap of 101 days after line 11")) << joined(result.notes);
    }
  }
  EXPECT_GE(judged, 20);
}

}  // namespace
}  // namespace tradewind::market
