// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/check.hpp"

#include <algorithm>

#include "tradewind/books/recorded_books.hpp"

namespace tradewind::books {
namespace {

/// What was seen of each market.
struct Seen {
  bool book = false, two_sided = false, paid = false, after = false;
};

void describe(const Recording& recording, BooksCheck& check) {
  for (const RecordedMarket& one : recording.markets) {
    check.described += one.described ? 1 : 0;
    check.fees_known += one.market.fees_known ? 1 : 0;
    if (!one.unresolved.empty()) ++check.unresolved[one.unresolved];
  }
}

void find_gaps(const Recording& recording, BooksCheck& check) {
  UnixNanos last = 0;
  for (const BookEvent& event : recording.events) {
    if (event.kind == EventKind::payout) continue;
    if (last != 0 && event.received - last > kGap) check.gaps.push_back({last, event.received});
    last = event.received;
  }
  std::ranges::sort(check.gaps, [](const Silence& a, const Silence& b) { return a.to - a.from > b.to - b.from; });
  check.gaps.resize(std::min(check.gaps.size(), kMostGaps));
}

}  // namespace

BooksCheck check_books(const Recording& recording) {
  BooksCheck check;
  RecordedBooks state(recording, Shares::whole(1));
  std::vector<Seen> seen(recording.markets.size());
  std::int64_t on_books = 0, untrusted = 0;
  for (std::size_t i = 0; i < recording.events.size(); ++i) {
    const BookEvent& event = recording.events[i];
    state.apply(event);
    Seen& one = seen[event.market];
    check.prints += event.kind == EventKind::print ? 1 : 0;
    check.inferred_prints += event.inferred ? 1 : 0;
    one.paid |= event.kind == EventKind::payout;
    one.book |= event.kind == EventKind::book;
    if (event.kind != EventKind::book && event.kind != EventKind::level) continue;
    one.after |= one.paid;
    // A message changes several levels: its book is looked at when it is over.
    const bool over = i + 1 == recording.events.size() || recording.events[i + 1].received != event.received ||
                      recording.events[i + 1].market != event.market;
    if (!over) continue;
    ++on_books;
    untrusted += state.trusted(event.market) ? 0 : 1;
    const trading::MarketPrices& prices = state.prices(event.market);
    one.two_sided |= prices.of(event.outcome).two_sided();
    check.crossed += state.trusted(event.market) && prices.of(event.outcome).crossed() ? 1 : 0;
  }
  check.untrusted_share = on_books == 0 ? 0 : static_cast<double>(untrusted) / static_cast<double>(on_books);
  for (const Seen& one : seen) {
    check.without_book += one.book ? 0 : 1;
    check.one_sided += one.book && !one.two_sided ? 1 : 0;
    check.payout_before_last += one.after ? 1 : 0;
  }
  describe(recording, check);
  find_gaps(recording, check);
  return check;
}

}  // namespace tradewind::books
