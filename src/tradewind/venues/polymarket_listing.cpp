// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "tradewind/base/time.hpp"
#include "tradewind/venues/polymarket_feed_internal.hpp"

namespace tradewind::venues {
namespace {

constexpr int kMostPages = 1000;
constexpr int kFruitless = 20;              // pages in a row without a market to trade, after which no further one is asked for
constexpr double kListSeconds = 20;         // … and for so long at most: prices must not wait for a venue that lists without end
constexpr std::size_t kIdsPerRequest = 40;  // an id takes 81 bytes of a URL
constexpr std::size_t kEndsPerRefresh = 50;

bool is_number(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_refusal(int status) { return status == 400 || status == 404 || status == 405 || status == 422; }

}  // namespace

Result<std::vector<trading::PredictionMarket>> PolymarketListing::refresh() {
  link_.catalog.start();
  until_ = system_clock().steady() + static_cast<std::int64_t>(kListSeconds * 1e9);
  TRADEWIND_TRY(list_all());
  TRADEWIND_TRY(ask_for_slugs());
  ask_for_unseen();
  ask_for_ends();
  return link_.catalog.finish();
}

Status PolymarketListing::list_all() {
  const PolymarketSettings& settings = link_.settings;
  for (const std::string& tag : settings.tags) TRADEWIND_TRY(list_tag(tag));
  if (settings.tags.empty() && settings.market_ids.empty() && settings.market_slugs.empty()) TRADEWIND_TRY(list_tag(""));
  return {};
}

void PolymarketListing::note_page(const GammaPage& page) {
  link_.faults.unparsable_markets += page.unparsable;
  link_.faults.unknown_fees += page.unknown_fees;
  for (const std::string& note : page.notes) link_.note(note);
}

Result<GammaPage> PolymarketListing::page(const std::string& url, const std::string& where, int& status) {
  const http::Request request = link_.get(url);
  const http::Response response = std::move(link_.fetch_all(std::span(&request, 1)).front());
  status = response.status;
  if (!response.ok()) {
    if (!is_refusal(status)) ++link_.faults.failed_requests;
    return venue_error(response, where);
  }
  TRADEWIND_ASSIGN(GammaPage page, link_.parser.gamma_page(response.body, where));
  note_page(page);
  return page;
}

/// Events page by page, those traded most today first, until there are enough markets. By cursor, or by offset where the venue has none.
Status PolymarketListing::list_tag(const std::string& tag) {
  const std::string where = link_.settings.gamma_url + "/events";
  const std::string query =
      fmt::format("?active=true&closed=false&order=volume24hr&ascending=false&limit={}{}", link_.settings.events_per_request,
                  tag.empty() ? "" : (is_number(tag) ? "&tag_id=" : "&tag_slug=") + tag);
  std::string cursor;
  std::size_t offset = 0;
  int fruitless = 0;
  for (int number = 0; number < kMostPages && !link_.catalog.full(); ++number) {
    const bool by_cursor = keyset_;
    const std::string place = !by_cursor       ? fmt::format("&offset={}", offset)
                              : cursor.empty() ? ""
                                               : "&after_cursor=" + percent_encoded(cursor);
    int status = 0;
    auto got = page(where + (by_cursor ? "/keyset" : "") + query + place, where, status);
    if (!got && by_cursor && cursor.empty() && is_refusal(status)) {
      keyset_ = false;
      continue;
    }
    if (!got) return Error(got.error());
    fruitless = link_.catalog.take(*got) > 0 ? 0 : fruitless + 1;
    offset += got->entries;
    const bool late = system_clock().steady() > until_;
    if (fruitless == kFruitless || late) {
      link_.note(where +
                 (late ? ": the list takes too long; the markets listed so far are used" : ": pages without markets; no more are read"));
      break;
    }
    if (got->entries == 0) break;
    if (by_cursor && got->bare)
      keyset_ = false;
    else if (by_cursor && (got->next_cursor.empty() || got->next_cursor == cursor))
      break;
    cursor = got->next_cursor;
  }
  return {};
}

Status PolymarketListing::ask_for_slugs() {
  std::string query;
  for (const std::string& slug : link_.settings.market_slugs)
    if (!link_.catalog.has_slug(slug)) query += (query.empty() ? "?slug=" : "&slug=") + slug;
  if (query.empty()) return {};
  const std::string where = link_.settings.gamma_url + "/markets";
  int status = 0;
  TRADEWIND_ASSIGN(const GammaPage got, page(where + query, where, status));
  for (const trading::PredictionMarket& market : got.markets) {
    const auto& slugs = link_.settings.market_slugs;
    if (std::find(slugs.begin(), slugs.end(), market.slug) != slugs.end()) link_.catalog.take_asked(market);
  }
  return {};
}

/// Those that fell out of the listing may have fallen behind in volume, or have closed, which the listing does not show.
void PolymarketListing::ask_for_unseen() {
  for (const bool closed : {false, true}) {
    const std::vector<std::string> ids = link_.catalog.unseen();
    if (!ids.empty()) ask_for(ids, closed);
  }
}

void PolymarketListing::ask_for(std::span<const std::string> ids, bool closed) {
  const std::string where = link_.settings.gamma_url + "/markets";
  std::vector<http::Request> requests;
  for (std::size_t first = 0; first < ids.size(); first += kIdsPerRequest) {
    std::string url = fmt::format("{}?closed={}&limit={}", where, closed, kIdsPerRequest);
    for (const std::string& id : ids.subspan(first, std::min(kIdsPerRequest, ids.size() - first))) url += "&condition_ids=" + id;
    requests.push_back(link_.get(std::move(url)));
  }
  const std::unordered_set<std::string> asked(ids.begin(), ids.end());
  const auto answers = link_.fetch_all(requests);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto got = answers[i].ok() ? link_.parser.gamma_page(answers[i].body, where) : Result<GammaPage>(venue_error(answers[i], where));
    if (!got) {
      ++link_.faults.failed_requests;
      link_.note(where + ": " + got.error().message());
      const std::size_t first = i * kIdsPerRequest;
      for (const std::string& id : ids.subspan(first, std::min(kIdsPerRequest, ids.size() - first))) link_.catalog.keep(id);
      continue;
    }
    note_page(*got);
    for (const trading::PredictionMarket& market : got->markets)
      if (asked.contains(market.id)) link_.catalog.take_asked(market);
  }
}

/// Gamma shows {0, 1} for most that have ended; for the others the CLOB says who won.
void PolymarketListing::ask_for_ends() {
  const std::vector<std::string> ids = link_.catalog.open_ends(kEndsPerRefresh);
  std::vector<http::Request> requests;
  for (const std::string& id : ids) requests.push_back(link_.get(link_.settings.clob_url + "/markets/" + id));
  const auto answers = link_.fetch_all(requests);
  const std::string where = link_.settings.clob_url + "/markets";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].status == 404) continue;
    const auto got =
        answers[i].ok() ? link_.parser.clob_market(answers[i].body, where) : Result<ClobMarket>(venue_error(answers[i], where));
    if (!got) {
      ++link_.faults.failed_requests;
      link_.note(where + ": " + got.error().message());
      continue;
    }
    const KnownMarket* known = link_.catalog.find(ids[i]);
    if (known == nullptr) continue;
    if (const auto payout = payout_of(*got, known->market)) link_.catalog.resolve(ids[i], *payout);
  }
}

}  // namespace tradewind::venues
