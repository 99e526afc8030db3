// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/set_walk.hpp"

#include <algorithm>
#include <optional>

namespace tradewind::prediction {
namespace {

constexpr double kDollarsPerAtto = 1e-18;

Attos unit(market::Side taker, Price price, const UnitFee& fee) noexcept {
  return taker == market::Side::buy ? bought(price, fee) : sold(price, fee);
}

void take(SetWalk& done, Shares shares, double edge, double total) noexcept {
  const double count = static_cast<double>(shares.micros) / 1e6;
  done.shares += shares;
  done.profit += count * edge;
  done.cost += count * total;
}

/// What a share of the whole set costs or brings at the levels the walk stands at; nullopt at a price no book can hold.
std::optional<Int128> total_of(market::Side taker, std::span<const SetLeg> legs) noexcept {
  Int128 total = 0;
  for (const SetLeg& leg : legs) {
    const Price price = (*leg.ladder)[leg.level].price;
    if (!plausible(price)) return std::nullopt;
    total += unit(taker, price, leg.fee);
  }
  return total;
}

/// Takes shares from every ladder; false when one is used up.
bool advance(std::span<SetLeg> legs, Shares taken) noexcept {
  bool more = true;
  for (SetLeg& leg : legs) {
    leg.worst = (*leg.ladder)[leg.level].price;
    leg.left -= taken;
    if (leg.left > Shares{}) continue;
    if (++leg.level == leg.ladder->size()) more = false;
    else leg.left = (*leg.ladder)[leg.level].size;
  }
  return more;
}

}  // namespace

SetWalk walk_set(market::Side taker, std::span<SetLeg> legs, int payoff, Attos margin, Shares most) noexcept {
  SetWalk done;
  for (SetLeg& leg : legs) {
    if (leg.ladder->empty()) return done;
    leg.level = 0;
    leg.left = leg.ladder->best().size;
  }
  const Int128 paid = static_cast<Int128>(payoff) * kAttosPerDollar;
  while (!legs.empty() && done.shares < most) {
    const auto total = total_of(taker, legs);
    if (!total) break;
    const Int128 edge = taker == market::Side::buy ? paid - *total : *total - paid;
    if (edge <= margin) break;
    Shares taken = most - done.shares;
    for (const SetLeg& leg : legs) taken = std::min(taken, leg.left);
    take(done, taken, static_cast<double>(edge) * kDollarsPerAtto, static_cast<double>(*total) * kDollarsPerAtto);
    if (!advance(legs, taken)) break;
  }
  return done;
}

SetWalk walk_pair(market::Side taker, const market::TokenBook& yes, const market::TokenBook& no, const UnitFee& fee, Attos margin,
                  std::array<Price, 2>& worst) noexcept {
  const bool buying = taker == market::Side::buy;
  const std::span<const market::Level> first = (buying ? yes.asks : yes.bids).levels();
  const std::span<const market::Level> second = (buying ? no.asks : no.bids).levels();
  SetWalk done;
  std::size_t i = 0;
  std::size_t j = 0;
  if (first.empty() || second.empty()) return done;
  Shares left_yes = first[0].size;
  Shares left_no = second[0].size;
  while (plausible(first[i].price) && plausible(second[j].price)) {
    const Attos total = unit(taker, first[i].price, fee) + unit(taker, second[j].price, fee);
    const Attos edge = buying ? kAttosPerDollar - total : total - kAttosPerDollar;
    if (edge <= margin) break;
    const Shares taken = std::min(left_yes, left_no);
    take(done, taken, static_cast<double>(edge) * kDollarsPerAtto, static_cast<double>(total) * kDollarsPerAtto);
    worst = {first[i].price, second[j].price};
    left_yes -= taken;
    left_no -= taken;
    if (left_yes.is_zero()) {
      if (++i == first.size()) break;
      left_yes = first[i].size;
    }
    if (left_no.is_zero()) {
      if (++j == second.size()) break;
      left_no = second[j].size;
    }
  }
  return done;
}

}  // namespace tradewind::prediction
