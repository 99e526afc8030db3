// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tradewind/figures/document_internal.hpp"
#include "tradewind/figures/figure.hpp"

namespace tradewind::figures {

/// The comparison shows at most so many strategies: the selected ones and the best of the others.
inline constexpr std::size_t kCompared = 14;

/// What each figure of an analysis is drawn from; the report's tables show the same. Empty where the document has nothing to draw.
std::vector<FunnelBar> funnel_of(View analysis);
std::optional<WeightBars> weights_of(View analysis);
std::vector<ComparedStrategy> comparison_of(View analysis);
std::optional<EquityTable> equity_of(View analysis);
std::optional<MonthlyReturns> monthly_of(View analysis);
std::optional<RollingTable> rolling_of(View analysis);
std::optional<RegimeTable> regimes_of(View analysis, View classifier);
std::optional<CorrelationTable> correlation_of(View analysis);
std::optional<ParameterSurface> surface_of(View analysis);

/// Of a tear sheet; its equity and monthly returns are found as those of an analysis.
std::optional<YearlyReturns> yearly_of(View sheet);
std::optional<ReturnHistogram> histogram_of(View sheet);
std::vector<RollingPanel> panels_of(View sheet);

/// The classifier marked best, else the first; empty when there is none.
View best_classifier(View analysis);

}  // namespace tradewind::figures
