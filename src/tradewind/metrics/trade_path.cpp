// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/trade_path.hpp"

namespace tradewind::metrics {

/// Cash and quantity of one account, moved from bar to bar.
class TradePath {
 public:
  TradePath(const TradeTables& tables, bool gross) : tables_(tables), gross_(gross) {}

  EquityPath run(std::span<const PositionChange> changes) {
    const std::int64_t bars = tables_.size();
    path_.returns.reserve(static_cast<std::size_t>(bars));
    path_.equity.reserve(static_cast<std::size_t>(bars));
    std::size_t next = 0;
    double before = 1;
    for (std::int64_t bar = 0; bar < bars; ++bar) {
      for (; next < changes.size() && tables_.fill_bar(changes[next].bar) == bar; ++next) move_to(bar, changes[next].position);
      double equity = path_.ruin ? 0 : cash_ + quantity_ * tables_.close_[static_cast<std::size_t>(bar)];
      if (equity <= 0) {
        equity = 0;
        path_.ruin = true;
      }
      path_.returns.push_back(before > 0 ? equity / before - 1 : 0);
      path_.equity.push_back(equity);
      before = equity;
    }
    return std::move(path_);
  }

 private:
  void fill(std::int64_t bar, double quantity, double price) {
    path_.fills.push_back({bar, quantity, price});
    quantity_ += quantity;
  }

  void move_to(std::int64_t bar, int position) {
    if (position == position_ || path_.ruin) return;
    const double slip = gross_ ? 0 : tables_.slippage(bar);
    const double commission = gross_ ? 0 : tables_.options_.costs.commission_rate;
    const double ask = tables_.fill_price(bar) * (1 + slip);
    const double bid = tables_.fill_price(bar) * (1 - slip);
    if (position_ > 0) {
      cash_ += quantity_ * bid * (1 - commission);
      fill(bar, -quantity_, bid);
    } else if (position_ < 0) {
      cash_ += quantity_ * ask * (1 + commission);
      fill(bar, -quantity_, ask);
    }
    quantity_ = 0;
    position_ = position;
    if (cash_ <= 0) {
      path_.ruin = true;
      return;
    }
    if (position > 0) {
      fill(bar, cash_ / (ask * (1 + commission)), ask);
      cash_ = 0;
    } else if (position < 0) {
      const double notional = cash_ / (1 + commission);
      fill(bar, -notional / bid, bid);
      cash_ = 2 * notional;
    }
  }

  const TradeTables& tables_;
  bool gross_;
  double cash_ = 1;
  double quantity_ = 0;
  int position_ = 0;
  EquityPath path_;
};

EquityPath equity_path(const TradeTables& tables, std::span<const PositionChange> changes, bool gross) {
  return TradePath(tables, gross).run(changes);
}

}  // namespace tradewind::metrics
