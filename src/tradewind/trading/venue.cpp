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

}  // namespace tradewind::trading
