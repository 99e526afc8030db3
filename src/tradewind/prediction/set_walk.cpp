// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/set_walk.hpp"

#include <algorithm>
#include <optional>

namespace tradewind::prediction {
namespace {

constexpr double kDollarsPerAtto = 1e-18;

Attos unit(trading::Side taker, Price price, const UnitFee& fee) noexcept {
  return taker == trading::Side::buy ? bought(price, fee) : sold(price, fee);
}

void take(SetWalk& done, Shares shares, double edge, double total) noexcept {
  const double count = static_cast<double>(shares.micros) / 1e6;
  done.shares += shares;
  done.profit += count * edge;
  done.cost += count * total;
}

/// What a share of the whole set costs or brings at the levels the walk stands at; nullopt at a price no book can hold.
std::optional<Int128> total_of(trading::Side taker, std::span<const SetLeg> legs) noexcept {
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
    if (++leg.level == leg.ladder->size())
      more = false;
    else
      leg.left = (*leg.ladder)[leg.level].size;
  }
  return more;
}

}  // namespace

SetWalk walk_set(trading::Side taker, std::span<SetLeg> legs, int payoff, Attos margin, Shares most) noexcept {
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
    const Int128 edge = taker == trading::Side::buy ? paid - *total : *total - paid;
    if (edge <= margin) break;
    Shares taken = most - done.shares;
    for (const SetLeg& leg : legs) taken = std::min(taken, leg.left);
    take(done, taken, static_cast<double>(edge) * kDollarsPerAtto, static_cast<double>(*total) * kDollarsPerAtto);
    if (!advance(legs, taken)) break;
  }
  return done;
}

SetWalk walk_pair(trading::Side taker, const trading::TokenBook& yes, const trading::TokenBook& no, const UnitFee& fee, Attos margin,
                  std::array<Price, 2>& worst) noexcept {
  const bool buying = taker == trading::Side::buy;
  const std::span<const trading::Level> ladders[2] = {(buying ? yes.asks : yes.bids).levels(), (buying ? no.asks : no.bids).levels()};
  SetWalk done;
  if (ladders[0].empty() || ladders[1].empty()) return done;
  std::size_t at[2] = {0, 0};
  Shares left[2];
  Attos price[2];
  const auto stand = [&](std::size_t leg) {
    const trading::Level& here = ladders[leg][at[leg]];
    left[leg] = here.size;
    price[leg] = unit(taker, here.price, fee);
  };
  if (!plausible(ladders[0][0].price) || !plausible(ladders[1][0].price)) return done;
  stand(0);
  stand(1);
  for (bool more = true; more;) {
    const Attos total = price[0] + price[1];
    const Attos edge = buying ? kAttosPerDollar - total : total - kAttosPerDollar;
    if (edge <= margin) break;
    const Shares taken = std::min(left[0], left[1]);
    take(done, taken, static_cast<double>(edge) * kDollarsPerAtto, static_cast<double>(total) * kDollarsPerAtto);
    for (std::size_t leg = 0; leg < 2; ++leg) {
      worst[leg] = ladders[leg][at[leg]].price;
      left[leg] -= taken;
      if (!left[leg].is_zero()) continue;
      if (++at[leg] < ladders[leg].size() && plausible(ladders[leg][at[leg]].price))
        stand(leg);
      else
        more = false;
    }
  }
  return done;
}

}  // namespace tradewind::prediction
