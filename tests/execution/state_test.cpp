// SPDX-License-Identifier: Apache-2.0
// Who gets what: every holder, strategy and trade by itself, never only their sum.
#include "tradewind/execution/state.hpp"

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/execution/trade_history.hpp"
#include "tradewind/trading/order_json.hpp"

namespace tradewind::execution {
namespace {

using trading::Outcome;
using trading::Side;
using Kind = trading::AccountEntry::Kind;

/// Three strategies with a hundred dollars each, and what happens to them.
class StateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    apply(SessionStarted{"s",
                         Money::whole(300),
                         {{"a", true, 0.4, Money::whole(100)}, {"b", true, 0.3, Money::whole(100)}, {"c", true, 0.3, Money::whole(100)}},
                         "{}"});
  }
  void apply(RecordBody body) { history.apply({++time, std::move(body)}); }
  /// A trade that buys shares of a token, filled at once.
  TradeId buy(const char* strategy, const char* market, Outcome outcome, std::int64_t shares, std::int64_t price) {
    const TradeId trade = state().next_trade();
    apply(TradeOpened{trade, strategy, prediction::OpportunityKind::custom, 0, 1.5, {}});
    order(trade, market, outcome, Side::buy, shares, price, Purpose::entry);
    return trade;
  }
  void order(TradeId trade, const char* market, Outcome outcome, Side side, std::int64_t shares, std::int64_t price, Purpose purpose) {
    trading::Order order{"o" + std::to_string(state().next_order()),
                         market,
                         trading::OrderKind::limit,
                         trading::TimeInForce::fak,
                         outcome,
                         side,
                         {price},
                         Shares::whole(shares)};
    apply(OrderCreated{order, trade, purpose, notional({price}, Shares::whole(shares))});
    trading::AccountEntry entry = next(Kind::fill, market);
    entry.order_id = order.id;
    entry.outcome = outcome;
    entry.side = side;
    entry.price = {price};
    entry.fee = {10'000};
    const bool buys = side == Side::buy;
    (outcome == Outcome::yes ? entry.yes : entry.no) = buys ? Shares::whole(shares) : -Shares::whole(shares);
    entry.cash = (buys ? -notional({price}, Shares::whole(shares)) : notional({price}, Shares::whole(shares))) - entry.fee;
    apply(EntryBooked{entry});
  }
  trading::AccountEntry next(Kind kind, const char* market) {
    trading::AccountEntry entry;
    entry.sequence = state().sequence() + 1;
    entry.id = "e" + std::to_string(entry.sequence);
    entry.kind = kind;
    entry.market_id = market;
    entry.time = time;
    return entry;
  }
  /// As the venue pays: for the account's holdings together, rounded once.
  void resolve(const char* market, std::int64_t yes, std::int64_t no) {
    trading::AccountEntry entry = next(Kind::payout, market);
    entry.payout = {Price{yes}, Price{no}};
    const auto held = state().positions();
    const auto shares = [&](Outcome outcome) {
      const auto at = held.find({market, outcome});
      return at == held.end() ? Shares{} : at->second;
    };
    entry.yes = -shares(Outcome::yes);
    entry.no = -shares(Outcome::no);
    entry.cash = notional({yes}, shares(Outcome::yes)) + notional({no}, shares(Outcome::no));
    apply(EntryBooked{entry});
  }
  const EngineState& state() const { return history.state(); }
  std::string cash(const char* name) const { return decimal_text(state().ledger(name)->cash); }

  TradeHistory history;
  UnixNanos time = 1'000;
};

TEST_F(StateTest, Every_holder_is_paid_its_own_shares) {
  // a holds 10 yes, b 20 no, c 30 yes and 40 no; each fill costs its price and a cent.
  buy("a", "m", Outcome::yes, 10, 600'000);
  buy("b", "m", Outcome::no, 20, 400'000);
  buy("c", "m", Outcome::yes, 30, 500'000);
  buy("c", "m", Outcome::no, 40, 500'000);
  ASSERT_EQ(cash("a"), "93.99");
  ASSERT_EQ(cash("b"), "91.99");
  ASSERT_EQ(cash("c"), "64.98");
  struct Case {
    std::int64_t yes, no;
    const char *a, *b, *c;
  };
  for (const Case& one : {Case{1'000'000, 0, "103.99", "91.99", "94.98"}, Case{0, 1'000'000, "93.99", "111.99", "104.98"},
                          Case{500'000, 500'000, "98.99", "101.99", "99.98"}, Case{250'000, 750'000, "96.49", "106.99", "102.48"}}) {
    EngineState branch = state();
    branch.observe(nullptr);
    trading::AccountEntry entry = next(Kind::payout, "m");
    entry.payout = {Price{one.yes}, Price{one.no}};
    entry.yes = -Shares::whole(40);
    entry.no = -Shares::whole(60);
    entry.cash = notional({one.yes}, Shares::whole(40)) + notional({one.no}, Shares::whole(60));
    branch.apply({time, EntryBooked{entry}});
    EXPECT_EQ(decimal_text(branch.ledger("a")->cash), one.a) << one.yes;
    EXPECT_EQ(decimal_text(branch.ledger("b")->cash), one.b) << one.yes;
    EXPECT_EQ(decimal_text(branch.ledger("c")->cash), one.c) << one.yes;
    EXPECT_EQ(branch.ledger(EngineState::kExternal)->cash, Money{});
    EXPECT_TRUE(branch.positions().empty());
    EXPECT_EQ(branch.broken_invariant(), "");
  }
}

TEST_F(StateTest, What_a_venue_rounds_once_and_we_per_holder_is_a_few_millionths) {
  for (int i = 0; i < 3; ++i) {
    const TradeId trade = state().next_trade();
    apply(TradeOpened{trade, i == 0 ? "a" : i == 1 ? "b" : "c", prediction::OpportunityKind::custom, 0, 0, {}});
    trading::Order order{"x" + std::to_string(i),
                         "m",
                         trading::OrderKind::limit,
                         trading::TimeInForce::fak,
                         Outcome::yes,
                         Side::buy,
                         {500'000},
                         {1'000'001}};
    apply(OrderCreated{order, trade, Purpose::entry, Money::whole(1)});
    trading::AccountEntry entry = next(Kind::fill, "m");
    entry.order_id = order.id;
    entry.price = {500'000};
    entry.yes = {1'000'001};
    entry.cash = {-500'001};
    apply(EntryBooked{entry});
  }
  resolve("m", 500'000, 500'000);  // 3.000003 shares pay 1.500001; 0.500000 each leaves one millionth
  EXPECT_EQ(cash("a"), "99.999999");
  EXPECT_EQ(cash("b"), "99.999999");
  EXPECT_EQ(cash("c"), "100");
}

TEST_F(StateTest, What_nobody_holds_is_nobodys_profit) {
  buy("a", "m", Outcome::yes, 10, 600'000);
  trading::AccountEntry entry = next(Kind::payout, "m");
  entry.payout = {kPriceOfCertainty, Price{}};
  entry.yes = -Shares::whole(15);  // five of them were bought by hand
  entry.cash = Money::whole(15);
  apply(EntryBooked{entry});
  EXPECT_EQ(cash("a"), "103.99");
  EXPECT_EQ(cash("external"), "5");
}

TEST_F(StateTest, Statements_of_before_say_by_their_cash_what_a_share_paid) {
  for (const auto& [yes, no, cash, pays] :
       {std::tuple{-10, -30, 10, 1'000'000}, {-10, -30, 30, 0}, {-10, -30, 20, 500'000}, {-20, 0, 5, 250'000}}) {
    trading::AccountEntry entry = next(Kind::payout, "m");
    entry.yes = Shares::whole(yes);
    entry.no = Shares::whole(no);
    entry.cash = Money::whole(cash);
    Json json = trading::to_json(entry);
    json.erase("payout");
    const auto read = trading::entry_from_json(json);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->payout[0].micros, pays);
  }
}

TEST_F(StateTest, A_trades_lines_make_its_profit_and_all_of_them_the_account) {
  const TradeId won = buy("a", "m", Outcome::yes, 10, 600'000);
  const TradeId left = buy("b", "n", Outcome::no, 20, 400'000);
  order(left, "n", Outcome::no, Side::sell, 20, 450'000, Purpose::exit);
  const TradeId open = buy("c", "k", Outcome::yes, 4, 250'000);
  resolve("m", 1'000'000, 0);
  const auto& trades = history.trades();
  EXPECT_EQ(decimal_text(trades.at(won).profit()), "3.99");   // 10 − 6 − 0.01
  EXPECT_EQ(decimal_text(trades.at(left).profit()), "0.98");  // 9 − 8 − 0.02
  EXPECT_EQ(decimal_text(trades.at(left).fees()), "0.02");
  EXPECT_TRUE(trades.at(won).closed && trades.at(left).closed);
  EXPECT_FALSE(trades.at(open).closed);
  EXPECT_EQ(trades.at(won).lines.back().kind, Kind::payout);
  EXPECT_EQ(trades.at(won).lines.back().price, kPriceOfCertainty);
  EXPECT_EQ(trades.at(left).orders.back().status, OrderStatus::filled);
  Money all = Money::whole(300);
  for (const auto& [id, trade] : trades) all += trade.profit();
  EXPECT_EQ(all, state().cash());
  EXPECT_EQ(decimal_text(state().ledger("b")->settled), "0.98");
  EXPECT_EQ(state().ledger("c")->settled, Money{});
}

TEST_F(StateTest, A_merge_is_half_a_dollar_for_either_outcome) {
  const TradeId trade = buy("a", "m", Outcome::yes, 10, 400'000);
  order(trade, "m", Outcome::no, Side::buy, 10, 500'000, Purpose::entry);
  trading::Order merge{"merge", "m", trading::OrderKind::merge, trading::TimeInForce::fak, Outcome::yes, Side::buy, {}, Shares::whole(10)};
  apply(OrderCreated{merge, trade, Purpose::exit, {}});
  trading::AccountEntry entry = next(Kind::merge, "m");
  entry.order_id = "merge";
  entry.yes = entry.no = -Shares::whole(10);
  entry.cash = Money::whole(10);
  apply(EntryBooked{entry});
  const ListedTrade& record = history.trades().at(trade);
  ASSERT_EQ(record.lines.size(), 4U);
  EXPECT_EQ(record.lines[2].cash + record.lines[3].cash, Money::whole(10));
  EXPECT_EQ(record.lines[3].outcome, Outcome::no);
  EXPECT_EQ(decimal_text(record.profit()), "0.98");  // 10 − 4 − 5 − 0.02
  EXPECT_TRUE(record.closed);
}

}  // namespace
}  // namespace tradewind::execution
