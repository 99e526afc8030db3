// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::venues {

bool is_condition_id(std::string_view text);  ///< 0x and 64 hexadecimal digits
bool is_token_id(std::string_view text);      ///< 1 to 78 decimal digits: what 256 bits hold
bool is_slug(std::string_view text);          ///< letters, digits, - and _; at most 300

/// "2026-03-01T12:00:00Z", "2026-03-01 12:00:00+00" and dates alone.
std::optional<UnixNanos> venue_time(std::string_view text);

/// An event as a page of /events shows it: which of its markets may still come true.
struct EventMembers {
  std::string event_id;
  std::vector<std::string> market_ids;  ///< without those that were resolved to no
  bool complete = true;                 ///< false: one of its markets could not be read or has no books yet
};

struct GammaPage {
  std::vector<trading::PredictionMarket> markets;
  std::vector<EventMembers> events;
  std::size_t entries = 0;         ///< events or markets on the page, whatever became of them
  std::string next_cursor;         ///< empty: the last page
  bool bare = false;               ///< a list alone, without a place for a cursor
  std::size_t unparsable = 0;      ///< markets left out because they make no sense
  std::size_t not_ready = 0;       ///< markets without tokens yet
  std::size_t unknown_fees = 0;    ///< markets that do not say what takers pay, or nothing that can be meant
  std::vector<std::string> notes;  ///< the first few of the unparsable and of those without known fees, with the reason
};

/// One token's book of POST /books or GET /book.
struct TokenSnapshot {
  std::string market_id;
  std::string token_id;
  trading::TokenBook book;
  UnixNanos time = 0;
};

struct BooksPage {
  std::vector<TokenSnapshot> books;
  std::size_t unparsable = 0;      ///< books without market, token or levels
  std::size_t dropped_levels = 0;  ///< prices off (0, 1) or sizes that are none
};

/// What the CLOB says about the end of a market.
struct ClobMarket {
  std::string market_id;
  bool closed = false;
  bool half_each = false;  ///< is_50_50_outcome
  std::vector<std::string> token_ids;
  std::vector<bool> winner;  ///< by token
};

/// Reads the venue's JSON. Keeps its memory from one call to the next; one thread. Bounded: documents above 64 MiB or 32 levels deep are
/// refused, levels beyond 10,000 a side are dropped. Errors: Errc::venue with `where`, for a document that is none as a whole.
class PolymarketParser {
 public:
  PolymarketParser();
  ~PolymarketParser();
  PolymarketParser(const PolymarketParser&) = delete;
  PolymarketParser& operator=(const PolymarketParser&) = delete;

  /// A list of events (with markets) or of markets, alone or as "events", "markets" or "data" of an object with "next_cursor".
  Result<GammaPage> gamma_page(std::string_view text, const std::string& where);
  /// A list of books, or one.
  Result<BooksPage> books(std::string_view text, const std::string& where);
  Result<ClobMarket> clob_market(std::string_view text, const std::string& where);

 private:
  struct Parsers;
  std::unique_ptr<Parsers> parsers_;
};

/// What each outcome pays, by the order of `market.token_ids`; nullopt while that is open.
std::optional<std::array<Price, 2>> payout_of(const ClobMarket& clob, const trading::PredictionMarket& market);

}  // namespace tradewind::venues
