// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tradewind/config/reader.hpp"

namespace tradewind::venues {

/// What is read from Polymarket, and how politely.
struct PolymarketSettings {
  std::string gamma_url = "https://gamma-api.polymarket.com";
  std::string clob_url = "https://clob.polymarket.com";
  std::string ca_file;                  ///< certificates to trust instead of the system's
  std::size_t max_markets = 1000;       ///< tradable at once; those traded most come first
  double min_volume = 0;                ///< dollars traded so far that a market needs to be listed
  std::vector<std::string> tags;        ///< slugs or numbers of tags; empty: all
  std::vector<std::string> market_ids;  ///< condition ids; with these or slugs and no tags, nothing else is listed
  std::vector<std::string> market_slugs;
  int events_per_request = 100;
  int books_per_request = 200;  ///< tokens; each market has two
  int connections = 8;
  double timeout_seconds = 10;  ///< of one attempt
  int attempts = 4;
  double refresh_markets_seconds = 60;  ///< between two listings; in between the last one stands
  double rate_share = 0.8;              ///< of the venue's documented request limits, (0, 1]
};

/// Reads the keys of a section `polymarket`; complaints name what is wrong. The caller calls finish().
PolymarketSettings read_polymarket_settings(config::MapReader& reader);

}  // namespace tradewind::venues
