// SPDX-License-Identifier: Apache-2.0
// News: RSS and Atom documents, JSON lines, and the words of both.
#include "fuzz.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/prediction/news_feed.hpp"
#include "tradewind/prediction/news_text.hpp"

namespace tradewind::fuzz {
namespace {

constexpr UnixNanos kNow = 1'700'000'000'000'000'000;

void check_item(const trading::NewsItem& item, bool has_id) {
  static const prediction::Lexicon lexicon;
  require(!has_id || !item.id.empty(), "an item has an id");
  require(item.received == kNow, "an item says when it was received");
  for (const std::string& text : {item.id, item.source, item.headline, item.text}) require(!invalid_utf8(text), "texts are UTF-8", text);
  const auto words = prediction::words_of(item.headline + " " + item.text);
  const double polarity = lexicon.polarity(words);
  require(polarity >= -1 && polarity <= 1, "polarity is in [-1, 1]");
  prediction::simhash(words);
}

}  // namespace

FUZZ_TARGET(news) {
  if (const auto items = prediction::parse_rss(input, "feed", kNow); good(items)) {
    require(items->size() <= prediction::kMostNewsItems, "no more items are taken than is said");
    for (const auto& item : *items) check_item(item, true);
  }
  std::string complaint;
  for (const auto& item : prediction::parse_jsonl_news(input, "feed", kNow, complaint)) check_item(item, true);
  if (!complaint.empty()) check_error(Error(Errc::invalid_data, complaint));
  if (const auto item = prediction::parse_news_line(input, kNow); good(item)) check_item(*item, false);
  prediction::parse_feed_time(input);
}

}  // namespace tradewind::fuzz
