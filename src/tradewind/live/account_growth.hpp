// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "tradewind/trading/money.hpp"

namespace tradewind::live {

/// What an account earned on the capital it had, while capital is moved in and out.
///
/// Time-weighted: the product of equity / (equity before + what was put in since) over the marks; what a strategy made of a dollar that
/// stayed. Money-weighted is StrategyLedger::money_weighted.
class AccountGrowth {
 public:
  AccountGrowth() = default;
  /// An account that begins with `contributed`.
  explicit AccountGrowth(Money contributed) : equity_(contributed), contributed_(contributed) {}

  /// `contributed`: put in less taken out, in all. `fees`: paid since the mark before and to be left out of what the account has earned.
  void mark(Money equity, Money contributed, Money fees = {}) {
    if (const Money base = equity_ + (contributed - contributed_); base.micros > 0) {
      index_ *= std::max(0.0, (equity + fees).to_double() / base.to_double());
      best_ = std::max(best_, index_);
      had_capital_ = true;
    }
    equity_ = equity;
    contributed_ = contributed;
  }
  /// 1 at the start.
  double index() const noexcept { return index_; }
  /// [0, 1] below its best since the start or the last fresh start.
  double drawdown() const noexcept { return best_ > 0 ? 1 - index_ / best_ : 0; }
  /// Drawdowns count from here.
  void start_afresh() noexcept { best_ = index_; }
  std::optional<double> time_weighted() const { return had_capital_ ? std::optional(index_ - 1) : std::nullopt; }

 private:
  Money equity_;
  Money contributed_;
  double index_ = 1;
  double best_ = 1;
  bool had_capital_ = false;
};

}  // namespace tradewind::live
