// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/figures/analysis_figures.hpp"

namespace tradewind::figures {

/// The figures of a tear sheet (schema "tradewind.tear_sheet/1") that it has data for: equity_and_drawdown, monthly_returns,
/// yearly_returns, return_histogram, rolling_figures.
std::vector<NamedFigure> tear_sheet_figures(const Json& sheet);

/// A tear sheet as one HTML page, self-contained as html_report's: headline, equity with the worst drawdowns, calendar, distribution,
/// rolling figures, benchmark, luck, provenance. Equal input gives equal bytes. Errors: `invalid_data` for a document of another schema,
/// `newer_format` for a later version of it.
Result<std::string> html_tear_sheet(const Json& sheet);

}  // namespace tradewind::figures
