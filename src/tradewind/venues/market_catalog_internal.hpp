// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "tradewind/venues/polymarket_parse.hpp"

namespace tradewind::venues {

/// A market that has been listed, until its resolution has been told.
struct KnownMarket {
  trading::PredictionMarket market;
  std::uint64_t ordinal = 0;   ///< order of first listing
  bool read = false;           ///< false: watched by its id, never yet seen
  bool seen = false;           ///< in this refresh
  int lookups_missed = 0;      ///< refreshes in a row in which nobody knew it
  std::uint64_t asked = 0;     ///< number of the last question to the CLOB about its end
  int books_missed = 0;        ///< polls in a row without both books
  UnixNanos book_time = 0;     ///< of the newest book taken
  std::uint64_t sequence = 0;  ///< books taken
};

/// Which markets are known, what became of them, and which of an event's markets are all there is: the part of the monitor that needs no
/// network. A refresh is `start`, any number of `take` and `resolve`, and `finish`.
class MarketCatalog {
 public:
  MarketCatalog(std::size_t most, double least_volume) : most_(most), least_volume_(least_volume) {}

  /// From now on part of every refresh until it is resolved, whatever its volume.
  void watch(const std::string& market_id);
  KnownMarket* find(const std::string& market_id);
  template <class F>
  void for_each(F what) {
    for (auto& [id, known] : known_) what(known);
  }
  bool has_slug(const std::string& slug) const;
  /// As many tradable markets as are wanted.
  bool full() const noexcept { return tradable_ >= most_; }

  void start();
  /// A page of a listing: new markets are taken in as long as there is room, known ones brought up to date. How many of them this refresh
  /// had not shown before.
  std::size_t take(const GammaPage& page);
  /// A market that was asked for by its name.
  void take_asked(const trading::PredictionMarket& market);
  /// Known markets that this refresh has not shown yet and that are worth asking for now.
  std::vector<std::string> unseen() const;
  /// It could not be found out what became of it: what was known stands.
  void keep(const std::string& market_id);
  /// Markets that have ended without a known payout, at most `most`, those not asked about for longest first.
  std::vector<std::string> open_ends(std::size_t most);
  void resolve(const std::string& market_id, std::array<Price, 2> payout);
  /// Markets to trade in order of listing, then those that take no orders and are not resolved yet, so that nobody goes on trading them,
  /// then those resolved, which are forgotten.
  std::vector<trading::PredictionMarket> finish();

 private:
  void update(KnownMarket& known, const trading::PredictionMarket& market);
  void count(const KnownMarket& known, bool before);
  bool is_complete(const std::string& event_id) const;

  std::size_t most_;
  double least_volume_;
  std::size_t tradable_ = 0;
  std::uint64_t ordinals_ = 0;
  std::uint64_t refresh_ = 0;
  std::uint64_t questions_ = 0;
  std::unordered_map<std::string, KnownMarket> known_;
  std::unordered_map<std::string, EventMembers> events_;  // of this refresh
};

}  // namespace tradewind::venues
