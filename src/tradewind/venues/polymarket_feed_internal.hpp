// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tradewind/http/client.hpp"
#include "tradewind/venues/market_catalog_internal.hpp"
#include "tradewind/venues/polymarket_monitor.hpp"
#include "tradewind/venues/polymarket_parse.hpp"

namespace tradewind::venues {

/// Connections and the rate limits that the venue documents, times `rate_share`.
http::ClientOptions client_options(const PolymarketSettings& settings);
/// %XX for everything but letters, digits and -._~.
std::string percent_encoded(std::string_view text);
/// Errc::venue for an answer that is none of 2xx.
Error venue_error(const http::Response& response, const std::string& where);

/// What both halves of the monitor share.
struct PolymarketLink {
  explicit PolymarketLink(PolymarketSettings s) : settings(std::move(s)), catalog(settings.max_markets, settings.min_volume) {}
  PolymarketSettings settings;
  std::unique_ptr<http::Client> client;
  PolymarketParser parser;
  MarketCatalog catalog;
  PolymarketFaults faults;
  http::WhileWaiting go_on;

  void note(std::string text);
  http::Request get(std::string url) const;
  std::vector<http::Response> fetch_all(std::span<const http::Request> requests) const;
};

/// Lists markets and learns how they end.
class PolymarketListing {
 public:
  explicit PolymarketListing(PolymarketLink& link) : link_(link) {}
  Result<std::vector<trading::PredictionMarket>> refresh();

 private:
  Status list_all();
  Status list_tag(const std::string& tag);
  Result<GammaPage> page(const std::string& url, const std::string& where, int& status);
  Status ask_for_slugs();
  void ask_for_unseen();
  void ask_for(std::span<const std::string> ids, bool closed);
  void ask_for_ends();
  void note_page(const GammaPage& page);

  PolymarketLink& link_;
  bool keyset_ = true;      // until the venue refuses
  std::int64_t until_ = 0;  // steady time at which a refresh asks for no further page
};

/// Fetches books, many tokens at a time.
class PolymarketBooks {
 public:
  explicit PolymarketBooks(PolymarketLink& link) : link_(link) {}
  Result<std::vector<trading::MarketPrices>> fetch(const std::vector<std::string>& market_ids);
  /// After a refresh everything is tried once more.
  void try_again();

 private:
  struct Asked {
    KnownMarket* known = nullptr;
    trading::MarketPrices prices;
    bool has[2] = {false, false};
    bool failed = false;  ///< the request was, so nothing is known
  };
  using Tokens = std::unordered_map<std::string_view, std::pair<Asked*, trading::Outcome>>;
  using Batch = std::span<Asked>;

  std::vector<Asked> asked_for(const std::vector<std::string>& market_ids);
  std::vector<Batch> batches(std::vector<Asked>& asked) const;
  http::Request batch_request(Batch batch) const;
  std::vector<Batch> ask_in_batches(const std::vector<Batch>& batches);
  void ask_one_by_one(const std::vector<Batch>& batches);
  static Tokens tokens_of(Batch batch);
  bool take(const http::Response& response, const std::string& where, const Tokens& tokens);
  void take_book(TokenSnapshot& snapshot, const Tokens& tokens, std::int64_t received);
  void fail(Batch batch, const Error& error);
  void count_missing(Asked& asked);

  PolymarketLink& link_;
  bool in_batches_ = true;  // until the venue refuses
  std::size_t answered_ = 0;
  std::vector<Error> errors_;
};

}  // namespace tradewind::venues
