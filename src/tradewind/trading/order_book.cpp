// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/order_book.hpp"

#include <algorithm>

namespace tradewind::trading {
namespace {

/// Whether a price of a side's ladder stands before another.
bool before(Side side, Price a, Price b) noexcept { return side == Side::buy ? a > b : a < b; }

}  // namespace

void Ladder::insert_at(std::size_t place, Level level) {
  if (overflow_.empty() && count_ < kInline) {
    std::copy_backward(inline_.begin() + static_cast<std::ptrdiff_t>(place), inline_.begin() + count_, inline_.begin() + count_ + 1);
    inline_[place] = level;
    ++count_;
    return;
  }
  if (overflow_.empty()) overflow_.assign(inline_.begin(), inline_.begin() + count_);
  overflow_.resize(count_);
  overflow_.insert(overflow_.begin() + static_cast<std::ptrdiff_t>(place), level);
  ++count_;
}

void Ladder::set(Side side, Level level) {
  Level* const first = data();
  Level* const last = first + count_;
  Level* const at = std::find_if(first, last, [&](const Level& held) { return !before(side, held.price, level.price); });
  const bool there = at != last && at->price == level.price;
  if (level.size.micros <= 0) {
    if (!there) return;
    std::copy(at + 1, last, at);
    --count_;
  } else if (there) {
    at->size = level.size;
  } else {
    insert_at(static_cast<std::size_t>(at - first), level);
  }
}

void Ladder::assign(Side side, std::span<const Level> levels) {
  count_ = 0;
  if (overflow_.empty() && levels.size() > kInline) overflow_.reserve(levels.size());
  for (const Level& level : levels) {
    if (level.size.micros <= 0) continue;
    if (count_ == 0 || before(side, data()[count_ - 1].price, level.price)) {
      insert_at(count_, level);
      continue;
    }
    Level* const first = data();
    Level* const last = first + count_;
    Level* const at =
        std::lower_bound(first, last, level.price, [&](const Level& held, Price price) { return before(side, held.price, price); });
    if (at != last && at->price == level.price)
      at->size += level.size;
    else
      insert_at(static_cast<std::size_t>(at - first), level);
  }
}

Walk walk(Side taker, const Ladder& ladder, Shares wanted, Price limit) noexcept {
  Walk done;
  for (const Level& level : ladder) {
    const bool beyond = taker == Side::buy ? level.price > limit : level.price < limit;
    if (beyond || done.shares >= wanted) break;
    const Shares taken = std::min(level.size, wanted - done.shares);
    done.shares += taken;
    done.cost += notional(level.price, taken, taker == Side::buy ? Rounding::up : Rounding::down);
    done.worst = level.price;
  }
  return done;
}

}  // namespace tradewind::trading
