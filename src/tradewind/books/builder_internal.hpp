// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tradewind/books/recording.hpp"

namespace tradewind::books {

/// Puts a recording together from whatever order its sources come in.
class RecordingBuilder {
 public:
  /// The place of a market; one that is new has only its id.
  std::uint32_t market(std::string_view id);
  RecordedMarket& at(std::uint32_t place) { return recording_.markets[place]; }
  std::size_t markets() const { return recording_.markets.size(); }

  /// Which outcome of which market a token is. A market nothing is known of gets its tokens in the order in which they are seen.
  /// None, counted, for a third token of a market.
  std::optional<std::pair<std::uint32_t, trading::Outcome>> token(std::string_view market_id, std::string_view token_id);

  void add(const BookEvent& event) {
    recording_.events.push_back(event);
    if (last_[event.market] < event.received) last_[event.market] = event.received;
  }
  /// A whole book of an outcome: its levels follow by `level`.
  void book(UnixNanos received, UnixNanos time, std::uint32_t market, trading::Outcome outcome);
  /// False, and nothing is added, for a price that is not between 0 and 1 dollars or a size below 0.
  bool level(UnixNanos received, UnixNanos time, std::uint32_t market, trading::Outcome outcome, trading::Side side, std::int64_t price,
             std::int64_t shares);
  bool print(UnixNanos received, UnixNanos time, std::uint32_t market, trading::Outcome outcome, trading::Side taker, std::int64_t price,
             std::int64_t shares, bool inferred);
  void trading(UnixNanos received, std::uint32_t market, bool taken);
  /// What a yes share pays, as told at `observed`. A second telling of the same is none.
  void payout(UnixNanos observed, std::uint32_t market, std::int64_t price);

  /// When the market's latest event so far was received; 0 without one.
  UnixNanos last_of(std::uint32_t market) const;

  void source(const Path& file, std::string sha256, std::int64_t rows);
  void note(std::string text) { recording_.info.notes.push_back(std::move(text)); }
  void without_sizes() { recording_.info.sizes = false; }
  /// Rows that make no sense are left out and counted by reason.
  void leave_out(const std::string& reason) { ++left_out_[reason]; }

  /// In order of receipt, sums made. Errors: `invalid_data` when there is no event at all.
  Result<Recording> finish(const std::string& format);

 private:
  void make_sums();

  Recording recording_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::unordered_map<std::string, std::pair<std::uint32_t, trading::Outcome>> tokens_;
  std::unordered_map<std::uint32_t, std::int64_t> payouts_;
  std::vector<UnixNanos> last_;  ///< by market
  std::map<std::string, std::int64_t> left_out_;
};

}  // namespace tradewind::books
