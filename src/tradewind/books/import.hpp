// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/books/recording.hpp"

namespace tradewind::books {

/// How a source writes its books.
enum class BooksFormat : std::uint8_t {
  pmxt_v1,  ///< Parquet: timestamp_received, timestamp_created_at, market_id, update_type, data (JSON)
  pmxt_v2,  ///< Parquet: timestamp_received, timestamp, market, event_type, asset_id, bids, asks, price, size, side, …
  ws,       ///< JSON lines: frames of Polymarket's market channel, as objects or lists, with the recorder's receipt time or without
  quotes,   ///< Parquet: ts, slug, bid, ask; no sizes
  betfair,  ///< JSON lines: market change messages with full depth
};
constexpr auto names_of(BooksFormat) { return std::to_array<std::string_view>({"pmxt-v1", "pmxt-v2", "ws", "quotes", "betfair"}); }

struct ImportRequest {
  BooksFormat format = BooksFormat::ws;
  std::vector<Path> files;
  std::vector<Path>
      markets;  ///< who the markets are: pages of Polymarket's Gamma (JSON); of quotes Parquet with slug and question, or slug, y, source
  const Cancellation* cancellation = nullptr;
};

/// Reads files of any size that fits into memory (32 bytes an event) into a recording; the order of the files does not matter but where
/// events have the same time. What makes no sense as a level or a trade is left out and counted in the notes; a file that is not of the
/// format, or ends in the middle, is an error. Errors: `not_found`, `invalid_data` with file and line, `too_large`, `interrupted`.
Result<Recording> import_books(const ImportRequest& request);

}  // namespace tradewind::books
