// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/streaming.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/positions.hpp"
#include "tradewind/metrics/regime_slices.hpp"
#include "tradewind/metrics/streaming_drift.hpp"

namespace tradewind::metrics {
namespace {

constexpr ReturnOptions kDailyStream{.periods_per_year = 252, .risk_free = 0.01, .minimum_acceptable_return = 0.02};

StreamingMetrics streamed(std::span<const double> returns, StreamingOptions options = {kDailyStream, {}, false}) {
  auto stream = StreamingMetrics::make(std::move(options));
  EXPECT_TRUE(stream);
  for (const double r : returns) EXPECT_TRUE(stream->add(r));
  return std::move(*stream);
}

void expect_close(double streaming, double batch, const std::string& what) {
  EXPECT_NEAR(streaming, batch, 1e-12 * std::max(1.0, std::fabs(batch))) << what;
}

void expect_equal_to_batch(std::span<const double> returns, const std::string& what) {
  const auto stream = streamed(returns);
  const auto batch = calculate_metrics(returns, kDailyStream);
  const auto now = stream.metrics();
  ASSERT_EQ(now.has_value(), batch.has_value()) << what;
  if (!batch) return;
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    const std::string name = what + ": " + std::string(enum_name(static_cast<Metric>(i))) + " of " + std::to_string(returns.size());
    ASSERT_EQ(now->reason[i], batch->reason[i]) << name;
    if (batch->reason[i] == Undefined::defined) expect_close(now->value[i], batch->value[i], name);
  }
  for (const Metric exact :
       {Metric::total_return, Metric::annualized_return, Metric::max_drawdown, Metric::largest_win, Metric::largest_loss}) {
    if (batch->why(exact) == Undefined::defined) {
      EXPECT_EQ((*now)[exact], (*batch)[exact]) << what;
    }
  }
  EXPECT_EQ(now->zeros, batch->zeros) << what;
  EXPECT_EQ(now->ruin, batch->ruin) << what;
  EXPECT_EQ(now->bars, batch->bars) << what;
}

/// Series of every kind that has gone wrong somewhere: zeros, constants, ruin, tiny and huge spreads.
std::vector<double> series_of(int kind, std::size_t bars, Random& random) {
  std::vector<double> out(bars);
  for (std::size_t t = 0; t < bars; ++t) {
    const double z = random.normal();
    switch (kind) {
      case 0: out[t] = 0.0004 + 0.01 * z; break;
      case 1: out[t] = random.below(3) == 0 ? 0 : 0.01 * z; break;
      case 2: out[t] = 0.00037; break;
      case 3: out[t] = t == bars / 2 ? -1.0 : 0.02 * z; break;
      case 4: out[t] = 1e-9 * z; break;
      case 5: out[t] = 1e-160 * z; break;
      case 6: out[t] = 0.25 + 1e-10 * z; break;
      case 7: out[t] = std::max(-0.9, 0.3 * random.student_t(3)); break;
      case 8: out[t] = 0; break;
      default: out[t] = std::fabs(0.01 * z); break;
    }
  }
  return out;
}

TEST(StreamingMetrics, equal_the_batch_values_at_every_length) {
  Random random(7);
  for (int kind = 0; kind < 10; ++kind)
    for (const std::size_t bars : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{63}, std::size_t{64},
                                   std::size_t{300}, std::size_t{3000}})
      expect_equal_to_batch(series_of(kind, bars, random), "kind " + std::to_string(kind));
}

TEST(StreamingMetrics, of_a_hand_computed_year) {
  const auto stream = streamed(std::vector<double>{0.1, -0.2, 0, 0.25}, {{.periods_per_year = 4}, {}, false});
  const auto m = stream.metrics();
  const double deviation = std::sqrt(0.106875 / 3);
  EXPECT_NEAR((*m)[Metric::sharpe_ratio], 0.0375 / deviation * 2, 1e-14);
  EXPECT_NEAR((*m)[Metric::sortino_ratio], 0.75, 1e-14);
  EXPECT_NEAR((*m)[Metric::max_drawdown], 0.2, 1e-15);
  EXPECT_NEAR((*m)[Metric::profit_factor], 1.75, 1e-14);
  EXPECT_NEAR(stream.current_drawdown(), 0, 1e-15);
  EXPECT_NEAR(streamed(std::vector<double>{0.1, -0.2, 0.1}).current_drawdown(), 1 - 0.88, 1e-15);
}

TEST(StreamingMetrics, moments_equal_the_batch_moments) {
  Random random(9);
  for (const int kind : {0, 1, 4, 7}) {
    const auto returns = series_of(kind, 2000, random);
    ReturnMoments now, batch;
    EXPECT_EQ(streamed(returns).moments(now), return_moments(returns, batch));
    expect_close(now.sharpe, batch.sharpe, "sharpe");
    EXPECT_NEAR(now.skewness, batch.skewness, 1e-10 * std::max(1.0, std::fabs(batch.skewness)));
    EXPECT_NEAR(now.kurtosis, batch.kurtosis, 1e-10 * batch.kurtosis);
  }
  ReturnMoments none;
  EXPECT_EQ(streamed(std::vector<double>(50, 0.1)).moments(none), Undefined::zero_variance);
  EXPECT_EQ(streamed(std::vector<double>{0.1}).moments(none), Undefined::too_few);
}

TEST(StreamingMetrics, regimes_equal_the_batch_slices) {
  Random random(11);
  const std::vector<std::string> names = {"calm", "wild", "never"};
  const auto returns = series_of(0, 1500, random);
  std::vector<std::int8_t> states;
  int state = -1;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (random.below(20) == 0) state = static_cast<int>(random.below(3)) - 1;
    states.push_back(static_cast<std::int8_t>(state));
  }
  auto stream = StreamingMetrics::make({kDailyStream, names, false});
  for (std::size_t t = 0; t < returns.size(); ++t) ASSERT_TRUE(stream->add(returns[t], states[t]));
  const auto batch = regime_slices(returns, {states, names, true}, kDailyStream);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const StreamingRegime now = stream->regime(i);
    const RegimeSlice& then = batch->slices[i];
    EXPECT_EQ(now.label, then.label);
    EXPECT_EQ(now.bars, then.bars);
    EXPECT_EQ(now.runs, then.runs);
    for (const auto& [a, b] : {std::pair{now.mean, then.mean},
                               {now.volatility, then.volatility},
                               {now.sharpe_ratio, then.sharpe_ratio},
                               {now.sortino_ratio, then.sortino_ratio}}) {
      ASSERT_EQ(a.why, b.why);
      if (a.defined()) expect_close(a.number, b.number, names[i]);
    }
  }
}

TEST(StreamingMetrics, trades_are_counted_as_from_positions) {
  const std::vector<double> returns = {0.02, -0.01, 0.03, 0, -0.04, 0.01, 0.02};
  const std::vector<std::int8_t> positions = {1, 1, 0, 0, 1, 0, 0};
  auto stream = StreamingMetrics::make({kDailyStream, {}, true});
  for (const double r : returns) ASSERT_TRUE(stream->add(r));
  stream->add_trade(1.02 * 0.99 - 1, 1);
  stream->add_trade(-0.04, 1.02 * 0.99 * 1.03);  // the return of row 2 is the account's, though flat
  const auto now = stream->metrics();
  const auto batch = calculate_metrics(returns, positions, ExecutionCosts::none(), kDailyStream);
  EXPECT_EQ(now->unit, Unit::trade);
  EXPECT_EQ(now->total_trades, batch->total_trades);
  for (const Metric metric : {Metric::win_rate, Metric::profit_factor, Metric::avg_win, Metric::largest_loss, Metric::bar_win_rate})
    expect_close((*now)[metric], (*batch)[metric], std::string(enum_name(metric)));
  EXPECT_EQ(StreamingMetrics::make({kDailyStream, {}, true})->metrics()->why(Metric::win_rate), Undefined::empty);
}

TEST(StreamingMetrics, a_saved_state_goes_on_to_the_last_bit) {
  Random random(13);
  const auto returns = series_of(7, 1200, random);
  auto whole = StreamingMetrics::make({kDailyStream, {"a b", "c"}, true});
  auto first = StreamingMetrics::make({kDailyStream, {"a b", "c"}, true});
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (t % 97 == 50) {
      auto resumed = StreamingMetrics::load(first->save());
      ASSERT_TRUE(resumed) << resumed.error().message();
      first = std::move(resumed);
    }
    for (auto* stream : {&whole, &first}) {
      ASSERT_TRUE((*stream)->add(returns[t], static_cast<int>(t / 40 % 3) - 1));
      if (t % 10 == 0) (*stream)->add_trade(returns[t], (*stream)->equity());
    }
  }
  EXPECT_EQ(whole->save(), first->save());
  EXPECT_EQ((*whole->metrics())[Metric::sharpe_ratio], (*first->metrics())[Metric::sharpe_ratio]);
}

TEST(StreamingMetrics, refuse_bad_input_and_stay_as_they_were) {
  auto stream = streamed(std::vector<double>{0.01, -0.02});
  const std::string before = stream.save();
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -1.0000001})
    EXPECT_EQ(stream.add(bad).error().code(), Errc::invalid_data);
  EXPECT_EQ(stream.add(0.01, 0).error().code(), Errc::invalid_data);
  EXPECT_EQ(stream.add(1e76).error().code(), Errc::numeric);
  EXPECT_EQ(stream.save(), before);
  auto rich = streamed(std::vector<double>{1e75, 1e75, 1e75, 1e75});
  EXPECT_EQ(rich.add(1e75).error().code(), Errc::numeric);
  EXPECT_TRUE(StreamingMetrics::load(rich.save()));
  EXPECT_EQ(StreamingMetrics::make({{}, {}, false}).error().code(), Errc::usage);
  EXPECT_EQ(StreamingMetrics::make({kDailyStream, {"a\nb"}, false}).error().code(), Errc::usage);
  for (std::string damaged : {std::string(), before.substr(0, before.size() / 2), before.substr(1)})
    EXPECT_EQ(StreamingMetrics::load(damaged).error().code(), Errc::corrupt);
  std::string changed = before;
  changed[before.find("path 2") + 5] = '3';
  EXPECT_EQ(StreamingMetrics::load(changed).error().code(), Errc::corrupt);
}

constexpr DriftBaseline kBacktest{0.001, 0.01};  // Sharpe 0.1 per bar, 1.6 a year

TEST(DriftMonitor, run_length_and_threshold_are_siegmunds) {
  // k = 0.5, h = 4 and 5: 338 and 938 by the approximation (exact values 336 and 930) [Hawkins & Olwell 1998]
  EXPECT_NEAR(cusum_run_length(4, -0.5), 338, 1);
  EXPECT_NEAR(cusum_run_length(5, -0.5), 938, 1.5);
  EXPECT_NEAR(cusum_run_length(4, 0.5), 8.34, 0.02);
  for (const double bars : {20.0, 1260.0, 500000.0})
    for (const double allowance : {0.01, 0.05, 0.5})
      EXPECT_NEAR(cusum_run_length(cusum_threshold(bars, allowance), -allowance), bars, 1e-6 * bars);
}

/// Mean bars to the first alarm over seeded runs of returns mean + 0.01 · noise.
template <class Noise>
double mean_run_length(double mean, const DriftOptions& options, Noise noise, int runs = 400) {
  double total = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(101, static_cast<std::uint64_t>(run));
    auto monitor = DriftMonitor::make(kBacktest, options);
    while (monitor->report().alarm == Drift::none) monitor->add(mean + 0.01 * noise(random));
    total += static_cast<double>(monitor->report().alarm_bar + 1);
  }
  return total / runs;
}
double normal(Random& random) { return random.normal(); }
double fat(Random& random) { return random.student_t(3); }

TEST(DriftMonitor, false_alarms_are_as_rare_as_promised) {
  // one-sided, two-sided: five years of 252 bars within Monte Carlo error (5 %) and that of the approximation
  EXPECT_NEAR(mean_run_length(0.001, {.periods_per_year = 252}, normal), 1260, 200);
  EXPECT_NEAR(mean_run_length(0.001, {.periods_per_year = 252, .two_sided = true}, normal), 1260, 220);
  // fat tails, cut: rarer, not more frequent
  EXPECT_GT(mean_run_length(0.001, {.periods_per_year = 252}, fat), 1260);
}

TEST(DriftMonitor, finds_an_edge_that_has_turned) {
  const DriftOptions options{.periods_per_year = 252};
  const double gone = mean_run_length(0, options, normal);
  auto monitor = DriftMonitor::make(kBacktest, options);
  EXPECT_NEAR(gone, monitor->report().mean_bars_to_detection, 0.15 * gone);
  EXPECT_LT(mean_run_length(-0.002, options, normal), 0.5 * gone);
  EXPECT_LT(gone, 300);
}

TEST(DriftMonitor, latches_the_bar_of_the_alarm_and_survives_a_restart) {
  auto monitor = DriftMonitor::make(kBacktest, {.periods_per_year = 252, .two_sided = true});
  for (int t = 0; t < 100; ++t) monitor->add(0.001);
  EXPECT_EQ(monitor->report().alarm, Drift::none);
  for (int t = 0; t < 60; ++t) monitor->add(-0.01);
  const DriftReport raised = monitor->report();
  EXPECT_EQ(raised.alarm, Drift::worse);
  EXPECT_GE(raised.alarm_bar, 100);
  auto resumed = DriftMonitor::load(monitor->save());
  ASSERT_TRUE(resumed);
  for (int t = 0; t < 500; ++t) {
    monitor->add(0.02);
    resumed->add(0.02);
  }
  EXPECT_EQ(resumed->save(), monitor->save());
  EXPECT_EQ(resumed->report().alarm_bar, raised.alarm_bar);
  EXPECT_EQ(resumed->report().alarm, Drift::worse);
  auto better = DriftMonitor::make(kBacktest, {.periods_per_year = 252, .two_sided = true});
  for (int t = 0; t < 100; ++t) better->add(0.02);
  EXPECT_EQ(better->report().alarm, Drift::better);
}

TEST(DriftMonitor, one_crash_raises_no_alarm_by_itself) {
  auto monitor = DriftMonitor::make(kBacktest, {.periods_per_year = 252});
  monitor->add(-0.9);
  EXPECT_EQ(monitor->report().alarm, Drift::none);
  EXPECT_NEAR(monitor->report().worse, 4 - 0.05, 1e-12);
}

TEST(DriftMonitor, probability_of_being_below_the_backtest) {
  Random random(17);
  std::vector<double> same(1000), worse(1000);
  for (double& r : same) r = 0.001 + 0.01 * random.normal();
  for (double& r : worse) r = -0.001 + 0.01 * random.normal();
  const Value p = probability_below(streamed(worse), kBacktest);
  ASSERT_TRUE(p.defined());
  EXPECT_GT(p.number, 0.999);
  ReturnMoments moments;
  return_moments(same, moments);
  EXPECT_NEAR(probability_below(streamed(same), kBacktest).number, 1 - probabilistic_sharpe(moments, 0.1).number, 1e-9);
  EXPECT_EQ(probability_below(streamed(std::vector<double>{0.1}), kBacktest).why, Undefined::too_few);
}

TEST(DriftMonitor, refuses_what_means_nothing) {
  EXPECT_EQ(DriftMonitor::make({0, 0}, {.periods_per_year = 252}).error().code(), Errc::usage);
  EXPECT_EQ(DriftMonitor::make(kBacktest, {}).error().code(), Errc::usage);
  EXPECT_EQ(DriftMonitor::make(kBacktest, {.periods_per_year = 252, .winsorise = 0}).error().code(), Errc::usage);
  EXPECT_EQ(DriftMonitor::make(kBacktest, {.periods_per_year = 252, .shift = 8}).error().code(), Errc::usage);
  auto boastful = DriftMonitor::make({0.01, 0.001}, {.periods_per_year = 252});
  for (int t = 0; t < 20; ++t) boastful->add(0);
  EXPECT_EQ(boastful->report().alarm, Drift::worse);
  EXPECT_EQ(DriftMonitor::load("nothing").error().code(), Errc::corrupt);
  EXPECT_FALSE(drift_baseline(std::vector<double>(9, 0.1)));
  EXPECT_NEAR(drift_baseline(std::vector<double>{0.01, 0.03})->mean, 0.02, 1e-15);
}

}  // namespace
}  // namespace tradewind::metrics
