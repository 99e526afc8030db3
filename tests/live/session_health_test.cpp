// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session_health.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::live {
namespace {

using metrics::Metric;

Money money_of(double amount) { return *fixed_from_double<Money>(amount); }

/// An account over so many days, moving by chance, with capital put in and taken out.
struct DailyAccount {
  AccountRecord record{0, Money::whole(1000)};
  std::vector<double> returns;

  explicit DailyAccount(int days, std::uint64_t seed = 3) {
    Random random(seed);
    double equity = 1000, contributed = 1000;
    for (int day = 1; day <= days; ++day) {
      const double moved = day % 20 == 0 ? (day % 40 == 0 ? 250 : -200) : 0;
      const double base = equity + moved;
      equity = std::round((base * (1 + 0.001 + 0.01 * random.normal())) * 1e6) / 1e6;
      contributed += moved;
      returns.push_back(equity / base - 1);
      record.add(day * kNanosPerDay, money_of(equity), money_of(contributed));
    }
  }
};

TEST(AccountRecord, Has_the_figures_of_its_returns) {
  const DailyAccount account(200);
  const Json json = account.record.json();
  const auto expected = metrics::calculate_metrics(account.returns, {.periods_per_year = 365.25});
  ASSERT_TRUE(expected);
  EXPECT_EQ(json["marks"], 200);
  EXPECT_NEAR(json["years"].get<double>(), 200 / 365.25, 1e-12);
  for (const Metric metric : {Metric::total_return, Metric::max_drawdown, Metric::volatility, Metric::sharpe_ratio, Metric::sortino_ratio})
    EXPECT_NEAR(json[std::string(enum_name(metric))].get<double>(), (*expected)[metric], 1e-9 * std::abs((*expected)[metric]));
  EXPECT_GE(json["max_drawdown"].get<double>(), json["current_drawdown"].get<double>());
  EXPECT_FALSE(json.contains("undefined"));
}

TEST(AccountRecord, Of_less_than_a_quarter_of_a_year_has_no_annual_figure) {
  const Json json = DailyAccount(91).record.json();
  for (const char* name : {"volatility", "sharpe_ratio", "sortino_ratio"}) {
    EXPECT_TRUE(json[name].is_null()) << name;
    EXPECT_EQ(json["undefined"][name], "short_sample") << name;
  }
  EXPECT_GT(json["max_drawdown"].get<double>(), 0);
  EXPECT_FALSE(DailyAccount(92).record.json().contains("undefined"));
  const Json none = AccountRecord(0, Money::whole(5)).json();
  EXPECT_EQ(none["marks"], 0);
  EXPECT_TRUE(none["total_return"].is_null());
}

constexpr double kDay = 86'400;
constexpr std::int64_t kHour = 3600 * kNanosPerSecond;

StrategyOrigin daily(double mean, double deviation) {
  return {.warning = {}, .expected = {{mean, deviation}}, .bar_seconds = kDay, .bars_per_year = 365.25};
}

/// Bars until the alarm of an account whose returns have this mean; −1 without one.
int bars_to_alarm(StrategyDrift drift, double mean, int bars, bool trading = true) {
  Random random(17);
  double index = 1;
  for (int day = 0; day <= bars; ++day) {
    index *= day == 0 ? 1 : 1 + mean + 0.01 * random.normal();
    drift.mark(day * kNanosPerDay, index, trading);
    if (drift.alarm()) return day;
  }
  return -1;
}

TEST(StrategyDrift, Is_told_when_an_account_no_longer_earns_what_its_run_did) {
  const StrategyOrigin origin = daily(0.002, 0.01);
  EXPECT_EQ(bars_to_alarm(StrategyDrift(origin), 0.002, 400), -1) << "what was promised";
  EXPECT_GT(bars_to_alarm(StrategyDrift(origin), -0.002, 400), 10) << "no single day says so";
  EXPECT_EQ(bars_to_alarm(StrategyDrift(origin), -0.002, 400, false), -1) << "days on which it may not trade do not count";
  StrategyDrift drift(origin);
  for (int day = 0; day < 300; ++day) drift.mark(day * kNanosPerDay, std::pow(0.995, day), true);
  ASSERT_TRUE(drift.alarm());
  EXPECT_EQ(drift.json()["alarm"], "worse");
  EXPECT_TRUE(drift.json()["since"].is_string());
  EXPECT_NE(drift.sentence("mine").find("strategy mine earns less than its run promised"), std::string::npos);
  drift.start_afresh();
  EXPECT_FALSE(drift.alarm());
  EXPECT_EQ(drift.json()["observed"], 0);
}

TEST(StrategyDrift, Counts_a_bar_when_it_is_over) {
  StrategyDrift drift(daily(0.001, 0.01));
  for (int hour = 0; hour <= 240; ++hour) drift.mark(hour * kHour, 1, true);
  EXPECT_EQ(drift.json()["observed"], 10);
}

TEST(StrategyDrift, Is_told_when_trades_earn_less_than_was_expected_of_them) {
  const auto traded = [](double edge, int trades) {
    StrategyDrift drift;
    Random random(5);
    for (int i = 0; i < trades; ++i) {
      const double expected = 0.001 * (1 + random.uniform());
      drift.trade(i * kHour, expected, edge * expected + 0.002 * random.normal());
    }
    return drift;
  };
  EXPECT_FALSE(traded(1, 600).alarm());
  EXPECT_TRUE(traded(-0.5, 600).alarm());
  EXPECT_EQ(traded(-0.5, 29).json()["undefined"]["alarm"], "too_few");
  EXPECT_EQ(traded(1, 30).json()["observed"], 30);
  EXPECT_EQ(StrategyDrift().json()["undefined"]["alarm"], "too_few") << "nobody knows yet what it expects";
  StrategyDrift silent;
  for (int i = 0; i < 100; ++i) silent.trade(i, 0, -1);
  EXPECT_FALSE(silent.alarm());
  EXPECT_EQ(silent.json()["undefined"]["alarm"], "no_expectation");
}

/// A session of one strategy, `a`.
struct OneStrategy {
  execution::EngineState state;
  SessionHealth health;

  explicit OneStrategy(StrategyOrigin origin = {}) {
    execution::SessionStarted started;
    started.session = "s";
    started.capital = Money::whole(1000);
    started.strategies = {{"a", true, 1, Money::whole(1000)}};
    state.apply({0, started});
    health.expect("a", std::move(origin));
  }
  std::vector<DriftAlarm> mark(std::int64_t cycle, double equity) {
    return health.take(state, {cycle, cycle * kNanosPerDay, {money_of(equity), Money{}}});
  }
  Json report() const {
    Json json = {{"strategies", {{"a", Json::object()}}}};
    health.put(json);
    return json;
  }
};

TEST(SessionHealth, Of_an_account_is_that_of_its_only_strategy) {
  OneStrategy session;
  for (int cycle = 1; cycle <= 120; ++cycle) session.mark(cycle, 1000 + 5 * (cycle % 7) + cycle);
  const Json json = session.report();
  EXPECT_EQ(json["streaming"], json["strategies"]["a"]["streaming"]);
  EXPECT_EQ(json["streaming"]["marks"], 120);
  EXPECT_GT(json["streaming"]["sharpe_ratio"].get<double>(), 0);
  EXPECT_FALSE(json["strategies"]["a"].contains("unqualified"));
}

TEST(SessionHealth, A_second_mark_of_a_cycle_stands_for_the_first) {
  OneStrategy once, twice;
  for (int cycle = 1; cycle <= 120; ++cycle) {
    const double equity = 1000 + 5 * (cycle % 7);
    once.mark(cycle, equity);
    twice.mark(cycle, cycle == 50 || cycle == 120 ? 500 : equity);
    if (cycle == 50 || cycle == 120) twice.mark(cycle, equity);
  }
  EXPECT_EQ(once.report(), twice.report());
}

TEST(SessionHealth, Tells_of_an_alarm_once_and_says_what_is_not_to_be_traded) {
  OneStrategy session({.warning = "the analysis says no", .expected = {{0.002, 0.01}}, .bar_seconds = 0, .bars_per_year = 365.25});
  std::size_t alarms = 0;
  for (int cycle = 1; cycle <= 300; ++cycle)
    for (const DriftAlarm& alarm : session.mark(cycle, 1000 * std::pow(0.997, cycle))) {
      ++alarms;
      EXPECT_EQ(alarm.strategy, "a");
    }
  EXPECT_EQ(alarms, 1U);
  const Json a = session.report()["strategies"]["a"];
  EXPECT_EQ(a["drift"]["alarm"], "worse");
  EXPECT_EQ(a["unqualified"], true);
  EXPECT_EQ(a["warning"], "the analysis says no");
  Json of_status = Json::object();
  take_over_health(a, of_status);
  EXPECT_EQ(of_status["drift"], a["drift"]);
  EXPECT_EQ(of_status["warning"], a["warning"]);
  take_over_health(read_json(R"({"drift": 5, "unqualified": "yes", "warning": null})"), of_status);
  EXPECT_EQ(of_status["drift"], a["drift"]) << "what is damaged is left out";
}

TEST(SessionHealth, Does_not_count_bars_in_which_nothing_may_be_traded) {
  OneStrategy session({.warning = {}, .expected = {{0.002, 0.01}}, .bar_seconds = 0, .bars_per_year = 365.25});
  for (int cycle = 1; cycle <= 10; ++cycle) session.mark(cycle, 1000);
  const Json before = session.report()["strategies"]["a"]["drift"];
  session.state.apply({10 * kNanosPerDay, execution::StateChanged{execution::TradingState::halted, "a look first"}});
  for (int cycle = 11; cycle <= 500; ++cycle) session.mark(cycle, 1000);
  session.mark(501, 1000);
  const Json after = session.report()["strategies"]["a"]["drift"];
  EXPECT_TRUE(after["alarm"].is_null());
  EXPECT_LE(after["observed"].get<int>(), before["observed"].get<int>() + 1);
}

}  // namespace
}  // namespace tradewind::live
