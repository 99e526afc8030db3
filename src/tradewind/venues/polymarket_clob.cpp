// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/base/text.hpp"
#include "tradewind/venues/json_internal.hpp"

namespace tradewind::venues {
namespace {

constexpr std::size_t kMostLevels = 10'000;

enum BookField : std::size_t { book_market, book_asset, book_time, book_bids, book_asks, book_field_count };
constexpr FieldNames<book_field_count> kBookFields({"market", "asset_id", "timestamp", "bids", "asks"});

enum ClobField : std::size_t { clob_id, clob_closed, clob_half, clob_tokens, clob_field_count };
constexpr FieldNames<clob_field_count> kClobFields({"condition_id", "closed", "is_50_50_outcome", "tokens"});

std::optional<trading::Level> level_of(dom::element value) {
  dom::element price;
  dom::element size;
  if (value["price"].get(price) != simdjson::SUCCESS || value["size"].get(size) != simdjson::SUCCESS) return std::nullopt;
  const auto dollars = json_micros(price);
  const auto shares = json_micros(size);
  if (!dollars || !shares || *dollars <= 0 || *dollars >= Price::kOne || *shares < 0) return std::nullopt;
  return trading::Level{Price{*dollars}, Shares{*shares}};
}

/// Levels in whatever order; the best first in the end.
bool read_side(dom::element value, trading::Side side, trading::Ladder& out, std::vector<trading::Level>& levels, std::size_t& dropped) {
  dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  levels.clear();
  for (const dom::element one : list) {
    const auto level = level_of(one);
    if (level)
      levels.push_back(*level);
    else
      ++dropped;
  }
  const auto better = [side](const trading::Level& a, const trading::Level& b) {
    return side == trading::Side::buy ? a.price > b.price : a.price < b.price;
  };
  std::sort(levels.begin(), levels.end(), better);
  if (levels.size() > kMostLevels) {
    dropped += levels.size() - kMostLevels;
    levels.resize(kMostLevels);
  }
  out.assign(side, levels);
  return true;
}

/// Milliseconds as text or number.
std::optional<UnixNanos> time_of(dom::element value) {
  const auto text = json_text(value);
  const auto milliseconds = text ? parse_number(*text) : json_number(value);
  if (!milliseconds || !(*milliseconds >= 0 && *milliseconds < 9e12)) return std::nullopt;
  return static_cast<UnixNanos>(*milliseconds) * 1'000'000;
}

bool read_book(dom::element value, BooksPage& page, std::vector<trading::Level>& levels) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return false;
  const Fields<book_field_count> fields(kBookFields, object);
  TokenSnapshot book;
  book.market_id = fields.text(book_market);
  book.token_id = fields.text(book_asset);
  const auto time = fields.get(book_time, time_of);
  if (book.market_id.empty() || book.token_id.empty() || !time || !fields[book_bids] || !fields[book_asks]) return false;
  book.time = *time;
  if (!read_side(*fields[book_bids], trading::Side::buy, book.book.bids, levels, page.dropped_levels) ||
      !read_side(*fields[book_asks], trading::Side::sell, book.book.asks, levels, page.dropped_levels))
    return false;
  page.books.push_back(std::move(book));
  return true;
}

bool all_of_range(std::string_view text, bool (*good)(char)) { return std::all_of(text.begin(), text.end(), good); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_slug_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

}  // namespace

bool is_condition_id(std::string_view text) { return text.size() == 66 && text.starts_with("0x") && all_of_range(text.substr(2), is_hex); }
bool is_token_id(std::string_view text) { return !text.empty() && text.size() <= 78 && all_of_range(text, is_digit); }
bool is_slug(std::string_view text) { return !text.empty() && text.size() <= 300 && all_of_range(text, is_slug_char); }

std::optional<UnixNanos> venue_time(std::string_view text) {
  if (text.size() < 10 || text.size() > 40) return std::nullopt;
  std::string whole(text);
  const std::size_t sign = whole.find_last_of("+-");
  if (whole.size() > 10 && sign == whole.size() - 3) whole += ":00";  // "+00"
  const auto parsed = parse_time(whole);
  return parsed ? std::optional(parsed->nanos) : std::nullopt;
}

PolymarketParser::PolymarketParser() : parsers_(std::make_unique<Parsers>()) {}
PolymarketParser::~PolymarketParser() = default;

Result<BooksPage> PolymarketParser::books(std::string_view text, const std::string& where) {
  TRADEWIND_ASSIGN(const dom::element document, parse_json(parsers_->outer, text, where));
  BooksPage page;
  std::vector<trading::Level> levels;
  dom::array list;
  if (document.get(list) == simdjson::SUCCESS) {
    for (const dom::element value : list)
      if (!read_book(value, page, levels)) ++page.unparsable;
    return page;
  }
  if (!read_book(document, page, levels)) return unexpected_answer("the answer holds no order book", where);
  return page;
}

Result<ClobMarket> PolymarketParser::clob_market(std::string_view text, const std::string& where) {
  TRADEWIND_ASSIGN(const dom::element document, parse_json(parsers_->outer, text, where));
  dom::object object;
  dom::array tokens;
  if (document.get(object) != simdjson::SUCCESS) return unexpected_answer("the answer is no market", where);
  const Fields<clob_field_count> fields(kClobFields, object);
  if (!fields[clob_id] || !fields[clob_tokens] || fields[clob_tokens]->get(tokens) != simdjson::SUCCESS)
    return unexpected_answer("the answer is no market", where);
  ClobMarket market;
  market.market_id = fields.text(clob_id);
  market.closed = fields.boolean(clob_closed);
  market.half_each = fields.boolean(clob_half);
  for (const dom::element token : tokens) {
    std::string_view id;
    bool winner = false;
    if (token["token_id"].get(id) != simdjson::SUCCESS || market.token_ids.size() == 2)
      return unexpected_answer("the market's tokens cannot be read", where);
    if (token["winner"].get(winner) != simdjson::SUCCESS) winner = false;
    market.token_ids.emplace_back(id);
    market.winner.push_back(winner);
  }
  return market;
}

std::optional<std::array<Price, 2>> payout_of(const ClobMarket& clob, const trading::PredictionMarket& market) {
  if (!clob.closed || clob.market_id != market.id || clob.token_ids.size() != 2) return std::nullopt;
  const bool same = clob.token_ids[0] == market.token_ids[0] && clob.token_ids[1] == market.token_ids[1];
  const bool swapped = clob.token_ids[0] == market.token_ids[1] && clob.token_ids[1] == market.token_ids[0];
  if (!same && !swapped) return std::nullopt;
  if (clob.half_each) return {{Price{500'000}, Price{500'000}}};
  if (clob.winner[0] == clob.winner[1]) return std::nullopt;
  const bool yes = clob.winner[same ? 0 : 1];
  return {{yes ? kPriceOfCertainty : Price{}, yes ? Price{} : kPriceOfCertainty}};
}

}  // namespace tradewind::venues
