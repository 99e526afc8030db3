// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/news.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "books.hpp"
#include "tradewind/prediction/news_feed.hpp"

namespace tradewind::prediction {
namespace {

using trading::NewsItem;
using trading::Outcome;

constexpr UnixNanos kHour = 3600 * kNanosPerSecond;

double polarity(const std::string& text) { return Lexicon().polarity(words_of(text)); }

struct Desk {
  explicit Desk(NewsOptions options = {})
      : strategy([&] {
          options.min_edge = 0.01;
          return News(options);
        }()) {
    for (const char* question :
         {"Will the Fed cut rates in December?", "Will Arsenal win the Premier League?", "Will the Senate pass the budget bill?"}) {
      trading::PredictionMarket market;
      market.question = question;
      market.tick_size = Price{10'000};
      universe.quote(universe.add(market), 490, 510);
    }
  }
  std::vector<Opportunity> hear(std::vector<NewsItem> items, UnixNanos now) {
    MarketView view = universe.view(now);
    view.news = items;
    return look(strategy, view);
  }
  Universe universe;
  News strategy;
};

NewsItem item(std::string id, std::string headline, UnixNanos time) {
  NewsItem one;
  one.id = std::move(id);
  one.headline = std::move(headline);
  one.time = one.received = time;
  one.source = "wire";
  return one;
}

TEST(NewsTextTest, Polarity_knows_negation_within_its_clause) {
  EXPECT_GT(polarity("Arsenal wins the league"), 0.5);
  EXPECT_LT(polarity("Arsenal has not won the league"), -0.5);
  EXPECT_LT(polarity("Senate rejects the bill"), -0.5);
  EXPECT_GT(polarity("Senate did not reject the bill"), 0.5);
  EXPECT_GT(polarity("Arsenal didn't lose"), 0.5);
  EXPECT_GT(polarity("No, Arsenal wins"), 0.5) << "a comma ends the reach of a negation";
  EXPECT_EQ(polarity("The sky over London"), 0);
  EXPECT_EQ(polarity(""), 0);
}

TEST(NewsTextTest, Nearly_the_same_text_hashes_nearly_the_same) {
  const auto hash = [](const char* text) { return simhash(words_of(text)); };
  const auto base = hash("Fed signals a rate cut in December after weak jobs report, officials say in Washington");
  EXPECT_EQ(hamming_distance(base, hash("FED signals a rate cut in December, after weak jobs report: officials say in Washington")), 0);
  EXPECT_LE(hamming_distance(base, hash("Fed signals a rate cut in December after weak jobs report, officials say in Washington today")),
            8);
  EXPECT_GT(hamming_distance(base, hash("Arsenal beat Chelsea in a late thriller at the Emirates on a cold Sunday")), 15);
}

TEST(NewsTest, An_item_moves_the_market_it_is_about_and_no_other) {
  Desk desk;
  const auto found = desk.hear({item("n1", "Fed confirms it will cut rates in December", kHour)}, kHour);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].market(), 0U);
  EXPECT_EQ(found[0].legs[0].outcome, Outcome::yes);
  EXPECT_GT(found[0].probability, 0.6);
  EXPECT_EQ(desk.strategy.evidence(found[0]), std::vector<std::string>{"n1: Fed confirms it will cut rates in December"});
  const auto against = desk.hear({item("n2", "Senate bill on something else cancelled", 2 * kHour)}, 2 * kHour);
  const auto at = std::find_if(against.begin(), against.end(), [](const auto& o) { return o.market() == 2; });
  EXPECT_EQ(at, against.end()) << "half of the question's words are too few";
  const auto named = desk.hear({[] {
                                 NewsItem one = item("n3", "Vote cancelled", 3 * kHour);
                                 one.market_ids = {"m2"};
                                 return one;
                               }()},
                               3 * kHour);
  const auto no = std::find_if(named.begin(), named.end(), [](const auto& o) { return o.market() == 2; });
  ASSERT_NE(no, named.end()) << "the feed says what it is about";
  EXPECT_EQ(no->legs[0].outcome, Outcome::no);
}

TEST(NewsTest, The_posterior_is_the_formula) {
  NewsOptions options;
  options.strength = 0.8;
  options.tau_hours = 2;
  options.source_weights = {{"wire", 0.5}};
  options.markets = {{.id = "m1", .keywords = {"gunners"}, .polarity = -1}};
  Desk desk(options);
  const auto found = desk.hear({item("a", "Gunners win", 10 * kHour)}, 11 * kHour);
  ASSERT_EQ(found.size(), 1U);
  const double moved = 0.8 * 0.5 * 1 * 0.8 * -1 * std::exp(-1.0 / 2);
  EXPECT_NEAR(desk.strategy.impact(1, 11 * kHour), moved, 1e-12);
  EXPECT_NEAR(found[0].probability, 1 - 1 / (1 + std::exp(-moved)), 1e-12);
  EXPECT_EQ(found[0].legs[0].outcome, Outcome::no);
  EXPECT_NEAR(desk.strategy.impact(1, 13 * kHour), moved * std::exp(-1.0), 1e-12);
}

TEST(NewsTest, Repetitions_count_once) {
  Desk desk;
  const std::string headline = "Fed confirms it will cut interest rates in December after a weak jobs report";
  desk.hear({item("a", headline, kHour)}, kHour);
  const double once = desk.strategy.impact(0, kHour);
  EXPECT_GT(once, 0);
  desk.hear({item("b", headline, kHour), item("a", headline, kHour), item("c", headline + "!", kHour)}, kHour);
  EXPECT_EQ(desk.strategy.impact(0, kHour), once);
  EXPECT_EQ(desk.strategy.get_statistics().details["repetitions"], 3);
}

TEST(NewsTest, Nothing_is_used_before_it_was_received) {
  Desk desk;
  NewsItem early = item("future", "Fed confirms it will cut rates in December", 5 * kHour);
  EXPECT_TRUE(desk.hear({early}, kHour).empty());
  EXPECT_TRUE(desk.hear({}, 5 * kHour - 1).empty());
  EXPECT_EQ(desk.hear({}, 5 * kHour).size(), 1U);
  Desk other;
  NewsItem ahead = item("ahead", "Fed confirms it will cut rates in December", 0);
  ahead.time = 100 * kHour;  // the feed's clock is ahead: it counts from when it was received
  ahead.received = kHour;
  other.hear({ahead}, kHour);
  EXPECT_NEAR(other.strategy.impact(0, 7 * kHour), other.strategy.impact(0, kHour) * std::exp(-1.0), 1e-12);
}

TEST(NewsTest, A_faded_or_reversed_story_is_left) {
  Desk desk;
  const auto found = desk.hear({item("a", "Fed confirms it will cut rates in December", kHour)}, kHour);
  ASSERT_EQ(found.size(), 1U);
  OpenTrade trade;
  trade.kind = OpportunityKind::news;
  trade.opened = kHour;
  trade.entry_signal = found[0].signal;
  trade.holdings = {{0, Outcome::yes, Shares::whole(20), Money::whole(10)}};
  EXPECT_FALSE(desk.strategy.should_exit(trade, desk.universe.view(2 * kHour)));
  EXPECT_TRUE(desk.strategy.should_exit(trade, desk.universe.view(12 * kHour)));
  desk.hear({item("b", "Fed rejects a cut of rates in December, plan abandoned and scrapped", 2 * kHour)}, 2 * kHour);
  desk.hear({item("c", "December: Fed cancels every idea to cut rates", 2 * kHour)}, 2 * kHour);
  EXPECT_LE(desk.strategy.impact(0, 2 * kHour), 0);
  EXPECT_TRUE(desk.strategy.should_exit(trade, desk.universe.view(2 * kHour)));
}

class FeedTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("tradewind_news_" + std::to_string(::getpid()) + ".jsonl");
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }
  void append(const std::string& text) { std::ofstream(path_, std::ios::app | std::ios::binary) << text; }
  std::filesystem::path path_;
};

TEST_F(FeedTest, Lines_are_read_as_they_are_written) {
  JsonlNewsFile file(path_);
  ASSERT_TRUE(file.poll(1).has_value());
  append(R"({"id":"a","time":"2026-01-02T03:04:05Z","source":"wire","headline":"One","market_ids":["m1",7]})"
         "\n{\"headline\":\"Two\",\"time\":12.5}\nnot json\n{\"id\":\"x\"}\n{\"headline\":\"Three\",\"ti");
  auto items = file.poll(77).value();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].id, "a");
  EXPECT_EQ(format_time(items[0].time), "2026-01-02T03:04:05Z");
  EXPECT_EQ(items[0].received, 77);
  EXPECT_EQ(items[0].market_ids, std::vector<std::string>{"m1"});
  EXPECT_EQ(items[1].time, 12'500'000'000);
  EXPECT_EQ(file.bad_lines(), 2U);
  EXPECT_NE(file.last_complaint().find(":4: has no headline"), std::string::npos) << file.last_complaint();
  EXPECT_TRUE(file.poll(78).value().empty()) << "half a line waits";
  append("me\":\"yesterday\"}\n{\"headline\":\"Four\"}\n");
  items = file.poll(79).value();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].time, 79);
  EXPECT_NE(file.last_complaint().find(":5: time"), std::string::npos) << file.last_complaint();
  std::filesystem::resize_file(path_, 0);
  append("{\"headline\":\"Again\"}\n");
  EXPECT_EQ(file.poll(80).value().size(), 1U);
}

TEST_F(FeedTest, A_line_without_end_is_skipped_in_bounded_memory) {
  JsonlNewsFile file(path_);
  append("{\"headline\":\"" + std::string(kLongestNewsLine + 10, 'x'));
  EXPECT_TRUE(file.poll(1).value().empty());
  append(std::string(1000, 'y') + "\"}\n{\"headline\":\"fine\"}\n");
  EXPECT_EQ(file.poll(2).value().size(), 1U);
  EXPECT_EQ(file.bad_lines(), 1U);
  append(std::string(100'000, '[') + "\n");
  EXPECT_TRUE(file.poll(3).value().empty());
}

TEST_F(FeedTest, Lines_of_a_document_need_no_ids) {
  std::string complaint;
  const std::string text = "{\"headline\":\"One\"}\n\nnot json\n{\"headline\":\"Two\",\"id\":\"b\",\"source\":\"wire\"}";
  const auto items = parse_jsonl_news(text, "http://feed", 5, complaint);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(complaint, "line 3: is not a JSON object");
  EXPECT_EQ(items[0].source, "http://feed");
  EXPECT_EQ(items[0].id, parse_jsonl_news(text, "x", 9, complaint)[0].id) << "the same line is the same item whenever it is read";
  EXPECT_NE(items[0].id, "");
  EXPECT_EQ(items[1].id, "b");
  EXPECT_EQ(items[1].source, "wire");
}

TEST(RssTest, Both_kinds_of_feed_are_read) {
  const auto rss = parse_rss(R"(<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
    <item><title>Fed &amp; rates</title><description><![CDATA[<p>A <b>bold</b> move</p>]]></description>
    <pubDate>Mon, 06 Sep 2021 16:45:00 +0200</pubDate><guid>g1</guid></item><item><title></title></item></channel></rss>)",
                             "paper", 99);
  ASSERT_TRUE(rss.has_value());
  ASSERT_EQ(rss->size(), 1U);
  EXPECT_EQ(rss->front().headline, "Fed & rates");
  EXPECT_EQ(rss->front().id, "g1");
  EXPECT_EQ(format_time(rss->front().time), "2021-09-06T14:45:00Z");
  EXPECT_EQ(rss->front().text.find('<'), std::string::npos);
  const auto broken = parse_rss("<rss><channel><item><title>Fed \xff cuts</title><guid>g\xc3</guid></item></channel></rss>", "x", 7);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->front().headline, "Fed \uFFFD cuts");
  EXPECT_EQ(broken->front().id, "g\uFFFD");
  EXPECT_EQ(parse_news_line("{\"headline\": \"Fed \xff cuts\"}", 7)->headline, "Fed \uFFFD cuts");
  const auto atom = parse_rss(R"(<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><id>i</id>
    <updated>2021-09-06T14:45:00Z</updated><summary>s</summary></entry></feed>)",
                              "blog", 99);
  ASSERT_TRUE(atom.has_value());
  EXPECT_EQ(format_time(atom->front().time), "2021-09-06T14:45:00Z");
  EXPECT_EQ(atom->front().received, 99);
}

TEST(RssTest, Bombs_and_rubbish_are_refused) {
  EXPECT_EQ(parse_rss("<html><body/></html>", "x", 0).error().code(), Errc::invalid_data);
  EXPECT_EQ(parse_rss("<rss><channel>", "x", 0).error().code(), Errc::invalid_data);
  EXPECT_EQ(parse_rss("", "x", 0).error().code(), Errc::invalid_data);
  EXPECT_EQ(parse_rss(std::string(kLargestFeed + 1, ' '), "x", 0).error().code(), Errc::too_large);
  const auto bomb = parse_rss(R"(<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
    <rss><channel><item><title>&b;</title></item></channel></rss>)",
                              "x", 0);
  ASSERT_TRUE(bomb.has_value());
  EXPECT_EQ(bomb->front().headline, "&b;") << "entities of a document stay as they stand";
  std::string deep = "<rss><channel>";
  for (int i = 0; i < 300'000; ++i) deep += "<a>";
  EXPECT_FALSE(parse_rss(deep, "x", 0).has_value());
  EXPECT_FALSE(parse_feed_time("Mon, 99 Sep 2021 16:45:00 GMT"));
  EXPECT_FALSE(parse_feed_time("2021-09-06T14:45:00")) << "without a zone";
  EXPECT_TRUE(parse_feed_time("6 Sep 2021 16:45:00 EST"));
}

}  // namespace
}  // namespace tradewind::prediction
