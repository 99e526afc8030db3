// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/trade_account.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/metrics/moments.hpp"

namespace tradewind::metrics {
namespace {
std::size_t at(std::int64_t bar) noexcept { return static_cast<std::size_t>(bar); }
}  // namespace

void TradeAccount::watch_drawdown(double equity) noexcept {
  if (equity >= peak_)
    peak_ = equity;
  else if (equity < lowest_ratio_ * peak_)
    lowest_ratio_ = equity / peak_;
}

void TradeAccount::bar_return(double net, double gross) noexcept {
  net_sums_.add(net);
  gross_sums_.add(gross);
  if (net < 0) {
    downside_ += net * net;
    ++down_bars_;
  } else if (net > 0) {
    ++up_bars_;
  }
}

/// Books the bar of the last closing fill once it is sure that no opening fill joins it.
void TradeAccount::flush() noexcept {
  if (pending_bar_ < 0) return;
  bar_return(pending_net_ - 1, pending_gross_ - 1);
  watch_drawdown(net_);
  pending_bar_ = -1;
}

void TradeAccount::ruin() noexcept {
  ruined_ = true;
  net_ = 0;
  gross_ = std::max(gross_, 0.0);  // a loss cannot exceed the capital before costs either
  lowest_ratio_ = 0;
  position_ = 0;
}

void TradeAccount::book_trade(double before, double after) noexcept {
  const double money = after - before;
  const double ratio = after / before - 1;
  if (money > 0) {
    ++won_;
    won_money_ += money;
    won_return_ += ratio;
    largest_win_ = std::max(largest_win_, ratio);
  } else if (money < 0) {
    ++lost_;
    lost_money_ += money;
    lost_return_ += ratio;
    largest_loss_ = std::min(largest_loss_, ratio);
  } else {
    ++flat_;
  }
}

void TradeAccount::change(const TradeTables& tables, std::int64_t signal_bar, int position) noexcept {
  const std::int64_t bar = tables.fill_bar(signal_bar);
  if (bar >= tables.size() || position == position_) return;
  if (ruined_) {
    ++rejected_;
    return;
  }
  if (position_ != 0) close(tables, bar);
  if (position == 0) return;
  if (ruined_) {
    ++rejected_;
    return;
  }
  open(tables, bar, position);
}

void TradeAccount::open(const TradeTables& tables, std::int64_t bar, int position) noexcept {
  double net_factor = 1;
  double gross_factor = 1;
  if (pending_bar_ == bar) {
    net_factor = pending_net_;
    gross_factor = pending_gross_;
    pending_bar_ = -1;
  } else {
    flush();
  }
  ++fills_;
  position_ = position;
  entry_bar_ = bar;
  equity_at_entry_ = net_;
  gross_at_entry_ = gross_;
  const auto& factor = tables.factors_[at(bar)];
  const double commission = tables.options_.costs.commission_rate;
  if (position > 0) {
    costs_ += net_ * (1 - factor.entry_net / factor.entry_gross);
    net_ *= factor.entry_net;
    gross_ *= factor.entry_gross;
    bar_return(net_factor * factor.entry_net - 1, gross_factor * factor.entry_gross - 1);
  } else {
    const double slip = tables.slippage(bar);
    notional_ = net_ / (1 + commission);
    costs_ += net_ - notional_ * (2 - 1 / (1 - slip));
    const double net = notional_ * (2 - factor.entry_gross / (1 - slip));
    const double gross = gross_ * (2 - factor.entry_gross);
    bar_return(net > 0 ? net_factor * net / net_ - 1 : -1, gross > 0 ? gross_factor * gross / gross_ - 1 : -1);
    net_ = net;
    gross_ = gross;
    if (net_ <= 0 || gross_ <= 0) {
      book_trade(equity_at_entry_, 0);
      return ruin();
    }
  }
  watch_drawdown(net_);
}

/// Bars after the entry up to and including `last`, in a long position: sums from the tables, drawdown from the range of closes.
void TradeAccount::hold_long(const TradeTables& tables, std::int64_t last) noexcept {
  if (last <= entry_bar_) return;
  const auto& from = tables.running_[at(entry_bar_)];
  const auto& to = tables.running_[at(last)];
  net_sums_.sum += to.sum - from.sum;
  net_sums_.squares += to.squares - from.squares;
  gross_sums_.sum += to.sum - from.sum;
  gross_sums_.squares += to.squares - from.squares;
  downside_ += to.downside - from.downside;
  up_bars_ += to.up - from.up;
  down_bars_ += to.down - from.down;

  const double* close = tables.close_.data();
  const double base = net_ / close[entry_bar_];
  const auto range = tables.range(entry_bar_ + 1, last);
  const double high = range.high * base;
  const double low = range.low * base;
  if (high <= peak_) {
    watch_drawdown(low);  // no new peak: the lowest close is the deepest point
  } else if (low >= lowest_ratio_ * high) {
    peak_ = high;  // even the lowest close against the highest equity is no new drawdown
  } else {
    for (std::int64_t i = entry_bar_ + 1; i <= last; ++i) watch_drawdown(base * close[i]);
  }
  net_ = base * close[last];
  gross_ *= close[last] / close[entry_bar_];
}

void TradeAccount::hold_short(const TradeTables& tables, std::int64_t last) noexcept {
  const double entry_price = tables.fill_price(entry_bar_);
  const double per_price_net = notional_ / (entry_price * (1 - tables.slippage(entry_bar_)));
  const double per_price_gross = gross_at_entry_ / entry_price;
  for (std::int64_t i = entry_bar_ + 1; i <= last; ++i) {
    const double close = tables.close_[at(i)];
    const double net = 2 * notional_ - per_price_net * close;
    const double gross = 2 * gross_at_entry_ - per_price_gross * close;
    bar_return(net > 0 ? net / net_ - 1 : -1, gross > 0 ? gross / gross_ - 1 : -1);
    net_ = net;
    gross_ = std::max(gross, 0.0);
    if (net_ <= 0 || gross_ <= 0) {
      book_trade(equity_at_entry_, 0);
      return ruin();
    }
    watch_drawdown(net_);
  }
}

void TradeAccount::close(const TradeTables& tables, std::int64_t bar) noexcept {
  const auto& factor = tables.factors_[at(bar)];
  if (position_ > 0) {
    hold_long(tables, bar - 1);
    pending_net_ = factor.exit_net;
    pending_gross_ = factor.exit_gross;
    costs_ += net_ * (factor.exit_gross - factor.exit_net);
    net_ *= factor.exit_net;
    gross_ *= factor.exit_gross;
  } else {
    hold_short(tables, bar - 1);
    if (ruined_) {
      ++rejected_;
      return;
    }
    const double price = tables.fill_price(bar);
    const double entry_price = tables.fill_price(entry_bar_);
    const double worse = (1 + tables.slippage(bar)) * (1 + tables.options_.costs.commission_rate);
    const double per_price = notional_ / (entry_price * (1 - tables.slippage(entry_bar_)));
    const double net = 2 * notional_ - per_price * price * worse;
    const double gross = gross_at_entry_ * (2 - price / entry_price);
    costs_ += per_price * price * (worse - 1);
    pending_net_ = net / net_;
    pending_gross_ = gross / gross_;
    net_ = net;
    gross_ = gross;
  }
  ++fills_;
  position_ = 0;
  if (net_ <= 0 || gross_ <= 0) {
    book_trade(equity_at_entry_, 0);
    bar_return(-1, -1);
    return ruin();
  }
  pending_bar_ = bar;
  if (tables.free_of_costs(entry_bar_, bar) && tables.fill_price(entry_bar_) == tables.fill_price(bar))
    ++flat_;  // bought and sold at one price: what the products of returns leave of the equity is rounding
  else
    book_trade(equity_at_entry_, net_);
}

namespace {

void set_ratio(PerformanceMetrics& m, Metric metric, double numerator, double denominator, Undefined why_not) noexcept {
  if (denominator == 0)
    m.set_undefined(metric, why_not);
  else
    m.set(metric, numerator / denominator);
}

}  // namespace

PerformanceMetrics TradeAccount::finish(const TradeTables& tables) noexcept {
  if (position_ > 0) hold_long(tables, tables.size() - 1);
  if (position_ < 0) hold_short(tables, tables.size() - 1);
  flush();
  PerformanceMetrics m;
  m.bars = tables.size();
  m.zeros = m.bars - up_bars_ - down_bars_;
  m.unit = Unit::trade;
  m.total_trades = won_ + lost_ + flat_;
  m.won_trades = won_;
  m.lost_trades = lost_;
  m.flat_trades = flat_;
  m.total_fills = fills_;
  m.ruin = ruined_;
  if (m.bars == 0) return m;
  set_growth(tables.options_.periods_per_year, m);
  set_risk(tables.options_, m);
  set_trades(m);
  set_costs(m);
  return m;
}

void TradeAccount::set_growth(double ppy, PerformanceMetrics& m) const noexcept {
  m.set(Metric::total_return, net_ - 1);
  m.set(Metric::net_return, net_ - 1);
  m.set(Metric::gross_return, gross_ - 1);
  m.set(Metric::max_drawdown, 1 - lowest_ratio_);
  const double years = static_cast<double>(m.bars) / ppy;
  if (ruined_)
    m.set(Metric::annualized_return, -1);
  else if (years < 0.25)
    m.set_undefined(Metric::annualized_return, Undefined::short_sample);
  else
    m.set(Metric::annualized_return, std::pow(net_, 1 / years) - 1);

  const Undefined why = m.why(Metric::annualized_return);
  if (lowest_ratio_ == 1)
    m.set_undefined(Metric::calmar_ratio, Undefined::no_drawdown);
  else if (why != Undefined::defined)
    m.set_undefined(Metric::calmar_ratio, why);
  else
    m.set(Metric::calmar_ratio, m[Metric::annualized_return] / m[Metric::max_drawdown]);
}

void TradeAccount::set_risk(const TradeTables::Options& options, PerformanceMetrics& m) const noexcept {
  const auto n = static_cast<double>(m.bars);
  const double ppy = options.periods_per_year;
  const double risk_free = std::pow(1 + options.risk_free, 1 / ppy) - 1;
  const auto set_sharpe = [&](Metric metric, const SampleMoments& of) {
    if (m.bars < 2)
      m.set_undefined(metric, Undefined::too_few);
    else if (of.zero_variance)
      m.set_undefined(metric, Undefined::zero_variance);
    else
      m.set(metric, (of.mean - risk_free) / of.deviation * std::sqrt(ppy));
  };
  const SampleMoments net = sample_moments(net_sums_.sum, net_sums_.squares, n);
  set_sharpe(Metric::sharpe_ratio, net);
  set_sharpe(Metric::net_sharpe, net);
  set_sharpe(Metric::gross_sharpe, sample_moments(gross_sums_.sum, gross_sums_.squares, n));
  if (m.bars < 2)
    m.set_undefined(Metric::volatility, Undefined::too_few);
  else
    m.set(Metric::volatility, net.zero_variance ? 0 : net.deviation * std::sqrt(ppy));
  if (down_bars_ == 0)
    m.set_undefined(Metric::sortino_ratio, Undefined::no_downside);
  else
    m.set(Metric::sortino_ratio, net.mean / std::sqrt(downside_ / n) * std::sqrt(ppy));
}

void TradeAccount::set_trades(PerformanceMetrics& m) const noexcept {
  set_ratio(m, Metric::win_rate, won_, won_ + lost_, Undefined::no_decided_trades);
  set_ratio(m, Metric::bar_win_rate, up_bars_, static_cast<double>(up_bars_) + down_bars_, Undefined::no_decided_bars);
  set_ratio(m, Metric::profit_factor, won_money_, -lost_money_, Undefined::no_losses);
  set_ratio(m, Metric::avg_win, won_return_, won_, Undefined::no_wins);
  set_ratio(m, Metric::avg_loss, lost_return_, lost_, Undefined::no_losses);
  if (won_ > 0)
    m.set(Metric::largest_win, largest_win_);
  else
    m.set_undefined(Metric::largest_win, Undefined::no_wins);
  if (lost_ > 0)
    m.set(Metric::largest_loss, largest_loss_);
  else
    m.set_undefined(Metric::largest_loss, Undefined::no_losses);
}

/// Without a fill nothing was bought or sold, and figures about costs have no meaning.
void TradeAccount::set_costs(PerformanceMetrics& m) const noexcept {
  if (fills_ == 0) {
    for (const Metric metric : {Metric::total_costs, Metric::cost_per_trade, Metric::gross_return, Metric::net_return, Metric::gross_sharpe,
                                Metric::net_sharpe, Metric::cost_impact})
      m.set_undefined(metric, Undefined::no_fills);
    return;
  }
  m.set(Metric::total_costs, costs_);
  m.set(Metric::cost_per_trade, costs_ / fills_);
  for (const Metric needed : {Metric::gross_sharpe, Metric::net_sharpe})
    if (m.why(needed) != Undefined::defined) return m.set_undefined(Metric::cost_impact, m.why(needed));
  m.set(Metric::cost_impact, m[Metric::gross_sharpe] - m[Metric::net_sharpe]);
}

[[gnu::flatten]] void TradeAccount::change(const TradeTables& tables, std::span<const PositionChange> changes) noexcept {
  for (const PositionChange& one : changes) change(tables, one.bar, one.position);
}

PerformanceMetrics account_metrics(const TradeTables& tables, std::span<const PositionChange> changes) {
  TradeAccount account;
  account.change(tables, changes);
  return account.finish(tables);
}

}  // namespace tradewind::metrics
