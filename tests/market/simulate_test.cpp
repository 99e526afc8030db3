// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/simulate.hpp"

#include <cmath>
#include <set>

#include "market_test_support.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/market/describe.hpp"
#include "tradewind/market/write_bars.hpp"

namespace tradewind::market {
namespace {

Simulation market_of(SimulationOptions options) {
  auto result = simulate(options);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
  return result ? std::move(*result) : Simulation{};
}

std::vector<double> log_returns(const Bars& bars) {
  std::vector<double> r;
  for (std::size_t i = 1; i < bars.size(); ++i) r.push_back(std::log(bars.close[i] / bars.close[i - 1]));
  return r;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double ma = 0, mb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) ma += a[i], mb += b[i];
  ma /= static_cast<double>(a.size());
  mb /= static_cast<double>(b.size());
  double sab = 0, saa = 0, sbb = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sab += (a[i] - ma) * (b[i] - mb), saa += (a[i] - ma) * (a[i] - ma), sbb += (b[i] - mb) * (b[i] - mb);
  return sab / std::sqrt(saa * sbb);
}

TEST(Simulate, bars_pass_the_importer_and_have_the_asked_shape) {
  const TempFolder folder;
  for (const std::int64_t minutes : {1, 60, 24 * 60, 7 * 24 * 60}) {
    SimulationOptions options;
    options.bars = 1500;
    options.interval = minutes * 60 * kNanosPerSecond;
    const auto market = market_of(options);
    ASSERT_EQ(market.symbols.size(), 3u);
    EXPECT_EQ(market.regime.size(), 1500u);
    for (const auto& bars : market.symbols) {
      EXPECT_EQ(bars.size(), 1500u);
      ASSERT_TRUE(write_bars(folder / "s.csv", bars));
      const auto read = read_ok(folder / "s.csv");
      EXPECT_TRUE(read.accepted) << minutes << (read.rejected.empty() ? "" : read.rejected[0].reason);
      EXPECT_EQ(read.bars.close, bars.close);
    }
  }
}

TEST(Simulate, the_same_seed_gives_the_same_bars_and_another_seed_others) {
  const TempFolder folder;
  SimulationOptions options;
  options.bars = 300;
  const auto hash = [&](std::uint64_t seed) {
    options.seed = seed;
    EXPECT_TRUE(write_bars(folder / "s.csv", market_of(options).symbols[1]));
    return *sha256_file(folder / "s.csv");
  };
  const auto first = hash(1);
  EXPECT_EQ(first, hash(1));
  EXPECT_NE(first, hash(2));
}

TEST(Simulate, a_symbol_does_not_depend_on_how_many_there_are) {
  SimulationOptions options;
  options.bars = 200;
  const auto three = market_of(options);
  options.symbols = 1;
  EXPECT_EQ(market_of(options).symbols[0].close, three.symbols[0].close);
}

TEST(Simulate, daily_bars_skip_weekends_and_minutes_keep_to_sessions) {
  SimulationOptions options;
  const auto daily = market_of(options);
  for (const auto time : daily.timestamp) {
    const auto weekday = (time / kNanosPerDay + 4) % 7;
    EXPECT_TRUE(weekday >= 1 && weekday <= 5);
  }
  options.interval = 60 * kNanosPerSecond;
  options.bars = 4000;
  const auto minutes = market_of(options);
  std::set<std::int64_t> steps;
  for (std::size_t i = 1; i < minutes.timestamp.size(); ++i) {
    steps.insert(minutes.timestamp[i] - minutes.timestamp[i - 1]);
    const auto in_day = minutes.timestamp[i] % kNanosPerDay / kNanosPerSecond;
    EXPECT_TRUE(in_day >= 14 * 3600 + 1800 && in_day < 21 * 3600);
  }
  EXPECT_TRUE(steps.contains(120 * kNanosPerSecond)) << "some minutes are missing";
}

TEST(Simulate, regimes_differ_and_tails_are_fat) {
  SimulationOptions options;
  options.bars = 60'000;
  options.interval = 3600 * kNanosPerSecond;
  options.around_the_clock = true;
  const auto market = market_of(options);
  const auto a = log_returns(market.symbols[0]);
  const auto b = log_returns(market.symbols[1]);
  std::vector<double> sum(4), squares(4), lagged(4), count(4);
  double fourth = 0, total = 0;
  for (std::size_t i = 1; i < a.size(); ++i) {
    const auto k = market.regime[i + 1];
    count[k] += 1;
    sum[k] += a[i];
    squares[k] += a[i] * a[i];
    lagged[k] += a[i] * a[i - 1];
    total += a[i] * a[i];
    fourth += a[i] * a[i] * a[i] * a[i];
  }
  for (std::size_t k = 0; k < 4; ++k) ASSERT_GT(count[k], 200) << market.regime_names[k];
  EXPECT_GT(sum[0], 0);
  EXPECT_LT(sum[2] / count[2], sum[0] / count[0]);
  EXPECT_LT(sum[3], 0);
  EXPECT_GT(squares[3] / count[3], 3 * squares[0] / count[0]);
  EXPECT_LT(lagged[1] / squares[1], -0.08) << "sideways markets revert";
  const auto n = static_cast<double>(a.size());
  EXPECT_GT(fourth / n / (total / n * total / n), 5) << "kurtosis";
  EXPECT_GT(correlation(a, b), 0.2);
  std::vector<double> size, volume;
  for (std::size_t i = 0; i < a.size(); ++i) size.push_back(std::abs(a[i])), volume.push_back(market.symbols[0].volume[i + 1]);
  EXPECT_GT(correlation(size, volume), 0.3);
}

TEST(Simulate, impossible_wishes_are_refused) {
  const auto refused = [](auto change) {
    SimulationOptions options;
    change(options);
    const auto result = simulate(options);
    return !result && result.error().code() == Errc::usage;
  };
  EXPECT_TRUE(refused([](auto& o) { o.symbols = 0; }));
  EXPECT_TRUE(refused([](auto& o) { o.bars = 0; }));
  EXPECT_TRUE(refused([](auto& o) { o.bars = std::size_t{1} << 60; }));
  EXPECT_TRUE(refused([](auto& o) { o.bars = 200'000; })) << "daily bars beyond 2261";
  EXPECT_TRUE(refused([](auto& o) { o.interval = 0; }));
  EXPECT_TRUE(refused([](auto& o) { o.interval = 10 * 3600 * kNanosPerSecond; }));
  EXPECT_TRUE(refused([](auto& o) { o.missing = 1; }));
}

TEST(Interval, reads_number_and_unit) {
  EXPECT_EQ(*parse_interval("1min"), 60 * kNanosPerSecond);
  EXPECT_EQ(*parse_interval("5m"), 300 * kNanosPerSecond);
  EXPECT_EQ(*parse_interval("1d"), kNanosPerDay);
  for (const char* text : {"", "min", "0min", "-1d", "1.5h", "1 fortnight", "99999999999999999999s"})
    EXPECT_FALSE(parse_interval(text)) << text;
}

TEST(Describe, sums_up_what_matters_before_use) {
  Bars bars;
  const double closes[] = {100, 101, 50.2, 50, 30, 31};
  const double opens[] = {100, 100, 50.5, 50, 49, 31};
  for (std::size_t i = 0; i < 6; ++i) {
    bars.timestamp.push_back(static_cast<std::int64_t>(i < 5 ? i : 40) * kNanosPerDay);
    bars.open.push_back(opens[i]);
    bars.close.push_back(closes[i]);
    bars.high.push_back(std::max(opens[i], closes[i]));
    bars.low.push_back(std::min(opens[i], closes[i]));
    bars.volume.push_back(i == 2 ? 0 : (i == 3 ? std::nan("") : 5));
  }
  const auto summary = describe(bars);
  EXPECT_EQ(summary.rows, 6u);
  EXPECT_EQ(summary.median_spacing, kNanosPerDay);
  ASSERT_EQ(summary.gaps.size(), 1u);
  EXPECT_EQ(summary.gaps[0].after, 4u);
  EXPECT_EQ(summary.zero_volumes, 1u);
  EXPECT_EQ(summary.missing_volumes, 1u);
  EXPECT_EQ(summary.lowest, 30);
  EXPECT_EQ(summary.highest, 101);
  EXPECT_FALSE(summary.bars_per_year);
  ASSERT_EQ(summary.suspected_splits.size(), 1u) << "the fall of bar 4 happened within the bar";
  EXPECT_EQ(summary.suspected_splits[0].row, 2u);
  EXPECT_EQ(summary.largest_moves[0].row, 2u);
}

TEST(Describe, observed_bars_per_year_are_held_against_the_configured_ones) {
  const auto market = market_of({});
  EXPECT_NEAR(*infer_periods_per_year(market.timestamp), 260.9, 0.5);
  EXPECT_FALSE(periods_per_year_warning(market.timestamp, 252));
  const auto warning = periods_per_year_warning(market.timestamp, 365);
  ASSERT_TRUE(warning);
  EXPECT_NE(warning->find("365"), std::string::npos);
  EXPECT_NE(warning->find("260.9"), std::string::npos);
}

TEST(Gaps, nights_and_weekends_are_no_gaps_but_a_lost_week_is) {
  SimulationOptions options;
  options.interval = 60 * kNanosPerSecond;
  options.bars = 8000;
  auto times = market_of(options).timestamp;
  EXPECT_TRUE(find_gaps(times).empty());
  const auto lost = times[4000];
  std::erase_if(times, [&](UnixNanos t) { return t > lost && t < lost + 7 * kNanosPerDay; });
  EXPECT_EQ(find_gaps(times).size(), 1u);
  EXPECT_EQ(duration_text(101 * kNanosPerDay), "101 days");
  EXPECT_EQ(duration_text((7 * 60 + 13) * 60 * kNanosPerSecond), "7 h 13 min");
}

}  // namespace
}  // namespace tradewind::market
