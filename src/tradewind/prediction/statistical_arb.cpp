// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/statistical_arb.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/prediction/samples_internal.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;

constexpr double kOffset = 1e-11;  ///< what rounding may do to a variance, relative to the largest sum of squares

StatisticalArb::Distance distance_of(std::span<const double> spread, double beta) {
  const auto n = static_cast<double>(spread.size());
  double mean = 0;
  for (const double s : spread) mean += s;
  mean /= n;
  double squares = 0;
  for (const double s : spread) squares += (s - mean) * (s - mean);
  const double deviation = std::sqrt(squares / (n - 1));
  if (!(deviation > kNoMovement)) return {};
  return {(spread.back() - mean) / deviation, deviation, beta};
}

}  // namespace

StatisticalArb::StatisticalArb(StatisticalArbOptions options)
    : options_(std::move(options)),
      samples_(static_cast<std::size_t>(options_.window) + 1, options_.max_gap),
      discovery_({static_cast<std::size_t>(options_.discovery_window), options_.discovery_error, options_.min_correlation}),
      ends_(options_.pairs.size(), {-1, -1}),
      spreads_(static_cast<std::size_t>(options_.window) + 1),
      scratch_(static_cast<std::size_t>(options_.window)),
      more_scratch_(scratch_.size()) {}

bool StatisticalArb::ready(std::size_t pair) const {
  return std::min(samples_.run(pairs_[pair].y), samples_.run(pairs_[pair].x)) >= static_cast<std::size_t>(options_.window);
}

void StatisticalArb::analyze(const MarketView& view) {
  if (!view.sample) return;
  follow_places(view);
  samples_.take(view, [](double mid) { return mid; });
  sample_pairs();
  if (options_.discover) discover(view);
}

/// A pair ends with the first of its markets to leave; pairs asked for by name begin once both are here.
void StatisticalArb::follow_places(const MarketView& view) {
  bool changed = false;
  names_.resize(view.size());
  places_.each(view, [&](MarketIndex i) {
    changed = true;
    names_[i] = view.markets[i].id;
    for (std::size_t p = pairs_.size(); p-- > 0;)
      if (pairs_[p].y == i || pairs_[p].x == i) remove_pair(p);
    const std::string& id = view.markets[i].id;
    for (std::size_t k = 0; k < ends_.size(); ++k) {
      for (std::size_t end = 0; end < 2; ++end) {
        if (ends_[k][end] == i) ends_[k][end] = -1;
        if (options_.pairs[k][end] == id) ends_[k][end] = i;
      }
    }
  });
  if (!changed) return;
  for (const auto& [y, x] : ends_)
    if (y >= 0 && x >= 0) add_pair(static_cast<MarketIndex>(y), static_cast<MarketIndex>(x));
}

void StatisticalArb::add_pair(MarketIndex y, MarketIndex x, std::optional<double> relation) {
  if (y == x || !known_.insert(pair_key(y, x)).second) return;
  const std::size_t p = pairs_.size();
  pairs_.push_back({y, x});
  relation_.push_back(relation);
  filters_.emplace_back(options_.delta, options_.measurement);
  if (options_.hedge != Hedge::fixed) return;
  spreads_.grow(pairs_.size());
  for (std::vector<double>* sums : {&reference_, &sum_, &squares_, &largest_}) sums->push_back(0);
  const SamplePanel& mids = samples_.panel();
  const bool sampled = std::max(y, x) < mids.series();
  for (std::size_t back = 0; back < mids.depth(); ++back)
    spreads_.set(back, p, sampled ? mids.at(back, y) - options_.hedge_ratio * mids.at(back, x) : 0);
  if (sampled) restart_sums(p);
}

/// The last pair takes its place.
void StatisticalArb::remove_pair(std::size_t pair) {
  const std::size_t last = pairs_.size() - 1;
  known_.erase(pair_key(pairs_[pair].y, pairs_[pair].x));
  pairs_[pair] = pairs_[last];
  pairs_.pop_back();
  relation_[pair] = relation_[last];
  relation_.pop_back();
  filters_[pair] = filters_[last];
  filters_.pop_back();
  if (options_.hedge != Hedge::fixed) return;
  for (std::size_t back = 0; back < spreads_.depth(); ++back) spreads_.set(back, pair, spreads_.at(back, last));
  for (std::vector<double>* sums : {&reference_, &sum_, &squares_, &largest_}) {
    (*sums)[pair] = (*sums)[last];
    sums->pop_back();
  }
}

void StatisticalArb::discover(const MarketView& view) {
  const PairDiscovery::News news = discovery_.take(view, samples_);
  for (const auto& [y, x] : news.gone)
    for (std::size_t p = pairs_.size(); p-- > 0;)
      if (pairs_[p].y == y && pairs_[p].x == x && !asked_for(y, x)) remove_pair(p);
  for (const auto& [pair, beta] : news.found)
    if (pairs_.size() < options_.pairs.size() + static_cast<std::size_t>(options_.max_pairs)) add_pair(pair.y, pair.x, beta);
}

/// Whether the configuration names the pair.
bool StatisticalArb::asked_for(MarketIndex y, MarketIndex x) const {
  return std::any_of(ends_.begin(), ends_.end(), [&](const auto& ends) { return ends[0] == y && ends[1] == x; });
}

void StatisticalArb::sample_pairs() {
  const double* const mids = samples_.panel().row(0);
  if (options_.hedge == Hedge::kalman) {
    for (std::size_t p = 0; p < pairs_.size(); ++p) {
      if (std::min(samples_.run(pairs_[p].y), samples_.run(pairs_[p].x)) == 0)
        filters_[p] = KalmanLine(options_.delta, options_.measurement);
      else
        filters_[p].update(mids[pairs_[p].x], mids[pairs_[p].y]);
    }
  }
  if (options_.hedge != Hedge::fixed || pairs_.empty()) return;
  const std::span<double> row = spreads_.push();
  const double* const leaving = spreads_.row(static_cast<std::size_t>(options_.window));
  for (std::size_t p = 0; p < pairs_.size(); ++p) row[p] = mids[pairs_[p].y] - options_.hedge_ratio * mids[pairs_[p].x];
  for (std::size_t p = 0; p < pairs_.size(); ++p) {
    const double in = row[p] - reference_[p];
    const double out = leaving[p] - reference_[p];
    sum_[p] += in - out;
    squares_[p] += in * in - out * out;
    largest_[p] = std::max(largest_[p], squares_[p]);
  }
  for (std::size_t p = 0; p < pairs_.size(); ++p)
    if (squares_[p] < kCancelled * largest_[p]) restart_sums(p);
  for (std::size_t p = spreads_.pushed() % kRecomputeEvery; p < pairs_.size(); p += kRecomputeEvery) restart_sums(p);
  // A window that has just become full is the first whose level is worth measuring from.
  if (spreads_.pushed() == static_cast<std::size_t>(options_.window))
    for (std::size_t p = 0; p < pairs_.size(); ++p) restart_sums(p);
}

void StatisticalArb::restart_sums(std::size_t pair) {
  reference_[pair] = spreads_.at(0, pair);
  sum_[pair] = squares_[pair] = 0;
  for (auto k = static_cast<std::size_t>(options_.window); k-- > 0;) {
    const double off = spreads_.at(k, pair) - reference_[pair];
    sum_[pair] += off;
    squares_[pair] += off * off;
  }
  largest_[pair] = squares_[pair];
}

void StatisticalArb::spread(std::size_t pair, double beta, std::span<double> out) const {
  const SamplePanel& mids = samples_.panel();
  for (std::size_t k = 0; k < out.size(); ++k) {
    const double* const row = mids.row(out.size() - 1 - k);
    out[k] = row[pairs_[pair].y] - beta * row[pairs_[pair].x];
  }
}

/// Prices move with log-odds by p(1 − p), and so do the dollars of the deviation and the shares of x that hedge one of y.
StatisticalArb::Distance StatisticalArb::related_distance(std::size_t pair) const {
  const auto [y, x] = pairs_[pair];
  const double beta = *relation_[pair];
  const PairDiscovery::Level level = discovery_.level_of({{y, x}, beta});
  if (!(level.deviation > kNoMovement)) return {};
  const double at_y = samples_.panel().at(0, y);
  const double at_x = samples_.panel().at(0, x);
  const double slope_y = at_y * (1 - at_y);
  const double slope_x = std::max(at_x * (1 - at_x), kLeastProbability);
  return {(logit(at_y) - beta * logit(at_x) - level.mean) / level.deviation, level.deviation * slope_y, beta * slope_y / slope_x};
}

StatisticalArb::Distance StatisticalArb::fixed_distance(std::size_t pair) const {
  spread(pair, options_.hedge_ratio, scratch_);
  return distance_of(scratch_, options_.hedge_ratio);
}

StatisticalArb::Distance StatisticalArb::rolling_distance(std::size_t pair) const {
  std::vector<double>& y = scratch_;
  std::vector<double>& x = more_scratch_;
  samples_.panel().column(pairs_[pair].y, y);
  samples_.panel().column(pairs_[pair].x, x);
  const auto line = fit_line(x, y);
  if (!line) return {};
  for (std::size_t k = 0; k < y.size(); ++k) y[k] -= line->beta * x[k];
  return distance_of(y, line->beta);
}

StatisticalArb::Distance StatisticalArb::distance(std::size_t pair) const {
  if (pair >= pairs_.size() || !ready(pair)) return {};
  if (relation_[pair]) return related_distance(pair);
  switch (options_.hedge) {
    case Hedge::fixed: return fixed_distance(pair);
    case Hedge::rolling: return rolling_distance(pair);
    case Hedge::kalman: return {filters_[pair].z(), filters_[pair].deviation(), filters_[pair].beta()};
  }
  return {};
}

void StatisticalArb::mark_changed(const MarketView& view) {
  ++look_;
  changed_.resize(view.size(), 0);
  if (view.all) return;
  for (const MarketIndex m : view.changed)
    if (m < changed_.size()) changed_[m] = look_;
}

void StatisticalArb::find_opportunities(const MarketView& view, std::vector<Opportunity>& found) {
  if (!view.sample || samples_.size() < view.size()) return;
  mark_changed(view);
  if (options_.hedge == Hedge::fixed && view.all) return scan_fixed(view, found);
  for (std::size_t p = 0; p < pairs_.size(); ++p)
    if (view.all || changed_[pairs_[p].y] == look_ || changed_[pairs_[p].x] == look_) consider(p, distance(p), view, found);
}

/// |s − mean| > θ·sd multiplied out, from the sums; what is near the threshold or mostly rounding is computed from the samples.
void StatisticalArb::scan_fixed(const MarketView& view, std::vector<Opportunity>& found) {
  const double n = options_.window;
  const double theta = options_.entry * options_.entry;
  const double* const newest = spreads_.row(0);
  for (std::size_t p = 0; p < pairs_.size(); ++p) {
    if (relation_[p]) {
      consider(p, distance(p), view, found);
      continue;
    }
    const double mean = sum_[p] / n;
    const double off = newest[p] - reference_[p] - mean;
    const double variance = (squares_[p] - sum_[p] * mean) / (n - 1);
    const double far = off * off;
    const double slack = kOffset * largest_[p];
    if (!(far + slack > theta * variance * (1 - kBorderline))) [[likely]]
      continue;
    if (!ready(p)) continue;
    const bool doubtful = std::abs(far - theta * variance) <= kBorderline * theta * variance + 2 * theta * slack || variance < 1e6 * slack;
    if (doubtful) {
      consider(p, fixed_distance(p), view, found);
    } else {
      const double deviation = std::sqrt(variance);
      consider(p, {off / deviation, deviation, options_.hedge_ratio}, view, found);
    }
  }
}

bool StatisticalArb::mean_reverting(std::size_t pair, double beta) const {
  if (relation_[pair] || (options_.max_half_life <= 0 && !options_.stationary)) return true;
  const std::vector<double>& values = scratch_;
  spread(pair, beta, scratch_);
  if (options_.max_half_life > 0) {
    const auto life = half_life(values);
    if (!life || *life < options_.min_half_life || *life > options_.max_half_life) return false;
  }
  if (!options_.stationary) return true;
  const auto statistic = dickey_fuller(values, options_.lags);
  return statistic && *statistic < dickey_fuller_critical(values.size(), options_.hedge != Hedge::fixed);
}

void StatisticalArb::consider(std::size_t pair, const Distance& now, const MarketView& view, std::vector<Opportunity>& found) {
  if (!(std::abs(now.z) > options_.entry) || !std::isfinite(now.z) || !std::isfinite(now.beta)) return;
  const auto [y, x] = pairs_[pair];
  if (!view.has_mid(y) || !view.has_mid(x) || !mean_reverting(pair, now.beta)) return;
  // Above: y is dear, so its no is bought and β of x; below: the other way round. A negative β turns x round once more.
  const Outcome of_y = now.z > 0 ? Outcome::no : Outcome::yes;
  const Outcome of_x = (now.z > 0) == (now.beta >= 0) ? Outcome::yes : Outcome::no;
  Opportunity& one = found.emplace_back();
  one.kind = OpportunityKind::pair;
  one.signal = now.z;
  one.score = std::abs(now.z);
  one.leg_count = 2;
  one.legs[0] = {.market = y, .outcome = of_y};
  one.legs[1] = {.market = x, .outcome = of_x};
  quote(one, now, view);
  ++found_;
}

/// Prices both legs at the best asks. Expected profit: the way back to the exit threshold, less fees and spreads there and back.
void StatisticalArb::quote(Opportunity& one, const Distance& now, const MarketView& view) const {
  const double weights[2] = {1, std::abs(now.beta)};
  double unit = 0;
  double costs = 0;
  double shares = 1e9;
  for (std::size_t k = 0; k < 2; ++k) {
    const trading::TokenBook& book = view.prices[one.legs[k].market].of(one.legs[k].outcome);
    if (!book.two_sided()) return;
    const trading::Level& ask = book.asks.best();
    const double price = dollars(ask.price);
    const double fee = view.markets[one.legs[k].market].fees.per_share(price);
    unit += weights[k] * (price + fee);
    costs += weights[k] * (2 * fee + price - dollars(book.bids.best().price));
    if (weights[k] > 1e-6) shares = std::min(shares, ask.size.to_double() / weights[k]);
    one.legs[k].limit = ask.price;
  }
  for (std::size_t k = 0; k < 2; ++k) one.legs[k].shares = floor_shares(shares * weights[k]);
  one.shares = shares;
  one.cost = shares * unit;
  one.edge = (std::abs(now.z) - options_.exit) * now.deviation - costs;
  one.expected_profit = one.shares * one.edge;
}

StrategyStatistics StatisticalArb::get_statistics() const {
  StrategyStatistics told{.opportunities_found = found_};
  std::size_t complete = 0;
  for (std::size_t p = 0; p < pairs_.size(); ++p) complete += samples_.size() > std::max(pairs_[p].y, pairs_[p].x) && ready(p);
  told.details["pairs"] = pairs_.size();
  told.details["pairs_tried"] = discovery_.tried();
  told.details["pairs_to_be_confirmed"] = discovery_.candidates();
  told.details["searches"] = discovery_.searches();
  told.details["pairs_with_full_window"] = complete;
  told.details["samples"] = samples_.panel().pushed();
  told.details["window"] = options_.window;
  told.details["entry"] = options_.entry;
  return told;
}

}  // namespace tradewind::prediction
