// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/opportunity.hpp"

namespace tradewind::prediction {

Fate fate_of(BookState state) noexcept {
  switch (state) {
    case BookState::good: return Fate::traded;
    case BookState::missing: return Fate::missing_book;
    case BookState::stale: return Fate::stale_book;
    case BookState::gapped: return Fate::gapped_book;
    case BookState::crossed: return Fate::crossed_book;
    case BookState::closed: return Fate::market_closed;
    case BookState::unknown_fees: return Fate::unknown_fees;
  }
  return Fate::missing_book;
}

}  // namespace tradewind::prediction
