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

constexpr std::int64_t kSecond = 1'000'000'000;

class PaperExchangeTest : public ::testing::Test {
 protected:
  PaperExchange exchange = *PaperExchange::open(Money::whole(100));
  std::int64_t now = 0;
  void SetUp() override { show(a_book()); }
  /// The next book, ten seconds later.
  void show(const trading::MarketPrices& prices) {
    now += 10 * kSecond;
    exchange.show(a_market(), prices, now, now);
  }
  /// … as it comes to a venue whose outcomes are one book.
  void show(std::vector<Level> bids, std::vector<Level> asks) {
    trading::MarketPrices prices;
    prices.market_id = "m";
    const auto mirror = [](std::vector<Level> levels) {
      for (Level& level : levels) level.price = kPriceOfCertainty - level.price;
      return levels;
    };
    prices.of(Outcome::yes).bids.assign(Side::buy, bids);
    prices.of(Outcome::yes).asks.assign(Side::sell, asks);
    prices.of(Outcome::no).bids.assign(Side::buy, mirror(asks));
    prices.of(Outcome::no).asks.assign(Side::sell, mirror(bids));
    show(prices);
  }
  void submit(const trading::Order& order) {
    const auto taken = exchange.submit(order, now + 1);
    ASSERT_TRUE(taken && taken->accepted) << order.id;
  }
  Shares filled(const char* id) { return exchange.report(id)->filled; }
  bool done(const char* id) { return exchange.report(id)->state == trading::OrderReport::State::done; }
  void print(Side taker, std::int64_t price, std::int64_t shares, Outcome outcome = Outcome::yes) {
    exchange.print({"m", outcome, taker, {price}, Shares::whole(shares)}, now);
  }
};

TEST_F(PaperExchangeTest, A_fill_pays_the_fee_in_force_when_it_happens) {
  trading::PredictionMarket market = a_market();
  market.fee_changes = {{20 * kSecond, trading::FeeSchedule{0.02, 1}}, {30 * kSecond, trading::FeeSchedule{0.04, 1}}, {40 * kSecond, {}}};
  const auto at = [&](std::int64_t seconds) { exchange.show(market, a_book(), seconds * kSecond, seconds * kSecond); };
  at(20);
  ASSERT_TRUE(exchange.submit(buy("a", 5, 400'000), 21 * kSecond)->accepted);
  at(29);
  ASSERT_TRUE(exchange.submit(buy("b", 5, 400'000), 29 * kSecond)->accepted);
  at(30);
  ASSERT_TRUE(exchange.submit(buy("c", 5, 410'000), 39 * kSecond)->accepted);
  at(40);
  ASSERT_EQ(exchange.entries().size(), 2U) << "what nobody knows the fee of is not filled";
  EXPECT_EQ(exchange.entries()[0].fee, Money{24'000}) << "5 · 0.02 · 0.24";
  EXPECT_EQ(exchange.entries()[1].fee, Money{48'000}) << "5 · 0.04 · 0.24";
  EXPECT_EQ(exchange.submit(buy("d", 5, 410'000), 41 * kSecond)->reason, "fees are not known");
}

TEST_F(PaperExchangeTest, A_taker_walks_the_depth_and_pays_the_fee) {
  submit(buy("a", 15, 410'000));
  show(a_book());
  ASSERT_EQ(exchange.entries().size(), 2U);
  // 10 · 0.40 + 5 · 0.41 = 6.05; fees 10 · 0.04 · 0.24 = 0.096 and 5 · 0.04 · 0.2419 = 0.04838
  EXPECT_EQ(decimal_text(exchange.cash()), "93.80562");
  EXPECT_EQ(exchange.position("m", Outcome::yes), Shares::whole(15));
  EXPECT_EQ(exchange.entries().front().liquidity, trading::Liquidity::taken);
}

TEST_F(PaperExchangeTest, An_order_meets_the_first_book_after_it_not_the_one_it_saw) {
  submit(buy("a", 10, 400'000));
  EXPECT_TRUE(exchange.entries().empty()) << "nothing is known of the venue before it shows a book again";
  EXPECT_FALSE(done("a"));
  show(a_book({{{450'000}, Shares::whole(10)}}));  // the price has gone
  EXPECT_TRUE(exchange.entries().empty());
  EXPECT_TRUE(done("a"));
  submit(buy("b", 10, 450'000));
  trading::MarketPrices gapped = a_book();
  gapped.gapped = true;
  show(gapped);  // no book to be filled from
  EXPECT_FALSE(done("b"));
  show(a_book({{{440'000}, Shares::whole(10)}}));
  EXPECT_EQ(exchange.entries().front().price, Price{440'000});
}

TEST_F(PaperExchangeTest, What_was_taken_stays_taken_until_it_is_shown_anew) {
  const std::vector<Level> bids = {{{380'000}, Shares::whole(50)}};
  submit(buy("a", 80, 400'000));
  show(bids, {{{400'000}, Shares::whole(100)}});
  EXPECT_EQ(filled("a"), Shares::whole(80));
  submit(buy("b", 80, 400'000));
  submit(buy("c", 80, 400'000));  // of another strategy: the account is one
  show(bids, {{{400'000}, Shares::whole(100)}, {{410'000}, Shares::whole(7)}});
  EXPECT_EQ(filled("b") + filled("c"), Shares::whole(20)) << "another level has changed, not this one";
  submit(buy("d", 80, 400'000));
  show(bids, {{{400'000}, Shares::whole(130)}});
  EXPECT_EQ(filled("d"), Shares::whole(30)) << "as far as more is shown than before";
  show(bids, {{{420'000}, Shares::whole(5)}});  // gone …
  submit(buy("e", 40, 400'000));
  show(bids, {{{400'000}, Shares::whole(40)}});  // … and new
  EXPECT_EQ(filled("e"), Shares::whole(40));
  for (int i = 0; i < 6; ++i) show(bids, {{{400'000}, Shares::whole(40)}});
  submit(buy("f", 15, 400'000));
  show(bids, {{{400'000}, Shares::whole(40)}});
  EXPECT_EQ(filled("f"), Shares::whole(15)) << "after a minute somebody has put it there again";
}

TEST_F(PaperExchangeTest, Yes_and_no_are_one_book) {
  submit(buy("yes", 80, 600'000));
  show({{{550'000}, Shares::whole(30)}}, {{{600'000}, Shares::whole(100)}});
  ASSERT_EQ(filled("yes"), Shares::whole(80));
  // Selling no at 0.40 is the other name of buying yes at 0.60.
  ASSERT_TRUE(
      exchange
          .submit({"split", "m", trading::OrderKind::split, trading::TimeInForce::fak, Outcome::yes, Side::buy, {}, Shares::whole(30)}, now)
          ->accepted);
  trading::Order sale = buy("no", 30, 400'000, trading::TimeInForce::fak, Outcome::no);
  sale.side = Side::sell;
  submit(sale);
  show({{{550'000}, Shares::whole(30)}}, {{{600'000}, Shares::whole(100)}});
  EXPECT_EQ(filled("no"), Shares::whole(20));
}

TEST_F(PaperExchangeTest, The_same_id_again_changes_nothing) {
  submit(buy("a", 5, 400'000));
  show(a_book());
  const Money cash = exchange.cash();
  submit(buy("a", 5, 400'000));
  show(a_book());
  EXPECT_EQ(exchange.cash(), cash);
}

TEST_F(PaperExchangeTest, All_or_nothing_is_nothing_without_enough_depth) {
  submit(buy("a", 25, 410'000, trading::TimeInForce::fok));
  show(a_book());
  EXPECT_TRUE(exchange.entries().empty());
  EXPECT_TRUE(done("a"));
}

// Joins 100 behind 500; trades of 300, 250 and 80 come: 0, 50 and 50 of them are its.
TEST_F(PaperExchangeTest, A_resting_order_stands_behind_what_is_displayed_and_only_trades_move_it) {
  const std::vector<Level> asks = {{{400'000}, Shares::whole(10)}};
  submit(buy("a", 100, 380'000, trading::TimeInForce::gtc));
  show({{{380'000}, Shares::whole(500)}}, asks);
  print(Side::sell, 380'000, 300);
  EXPECT_EQ(filled("a"), Shares{});
  print(Side::buy, 380'000, 1'000);               // the other side's
  show({{{380'000}, Shares::whole(100)}}, asks);  // others have cancelled 100, or all of it
  EXPECT_EQ(filled("a"), Shares{});
  print(Side::sell, 380'000, 250);
  EXPECT_EQ(filled("a"), Shares::whole(50));
  print(Side::buy, 620'000, 80, Outcome::no);  // the same side by its other name
  EXPECT_EQ(filled("a"), Shares::whole(100));
  EXPECT_TRUE(done("a"));
  EXPECT_EQ(decimal_text(exchange.cash()), "62");
  for (const auto& entry : exchange.entries()) {
    EXPECT_EQ(entry.fee, Money{});
    EXPECT_EQ(entry.liquidity, trading::Liquidity::given);
  }
}

TEST_F(PaperExchangeTest, A_trade_beyond_the_limit_fills_and_serves_the_account_once) {
  const std::vector<Level> bids = {{{390'000}, Shares::whole(50)}};
  submit(buy("a", 30, 380'000, trading::TimeInForce::gtc));
  submit(buy("b", 30, 380'000, trading::TimeInForce::gtc));
  show(bids, {{{400'000}, Shares::whole(10)}});
  print(Side::sell, 370'000, 40);
  EXPECT_EQ(filled("a"), Shares::whole(30));
  EXPECT_EQ(filled("b"), Shares::whole(10));
  show({{{350'000}, Shares::whole(50)}}, {{{380'000}, Shares::whole(100)}});  // touched, not gone through
  EXPECT_EQ(filled("b"), Shares::whole(10));
  show({{{350'000}, Shares::whole(50)}}, {{{370'000}, Shares::whole(4)}});
  EXPECT_EQ(filled("b"), Shares::whole(14));
  EXPECT_EQ(exchange.entries().back().price, Price{380'000}) << "at its own limit, not better";
  exchange.cancel("b");
  EXPECT_TRUE(done("b"));
}

TEST(PaperExchange, The_front_of_the_queue_is_kinder) {
  PaperFills kind;
  kind.queue = PaperFills::Queue::front;
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), nullptr, kind);
  exchange.show(a_market(), a_book(), 0, 0);
  ASSERT_TRUE(exchange.submit(buy("a", 10, 380'000, trading::TimeInForce::gtc), 1)->accepted);
  exchange.show(a_market(), a_book(), 2, 2);
  exchange.print({"m", Outcome::yes, Side::sell, {380'000}, Shares::whole(6)}, 3);
  EXPECT_EQ(exchange.report("a")->filled, Shares::whole(6));
}

TEST_F(PaperExchangeTest, A_payout_says_what_each_share_pays) {
  submit(buy("a", 5, 400'000));
  submit(buy("b", 7, 620'000, trading::TimeInForce::fak, Outcome::no));
  show(a_book());
  exchange.resolve("m", {Price{250'000}, Price{750'000}}, now);
  const trading::AccountEntry& entry = exchange.entries().back();
  EXPECT_EQ(entry.payout, (std::array{Price{250'000}, Price{750'000}}));
  EXPECT_EQ(decimal_text(entry.cash), "6.5");  // 5 · 0.25 + 7 · 0.75
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
  exchange.resolve("m", {Price{}, kPriceOfCertainty}, 2);
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
  submit(buy("a", 5, 400'000));
  show(a_book());
  const std::string id = exchange.entries().front().id;
  exchange.reverse(id, 2);
  exchange.reverse(id, 3);
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
    exchange.show(a_market(), a_book(), 0, 0);
    ASSERT_TRUE(exchange.submit(buy("a", 5, 400'000), 1)->accepted);
    ASSERT_TRUE(exchange.submit(buy("rests", 5, 380'000, trading::TimeInForce::gtc), 1)->accepted);
    exchange.show(a_market(), a_book(), 2, 2);
    ASSERT_TRUE(exchange.submit(buy("waits", 5, 400'000), 3)->accepted);
    cash = exchange.cash();
    ASSERT_TRUE(exchange.commit());
  }
  auto store = SqlitePaperStore::open(path);
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), store->get());
  EXPECT_EQ(exchange.cash(), cash);
  EXPECT_EQ(exchange.position("m", Outcome::yes), Shares::whole(5));
  EXPECT_TRUE(*exchange.knows("a"));
  EXPECT_EQ(exchange.open_orders(), (std::vector<trading::OrderId>{"rests", "waits"}));
  exchange.show(a_market(), a_book(), 4, 4);
  EXPECT_EQ(exchange.report("waits")->filled, Shares::whole(5)) << "it was on its way and meets its book";
  exchange.print({"m", Outcome::yes, Side::sell, {380'000}, Shares::whole(12)}, 5);
  EXPECT_EQ(exchange.report("rests")->filled, Shares::whole(2)) << "behind the 10 it joined";
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
  ASSERT_TRUE((*store)->save({{}, {entry}, {}}));
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
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), store->get(), {}, kKept);
  exchange.show(a_market(), a_book(), 0, 0);
  ASSERT_TRUE(exchange.submit(buy("first", 5, 400'000), 1)->accepted);
  exchange.show(a_market(), a_book(), 1, 1);
  const std::uint64_t fills = exchange.sequence();
  trading::Order split = buy("", 1, 0);
  for (std::size_t i = 0; i < kKept + 10; ++i) {
    split.id = "s" + std::to_string(i);
    split.kind = i % 2 == 0 ? trading::OrderKind::split : trading::OrderKind::merge;
    ASSERT_TRUE(exchange.submit(split, 2)->accepted);
    ASSERT_TRUE(exchange.commit());
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
