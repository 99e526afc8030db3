// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/recorded_books.hpp"

namespace tradewind::books {

using trading::Outcome;
using trading::Side;

RecordedBooks::RecordedBooks(const Recording& recording, Shares quote_shares)
    : recording_(&recording),
      quote_shares_(quote_shares),
      prices_(recording.markets.size()),
      whole_(recording.markets.size(), {false, false}),
      trading_(recording.markets.size(), true) {
  for (std::size_t i = 0; i < prices_.size(); ++i) {
    prices_[i].market_id = recording.markets[i].market.id;
    prices_[i].gapped = true;
  }
}

Shares RecordedBooks::size_of(const BookEvent& event) const { return event.shares == kUnknownSize ? quote_shares_ : Shares{event.shares}; }

/// The venue has one book: an offer of yes at p is a bid for no at 1 − p.
void RecordedBooks::mirror(std::uint32_t market, Side side, trading::Level level) {
  auto& no = prices_[market].of(Outcome::no);
  const trading::Level other{kPriceOfCertainty - level.price, level.size};
  side == Side::buy ? no.asks.set(Side::sell, other) : no.bids.set(Side::buy, other);
}

/// Of a venue with one book a whole one of yes is enough; else both tokens' must have been seen.
void RecordedBooks::look_again(std::uint32_t market) {
  const auto& whole = whole_[market];
  prices_[market].gapped = !(whole[0] && (whole[1] || recording_->markets[market].mirrored));
}

void RecordedBooks::apply(const BookEvent& event) {
  trading::MarketPrices& prices = prices_[event.market];
  trading::TokenBook& book = prices.of(event.outcome);
  const bool mirrored = recording_->markets[event.market].mirrored;
  switch (event.kind) {
    case EventKind::book:
      book.bids.clear();
      book.asks.clear();
      if (mirrored) prices.of(Outcome::no) = {};
      whole_[event.market][static_cast<std::size_t>(event.outcome)] = true;
      look_again(event.market);
      break;
    case EventKind::level: {
      const trading::Level level{Price{event.price}, size_of(event)};
      event.side == Side::buy ? book.bids.set(Side::buy, level) : book.asks.set(Side::sell, level);
      if (mirrored) mirror(event.market, event.side, level);
      break;
    }
    case EventKind::tick:
      whole_[event.market] = {false, false};
      look_again(event.market);
      break;
    case EventKind::trading: trading_[event.market] = event.shares != 0; return;
    case EventKind::print:
    case EventKind::payout: return;
  }
  prices.time = event.received;
  ++prices.sequence;
}

void RecordedBooks::miss() {
  for (std::uint32_t market = 0; market < prices_.size(); ++market) {
    whole_[market] = {false, false};
    look_again(market);
  }
}

}  // namespace tradewind::books
