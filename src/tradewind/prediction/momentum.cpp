// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/momentum.hpp"
#include "tradewind/prediction/bet.hpp"

#include <array>
#include <cmath>

#include "tradewind/prediction/samples_internal.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;

}  // namespace

Momentum::Momentum(const MomentumOptions& options)
    : options_(options), samples_(static_cast<std::size_t>(options.window) + 2, options.max_gap) {}

void Momentum::analyze(const MarketView& view) {
  if (!view.sample) return;
  markets_ = view.followed();
  squares_.resize(std::max(view.size(), squares_.size()), 0.0);
  largest_.resize(squares_.size(), 0.0);
  if (options_.space == PriceSpace::logit)
    samples_.take(view, [](double mid) { return logit(mid); });
  else
    samples_.take(view, [](double mid) { return mid; });
  update_sums();
}

void Momentum::update_sums() {
  const auto window = static_cast<std::size_t>(options_.window);
  const double* const newest = samples_.panel().row(0);
  const double* const before = samples_.panel().row(1);
  const double* const oldest = samples_.panel().row(window);
  const double* const leaving = samples_.panel().row(window + 1);
  const std::size_t count = samples_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const double in = newest[i] - before[i];
    const double out = oldest[i] - leaving[i];
    squares_[i] += in * in - out * out;
    largest_[i] = std::max(largest_[i], squares_[i]);
  }
  for (std::size_t i = 0; i < count; ++i)
    if (squares_[i] < kCancelled * largest_[i]) squares_[i] = largest_[i] = exact_squares(i);
  for (std::size_t i = samples_.panel().pushed() % kRecomputeEvery; i < count; i += kRecomputeEvery)
    squares_[i] = largest_[i] = exact_squares(i);
}

double Momentum::exact_squares(std::size_t market) const {
  double sum = 0;
  for (auto k = static_cast<std::size_t>(options_.window); k > 0; --k) {
    const double step = samples_.panel().at(k - 1, market) - samples_.panel().at(k, market);
    sum += step * step;
  }
  return sum;
}

double Momentum::score(MarketIndex market) const {
  if (market >= samples_.size() || !ready(market)) return 0;
  const auto window = static_cast<std::size_t>(options_.window);
  double sum = 0;
  for (std::size_t k = window; k > 0; --k) sum += samples_.panel().at(k - 1, market) - samples_.panel().at(k, market);
  const double mean = sum / options_.window;
  double squares = 0;
  for (std::size_t k = window; k > 0; --k) {
    const double off = samples_.panel().at(k - 1, market) - samples_.panel().at(k, market) - mean;
    squares += off * off;
  }
  const double deviation = std::sqrt(squares / (options_.window - 1));
  const double move = samples_.panel().at(0, market) - samples_.panel().at(window, market);
  return deviation > kNoMovement ? move / (deviation * std::sqrt(static_cast<double>(options_.window))) : 0;
}

void Momentum::find_opportunities(const MarketView& view, std::vector<Opportunity>& found) {
  if (!view.sample) return;
  if (!view.all) {
    for (const MarketIndex i : view.changed)
      if (i < samples_.size()) consider(i, view, found);
    return;
  }
  // |move| / (s·√W) > θ with (W − 1)·s² = Σstep² − move²/W, multiplied out: linear in the sums, so nothing cancels.
  const double window = options_.window;
  const double theta = options_.entry * options_.entry;
  const double left = window - 1 + theta;
  const double right = theta * window * (1 - kBorderline);
  const double* const newest = samples_.panel().row(0);
  const double* const oldest = samples_.panel().row(static_cast<std::size_t>(options_.window));
  const std::size_t count = std::min(view.size(), samples_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const double move = newest[i] - oldest[i];
    if (move * move * left > right * squares_[i]) [[unlikely]]
      consider(static_cast<MarketIndex>(i), view, found);
  }
}

void Momentum::consider(MarketIndex market, const MarketView& view, std::vector<Opportunity>& found) {
  if (!ready(market) || !view.has_mid(market)) return;
  const double window = options_.window;
  const double theta = options_.entry * options_.entry;
  const double move = samples_.panel().at(0, market) - samples_.panel().at(static_cast<std::size_t>(options_.window), market);
  const double variance = (squares_[market] - move * move / window) / (window - 1);
  const double distance = move * move * (window - 1 + theta) - theta * window * squares_[market];
  // Near the threshold, and where most of the squares are the trend itself, only the samples can tell.
  const bool doubtful = std::abs(distance) <= 2 * kBorderline * theta * window * squares_[market] || variance < 1e-3 * squares_[market];
  const double value = doubtful ? score(market) : distance > 0 ? move / std::sqrt(variance * window) : 0;
  if (!(std::abs(value) > options_.entry)) return;
  const Outcome outcome = move > 0 ? Outcome::yes : Outcome::no;
  const trading::Ladder& asks = view.prices[market].of(outcome).asks;
  const double forecast = continued(view.tops[market].mid(), move);
  Opportunity& one = found.emplace_back();
  one.kind = OpportunityKind::momentum;
  one.signal = value;
  one.score = std::abs(value);
  one.probability = outcome == Outcome::yes ? forecast : 1 - forecast;
  one.leg_count = 1;
  one.legs[0] = {.market = market, .outcome = outcome};
  if (!asks.empty()) {
    const double price = dollars(asks.best().price);
    one.legs[0].limit = asks.best().price;
    one.legs[0].shares = asks.best().size;
    one.shares = static_cast<double>(asks.best().size.micros) / 1e6;
    const double unit = price + view.markets[market].fees.per_share(price);
    one.edge = one.probability - unit;
    one.cost = one.shares * unit;
    one.expected_profit = one.shares * one.edge;
  }
  ++found_;
}

double Momentum::continued(double mid, double move) const {
  const double ahead = options_.continuation * move;
  const double forecast = options_.space == PriceSpace::logit ? from_logit(logit(mid) + ahead) : mid + ahead;
  return std::clamp(forecast, kLeastProbability, 1 - kLeastProbability);
}

EntryVerdict Momentum::should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  return may_bet(opportunity, options_.min_edge, options_.rules, options_.sizing, view, account);
}

OrderPlan Momentum::enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  return bet(opportunity, options_.min_edge, options_.sizing, view, account);
}

bool Momentum::should_exit(const OpenTrade& trade, const MarketView& view) const {
  if (trade.orders_working || trade.holdings.empty()) return false;
  if (must_leave(options_.exits, trade, view)) return true;
  const Holding& held = trade.holdings[0];
  const double direction = held.outcome == Outcome::yes ? 1 : -1;
  return direction * score(held.market) < 0;
}

OrderPlan Momentum::exit_position(const OpenTrade& trade, const MarketView& view) const {
  return trade.orders_working ? OrderPlan{} : sell_holdings(trade, view, options_.exits.exit_slippage);
}

StrategyStatistics Momentum::get_statistics() const {
  StrategyStatistics told{.opportunities_found = found_};
  std::size_t complete = 0;
  for (std::size_t i = 0; i < samples_.size(); ++i) complete += ready(i);
  told.details["markets"] = markets_;
  told.details["markets_with_full_window"] = complete;
  told.details["samples"] = samples_.panel().pushed();
  told.details["window"] = options_.window;
  told.details["entry"] = options_.entry;
  return told;
}

MomentumOptions read_momentum(config::MapReader& reader) {
  static const std::vector<std::string> kSpaces{"logit", "price"};
  MomentumOptions o;
  o.space = reader.choice("space", "logit", kSpaces) == "price" ? PriceSpace::price : PriceSpace::logit;
  o.window = static_cast<int>(reader.whole_number("window", o.window, 3, 10'000));
  o.entry = reader.number("entry", o.entry, 0.1, 100);
  o.continuation = reader.number("continuation", o.continuation, 0, 2);
  o.min_edge = reader.number("min_edge", o.min_edge, 0, 0.5);
  o.rules = read_entry_rules(reader);
  o.exits = read_exit_rules(reader);
  o.max_gap = static_cast<int>(reader.whole_number("max_gap", o.max_gap, 0, 200));
  o.sizing = read_sizing(reader, o.sizing);
  return o;
}

}  // namespace tradewind::prediction
