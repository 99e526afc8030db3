// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/market_catalog_internal.hpp"

#include <gtest/gtest.h>

#include "shapes.hpp"

namespace tradewind::venues {
namespace {

using trading::PredictionMarket;

PredictionMarket open_market(int number, double volume = 100) {
  PredictionMarket market;
  market.id = shapes::condition(number);
  market.token_ids = {shapes::yes_token(number), shapes::no_token(number)};
  market.volume = volume;
  return market;
}

PredictionMarket ended(PredictionMarket market, bool with_payout) {
  market.closed = true;
  if (with_payout) market.payout = {kPriceOfCertainty, Price{}};
  return market;
}

GammaPage page(std::vector<PredictionMarket> markets) {
  GammaPage page;
  page.markets = std::move(markets);
  return page;
}

/// Negative-risk markets of one event, which has these members.
GammaPage event_page(std::vector<PredictionMarket> markets, std::vector<int> members, bool complete = true) {
  GammaPage out = page(std::move(markets));
  EventMembers event{"e", {}, complete};
  for (const int number : members) event.market_ids.push_back(shapes::condition(number));
  for (PredictionMarket& market : out.markets) {
    market.event_id = "e";
    market.negative_risk = true;
  }
  out.events.push_back(event);
  return out;
}

std::vector<std::string> ids(const std::vector<PredictionMarket>& markets) {
  std::vector<std::string> out;
  for (const PredictionMarket& market : markets) out.push_back(market.id);
  return out;
}

std::vector<std::string> conditions(std::vector<int> numbers) {
  std::vector<std::string> out;
  for (const int number : numbers) out.push_back(shapes::condition(number));
  return out;
}

TEST(MarketCatalog, lists_each_market_once_in_order_up_to_its_room) {
  MarketCatalog catalog(3, 50);
  catalog.start();
  catalog.take(page({open_market(5), open_market(1), open_market(5), open_market(2, 49), ended(open_market(3), true)}));
  EXPECT_FALSE(catalog.full());
  catalog.take(page({open_market(1), open_market(7), open_market(8)}));
  EXPECT_TRUE(catalog.full());
  EXPECT_EQ(ids(catalog.finish()), conditions({5, 1, 7}));
}

TEST(MarketCatalog, what_vanishes_is_asked_for_until_its_end_is_known) {
  MarketCatalog catalog(10, 0);
  catalog.start();
  catalog.take(page({open_market(1), open_market(2), open_market(3)}));
  static_cast<void>(catalog.finish());
  catalog.start();
  catalog.take(page({open_market(3)}));
  EXPECT_EQ(catalog.unseen(), conditions({1, 2}));
  catalog.take_asked(open_market(1));
  catalog.take_asked(ended(open_market(2), false));
  EXPECT_TRUE(catalog.unseen().empty());
  EXPECT_EQ(catalog.open_ends(10), conditions({2}));
  const auto closed = catalog.finish();
  ASSERT_EQ(ids(closed), conditions({1, 3, 2})) << "closed, not yet resolved";
  EXPECT_FALSE(closed[2].tradable()) << "whoever holds it is told";
  EXPECT_FALSE(closed[2].payout);
  catalog.start();
  catalog.take(page({open_market(1), open_market(3)}));
  EXPECT_FALSE(catalog.finish()[2].tradable()) << "it stays closed while nobody shows it";
  catalog.start();
  catalog.take(page({open_market(1), open_market(3)}));
  catalog.resolve(shapes::condition(2), {Price{500'000}, Price{500'000}});
  const auto told = catalog.finish();
  ASSERT_EQ(ids(told), conditions({1, 3, 2}));
  EXPECT_EQ((*told[2].payout)[0], Price{500'000});
  EXPECT_FALSE(told[2].tradable());
  catalog.start();
  EXPECT_EQ(catalog.unseen(), conditions({1, 3})) << "a resolution is told once";
}

TEST(MarketCatalog, a_market_that_pauses_is_told_and_told_again_when_it_goes_on) {
  MarketCatalog catalog(10, 0);
  PredictionMarket paused = open_market(1);
  paused.accepting_orders = false;
  for (const auto& market : {open_market(1), paused, open_market(1)}) {
    catalog.start();
    catalog.take(page({market}));
    const auto told = catalog.finish();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].tradable(), market.tradable());
  }
}

TEST(MarketCatalog, a_market_that_ends_makes_room) {
  MarketCatalog catalog(1, 0);
  catalog.start();
  catalog.take(page({open_market(1)}));
  EXPECT_TRUE(catalog.full());
  catalog.take(page({ended(open_market(1), true)}));
  EXPECT_FALSE(catalog.full());
  catalog.take(page({open_market(2)}));
  EXPECT_EQ(ids(catalog.finish()), conditions({2, 1}));
}

TEST(MarketCatalog, a_failed_question_leaves_everything_as_it_was) {
  MarketCatalog catalog(10, 0);
  catalog.start();
  catalog.take(page({open_market(1)}));
  static_cast<void>(catalog.finish());
  catalog.start();
  catalog.keep(shapes::condition(1));
  EXPECT_TRUE(catalog.open_ends(10).empty());
  EXPECT_EQ(ids(catalog.finish()), conditions({1}));
}

TEST(MarketCatalog, what_nobody_knows_is_asked_for_ever_less_often) {
  MarketCatalog catalog(10, 0);
  catalog.watch(shapes::condition(1));
  int asked = 0;
  for (int refresh = 0; refresh < 112; ++refresh) {
    catalog.start();
    asked += static_cast<int>(catalog.unseen().size());
    EXPECT_TRUE(catalog.finish().empty());
  }
  EXPECT_EQ(asked, 12 + 10);
}

TEST(MarketCatalog, ends_are_asked_for_in_turn) {
  MarketCatalog catalog(10, 0);
  for (const int number : {1, 2, 3}) catalog.watch(shapes::condition(number));
  std::vector<std::string> asked;
  for (int refresh = 0; refresh < 3; ++refresh) {
    catalog.start();
    for (const int number : {1, 2, 3}) catalog.take_asked(ended(open_market(number), false));
    for (const std::string& id : catalog.open_ends(2)) asked.push_back(id);
    static_cast<void>(catalog.finish());
  }
  EXPECT_EQ(asked, conditions({1, 2, 3, 1, 2, 3}));
}

TEST(MarketCatalog, tokens_of_a_market_never_change) {
  MarketCatalog catalog(10, 0);
  catalog.start();
  catalog.take(page({open_market(1)}));
  PredictionMarket mixed_up = open_market(1);
  mixed_up.token_ids = {shapes::yes_token(2), shapes::no_token(2)};
  catalog.take(page({mixed_up}));
  EXPECT_EQ(catalog.finish()[0].token_ids[0], shapes::yes_token(1));
}

TEST(MarketCatalog, an_event_without_all_its_outcomes_is_open_ended) {
  const auto augmented = [](const GammaPage& listed, std::size_t most = 10, double least = 0) {
    MarketCatalog catalog(most, least);
    catalog.start();
    catalog.take(listed);
    const auto markets = catalog.finish();
    EXPECT_FALSE(markets.empty());
    return markets.empty() || markets[0].augmented;
  };
  const GammaPage whole = event_page({open_market(1), open_market(2), open_market(3, 1)}, {1, 2, 3});
  EXPECT_FALSE(augmented(whole));
  EXPECT_TRUE(augmented(whole, 2)) << "one did not fit";
  EXPECT_TRUE(augmented(whole, 10, 50)) << "one has too little volume";
  EXPECT_TRUE(augmented(event_page({open_market(1)}, {1}, false))) << "one could not be read";
  EXPECT_TRUE(augmented(event_page({open_market(1), ended(open_market(2), false)}, {1, 2}))) << "one may have won";
  GammaPage alone = event_page({open_market(1)}, {1});
  alone.events.clear();
  EXPECT_TRUE(augmented(alone)) << "its event was not seen";
  PredictionMarket usual = open_market(1);
  EXPECT_FALSE(augmented(page({usual})));
}

}  // namespace
}  // namespace tradewind::venues
