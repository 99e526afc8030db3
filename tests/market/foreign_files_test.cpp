// SPDX-License-Identifier: Apache-2.0
// Price files as the programs of this trade write them: read as they are and told so, or refused with the option that decides.
#include "market_test_support.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/market/date_format_internal.hpp"
#include "tradewind/market/read_options.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/market/written_numbers_internal.hpp"

namespace tradewind::market {
namespace {

struct Foreign {
  const char* name;
  const char* text;
  const char* first;  ///< time of the first bar
  double close;       ///< of the first bar
  std::size_t bars;
  const char* note;  ///< part of one
  ReadSettings settings{};
};
void PrintTo(const Foreign& value, std::ostream* out) { *out << value.name; }

const Foreign kRead[] = {
    {"pandas_index", ",Open,High,Low,Close,Volume\n2022-01-03,1,3,1,2,5\n2022-01-04,2,3,1,2,5\n", "2022-01-03", 2, 2, "has no name"},
    {"yfinance",
     "Price,Close,High,Low,Open,Volume\nTicker,MSFT,MSFT,MSFT,MSFT,MSFT\nDate,,,,,\n2022-01-03,2,3,1,1,5\n2022-01-04,2,3,1,2,5\n",
     "2022-01-03", 2, 2, "the header names the symbol 'MSFT'"},
    {"yfinance_two",
     "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2022-01-03,2,7\n2022-01-04,2,8\n",
     "2022-01-03",
     7,
     2,
     "'MSFT', one of 2",
     {{"symbol", "MSFT"}}},
    {"binance", "1735668000000,1,3,1,2,1.5,1735668059999,4,12,0.5,1,0\n1735689600000000,2,3,1,2,1.5,1735689659999999,4,12,0.5,1,0\n",
     "2024-12-31T18:00:00Z", 2, 2, "Binance's klines"},
    {"binance_header", "open_time,open,high,low,close\n1735668000000,1,3,1,2\n1735689600000000,2,3,1,2\n", "2024-12-31T18:00:00Z", 2, 2,
     "each by its own size"},
    {"metatrader",
     "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n2023.01.03\t00:00:00\t1.1\t1.2\t1.0\t1.15\t3\n2023.01.03\t00:01:00\t1."
     "1\t1.2\t1.0\t1.15\t3\n",
     "2023-01-02T22:00:00Z",
     1.15,
     2,
     "the time of day",
     {{"zone", "Europe/Athens"}}},
    {"stooq_days",
     "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nA.US,D,20230103,000000,1,3,1,2,5,0\nA.US,D,20230104,000000,"
     "1,3,1,2,5,0\n",
     "2023-01-03", 2, 2, "the time of day"},
    {"stooq_hours",
     "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>\nA.US,60,20230103,093000,1,3,1,2\nA.US,60,20230103,103000,1,3,1,2\n",
     "2023-01-03T14:30:00Z",
     2,
     2,
     "'<DATE>' is the date and '<TIME>' the time of day",
     {{"zone", "America/New_York"}}},
    {"tradestation",
     "\"Date\",\"Time\",\"Open\",\"High\",\"Low\",\"Close\",\"Up\",\"Down\"\n01/13/2023,0930,1,3,1,2,5,6\n01/13/2023,0931,1,3,1,2,5,6\n",
     "2023-01-13T14:30:00Z",
     2,
     2,
     "month first",
     {{"zone", "America/New_York"}}},
    {"polygon",
     "ticker,volume,open,close,high,low,window_start,transactions\nAAPL,5,1,2,3,1,1641186000000000000,9\nAAPL,5,1,2,3,1,"
     "1641272400000000000,9\n",
     "2022-01-03T05:00:00Z", 2, 2, "times are those of column 'window_start'"},
    {"polygon_short", "v,vw,o,c,h,l,t,n\n5,1,1,2,3,1,1641186000000,9\n5,1,1,2,3,1,1641272400000,9\n", "2022-01-03T05:00:00Z", 2, 2,
     "column 't'"},
    {"dukascopy", "Gmt time,Open,High,Low,Close,Volume\n03.01.2023 22:00:00.000,1,3,1,2,5\n03.01.2023 22:01:00.000,1,3,1,2,5\n",
     "2023-01-03T22:00:00Z", 2, 2, "are UTC, as the column says"},
    {"dukascopy_local", "Local time,Open,High,Low,Close,Volume\n03.01.2023 22:00:00.000 GMT+0100,1,3,1,2,5\n", "2023-01-03T21:00:00Z", 2, 1,
     "day first"},
    {"nasdaq",
     "Date,Close/Last,Volume,Open,High,Low\n02/24/2023,$116.74,34557221,$117.28,$117.84,$116.61\n02/23/2023,$117.14,N/"
     "A,$118.29,$118.29,$116.91\n",
     "2023-02-23", 117.14, 2, "turned round"},
    {"investing",
     "\xEF\xBB\xBF\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change "
     "%\"\n\"02/24/2023\",\"4,669.57\",\"4,691.29\",\"4,713.50\",\"4,664.39\",\"34.56M\",\"0.10%\"\n\"02/23/"
     "2023\",\"4,685.52\",\"4,691.57\",\"4,726.63\",\"4,676.60\",\"-\",\"0.10%\"\n",
     "2023-02-23", 4685.52, 2, "groups the digits"},
    {"investing_names", "Date,Price\n\"Feb 24, 2023\",5\n\"Feb 23, 2023\",6\n", "2023-02-23", 6, 2, "turned round"},
    {"slashes", "time,close\n2023/1/3,5\n2023/01/04,6\n", "2023-01-03", 5, 2, ""},
    {"trailing_utc", "time,close\n2023-01-03 09:30:00 UTC,5\n2023-01-03 09:31:00 +00:00,6\n20230103T093200Z,7\n", "2023-01-03T09:30:00Z", 5,
     3, ""},
    {"ib", "date,close\n20230103 09:30:00 US/Eastern,5\n20230703 09:30:00 US/Eastern,6\n", "2023-01-03T14:30:00Z", 5, 2,
     "name their zone, US/Eastern"},
    {"float_epochs", "t,c\n1672738200.0,5\n1672738200.5,6\n1672738201,7\n", "2023-01-03T09:30:00Z", 5, 3, "seconds"},
    {"huge_volume", "date,close,volume\n2023-01-03,5,2.4e16\n", "2023-01-03", 5, 1, "above 2^53"},
    {"trade_date", "symbol,trade_date,close\nX,2023-01-03,5\nX,2023-01-04,6\n", "2023-01-03", 5, 2, "column 'trade_date'"},
    {"preamble", "https://www.example.com\ndate,symbol,close\n2023-01-03,X,5\n2023-01-04,X,6\n", "2023-01-03", 5, 2,
     "the header is line 2"},
    {"european",
     "Datum;Zeit;Schluss\n13.01.2023;09:30;1.234,50\n13.01.2023;09:31;1.234,75\n",
     "2023-01-13T08:30:00Z",
     1234.5,
     2,
     "the decimal mark is a comma",
     {{"zone", "Europe/Berlin"}, {"columns", "timestamp=Datum,time=Zeit,close=Schluss"}}},
    {"wide", "date,AAPL,MSFT\n2023-01-03,5,\n2023-01-04,6,9\n", "2023-01-04", 9, 1, "1 row without a price", {{"symbol", "MSFT"}}},
    {"skipped",
     "made by X, on 2020-01-01\nnothing, here, at, all\ndate,close\n2023-01-03,5\n",
     "2023-01-03",
     5,
     1,
     "",
     {{"skip_rows", "2"}}},
    {"by_number",
     "2023-01-03,1,3,1,2,9\n2023-01-04,1,3,1,2,9\n",
     "2023-01-03",
     2,
     2,
     "no header",
     {{"columns", "timestamp=1,open=2,high=3,low=4,close=5"}}},
    {"day_first", "date,close\n03/04/2023,5\n04/04/2023,6\n", "2023-04-03", 5, 2, "day first", {{"day_first", "true"}}},
    {"by_format", "date,close\n3Jan23,5\n4Jan23,6\n", "2023-01-03", 5, 2, "by the format", {{"date_format", "%d%b%y"}}},
    {"adjusted",
     "Date,Open,High,Low,Close,Adj Close\n2023-01-03,10,12,8,10,5\n2023-01-04,10,12,8,10,10\n",
     "2023-01-03",
     5,
     2,
     "all prices are scaled by 'Adj Close'",
     {{"adjusted", "true"}}},
    {"negative",
     "date,close\n2020-04-17,18.27\n2020-04-20,-37.63\n2020-04-21,0\n",
     "2020-04-17",
     18.27,
     3,
     "",
     {{"allow_negative", "true"}}},
    {"thousands", "date,close,volume\n2023-01-03,5,\"1,234\"\n", "2023-01-03", 5, 1, "groups the digits", {{"thousands", ","}}},
    {"proven_by_a_later_row", nullptr, "2023-01-05T00:00:00Z", 5, 1001, "day first", {{"zone", "UTC"}}},
};

std::string minutes_of_one_day_and_a_later_one() {
  std::string text = "time,close\n";
  for (int i = 0; i < 1000; ++i)
    text += std::string("05/01/2023 ") + (i < 600 ? "0" : "") + std::to_string(i / 60) + ":" + (i % 60 < 10 ? "0" : "") +
            std::to_string(i % 60) + ",5\n";
  return text + "13/01/2023 00:00,6\n";
}

class ForeignFile : public ::testing::TestWithParam<Foreign> {};

TEST_P(ForeignFile, is_read_and_told) {
  const Foreign& expected = GetParam();
  const TempFolder folder;
  ReadSettings settings = expected.settings;
  std::string symbol;
  if (const auto given = settings.extract("symbol"); !given.empty()) symbol = given.mapped();
  const auto options = read_options_of(settings, symbol);
  ASSERT_TRUE(options) << options.error().message();
  const auto result =
      read_ok(folder.write("f.csv", expected.text != nullptr ? expected.text : minutes_of_one_day_and_a_later_one()), *options);
  ASSERT_TRUE(result.accepted) << (result.rejected.empty() ? "" : result.rejected[0].reason);
  EXPECT_EQ(format_time(result.bars.timestamp[0], std::string_view(expected.first).size() == 10), expected.first);
  EXPECT_EQ(result.bars.close[0], expected.close);
  EXPECT_EQ(result.bars.size(), expected.bars);
  EXPECT_TRUE(*expected.note == 0 || has_note(result.notes, expected.note)) << joined(result.notes);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ForeignFile, ::testing::ValuesIn(kRead), [](const auto& made) { return std::string(made.param.name); });

TEST(ForeignFiles, changed_bytes_give_bars_or_reasons_and_never_a_crash) {
  const TempFolder folder;
  Random random(17);
  constexpr std::string_view kAlphabet = "0123456789.,;\t\n\r\"-+:TZ $KMBaA/\xff=%'";
  for (const Foreign& one : kRead) {
    if (one.text == nullptr) continue;
    ReadSettings settings = one.settings;
    settings.erase("symbol");
    for (int i = 0; i < 40; ++i) {
      std::string text = one.text;
      for (std::uint64_t k = random.below(4) + 1; k-- > 0;) text[random.below(text.size())] = kAlphabet[random.below(kAlphabet.size())];
      const auto result = read_ok(folder.write("f.csv", text), *read_options_of(settings, random.below(2) == 0 ? "MSFT" : ""));
      EXPECT_EQ(result.accepted, result.bars.size() > 0 && result.rejected_total == 0) << text;
      EXPECT_TRUE(result.accepted || !result.rejected.empty()) << text;
      for (std::size_t bar = 1; bar < result.bars.size(); ++bar)
        EXPECT_GT(result.bars.timestamp[bar], result.bars.timestamp[bar - 1]) << text;
      (void)read_series(folder / "f.csv");
    }
  }
}

TEST(ForeignFiles, what_would_be_a_guess_is_refused_once_with_the_option_that_decides) {
  const TempFolder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"date,close\n03/04/2023,5\n04/04/2023,6\n05/04/2023,6\n", "say which with --day-first or --date-format %m/%d/%Y (and 2 more lines)"},
      {"date,close\n13/04/2023,5\n04/13/2023,6\n", "day and month could be either way round"},
      {"date,close\n2023-01-03,\"1,234\"\n",
       "the comma of '1,234' could group digits or be the decimal mark: say what groups digits with --thousands"},
      {"date,close\n2023-01-03,\"1,234.5\"\n2023-01-04,\"1.234,5\"\n", "group digits in some numbers"},
      {"when,close\n1,5\n2,6\n", "name it with --columns timestamp=NAME"},
      {"date,AAPL,MSFT\n2023-01-03,5,6\n", "choose one with --symbol NAME"},
      {"2023-01-03,1,3,1,2,9\n", "--columns timestamp=1"},
      {"date,close\n2023,5\n2024,6\n", "2023 is no time"},
      {"date,close\nQ1 2023,5\nQ2 2023,6\nQ3 2023,7\n", "--date-format says how others are written) (and 2 more lines)"},
      {"date,close\n2023-01-03 09:30,5\n2023-01-03 09:31,6\n",
       "name its zone with --zone (e.g. America/New_York or UTC) (and 1 more line)"},
      {"date,close\n2020-04-20,-37.63\n", "--allow-negative"},
      {"Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2022-01-03,2,7\n", "choose with `symbol` (--symbol)"},
      {"a title\nDatum;Schluss\n13.01.2023;5\n", "--skip-rows N"},
      {"date,time,close\n2023-01-03,noon,5\n", "--columns timestamp=DATE,time=TIME"},
      {"date,close\n20230103 09:30:00 Mars/Base,5\n", "there is no time zone 'Mars/Base'"},
  };
  for (const auto& [text, reason] : cases) {
    const auto result = read_ok(folder.write("f.csv", text));
    ASSERT_FALSE(result.accepted) << text;
    ASSERT_EQ(result.rejected.size(), 1u) << text;
    EXPECT_NE(result.rejected[0].reason.find(reason), std::string::npos) << result.rejected[0].reason;
  }
}

TEST(ForeignFiles, an_hour_that_occurs_twice_is_told_apart_only_where_the_clock_is_seen_to_go_back) {
  const TempFolder folder;
  ReadOptions options;
  options.zone = "America/New_York";
  const auto both = read_ok(folder.write("b.csv",
                                         "time,close\n2023-11-05 00:30,1\n2023-11-05 01:00,2\n2023-11-05 01:30,3\n"
                                         "2023-11-05 01:00,4\n2023-11-05 01:30,5\n2023-11-05 02:00,6\n"),
                            options);
  ASSERT_TRUE(both.accepted);
  for (std::size_t i = 1; i < 6; ++i) EXPECT_EQ(both.bars.timestamp[i] - both.bars.timestamp[i - 1], 1800 * kNanosPerSecond);
  EXPECT_TRUE(has_note(both.notes, "4 times that occur twice"));
  for (const char* rows : {"2023-11-05 01:00,2\n2023-11-05 01:30,3\n", "2023-11-05 01:00,2\n2023-11-05 01:00,2\n"}) {
    const auto one =
        read_ok(folder.write("o.csv", "time,close\n2023-11-05 00:00,1\n" + std::string(rows) + "2023-11-05 03:00,6\n"), options);
    EXPECT_EQ(rejected_lines(one), (std::vector<std::int64_t>{3, 4})) << rows;
  }
}

TEST(ForeignFiles, newest_first_is_turned_round_only_when_it_is_exactly_so) {
  const TempFolder folder;
  const auto rows = [&](const char* text, const ReadOptions& options = {}) {
    return read_ok(folder.write("d.csv", std::string("date,close\n") + text), options);
  };
  EXPECT_EQ(rows("2020-01-03,3\n2020-01-02,2\n2020-01-02,2\n2020-01-01,1\n").bars.close, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(rejected_lines(rows("2020-01-03,3\n2020-01-01,1\n2020-01-02,2\n")), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(rejected_lines(rows("2020-01-03,3\n2020-01-02,2\n2020-01-02,9\n2020-01-01,1\n")), (std::vector<std::int64_t>{4}));
  ReadOptions strict;
  strict.strict = true;
  EXPECT_FALSE(rows("2020-01-03,3\n2020-01-02,2\n", strict).accepted);
}

TEST(ForeignFiles, adjusting_scales_all_four_prices_and_leaves_volumes) {
  const TempFolder folder;
  ReadOptions options;
  options.adjusted = true;
  const auto bars =
      read_ok(folder.write("a.csv", "Date,Open,High,Low,Close,Adj Close,Volume\n2023-01-03,10,12,8,11,5.5,7\n"), options).bars;
  EXPECT_EQ(bars.open[0], 5);
  EXPECT_EQ(bars.high[0], 6);
  EXPECT_EQ(bars.low[0], 4);
  EXPECT_EQ(bars.close[0], 5.5);
  EXPECT_EQ(bars.volume[0], 7);
  EXPECT_NE(read_ok(folder.write("b.csv", "Date,Close\n2023-01-03,10\n"), options).rejected.at(0).reason.find("--columns adjusted=NAME"),
            std::string::npos);
  EXPECT_FALSE(read_ok(folder.write("c.csv", "Date,Close,Adj Close\n2023-01-03,10,0\n"), options).accepted);
}

TEST(ForeignFiles, settings_that_mean_nothing_are_refused_by_name) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"columns", "close", "has no name"},       {"columns", "klose=x", "no role"},      {"columns", "close=a,close=b", "twice"},
      {"date_format", "%d/%m", "year, month"},   {"date_format", "%Q", "no part"},       {"skip_rows", "-1", "no number of lines"},
      {"skip_rows", "2x", "no number of lines"}, {"thousands", "x", "groups no digits"}, {"day_first", "yes", "neither true nor false"},
      {"date_fromat", "%Y", "no setting"}};
  for (const auto& [name, text, words] : cases) {
    const auto options = read_options_of({{name, text}});
    ASSERT_FALSE(options) << name << " " << text;
    EXPECT_EQ(options.error().code(), Errc::usage);
    EXPECT_NE(options.error().message().find(words), std::string::npos) << options.error().message();
    EXPECT_TRUE(options.error().where().starts_with("--")) << options.error().where();
  }
  EXPECT_FALSE(read_options_of({{"day_first", "true"}, {"date_format", "%d/%m/%Y"}}));
}

TEST(WrittenTimes, forms_and_what_is_none) {
  const std::pair<const char*, const char*> good[] = {{"2021/3/4", "2021-03-04"},
                                                      {"2021.03.04 9:30", "2021-03-04T09:30:00Z"},
                                                      {"20210304 093000", "2021-03-04T09:30:00Z"},
                                                      {"20210304093000", "2021-03-04T09:30:00Z"},
                                                      {"4-Mar-2021", "2021-03-04"},
                                                      {"March 4, 2021, 9:30 PM", "2021-03-04T21:30:00Z"},
                                                      {"2021-03-04 9:30 America/New_York", "2021-03-04T09:30:00Z"},
                                                      {"2021-03-04 12:05 am", "2021-03-04T00:05:00Z"},
                                                      {"20210304-09:30:00.25", "2021-03-04T09:30:00.25Z"}};
  for (const auto& [text, time] : good) {
    const auto parsed = parse_written_time(text, DateOrder::unknown);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(format_time(parsed->nanos, parsed->date_only), time) << text;
  }
  for (const char* text : {"", "2021/13/01", "2021/02/30", "3/4/2021", "2021/3", "20210304 25:00", "20210304 0930000", "2021-03-04 9",
                           "2021.03.04 9:30 ,", "Mar 2021", "13:00 PM"})
    EXPECT_FALSE(parse_written_time(text, DateOrder::unknown)) << text;
  EXPECT_EQ(order_shown("13/01/2021"), DateOrder::day_first);
  EXPECT_EQ(order_shown("01-13-2021"), DateOrder::month_first);
  EXPECT_EQ(order_shown("01.02.2021"), DateOrder::unknown);
  EXPECT_FALSE(order_shown("2021-01-13"));
  EXPECT_EQ(format_time(parse_by_format("060 2021 11 PM +0100", "%j %Y %I %p %z")->nanos), "2021-03-01T23:00:00Z");
  EXPECT_FALSE(parse_by_format("366 2021", "%j %Y"));
  EXPECT_FALSE(parse_by_format("2021-03-04 x", "%F"));
}

TEST(WrittenNumbers, marks_are_read_where_they_are_sure) {
  WrittenNumbers english;
  for (const char* cell : {"4,003.79", "12"}) english.learn(cell);
  EXPECT_FALSE(english.fault(""));
  EXPECT_EQ(english.price("1,234,567.5"), 1234567.5);
  EXPECT_EQ(english.price("-$1,234"), -1234);
  EXPECT_EQ(english.price("$ 12.5"), 12.5);
  EXPECT_EQ(english.volume("34.56M"), 34560000);
  EXPECT_EQ(english.volume("1.5k"), 1500);
  for (const char* text : {"12,34", "1,2345", ",123", "1,,234", "$", "", "--5", "1.2.3", "5K", "12 apples"})
    EXPECT_FALSE(english.price(text)) << text;
  WrittenNumbers german;
  german.learn("1.234,5");
  EXPECT_FALSE(german.plain_first());
  EXPECT_EQ(german.price("1.234,5"), 1234.5);
  EXPECT_EQ(german.price("0,25"), 0.25);
  WrittenNumbers words;
  words.learn("Smith, John");
  EXPECT_TRUE(words.plain_first());
}

/// A zip archive of stored files, as `zip -0` writes it.
std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& files) {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) & 255 : 0);
    return text;
  };
  std::string out, directory;
  for (const auto& [name, content] : files) {
    const std::string sizes = number(0, 4) + number(content.size(), 4) + number(content.size(), 4) + number(name.size(), 2) + number(0, 2);
    directory += "PK\x01\x02" + number(20, 2) + number(20, 2) + number(0, 8) + sizes + number(0, 10) + number(out.size(), 4) + name;
    out += "PK\x03\x04" + number(20, 2) + number(0, 8) + sizes + name + content;
  }
  const std::size_t start = out.size();
  return out + directory + "PK\x05\x06" + number(0, 4) + number(files.size(), 2) + number(files.size(), 2) + number(directory.size(), 4) +
         number(start, 4) + number(0, 2);
}

TEST(ForeignFiles, a_zip_archive_of_one_file_is_that_file) {
  const TempFolder folder;
  const std::string text = "date,close\n2023-01-03,5\n2023-01-04,6\n";
  const std::string zip = stored_zip({{"a.csv", text}, {"__MACOSX/._a.csv", "x"}});
  const auto result = read_ok(folder.write("a.zip", zip));
  ASSERT_TRUE(result.accepted);
  EXPECT_EQ(result.bars.close, (std::vector<double>{5, 6}));
  EXPECT_EQ(result.sha256.size(), 64u);
  const auto message = [&](const std::string& bytes) {
    const auto read = read_bars(folder.write("b.zip", bytes));
    return read ? std::string() : read.error().message();
  };
  EXPECT_NE(message(stored_zip({{"a.csv", text}, {"b.csv", text}})).find("2 files, not one"), std::string::npos);
  EXPECT_NE(message(stored_zip({{"[Content_Types].xml", text}, {"xl/workbook.xml", text}})).find("Excel"), std::string::npos);
  EXPECT_NE(message(zip.substr(0, zip.size() - 30)).find("damaged zip"), std::string::npos);
  for (std::size_t i = 0; i < zip.size(); ++i) {  // any answer but a crash
    std::string broken = zip;
    broken[i] = static_cast<char>(broken[i] ^ 0x81);
    (void)read_bars(folder.write("c.zip", broken));
    (void)read_bars(folder.write("c.zip", zip.substr(0, i)));
  }
}

}  // namespace
}  // namespace tradewind::market
