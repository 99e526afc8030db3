// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/read_bars.hpp"

#include <cmath>
#include <limits>

#include "market_test_support.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/market/write_bars.hpp"

namespace tradewind::market {
namespace {

std::string first_reason(const BarsImport& result) {
  return result.rejected.empty() ? "" : result.rejected[0].column + ": " + result.rejected[0].reason;
}

Bars sample_bars(std::size_t rows) {
  Random random(3);
  Bars bars;
  bars.symbol = "TEST";
  double price = 100;
  for (std::size_t i = 0; i < rows; ++i) {
    const double next = price * (1 + 0.01 * random.normal());
    bars.timestamp.push_back(1'577'836'800 * kNanosPerSecond + static_cast<std::int64_t>(i) * 60 * kNanosPerSecond +
                             static_cast<std::int64_t>(i % 7));
    bars.open.push_back(price);
    bars.high.push_back(std::max(price, next) * 1.001);
    bars.low.push_back(std::min(price, next) * 0.999);
    bars.close.push_back(next);
    bars.volume.push_back(i % 10 == 3 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i));
    price = next;
  }
  return bars;
}

void expect_equal(const Bars& a, const Bars& b) {
  EXPECT_EQ(a.timestamp, b.timestamp);
  EXPECT_EQ(a.open, b.open);
  EXPECT_EQ(a.high, b.high);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.close, b.close);
  ASSERT_EQ(a.volume.size(), b.volume.size());
  for (std::size_t i = 0; i < a.volume.size(); ++i)
    EXPECT_TRUE(a.volume[i] == b.volume[i] || (std::isnan(a.volume[i]) && std::isnan(b.volume[i]))) << i;
}

TEST(ReadBars, what_is_written_reads_back_bit_for_bit_in_every_format) {
  const TempFolder folder;
  const Bars bars = sample_bars(5000);
  for (const char* name : {"a.csv", "a.csv.gz", "a.parquet", "new/folder/a.parquet"}) {
    ASSERT_TRUE(write_bars(folder / name, bars)) << name;
    const auto result = read_ok(folder / name);
    ASSERT_TRUE(result.accepted) << name << " " << first_reason(result);
    expect_equal(result.bars, bars);
    EXPECT_EQ(result.sha256, *sha256_file(folder / name));
    EXPECT_EQ(result.columns.size(), 6u);
  }
  EXPECT_EQ(read_ok(folder / "a.parquet").bars.symbol, "TEST");
  EXPECT_EQ(read_ok(folder / "a.csv.gz").bars.symbol, "a");
  EXPECT_EQ(write_bars(folder / "a.xlsx", bars).error().code(), Errc::usage);
}

TEST(ReadBars, equal_bars_give_equal_bytes) {
  const TempFolder folder;
  for (const char* suffix : {"csv", "csv.gz", "parquet"}) {
    ASSERT_TRUE(write_bars(folder / (std::string("a.") + suffix), sample_bars(500)));
    ASSERT_TRUE(write_bars(folder / (std::string("b.") + suffix), sample_bars(500)));
    EXPECT_EQ(*sha256_file(folder / (std::string("a.") + suffix)), *sha256_file(folder / (std::string("b.") + suffix)));
  }
}

TEST(ReadBars, column_names_are_recognised_and_reported) {
  const TempFolder folder;
  const auto result =
      read_ok(folder.write("k.csv",
                           "Open Time,O,H,L,C,Vol,Close "
                           "Time,trades\n1577836800000,1,2,0.5,1.5,7,1577836859999,3\n1577836860000,1,2,0.5,1.5,7,1577836919999,3\n"));
  ASSERT_TRUE(result.accepted) << first_reason(result);
  EXPECT_EQ(result.columns[0].name, "Open Time");
  EXPECT_EQ(result.columns[5].name, "Vol");
  EXPECT_EQ(result.ignored_columns, (std::vector<std::string>{"Close Time", "trades"}));
  EXPECT_TRUE(has_note(result.notes, "read as milliseconds since 1970"));
  EXPECT_EQ(format_time(result.bars.timestamp[0]), "2020-01-01T00:00:00Z");
}

TEST(ReadBars, integer_times_are_told_by_their_size) {
  const TempFolder folder;
  const std::pair<const char*, const char*> cases[] = {{"1577836800", "seconds"},
                                                       {"1577836800000", "milliseconds"},
                                                       {"1577836800000000", "microseconds"},
                                                       {"1577836800000000000", "nanoseconds"},
                                                       {"20200101", "YYYYMMDD"}};
  for (const auto& [text, unit] : cases) {
    const auto result = read_ok(folder.write("t.csv", std::string("time,close\n") + text + ",5\n"));
    ASSERT_TRUE(result.accepted) << text << first_reason(result);
    EXPECT_EQ(format_time(result.bars.timestamp[0], true), "2020-01-01") << text;
    EXPECT_TRUE(has_note(result.notes, unit)) << joined(result.notes);
  }
  EXPECT_FALSE(read_ok(folder.write("t.csv", "time,close\n17,5\n")).accepted);
  const auto mixed = read_ok(folder.write("t.csv", "time,close\n1577836800000,5\n1577836860000000,6\n"));
  ASSERT_EQ(mixed.bars.size(), 2u) << "Binance: milliseconds until 2024, microseconds since";
  EXPECT_EQ(mixed.bars.timestamp[1] - mixed.bars.timestamp[0], 60 * kNanosPerSecond);
  EXPECT_TRUE(has_note(mixed.notes, "milliseconds, then as microseconds since 1970 (UTC), each by its own size")) << joined(mixed.notes);
}

TEST(ReadBars, closes_alone_are_enough_but_half_a_bar_is_not) {
  const TempFolder folder;
  const auto closes = read_ok(folder.write("c.csv", "date\tprice\n2020-01-01\t5\n2020-01-02\t6\n"));
  EXPECT_TRUE(closes.accepted);
  EXPECT_FALSE(closes.bars.has_ohlc());
  EXPECT_TRUE(has_note(closes.notes, "a tab"));
  const auto half = read_ok(folder.write("h.csv", "date,open,close\n2020-01-01,5,6\n"));
  EXPECT_EQ(half.rejected.at(0).column, "high");
  EXPECT_EQ(half.rejected.at(0).line, 1);
  EXPECT_FALSE(read_ok(folder.write("d.csv", "date,close,close\n2020-01-01,5,6\n")).accepted);
  EXPECT_FALSE(read_ok(folder.write("s.csv", "date,time,close\n2020-01-01,10:00,6\n")).accepted);
}

TEST(ReadBars, the_clock_of_the_source_is_kept) {
  const TempFolder folder;
  const auto of = [&](const std::string& rows, const ReadOptions& options = {}) {
    const auto result = read_ok(folder.write("o.csv", "time,close\n" + rows), options);
    EXPECT_TRUE(result.accepted) << first_reason(result);
    return result;
  };
  EXPECT_TRUE(of("2021-03-01,5\n2021-03-02,6\n").offsets.empty()) << "the day of a plain date is the exchange's";
  EXPECT_TRUE(of("2021-03-01T00:00:00Z,5\n").offsets.empty());
  const auto tokyo = of("2021-03-01T00:00:00+09:00,5\n2021-03-02T00:00:00+09:00,6\n");
  ASSERT_EQ(tokyo.offsets.size(), 1U);
  EXPECT_EQ(offset_at(tokyo.offsets, tokyo.bars.timestamp[1]), 9 * 3600);
  EXPECT_EQ(offset_at(tokyo.offsets, 0), 9 * 3600) << "before the first time, too";

  ReadOptions new_york;
  new_york.zone = "America/New_York";
  const std::string spring = "2021-03-12T00:00:00,5\n2021-03-15T00:00:00,6\n2021-03-16T00:00:00,7\n";
  const auto local = of(spring, new_york);
  ASSERT_EQ(local.offsets.size(), 2U);
  EXPECT_EQ(local.offsets[0].seconds, -5 * 3600);
  EXPECT_EQ(local.offsets[1], (UtcOffset{local.bars.timestamp[1], -4 * 3600}));
  const auto instants = of("2021-03-12T05:00:00Z,5\n2021-03-15T04:00:00Z,6\n2021-03-16T04:00:00Z,7\n", new_york);
  EXPECT_EQ(instants.offsets, local.offsets) << "a zone shows times of UTC, too";
  new_york.sort = true;
  const auto sorted = of("2021-03-16T00:00:00,7\n2021-03-12T00:00:00,5\n2021-03-15T00:00:00,6\n", new_york);
  for (const UnixNanos time : local.bars.timestamp) EXPECT_EQ(offset_at(sorted.offsets, time), offset_at(local.offsets, time));
  const auto india = of("2021-03-01T00:00:00-0530,5\n");
  EXPECT_EQ(offset_at(india.offsets, 0), -(5 * 3600 + 1800));
}

TEST(ReadBars, adjusted_closes_are_used_only_when_there_are_no_others) {
  const TempFolder folder;
  EXPECT_EQ(read_ok(folder.write("a.csv", "Date,Close,Adj Close\n2020-01-01,5,4\n")).bars.close.at(0), 5);
  const auto adjusted = read_ok(folder.write("b.csv", "Date,Adj Close\n2020-01-01,4\n"));
  EXPECT_EQ(adjusted.bars.close.at(0), 4);
  EXPECT_TRUE(has_note(adjusted.notes, "closes are those of 'Adj Close'"));
}

TEST(ReadBars, a_local_hour_that_does_not_exist_is_rejected) {
  const TempFolder folder;
  ReadOptions options;
  options.zone = "America/New_York";
  const auto result = read_ok(folder.write("z.csv", "time,close\n2021-03-14 01:30,5\n2021-03-14 02:30,6\n2021-03-14 03:00,7\n"), options);
  EXPECT_EQ(rejected_lines(result), (std::vector<std::int64_t>{3}));
  EXPECT_NE(first_reason(result).find("does not exist in America/New_York"), std::string::npos);
  options.zone = "America/New_Yrok";
  EXPECT_EQ(read_bars(folder / "z.csv", options).error().code(), Errc::unknown_name);
}

TEST(ReadBars, local_times_follow_the_clock_changes_of_their_zone) {
  const TempFolder folder;
  ReadOptions options;
  options.zone = "America/New_York";
  std::string text = "time,close\n";
  for (int month = 1; month <= 12; ++month)
    text += "2021-" + std::string(month < 10 ? "0" : "") + std::to_string(month) + "-20T09:30:00,5\n";
  const auto bars = read_ok(folder.write("z.csv", text), options).bars;
  ASSERT_EQ(bars.size(), 12u);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(bars.timestamp[i] % kNanosPerDay / kNanosPerSecond, (i >= 2 && i <= 9 ? 13 : 14) * 3600 + 1800) << i;
}

TEST(ReadBars, the_list_of_rejections_is_bounded_and_all_are_counted) {
  const TempFolder folder;
  std::string text = "date,close\n";
  for (int i = 0; i < 500; ++i) text += "2020-01-01,x\n";
  const auto result = read_ok(folder.write("m.csv", text));
  EXPECT_EQ(result.rejected.size(), 100u);
  EXPECT_EQ(result.rejected_total, 500);
  const auto error = load_bars(folder / "m.csv").error();
  EXPECT_EQ(error.code(), Errc::invalid_data);
  EXPECT_TRUE(error.where().ends_with("m.csv:2"));
  EXPECT_NE(error.message().find("500 rows"), std::string::npos);
}

TEST(ReadBars, lines_of_any_length_use_bounded_memory_and_reading_goes_on_after_them) {
  const TempFolder folder;
  const std::string text = "date,close\n2020-01-01,5\n2020-01-02," + std::string(5'000'000, '7') + "\n2020-01-03,6\n2020-01-04," +
                           std::string(100'000, '7') + ",,,\n2020-01-05,6\n";
  ReadOptions options;
  options.on_error = OnError::skip;
  const auto result = read_ok(folder.write("l.csv", text), options);
  EXPECT_EQ(rejected_lines(result), (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(result.bars.size(), 3u);
  for (const auto& rejection : result.rejected) EXPECT_LT(rejection.reason.size(), 200u);
  EXPECT_FALSE(read_ok(folder.write("h.csv", std::string(3'000'000, 'a'))).accepted);
}

TEST(ReadBars, a_cut_gzip_file_is_an_error) {
  const TempFolder folder;
  ASSERT_TRUE(write_bars(folder / "a.csv.gz", sample_bars(1000)));
  const auto bytes = *read_file(folder / "a.csv.gz");
  EXPECT_EQ(read_bars(folder.write("cut.csv.gz", bytes.substr(0, bytes.size() / 2))).error().code(), Errc::invalid_data);
  EXPECT_FALSE(read_ok(folder.write("not.csv.gz", "hello")).accepted);
  expect_equal(read_ok(folder.write("two.csv.gz", bytes)).bars, sample_bars(1000));
}

TEST(ReadBars, damaged_or_oversized_parquet_is_refused) {
  const TempFolder folder;
  ASSERT_TRUE(write_bars(folder / "a.parquet", sample_bars(1000)));
  const auto bytes = *read_file(folder / "a.parquet");
  EXPECT_EQ(read_bars(folder.write("cut.parquet", bytes.substr(0, bytes.size() / 2))).error().code(), Errc::invalid_data);
  ReadOptions options;
  options.max_values = 5999;
  EXPECT_EQ(read_bars(folder / "a.parquet", options).error().code(), Errc::too_large);
  Random random(11);
  for (int i = 0; i < 150; ++i) {
    std::string broken = bytes;
    for (int k = 0; k < 4; ++k) broken[random.below(broken.size())] = static_cast<char>(random.below(256));
    (void)read_bars(folder.write("f.parquet", broken));  // any answer but a crash
  }
}

TEST(ReadBars, random_bytes_never_crash_the_csv_reader) {
  const TempFolder folder;
  Random random(5);
  constexpr std::string_view kAlphabet = "0123456789.,;\t\n\r\"-+:TZeE \xff\xc3\xa9nai/";
  for (int i = 0; i < 150; ++i) {
    std::string text = random.below(2) == 0 ? "timestamp,open,high,low,close,volume\n2020-01-01,1,2,1,1,\n" : "";
    const auto length = random.below(400);
    for (std::uint64_t k = 0; k < length; ++k) text += random.below(50) == 0 ? '\0' : kAlphabet[random.below(kAlphabet.size())];
    const auto result = read_ok(folder.write("f.csv", text));
    EXPECT_EQ(result.accepted, result.bars.size() > 0 && result.rejected_total == 0);
  }
}

TEST(ReadBars, numbers_are_rounded_as_the_language_does) {
  const TempFolder folder;
  Random random(9);
  std::string text = "date,close\n";
  std::vector<double> expected;
  for (int i = 0; i < 2000; ++i) {
    std::string digits = std::to_string(1 + random.below(9));
    const auto count = random.below(18);
    for (std::uint64_t k = 0; k < count; ++k) digits += static_cast<char>('0' + random.below(10));
    if (random.below(3) > 0) digits.insert(random.below(digits.size()) + 1, ".");
    if (random.below(4) == 0) digits += "e-" + std::to_string(random.below(30));
    expected.push_back(std::strtod(digits.c_str(), nullptr));
    text += format_time(static_cast<std::int64_t>(i) * kNanosPerDay, true) + "," + digits + "\n";
  }
  EXPECT_EQ(read_ok(folder.write("n.csv", text)).bars.close, expected);
}

ReadOptions options_of(const std::string& symbol, OnError on_error = OnError::fail) {
  ReadOptions options;
  options.symbol = symbol;
  options.on_error = on_error;
  return options;
}

/// Two symbols in one file, one after the other or in turn.
TEST(ReadBars, rows_of_several_symbols_are_one_of_them_or_refused) {
  const TempFolder folder;
  const std::string header = "symbol,timestamp,close\n", x1 = "X/1,2024-01-01T00:00:00Z,10\n", x2 = "X/1,2024-01-02T00:00:00Z,11\n",
                    y1 = "Y,2024-01-01T05:00:00Z,500\n", y2 = "Y,2024-01-02T05:00:00Z,bad\n", y3 = "Y,2024-01-03T05:00:00Z,501\n";
  for (const std::string& rows : {x1 + y1 + x2 + y3, x1 + x2 + y1 + y3, y1 + y3 + x1 + x2}) {
    const Path path = folder.write("both.csv", header + rows);
    for (const OnError on_error : {OnError::fail, OnError::skip}) {
      const auto refused = read_bars(path, options_of("", on_error));
      ASSERT_TRUE(refused);
      EXPECT_FALSE(refused->accepted);
      ASSERT_EQ(refused->rejected.size(), 1u);
      EXPECT_EQ(refused->rejected[0].column, "symbol");
      EXPECT_NE(refused->rejected[0].reason.find("'X/1', 'Y'"), std::string::npos) << refused->rejected[0].reason;
    }
    const auto chosen = read_bars(path, options_of("X/1"));
    ASSERT_TRUE(chosen && chosen->accepted);
    EXPECT_EQ(chosen->bars.close, (std::vector<double>{10, 11}));
    EXPECT_EQ(chosen->bars.symbol, "X/1");
    const auto last = read_bars(path, options_of("Y"));
    ASSERT_TRUE(last && last->accepted);
    EXPECT_EQ(last->bars.close, (std::vector<double>{500, 501}));
  }
  const auto beside = read_bars(folder.write("both.csv", header + x1 + y1 + y2 + x2), options_of("X/1"));
  EXPECT_TRUE(beside && beside->accepted) << "another symbol's rows may be bad";
  const auto one = read_bars(folder.write("one.csv", header + x1 + x2), options_of("renamed"));
  ASSERT_TRUE(one && one->accepted) << "one symbol goes by any name";
  EXPECT_EQ(one->bars.size(), 2u);
}

}  // namespace
}  // namespace tradewind::market
