// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// What turns per-bar figures into annual ones. Annual rates are converted to bars geometrically: (1 + rate)^(1/ppy) − 1.
struct ReturnOptions {
  double periods_per_year = 0;           ///< bars per year, > 0; no default, because nothing silently assumes 252
  double risk_free = 0;                  ///< annual, > −1; subtracted in the Sharpe ratio
  double minimum_acceptable_return = 0;  ///< annual, > −1; the target of the Sortino ratio
  double minimum_years = 0.25;           ///< a shorter span has no annualized_return (short_sample)
};

/// An annual rate as a rate per bar.
double rate_per_bar(double annual, double periods_per_year) noexcept;

/// Success, or `usage` naming the option that is out of range.
Status check(const ReturnOptions& options);

/// Metrics of a series of simple returns per bar, in which bars stand for trades (unit bar). Definitions: docs/metrics.md.
/// An empty series is no error: every metric is undefined. −1 is ruin: equity stays 0 from there on.
/// Errors: `invalid_data` naming the first row (from 0) that is not finite or below −1; `numeric` when the equity exceeds a double;
/// `usage` for options out of range. O(n), two passes, no allocation; the result does not depend on processor or threads.
Result<PerformanceMetrics> calculate_metrics(std::span<const double> returns, const ReturnOptions& options);

/// Sharpe ratio in units of one bar: mean / standard deviation (ddof 1), not annualised.
/// Undefined: too_few (n < 2), zero_variance.
Value sharpe_per_period(std::span<const double> returns) noexcept;

/// True when a standard deviation is only rounding noise of its mean: sd ≤ 1e-12 · max(|mean|, 1e-12).
bool is_zero_variance(double standard_deviation, double mean) noexcept;

/// Returns per bar of an equity path that started at 1 before its first bar; 0 after ruin. O(n).
std::vector<double> returns_of_equity(std::span<const double> equity);

/// What to do with returns that are NaN or infinite.
enum class NanPolicy : std::uint8_t {
  reject,  ///< an error naming the first row
  drop,    ///< leave the row out, which shortens the clock
  zero,    ///< read it as a return of 0
};
constexpr auto names_of(NanPolicy) { return std::to_array<std::string_view>({"reject", "drop", "zero"}); }

/// Returns after a NanPolicy.
struct CleanReturns {
  std::vector<double> values;
  std::vector<std::size_t> rows;  ///< original row of values[i]; what a caller needs to drop the same rows of other columns
  std::int64_t replaced = 0;      ///< rows dropped or set to 0
};
/// Error: `invalid_data` under `reject` when a value is not finite, with the first row and how many there are.
Result<CleanReturns> apply_nan_policy(std::span<const double> returns, NanPolicy policy);

}  // namespace tradewind::metrics
