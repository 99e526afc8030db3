// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/ensemble/ensemble_optimizer.hpp"

namespace tradewind::ensemble {

/// Probabilities of the regimes as they were known at the close of each bar, borrowed for the duration of a call.
struct RegimeProbabilities {
  std::span<const double> values;  ///< row after row: values[bar · names.size() + regime], in [0, 1]; what a row lacks of 1 is unknown
  std::span<const std::string> names;

  std::span<const double> row(std::size_t bar) const noexcept { return values.subspan(bar * names.size(), names.size()); }
};
/// Rows with a 1 at each state and nothing where it is −1: for callers that know labels only.
std::vector<double> one_hot(std::span<const int> state, std::size_t regimes);
/// Success, or `invalid_data` naming the row.
Status check(const RegimeProbabilities& probabilities, std::size_t bars);

struct AdaptiveOptions {
  EnsembleOptions ensemble;   ///< how the weights of each regime are optimised; current_weights are not used
  double cost_rate = 0.0015;  ///< cost of moving capital: this times Σ|Δw|, as a fraction of the equity; in [0, 1)
  double risk_aversion =
      0;  ///< γ of the loss ½γ dʹΣd a bar of holding weights d away from the target; 0: what the data say (see AdaptiveModel)
  double holding_bars = 0;  ///< bars a target is expected to stay; 0: the mean run of each regime so far, weighted by the probabilities
};

/// What one fit on the past knows about a regime, or about all bars.
struct AdaptiveRegime {
  std::vector<double> weights;     ///< those to aim at
  std::vector<double> covariance;  ///< per bar, columns · columns
  double risk_aversion = 0;        ///< of the aim; 0: the data show no return worth moving for
  double holding_bars = 1;         ///< mean run so far, ≥ 1
  std::size_t bars = 0;
  std::string fallback;  ///< why weights and covariance are those of all bars; empty when they are not
};

/// Weights per regime and what is needed to decide whether to move towards them.
///
/// The risk aversion is that for which the aim is optimal: γ = S / σ of the aim (S mean over standard deviation per bar), where S² is
/// the unbiased estimate ((n − K − 2) S² − K) / n, at least 0 [Kan & Zhou 2007], K the strategies held and n the bars: in noise it is
/// about 0, and nothing is moved. For objectives that do not look at returns it is kNeutralAversion.
struct AdaptiveModel {
  AdaptiveRegime global;
  std::vector<AdaptiveRegime> regimes;
  double cost_rate = 0;   ///< of moving capital, as AdaptiveOptions has it
  bool fallback = false;  ///< the optimiser found no weights for all bars: the previous ones stand in, equal ones at first
};
/// Success, or `invalid_data` for a model that is not of `regimes` regimes and `strategies` strategies: weights below 0 or above 1 in sum,
/// a covariance of another size, figures that are not finite or out of range.
Status check(const AdaptiveModel& model, std::size_t regimes, std::size_t strategies);
inline constexpr double kNeutralAversion = 4;

/// Fits a model on the past alone: row t of the panel belongs to the likeliest regime of row t − 1 of the probabilities. `previous` are
/// the weights to use when the optimiser has none (empty: equal ones). Errors: as optimize_weights, check and `usage` for options out of
/// range. Cost: an optimisation per regime and one over all rows.
Result<AdaptiveModel> fit_adaptive(const ReturnPanel& past, const RegimeProbabilities& probabilities, const AdaptiveOptions& options,
                                   std::span<const double> previous = {});

/// What to do at one close.
struct AdaptiveDecision {
  std::vector<double> target;   ///< Σ p_k w_k; the unknown part aims at the weights of all bars
  std::vector<double> weights;  ///< to hold over the next bar
  double share = 0;             ///< of the way to the target that is gone, 0 … 1
  double turnover = 0;          ///< Σ|Δw|
  double cost = 0;              ///< cost_rate · turnover
};

/// What the probabilities aim at: Σ p_k w_k, the unknown part at the weights of all bars.
std::vector<double> target_weights(const AdaptiveModel& model, std::span<const double> probabilities);

/// Goes from the weights held to the target as far as it pays: minimises holding · ½γ(1 − λ)² dʹΣd + cost_rate · λ Σ|d| over the share λ of
/// the way d, so that λ = max(0, 1 − cost_rate Σ|d| / (holding γ dʹΣd)). Inside the region where λ is 0 nothing is traded, outside one
/// moves to its edge: the no-trade region of proportional costs [Davis & Norman 1990] along the way to the aim, with the loss of tracking
/// it [Gârleanu & Pedersen 2013]. Without costs λ is 1. O(regimes · columns²).
AdaptiveDecision decide(const AdaptiveModel& model, std::span<const double> probabilities, std::span<const double> held);

/// The weights after a bar's returns, when nothing is traded. Equal ones after ruin.
void drift(std::span<const double> returns, std::span<double> weights) noexcept;

}  // namespace tradewind::ensemble
