// SPDX-License-Identifier: Apache-2.0
// The desk against a venue of the test's own, with numbers worked out by hand. What no example shows, the simulation does.
#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/execution/order_desk.hpp"

namespace tradewind::execution {
namespace {

using prediction::Fate;
using trading::Level;
using trading::Outcome;
using trading::Side;

class TestClock final : public Clock {
 public:
  UnixNanos now() const override { return 1'000 * kNanosPerSecond + steady_; }
  std::int64_t steady() const override { return steady_; }
  void pass(double seconds) { steady_ += static_cast<std::int64_t>(seconds * 1e9); }

 private:
  std::int64_t steady_ = kNanosPerSecond;
};

/// Keeps what is sent; says what the test says.
class TestVenue final : public trading::Venue {
 public:
  void submit(std::span<const trading::Order> orders) override {
    EXPECT_LE(journaled, journal->records().size());
    sent.insert(sent.end(), orders.begin(), orders.end());
  }
  void cancel(const trading::OrderId& id) override { cancelled.push_back(id); }
  void cancel_all() override { ++cancel_alls; }
  void ask_order(const trading::OrderId& id) override { asked.push_back(id); }
  void ask_account(std::uint64_t request, std::uint64_t) override {
    account.request = request;
    ++account_asked;
  }
  std::vector<trading::VenueEvent> poll() override { return std::exchange(events, {}); }
  std::int64_t latest_arrival() const override { return kNanosPerSecond; }

  MemoryJournal* journal = nullptr;
  std::size_t journaled = 0;
  std::vector<trading::Order> sent;
  std::vector<trading::OrderId> cancelled;
  std::vector<trading::OrderId> asked;
  std::vector<trading::VenueEvent> events;
  trading::AccountReport account;
  int cancel_alls = 0;
  int account_asked = 0;
};

class FailingJournal final : public Journal {
 public:
  Status append(std::span<const Record> records) override {
    return fail ? Status(Error(Errc::storage, "disk full")) : inner.append(records);
  }
  Status read(const std::function<void(const Record&)>& take) const override { return inner.read(take); }
  MemoryJournal inner;
  bool fail = false;
};

class DeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    venue.journal = &journal.inner;
    settings.limits = Limits::for_capital(Money::whole(100));
    settings.limits.max_orders_per_second = 5;
    trading::PredictionMarket market;
    market.id = "m";
    universe.upsert(market);
    show();
    open();
    venue.account.cash = Money::whole(100);
    venue.events.push_back(venue.account);
    ASSERT_TRUE(desk->poll());
    ASSERT_TRUE(desk->reconciled());
  }
  void open() {
    SessionStarted fresh{"s", Money::whole(100), {{"a", true, 0.6, Money::whole(60)}, {"b", true, 0.4, Money::whole(40)}}, "{}"};
    auto opened = OrderDesk::open({&venue, &journal, &clock, &universe}, settings, fresh);
    ASSERT_TRUE(opened);
    desk = std::move(*opened);
  }
  void show() {
    trading::MarketPrices prices;
    prices.market_id = "m";
    prices.sequence = 1;
    prices.of(Outcome::yes).asks.assign(Side::sell, std::vector<Level>{{{400'000}, Shares::whole(100)}});
    prices.of(Outcome::yes).bids.assign(Side::buy, std::vector<Level>{{{380'000}, Shares::whole(100)}});
    prices.received = clock.steady();
    universe.update(prices);
  }
  Fate enter(std::int64_t shares = 20, std::int64_t limit = 400'000, const char* strategy = "a") {
    prediction::OrderIntent intent;
    intent.limit = {limit};
    intent.shares = Shares::whole(shares);
    prediction::Opportunity opportunity;
    const Fate fate = desk->enter(strategy, opportunity, {intent});
    EXPECT_TRUE(desk->flush());
    return fate;
  }
  void fill(const trading::OrderId& id, std::int64_t shares, std::uint64_t sequence, std::int64_t price = 400'000) {
    trading::AccountEntry entry;
    entry.sequence = sequence;
    entry.id = "t" + std::to_string(sequence);
    entry.order_id = id;
    entry.market_id = "m";
    entry.price = {price};
    entry.yes = Shares::whole(shares);
    entry.cash = -notional({price}, Shares::whole(shares));
    venue.events.push_back(entry);
  }
  TestClock clock;
  FailingJournal journal;
  TestVenue venue;
  prediction::MarketUniverse universe;
  DeskSettings settings;
  std::unique_ptr<OrderDesk> desk;
};

TEST_F(DeskTest, A_fill_belongs_to_one_strategy_and_the_sum_is_the_account) {
  ASSERT_EQ(enter(20), Fate::traded);
  ASSERT_EQ(venue.sent.size(), 1U);
  EXPECT_EQ(decimal_text(desk->state().ledger("a")->reserved), "8.000101");  // 20 · 0.40 and what rounding may take
  fill(venue.sent[0].id, 20, 1);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(decimal_text(desk->state().ledger("a")->cash), "52");
  EXPECT_EQ(decimal_text(desk->state().ledger("b")->cash), "40");
  EXPECT_EQ(decimal_text(desk->state().cash()), "92");
  EXPECT_EQ(decimal_text(desk->equity("a")), "59.6");  // marked at the bid of 0.38
  EXPECT_TRUE(desk->state().working().empty());
  EXPECT_EQ(desk->state().broken_invariant(), "");
}

TEST_F(DeskTest, Fills_that_come_twice_or_out_of_order_are_booked_once_and_in_order) {
  ASSERT_EQ(enter(20), Fate::traded);
  const auto id = venue.sent[0].id;
  fill(id, 5, 2);
  ASSERT_TRUE(desk->poll());
  clock.pass(1.1);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().sequence(), 0U);
  EXPECT_GT(venue.account_asked, 1);  // one is missing, so it is asked for
  fill(id, 15, 1);
  fill(id, 15, 1);
  fill(id, 5, 2);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().sequence(), 2U);
  EXPECT_EQ(decimal_text(desk->state().cash()), "92");
}

TEST_F(DeskTest, No_answer_is_asked_about_and_never_sent_again) {
  ASSERT_EQ(enter(20), Fate::traded);
  const auto id = venue.sent[0].id;
  clock.pass(6);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().order(id)->status, OrderStatus::unknown);
  ASSERT_FALSE(venue.asked.empty());
  EXPECT_EQ(venue.sent.size(), 1U);
  venue.events.push_back(trading::OrderReport{id, trading::OrderReport::State::not_found, {}});
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().order(id)->status, OrderStatus::rejected);  // long after it could have arrived
  EXPECT_EQ(desk->state().ledger("a")->reserved, Money{});
}

TEST_F(DeskTest, Not_found_means_nothing_while_the_order_may_be_on_its_way) {
  ASSERT_EQ(enter(20), Fate::traded);
  const auto id = venue.sent[0].id;
  venue.events.push_back(trading::OutcomeUnknown{id, "timeout"});
  venue.events.push_back(trading::OrderReport{id, trading::OrderReport::State::not_found, {}});
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().order(id)->status, OrderStatus::unknown);
  EXPECT_EQ(enter(1000), Fate::order_limit);
}

TEST_F(DeskTest, Limits_stand_for_every_order) {
  EXPECT_EQ(enter(70), Fate::order_limit);  // 28 dollars above 25
  EXPECT_EQ(enter(20, 510'000), Fate::price_band);
  EXPECT_EQ(enter(20, 405'000), Fate::invalid_number);  // off the tick
  EXPECT_EQ(enter(2), Fate::too_small);
  EXPECT_EQ(enter(20, 400'000, "nobody"), Fate::disabled);
  ASSERT_EQ(enter(60), Fate::traded);          // 24 dollars
  EXPECT_EQ(enter(10), Fate::position_limit);  // 28 in one market
  EXPECT_EQ(venue.sent.size(), 1U);
}

TEST_F(DeskTest, More_orders_than_a_second_may_have_wait) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(enter(5), Fate::traded);
  EXPECT_EQ(enter(5), Fate::order_rate);
  clock.pass(1.1);
  show();
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(enter(5), Fate::traded);
}

TEST_F(DeskTest, Books_that_are_not_good_are_not_traded) {
  clock.pass(16);
  EXPECT_EQ(enter(), Fate::stale_book);
  show();
  EXPECT_EQ(desk->book_state(0), prediction::BookState::good);
  universe.change_prices(0, [](trading::MarketPrices& prices) { prices.gapped = true; });
  EXPECT_EQ(enter(), Fate::gapped_book);
  universe.change_prices(0, [](trading::MarketPrices& prices) {
    prices.gapped = false;
    prices.of(Outcome::yes).bids.set(Side::buy, {{400'000}, Shares::whole(1)});
  });
  EXPECT_EQ(enter(), Fate::crossed_book);
  EXPECT_TRUE(venue.sent.empty());
}

TEST_F(DeskTest, A_book_that_the_venue_stamped_long_ago_is_stale_however_lately_it_was_received) {
  const auto stamped = [&](double seconds_ago) {
    show();
    universe.change_prices(0,
                           [&](trading::MarketPrices& prices) { prices.time = clock.now() - static_cast<UnixNanos>(seconds_ago * 1e9); });
    return desk->book_state(0);
  };
  EXPECT_EQ(stamped(3600), prediction::BookState::good) << "0: the stamp says nothing";
  settings.stale_venue_seconds = 60;
  open();
  EXPECT_EQ(stamped(59), prediction::BookState::good);
  EXPECT_EQ(stamped(61), prediction::BookState::stale);
  EXPECT_EQ(stamped(-3600), prediction::BookState::good) << "a clock that is ahead of ours";
  show();
  EXPECT_EQ(desk->book_state(0), prediction::BookState::good) << "no stamp";
}

TEST_F(DeskTest, A_market_whose_fees_are_not_known_is_not_traded) {
  trading::PredictionMarket market;
  market.id = "m";
  market.fees_known = false;
  universe.upsert(market);
  EXPECT_EQ(desk->book_state(0), prediction::BookState::unknown_fees);
  EXPECT_EQ(enter(), Fate::unknown_fees);
  market.fees_known = true;
  market.fee_changes = {{clock.now() + 5 * kNanosPerSecond, trading::FeeSchedule{0.04, 1}}};
  universe.upsert(market);
  desk->refresh_books();
  EXPECT_EQ(enter(), Fate::unknown_fees) << "not yet";
  clock.pass(5);
  desk->refresh_books();
  EXPECT_EQ(universe.market(0).fees.rate, 0.04);
  EXPECT_EQ(enter(), Fate::traded);
}

TEST_F(DeskTest, Halted_latches_over_a_restart_and_sends_only_cancels) {
  ASSERT_EQ(enter(), Fate::traded);
  ASSERT_TRUE(desk->set_trading_state(TradingState::halted, "test"));
  EXPECT_EQ(venue.cancel_alls, 1);
  EXPECT_EQ(enter(), Fate::halted);
  open();
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
  EXPECT_EQ(desk->state().order(venue.sent[0].id)->status, OrderStatus::unknown);
  EXPECT_EQ(enter(), Fate::halted);
  ASSERT_TRUE(desk->set_trading_state(TradingState::active, "a person"));
  EXPECT_EQ(enter(), Fate::unreconciled);
}

TEST_F(DeskTest, An_account_that_differs_from_the_venues_halts) {
  venue.account.cash = Money{99'999'999};
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
  EXPECT_NE(desk->state().state_reason().find("99.999999"), std::string::npos);
}

TEST_F(DeskTest, What_the_journal_does_not_take_is_not_sent) {
  journal.fail = true;
  prediction::OrderIntent intent;
  intent.limit = {400'000};
  intent.shares = Shares::whole(20);
  EXPECT_EQ(desk->enter("a", {}, {intent}), Fate::traded);
  EXPECT_FALSE(desk->flush());
  EXPECT_TRUE(venue.sent.empty());
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
  EXPECT_EQ(desk->state().ledger("a")->reserved, Money{});
  journal.fail = false;
  ASSERT_TRUE(desk->flush());
  open();
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
}

TEST_F(DeskTest, A_loss_beyond_the_limit_halts) {
  ASSERT_EQ(enter(60), Fate::traded);
  fill(venue.sent[0].id, 60, 1);
  ASSERT_TRUE(desk->poll());
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().trading_state(), TradingState::active);
  const std::vector<Level> low{{{10'000}, Shares::whole(100)}};
  universe.change_prices(0, [&](trading::MarketPrices& prices) { prices.of(Outcome::yes).bids.assign(Side::buy, low); });
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
}

TEST_F(DeskTest, A_days_loss_counts_over_restarts) {
  settings.limits.max_loss = Money::whole(50);
  settings.limits.max_daily_loss = Money::whole(10);
  open();
  venue.account.request = 0;
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  ASSERT_TRUE(desk->watch());  // the day's first mark: 100
  ASSERT_EQ(enter(60), Fate::traded);
  fill(venue.sent[0].id, 60, 1);
  ASSERT_TRUE(desk->poll());
  const auto fall_to = [&](std::int64_t price) {
    const std::vector<Level> low{{{price}, Shares::whole(100)}};
    universe.change_prices(0, [&](trading::MarketPrices& prices) { prices.of(Outcome::yes).bids.assign(Side::buy, low); });
  };
  fall_to(270'000);  // 60 · 0.27 of 24: 7.80 lost
  open();
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().trading_state(), TradingState::active);
  fall_to(230'000);  // 10.20 lost in all, 2.40 since the restart
  open();
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
  EXPECT_NE(desk->state().state_reason().find("daily loss limit"), std::string::npos) << desk->state().state_reason();
}

TEST_F(DeskTest, A_new_day_counts_from_its_own_first_mark) {
  settings.limits.max_daily_loss = Money::whole(10);
  open();
  ASSERT_TRUE(desk->watch());
  const std::uint64_t records = desk->state().records();
  open();
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().records(), records) << "one mark a day";
  clock.pass(86'400);
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().records(), records + 1);
  EXPECT_EQ(desk->state().day(), clock.now() / kNanosPerDay);
}

TEST_F(DeskTest, The_rate_of_orders_holds_over_a_restart) {
  settings.limits.max_orders_per_second = 1;
  open();
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  ASSERT_EQ(enter(), Fate::traded);
  clock.pass(0.5);
  open();
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(enter(), Fate::order_rate);
  clock.pass(0.6);
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(enter(), Fate::traded);
}

TEST_F(DeskTest, A_venue_behind_the_journal_halts) {
  ASSERT_EQ(enter(20), Fate::traded);
  fill(venue.sent[0].id, 20, 1);
  ASSERT_TRUE(desk->poll());
  // An answer to a question asked before is old, not wrong.
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().trading_state(), TradingState::active);
  open();  // asks again; the venue knows of nothing
  venue.events.push_back(venue.account);
  ASSERT_TRUE(desk->poll());
  EXPECT_EQ(desk->state().trading_state(), TradingState::halted);
  EXPECT_NE(desk->state().state_reason().find("behind the journal: 0 entries there, 1 here"), std::string::npos)
      << desk->state().state_reason();
}

TEST_F(DeskTest, Capital_moves_as_far_as_it_is_free_and_none_is_made) {
  ASSERT_EQ(enter(60), Fate::traded);
  EXPECT_FALSE(desk->rebalance({{"a", 0.5}, {"b", 0.6}}));
  EXPECT_FALSE(desk->rebalance({{"a", 0.5}, {"c", 0.5}}));
  EXPECT_FALSE(desk->rebalance({{"a", std::nan("")}, {"b", 1}}));
  ASSERT_TRUE(desk->rebalance({{"a", 0.1}, {"b", 0.9}}));
  const StrategyLedger& a = *desk->state().ledger("a");
  EXPECT_GE(a.free_cash(), Money{});
  EXPECT_EQ(desk->state().cash(), Money::whole(100));
  venue.events.push_back(trading::OrderDone{venue.sent[0].id, {}});
  ASSERT_TRUE(desk->poll());
  ASSERT_TRUE(desk->watch());  // what was reserved follows
  EXPECT_EQ(decimal_text(desk->state().ledger("a")->cash), "10");
  EXPECT_EQ(desk->state().cash(), Money::whole(100));
}

TEST_F(DeskTest, A_rebalance_that_waits_for_capital_goes_on_after_a_restart_and_ends) {
  ASSERT_EQ(enter(60), Fate::traded);
  ASSERT_TRUE(desk->rebalance({{"a", 0.1}, {"b", 0.9}}));
  EXPECT_TRUE(desk->state().capital_moving());
  open();
  EXPECT_TRUE(desk->state().capital_moving());
  venue.events.push_back(trading::OrderDone{venue.sent[0].id, {}});
  ASSERT_TRUE(desk->poll());
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(decimal_text(desk->state().ledger("a")->cash), "10");
  EXPECT_FALSE(desk->state().capital_moving());
  // Profit made later stays with who made it.
  const std::uint64_t records = desk->state().records();
  ASSERT_TRUE(desk->watch());
  EXPECT_EQ(desk->state().records(), records);
}

TEST_F(DeskTest, A_command_and_its_receipt_are_in_the_journal_together_or_not_at_all) {
  const std::size_t before = journal.inner.records().size();
  const auto halt = [&]() -> Result<std::string> {
    TRADEWIND_TRY(desk->set_trading_state(TradingState::halted, "by command"));
    return std::string("done");
  };
  journal.fail = true;
  EXPECT_FALSE(desk->take_command({1, "{}", true, "done"}, halt));
  EXPECT_EQ(journal.inner.records().size(), before);
  journal.fail = false;
  ASSERT_TRUE(desk->flush());
  ASSERT_TRUE(desk->take_command({2, "{}", true, {}}, [&]() -> Result<std::string> {
    TRADEWIND_TRY(desk->rebalance({{"a", 0.5}, {"a", 0.5}}));
    return std::string("done");
  }));
  const auto& taken = std::get<CommandTaken>(journal.inner.records().back().body);
  EXPECT_FALSE(taken.accepted);
  EXPECT_NE(taken.answer.find("the share of a is given twice"), std::string::npos) << taken.answer;
  EXPECT_EQ(desk->state().last_command(), 2);
}

TEST_F(DeskTest, Every_reason_that_is_documented_can_happen) {
  ASSERT_TRUE(desk->stop_strategy("a", false, "max_loss: 5 lost, 4 allowed"));
  EXPECT_EQ(enter(), Fate::loss_limit);
  EXPECT_EQ(desk->state().ledger("a")->limit, "max_loss: 5 lost, 4 allowed");
  ASSERT_TRUE(desk->switch_strategy("a", false));
  EXPECT_EQ(enter(), Fate::disabled);
  ASSERT_TRUE(desk->switch_strategy("a", true));
  journal.fail = true;
  prediction::OrderIntent intent;
  intent.limit = {400'000};
  intent.shares = Shares::whole(20);
  ASSERT_EQ(desk->enter("a", {}, {intent}), Fate::traded);
  EXPECT_FALSE(desk->flush());
  EXPECT_EQ(desk->enter("a", {}, {intent}), Fate::journal_failed);
  EXPECT_TRUE(venue.sent.empty());
}

TEST_F(DeskTest, A_strategy_that_is_added_has_its_own_ledger_after_a_restart_too) {
  ASSERT_TRUE(desk->add_strategy("c", true));
  ASSERT_TRUE(desk->rebalance({{"a", 0.5}, {"b", 0.3}, {"c", 0.2}}));
  EXPECT_EQ(desk->state().ledger("c")->cash, Money::whole(20));
  EXPECT_EQ(desk->state().ledgers().back().name, EngineState::kExternal);
  const std::string fingerprint = desk->state().fingerprint();
  open();
  EXPECT_EQ(desk->state().fingerprint(), fingerprint);
  EXPECT_EQ(desk->state().broken_invariant(), "");
}

TEST_F(DeskTest, Expected_profit_is_that_of_the_orders_sent) {
  prediction::OrderIntent intent;
  intent.limit = {400'000};
  intent.shares = Shares::whole(20);
  prediction::Opportunity opportunity;
  opportunity.shares = 100;
  opportunity.expected_profit = 9;
  ASSERT_EQ(desk->enter("a", opportunity, {intent}), Fate::traded);
  EXPECT_DOUBLE_EQ(desk->state().trades().rbegin()->second.expected_profit, 1.8);
}

TEST_F(DeskTest, Nobody_sells_what_its_own_trade_does_not_hold) {
  ASSERT_EQ(enter(20), Fate::traded);
  fill(venue.sent[0].id, 20, 1);
  ASSERT_TRUE(desk->poll());
  prediction::OrderIntent sale;
  sale.side = Side::sell;
  sale.limit = {380'000};
  sale.shares = Shares::whole(21);
  EXPECT_EQ(desk->exit(1, {sale}), Fate::position_limit);
  sale.shares = Shares::whole(20);
  EXPECT_EQ(desk->exit(1, {sale}), Fate::traded);
  EXPECT_EQ(desk->exit(1, {sale}), Fate::position_limit);  // they are being sold already
}

}  // namespace
}  // namespace tradewind::execution
