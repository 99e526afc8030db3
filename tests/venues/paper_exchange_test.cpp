// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tradewind/venues/paper_exchange.hpp"
#include "tradewind/venues/paper_store.hpp"

namespace tradewind::venues {
namespace {

using trading::Level;
using trading::Outcome;
using trading::Side;

trading::PredictionMarket a_market(double rate = 0.04) {
  trading::PredictionMarket market;
  market.id = "m";
  market.fees.rate = rate;
  return market;
}

trading::MarketPrices a_book(std::vector<Level> asks = {{{400'000}, Shares::whole(10)}, {{410'000}, Shares::whole(10)}}) {
  trading::MarketPrices prices;
  prices.market_id = "m";
  prices.sequence = 1;
  prices.of(Outcome::yes).asks.assign(Side::sell, asks);
  prices.of(Outcome::yes).bids.assign(Side::buy, std::vector<Level>{{{380'000}, Shares::whole(10)}});
  prices.of(Outcome::no).asks.assign(Side::sell, std::vector<Level>{{{620'000}, Shares::whole(10)}});
  return prices;
}

trading::Order buy(const char* id, std::int64_t shares, std::int64_t limit, trading::TimeInForce tif = trading::TimeInForce::fak,
                   Outcome outcome = Outcome::yes) {
  return {id, "m", trading::OrderKind::limit, tif, outcome, Side::buy, {limit}, Shares::whole(shares)};
}

class PaperExchangeTest : public ::testing::Test {
 protected:
  PaperExchange exchange = *PaperExchange::open(Money::whole(100));
  void SetUp() override { ASSERT_TRUE(exchange.show(a_market(), a_book(), 0)); }
};

TEST_F(PaperExchangeTest, A_taker_walks_the_depth_and_pays_the_fee) {
  ASSERT_TRUE(exchange.submit(buy("a", 15, 410'000), 1)->accepted);
  ASSERT_EQ(exchange.entries().size(), 2U);
  // 10 · 0.40 + 5 · 0.41 = 6.05; fees 10 · 0.04 · 0.24 = 0.096 and 5 · 0.04 · 0.2419 = 0.04838
  EXPECT_EQ(decimal_text(exchange.cash()), "93.80562");
  EXPECT_EQ(exchange.position("m", Outcome::yes), Shares::whole(15));
  ASSERT_TRUE(exchange.submit(buy("b", 15, 410'000), 2)->accepted);  // the depth taken is gone
  EXPECT_EQ(exchange.report("b")->filled, Shares::whole(5));
  EXPECT_EQ(exchange.report("b")->state, trading::OrderReport::State::done);
}

TEST_F(PaperExchangeTest, The_same_id_again_changes_nothing) {
  ASSERT_TRUE(exchange.submit(buy("a", 5, 400'000), 1)->accepted);
  const Money cash = exchange.cash();
  EXPECT_TRUE(exchange.submit(buy("a", 5, 400'000), 2)->accepted);
  EXPECT_EQ(exchange.cash(), cash);
}

TEST_F(PaperExchangeTest, All_or_nothing_is_nothing_without_enough_depth) {
  ASSERT_TRUE(exchange.submit(buy("a", 25, 410'000, trading::TimeInForce::fok), 1)->accepted);
  EXPECT_TRUE(exchange.entries().empty());
}

TEST_F(PaperExchangeTest, A_resting_order_is_filled_at_its_limit_without_a_fee) {
  ASSERT_TRUE(exchange.submit(buy("a", 10, 390'000, trading::TimeInForce::gtc), 1)->accepted);
  EXPECT_EQ(exchange.report("a")->state, trading::OrderReport::State::open);
  ASSERT_TRUE(exchange.show(a_market(), a_book({{{370'000}, Shares::whole(4)}}), 2));
  EXPECT_EQ(exchange.report("a")->filled, Shares::whole(4));
  EXPECT_EQ(decimal_text(exchange.cash()), "98.44");
  ASSERT_TRUE(exchange.cancel("a"));
  EXPECT_EQ(exchange.report("a")->state, trading::OrderReport::State::done);
}

TEST_F(PaperExchangeTest, Sets_are_made_merged_and_paid_out) {
  ASSERT_TRUE(
      exchange.submit({"s", "m", trading::OrderKind::split, trading::TimeInForce::fak, Outcome::yes, Side::buy, {}, Shares::whole(20)}, 1)
          ->accepted);
  EXPECT_EQ(decimal_text(exchange.cash()), "80");
  ASSERT_TRUE(
      exchange.submit({"g", "m", trading::OrderKind::merge, trading::TimeInForce::fak, Outcome::yes, Side::buy, {}, Shares::whole(5)}, 1)
          ->accepted);
  EXPECT_EQ(decimal_text(exchange.cash()), "85");
  ASSERT_TRUE(exchange.resolve("m", {Price{}, kPriceOfCertainty}, 2));
  EXPECT_EQ(decimal_text(exchange.cash()), "100");
  EXPECT_FALSE(exchange.submit(buy("late", 5, 400'000), 3)->accepted);
}

TEST_F(PaperExchangeTest, What_cannot_be_is_refused) {
  EXPECT_EQ(exchange.submit(buy("a", 1000, 410'000), 1)->reason, "not enough balance");
  EXPECT_EQ(exchange.submit(buy("b", 5, 405'000), 1)->reason, "price is off the tick");
  EXPECT_EQ(exchange.submit(buy("c", 5, 1'000'000), 1)->reason, "price outside the band");
  EXPECT_EQ(exchange.submit(buy("d", 0, 400'000), 1)->reason, "size must be positive");
  EXPECT_EQ(exchange.submit(buy("e", 1, 300'000, trading::TimeInForce::gtc), 1)->reason, "size below the minimum");
  trading::Order sale = buy("f", 5, 380'000);
  sale.side = Side::sell;
  EXPECT_EQ(exchange.submit(sale, 1)->reason, "not enough shares");
  EXPECT_TRUE(exchange.entries().empty());
}

TEST_F(PaperExchangeTest, A_fill_that_never_settles_is_taken_back_once) {
  ASSERT_TRUE(exchange.submit(buy("a", 5, 400'000), 1)->accepted);
  const std::string id = exchange.entries().front().id;
  ASSERT_TRUE(exchange.reverse(id, 2));
  ASSERT_TRUE(exchange.reverse(id, 3));
  EXPECT_EQ(exchange.entries().size(), 2U);
  EXPECT_EQ(decimal_text(exchange.cash()), "100");
  EXPECT_EQ(exchange.position("m", Outcome::yes), Shares{});
}

TEST(PaperStore, A_stored_account_goes_on) {
  const Path path = std::filesystem::temp_directory_path() / "tradewind_paper_store_test.sqlite";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
  Money cash;
  {
    auto store = SqlitePaperStore::open(path);
    ASSERT_TRUE(store);
    PaperExchange exchange = *PaperExchange::open(Money::whole(100), store->get());
    ASSERT_TRUE(exchange.show(a_market(), a_book(), 0));
    ASSERT_TRUE(exchange.submit(buy("a", 5, 400'000), 1)->accepted);
    ASSERT_TRUE(exchange.submit(buy("rests", 5, 390'000, trading::TimeInForce::gtc), 1)->accepted);
    cash = exchange.cash();
  }
  auto store = SqlitePaperStore::open(path);
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), store->get());
  EXPECT_EQ(exchange.cash(), cash);
  EXPECT_EQ(exchange.position("m", Outcome::yes), Shares::whole(5));
  EXPECT_TRUE(*exchange.knows("a"));
  EXPECT_EQ(exchange.open_orders(), std::vector<trading::OrderId>{"rests"});
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
}

TEST(PaperStore, Amounts_whose_sums_would_overflow_are_refused) {
  const Path path = std::filesystem::temp_directory_path() / "tradewind_paper_amounts_test.sqlite";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
  auto store = SqlitePaperStore::open(path);
  ASSERT_TRUE(store);
  trading::AccountEntry entry;
  entry.sequence = 1;
  entry.cash = {INT64_MAX};
  ASSERT_TRUE((*store)->save({}, {&entry, 1}));
  const auto exchange = PaperExchange::open(Money::whole(100), store->get());
  ASSERT_FALSE(exchange);
  EXPECT_EQ(exchange.error().code(), Errc::corrupt);
  EXPECT_FALSE(exchange.error().hint().empty());
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
}

TEST(PaperStore, What_is_old_is_read_from_the_store) {
  const Path path = std::filesystem::temp_directory_path() / "tradewind_paper_memory_test.sqlite";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
  auto store = SqlitePaperStore::open(path);
  ASSERT_TRUE(store);
  constexpr std::size_t kKept = 10;
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), store->get(), kKept);
  ASSERT_TRUE(exchange.show(a_market(), a_book(), 0));
  ASSERT_TRUE(exchange.submit(buy("first", 5, 400'000), 1)->accepted);
  const std::uint64_t fills = exchange.sequence();
  trading::Order split = buy("", 1, 0);
  for (std::size_t i = 0; i < kKept + 10; ++i) {
    split.id = "s" + std::to_string(i);
    split.kind = i % 2 == 0 ? trading::OrderKind::split : trading::OrderKind::merge;
    ASSERT_TRUE(exchange.submit(split, 2)->accepted);
  }
  EXPECT_EQ(exchange.entries().size(), kKept);
  EXPECT_EQ(exchange.sequence(), fills + kKept + 10);
  EXPECT_EQ(exchange.report("first")->filled, Shares::whole(5));
  EXPECT_EQ(exchange.report("none")->state, trading::OrderReport::State::not_found);
  const Money cash = exchange.cash();
  ASSERT_TRUE(exchange.submit(buy("first", 5, 400'000), 3)->accepted) << "an id is taken once, however long ago";
  EXPECT_EQ(exchange.cash(), cash);
  const auto account = exchange.account(1, 0);
  ASSERT_EQ(account->entries.size(), exchange.sequence());
  for (std::uint64_t i = 0; i < exchange.sequence(); ++i) ASSERT_EQ(account->entries[i].sequence, i + 1);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
}

}  // namespace
}  // namespace tradewind::venues
