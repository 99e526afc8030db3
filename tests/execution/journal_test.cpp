// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/journal.hpp"

#include <gtest/gtest.h>

#include "tradewind/execution/state.hpp"

namespace tradewind::execution {
namespace {

std::vector<Record> one_of_each() {
  trading::AccountEntry entry;
  entry.sequence = 3;
  entry.id = "t3";
  entry.kind = trading::AccountEntry::Kind::merge;
  entry.yes = entry.no = {-5};
  entry.cash = {5};
  trading::Order order{"id",     "m",  trading::OrderKind::split, trading::TimeInForce::gtc, trading::Outcome::no, trading::Side::sell,
                       {12'345}, {678}};
  return {{1, SessionStarted{"s", Money::whole(5), {{"a", true, 0.1 + 0.2, {3}}}, "{\"x\": 1}"}},
          {2, TradeOpened{1, "a", prediction::OpportunityKind::pair, -2.5, 0.125, {"news-1", "\"quoted\""}}},
          {3, OrderCreated{order, 1, Purpose::exit, {17}}},
          {4, OrderChanged{"id", OrderStatus::closing, {678}, "why"}},
          {5, EntryBooked{entry}},
          {6, StrategySwitched{"a", false, true, "max_loss: 3", {-3}}},
          {7, CapitalMoved{{{"b", 0.7}, {"a", 0.3}}, {{"b", {-1}}, {"a", {1}}}, true}},
          {8, StateChanged{TradingState::reducing, "ü"}},
          {9, CommandTaken{4, "{}", false, "no"}},
          {10, DayStarted{{99'000'001}, {{"a", {-5}}}}},
          {11, StrategyAdded{"c", false}}};
}

class SqliteJournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  Path folder = std::filesystem::temp_directory_path() / "tradewind_journal_test";
  Path path = folder / "journal.sqlite";
};

TEST_F(SqliteJournalTest, Gives_back_every_kind_of_record) {
  const auto records = one_of_each();
  ASSERT_EQ(records.size(), std::variant_size_v<RecordBody>);
  {
    const auto journal = SqliteJournal::open(path, SqliteJournal::Access::engine);
    ASSERT_TRUE(journal);
    ASSERT_TRUE((*journal)->append(records));
  }
  const auto journal = SqliteJournal::open(path, SqliteJournal::Access::reader);
  std::vector<Record> again;
  ASSERT_TRUE((*journal)->read([&](const Record& record) { again.push_back(record); }));
  EXPECT_EQ(again, records);
}

TEST_F(SqliteJournalTest, Has_one_engine_and_any_number_of_readers) {
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  ASSERT_TRUE(engine);
  EXPECT_TRUE(SqliteJournal::running(path));
  const auto second = SqliteJournal::open(path, SqliteJournal::Access::engine);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::already_exists);
  EXPECT_TRUE(SqliteJournal::open(path, SqliteJournal::Access::reader));
}

TEST_F(SqliteJournalTest, Marks_and_statistics_come_with_the_next_records) {
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  (*engine)->mark({1, 10, {Money::whole(5), Money{-1}}});
  (*engine)->set_statistics("{}");
  ASSERT_TRUE((*engine)->append(one_of_each()));
  std::vector<Mark> marks;
  ASSERT_TRUE((*engine)->read_marks([&](const Mark& mark) { marks.push_back(mark); }));
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].equity, (std::vector<Money>{Money::whole(5), Money{-1}}));
  EXPECT_EQ((*engine)->statistics(), std::string("{}"));
}

TEST_F(SqliteJournalTest, Commands_come_in_order_and_once) {
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  const auto person = SqliteJournal::open(path, SqliteJournal::Access::inbox);
  ASSERT_EQ(*(*person)->leave("one"), 1);
  ASSERT_EQ(*(*person)->leave("two"), 2);
  const auto commands = (*engine)->commands_after(1);
  ASSERT_EQ(commands->size(), 1U);
  EXPECT_EQ(commands->front().text, "two");
}

TEST_F(SqliteJournalTest, Takes_and_gives_bytes_that_are_no_text) {
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  std::vector<Record> records = one_of_each();
  records.push_back({11, StateChanged{TradingState::halted, "gone\xff"}});
  records.push_back({12, TradeOpened{2, "a", prediction::OpportunityKind::news, 1, 1, {"id: head\xc3"}}});
  ASSERT_TRUE((*engine)->append(records));
  std::vector<Record> again;
  ASSERT_TRUE((*engine)->read([&](const Record& record) { again.push_back(record); }));
  EXPECT_EQ(std::get<StateChanged>(again.at(11).body).reason, "gone\uFFFD");
  EXPECT_EQ(std::get<TradeOpened>(again.at(12).body).evidence.front(), "id: head\uFFFD");
  const auto person = SqliteJournal::open(path, SqliteJournal::Access::inbox);
  ASSERT_TRUE((*person)->leave("{\"do\": \"halt\", \"reason\": \"\xfe\"}"));
  EXPECT_EQ((*engine)->commands_after(0)->front().text, "{\"do\": \"halt\", \"reason\": \"\uFFFD\"}");
}

TEST_F(SqliteJournalTest, A_damaged_or_missing_record_is_named) {
  {
    const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
    ASSERT_TRUE((*engine)->append(one_of_each()));
  }
  auto database = Database::open(path, Database::Mode::write);
  ASSERT_TRUE(database->run("UPDATE journal SET body = '{\"order\": 5}', checksum = NULL WHERE sequence = 4"));
  const auto damaged = (*SqliteJournal::open(path, SqliteJournal::Access::reader))->read([](const Record&) {});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), Errc::corrupt);
  EXPECT_EQ(damaged.error().where(), "record 4");
  ASSERT_TRUE(database->run("DELETE FROM journal WHERE sequence = 2"));
  EXPECT_EQ((*SqliteJournal::open(path, SqliteJournal::Access::reader))->read([](const Record&) {}).error().where(), "record 2");
  ASSERT_TRUE(database->run("UPDATE journal SET kind = 'from_the_future', checksum = NULL WHERE sequence = 1"));
  EXPECT_EQ((*SqliteJournal::open(path, SqliteJournal::Access::reader))->read([](const Record&) {}).error().code(), Errc::newer_format);
}

TEST_F(SqliteJournalTest, A_record_with_other_bytes_than_were_written_is_named) {
  {
    const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
    ASSERT_TRUE((*engine)->append(one_of_each()));
  }
  auto database = Database::open(path, Database::Mode::write);
  const auto read = [&] { return (*SqliteJournal::open(path, SqliteJournal::Access::reader))->read([](const Record&) {}); };
  ASSERT_TRUE(read());
  // Still a record that can be read, with another amount.
  ASSERT_TRUE(database->run("UPDATE journal SET body = replace(body, '\"capital\":\"5\"', '\"capital\":\"7\"') WHERE sequence = 1"));
  ASSERT_FALSE(read());
  EXPECT_EQ(read().error().code(), Errc::corrupt);
  EXPECT_EQ(read().error().where(), "record 1");
  ASSERT_TRUE(database->run("UPDATE journal SET body = replace(body, '\"capital\":\"7\"', '\"capital\":\"5\"') WHERE sequence = 1"));
  ASSERT_TRUE(read());
  ASSERT_TRUE(database->run("UPDATE journal SET time = 11 WHERE sequence = 8"));
  EXPECT_EQ(read().error().where(), "record 8");
}

/// What is said of the last of the records; empty when all of them fit.
std::string refusal(const std::vector<Record>& records) {
  MemoryJournal journal;
  static_cast<void>(journal.append(records));
  EngineState state;
  const auto replayed = replay(journal, state);
  if (replayed) return {};
  EXPECT_EQ(replayed.error().code(), Errc::corrupt);
  EXPECT_EQ(replayed.error().where(), "record " + std::to_string(records.size()));
  EXPECT_FALSE(replayed.error().hint().empty());
  return replayed.error().message();
}

TEST(Replay, A_record_that_does_not_fit_those_before_it_is_named) {
  const Record start{1, SessionStarted{"s", Money::whole(5), {{"a", true, 1, Money::whole(5)}}, "{}"}};
  const Record opened{2, TradeOpened{1, "a", prediction::OpportunityKind::pair, 0, 0, {}}};
  OrderCreated order{{"id",
                      "m",
                      trading::OrderKind::limit,
                      trading::TimeInForce::gtc,
                      trading::Outcome::yes,
                      trading::Side::buy,
                      {500'000},
                      Shares::whole(2)},
                     1,
                     Purpose::entry,
                     Money::whole(1)};
  EXPECT_EQ(refusal({start, opened, {3, order}}), "");
  EXPECT_EQ(refusal({opened}), "a record 'trade_opened' does not fit those before it: the session has not begun");
  EXPECT_EQ(refusal({start, start}), "a record 'session_started' does not fit those before it: the session has begun already");
  EXPECT_EQ(refusal({start, opened, opened}), "a record 'trade_opened' does not fit those before it: trade 1 is there already");
  EXPECT_NE(refusal({start, opened, {3, order}, {4, order}}).find("working already"), std::string::npos);
  EXPECT_NE(refusal({start, {-1, DayStarted{}}}).find("before 1970"), std::string::npos);
  order.order.shares = {};
  EXPECT_NE(refusal({start, opened, {3, order}}).find("no shares"), std::string::npos);
}

TEST(Replay, Amounts_whose_sums_would_overflow_are_named) {
  const Record start{1, SessionStarted{"s", Money::whole(5), {{"a", true, 1, Money::whole(5)}}, "{}"}};
  trading::AccountEntry entry;
  entry.kind = trading::AccountEntry::Kind::transfer;
  entry.cash = Money::whole(600'000'000'000);
  EXPECT_EQ(refusal({start, {2, EntryBooked{entry}}}), "");
  EXPECT_NE(refusal({start, {2, EntryBooked{entry}}, {3, EntryBooked{entry}}}).find("beyond any account"), std::string::npos);
  entry.cash = {INT64_MIN};
  EXPECT_NE(refusal({start, {2, EntryBooked{entry}}}).find("beyond any account"), std::string::npos);
  entry.cash = {};
  entry.kind = trading::AccountEntry::Kind::fill;
  entry.yes = Shares::whole(-1);
  EXPECT_NE(refusal({start, {2, EntryBooked{entry}}}).find("less than nothing"), std::string::npos);
}

TEST_F(SqliteJournalTest, Marks_whose_sums_would_overflow_are_named) {
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  ASSERT_TRUE((*engine)->append(one_of_each()));
  auto database = Database::open(path, Database::Mode::write);
  ASSERT_TRUE(database->run("INSERT INTO marks VALUES(1, 10, '9000000000000 9000000000000')"));
  const auto read = [&] { return (*engine)->read_marks([](const Mark&) {}); };
  ASSERT_FALSE(read());
  EXPECT_EQ(read().error().where(), "cycle 1");
  ASSERT_TRUE(database->run("UPDATE marks SET time = -1, equity = '5'"));
  EXPECT_NE(read().error().message().find("before 1970"), std::string::npos);
}

TEST_F(SqliteJournalTest, Goes_on_with_a_journal_of_before_there_were_checksums) {
  {
    const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
    ASSERT_TRUE((*engine)->append(one_of_each()));
  }
  ASSERT_TRUE(Database::open(path, Database::Mode::write)->run("ALTER TABLE journal DROP COLUMN checksum; DROP TABLE identity"));
  std::vector<Record> again;
  const auto keep = [&](const Record& record) { again.push_back(record); };
  ASSERT_TRUE((*SqliteJournal::open(path, SqliteJournal::Access::reader))->read(keep));
  ASSERT_TRUE((*SqliteJournal::open(path, SqliteJournal::Access::inbox))->leave("{}"));
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  ASSERT_TRUE((*engine)->append(one_of_each()));
  ASSERT_TRUE((*engine)->read(keep));
  EXPECT_EQ(again.size(), 3 * one_of_each().size());
  EXPECT_EQ((*engine)->identity()->size(), 32U);
}

TEST_F(SqliteJournalTest, Every_session_has_an_identity_that_it_keeps) {
  const std::string first = *(*SqliteJournal::open(path, SqliteJournal::Access::engine))->identity();
  EXPECT_EQ(*(*SqliteJournal::open(path, SqliteJournal::Access::engine))->identity(), first);
  EXPECT_NE(*(*SqliteJournal::open(folder / "other.sqlite", SqliteJournal::Access::engine))->identity(), first);
}

TEST_F(SqliteJournalTest, A_mark_beyond_its_place_is_damage) {
  const auto engine = SqliteJournal::open(path, SqliteJournal::Access::engine);
  for (std::int64_t cycle = 1; cycle <= 3; ++cycle) (*engine)->mark({cycle, 10 * cycle, {Money::whole(5)}});
  ASSERT_TRUE((*engine)->flush());
  ASSERT_TRUE((*engine)->read_marks([](const Mark&) {}));
  ASSERT_TRUE(Database::open(path, Database::Mode::write)->run("UPDATE marks SET cycle = 9000000000000000000 WHERE cycle = 3"));
  const auto read = (*engine)->read_marks([](const Mark&) {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), Errc::corrupt);
}

}  // namespace
}  // namespace tradewind::execution
