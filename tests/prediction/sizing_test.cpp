// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/sizing.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "books.hpp"
#include "tradewind/prediction/ranking.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;
using trading::Side;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(SizingTest, Kelly_maximises_the_expected_logarithm) {
  for (const double p : {0.3, 0.55, 0.9}) {
    for (const double c : {0.1, 0.5, 0.85}) {
      double best = 0;
      double at = 0;
      for (int i = 0; i < 10'000; ++i) {
        const double f = i / 10'000.0;
        const double growth = p * std::log(1 + f * (1 / c - 1)) + (1 - p) * std::log(1 - f);
        if (i == 0 || growth > best) best = growth, at = f;
      }
      EXPECT_NEAR(kelly_share(p, c), at, 2e-4) << p << " at " << c;
    }
  }
}

TEST(SizingTest, What_is_no_number_is_no_bet) {
  for (const double bad : {kNan, kInfinity, -kInfinity, -0.1, 1.1}) {
    EXPECT_EQ(kelly_share(bad, 0.5), 0);
    EXPECT_EQ(kelly_share(0.5, bad), 0);
  }
  for (const double bad : {kNan, kInfinity, -kInfinity, -1.0, 1e300}) EXPECT_EQ(floor_shares(bad), Shares{});
  Universe universe;
  const MarketIndex m = universe.add();
  universe.quote(m, 400, 420);
  const auto& asks = universe.book(m, Outcome::yes).asks;
  const auto& market = universe.view().markets[m];
  for (const double bad : {kNan, kInfinity, -kInfinity, 0.0, 1.0, 2.0})
    EXPECT_FALSE(size_buy(bad, 0.01, market, asks, account_of(1000), {}));
  EXPECT_FALSE(size_buy(0.9, kNan, market, asks, account_of(1000), {}));
}

TEST(SizingTest, Limits_lie_on_the_grid_and_pay_no_more_than_the_edge_allows) {
  const Price tick{10'000};
  EXPECT_EQ(buy_limit(Price{423'000}, Price{500'000}, tick), Price{430'000});
  EXPECT_EQ(buy_limit(Price{423'000}, Price{425'000}, tick), Price{420'000});
  EXPECT_EQ(buy_limit(Price{420'000}, Price{420'000}, tick), Price{420'000});
  EXPECT_FALSE(buy_limit(Price{5'000}, Price{9'000}, tick)) << "below the first tick";
  EXPECT_FALSE(buy_limit(Price{0}, Price{1'000'000}, tick));
  EXPECT_FALSE(buy_limit(Price{995'000}, Price{1'000'000}, tick).has_value() &&
               !orderable(*buy_limit(Price{995'000}, Price{1'000'000}, tick), tick));
  EXPECT_EQ(sell_limit(Price{427'000}, tick), Price{420'000});
  EXPECT_FALSE(sell_limit(Price{9'000}, tick));
  EXPECT_FALSE(orderable(Price{425'000}, tick));
  EXPECT_FALSE(orderable(Price{1'000'000}, tick));
}

TEST(SizingTest, No_buy_costs_more_than_there_is_or_takes_levels_without_an_edge) {
  Random random(1);
  int orders = 0;
  for (int round = 0; round < 3000; ++round) {
    Universe universe;
    const MarketIndex m = universe.add(0.01 * static_cast<double>(random.below(8)), random.below(2) == 0 ? 10 : 1);
    std::vector<trading::Level> ladder;
    int price = 1 + static_cast<int>(random.below(900));
    for (int i = 0; i < 5; ++i, price += 1 + static_cast<int>(random.below(30)))
      if (price < 1000) ladder.push_back(level(price, 1 + 100 * random.uniform()));
    universe.asks(m, Outcome::yes, ladder);
    const auto& market = universe.view().markets[m];
    const double p = random.uniform();
    const double margin = 0.02 * random.uniform();
    SizingOptions options;
    options.max_trade_share = 0.05 + 0.9 * random.uniform();
    Account account = account_of(500 * random.uniform());
    account.free_cash = Money{static_cast<std::int64_t>(static_cast<double>(account.equity.micros) * random.uniform())};
    const auto sized = size_buy(p, margin, market, universe.book(m, Outcome::yes).asks, account, options);
    if (!sized) continue;
    ++orders;
    const double limit = dollars(sized->limit);
    EXPECT_GT(p - limit - market.fees.per_share(limit), margin);
    EXPECT_TRUE(orderable(sized->limit, market.tick_size));
    EXPECT_EQ(sized->shares.micros % kShareStep.micros, 0);
    EXPECT_GE(sized->shares, market.minimum_size);
    EXPECT_GE(notional(sized->limit, sized->shares), kMinimumNotional);
    EXPECT_LE(sized->cost, account.free_cash);
    EXPECT_EQ(sized->cost, notional(sized->limit, sized->shares, Rounding::up) + market.fees.taker(sized->limit, sized->shares))
        << "fee included";
    EXPECT_LE(sized->cost.to_double(), account.equity.to_double() * options.max_trade_share + 1e-6);
    EXPECT_LE(sized->cost.to_double(), account.equity.to_double() * kelly_share(p, limit + market.fees.per_share(limit)) + 1e-6)
        << "never more than the whole of Kelly's bet at the worst price";
    const double best = dollars(universe.book(m, Outcome::yes).asks.best().price);
    EXPECT_LE(sized->cost.to_double(), account.equity.to_double() * options.kelly_fraction * kelly_share(p, best) + 1e-6);
    const trading::Walk there = walk(Side::buy, universe.book(m, Outcome::yes).asks, Shares::whole(1'000'000), sized->limit);
    EXPECT_LE(sized->shares.to_double(), there.shares.to_double() * options.max_depth_share + 1e-9);
    const Money paid = walk(Side::buy, universe.book(m, Outcome::yes).asks, sized->shares, sized->limit).cost;
    EXPECT_LE(paid, sized->cost);
  }
  EXPECT_GT(orders, 200);
}

TEST(SizingTest, Sales_stop_at_the_slippage_and_leave_dust) {
  Universe universe;
  const MarketIndex m = universe.add(0, 10);
  universe.bids(m, Outcome::yes, {level(500, 10), level(480, 10), level(300, 100)});
  OrderPlan plan;
  add_sale(plan, m, Outcome::yes, Shares::whole(50), universe.view(), 0.05);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].shares, Shares::whole(20));
  EXPECT_EQ(plan[0].limit, Price{480'000});
  plan.clear();
  add_sale(plan, m, Outcome::yes, Shares::whole(1), universe.view(), 0.05);
  EXPECT_TRUE(plan.empty()) << "half a dollar is dust";
  universe.markets().set_state(m, BookState::stale);
  add_sale(plan, m, Outcome::yes, Shares::whole(50), universe.view(), 0.05);
  EXPECT_TRUE(plan.empty());
}

TEST(RankingTest, The_best_come_first_and_equals_in_the_order_found) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Opportunity> all(random.below(40));
    for (Opportunity& one : all) one.score = random.below(5) == 0 ? kNan : static_cast<double>(random.below(6));
    std::vector<std::uint32_t> expected(all.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) expected[i] = i;
    const auto value = [&](std::uint32_t i) { return std::isnan(all[i].score) ? -kInfinity : all[i].score; };
    std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) { return value(a) > value(b); });
    const std::size_t most = random.below(12);
    expected.resize(std::min(expected.size(), most));
    std::vector<std::uint32_t> best;
    best_opportunities(all, most, best);
    EXPECT_EQ(best, expected);
  }
}

}  // namespace
}  // namespace tradewind::prediction
