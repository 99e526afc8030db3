// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/series.hpp"
#include "../support/paths.hpp"

#include <cmath>
#include <limits>

#include "market_test_support.hpp"
#include "tradewind/market/write_bars.hpp"

namespace tradewind::market {
namespace {

SeriesTable series_of(const Path& path, const SeriesOptions& options = {}) {
  auto result = read_series(path, options);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
  return result ? std::move(*result) : SeriesTable{};
}

TEST(Series, numbers_blanks_and_infinities_are_values_not_errors) {
  const TempFolder folder;
  const auto table = series_of(folder.write("r.csv", "r\n0.1\nNaN\n\nnan\ninf\n-inf\n1e-3\n-0.019612244897959184\n"));
  ASSERT_EQ(table.rows(), 8u);
  const auto& r = table.columns.at(0).values;
  EXPECT_EQ(r[0], 0.1);
  EXPECT_TRUE(std::isnan(r[1]) && std::isnan(r[2]) && std::isnan(r[3])) << "a blank line in a file of one column is a missing value";
  EXPECT_EQ(r[4], std::numeric_limits<double>::infinity());
  EXPECT_EQ(r[5], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(r[6], 1e-3);
  EXPECT_EQ(r[7], -0.019612244897959184);
  EXPECT_EQ(table.line, (std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_TRUE(table.timestamp.empty());
}

TEST(Series, row_numbers_are_no_series_unless_they_are_named) {
  const TempFolder folder;
  const auto numeric = [&](std::string_view text, const SeriesOptions& options = {}) {
    std::vector<std::string> names;
    const SeriesTable table = series_of(folder.write("t.csv", text), options);
    for (const SeriesColumn* column : table.numeric_columns()) names.push_back(column->name);
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(numeric(",a\n0,0.1\n1,-0.1\n"), Names{"a"});
  EXPECT_EQ(numeric(",a\n3,0.1\n7,-0.1\n"), Names{"a"}) << "rows that were chosen keep their numbers";
  EXPECT_EQ(numeric("id,a\n1000,0.1\n1001,-0.1\n"), Names{"a"});
  EXPECT_EQ(numeric("a,Unnamed: 0\n0.1,5\n-0.1,6\n"), Names{"a"});
  EXPECT_EQ(numeric(",a\n0.5,0.1\n1,-0.1\n"), (Names{"column_1", "a"})) << "no whole numbers";
  EXPECT_EQ(numeric("x,a\n1,0.1\n2,-0.1\n3,0\n"), (Names{"x", "a"})) << "too few rows to tell under a name like that";
  std::string counted = "x,a,signal\n", falling = "x,a\n";
  for (int i = 0; i < 12; ++i) counted += std::to_string(i + 40) + ",0.1," + std::to_string(i % 3 - 1) + "\n";
  for (int i = 0; i < 12; ++i) falling += std::to_string(40 - i) + ",0.1\n";
  EXPECT_EQ(numeric(counted), (Names{"a", "signal"}));
  EXPECT_EQ(numeric(falling), (Names{"x", "a"}));
  SeriesOptions named;
  named.columns = {"x"};
  EXPECT_EQ(numeric(counted, named), Names{"x"});
  EXPECT_EQ(series_of(folder / "t.csv").notes.size(), 1u);
}

TEST(Series, a_column_of_several_symbols_is_told) {
  const TempFolder folder;
  const auto two = series_of(folder.write("s.csv", "Symbol,r\nA,0.1\nB,0.2\n"));
  ASSERT_EQ(two.notes.size(), 1u);
  EXPECT_NE(two.notes[0].find("'A', 'B'"), std::string::npos) << two.notes[0];
  EXPECT_TRUE(series_of(folder.write("s.csv", "Symbol,r\nA,0.1\nA,0.2\n")).notes.empty());
}

TEST(Series, a_header_alone_gives_zero_rows) {
  const TempFolder folder;
  const auto table = series_of(folder.write("empty.csv", "r\n\n"));
  EXPECT_EQ(table.rows(), 0u);
  ASSERT_EQ(table.columns.size(), 1u);
  EXPECT_FALSE(table.columns[0].is_text);
}

TEST(Series, label_columns_stay_text_and_time_is_found_by_any_of_its_names) {
  const TempFolder folder;
  const auto table =
      series_of(folder.write("p.csv", "Date,ret,regime\n2020-01-01,0.1,\n2020-01-02,-0.1,bull\n2020-01-03,0,\"bear, deep\"\n"));
  EXPECT_EQ(table.timestamp_name, "Date");
  EXPECT_EQ(table.timestamp.size(), 3u);
  EXPECT_EQ((*table.column("regime"))->texts, (std::vector<std::string>{"", "bull", "bear, deep"}));
  EXPECT_EQ((*table.numbers("ret"))->values, (std::vector<double>{0.1, -0.1, 0}));
  EXPECT_EQ(table.numeric_columns().size(), 1u);
  EXPECT_EQ(table.numbers("regime").error().code(), Errc::invalid_data);
  EXPECT_EQ(table.column("rett").error().hint(), "did you mean 'ret'?");
}

TEST(Series, labels_that_look_like_numbers_are_text_on_request) {
  const TempFolder folder;
  SeriesOptions options;
  options.columns = {"ret"};
  options.text_columns = {"regime"};
  const auto table = series_of(folder.write("p.csv", "bar,ret,regime\n0,0.1,0\n1,0.2,unknown\n2,0.3,1\n"), options);
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[1].texts, (std::vector<std::string>{"0", "unknown", "1"}));
}

TEST(Series, a_slip_in_a_numeric_column_is_an_error_with_its_line) {
  const TempFolder folder;
  const auto result = read_series(folder.write("p.csv", "r\n0.1\n0.2\n0.l3\n"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::invalid_data);
  EXPECT_TRUE(result.error().where().ends_with("p.csv:4")) << result.error().where();
  EXPECT_NE(result.error().message().find("'0.l3'"), std::string::npos);
}

TEST(Series, the_index_of_pandas_the_header_of_yfinance_and_newest_first_are_read) {
  const TempFolder folder;
  const auto index = series_of(folder.write("i.csv", ",a\n2020-01-01,1\n2020-01-02,2\n"));
  EXPECT_EQ(index.timestamp.size(), 2u);
  EXPECT_EQ(index.columns.size(), 1u);
  const auto two = series_of(folder.write("y.csv", "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2020-01-01,1,3\n2020-01-02,2,4\n"));
  ASSERT_EQ(two.columns.size(), 2u);
  EXPECT_EQ(two.columns[1].name, "MSFT Close");
  EXPECT_EQ(two.line[0], 4);
  const auto back = series_of(folder.write("n.csv", "Date,Close/Last\n01/14/2020,$3.50\n01/13/2020,\"$1,002.00\"\n01/10/2020,$1.00\n"));
  EXPECT_EQ(back.columns[0].values, (std::vector<double>{1, 1002, 3.5}));
  EXPECT_EQ(format_time(back.timestamp[0], true), "2020-01-10");
  EXPECT_EQ(back.line[0], 4);
  EXPECT_TRUE(has_note(back.notes, "turned round"));
  const auto label = series_of(folder.write("l.csv", "r,expiry\n0.1,2020-03-01\n0.2,2020-01-01\n"));
  EXPECT_TRUE(label.timestamp.empty()) << "dates that are no index are words";
}

TEST(Series, broken_tables_are_refused_with_place) {
  const TempFolder folder;
  const auto fails = [&](std::string_view text, std::string_view where) {
    const auto result = read_series(folder.write("p.csv", text));
    EXPECT_FALSE(result) << text;
    const std::string found = result ? "" : result.error().where();
    EXPECT_TRUE(found.ends_with(where)) << text << ": " << found;
  };
  fails("", "p.csv");
  fails("a,b\n1,2\n1\n", "p.csv:3");
  fails("a,a\n1,2\n", "p.csv:1");
  fails("0.1\n0.2\n", "p.csv:1");
  fails("date,a\n2020-01-02,1\n2020-01-01,2\n2020-01-03,2\n", "p.csv:4");
  fails("date,a\n2020-01-02,1\n2020-01-03,2\n2020-01-03,2\n", "p.csv:4");
  fails("date,a\n2020-01-02,1\n2020-02-30,2\n", "p.csv:3");
  fails("a,b\n1,\"2\n", "p.csv:2");
  fails("a\n\xff\n", "p.csv:2");
  EXPECT_EQ(read_series(folder / "absent.csv").error().code(), Errc::not_found);
}

TEST(Series, unknown_columns_name_the_nearest) {
  const TempFolder folder;
  SeriesOptions options;
  options.columns = {"retrun"};
  const auto result = read_series(folder.write("p.csv", "return,x\n1,2\n"), options);
  EXPECT_EQ(result.error().code(), Errc::unknown_name);
  EXPECT_EQ(result.error().hint(), "did you mean 'return'?");
}

TEST(Series, parquet_gives_what_csv_gives) {
  const TempFolder folder;
  Bars bars;
  bars.timestamp = {0, kNanosPerDay, 2 * kNanosPerDay};
  bars.close = {1.5, 2.5, 0.1};
  bars.volume = {1, std::numeric_limits<double>::quiet_NaN(), 3};
  for (const char* name : {"s.csv", "s.csv.gz", "s.parquet"}) {
    ASSERT_TRUE(write_bars(folder / name, bars)) << name;
    const auto table = series_of(folder / name);
    EXPECT_EQ(table.timestamp, bars.timestamp) << name;
    EXPECT_EQ((*table.numbers("close"))->values, bars.close) << name;
    EXPECT_TRUE(std::isnan((*table.numbers("volume"))->values[1])) << name;
    EXPECT_EQ(table.sha256.size(), 64u);
  }
}

TEST(Series, a_size_limit_is_kept_before_anything_is_read) {
  const TempFolder folder;
  Bars bars;
  for (int i = 0; i < 100; ++i) {
    bars.timestamp.push_back(i * kNanosPerDay);
    bars.close.push_back(1);
  }
  SeriesOptions options;
  options.max_values = 50;
  for (const char* name : {"s.csv", "s.parquet"}) {
    ASSERT_TRUE(write_bars(folder / name, bars));
    EXPECT_EQ(read_series(folder / name, options).error().code(), Errc::too_large) << name;
  }
}

/// The reference inputs that ship beside the project, when they are there.
TEST(Series, every_shared_reference_input_can_be_read) {
  const Path folder = test::shared_dir() / "oracles";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".csv") && !name.ends_with(".csv.gz") && !name.ends_with(".parquet")) continue;
    const auto table = read_series(entry.path());
    EXPECT_TRUE(table.has_value()) << entry.path() << ": " << (table ? "" : table.error().message() + " " + table.error().where());
  }
}

}  // namespace
}  // namespace tradewind::market
