// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/replay/ensemble_book_internal.hpp"

namespace tradewind::replay {
namespace {

/// Differences of capital below this fraction of the equity are rounding, not worth a fill.
constexpr double kNoise = 1e-12;

}  // namespace

/// What the accounts that wait for capital lack, and whether any still holds capital it will give up.
struct EnsembleBook::Needs {
  double lacking = 0;
  double reserve = 0;  ///< cash the weights leave uninvested
  bool sellers_wait = false;
};

EnsembleBook::EnsembleBook(const ReplayPlan& plan, std::span<const double> weights, bool gross)
    : plan_(&plan),
      gross_(gross),
      accounts_(plan.members.size()),
      marks_(weights.begin(), weights.end()),
      given_(weights.begin(), weights.end()),
      next_(plan.members.size(), 0),
      weights_(weights.begin(), weights.end()),
      pending_(plan.members.size(), false),
      cash_{1, 0} {
  for (std::size_t m = 0; m < accounts_.size(); ++m) {
    metrics::ExactSum in;
    accounts_[m].deposit(weights[m], {}, in);
    cash_ = cash_ - in;
  }
}

void EnsembleBook::aim(std::span<const double> weights) {
  weights_.assign(weights.begin(), weights.end());
  std::fill(pending_.begin(), pending_.end(), true);
  moving_ = true;
  stuck_ = false;
  move_ = {};
}

Quote EnsembleBook::quote(std::size_t member, std::size_t place) const noexcept {
  return quote_of(*plan_->series[plan_->members[member].series].tables, bar(member, place), gross_);
}

/// An account at the fill price of a place, at its latest mark where its series has no bar.
double EnsembleBook::value(std::size_t member, std::size_t place) const noexcept {
  const std::int32_t at = bar(member, place);
  if (at < 0) return marks_[member];
  return std::max(0.0, accounts_[member].value_at(plan_->series[plan_->members[member].series].tables->fill_price(at)));
}

double EnsembleBook::equity() const noexcept {
  metrics::ExactSum total = cash_;
  for (const double mark : marks_) total = total + mark;
  return total.value();
}

double EnsembleBook::step(std::size_t place) {
  trade(place);
  if (moving_) rebalance(place);
  enter(place);
  for (std::size_t m = 0; m < accounts_.size(); ++m)
    if (const std::int32_t at = bar(m, place); at >= 0)
      marks_[m] = accounts_[m].mark(plan_->series[plan_->members[m].series].tables->close(at));
  return std::max(0.0, equity());
}

/// Ends the positions whose strategies turn away from them: capital that moves now moves as cash.
void EnsembleBook::trade(std::size_t place) {
  turned_.clear();
  for (std::size_t m = 0; m < accounts_.size(); ++m) {
    const std::int32_t at = bar(m, place);
    if (at < 0) continue;
    const auto& changes = plan_->members[m].changes;
    const std::int64_t delay = plan_->series[plan_->members[m].series].delay;
    int position = accounts_[m].target();
    for (; next_[m] < changes.size() && changes[next_[m]].bar + delay <= at; ++next_[m]) position = changes[next_[m]].position;
    if (position == accounts_[m].target()) continue;
    strategy_costs_ += accounts_[m].leave(position, quote(m, place));
    turned_.push_back(m);
  }
}

void EnsembleBook::enter(std::size_t place) {
  for (const std::size_t m : turned_) strategy_costs_ += accounts_[m].enter(quote(m, place));
}

/// Moves capital towards the weights: first from accounts that have too much, then to those that lack some.
void EnsembleBook::rebalance(std::size_t place) {
  metrics::ExactSum sum = cash_;
  for (std::size_t m = 0; m < accounts_.size(); ++m) sum = sum + value(m, place);
  const double total = sum.value();
  if (!(total > 0)) return;
  Needs needs;
  take(place, total, needs);
  give(place, total, needs);
  moving_ = std::find(pending_.begin(), pending_.end(), true) != pending_.end();
  move_.complete = !moving_ && !stuck_;
}

void EnsembleBook::take(std::size_t place, double total, Needs& needs) {
  double invested = 0;
  for (const double weight : weights_) invested += weight;
  needs.reserve = invested > 1 - kNoise ? 0 : (1 - invested) * total;
  for (std::size_t m = 0; m < accounts_.size(); ++m) {
    if (!pending_[m]) continue;
    const PlanSeries& series = plan_->series[plan_->members[m].series];
    const double held = value(m, place);
    const double excess = held - weights_[m] * total;
    if (accounts_[m].ruined() || series.last < place || (accounts_[m].holds() && held == 0)) {  // dead, ended, or under water right now
      pending_[m] = false;
      stuck_ |= !accounts_[m].ruined() && std::fabs(excess) > kNoise * total;
      continue;
    }
    if (excess < -kNoise * total) {
      needs.lacking -= excess;
    } else if (series.bar_at[place] < 0) {
      needs.sellers_wait |= excess > kNoise * total;
    } else {
      pending_[m] = false;
      if (!(excess > kNoise * total)) continue;
      const SubAccount before = accounts_[m];
      metrics::ExactSum out;
      const double cost = accounts_[m].release(weights_[m] == 0 ? 1 : std::min(1.0, excess / held), quote(m, place), out);
      cash_ = cash_ + out;
      given_[m] -= out.value();
      note_move(before, accounts_[m], out.value() + cost, cost, total);
    }
  }
}

void EnsembleBook::give(std::size_t place, double total, const Needs& needs) {
  const double available = cash_.value() - needs.reserve;
  const double share = needs.lacking > 0 && available > 0 ? std::min(1.0, available / needs.lacking) : 0;
  for (std::size_t m = 0; m < accounts_.size(); ++m) {
    if (!pending_[m] || bar(m, place) < 0) continue;
    const double lacking = weights_[m] * total - value(m, place);
    if (!needs.sellers_wait) pending_[m] = false;
    const double amount = lacking * share;
    if (!(amount > kNoise * total)) continue;
    const SubAccount before = accounts_[m];
    metrics::ExactSum in;
    const double cost = accounts_[m].deposit(amount, quote(m, place), in);
    cash_ = cash_ - in;
    given_[m] += in.value();
    note_move(before, accounts_[m], amount, cost, total);
  }
}

void EnsembleBook::note_move(const SubAccount& before, const SubAccount& after, double amount, double cost, double total) {
  move_.turnover += amount / total;
  move_.traded += (after.traded() - before.traded()) / total;
  move_.cost += cost;
  move_.fills += after.fills() - before.fills();
}

}  // namespace tradewind::replay
