// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/books/recording.hpp"

namespace tradewind::books {

/// A stretch without any event.
struct Silence {
  UnixNanos from = 0;
  UnixNanos to = 0;
};

/// What there is to doubt in a recording.
struct BooksCheck {
  std::int64_t prints = 0;
  std::int64_t inferred_prints = 0;  ///< whose taker's side the source does not tell
  std::vector<Silence> gaps;         ///< the longest first, at most kMostGaps
  std::int64_t crossed = 0;          ///< events after which a trusted book has a bid at or above an ask
  double untrusted_share = 0;        ///< of the events on books: those before a whole book was seen
  std::size_t without_book = 0;      ///< markets that never had one
  std::size_t one_sided = 0;         ///< markets that never had bid and ask at once
  std::size_t described = 0;         ///< markets of which it is known who they are
  std::size_t fees_known = 0;
  std::size_t payout_before_last = 0;             ///< markets whose books go on after their payout was told
  std::map<std::string, std::size_t> unresolved;  ///< why outcomes do not count -> markets
  bool sound() const { return crossed == 0 && payout_before_last == 0; }
};
inline constexpr std::size_t kMostGaps = 20;

/// Applies every event. O(events).
BooksCheck check_books(const Recording& recording);

}  // namespace tradewind::books
