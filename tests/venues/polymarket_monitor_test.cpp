// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_monitor.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "../http/tls_server.hpp"
#include "shapes.hpp"

namespace tradewind::venues {
namespace {

using namespace shapes;
using http::Reply;
using http::ServedRequest;
using http::TestAuthority;
using http::TlsServer;

std::string parameter(const std::string& target, const std::string& name) {
  const auto at = target.find_first_of("?&");
  for (std::size_t place = at; place != std::string::npos; place = target.find('&', place + 1))
    if (target.compare(place + 1, name.size() + 1, name + "=") == 0) {
      const auto begin = place + name.size() + 2;
      return target.substr(begin, target.find('&', begin) - begin);
    }
  return {};
}

Reply json(const Json& body, int status = 200) {
  Reply reply;
  reply.status = status;
  reply.body = body.dump();
  return reply;
}

/// Both hosts of the venue in one, with faults to order. Its members are read by the server's threads: changed between calls only.
struct Venue {
  std::map<std::string, Json> pages;  ///< answers of /events/keyset by cursor
  std::map<int, Json> asked;          ///< markets by number, for /markets
  std::map<int, Json> ends;           ///< of the CLOB, by number
  std::map<std::string, Json> books;  ///< by token
  bool keyset = true;
  bool batches = true;
  std::function<std::optional<Reply>(const ServedRequest&)> fault;
  TestAuthority authority;
  TlsServer server{&authority, [this](const ServedRequest& request) { return answer(request); }};

  void add(int number) {
    books[yes_token(number)] = book(number, true);
    books[no_token(number)] = book(number, false);
  }
  /// One page with an event of these markets.
  void list(std::vector<Json> markets) { pages[""] = {{"events", Json::array({event(1, std::move(markets))})}}; }

  Reply answer(const ServedRequest& request) {
    if (fault)
      if (auto reply = fault(request)) return *reply;
    const std::string& target = request.target;
    if (target.starts_with("/gamma/events/keyset"))
      return keyset ? json(pages[parameter(target, "after_cursor")]) : json({{"error", "no"}}, 404);
    if (target.starts_with("/gamma/events")) return by_offset(target);
    if (target.starts_with("/gamma/markets")) return markets(target);
    if (target.starts_with("/clob/markets/")) return end(target);
    if (target.starts_with("/clob/books") && request.method == "POST") return batch(request.body);
    if (target.starts_with("/clob/book?")) {
      const auto at = books.find(parameter(target, "token_id"));
      return at == books.end() ? json({{"error", "No orderbook exists for the requested token id"}}, 404) : json(at->second);
    }
    return json({{"error", "not found"}}, 404);
  }
  Reply by_offset(const std::string& target) {
    const std::size_t offset = std::stoul("0" + parameter(target, "offset"));
    std::size_t at = 0;
    Json out = Json::array();
    for (const auto& [cursor, page] : pages)
      for (const Json& one : page["events"])
        if (at++ == offset) out.push_back(one);
    return json(out);
  }
  Reply markets(const std::string& target) {
    Json out = Json::array();
    for (const auto& [number, market] : asked) {
      const bool named =
          target.find(condition(number)) != std::string::npos || target.find("slug=" + std::string(market["slug"])) != std::string::npos;
      if (named && market["closed"].get<bool>() == (parameter(target, "closed") == "true")) out.push_back(market);
    }
    return json(out);
  }
  Reply end(const std::string& target) {
    for (const auto& [number, market] : ends)
      if (target.ends_with(condition(number))) return json(market);
    return json({{"error", "not found"}}, 404);
  }
  Reply batch(const std::string& body) {
    if (!batches) return json({{"error", "no"}}, 405);
    Json out = Json::array();
    for (const Json& wanted : Json::parse(body)) {
      const auto at = books.find(wanted["token_id"].get<std::string>());
      if (at != books.end()) out.insert(out.begin(), at->second);  // in another order than asked
    }
    Reply reply = json(out);
    reply.gzip = true;
    return reply;
  }
  int count(const std::string& prefix) const {
    int n = 0;
    for (const ServedRequest& request : server.served()) n += request.target.starts_with(prefix) ? 1 : 0;
    return n;
  }
  PolymarketSettings settings() const {
    PolymarketSettings out;
    out.gamma_url = server.url() + "/gamma";
    out.clob_url = server.url() + "/clob";
    out.ca_file = authority.ca_file();
    out.refresh_markets_seconds = 0;
    out.timeout_seconds = 60;
    return out;
  }
  std::unique_ptr<PolymarketMonitor> monitor(PolymarketSettings settings) const {
    auto made = PolymarketMonitor::make(std::move(settings));
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  std::unique_ptr<PolymarketMonitor> monitor() const { return monitor(settings()); }
};

std::vector<std::string> listed(PolymarketMonitor& monitor) {
  const auto markets = monitor.get_active_markets();
  EXPECT_TRUE(markets) << markets.error().message() << " " << markets.error().where();
  std::vector<std::string> ids;
  if (markets)
    for (const auto& market : *markets) ids.push_back(market.id);
  return ids;
}

std::vector<std::string> listed_conditions(std::vector<int> numbers) {
  std::vector<std::string> out;
  for (const int number : numbers) out.push_back(condition(number));
  return out;
}

TEST(PolymarketMonitor, lists_page_after_page_each_market_once) {
  Venue venue;
  venue.pages[""] = {{"events", Json::array({event(1, {market(1), market(2)})})}, {"next_cursor", "a+/="}};
  venue.pages["a%2B%2F%3D"] = {{"events", Json::array({event(2, {market(2), market(3), with(market(4), "conditionId", "bad")})})},
                               {"next_cursor", "LTE="}};
  const auto monitor = venue.monitor();
  EXPECT_EQ(listed(*monitor), listed_conditions({1, 2, 3}));
  EXPECT_EQ(monitor->faults().unparsable_markets, 1U);
  ASSERT_EQ(monitor->faults().notes.size(), 1U);
  EXPECT_NE(monitor->faults().notes[0].find("condition id"), std::string::npos);
  EXPECT_EQ(venue.count("/gamma/"), 2);
}

TEST(PolymarketMonitor, reads_no_pages_without_end) {
  Venue venue;
  int page = 0;
  // A cursor again and again: the same market, and others that cannot be traded.
  venue.fault = [&](const ServedRequest& request) -> std::optional<Reply> {
    if (!request.target.starts_with("/gamma/events/keyset")) return std::nullopt;
    ++page;
    const Json markets = Json::array({event(1, {market(1)}), event(2, {with(market(1000 + page), "active", false)})});
    return json({{"events", markets}, {"next_cursor", "c" + std::to_string(page)}});
  };
  const auto monitor = venue.monitor();
  EXPECT_EQ(listed(*monitor), listed_conditions({1}));
  EXPECT_LE(page, 25);
  ASSERT_FALSE(monitor->faults().notes.empty());
  EXPECT_NE(monitor->faults().notes.back().find("pages without markets"), std::string::npos);
}

TEST(PolymarketMonitor, is_let_go_while_the_venue_keeps_silent) {
  Venue venue;
  venue.list({market(1)});
  venue.add(1);
  bool silent = false;
  venue.fault = [&](const ServedRequest&) -> std::optional<Reply> {
    if (!silent) return std::nullopt;
    Reply reply;
    reply.hang = true;
    reply.cut = 0;
    return reply;
  };
  PolymarketSettings settings = venue.settings();
  settings.timeout_seconds = 30;
  settings.refresh_markets_seconds = 0;
  const auto monitor = venue.monitor(settings);
  ASSERT_EQ(listed(*monitor), listed_conditions({1}));
  silent = true;
  int looks = 0;
  monitor->while_waiting([&] { return ++looks % 5 != 0; });
  const Stopwatch watch;
  EXPECT_FALSE(monitor->get_active_markets());
  EXPECT_FALSE(monitor->get_prices(listed_conditions({1})));
  EXPECT_LT(watch.seconds(), 2);
}

TEST(PolymarketMonitor, lists_by_offset_where_there_are_no_cursors) {
  Venue venue;
  venue.keyset = false;
  venue.pages["1"] = {{"events", Json::array({event(1, {market(1)}), event(2, {market(2)})})}};
  const auto monitor = venue.monitor();
  EXPECT_EQ(listed(*monitor), listed_conditions({1, 2}));
  EXPECT_EQ(listed(*monitor), listed_conditions({1, 2}));
  EXPECT_EQ(venue.count("/gamma/events/keyset"), 1) << "asked once, remembered";
}

TEST(PolymarketMonitor, stops_at_the_most_markets_and_skips_small_ones) {
  Venue venue;
  venue.pages[""] = {{"events", Json::array({event(1, {with(market(1), "volumeNum", 10), market(2), market(3), market(4)})})},
                     {"next_cursor", "x"}};
  venue.pages["x"] = {{"events", Json::array({event(2, {market(5)})})}};
  PolymarketSettings settings = venue.settings();
  settings.max_markets = 2;
  settings.min_volume = 100;
  EXPECT_EQ(listed(*venue.monitor(settings)), listed_conditions({2, 3}));
  EXPECT_EQ(venue.count("/gamma/events"), 1) << "no page more than needed";
}

TEST(PolymarketMonitor, lists_tags_slugs_and_ids_that_are_asked_for) {
  Venue venue;
  venue.asked = {{1, market(1)}, {2, market(2)}, {3, market(3)}};
  PolymarketSettings settings = venue.settings();
  settings.market_ids = {condition(2)};
  settings.market_slugs = {"will-it-be-3"};
  EXPECT_EQ(listed(*venue.monitor(settings)), listed_conditions({2, 3}));
  EXPECT_EQ(venue.count("/gamma/events"), 0);
  settings = venue.settings();
  settings.tags = {"politics", "144"};
  venue.list({market(1)});
  EXPECT_EQ(listed(*venue.monitor(settings)), listed_conditions({1}));
  EXPECT_EQ(parameter(venue.server.served()[venue.server.served().size() - 2].target, "tag_slug"), "politics");
  EXPECT_EQ(parameter(venue.server.served().back().target, "tag_id"), "144");
}

TEST(PolymarketMonitor, between_two_refreshes_the_last_listing_stands) {
  Venue venue;
  venue.list({market(1)});
  PolymarketSettings settings = venue.settings();
  settings.refresh_markets_seconds = 86'400;
  const auto monitor = venue.monitor(settings);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(listed(*monitor), listed_conditions({1}));
  EXPECT_EQ(venue.count("/gamma/"), 1);
}

TEST(PolymarketMonitor, a_market_of_an_event_that_is_not_all_there_is_marked) {
  Venue venue;
  const auto negative = [](Json market) { return with(std::move(market), "negRisk", true); };
  venue.list({negative(market(1)), negative(market(2))});
  const auto monitor = venue.monitor();
  EXPECT_FALSE(monitor->get_active_markets()->at(0).augmented);
  venue.list({negative(market(1)), negative(market(2)), negative(without(market(3), "clobTokenIds"))});
  EXPECT_TRUE(monitor->get_active_markets()->at(0).augmented) << "an outcome without tokens may win";
}

TEST(PolymarketMonitor, tells_how_markets_ended_once) {
  Venue venue;
  venue.list({market(1), market(2), market(3), market(4), market(5)});
  const auto monitor = venue.monitor();
  EXPECT_EQ(listed(*monitor).size(), 5U);
  venue.list({market(1)});
  venue.asked = {
      {2, closed(market(2))}, {3, closed(market(3), R"(["0", "0"])")}, {4, market(4)}, {5, closed(market(5), R"(["0.5", "0.5"])")}};
  venue.ends = {{3, clob_market(3, false, true)}, {5, clob_market(5, false, false)}};
  auto told = monitor->get_active_markets();
  ASSERT_TRUE(told);
  ASSERT_EQ(told->size(), 5U) << "1 and 4 are open, 5 has ended, nobody knows how; 2 and 3 are resolved";
  EXPECT_TRUE(told->at(0).tradable() && told->at(1).tradable());
  EXPECT_EQ(told->at(1).id, condition(4)) << "fell behind in the listing, still there";
  EXPECT_EQ(told->at(2).id, condition(5));
  EXPECT_FALSE(told->at(2).tradable() || told->at(2).payout);
  EXPECT_EQ((*told->at(3).payout)[0], kPriceOfCertainty);
  EXPECT_EQ((*told->at(4).payout)[1], kPriceOfCertainty);
  venue.ends[5] = clob_market(5, false, false, true);
  told = monitor->get_active_markets();
  ASSERT_EQ(told->size(), 3U);
  EXPECT_EQ(told->at(2).id, condition(5));
  EXPECT_EQ((*told->at(2).payout)[0], Price{500'000});
  EXPECT_EQ(listed(*monitor), listed_conditions({1, 4}));
}

TEST(PolymarketMonitor, tells_the_end_of_markets_held_since_an_earlier_session) {
  Venue venue;
  venue.list({market(1)});
  venue.asked = {{9, closed(market(9))}};
  const auto monitor = venue.monitor();
  monitor->watch({condition(9), "no id at all&x=y"});
  EXPECT_EQ(listed(*monitor), listed_conditions({1, 9}));
  EXPECT_EQ(listed(*monitor), listed_conditions({1}));
}

TEST(PolymarketMonitor, a_failed_listing_is_an_error_with_its_place_and_the_next_is_fine) {
  Venue venue;
  venue.list({market(1)});
  PolymarketSettings settings = venue.settings();
  settings.attempts = 1;
  const auto monitor = venue.monitor(settings);
  Reply garbage;
  garbage.body = "<html>maintenance</html>";
  for (const Reply& bad : {garbage, json({}, 500), json({}, 429), json({}, 425), json({}, 403), json({{"events", "none"}})}) {
    venue.fault = [&](const ServedRequest&) { return bad; };
    const auto failed = monitor->get_active_markets();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Errc::venue);
    EXPECT_TRUE(failed.error().where().ends_with("/gamma/events")) << failed.error().where();
    EXPECT_FALSE(failed.error().hint().empty());
  }
  venue.fault = nullptr;
  EXPECT_EQ(listed(*monitor), listed_conditions({1}));
}

TEST(PolymarketMonitor, a_question_that_fails_forgets_no_market) {
  Venue venue;
  venue.list({market(1), market(2)});
  PolymarketSettings settings = venue.settings();
  settings.attempts = 1;
  const auto monitor = venue.monitor(settings);
  EXPECT_EQ(listed(*monitor).size(), 2U);
  venue.list({market(1)});
  venue.fault = [&](const ServedRequest& request) {
    return request.target.starts_with("/gamma/markets") ? std::optional(json({}, 500)) : std::nullopt;
  };
  EXPECT_EQ(listed(*monitor), listed_conditions({1, 2}));
  EXPECT_GE(monitor->faults().failed_requests, 1U);
}

/// A venue with markets 1 to `count`, listed.
std::unique_ptr<PolymarketMonitor> with_books(Venue& venue, int count, PolymarketSettings settings) {
  std::vector<Json> markets;
  for (int number = 1; number <= count; ++number) {
    markets.push_back(market(number));
    venue.add(number);
  }
  venue.list(markets);
  auto monitor = venue.monitor(std::move(settings));
  EXPECT_EQ(listed(*monitor).size(), static_cast<std::size_t>(count));
  return monitor;
}

std::vector<std::string> ids_of(const Result<std::vector<trading::MarketPrices>>& prices) {
  EXPECT_TRUE(prices) << prices.error().message();
  std::vector<std::string> ids;
  if (prices)
    for (const auto& one : *prices) ids.push_back(one.market_id);
  return ids;
}

TEST(PolymarketMonitor, gives_both_books_of_a_market) {
  Venue venue;
  const auto monitor = with_books(venue, 1, venue.settings());
  const auto prices = monitor->get_market_prices(condition(1));
  ASSERT_TRUE(prices) << prices.error().message();
  EXPECT_EQ(prices->market_id, condition(1));
  EXPECT_EQ(prices->yes().bids.best(), (trading::Level{Price{390'000}, Shares{20'500'000}}));
  EXPECT_EQ(prices->yes().asks.best(), (trading::Level{Price{410'000}, Shares{40'250'000}}));
  EXPECT_EQ(prices->no().bids.best().price, Price{590'000});
  EXPECT_EQ(prices->no().asks.best().price, Price{610'000});
  EXPECT_EQ(prices->time, 1'763'700'000'123 * 1'000'000);
  EXPECT_GT(prices->received, 0);
  EXPECT_LE(prices->received, system_clock().steady());
  EXPECT_EQ(prices->sequence, 1U);
  EXPECT_EQ(monitor->get_market_prices(condition(1))->sequence, 2U);
  EXPECT_EQ(monitor->get_market_prices(condition(2)).error().code(), Errc::unknown_name);
}

TEST(PolymarketMonitor, asks_for_many_books_at_once_and_gives_them_in_order) {
  Venue venue;
  PolymarketSettings settings = venue.settings();
  settings.books_per_request = 4;
  const auto monitor = with_books(venue, 11, settings);
  std::vector<std::string> wanted = listed_conditions({11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 99, 3});
  EXPECT_EQ(ids_of(monitor->get_prices(wanted)), listed_conditions({11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(venue.count("/clob/books"), 6);
  EXPECT_EQ(venue.count("/clob/book?"), 0);
}

TEST(PolymarketMonitor, asks_one_by_one_where_there_are_no_batches) {
  Venue venue;
  venue.batches = false;
  const auto monitor = with_books(venue, 3, venue.settings());
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2, 3}))), listed_conditions({1, 2, 3}));
  EXPECT_EQ(venue.count("/clob/book?"), 6);
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1}))), listed_conditions({1}));
  EXPECT_EQ(venue.count("/clob/books"), 1) << "remembered";
}

TEST(PolymarketMonitor, one_batch_that_fails_leaves_out_its_markets_only) {
  Venue venue;
  PolymarketSettings settings = venue.settings();
  settings.books_per_request = 2;
  settings.attempts = 2;
  const auto monitor = with_books(venue, 3, settings);
  venue.fault = [](const ServedRequest& request) {
    return request.body.find(yes_token(2)) != std::string::npos ? std::optional(json({}, 500)) : std::nullopt;
  };
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2, 3}))), listed_conditions({1, 3}));
  EXPECT_EQ(monitor->faults().failed_requests, 1U);
  EXPECT_EQ(monitor->faults().missing_books, 0U);
  venue.fault = [](const ServedRequest&) { return std::optional(json({}, 500)); };
  const auto none = monitor->get_prices(listed_conditions({1, 2, 3}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), Errc::venue);
  EXPECT_TRUE(none.error().where().ends_with("/clob/books"));
}

TEST(PolymarketMonitor, throttling_and_restarts_pass_unnoticed) {
  Venue venue;
  const auto monitor = with_books(venue, 1, venue.settings());
  int before = 0;
  venue.fault = [&](const ServedRequest&) -> std::optional<Reply> {
    Reply busy = json({}, before == 0 ? 429 : 425);
    busy.headers = {{"Retry-After", "0"}};
    return before++ < 2 ? std::optional(busy) : std::nullopt;
  };
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1}))), listed_conditions({1}));
  EXPECT_EQ(monitor->statistics().retries, 2U);
}

TEST(PolymarketMonitor, never_takes_a_book_for_that_of_another_market) {
  Venue venue;
  const auto monitor = with_books(venue, 3, venue.settings());
  venue.books[yes_token(1)]["market"] = condition(2);     // right token, wrong market
  venue.books[yes_token(2)]["asset_id"] = yes_token(77);  // a token nobody asked for
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2, 3}))), listed_conditions({3}));
  EXPECT_EQ(monitor->faults().misattributed_books, 2U);
  venue.batches = false;
  venue.add(1);
  venue.add(2);
  std::swap(venue.books[yes_token(1)], venue.books[no_token(1)]);  // the other side of the same market
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2}))), listed_conditions({2}));
  EXPECT_EQ(monitor->faults().misattributed_books, 4U);
}

TEST(PolymarketMonitor, a_new_market_without_books_is_waited_for_within_bounds) {
  Venue venue;
  const auto monitor = with_books(venue, 2, venue.settings());
  venue.books.erase(no_token(2));
  for (int poll = 0; poll < 20; ++poll) EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2}))), listed_conditions({1}));
  EXPECT_EQ(monitor->faults().missing_books, 12U) << "then it is not asked for any more";
  EXPECT_FALSE(monitor->get_market_prices(condition(2)));
  venue.add(2);
  EXPECT_EQ(listed(*monitor).size(), 2U);
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2}))), listed_conditions({1, 2})) << "after a refresh it gets another chance";
}

TEST(PolymarketMonitor, a_404_for_a_single_book_is_no_failure) {
  Venue venue;
  venue.batches = false;
  const auto monitor = with_books(venue, 2, venue.settings());
  venue.books.erase(yes_token(1));
  venue.books.erase(no_token(1));
  EXPECT_EQ(ids_of(monitor->get_prices(listed_conditions({1, 2}))), listed_conditions({2}));
  EXPECT_EQ(monitor->faults().failed_requests, 0U);
  EXPECT_EQ(monitor->get_market_prices(condition(1)).error().code(), Errc::venue);
}

TEST(PolymarketMonitor, a_book_never_goes_back_in_time) {
  Venue venue;
  const auto monitor = with_books(venue, 1, venue.settings());
  EXPECT_TRUE(monitor->get_market_prices(condition(1)));
  venue.books[yes_token(1)] = book(1, true, "1763700000122");
  EXPECT_FALSE(monitor->get_market_prices(condition(1)));
  EXPECT_EQ(monitor->faults().outdated_books, 1U);
  venue.books[yes_token(1)] = book(1, true, "1763700000999");
  const auto prices = monitor->get_market_prices(condition(1));
  ASSERT_TRUE(prices);
  EXPECT_EQ(prices->time, 1'763'700'000'123 * 1'000'000) << "the older of the two";
}

TEST(PolymarketMonitor, garbage_for_books_is_an_error_and_bad_levels_are_counted) {
  Venue venue;
  const auto monitor = with_books(venue, 1, venue.settings());
  venue.books[yes_token(1)]["bids"].push_back(level("1.5", "10"));
  EXPECT_EQ(monitor->get_market_prices(condition(1))->yes().bids.size(), 2U);
  EXPECT_EQ(monitor->faults().dropped_levels, 1U);
  venue.fault = [](const ServedRequest&) {
    Reply reply;
    reply.body = "[[[[";
    return std::optional(reply);
  };
  EXPECT_EQ(monitor->get_market_prices(condition(1)).error().code(), Errc::venue);
  EXPECT_EQ(monitor->faults().unparsable_books, 1U);
}

TEST(PolymarketMonitor, a_slow_venue_is_given_up) {
  Venue venue;
  PolymarketSettings settings = venue.settings();
  settings.attempts = 1;
  const auto monitor = with_books(venue, 1, settings);
  settings.timeout_seconds = 0.1;
  const auto impatient = venue.monitor(settings);
  venue.fault = [](const ServedRequest&) {
    Reply reply = json({});
    reply.hang = true;
    reply.cut = 10;
    return std::optional(reply);
  };
  const auto none = impatient->get_active_markets();
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("did not answer"), std::string::npos) << none.error().message();
  EXPECT_EQ(none.error().message().find("active=true"), std::string::npos) << "no query in errors";
}

TEST(PolymarketMonitor, needs_a_certificate_it_trusts) {
  Venue venue;
  venue.list({market(1)});
  const TestAuthority other;
  PolymarketSettings settings = venue.settings();
  settings.ca_file = other.ca_file();
  const auto none = venue.monitor(settings)->get_active_markets();
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("certificate"), std::string::npos) << none.error().message();
  settings.ca_file = "/no/such.pem";
  EXPECT_EQ(PolymarketMonitor::make(settings).error().code(), Errc::not_found);
}

}  // namespace
}  // namespace tradewind::venues
