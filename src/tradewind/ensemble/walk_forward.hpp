// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/ensemble/objectives.hpp"

namespace tradewind::ensemble {

/// How weights are refitted on the past and held over the bars that follow.
struct WalkForwardOptions {
  std::size_t first_fit = 0;  ///< bars before the first weights; 0: a third of the rows, at least 60 and twice the columns
  std::size_t step = 0;       ///< bars between refits; 0: a tenth of what is left
  bool rolling = false;       ///< fit on the last first_fit bars; false: on all bars so far
};

/// What a portfolio did, annualised; constant weights between refits, rebalanced every bar, before costs.
struct PortfolioPath {
  metrics::Value sharpe_ratio;
  metrics::Value annualized_return;
  metrics::Value volatility;
  metrics::Value turnover;  ///< mean Σ|w_new − w_old| per refit after the first, from 0 to 2; undefined (too_few) with one fit
};

/// Weights of the past on the returns that followed, beside what needs no optimiser.
struct WalkForwardReport {
  std::size_t first_bar = 0;  ///< first bar out of sample
  std::size_t bars = 0;       ///< out of sample; 0 when the panel is too short
  std::size_t refits = 0;
  std::size_t fallback_refits = 0;  ///< refits without weights of their own (degenerate): the previous ones stay, equal ones at first
  std::vector<double> returns;      ///< of the ensemble in each of those bars
  PortfolioPath ensemble;
  PortfolioPath equal_weight;
  PortfolioPath inverse_volatility;
};

/// Refits the ensemble through time; turnover penalties start from the weights in force. A panel too short for one refit gives a
/// report of 0 bars with every figure undefined (too_few). Errors: as optimize_panel. Cost: `refits` optimisations.
Result<WalkForwardReport> walk_forward(const ReturnPanel& panel, const EnsembleOptions& options, const WalkForwardOptions& walk = {});

/// The same figures for fixed weights over all rows of a panel.
PortfolioPath path_of_weights(const ReturnPanel& panel, std::span<const double> weights, const EnsembleOptions& options);
/// 1/n of every column with variance, as the optimiser holds no other; of every column where none has.
std::vector<double> equal_weights(const ReturnPanel& panel);
/// Proportional to 1 / standard deviation; columns without variance get none.
std::vector<double> inverse_volatility_weights(const ReturnPanel& panel);

}  // namespace tradewind::ensemble
