// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/fit_diagnostic.hpp"

#include <fmt/core.h>

namespace tradewind::regimes {

std::string describe(const FitDiagnostic& d) {
  const std::string place = fmt::format("fit on the first {} values: ", d.values);
  switch (d.issue) {
    case FitIssue::lost_starts: return place + fmt::format("{} of {} starts lost a state", d.count, d.of);
    case FitIssue::local_optima: return place + fmt::format("the starts ended in {} different optima; the likeliest is taken", d.count);
    case FitIssue::not_converged: return place + fmt::format("not converged after {} steps", d.of);
    case FitIssue::dead_state: return place + fmt::format("state {} explains fewer than {} values; use fewer states", d.state, d.of);
    case FitIssue::no_model: return place + "no model could be fitted; what was known before stays";
    case FitIssue::one_state: return place + fmt::format("states {} and {} are one; both are called state {}", d.count, d.state, d.count);
  }
  return place;
}

}  // namespace tradewind::regimes
