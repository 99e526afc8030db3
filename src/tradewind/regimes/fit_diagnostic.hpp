// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tradewind/base/enum_names.hpp"

namespace tradewind::regimes {

/// What can be wrong with a fitted model.
enum class FitIssue : std::uint8_t {
  lost_starts,    ///< `count` of `of` starts lost a state; the others decided
  local_optima,   ///< the starts ended in `count` different optima; the likeliest was taken
  not_converged,  ///< the taken start had not converged after `of` steps
  dead_state,     ///< state `state` explains fewer than `of` values
  no_model,       ///< nothing could be fitted: the model before, or none, stays
  one_state,      ///< state `state` is one with state `count`: the fit does not tell them apart
};
constexpr auto names_of(FitIssue) {
  return std::to_array<std::string_view>({"lost_starts", "local_optima", "not_converged", "dead_state", "no_model", "one_state"});
}

/// One finding about one fit.
struct FitDiagnostic {
  FitIssue issue{};
  std::size_t values = 0;  ///< how many values the fit had seen: its place in the series
  int state = -1;          ///< dead_state, one_state: which
  int count = 0;
  int of = 0;
  bool operator==(const FitDiagnostic&) const = default;
};
/// One sentence without full stop.
std::string describe(const FitDiagnostic& diagnostic);

}  // namespace tradewind::regimes
