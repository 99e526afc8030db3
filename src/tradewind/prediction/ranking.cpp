// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tradewind::prediction {

void best_opportunities(std::span<const Opportunity> all, std::size_t most, std::vector<std::uint32_t>& best) {
  best.clear();
  if (most == 0) return;
  const auto score = [&](std::uint32_t place) {
    const double value = all[place].score;
    return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
  };
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return score(a) != score(b) ? score(a) > score(b) : a < b; };
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    // The worst of the best stands in front of the heap: nearly every opportunity is done with one comparison.
    if (best.size() < most) {
      best.push_back(i);
      std::push_heap(best.begin(), best.end(), before);
    } else if (before(i, best.front())) {
      std::pop_heap(best.begin(), best.end(), before);
      best.back() = i;
      std::push_heap(best.begin(), best.end(), before);
    }
  }
  std::sort_heap(best.begin(), best.end(), before);
}

}  // namespace tradewind::prediction
