// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/ensemble/adaptive.hpp"
#include "tradewind/ensemble/walk_forward.hpp"
#include "tradewind/metrics/bootstrap.hpp"

namespace tradewind::ensemble {

/// What one way of choosing weights came to out of sample, net of the cost of moving capital. The first purchase is free for all.
struct AdaptivePath {
  metrics::Value sharpe_ratio;
  metrics::Value annualized_return;
  metrics::Value volatility;
  metrics::Value max_drawdown;
  double turnover = 0;          ///< Σ|Δw| over all moves
  double costs = 0;             ///< Σ of the fractions of the equity that moving took
  std::int64_t moves = 0;       ///< closes at which anything was moved
  std::vector<double> returns;  ///< net, per bar
};

/// One refit: what was aimed at from then on.
struct AdaptiveRefit {
  std::size_t bar = 0;  ///< the first bar it decides
  AdaptiveModel model;
};

/// Whether following the regimes paid.
struct AdaptiveReport {
  std::size_t first_bar = 0;  ///< first bar out of sample
  std::size_t bars = 0;       ///< 0 when the panel is too short
  std::size_t fallback_refits = 0;
  AdaptivePath adaptive;
  AdaptivePath
      static_weights;         ///< weights of all bars, refitted at the same bars and moved to by the same rule: what differs is the regimes
  AdaptivePath equal_weight;  ///< 1/n, moved back to at the refits
  std::vector<AdaptiveRefit> refits;
  std::vector<double> weights;        ///< of the adaptive path, bar after bar: what was held over it
  metrics::Value growth_difference;   ///< annual mean of ln(1 + r) of adaptive − static
  metrics::Interval growth_interval;  ///< of that, by the paired stationary bootstrap
  metrics::Value growth_over_equal;   ///< the same against equal weights
  metrics::Interval growth_over_equal_interval;
  bool paid = false;    ///< the whole interval against static weights lies above 0
  std::string verdict;  ///< a sentence that says why
};

/// Walks through the panel: weights are refitted on the past by `walk` (first_fit, step, rolling), decided at every close by the
/// probabilities known there, held over the next bar and drift with its returns until they are moved. Every way pays
/// cost_rate · Σ|Δw| when it moves. The intervals resample the paired differences in ln(1 + r) in blocks [Politis & Romano 1994].
/// Nothing depends on later bars once `walk` names first_fit and step. Errors: as fit_adaptive; interrupted.
Result<AdaptiveReport> adaptive_walk_forward(const ReturnPanel& panel, const RegimeProbabilities& probabilities,
                                             const AdaptiveOptions& options, const WalkForwardOptions& walk = {},
                                             const metrics::BootstrapOptions& bootstrap = {}, const Cancellation* cancellation = nullptr);

}  // namespace tradewind::ensemble
