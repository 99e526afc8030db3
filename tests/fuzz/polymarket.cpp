// SPDX-License-Identifier: Apache-2.0
// Answers of the venue: pages of markets and events, order books, the end of a market.
#include "fuzz.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/venues/polymarket_parse.hpp"

namespace tradewind::fuzz {
namespace {

void check_market(const trading::PredictionMarket& market) {
  require(venues::is_condition_id(market.id), "a market has an id", market.id);
  require(venues::is_token_id(market.token_ids[0]) && venues::is_token_id(market.token_ids[1]), "a market has two tokens");
  require(market.tick_size.micros > 0 && market.tick_size < kPriceOfCertainty, "a tick is a price");
  require(market.fees.rate >= 0 && market.fees.rate < 1 && market.fees.exponent >= 0, "fees are what they may be");
  require(!invalid_utf8(market.question) && !invalid_utf8(market.outcome_names[0]), "texts are UTF-8");
  market.fees.taker({500'000}, Shares::whole(100));
}

void check_levels(const trading::TokenBook& book) {
  for (const auto* side : {&book.bids, &book.asks})
    for (const auto& level : *side)
      require(level.price.micros > 0 && level.price < kPriceOfCertainty && level.size.micros > 0, "a level has a price and a size");
}

}  // namespace

FUZZ_TARGET(polymarket) {
  static venues::PolymarketParser parser;
  trading::PredictionMarket market;
  market.token_ids = {"1", "2"};
  if (const auto page = parser.gamma_page(input, "GET /events"); good(page)) {
    for (const auto& one : page->markets) check_market(one);
    for (const auto& note : page->notes) check_error(Error(Errc::venue, note));
    if (!page->markets.empty()) market = page->markets.front();
  }
  if (const auto page = parser.books(input, "POST /books"); good(page))
    for (const auto& snapshot : page->books) check_levels(snapshot.book);
  if (const auto clob = parser.clob_market(input, "GET /markets"); good(clob)) venues::payout_of(*clob, market);
  venues::venue_time(input);
}

}  // namespace tradewind::fuzz
