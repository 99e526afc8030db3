// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "tradewind/ensemble/objectives.hpp"

namespace tradewind::ensemble {
namespace {

constexpr std::array<std::pair<Objective, std::string_view>, 7> kObjectives = {{{Objective::sharpe, "sharpe"},
                                                                                {Objective::min_variance, "min_variance"},
                                                                                {Objective::sortino, "sortino"},
                                                                                {Objective::cvar, "cvar"},
                                                                                {Objective::risk_parity, "risk_parity"},
                                                                                {Objective::hrp, "hrp"},
                                                                                {Objective::max_diversification, "max_diversification"}}};

}  // namespace

std::string_view objective_name(Objective objective) noexcept {
  for (const auto& [value, name] : kObjectives) {
    if (value == objective) return name;
  }
  return {};
}

std::optional<Objective> objective_from_name(std::string_view name) noexcept {
  for (const auto& [value, known] : kObjectives) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string_view solve_status_name(SolveStatus status) noexcept {
  switch (status) {
    case SolveStatus::optimal: return "optimal";
    case SolveStatus::heuristic: return "heuristic";
    case SolveStatus::infeasible: return "infeasible";
    case SolveStatus::degenerate: return "degenerate";
  }
  return {};
}

}  // namespace tradewind::ensemble
