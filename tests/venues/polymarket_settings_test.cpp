// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_settings.hpp"

#include <gtest/gtest.h>

#include "shapes.hpp"
#include "tradewind/venues/polymarket_feed_internal.hpp"

namespace tradewind::venues {
namespace {

PolymarketSettings read(const std::string& yaml, std::string& complaint) {
  config::Complaints complaints("f.yaml");
  const auto value = config::parse_config(yaml, "f.yaml");
  EXPECT_TRUE(value);
  config::MapReader reader(*value, "polymarket", complaints);
  PolymarketSettings out = read_polymarket_settings(reader);
  reader.finish();
  const Status status = complaints.status();
  complaint = status ? "" : status.error().message() + " " + status.error().where() + " " + status.error().hint();
  return out;
}

TEST(PolymarketSettings, reads_every_key) {
  std::string complaint;
  const PolymarketSettings out = read(
      "{gamma_url: 'https://g.example/', clob_url: 'http://127.0.0.1:80/c', max_markets: 7, min_volume: 1e3, tags: [politics, '144'], "
      "market_slugs: [a-b], market_ids: ['" +
          shapes::condition(1) +
          "'], events_per_request: 5, books_per_request: 50, connections: 3, "
          "timeout: 2.5, attempts: 2, refresh_markets: 9, rate_share: 0.5}",
      complaint);
  EXPECT_EQ(complaint, "");
  EXPECT_EQ(out.gamma_url, "https://g.example");
  EXPECT_EQ(out.clob_url, "http://127.0.0.1:80/c");
  EXPECT_EQ(out.max_markets, 7U);
  EXPECT_EQ(out.min_volume, 1000);
  EXPECT_EQ(out.tags, (std::vector<std::string>{"politics", "144"}));
  EXPECT_EQ(out.market_ids, (std::vector<std::string>{shapes::condition(1)}));
  EXPECT_EQ(out.market_slugs, (std::vector<std::string>{"a-b"}));
  EXPECT_EQ(out.events_per_request, 5);
  EXPECT_EQ(out.books_per_request, 50);
  EXPECT_EQ(out.connections, 3);
  EXPECT_EQ(out.timeout_seconds, 2.5);
  EXPECT_EQ(out.attempts, 2);
  EXPECT_EQ(out.refresh_markets_seconds, 9);
  EXPECT_EQ(out.rate_share, 0.5);
}

TEST(PolymarketSettings, complains_of_what_cannot_be) {
  for (const auto& [yaml, expected] :
       std::vector<std::pair<std::string, std::string>>{{"{gamma_url: 'http://gamma.example'}", "https"},
                                                        {"{clob_url: 'http://127.0.0.1.evil.example'}", "https"},
                                                        {"{clob_url: 'https://user@x'}", "clob_url"},
                                                        {"{ca_file: /no/such.pem}", "not there"},
                                                        {"{max_markets: 0}", "max_markets"},
                                                        {"{books_per_request: 1}", "books_per_request"},
                                                        {"{tags: ['a&b']}", "tag"},
                                                        {"{market_ids: ['0x12']}", "condition id"},
                                                        {"{market_slugs: ['a b']}", "slug"},
                                                        {"{rate_share: 2}", "rate_share"},
                                                        {"{max_market: 3}", "max_markets"}}) {
    std::string complaint;
    read(yaml, complaint);
    EXPECT_NE(complaint.find(expected), std::string::npos) << yaml << ": " << complaint;
  }
}

TEST(PolymarketSettings, limits_are_a_share_of_those_documented) {
  PolymarketSettings settings;
  settings.rate_share = 0.5;
  const http::ClientOptions options = client_options(settings);
  ASSERT_EQ(options.limits.size(), 6U);
  EXPECT_EQ(options.limits[0].prefix, "https://gamma-api.polymarket.com/markets");
  EXPECT_EQ(options.limits[0].requests, 150);
  EXPECT_EQ(options.limits[3].prefix, "https://clob.polymarket.com/books");
  EXPECT_EQ(options.limits[3].requests, 250);
  EXPECT_EQ(options.limits[3].seconds, 10);
}

}  // namespace
}  // namespace tradewind::venues
