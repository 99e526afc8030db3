// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/figures/figure.hpp"

namespace tradewind::figures {

/// A figure of an analysis under its stable name, with what it shows in one sentence.
struct NamedFigure {
  std::string name;  ///< selection_funnel, regime_weights, strategy_comparison, equity_and_drawdown, monthly_returns, rolling_sharpe,
                     ///< regime_heatmap, correlation_matrix or parameter_surface
  std::string caption;
  Figure figure;
  bool fits_phone = false;  ///< can be read 380 px wide; else it scrolls sideways there
};

/// Every figure that an analysis (schema "tradewind.analyze/1") has data for, in the order of the report. Sections that are absent, null or
/// of the wrong shape give no figure.
std::vector<NamedFigure> analysis_figures(const Json& analysis);

}  // namespace tradewind::figures
