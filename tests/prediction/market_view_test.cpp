// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/market_view.hpp"

#include <gtest/gtest.h>

#include "books.hpp"
#include "tradewind/base/random.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;
using trading::Side;

TEST(MarketUniverse, A_market_is_known_before_its_prices_are) {
  MarketUniverse universe;
  trading::PredictionMarket market;
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
  trading::MarketPrices of_nobody;
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

TEST(MarketUniverse, A_released_place_looks_closed_until_another_market_gets_it) {
  Universe universe;
  const MarketIndex a = universe.add();
  universe.quote(a, 400, 420);
  const MarketIndex b = universe.add();
  PlaceChanges places;
  std::vector<MarketIndex> changed;
  const auto look = [&] {
    changed.clear();
    places.each(universe.view(), [&](MarketIndex i) { changed.push_back(i); });
    return changed;
  };
  EXPECT_EQ(look(), (std::vector<MarketIndex>{a, b}));
  EXPECT_TRUE(look().empty());
  universe.markets().release(a);
  EXPECT_FALSE(universe.markets().find("m0"));
  MarketView view = universe.view();
  EXPECT_EQ(view.followed(), 1U);
  EXPECT_EQ(view.size(), 2U);
  EXPECT_FALSE(view.tradable(a));
  EXPECT_FALSE(view.markets[a].tradable());
  EXPECT_FALSE(view.tops[a].two_sided());
  EXPECT_EQ(look(), std::vector<MarketIndex>{a});
  trading::PredictionMarket other;
  other.id = "other";
  EXPECT_EQ(universe.add(other), a);
  EXPECT_EQ(universe.markets().prices(a).market_id, "other");
  EXPECT_TRUE(universe.markets().prices(a).yes().bids.empty());
  EXPECT_EQ(universe.view().followed(), 2U);
  EXPECT_EQ(look(), std::vector<MarketIndex>{a});
  universe.markets().upsert(other);  // what is known already changes no places
  EXPECT_TRUE(look().empty());
}

TEST(MarketUniverse, An_event_is_open_until_its_last_market_is_decided) {
  MarketUniverse universe;
  const auto market = [](const char* id, const char* event, bool decided) {
    trading::PredictionMarket one;
    one.id = id;
    one.event_id = event;
    if (decided) one.payout = std::array<Price, 2>{kPriceOfCertainty, Price{}};
    return one;
  };
  EXPECT_FALSE(universe.open_event("e"));
  universe.upsert(market("a", "e", false));
  universe.upsert(market("b", "e", false));
  universe.upsert(market("b", "e", false));
  universe.upsert(market("alone", "", false));
  EXPECT_TRUE(universe.open_event("e"));
  EXPECT_FALSE(universe.open_event(""));
  universe.upsert(market("a", "e", true));
  universe.upsert(market("c", "e", true));
  EXPECT_TRUE(universe.open_event("e"));
  universe.upsert(market("b", "f", false));  // it moves to another event
  EXPECT_FALSE(universe.open_event("e"));
  EXPECT_TRUE(universe.open_event("f"));
  universe.resolve(*universe.find("b"), {Price{}, kPriceOfCertainty});
  EXPECT_FALSE(universe.open_event("f"));
  universe.upsert(market("d", "g", false));
  universe.release(*universe.find("d"));
  EXPECT_FALSE(universe.open_event("g"));
}

// Whatever way prices come in, the tops say what the books say.
TEST(MarketUniverse, Tops_follow_the_books) {
  Random random(3);
  MarketUniverse universe;
  for (const char* id : {"a", "b", "c"}) {
    trading::PredictionMarket market;
    market.id = id;
    universe.upsert(market);
  }
  for (int step = 0; step < 2000; ++step) {
    const auto m = static_cast<MarketIndex>(random.below(3));
    const auto change = [&](trading::MarketPrices& prices) {
      trading::TokenBook& book = prices.book[random.below(2)];
      const trading::Level at{Price{static_cast<std::int64_t>(1 + random.below(999)) * 1000},
                              Shares::whole(static_cast<std::int64_t>(random.below(3)))};
      if (random.below(2) == 0)
        book.bids.set(Side::buy, at);
      else
        book.asks.set(Side::sell, at);
    };
    if (random.below(2) == 0) {
      universe.change_prices(m, change);
    } else {
      trading::MarketPrices whole = universe.prices(m);
      change(whole);
      ASSERT_TRUE(universe.update(whole));
    }
    const MarketView view = universe.view();
    for (std::size_t outcome = 0; outcome < 2; ++outcome) {
      const trading::TokenBook& book = view.prices[m].book[outcome];
      ASSERT_EQ(view.tops[m].bid[outcome], book.bids.empty() ? TopOfBook::kNoBid : book.bids.best().price);
      ASSERT_EQ(view.tops[m].ask[outcome], book.asks.empty() ? TopOfBook::kNoAsk : book.asks.best().price);
    }
  }
}

}  // namespace
}  // namespace tradewind::prediction
