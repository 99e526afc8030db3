// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/venues/polymarket_feed_internal.hpp"

namespace tradewind::venues {
namespace {

constexpr int kPollsWithoutBooks = 12;  // polls in a row without books, after which a market is asked for after a refresh only

/// Answers to a batch that asking token by token may get around: one bad token, too many at once, no such call.
bool refuses_a_book(int status) { return status >= 400 && status < 500 && status != 425 && status != 429; }

}  // namespace

std::vector<PolymarketBooks::Asked> PolymarketBooks::asked_for(const std::vector<std::string>& market_ids) {
  std::vector<Asked> asked;
  asked.reserve(market_ids.size());
  std::unordered_set<std::string_view> seen;
  for (const std::string& id : market_ids) {
    KnownMarket* known = link_.catalog.find(id);
    if (known == nullptr || !known->read || known->market.token_ids[0].empty() || !seen.insert(id).second) continue;
    if (!known->market.tradable()) continue;  // closed: there is no book any more
    if (known->books_missed >= kPollsWithoutBooks && market_ids.size() > 1) continue;
    asked.emplace_back().known = known;
  }
  return asked;
}

std::vector<PolymarketBooks::Batch> PolymarketBooks::batches(std::vector<Asked>& asked) const {
  const auto size = static_cast<std::size_t>(std::max(1, link_.settings.books_per_request / 2));
  std::vector<Batch> out;
  const Batch all(asked);
  for (std::size_t first = 0; first < all.size(); first += size) out.push_back(all.subspan(first, std::min(size, all.size() - first)));
  return out;
}

http::Request PolymarketBooks::batch_request(Batch batch) const {
  http::Request request = link_.get(link_.settings.clob_url + "/books");
  request.method = "POST";
  request.repeatable = true;
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = "[";
  for (const Asked& asked : batch)
    for (const std::string& token : asked.known->market.token_ids)
      request.body += fmt::format(R"({}{{"token_id":"{}"}})", request.body.size() > 1 ? "," : "", token);
  request.body += "]";
  return request;
}

PolymarketBooks::Tokens PolymarketBooks::tokens_of(Batch batch) {
  Tokens tokens;
  for (Asked& asked : batch)
    for (const trading::Outcome outcome : {trading::Outcome::yes, trading::Outcome::no})
      tokens[asked.known->market.token_ids[static_cast<std::size_t>(outcome)]] = {&asked, outcome};
  return tokens;
}

Result<std::vector<trading::MarketPrices>> PolymarketBooks::fetch(const std::vector<std::string>& market_ids) {
  answered_ = 0;
  errors_.clear();
  std::vector<Asked> asked = asked_for(market_ids);
  std::vector<Batch> left = batches(asked);
  if (in_batches_) left = ask_in_batches(left);
  ask_one_by_one(left);
  if (answered_ == 0 && !errors_.empty()) return errors_.front();
  std::vector<trading::MarketPrices> out;
  out.reserve(asked.size());
  for (Asked& one : asked) {
    if (!one.has[0] || !one.has[1]) {
      count_missing(one);
      continue;
    }
    KnownMarket& known = *one.known;
    known.books_missed = 0;
    known.book_time = one.prices.time;
    one.prices.market_id = known.market.id;
    one.prices.sequence = ++known.sequence;
    out.push_back(std::move(one.prices));
  }
  return out;
}

void PolymarketBooks::count_missing(Asked& asked) {
  if (asked.failed) return;
  ++link_.faults.missing_books;
  if (++asked.known->books_missed == kPollsWithoutBooks)
    link_.note("market " + asked.known->market.id + " has had no books for " + std::to_string(kPollsWithoutBooks) + " polls");
}

/// The batches that the venue would not take.
std::vector<PolymarketBooks::Batch> PolymarketBooks::ask_in_batches(const std::vector<Batch>& batches) {
  std::vector<http::Request> requests;
  requests.reserve(batches.size());
  for (const Batch batch : batches) requests.push_back(batch_request(batch));
  const std::string where = link_.settings.clob_url + "/books";
  std::vector<Batch> refused;
  const auto answers = link_.fetch_all(requests);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok()) {
      if (!take(answers[i], where, tokens_of(batches[i])))
        for (Asked& asked : batches[i]) asked.failed = true;
      continue;
    }
    if (!refuses_a_book(answers[i].status)) {
      fail(batches[i], venue_error(answers[i], where));
      continue;
    }
    refused.push_back(batches[i]);
    if (answers[i].status == 404 || answers[i].status == 405) in_batches_ = false;
  }
  return refused;
}

void PolymarketBooks::ask_one_by_one(const std::vector<Batch>& batches) {
  std::vector<http::Request> requests;
  std::vector<Batch> of;  // one market each
  const std::string where = link_.settings.clob_url + "/book";
  for (const Batch batch : batches)
    for (std::size_t i = 0; i < batch.size(); ++i)
      for (const std::string& token : batch[i].known->market.token_ids) {
        requests.push_back(link_.get(where + "?token_id=" + token));
        of.push_back(batch.subspan(i, 1));
      }
  const auto answers = link_.fetch_all(requests);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].status == 404)
      ++answered_;  // it has no book
    else if (!answers[i].ok())
      fail(of[i], venue_error(answers[i], where));
    else if (Tokens all = tokens_of(of[i]); true) {
      // Only the token of this very request.
      const std::string& token = of[i][0].known->market.token_ids[i % 2];
      if (!take(answers[i], where, Tokens{{token, all.at(token)}})) of[i][0].failed = true;
    }
  }
}

void PolymarketBooks::fail(Batch batch, const Error& error) {
  ++link_.faults.failed_requests;
  link_.note(error.where() + ": " + error.message());
  errors_.push_back(error);
  for (Asked& asked : batch) asked.failed = true;
}

/// Whether the answer held books.
bool PolymarketBooks::take(const http::Response& response, const std::string& where, const Tokens& tokens) {
  auto page = link_.parser.books(response.body, where);
  if (!page) {
    ++link_.faults.unparsable_books;
    link_.note(where + ": " + page.error().message());
    errors_.push_back(page.error());
    return false;
  }
  ++answered_;
  link_.faults.unparsable_books += page->unparsable;
  link_.faults.dropped_levels += page->dropped_levels;
  for (TokenSnapshot& snapshot : page->books) take_book(snapshot, tokens, response.ended);
  return true;
}

/// A book counts only for the token and market that it says it is of.
void PolymarketBooks::take_book(TokenSnapshot& snapshot, const Tokens& tokens, std::int64_t received) {
  const auto at = tokens.find(snapshot.token_id);
  if (at == tokens.end() || at->second.first->known->market.id != snapshot.market_id) {
    ++link_.faults.misattributed_books;
    link_.note(
        fmt::format("a book of token {} and market {} was not asked for", printable(snapshot.token_id), printable(snapshot.market_id)));
    return;
  }
  auto& [asked, outcome] = at->second;
  const auto index = static_cast<std::size_t>(outcome);
  if (asked->has[index]) return;
  if (snapshot.time < asked->known->book_time) {
    ++link_.faults.outdated_books;
    return;
  }
  asked->has[index] = true;
  asked->prices.book[index] = std::move(snapshot.book);
  const bool first = !asked->has[1 - index];
  asked->prices.time = first ? snapshot.time : std::min(asked->prices.time, snapshot.time);
  asked->prices.received = first ? received : std::min(asked->prices.received, received);
}

void PolymarketBooks::try_again() {
  in_batches_ = true;
  link_.catalog.for_each([](KnownMarket& known) { known.books_missed = std::min(known.books_missed, kPollsWithoutBooks - 1); });
}

}  // namespace tradewind::venues
