// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tradewind/market/bars.hpp"

namespace tradewind::commands {

/// A daily market of five symbols that hides what a sweep on real data hides too, with the truth known:
///   HARBOR  snaps back to its level in calm weather and runs away from it in storms: buying dips is the best strategy there is until it
///   ruins GALE    drifts up and down in long stretches: trend followers live here TWIN    is GALE with a little noise: every strategy on
///   it is one on GALE again RIPPLE  reverses from day to day by less than a trade costs DICE    is the luckiest of sixty random walks:
///   whatever earned here was luck
/// Weekdays from 2015-01-01. The same seed gives the same bars on any machine.
std::vector<market::Bars> demo_market(std::size_t bars, std::uint64_t seed);

}  // namespace tradewind::commands
