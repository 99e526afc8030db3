// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_simulator.hpp"

namespace tradewind::trading {
namespace {

TEST(FeeSchedule, Is_the_venues_formula_rounded_down_to_its_step) {
  const FeeSchedule fees{0.04, 1};
  EXPECT_EQ(fees.taker({500'000}, Shares::whole(100)).micros, 1'000'000);  // 100 · 0.04 · 0.25
  EXPECT_EQ(fees.taker({333'333}, {1'000'000}).micros, 8'880);             // 0.00888888… down to 1e-5
  EXPECT_EQ((FeeSchedule{0, 1}.taker({500'000}, Shares::whole(5))).micros, 0);
  EXPECT_NEAR(fees.per_share(0.3), 0.0084, 1e-15);
}

TEST(Ladder, Is_a_sorted_map_of_prices) {
  Random random(3);
  for (const Side side : {Side::buy, Side::sell}) {
    Ladder ladder;
    std::map<std::int64_t, std::int64_t> model;
    for (int i = 0; i < 5'000; ++i) {
      const Level level{{static_cast<std::int64_t>(1 + random.below(30)) * 10'000},
                        {static_cast<std::int64_t>(random.below(4)) * 1'000'000}};
      ladder.set(side, level);
      if (level.size.micros == 0)
        model.erase(level.price.micros);
      else
        model[level.price.micros] = level.size.micros;
      ASSERT_EQ(ladder.size(), model.size());
      std::size_t at = side == Side::buy ? model.size() : 0;
      for (const auto& [price, size] : model) {
        const Level& held = side == Side::buy ? ladder[--at] : ladder[at++];
        ASSERT_EQ(held, (Level{{price}, {size}}));
      }
    }
    std::vector<Level> shuffled(ladder.begin(), ladder.end());
    for (std::size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[random.below(i)]);
    Ladder again;
    again.assign(side, shuffled);
    ASSERT_TRUE(std::equal(again.begin(), again.end(), ladder.begin(), ladder.end()));
  }
}

TEST(Walk, Stops_at_size_and_limit) {
  Ladder asks;
  asks.assign(Side::sell,
              std::vector<Level>{{{400'000}, Shares::whole(10)}, {{410'000}, Shares::whole(10)}, {{500'000}, Shares::whole(10)}});
  const Walk some = walk(Side::buy, asks, Shares::whole(15), {450'000});
  EXPECT_EQ(some.shares, Shares::whole(15));
  EXPECT_EQ(decimal_text(some.cost), "6.05");
  EXPECT_EQ(walk(Side::buy, asks, Shares::whole(25), {450'000}).shares, Shares::whole(20));
  EXPECT_EQ(walk(Side::buy, asks, Shares::whole(25), {390'000}).shares, Shares{});
}

TEST(PredictionSimulator, Is_the_same_for_a_seed_and_never_crossed) {
  PredictionSimulator a({.seed = 5, .life_steps = 60});
  PredictionSimulator b({.seed = 5, .life_steps = 60});
  std::size_t resolved = 0;
  std::size_t news = 0;
  for (int i = 0; i < 500; ++i) {
    a.step();
    b.step();
    resolved += a.resolved().size();
    news += a.news().size();
    for (std::size_t m = 0; m < a.markets().size(); ++m) {
      ASSERT_EQ(a.markets()[m].id, b.markets()[m].id);
      ASSERT_FALSE(a.prices()[m].crossed());
      ASSERT_TRUE(std::equal(a.prices()[m].yes().asks.begin(), a.prices()[m].yes().asks.end(), b.prices()[m].yes().asks.begin()));
    }
    for (const PredictionMarket& market : a.resolved()) ASSERT_EQ((*market.payout)[0] + (*market.payout)[1], kPriceOfCertainty);
  }
  EXPECT_GT(resolved, 50U);
  EXPECT_GT(news, 50U);
}

TEST(PredictionSimulator, Prices_mean_what_they_say) {
  // Over many markets, the mean price an even moment before the decision is the share that came true.
  double price = 0;
  double came_true = 0;
  int count = 0;
  PredictionSimulator simulator({.seed = 9, .markets = 200, .life_steps = 40});
  std::map<std::string, double> last;
  for (int i = 0; i < 1500; ++i) {
    for (std::size_t m = 0; m < simulator.markets().size(); ++m)
      if (simulator.prices()[m].yes().two_sided()) last[simulator.markets()[m].id] = simulator.prices()[m].yes().mid();
    simulator.step();
    for (const PredictionMarket& market : simulator.resolved()) {
      if (!last.contains(market.id)) continue;
      price += last[market.id];
      came_true += (*market.payout)[0].to_double();
      ++count;
    }
  }
  ASSERT_GT(count, 3000);
  EXPECT_NEAR(price / count, came_true / count, 4 * 0.5 / std::sqrt(count));
}

// In the world without an edge: bid ≤ probability ≤ ask, no is the mirror of yes, and nothing seen foretells the next move, neither the
// last move nor the last news but one.
TEST(PredictionSimulator, A_world_without_an_edge_has_none) {
  PredictionSimulator simulator({.seed = 11, .edge = SimulatedEdge::none, .markets = 100, .news_rate = 0.05, .life_steps = 300});
  const std::size_t n = simulator.markets().size();
  std::vector<double> before(n, -1);
  std::vector<double> moved(n, 0);
  std::vector<std::string> id(n);
  double product = 0;
  double squares = 0;
  for (int i = 0; i < 3000; ++i) {
    simulator.step();
    for (std::size_t m = 0; m < n; ++m) {
      const double p = simulator.probability(m);
      const MarketPrices& prices = simulator.prices()[m];
      ASSERT_TRUE(prices.yes().bids.empty() || prices.yes().bids.best().price.to_double() <= p + 1e-12);
      ASSERT_TRUE(prices.yes().asks.empty() || prices.yes().asks.best().price.to_double() >= p - 1e-12);
      ASSERT_EQ(prices.yes().asks.size(), prices.no().bids.size());
      for (std::size_t k = 0; k < prices.yes().asks.size(); ++k) {
        ASSERT_EQ(prices.yes().asks[k].price + prices.no().bids[k].price, kPriceOfCertainty);
        ASSERT_EQ(prices.yes().asks[k].size, prices.no().bids[k].size);
      }
      const bool same = id[m] == simulator.markets()[m].id;
      const double move = same && before[m] > 0 ? (p - before[m]) / (before[m] * (1 - before[m])) : 0;
      product += move * moved[m];
      squares += move * move * moved[m] * moved[m];
      moved[m] = move;
      before[m] = p;
      id[m] = simulator.markets()[m].id;
    }
  }
  EXPECT_LT(std::abs(product), 4 * std::sqrt(squares)) << "moves follow one another";
}

TEST(PredictionSimulator, Other_worlds_differ_by_what_they_are_named_for) {
  const auto sets_on_offer = [](SimulatedEdge edge) {
    PredictionSimulator simulator({.seed = 4, .edge = edge});
    int offered = 0;
    for (int i = 0; i < 500; ++i) {
      simulator.step();
      for (const MarketPrices& prices : simulator.prices())
        if (!prices.yes().asks.empty() && !prices.no().asks.empty())
          offered += prices.yes().asks.best().price + prices.no().asks.best().price < kPriceOfCertainty;
    }
    return offered;
  };
  EXPECT_EQ(sets_on_offer(SimulatedEdge::none), 0);
  EXPECT_EQ(sets_on_offer(SimulatedEdge::realistic), 0) << "yes and no are one book";
  EXPECT_GT(sets_on_offer(SimulatedEdge::generous), 200);
  EXPECT_GT(sets_on_offer(SimulatedEdge::adversarial), 20) << "the bait";
}

TEST(PredictionSimulator, Trades_of_others_come_before_the_price_moves) {
  PredictionSimulator simulator({.seed = 6, .edge = SimulatedEdge::none});
  double with = 0;
  int count = 0;
  std::map<std::string, double> before;
  for (int i = 0; i < 2000; ++i) {
    for (std::size_t m = 0; m < simulator.markets().size(); ++m) before[simulator.markets()[m].id] = simulator.probability(m);
    simulator.step();
    for (const Print& print : simulator.prints())
      for (std::size_t m = 0; m < simulator.markets().size(); ++m)
        if (simulator.markets()[m].id == print.market_id) {
          const double move = simulator.probability(m) - before[print.market_id];
          with += (print.taker == Side::buy) == (move > 0) ? 1 : 0;
          ++count;
        }
  }
  ASSERT_GT(count, 5000);
  EXPECT_NEAR(with / count, 0.8, 0.03) << "others know more: a resting order is filled when it would rather not be";
}

}  // namespace
}  // namespace tradewind::trading
