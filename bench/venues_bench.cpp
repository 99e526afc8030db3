// SPDX-License-Identifier: Apache-2.0
// How fast Polymarket's answers are read: a Gamma page of 500 markets and a batch of 500 books, in the documented shapes. Prints
// name,value,unit, best of fifteen.
#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/venues/polymarket_parse_internal.hpp"

namespace {

using tradewind::Random;

std::string hex(Random& random) {
  return fmt::format("0x{:016x}{:016x}{:016x}{:016x}", random.next(), random.next(), random.next(), random.next());
}
std::string token(Random& random) { return fmt::format("{}{}{}{}", random.next(), random.next(), random.next(), random.below(1000)); }

std::string words(Random& random, int count) {
  static const char* const kWords[] = {"will",   "the",      "price", "market",  "candidate", "win",
                                       "before", "election", "rate",  "bitcoin", "resolve",   "official"};
  std::string out;
  for (int i = 0; i < count; ++i) out += fmt::format("{}{}", i > 0 ? " " : "", kWords[random.below(12)]);
  return out;
}

/// Fields nobody reads, of the kinds and about the number that the venue sends.
std::string ballast(Random& random, int number) {
  std::string out =
      fmt::format(R"(,"description":"{}","image":"https://img.example/{}.png","resolutionSource":"")", words(random, 110), number);
  for (int i = 0; i < 24; ++i)
    out += fmt::format(R"(,"volume{}wkClob":{:.6f},"rewardsFlag{}":{})", i, random.uniform() * 1e6, i, i % 2 == 0);
  return out;
}

std::string market(Random& random, int number) {
  const double volume = random.uniform() * 1e6;
  std::string out = fmt::format(R"({{"id":"{}","question":"{}?","conditionId":"{}","slug":"mkt-{}","endDate":"2026-12-31T00:00:00Z",)",
                                1'500'000 + number, words(random, 12), hex(random), number);
  out += fmt::format(
      R"("liquidity":"{:.4f}","outcomes":"[\"Yes\", \"No\"]","outcomePrices":"[\"0.4\", \"0.6\"]","volume":"{:.6f}","volumeNum":{:.6f},)",
      volume / 9, volume, volume);
  out += R"("active":true,"closed":false,"archived":false,"enableOrderBook":true,)";
  out += R"("acceptingOrders":true,"negRisk":true,"umaResolutionStatuses":"[]",)";
  out += fmt::format(R"("orderPriceMinTickSize":0.001,"orderMinSize":5,"clobTokenIds":"[\"{}\", \"{}\"]","feesEnabled":true,)",
                     token(random), token(random));
  out += R"("feeSchedule":{"exponent":1,"rate":0.04,"takerOnly":true,"rebateRate":0.25},)";
  out += fmt::format(R"("events":[{{"id":"{}","negRisk":true,"tags":[{{"slug":"a"}},{{"slug":"b"}}]{}}}])", 200'000 + number,
                     ballast(random, number));
  return out + ballast(random, number) + "}";
}

std::string book(Random& random) {
  std::string out =
      fmt::format(R"({{"market":"{}","asset_id":"{}","timestamp":"1763700000123","hash":"0","bids":[)", hex(random), token(random));
  for (int i = 0; i < 20; ++i)
    out += fmt::format(R"({}{{"price":"0.{:02}","size":"{:.2f}"}})", i > 0 ? "," : "", 10 + i, random.uniform() * 5000);
  out += R"(],"asks":[)";
  for (int i = 0; i < 20; ++i)
    out += fmt::format(R"({}{{"price":"0.{:02}","size":"{:.2f}"}})", i > 0 ? "," : "", 60 - i, random.uniform() * 5000);
  return out + "]}";
}

template <class F>
std::string list_of(int count, F item) {
  std::string out = "[";
  for (int i = 0; i < count; ++i) out += (i > 0 ? "," : "") + item(i);
  return out + "]";
}

/// Best time in milliseconds; negative when a call is wrong.
template <class F>
double best(F call) {
  double shortest = 1e9;
  for (int repeat = 0; repeat < 15; ++repeat) {
    const tradewind::Stopwatch watch;
    if (!call()) return -1;
    shortest = std::min(shortest, watch.milliseconds());
  }
  return shortest;
}

}  // namespace

int main() {
  Random random(7);
  const std::string page = list_of(500, [&](int i) { return market(random, i); });
  const std::string books = list_of(500, [&](int) { return book(random); });
  tradewind::venues::PolymarketParser parser;
  const double gamma = best([&] {
    const auto read = parser.gamma_page(page, "bench");
    return read && read->markets.size() == 500 && read->markets[499].fees.rate == 0.04 && read->unparsable == 0;
  });
  const double clob = best([&] {
    const auto read = parser.books(books, "bench");
    return read && read->books.size() == 500 && read->books[499].book.asks.size() == 20 && read->dropped_levels == 0;
  });
  if (gamma < 0 || clob < 0) return std::fprintf(stderr, "venues_bench: wrong result\n"), 1;
  std::printf("gamma_page_bytes,%zu,B\ngamma_parse_ms,%.3f,ms\nbooks_parse_ms,%.3f,ms\n", page.size(), gamma, clob);
  return 0;
}
