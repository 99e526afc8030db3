// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/venue.hpp"

#include <cstdlib>

namespace tradewind::trading {

Shares AccountEntry::filled() const noexcept {
  switch (kind) {
    case Kind::fill:
    case Kind::reversal: {
      const Shares changed = change(outcome);
      return side == Side::buy ? changed : -changed;
    }
    case Kind::merge: return -yes;
    case Kind::split: return yes;
    case Kind::payout:
    case Kind::transfer: return {};
  }
  return {};
}

std::string_view entry_kind_name(AccountEntry::Kind kind) noexcept {
  constexpr std::string_view kNames[] = {"fill", "reversal", "merge", "split", "payout", "transfer"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace tradewind::trading
