// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tradewind::strategies {

/// The resolution of a series of prices, learnt price by price: as long as every price so far is the double nearest to a decimal of at most
/// nine places, prices are whole numbers of ticks and sums of them are exact. What it says at a bar depends on that bar and earlier ones.
class PriceScale {
 public:
  /// Takes the next price. After the first one that is no decimal (or too large for its places), the series is none for good.
  void take(double price) noexcept;

  /// Every price so far is a whole number of ticks below 2^45.
  bool exact() const noexcept { return exact_; }
  /// The last price was the first that is no decimal.
  bool lost() const noexcept { return lost_; }
  /// Ticks per unit of price: a power of ten; of the exact part once that has ended.
  double factor() const noexcept { return factor_; }
  /// By how much the last price made ticks smaller: 1 when it did not.
  double grown() const noexcept { return grown_; }
  /// A price taken before, or now, in ticks.
  std::int64_t ticks(double price) const noexcept;

  template <class Archive>
  void each(Archive& archive) {
    archive.number(exact_);
    archive.number(factor_);
    archive.number(highest_);
    if (!possible()) archive.fail(), *this = PriceScale();
  }
  /// For a memory that knows nothing of ticks.
  void give_up() noexcept { exact_ = false; }

 private:
  bool possible() const noexcept;

  bool exact_ = true;
  bool lost_ = false;
  double factor_ = 1;
  double grown_ = 1;
  double highest_ = 0;
};

}  // namespace tradewind::strategies
