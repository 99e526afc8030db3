// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/markouts.hpp"

namespace tradewind::live {

std::vector<execution::Markout> Markouts::due(const prediction::MarketUniverse& universe, std::int64_t now) {
  std::vector<execution::Markout> all;
  std::erase_if(open_, [&](Open& open) {
    const auto index = universe.find(open.market_id);
    if (!index || universe.market(*index).payout) return true;
    const trading::MarketPrices& prices = universe.prices(*index);
    for (; open.next < kSeconds.size(); ++open.next) {
      const std::int64_t at = open.time + kSeconds[open.next] * kNanosPerSecond;
      const trading::TokenBook& book = prices.of(open.outcome);
      if (now < at || prices.received < at || !book.two_sided()) break;
      all.push_back({open.entry, kSeconds[open.next], {(book.bids.best().price + book.asks.best().price).micros / 2}});
    }
    return open.next == kSeconds.size();
  });
  return all;
}

}  // namespace tradewind::live
