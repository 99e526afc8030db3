// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tradewind/base/json_fwd.hpp"

namespace tradewind::analysis {

/// The years of an analysed record when they are fewer than metrics::ReturnOptions::minimum_years: no track record. `document`: with
/// `split` and `provenance`.
std::optional<double> short_record_years(const Json& document);

/// Takes out of the document of a trading session what a short record would be in a year: volatilities, Sharpe, Sortino and Calmar ratios,
/// their intervals and rolling windows become null, with short_sample where reasons stand, and what was found of them goes.
void leave_out_annualised(Json& document);

}  // namespace tradewind::analysis
