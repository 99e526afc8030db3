// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/recording.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tradewind/base/random.hpp"
#include "tradewind/books/check.hpp"
#include "tradewind/books/import.hpp"
#include "tradewind/books/recorded_books.hpp"

namespace tradewind::books {
namespace {

using trading::Outcome;
using trading::Side;

/// Changes of both tokens in a recorder's envelope, received after the books that follow it in the file.
const std::string kChange =
    R"({"ts_local_ms": 1770000002000, "raw_json": "{\"event_type\":\"price_change\",\"market\":\"0xa\",\"timestamp\":\"1770000001990\",)"
    R"(\"price_changes\":[{\"asset_id\":\"11\",\"price\":\".48\",\"size\":\"7\",\"side\":\"BUY\"},)"
    R"({\"asset_id\":\"12\",\"price\":\"0.52\",\"size\":\"7\",\"side\":\"SELL\"}]}"})"
    "\n";
const std::string kBooks =
    R"([{"event_type":"book","market":"0xa","asset_id":"11","timestamp":"1770000001000","bids":[{"price":"0.45","size":"10"}],)"
    R"("asks":[{"price":"0.99","size":"1"},{"price":"0.5","size":"2"}]},)"
    R"({"event_type":"book","market":"0xa","asset_id":"12","timestamp":"1770000001000","bids":[],"asks":[{"price":"1.2","size":"3"}]}])"
    "\n";
/// Two runners, one of which has bids, offers and trades.
const std::string kRace =
    R"({"op":"mcm","pt":1770000001000,"mc":[{"id":"1.5","marketDefinition":{"status":"OPEN","numberOfWinners":1,"marketBaseRate":5,)"
    R"("marketType":"WIN","runners":[{"id":7,"status":"ACTIVE"},{"id":8,"status":"ACTIVE"}]},)"
    R"("rc":[{"id":7,"atb":[[4,10],[5,2]],"atl":[[8,3]],"trd":[[5,20]]}]}]})"
    "\n";
const std::string kClosed = R"({"op":"mcm","pt":1770000004000,"mc":[{"id":"1.5","marketDefinition":{"status":"CLOSED",)"
                            R"("runners":[{"id":7,"status":"WINNER"},{"id":8,"status":"REMOVED"}]}}]})";
const std::string kImage = R"({"op":"mcm","pt":1770000001000,"mc":[{"id":"1.5","img":true,"rc":[{"id":7,"atb":[[4,10]],"atl":[[8,3]]}]}]})";

class Books : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tradewind_books_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  Path file(const std::string& name, const std::string& text) const {
    std::ofstream(root / name) << text;
    return root / name;
  }
  Result<Recording> imported(BooksFormat format, const std::string& text, std::vector<Path> markets = {}) const {
    return import_books({format, {file("source", text)}, std::move(markets)});
  }

  Path root;
};

Recording of_events(std::vector<BookEvent> events, bool mirrored) {
  Recording recording;
  recording.markets.resize(1);
  recording.markets[0].market.id = "m";
  recording.markets[0].mirrored = mirrored;
  recording.events = std::move(events);
  return recording;
}

BookEvent event(EventKind kind, Outcome outcome, Side side = Side::buy, std::int32_t price = 0, std::int64_t shares = 0) {
  return {1'000, shares, price, 0, 0, kind, outcome, side, false};
}

TEST(RecordedBooks, is_not_trusted_before_a_whole_book_of_both_tokens) {
  const Recording recording = of_events({}, false);
  RecordedBooks state(recording);
  EXPECT_FALSE(state.trusted(0));
  state.apply(event(EventKind::level, Outcome::yes, Side::buy, 400'000, 5'000'000));
  state.apply(event(EventKind::book, Outcome::yes));
  state.apply(event(EventKind::level, Outcome::yes, Side::buy, 400'000, 7'000'000));
  EXPECT_FALSE(state.trusted(0));
  state.apply(event(EventKind::book, Outcome::no));
  EXPECT_TRUE(state.trusted(0));
  ASSERT_EQ(state.prices(0).yes().bids.size(), 1U);
  EXPECT_EQ(state.prices(0).yes().bids.best().size, Shares::whole(7));
  state.apply(event(EventKind::level, Outcome::yes, Side::buy, 400'000, 0));
  EXPECT_TRUE(state.prices(0).yes().bids.empty());
  state.apply(event(EventKind::tick, Outcome::yes, Side::buy, 1'000));
  EXPECT_FALSE(state.trusted(0)) << "another tick, another book";
}

TEST(RecordedBooks, of_a_venue_with_one_book_knows_no_by_its_mirror) {
  const Recording recording = of_events({}, true);
  RecordedBooks state(recording, Shares::whole(3));
  state.apply(event(EventKind::book, Outcome::yes));
  EXPECT_TRUE(state.trusted(0));
  state.apply(event(EventKind::level, Outcome::yes, Side::sell, 620'000, 9'000'000));
  state.apply(event(EventKind::level, Outcome::yes, Side::buy, 600'000, kUnknownSize));
  const auto& no = state.prices(0).no();
  EXPECT_EQ(no.bids.best(), (trading::Level{Price{380'000}, Shares::whole(9)}));
  EXPECT_EQ(no.asks.best(), (trading::Level{Price{400'000}, Shares::whole(3)}));
  state.apply(event(EventKind::book, Outcome::yes));
  EXPECT_TRUE(no.bids.empty() && no.asks.empty());
  state.miss();
  EXPECT_FALSE(state.trusted(0));
}

TEST_F(Books, frames_of_both_kinds_are_one_story_in_the_order_of_receipt) {
  const auto recording = imported(BooksFormat::ws, "[{},\n {}]\n");
  ASSERT_FALSE(recording) << "a list over two lines is no line";
  EXPECT_EQ(recording.error().code(), Errc::invalid_data);
  const auto whole = imported(
      BooksFormat::ws, kChange + kBooks +
                           R"({"event_type":"last_trade_price","market":"0xa","asset_id":"12","timestamp":"1770000003000","price":"0.5",)"
                           R"("size":"4","side":"SELL"}
{"event_type":"market_resolved","market":"0xa","winning_asset_id":"12","timestamp":"1770000009000"}
{"event_type":"something_new","market":"0xa","timestamp":"1770000009100"}
)");
  ASSERT_TRUE(whole) << whole.error().message();
  EXPECT_EQ(whole->info.rows, 5);
  ASSERT_EQ(whole->events.size(), 9U);
  EXPECT_EQ(whole->events.front().received, 1'770'000'001'000'000'000);
  EXPECT_EQ(whole->events[5].received, 1'770'000'002'000'000'000);
  EXPECT_EQ(whole->events[5].delay_us, 10'000);
  EXPECT_EQ(whole->events[5].price, 480'000);
  EXPECT_EQ(whole->events[6].outcome, Outcome::no);
  EXPECT_EQ(whole->events[7].kind, EventKind::print);
  EXPECT_TRUE(whole->info.prints);
  EXPECT_EQ(whole->events[8].kind, EventKind::payout);
  EXPECT_EQ(whole->events[8].price, 0) << "no has won";
  EXPECT_EQ(whole->info.resolved, 1U);
  EXPECT_EQ(whole->info.notes.size(), 3U) << "a level off the scale, a frame of another kind, a market nobody describes";
}

TEST_F(Books, odds_are_prices_and_stakes_are_shares) {
  const auto recording = imported(
      BooksFormat::betfair, kRace + R"({"op":"mcm","pt":1770000002000,"mc":[{"id":"1.5","rc":[{"id":7,"atb":[[5,0]],"trd":[[5,26]]}]}]}
{"op":"mcm","pt":1770000003000,"mc":[{"id":"1.5","img":true,"rc":[{"id":7,"atl":[[10,1]]}]}]}
)" + kClosed);
  ASSERT_TRUE(recording) << recording.error().message();
  RecordedBooks state(*recording);
  std::vector<BookEvent> prints;
  for (const BookEvent& one : recording->events) {
    if (one.kind == EventKind::print) prints.push_back(one);
    if (one.received > 1'770'000'001'000'000'000) continue;
    state.apply(one);
  }
  const auto& yes = state.prices(0).yes();
  EXPECT_EQ(yes.asks.best(), (trading::Level{Price{200'000}, Shares::whole(10)})) << "backing 2 at 5 is buying 10 shares at 0.20";
  EXPECT_EQ(yes.bids.best(), (trading::Level{Price{125'000}, Shares::whole(24)}));
  EXPECT_EQ(state.prices(0).no().bids.best().price, Price{800'000});
  ASSERT_EQ(prints.size(), 1U) << "what was traded before the recording is no trade";
  EXPECT_EQ(prints[0].shares, 15'000'000) << "6 more count both sides: a stake of 3 at 5";
  EXPECT_TRUE(prints[0].inferred);
  for (const BookEvent& one : recording->events) state.apply(one);
  EXPECT_TRUE(state.prices(0).yes().asks.empty()) << "an image replaces";
  EXPECT_FALSE(state.trading(0));
  EXPECT_EQ(recording->info.resolved, 1U);
  EXPECT_EQ(recording->markets[0].market.fees.rate, 0.05);
  EXPECT_FALSE(recording->markets[1].unresolved.empty()) << "a removed runner's bets are void";
}

TEST_F(Books, a_recording_is_read_back_as_it_was_written) {
  Random random(4);
  Recording recording = of_events({}, true);
  recording.info.format = "ws";
  for (int i = 0; i < 5000; ++i)
    recording.events.push_back({1'700'000'000'000'000'000 + i * 1'000, static_cast<std::int64_t>(random.below(1'000'000)) - 1,
                                static_cast<std::int32_t>(random.below(1'000'000)), 0, static_cast<std::int32_t>(random.below(99)) - 50,
                                static_cast<EventKind>(random.below(6)), static_cast<Outcome>(random.below(2)),
                                static_cast<Side>(random.below(2)), random.below(2) == 0});
  recording.info.events = 5000;
  recording.info.markets = 1;
  ASSERT_TRUE(write_recording(root, "one", recording));
  EXPECT_EQ(write_recording(root, "one", recording).error().code(), Errc::already_exists);
  const auto back = read_recording(root, "one");
  ASSERT_TRUE(back) << back.error().message();
  ASSERT_EQ(back->events.size(), recording.events.size());
  for (std::size_t i = 0; i < back->events.size(); ++i) {
    const BookEvent &a = back->events[i], &b = recording.events[i];
    ASSERT_TRUE(a.received == b.received && a.shares == b.shares && a.price == b.price && a.delay_us == b.delay_us && a.kind == b.kind &&
                a.outcome == b.outcome && a.side == b.side && a.inferred == b.inferred)
        << i;
  }
  EXPECT_TRUE(back->markets[0].mirrored);
}

TEST_F(Books, what_rots_is_told_wherever_it_rots) {
  const auto recording =
      imported(BooksFormat::betfair,
               R"({"op":"mcm","pt":1770000001000,"mc":[{"id":"1.5","img":true,"rc":[{"id":7,"atb":[[4,10]],"atl":[[8,3]]}]}]})");
  ASSERT_TRUE(recording);
  ASSERT_TRUE(write_recording(root, "one", *recording));
  Random random(1);
  for (const char* part : {"events/0000.parquet", "markets.json", "manifest.json"}) {
    const Path path = recording_folder(root, "one") / part;
    const std::string bytes = *read_file(path);
    for (int i = 0; i < 40; ++i) {
      std::string rotten = bytes;
      rotten[random.below(rotten.size())] ^= static_cast<char>(1 << random.below(7));
      std::ofstream(path, std::ios::binary) << rotten;
      const auto read = read_recording(root, "one");  // a manifest that still reads may say other words; nothing may crash
      if (std::string(part) != "manifest.json") {
        EXPECT_FALSE(read) << part;
      }
    }
    std::ofstream(path, std::ios::binary) << bytes;
  }
  EXPECT_TRUE(read_recording(root, "one"));
  EXPECT_EQ(read_recording(root, "two").error().code(), Errc::not_found);
}

TEST_F(Books, files_that_are_none_are_refused_by_name) {
  for (const auto& [format, text] :
       std::vector<std::pair<BooksFormat, std::string>>{{BooksFormat::betfair, "{\"op\":\"mcm\",\"pt\":1770000001}\n{\"op\""},
                                                        {BooksFormat::betfair, "{\"hello\":1}"},
                                                        {BooksFormat::betfair, "{\"op\":\"mcm\",\"pt\":1770000001,\"mc\":[{}]}"},
                                                        {BooksFormat::ws, "{}"},
                                                        {BooksFormat::ws, "[1,2]"},
                                                        {BooksFormat::ws, ""},
                                                        {BooksFormat::pmxt_v2, "no parquet"},
                                                        {BooksFormat::quotes, "PAR1"}}) {
    const auto recording = imported(format, text);
    EXPECT_FALSE(recording) << text;
    EXPECT_EQ(recording.error().code(), Errc::invalid_data) << text << ": " << recording.error().message();
  }
  EXPECT_EQ(import_books({BooksFormat::ws, {root / "none"}, {}}).error().code(), Errc::not_found);
}

TEST_F(Books, any_bytes_are_survived) {
  const std::string line = kRace.substr(0, kRace.size() - 1), frame = kBooks.substr(0, kBooks.size() - 1);
  Random random(9);
  for (int i = 0; i < 3000; ++i) {
    std::string text = i % 2 == 0 ? line : frame;
    for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips)
      text[random.below(text.size())] = static_cast<char>(32 + random.below(95));
    const auto recording = imported(i % 2 == 0 ? BooksFormat::betfair : BooksFormat::ws, text);
    if (recording) check_books(*recording);
  }
}

}  // namespace
}  // namespace tradewind::books
