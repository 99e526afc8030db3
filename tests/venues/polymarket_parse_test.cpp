// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_parse.hpp"

#include <gtest/gtest.h>

#include "shapes.hpp"
#include "tradewind/base/random.hpp"

namespace tradewind::venues {
namespace {

using namespace shapes;
using trading::PredictionMarket;

GammaPage page_of(const Json& json) {
  PolymarketParser parser;
  auto page = parser.gamma_page(json.dump(), "here");
  EXPECT_TRUE(page) << page.error().message();
  return page ? std::move(*page) : GammaPage{};
}

/// The one market of a page of one.
PredictionMarket one(const Json& json) {
  const GammaPage page = page_of(Json::array({json}));
  EXPECT_EQ(page.markets.size(), 1U) << (page.notes.empty() ? "" : page.notes[0]);
  return page.markets.empty() ? PredictionMarket{} : page.markets[0];
}

/// Why a market is left out of a page that is otherwise fine.
std::string refused(const Json& json) {
  const GammaPage page = page_of(Json::array({json, market(999)}));
  EXPECT_EQ(page.markets.size(), 1U) << json.dump();
  EXPECT_EQ(page.unparsable, 1U);
  return page.notes.empty() ? "" : page.notes[0];
}

TEST(GammaPage, reads_every_field_of_a_market) {
  const PredictionMarket read = one(market(7));
  EXPECT_EQ(read.id, condition(7));
  EXPECT_EQ(read.question, "Will it be 7?");
  EXPECT_EQ(read.slug, "will-it-be-7");
  EXPECT_EQ(read.outcome_names, (std::array<std::string, 2>{"Yes", "No"}));
  EXPECT_EQ(read.token_ids, (std::array<std::string, 2>{yes_token(7), no_token(7)}));
  EXPECT_EQ(read.tick_size, Price{1000});
  EXPECT_EQ(read.minimum_size, Shares::whole(5));
  EXPECT_EQ(read.fees, (trading::FeeSchedule{0.04, 1}));
  EXPECT_EQ(read.end_time, parse_time("2028-11-07")->nanos);
  EXPECT_EQ(read.volume, 1234.5);
  EXPECT_EQ(read.liquidity, 99.5);
  EXPECT_TRUE(read.tradable());
  EXPECT_FALSE(read.negative_risk);
  EXPECT_FALSE(read.augmented);
  EXPECT_FALSE(read.payout);
}

TEST(GammaPage, cuts_long_texts_between_characters) {
  Json json = market(1);
  const std::string longest = std::string(1999, 'q') + "é";
  for (const char* key : {"question", "slug"}) json[key] = longest;
  json["outcomes"] = Json::array({longest, "No"});
  json["tags"] = Json::array({std::string(99, 't') + "€"});
  const PredictionMarket read = one(json);
  EXPECT_EQ(read.question, std::string(1999, 'q'));
  EXPECT_EQ(read.slug, std::string(1999, 'q'));
  EXPECT_EQ(read.outcome_names[0], std::string(1999, 'q'));
  EXPECT_EQ(read.tags, (std::vector<std::string>{std::string(99, 't')}));
}

TEST(GammaPage, lists_may_be_text_or_lists) {
  Json json = market(1);
  json["outcomes"] = R"(["Lakers \"LA\"", "Caf\u00e9"])";
  json["clobTokenIds"] = Json::array({"11", "12"});
  const PredictionMarket read = one(json);
  EXPECT_EQ(read.outcome_names[0], "Lakers \"LA\"");
  EXPECT_EQ(read.outcome_names[1], "Café");
  EXPECT_EQ(read.token_ids[1], "12");
}

TEST(GammaPage, names_decide_which_outcome_is_yes) {
  for (const char* names : {R"(["No", "Yes"])", R"(["NO", "yes"])"}) {
    Json json = with(closed(market(1), R"(["0", "1"])"), "outcomes", names);
    const PredictionMarket read = one(json);
    EXPECT_EQ(read.token_ids, (std::array<std::string, 2>{no_token(1), yes_token(1)})) << "in the order of the names";
    EXPECT_EQ(read.outcome_names, (std::array<std::string, 2>{"Yes", "No"}));
    EXPECT_TRUE(read.is_yes_or_no());
    ASSERT_TRUE(read.payout);
    EXPECT_EQ((*read.payout)[0], kPriceOfCertainty) << "the second outcome has won, which is yes";
    ClobMarket clob{.market_id = read.id, .closed = true, .token_ids = {yes_token(1), no_token(1)}, .winner = {true, false}};
    EXPECT_EQ((*payout_of(clob, read))[0], Price{}) << "tokens are known by their ids";
  }
  const PredictionMarket next = one(market(2));
  EXPECT_EQ(next.token_ids[0], yes_token(2)) << "the next one is read by its own names";
  for (const char* names : {R"(["Lakers", "Celtics"])", R"(["Yes", "Yes"])", R"(["Yes", "Maybe"])", "[]"}) {
    const PredictionMarket read = one(with(market(1), "outcomes", names));
    EXPECT_FALSE(read.is_yes_or_no()) << names;
    EXPECT_EQ(read.token_ids[0], yes_token(1)) << "by place";
    EXPECT_TRUE(read.tradable());
  }
  EXPECT_FALSE(one(without(market(1), "outcomes")).is_yes_or_no());
}

TEST(GammaPage, numbers_may_be_text_and_have_twins) {
  Json json = without(without(market(1), "volumeNum"), "liquidityNum");
  json["orderPriceMinTickSize"] = "0.01";
  json["orderMinSize"] = "15";
  json["feeSchedule"]["rate"] = "0.072";
  const PredictionMarket read = one(json);
  EXPECT_EQ(read.volume, 1234.5);
  EXPECT_EQ(read.liquidity, 99.5);
  EXPECT_EQ(read.tick_size, Price{10'000});
  EXPECT_EQ(read.minimum_size, Shares::whole(15));
  EXPECT_EQ(read.fees.rate, 0.072);
}

TEST(GammaPage, missing_and_null_are_the_same) {
  for (const char* key : {"negRisk", "endDate", "volume", "volumeNum", "orderMinSize", "orderPriceMinTickSize", "outcomes", "question"}) {
    EXPECT_TRUE(one(without(market(1), key)).tradable()) << key;
    EXPECT_TRUE(one(with(market(1), key, nullptr)).tradable()) << key;
  }
  for (const char* key : {"active", "acceptingOrders", "enableOrderBook"}) EXPECT_FALSE(one(without(market(1), key)).tradable()) << key;
  EXPECT_EQ(one(without(market(1), "endDate")).end_time, 0);
}

TEST(GammaPage, active_alone_does_not_make_it_tradable) {
  EXPECT_FALSE(one(closed(market(1))).tradable());
  EXPECT_TRUE(one(closed(market(1))).active);
  EXPECT_FALSE(one(with(market(1), "acceptingOrders", false)).tradable());
}

TEST(GammaPage, reads_both_forms_of_dates) {
  EXPECT_EQ(one(with(market(1), "endDate", "2026-03-01 12:00:00+00")).end_time, parse_time("2026-03-01T12:00:00Z")->nanos);
  EXPECT_EQ(one(with(market(1), "endDate", "2026-03-01T12:00:00.5Z")).end_time, parse_time("2026-03-01T12:00:00.5Z")->nanos);
  Json json = with(market(1), "endDate", "whenever");
  json["endDateIso"] = "2026-03-01";
  EXPECT_EQ(one(json).end_time, parse_time("2026-03-01")->nanos);
  EXPECT_EQ(venue_time("2026-03-01 12:00:00-05"), parse_time("2026-03-01T17:00:00Z")->nanos);
  EXPECT_EQ(venue_time("2026-02-30"), std::nullopt);
}

TEST(GammaPage, only_exact_prices_of_a_closed_market_are_a_payout) {
  const std::array<Price, 2> yes = {kPriceOfCertainty, Price{}};
  EXPECT_EQ(one(closed(market(1))).payout, yes);
  EXPECT_EQ(one(closed(market(1), R"(["0", "1"])")).payout, (std::array<Price, 2>{Price{}, kPriceOfCertainty}));
  EXPECT_EQ(one(with(closed(market(1)), "outcomePrices", Json::array({1, 0}))).payout, yes);
  for (const char* prices : {R"(["0", "0"])", R"(["1", "1"])", R"(["0.9995", "0.0005"])", R"(["0.5", "0.5"])",
                             R"(["0.58433116690776931466354", "0.4156"])", R"(["1"])", "[]", "", "x"})
    EXPECT_FALSE(one(closed(market(1), prices)).payout) << prices;
  EXPECT_FALSE(one(with(market(1), "outcomePrices", R"(["1", "0"])")).payout) << "still open";
}

TEST(GammaPage, fees_are_those_of_the_schedule) {
  EXPECT_EQ(one(with(without(market(1), "feeSchedule"), "feesEnabled", false)).fees_at(0), trading::FeeSchedule{});
  EXPECT_EQ(one(with(market(1), "feesEnabled", false)).fees.rate, 0.04) << "expecting a fee costs nothing";
  EXPECT_EQ(one(without(market(1), "feesEnabled")).fees.rate, 0.04);
  EXPECT_TRUE(one(closed(without(market(1), "feeSchedule"))).fees_known) << "nobody trades it any more";
  const Json quarter_hours{{"rate", 0.25}, {"exponent", 2}};
  EXPECT_EQ(one(with(market(1), "feeSchedule", quarter_hours)).fees, (trading::FeeSchedule{0.25, 2}));
}

TEST(GammaPage, fees_that_are_not_said_or_cannot_be_meant_are_not_known_and_told) {
  const auto schedule = [](Json rate, Json exponent) { return with(market(1), "feeSchedule", {{"rate", rate}, {"exponent", exponent}}); };
  for (const Json& json : {without(market(1), "feeSchedule"), with(market(1), "feeSchedule", nullptr),
                           without(without(market(1), "feeSchedule"), "feesEnabled"), with(market(1), "feeSchedule", "free"),
                           with(market(1), "feeSchedule", Json::object()), schedule(1.5, 1), schedule(-0.01, 1), schedule(1000, 1),
                           schedule(0.9, 1), schedule("much", 1), schedule(0.1, -1), schedule(0.04, 40), schedule(0.04, "one")}) {
    const GammaPage page = page_of(Json::array({json, market(999)}));
    ASSERT_EQ(page.markets.size(), 2U) << json.dump();
    EXPECT_EQ(page.markets[0].fees_at(0), std::nullopt) << json["feeSchedule"].dump();
    EXPECT_TRUE(page.markets[0].tradable()) << "the venue takes orders; it is we who do not";
    EXPECT_TRUE(page.markets[1].fees_known);
    EXPECT_EQ(page.unknown_fees, 1U);
    EXPECT_EQ(page.unparsable, 0U);
    ASSERT_EQ(page.notes.size(), 1U);
    EXPECT_NE(page.notes[0].find("not traded"), std::string::npos) << page.notes[0];
  }
}

TEST(GammaPage, leaves_out_with_a_note_what_makes_no_sense) {
  EXPECT_NE(refused(with(market(1), "conditionId", "0x12")).find("condition id"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "outcomes", R"(["A", "B", "C"])")).find("3 outcomes"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "outcomes", "not a list")).find("outcomes"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "clobTokenIds", R"(["1"])")).find("1 tokens"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "clobTokenIds", R"(["1", "1"])")).find("token"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "clobTokenIds", R"(["1", "2\"}]"])")).find("token"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "orderPriceMinTickSize", 0)).find("tick"), std::string::npos);
  EXPECT_NE(refused(with(market(1), "orderMinSize", -5)).find("order size"), std::string::npos);
  EXPECT_NE(refused(Json(7)).find("no object"), std::string::npos);
}

TEST(GammaPage, a_market_without_tokens_is_not_ready_and_no_fault) {
  for (const Json& tokens : {Json(nullptr), Json("[]"), Json(""), Json(R"(["", ""])")}) {
    const GammaPage page = page_of(Json::array({with(market(1), "clobTokenIds", tokens)}));
    EXPECT_EQ(page.not_ready, 1U);
    EXPECT_EQ(page.unparsable, 0U);
    EXPECT_TRUE(page.markets.empty());
  }
}

TEST(GammaPage, an_event_gives_its_markets_group_and_tags) {
  Json json = event(42, {with(market(1), "negRisk", true), with(market(2), "negRisk", true)});
  json["negRisk"] = true;
  json["enableNegRisk"] = true;
  const GammaPage page = page_of(Json::array({json}));
  ASSERT_EQ(page.markets.size(), 2U);
  EXPECT_EQ(page.markets[1].event_id, "42");
  EXPECT_EQ(page.markets[1].tags, (std::vector<std::string>{"politics", "elections"}));
  EXPECT_TRUE(page.markets[1].negative_risk);
  EXPECT_FALSE(page.markets[1].augmented);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_TRUE(page.events[0].complete);
  EXPECT_EQ(page.events[0].market_ids, (std::vector<std::string>{condition(1), condition(2)}));
  json["negRiskAugmented"] = true;
  EXPECT_TRUE(page_of(Json::array({json})).markets[0].augmented);
}

TEST(GammaPage, an_event_knows_which_outcomes_may_still_win) {
  Json json = event(42, {market(1), closed(market(2), R"(["0", "1"])"), closed(market(3), R"(["0", "0"])")});
  EXPECT_EQ(page_of(Json::array({json})).events[0].market_ids, (std::vector<std::string>{condition(1), condition(3)}));
  json["markets"].push_back(without(market(4), "clobTokenIds"));
  EXPECT_FALSE(page_of(Json::array({json})).events[0].complete);
}

TEST(GammaPage, a_market_alone_has_the_event_it_names) {
  Json json = market(1);
  json["events"] = Json::array({{{"id", 30'829}, {"negRisk", true}, {"negRiskAugmented", true}}});
  const PredictionMarket read = one(json);
  EXPECT_EQ(read.event_id, "30829");
  EXPECT_TRUE(read.negative_risk);
  EXPECT_TRUE(read.augmented);
}

TEST(GammaPage, takes_lists_and_pages_with_a_cursor) {
  const Json events = Json::array({event(1, {market(1)})});
  EXPECT_TRUE(page_of(events).bare);
  const GammaPage page = page_of({{"events", events}, {"next_cursor", "abc="}});
  EXPECT_EQ(page.next_cursor, "abc=");
  EXPECT_FALSE(page.bare);
  EXPECT_EQ(page.entries, 1U);
  EXPECT_EQ(page_of({{"data", events}, {"next_cursor", "LTE="}}).next_cursor, "");
  EXPECT_EQ(page_of({{"markets", Json::array({market(1)})}}).markets.size(), 1U);
  EXPECT_EQ(page_of(Json::array()).entries, 0U);
}

TEST(GammaPage, a_page_that_is_none_is_an_error_that_says_where) {
  PolymarketParser parser;
  const std::string deep(10'000, '[');
  std::string bad_utf8 = Json::array({market(1)}).dump();
  bad_utf8[bad_utf8.find("Will")] = '\xff';
  for (const std::string& text : {std::string(), std::string("<html>"), std::string("[1, 2"), std::string("7"), std::string("{}"), deep,
                                  std::string(R"({"events": 5})"), std::string(R"([{"error": "x"}])"), bad_utf8}) {
    const auto page = parser.gamma_page(text, "https://x/events");
    ASSERT_FALSE(page) << text.substr(0, 50);
    EXPECT_EQ(page.error().code(), Errc::venue);
    EXPECT_EQ(page.error().where(), "https://x/events");
    EXPECT_FALSE(page.error().hint().empty());
  }
  EXPECT_TRUE(parser.gamma_page(Json::array({market(1)}).dump(), "x")) << "a bad page leaves no trace";
}

TEST(GammaPage, huge_pages_are_refused) {
  PolymarketParser parser;
  EXPECT_FALSE(parser.gamma_page(std::string((std::size_t{64} << 20) + 1, ' '), "x"));
}

BooksPage books_of(const Json& json) {
  PolymarketParser parser;
  auto page = parser.books(json.dump(), "here");
  EXPECT_TRUE(page) << page.error().message();
  return page ? std::move(*page) : BooksPage{};
}

TEST(BooksPage, sorts_levels_whatever_their_order) {
  const Json usual = book(1, true);
  Json other = usual;
  for (const char* side : {"bids", "asks"}) std::reverse(other[side].begin(), other[side].end());
  Json shuffled = usual;
  shuffled["bids"] = Json::array({level("0.2", "1"), level("0.39", "20.5"), level("0.1", "1"), level("0.38", "10")});
  for (const Json& json : {usual, other, shuffled}) {
    const TokenSnapshot read = books_of(json).books.at(0);
    EXPECT_EQ(read.market_id, condition(1));
    EXPECT_EQ(read.token_id, yes_token(1));
    EXPECT_EQ(read.time, 1'763'700'000'123 * 1'000'000);
    EXPECT_EQ(read.book.bids[0], (trading::Level{Price{390'000}, Shares{20'500'000}}));
    EXPECT_EQ(read.book.bids[1], (trading::Level{Price{380'000}, Shares{10'000'000}}));
    EXPECT_EQ(read.book.asks[0], (trading::Level{Price{410'000}, Shares{40'250'000}}));
    EXPECT_EQ(read.book.asks[1], (trading::Level{Price{420'000}, Shares{30'000'000}}));
  }
}

TEST(BooksPage, reads_prices_exactly_in_every_spelling) {
  Json json = book(1, true);
  json["bids"] = Json::array({level(".48", "0.000001"), level("0.470", "12345678.654321"), {{"price", 0.46}, {"size", 3}}});
  const auto read = books_of(json);
  EXPECT_EQ(read.dropped_levels, 0U);
  EXPECT_EQ(read.books[0].book.bids[0], (trading::Level{Price{480'000}, Shares{1}}));
  EXPECT_EQ(read.books[0].book.bids[1], (trading::Level{Price{470'000}, Shares{12'345'678'654'321}}));
  EXPECT_EQ(read.books[0].book.bids[2], (trading::Level{Price{460'000}, Shares{3'000'000}}));
}

TEST(BooksPage, drops_and_counts_levels_off_the_scale) {
  Json json = book(1, true);
  json["asks"] = Json::array({level("0", "1"),
                              level("1", "1"),
                              level("1.2", "1"),
                              level("-0.1", "1"),
                              level("0.5", "-1"),
                              level("abc", "1"),
                              level("0.5", "NaN"),
                              level("0.1234567", "1"),
                              {{"price", "0.5"}},
                              7,
                              level("0.6", "0"),
                              level("0.7", "2")});
  const auto read = books_of(json);
  EXPECT_EQ(read.dropped_levels, 10U);
  ASSERT_EQ(read.books[0].book.asks.size(), 1U) << "a size of 0 is no order and no fault";
  EXPECT_EQ(read.books[0].book.asks.best().price, Price{700'000});
}

TEST(BooksPage, empty_sides_are_fine_and_missing_ones_are_not) {
  Json json = book(1, true);
  json["bids"] = Json::array();
  EXPECT_TRUE(books_of(Json::array({json})).books[0].book.bids.empty());
  for (const char* key : {"market", "asset_id", "timestamp", "bids", "asks"}) {
    const auto read = books_of(Json::array({without(book(1, true), key), book(2, true)}));
    EXPECT_EQ(read.unparsable, 1U) << key;
    EXPECT_EQ(read.books.size(), 1U) << key;
  }
  PolymarketParser parser;
  EXPECT_FALSE(parser.books(R"({"error": "No orderbook exists"})", "x"));
}

TEST(BooksPage, a_side_has_a_most_of_levels_and_keeps_the_best) {
  Json json = book(1, true);
  json["asks"] = Json::array();
  for (int i = 1; i <= 12'000; ++i) json["asks"].push_back(level(decimal_text(80 * (12'001 - i)), "1"));
  const auto read = books_of(json);
  EXPECT_EQ(read.books[0].book.asks.size(), 10'000U);
  EXPECT_EQ(read.dropped_levels, 2000U);
  EXPECT_EQ(read.books[0].book.asks.best().price, Price{80});
}

std::optional<std::array<Price, 2>> payout(const Json& json, int number = 1) {
  PolymarketParser parser;
  const auto clob = parser.clob_market(json.dump(), "here");
  EXPECT_TRUE(clob) << clob.error().message();
  return payout_of(*clob, one(market(number)));
}

TEST(ClobMarket, says_who_won) {
  const std::array<Price, 2> yes = {kPriceOfCertainty, Price{}};
  const std::array<Price, 2> no = {Price{}, kPriceOfCertainty};
  EXPECT_EQ(payout(clob_market(1, true, false)), yes);
  EXPECT_EQ(payout(clob_market(1, false, true)), no);
  EXPECT_EQ(payout(clob_market(1, false, false, true)), (std::array<Price, 2>{Price{500'000}, Price{500'000}}));
  Json swapped = clob_market(1, true, false);
  std::swap(swapped["tokens"][0], swapped["tokens"][1]);
  EXPECT_EQ(payout(swapped), yes) << "a winner is a token, not a place";
}

TEST(ClobMarket, says_nothing_before_it_is_sure) {
  EXPECT_EQ(payout(clob_market(1, false, false)), std::nullopt);
  EXPECT_EQ(payout(clob_market(1, true, true)), std::nullopt);
  EXPECT_EQ(payout(clob_market(1, true, false, false, false)), std::nullopt) << "not closed";
  EXPECT_EQ(payout(clob_market(2, true, false)), std::nullopt) << "another market";
  Json other_tokens = clob_market(1, true, false);
  other_tokens["tokens"][0]["token_id"] = "12345";
  EXPECT_EQ(payout(other_tokens), std::nullopt);
  other_tokens["tokens"] = Json::array();
  EXPECT_EQ(payout(other_tokens), std::nullopt) << "empty token ids of a market that is being set up";
}

/// The text with a few bytes changed, taken out, doubled or cut off.
std::string mutated(std::string text, Random& random) {
  static constexpr std::string_view kSalt = "\"[]{},:\\0-.eE9ntf\x00\xff u";
  for (std::uint64_t changes = 1 + random.below(6); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = random.below(text.size());
    const std::size_t length = std::min<std::size_t>(text.size() - at, 1 + random.below(40));
    switch (random.below(6)) {
      case 0: text[at] = kSalt[random.below(kSalt.size())]; break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, text.substr(random.below(text.size()), length)); break;
      case 3: text.insert(at, std::string(1 + random.below(200), kSalt[random.below(kSalt.size())])); break;
      case 4: text.resize(at); break;
      default: text[at] = static_cast<char>(random.below(256));
    }
  }
  return text;
}

void expect_sound(const PredictionMarket& read) {
  EXPECT_TRUE(is_condition_id(read.id));
  EXPECT_TRUE(is_token_id(read.token_ids[0]) && is_token_id(read.token_ids[1]) && read.token_ids[0] != read.token_ids[1]);
  EXPECT_TRUE(read.tick_size > Price{} && read.tick_size <= Price{500'000});
  EXPECT_TRUE(read.fees.rate >= 0 && read.fees.rate < 1 && read.fees.exponent >= 0);
  EXPECT_TRUE(std::isfinite(read.volume) && read.volume >= 0);
  if (read.payout) {
    EXPECT_EQ((*read.payout)[0] + (*read.payout)[1], kPriceOfCertainty);
  }
}

void expect_sound(const trading::Ladder& ladder, trading::Side side) {
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    EXPECT_TRUE(ladder[i].price > Price{} && ladder[i].price < kPriceOfCertainty && ladder[i].size > Shares{});
    if (i > 0) {
      EXPECT_TRUE(side == trading::Side::buy ? ladder[i].price < ladder[i - 1].price : ladder[i].price > ladder[i - 1].price);
    }
  }
}

TEST(PolymarketParser, whatever_it_is_given_the_answer_is_sound) {
  const std::string pages[] = {Json::array({event(1, {market(1), closed(market(2))}), event(2, {market(3)})}).dump(), market(4).dump(),
                               Json({{"events", Json::array({event(1, {market(1)})})}, {"next_cursor", "x"}}).dump()};
  const std::string books = Json::array({book(1, true), book(1, false)}).dump();
  const std::string end = clob_market(1, true, false).dump();
  Random random(20'261'127);
  PolymarketParser parser;
  std::size_t read = 0;
  for (int round = 0; round < 4000; ++round) {
    if (const auto page = parser.gamma_page(mutated(pages[round % 3], random), "x"))
      for (const PredictionMarket& market : page->markets) expect_sound(market), ++read;
    if (const auto page = parser.books(mutated(books, random), "x"))
      for (const TokenSnapshot& snapshot : page->books) {
        expect_sound(snapshot.book.bids, trading::Side::buy);
        expect_sound(snapshot.book.asks, trading::Side::sell);
        ++read;
      }
    if (const auto clob = parser.clob_market(mutated(end, random), "x")) {
      const auto paid = payout_of(*clob, {});
      EXPECT_FALSE(paid);
    }
  }
  EXPECT_GT(read, 500U) << "the mutations must leave something to read";
}

TEST(PolymarketParser, every_cut_of_a_document_is_refused) {
  const std::string text = Json::array({event(1, {market(1)})}).dump();
  PolymarketParser parser;
  for (std::size_t length = 0; length < text.size(); ++length) EXPECT_FALSE(parser.gamma_page(text.substr(0, length), "x")) << length;
}

}  // namespace
}  // namespace tradewind::venues
