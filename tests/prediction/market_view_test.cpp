// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/market_view.hpp"

#include <gtest/gtest.h>

#include "books.hpp"
#include "tradewind/base/random.hpp"

namespace tradewind::prediction {
namespace {

using market::Outcome;
using market::Side;

TEST(MarketUniverse, A_market_is_known_before_its_prices_are) {
  MarketUniverse universe;
  market::PredictionMarket market;
  market.id = "a";
  const MarketIndex a = universe.upsert(market);
  EXPECT_EQ(universe.find("a"), a);
  EXPECT_FALSE(universe.find("b"));
  EXPECT_EQ(universe.state(a), BookState::missing);
  const MarketView view = universe.view(7);
  EXPECT_EQ(view.now, 7);
  ASSERT_EQ(view.size(), 1U);
  EXPECT_FALSE(view.has_mid(a));
  EXPECT_EQ(view.tops[a].bid[0], TopOfBook::kNoBid);
  EXPECT_EQ(view.tops[a].ask[1], TopOfBook::kNoAsk);
  market::MarketPrices of_nobody;
  of_nobody.market_id = "b";
  EXPECT_FALSE(universe.update(of_nobody));
}

TEST(MarketUniverse, The_mid_needs_both_sides_and_a_good_book) {
  Universe universe;
  const MarketIndex m = universe.add();
  universe.bids(m, Outcome::yes, {level(400, 10)});
  EXPECT_FALSE(universe.view().has_mid(m));
  universe.asks(m, Outcome::yes, {level(450, 10)});
  ASSERT_TRUE(universe.view().has_mid(m));
  EXPECT_DOUBLE_EQ(universe.view().tops[m].mid(), 0.425);
  universe.markets().set_state(m, BookState::gapped);
  EXPECT_FALSE(universe.view().has_mid(m));
}

// Whatever way prices come in, the tops say what the books say.
TEST(MarketUniverse, Tops_follow_the_books) {
  Random random(3);
  MarketUniverse universe;
  for (const char* id : {"a", "b", "c"}) {
    market::PredictionMarket market;
    market.id = id;
    universe.upsert(market);
  }
  for (int step = 0; step < 2000; ++step) {
    const auto m = static_cast<MarketIndex>(random.below(3));
    const auto change = [&](market::MarketPrices& prices) {
      market::TokenBook& book = prices.book[random.below(2)];
      const market::Level at{Price{static_cast<std::int64_t>(1 + random.below(999)) * 1000}, Shares::whole(static_cast<std::int64_t>(random.below(3)))};
      if (random.below(2) == 0) book.bids.set(Side::buy, at);
      else book.asks.set(Side::sell, at);
    };
    if (random.below(2) == 0) {
      universe.change_prices(m, change);
    } else {
      market::MarketPrices whole = universe.prices(m);
      change(whole);
      ASSERT_TRUE(universe.update(whole));
    }
    const MarketView view = universe.view();
    for (std::size_t outcome = 0; outcome < 2; ++outcome) {
      const market::TokenBook& book = view.prices[m].book[outcome];
      ASSERT_EQ(view.tops[m].bid[outcome], book.bids.empty() ? TopOfBook::kNoBid : book.bids.best().price);
      ASSERT_EQ(view.tops[m].ask[outcome], book.asks.empty() ? TopOfBook::kNoAsk : book.asks.best().price);
    }
  }
}

}  // namespace
}  // namespace tradewind::prediction
