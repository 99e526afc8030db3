// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/ensemble/return_panel.hpp"

namespace tradewind::ensemble {

/// How the covariance of returns is estimated.
enum class CovarianceMethod : std::uint8_t {
  sample,       ///< unbiased (ddof 1); singular with fewer rows than columns
  ledoit_wolf,  ///< shrunk towards the average variance times identity [Ledoit & Wolf 2004]; positive definite at any length
  denoised,     ///< eigenvalues below the Marchenko–Pastur edge replaced by their mean [López de Prado 2020, ch. 2]
};
constexpr auto names_of(CovarianceMethod) { return std::to_array<std::string_view>({"sample", "ledoit_wolf", "denoised"}); }

/// Means and covariance per bar of the columns of a panel.
struct Moments {
  std::size_t count = 0;           ///< columns
  std::size_t rows = 0;            ///< bars they were estimated from
  std::vector<double> mean;        ///< per bar
  std::vector<double> covariance;  ///< count · count, symmetric, per bar
  CovarianceMethod method = CovarianceMethod::sample;
  double shrinkage = 0;           ///< Ledoit–Wolf intensity in [0, 1]
  std::size_t noise_factors = 0;  ///< eigenvalues taken for noise (denoised)

  double variance(std::size_t j) const noexcept { return covariance[j * count + j]; }
};

/// Estimates the moments. Errors: `invalid_data` for fewer than 2 rows, no column, or what check() refuses; `numeric` when the
/// eigenvalues do not converge. O(rows · columns²), denoised O(columns³) more. The same bytes on any processor and thread count.
Result<Moments> estimate_moments(const ReturnPanel& panel, CovarianceMethod method, int threads = 1);

/// True for a column whose standard deviation is only rounding noise of its mean (metrics::is_zero_variance).
std::vector<bool> zero_variance_columns(const ReturnPanel& panel);

}  // namespace tradewind::ensemble
