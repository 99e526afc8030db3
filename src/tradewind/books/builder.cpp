// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "tradewind/books/builder_internal.hpp"

namespace tradewind::books {

using trading::Outcome;
using trading::Side;

namespace {

std::int32_t delay(UnixNanos received, UnixNanos time) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp((received - time) / 1000, -kMost, kMost));
}

bool is_price(std::int64_t price) { return price > 0 && price < Price::kOne; }

}  // namespace

std::uint32_t RecordingBuilder::market(std::string_view id) {
  const auto [at, fresh] = places_.try_emplace(std::string(id), static_cast<std::uint32_t>(recording_.markets.size()));
  if (!fresh) return at->second;
  RecordedMarket one;
  one.market.id = id;
  one.market.fees_known = false;
  one.market.outcome_names = {"", ""};
  recording_.markets.push_back(std::move(one));
  last_.push_back(0);
  return at->second;
}

std::optional<std::pair<std::uint32_t, Outcome>> RecordingBuilder::token(std::string_view market_id, std::string_view token_id) {
  if (const auto known = tokens_.find(std::string(token_id)); known != tokens_.end()) return known->second;
  const std::uint32_t place = market(market_id);
  auto& named = at(place).market.token_ids;
  std::size_t outcome = token_id == named[0] ? 0 : token_id == named[1] ? 1 : 2;
  if (outcome == 2) outcome = named[0].empty() ? 0 : named[1].empty() ? 1 : 2;
  if (outcome == 2) return leave_out("rows of a third token of their market"), std::nullopt;
  if (named[outcome].empty()) named[outcome] = token_id;
  return tokens_[std::string(token_id)] = {place, static_cast<Outcome>(outcome)};
}

void RecordingBuilder::book(UnixNanos received, UnixNanos time, std::uint32_t market, Outcome outcome) {
  add({received, 0, 0, market, delay(received, time), EventKind::book, outcome, Side::buy, false});
}

bool RecordingBuilder::level(UnixNanos received, UnixNanos time, std::uint32_t market, Outcome outcome, Side side, std::int64_t price,
                             std::int64_t shares) {
  if (!is_price(price) || shares < kUnknownSize) return leave_out("levels whose price or size makes no sense"), false;
  add({received, shares, static_cast<std::int32_t>(price), market, delay(received, time), EventKind::level, outcome, side, false});
  return true;
}

bool RecordingBuilder::print(UnixNanos received, UnixNanos time, std::uint32_t market, Outcome outcome, Side taker, std::int64_t price,
                             std::int64_t shares, bool inferred) {
  if (!is_price(price) || shares <= 0) return leave_out("trades whose price or size makes no sense"), false;
  add({received, shares, static_cast<std::int32_t>(price), market, delay(received, time), EventKind::print, outcome, taker, inferred});
  recording_.info.prints = true;
  return true;
}

void RecordingBuilder::trading(UnixNanos received, std::uint32_t market, bool taken) {
  add({received, taken ? 1 : 0, 0, market, 0, EventKind::trading, Outcome::yes, Side::buy, false});
}

void RecordingBuilder::payout(UnixNanos observed, std::uint32_t market, std::int64_t price) {
  const auto [at, fresh] = payouts_.try_emplace(market, price);
  if (!fresh && at->second != price) leave_out("outcomes that contradict an earlier one of their market");
  if (!fresh) return;
  add({observed, 0, static_cast<std::int32_t>(price), market, 0, EventKind::payout, Outcome::yes, Side::buy, false});
}

UnixNanos RecordingBuilder::last_of(std::uint32_t market) const { return last_[market]; }

void RecordingBuilder::source(const Path& file, std::string sha256, std::int64_t rows) {
  recording_.info.sources.push_back({file.filename().string(), std::move(sha256), rows});
  recording_.info.rows += rows;
}

void RecordingBuilder::make_sums() {
  RecordingInfo& info = recording_.info;
  info.events = static_cast<std::int64_t>(recording_.events.size());
  info.markets = recording_.markets.size();
  info.resolved = payouts_.size();
  UnixNanos last = 0;
  for (const BookEvent& event : recording_.events) {
    RecordedMarket& one = at(event.market);
    if (one.first_seen == 0) one.first_seen = event.received;
    if (event.kind == EventKind::payout) continue;  // told whenever somebody looked, long after the books perhaps
    one.last_seen = event.received;
    if (last == 0) info.from = event.received;
    if (last != 0 && event.received - last > kGap) ++info.gaps;
    last = info.to = event.received;
  }
}

Result<Recording> RecordingBuilder::finish(const std::string& format) {
  if (recording_.events.empty()) return Error(Errc::invalid_data, "the files hold no event of any market");
  std::ranges::stable_sort(recording_.events, {}, &BookEvent::received);
  recording_.info.format = format;
  make_sums();
  for (const auto& [reason, count] : left_out_) note(fmt::format("left out: {} {}", count, reason));
  const auto unknown = std::ranges::count_if(recording_.markets, [](const auto& one) { return !one.described; });
  if (unknown > 0)
    note(fmt::format(
        "{} of {} markets are not described: which token is yes, and what takers pay, is not known, so nothing is traded there; "
        "give their descriptions by --markets",
        unknown, recording_.markets.size()));
  return std::move(recording_);
}

}  // namespace tradewind::books
