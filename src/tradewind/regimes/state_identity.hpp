// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tradewind/regimes/hmm.hpp"

namespace tradewind::regimes {

/// For every state of a model fitted to `series` the lowest state that it is one with, itself when it stands alone. Two states are one when
/// the model with both merged, trained on, has no larger Bayesian information criterion than the model with both [Schwarz 1978].
/// O(states² · points) or less; a model that `series` makes impossible keeps its states.
std::vector<std::size_t> merged_states(const HmmParameters& parameters, std::span<const double> series);

/// One finding for every state that is one with a lower one.
std::vector<FitDiagnostic> merged_diagnostics(std::span<const std::size_t> merged, std::size_t values);

/// Adds the probability of every state to that of the state it is one with.
void merge_probabilities(std::span<const std::size_t> merged, std::span<double> probabilities);

/// How many points each state explains, Σ γ; empty when the series is impossible.
std::vector<double> occupancy_of(const HmmParameters& parameters, std::span<const double> series);

}  // namespace tradewind::regimes
