// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tradewind/replay/sub_account_internal.hpp"

namespace tradewind::replay {

void SubAccount::ruin() noexcept {
  if (invested_ != 0 || quantity_ != 0) ++lost_;
  ruined_ = true;
  cash_ = quantity_ = invested_ = 0;
}

/// A trade's result is the money it brought beyond the capital it was given: the same sign as that of a trade without transfers.
void SubAccount::book_trade() noexcept {
  const double profit = cash_ - invested_;
  ++(profit > 0 ? won_ : profit < 0 ? lost_ : flat_);
  invested_ = 0;
}

/// Cash for the whole quantity.
double SubAccount::close(const Quote& quote) noexcept {
  const double quantity = std::fabs(quantity_);
  double cost = 0;
  if (quantity_ > 0) {
    const double proceeds = quantity * quote.bid() * (1 - quote.commission);
    cost = quantity * quote.price - proceeds;
    cash_ += proceeds;
  } else {
    const double paid = quantity * quote.ask() * (1 + quote.commission);
    cost = paid - quantity * quote.price;
    cash_ -= paid;
  }
  traded_ += quantity * quote.price;
  quantity_ = 0;
  ++fills_;
  return cost;
}

double SubAccount::leave(int position, const Quote& quote) noexcept {
  target_ = position;
  waiting_ = true;
  if (ruined_ || quantity_ == 0) return 0;
  const double cost = close(quote);
  if (cash_ <= 0)
    ruin();
  else
    book_trade();
  return cost;
}

double SubAccount::enter(const Quote& quote) noexcept {
  waiting_ = false;
  if (ruined_ || target_ == 0 || !(cash_ > 0)) return 0;
  const double amount = cash_;
  cash_ = 0;
  return buy(amount, quote);
}

/// Opens or increases the position with `amount` of new capital.
double SubAccount::buy(double amount, const Quote& quote) noexcept {
  invested_ += amount;
  ++fills_;
  if (target_ > 0) {
    const double quantity = amount / (quote.ask() * (1 + quote.commission));
    quantity_ += quantity;
    traded_ += quantity * quote.price;
    return amount - quantity * quote.price;
  }
  const double notional = amount / (1 + quote.commission);
  const double quantity = notional / quote.bid();
  quantity_ -= quantity;
  cash_ += 2 * notional;
  traded_ += quantity * quote.price;
  return amount - (2 * notional - quantity * quote.price);
}

double SubAccount::deposit(double amount, const Quote& quote, metrics::ExactSum& in) noexcept {
  in = {amount, 0};
  if (target_ != 0 && !waiting_) return buy(amount, quote);
  const double before = cash_;
  cash_ += amount;
  in = metrics::exact_sum(cash_, -before);
  return 0;
}

double SubAccount::release(double fraction, const Quote& quote, metrics::ExactSum& out) noexcept {
  out = {};
  if (ruined_) return 0;
  if (quantity_ == 0) {
    const double before = cash_;
    cash_ = fraction < 1 ? cash_ - cash_ * fraction : 0;
    out = metrics::exact_sum(before, -cash_);
    return 0;
  }
  // The part goes through an account of its own, so that there is one place that closes positions.
  SubAccount part;
  part.quantity_ = fraction < 1 ? quantity_ * fraction : quantity_;
  part.cash_ = fraction < 1 ? cash_ * fraction : cash_;
  const double cash = part.cash_;
  const double quantity = part.quantity_;
  const double cost = part.close(quote);
  if (!(part.cash_ > 0)) return 0;
  out = {part.cash_, 0};
  quantity_ -= quantity;
  cash_ -= cash;
  traded_ += part.traded_;
  ++fills_;
  invested_ -= part.cash_;
  if (fraction >= 1) book_trade();  // cash is 0 now: what came out stands in `invested`
  return cost;
}

double SubAccount::mark(double price) noexcept {
  if (ruined_) return 0;
  const double value = value_at(price);
  if (quantity_ != 0 && value <= 0) {
    ruin();
    return 0;
  }
  return value;
}

}  // namespace tradewind::replay
