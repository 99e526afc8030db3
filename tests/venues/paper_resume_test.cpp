// SPDX-License-Identifier: Apache-2.0
// A paper account that goes on after the process has ended does what it would have done without.
#include <gtest/gtest.h>

#include "tradewind/base/file.hpp"
#include "tradewind/venues/held_paper_store.hpp"
#include "tradewind/venues/paper_store.hpp"
#include "tradewind/venues/paper_venue.hpp"

namespace tradewind::venues {
namespace {

using trading::Level;
using trading::Outcome;
using trading::Side;

constexpr UnixNanos kStart = 1'767'225'600 * kNanosPerSecond;

class HeldTime final : public Clock {
 public:
  UnixNanos now() const override { return kStart + at; }
  std::int64_t steady() const override { return at; }
  std::int64_t at = 0;
};

trading::PredictionMarket plain_market() {
  trading::PredictionMarket market;
  market.id = "m";
  return market;
}

trading::MarketPrices offered(std::int64_t asked) {
  trading::MarketPrices prices;
  prices.market_id = "m";
  prices.sequence = 1;
  prices.of(Outcome::yes).asks.assign(Side::sell, std::vector<Level>{{{400'000}, Shares::whole(asked)}});
  prices.of(Outcome::no).bids.assign(Side::buy, std::vector<Level>{{{600'000}, Shares::whole(asked)}});
  return prices;
}

trading::Order bid(std::string id, std::int64_t shares) {
  return {std::move(id), "m",       trading::OrderKind::limit, trading::TimeInForce::fak, Outcome::yes,
          Side::buy,     {400'000}, Shares::whole(shares)};
}

class PaperResume : public ::testing::Test {
 protected:
  void SetUp() override { forget(); }
  void TearDown() override { forget(); }
  void forget() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
  }
  std::unique_ptr<SqlitePaperStore> store() { return std::move(*SqlitePaperStore::open(path)); }
  const Path path = std::filesystem::temp_directory_path() / "tradewind_paper_resume_test.sqlite";
};

TEST_F(PaperResume, What_was_taken_stays_taken) {
  for (const bool interrupted : {false, true}) {
    forget();
    auto kept = store();
    PaperExchange exchange = *PaperExchange::open(Money::whole(100), kept.get());
    // The process's own clock starts anew; the time of day does not.
    std::int64_t steady = 500 * kNanosPerSecond;
    const auto show = [&](std::int64_t second, std::int64_t asked) {
      exchange.show(plain_market(), offered(asked), kStart + second * kNanosPerSecond, steady + second * kNanosPerSecond);
      ASSERT_TRUE(exchange.commit());
    };
    const auto buys = [&](const char* id, std::int64_t second) {
      ASSERT_TRUE(exchange.submit(bid(id, 10), kStart + second * kNanosPerSecond)->accepted);
      show(second + 1, 10);
    };
    show(0, 10);
    buys("a", 1);
    EXPECT_EQ(exchange.report("a")->filled, Shares::whole(10));
    if (interrupted) {
      steady = 7;
      kept = store();
      exchange = *PaperExchange::open(Money::whole(100), kept.get());
      show(5, 10);
    }
    buys("b", 6);
    EXPECT_EQ(exchange.report("b")->filled, Shares{}) << "the venue has not shown it anew";
    buys("c", 70);
    EXPECT_EQ(exchange.report("c")->filled, Shares::whole(10)) << "a minute later it has";
  }
}

TEST_F(PaperResume, What_was_shown_anew_is_not_taken_after_it) {
  auto kept = store();
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), kept.get());
  exchange.show(plain_market(), offered(10), kStart, 0);
  ASSERT_TRUE(exchange.submit(bid("a", 10), kStart)->accepted);
  exchange.show(plain_market(), offered(10), kStart + kNanosPerSecond, kNanosPerSecond);
  ASSERT_TRUE(exchange.commit());
  exchange.show(plain_market(), offered(0), kStart + 2 * kNanosPerSecond, 2 * kNanosPerSecond);  // gone …
  ASSERT_TRUE(exchange.commit());
  exchange = *PaperExchange::open(Money::whole(100), kept.get());
  ASSERT_TRUE(exchange.submit(bid("b", 10), kStart).has_value());
  exchange.show(plain_market(), offered(10), kStart + 3 * kNanosPerSecond, 3 * kNanosPerSecond);  // … and there again
  ASSERT_TRUE(exchange.submit(bid("c", 10), kStart)->accepted);
  exchange.show(plain_market(), offered(10), kStart + 4 * kNanosPerSecond, 4 * kNanosPerSecond);
  EXPECT_EQ(exchange.report("c")->filled, Shares::whole(10));
}

TEST_F(PaperResume, Who_came_first_is_served_first) {
  auto kept = store();
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), kept.get());
  exchange.show(plain_market(), offered(10), kStart, 0);
  for (const char* id : {"z", "m", "a"}) ASSERT_TRUE(exchange.submit(bid(id, 10), kStart)->accepted);
  ASSERT_TRUE(exchange.commit());
  exchange = *PaperExchange::open(Money::whole(100), kept.get());
  ASSERT_TRUE(exchange.submit(bid("0", 10), kStart).has_value());
  EXPECT_EQ(exchange.open_orders(), (std::vector<trading::OrderId>{"z", "m", "a"}));
  exchange.show(plain_market(), offered(15), kStart + kNanosPerSecond, kNanosPerSecond);
  EXPECT_EQ(exchange.report("z")->filled, Shares::whole(10));
  EXPECT_EQ(exchange.report("m")->filled, Shares::whole(5));
  EXPECT_EQ(exchange.report("a")->filled, Shares{});
}

/// When each of two orders and a question is answered, sent at `second`.
std::vector<std::int64_t> answer_times(PaperVenue& venue, HeldTime& clock, std::int64_t second) {
  clock.at = second * kNanosPerSecond;
  const std::string name = std::to_string(second);
  const trading::Order orders[] = {bid("x" + name, 1), bid("y" + name, 1)};
  venue.show(plain_market(), offered(10));
  venue.submit(orders);
  venue.ask_account(1, 0);
  std::vector<std::int64_t> times;
  for (; clock.at < (second + 2) * kNanosPerSecond; clock.at += 1'000'000)
    for (std::size_t i = venue.poll().size(); i > 0; --i) times.push_back(clock.at);
  venue.show(plain_market(), offered(10));  // the orders meet their book
  clock.at += 2 * kNanosPerSecond;
  static_cast<void>(venue.poll());
  return times;
}

TEST_F(PaperResume, Delays_are_those_of_one_that_was_never_interrupted) {
  HeldTime clock;
  const auto fresh = [&] { return std::make_unique<PaperVenue>(*PaperExchange::open(Money::whole(100)), PaperSettings{}, clock); };
  auto whole = fresh();
  static_cast<void>(answer_times(*whole, clock, 10));
  const std::vector<std::int64_t> expected = answer_times(*whole, clock, 20);
  ASSERT_EQ(expected.size(), 3u);
  const std::int64_t of_another_moment = answer_times(*fresh(), clock, 10)[0] + 10 * kNanosPerSecond;
  EXPECT_NE(expected[0], of_another_moment);
  EXPECT_EQ(answer_times(*fresh(), clock, 20), expected);
}

TEST_F(PaperResume, What_is_held_counts_once_it_is_let_go_and_can_be_redone) {
  auto kept = store();
  HeldPaperStore held(*kept);
  PaperExchange exchange = *PaperExchange::open(Money::whole(100), &held);
  exchange.show(plain_market(), offered(10), kStart, 0);
  ASSERT_TRUE(exchange.submit(bid("a", 10), kStart)->accepted);
  ASSERT_TRUE(exchange.commit());
  exchange.show(plain_market(), offered(10), kStart + kNanosPerSecond, kNanosPerSecond);
  ASSERT_TRUE(exchange.commit());
  EXPECT_FALSE(held.empty());
  EXPECT_EQ((*held.order("a"))->filled, Shares::whole(10));
  EXPECT_EQ(held.entries(0, 9)->size(), 1u);
  const auto stored = [&] { return *kept->load(); };
  EXPECT_TRUE(stored().orders.empty() && stored().entries.empty());
  const std::string text = held.text();
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(HeldPaperStore::redo(*kept, text));
    EXPECT_EQ(stored().orders.size(), 1u);
    EXPECT_EQ(stored().orders[0].filled, Shares::whole(10));
    EXPECT_EQ(stored().entries.size(), 1u);
    EXPECT_EQ(stored().taken["m"].at(0).shares, Shares::whole(10));
  }
  ASSERT_TRUE(held.let_go());
  EXPECT_TRUE(held.empty());
  EXPECT_EQ(stored().entries.size(), 1u);
}

TEST_F(PaperResume, A_damaged_text_changes_nothing) {
  auto kept = store();
  for (const char* text :
       {"", "{", "[]", "{}", R"({"orders": [{}], "entries": [], "taken": {}})", R"({"orders": [], "entries": [7], "taken": {}})",
        R"({"orders": [], "entries": [], "taken": {"m": [{"side": "up", "price": 1, "shares": 1, "since": 1}]}})",
        R"({"orders": [], "entries": [], "taken": {"m": 3}})"}) {
    const Status redone = HeldPaperStore::redo(*kept, text);
    ASSERT_FALSE(redone) << text;
    EXPECT_EQ(redone.error().code(), Errc::corrupt) << text;
  }
  EXPECT_TRUE(kept->load()->orders.empty());
}

}  // namespace
}  // namespace tradewind::venues
