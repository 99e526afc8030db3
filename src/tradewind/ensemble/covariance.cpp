// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/covariance.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::ensemble {
namespace {

double mean_of(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  const double first = sum_about(values.data(), values.size(), 0) / n;
  return first + sum_about(values.data(), values.size(), first) / n;  // the second pass takes the rounding of the first away
}

/// Intensity of the shrinkage, from centred returns and their covariance with divisor rows [Ledoit & Wolf 2004, lemmas 3.2–3.4].
double ledoit_wolf_intensity(std::span<const double> centred, std::size_t rows, std::size_t n, std::span<const double> covariance) {
  std::vector<double> norms(rows, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t t = 0; t < rows; ++t) norms[t] += centred[j * rows + t] * centred[j * rows + t];
  }
  double trace = 0;
  double frobenius = 0;
  for (std::size_t j = 0; j < n; ++j) trace += covariance[j * n + j];
  for (const double value : covariance) frobenius += value * value;
  const double average = trace / static_cast<double>(n);
  const double distance = frobenius - static_cast<double>(n) * average * average;  // ‖S − average · I‖²
  double fourth = 0;
  for (const double norm : norms) fourth += norm * norm;
  const double t = static_cast<double>(rows);
  const double error = (fourth / t - frobenius) / t;  // estimates E‖S − Σ‖²
  return distance > 0 ? std::clamp(error / distance, 0.0, 1.0) : 1.0;
}

void shrink(Moments& moments, std::span<const double> centred) {
  const std::size_t n = moments.count;
  const double t = static_cast<double>(moments.rows);
  std::vector<double> biased(moments.covariance);
  for (double& value : biased) value *= (t - 1) / t;
  moments.shrinkage = ledoit_wolf_intensity(centred, moments.rows, n, biased);
  double trace = 0;
  for (std::size_t j = 0; j < n; ++j) trace += moments.variance(j);
  const double average = trace / static_cast<double>(n);
  for (double& value : moments.covariance) value *= 1 - moments.shrinkage;
  for (std::size_t j = 0; j < n; ++j) moments.covariance[j * n + j] += moments.shrinkage * average;
}

/// Number of eigenvalues (ascending) below the upper Marchenko–Pastur edge σ²(1 + √(n/rows))², σ² the mean of those below it.
std::size_t noise_count(const Eigen::VectorXd& eigenvalues, std::size_t rows) {
  const double ratio = std::sqrt(static_cast<double>(eigenvalues.size()) / static_cast<double>(rows));
  std::size_t count = static_cast<std::size_t>(eigenvalues.size());
  for (;;) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += eigenvalues[static_cast<Eigen::Index>(i)];
    const double edge = count == 0 ? 0 : sum / static_cast<double>(count) * (1 + ratio) * (1 + ratio);
    std::size_t below = 0;
    while (below < count && eigenvalues[static_cast<Eigen::Index>(below)] <= edge) ++below;
    if (below == count) return count;
    count = below;
  }
}

Status denoise(Moments& moments) {
  // The blocking of Eigen's products follows the cache of the machine unless it is told; rounding would follow it too.
  Eigen::setCpuCacheSizes(32 * 1024, 512 * 1024, 4 * 1024 * 1024);
  const auto n = static_cast<Eigen::Index>(moments.count);
  Eigen::Map<Eigen::MatrixXd> covariance(moments.covariance.data(), n, n);
  Eigen::VectorXd deviation = covariance.diagonal().cwiseMax(0).cwiseSqrt();
  for (double& value : deviation) value = value > 0 ? value : 1;
  const Eigen::MatrixXd correlation = deviation.cwiseInverse().asDiagonal() * covariance * deviation.cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(correlation);
  if (solver.info() != Eigen::Success) return Error(Errc::numeric, "the eigenvalues of the correlation matrix do not converge");
  Eigen::VectorXd values = solver.eigenvalues().cwiseMax(0);
  const std::size_t noise = noise_count(values, moments.rows);
  if (noise > 0) values.head(static_cast<Eigen::Index>(noise)).setConstant(values.head(static_cast<Eigen::Index>(noise)).mean());
  moments.noise_factors = noise;
  using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const RowMatrix root = solver.eigenvectors() * values.cwiseSqrt().asDiagonal();
  TRADEWIND_ASSIGN(const std::vector<double> cleaned,
                   gram({root.data(), moments.count * moments.count}, moments.count, moments.count, 1, 1));
  const auto diagonal = [&](Eigen::Index i) { return cleaned[static_cast<std::size_t>(i * n + i)]; };
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {  // rescaled, for the diagonal of a correlation matrix is 1
      const double scale = std::sqrt(diagonal(i) * diagonal(j));
      const double value = scale > 0 ? cleaned[static_cast<std::size_t>(i * n + j)] / scale : 0;
      covariance(i, j) = covariance(j, i) = value * deviation[i] * deviation[j];
    }
  }
  return {};
}

}  // namespace

Result<Moments> estimate_moments(const ReturnPanel& panel, CovarianceMethod method, int threads) {
  TRADEWIND_TRY(check(panel));
  if (panel.rows < 2 || panel.columns() == 0) {
    return Error(Errc::invalid_data,
                 fmt::format("a covariance needs at least 2 bars and 1 strategy; there are {} and {}", panel.rows, panel.columns()));
  }
  Moments moments{.count = panel.columns(), .rows = panel.rows, .mean = {}, .covariance = {}, .method = method};
  std::vector<double> centred(panel.values.size());
  for (std::size_t j = 0; j < panel.columns(); ++j) {
    moments.mean.push_back(mean_of(panel.column(j)));
    subtract(panel.column(j).data(), panel.rows, moments.mean[j], centred.data() + j * panel.rows);
  }
  TRADEWIND_ASSIGN(moments.covariance, gram(centred, panel.rows, panel.columns(), 1 / static_cast<double>(panel.rows - 1), threads));
  if (method == CovarianceMethod::ledoit_wolf) shrink(moments, centred);
  if (method == CovarianceMethod::denoised) TRADEWIND_TRY(denoise(moments));
  return moments;
}

std::vector<bool> zero_variance_columns(const ReturnPanel& panel) {
  std::vector<bool> out;
  for (std::size_t j = 0; j < panel.columns(); ++j) {
    const double mean = mean_of(panel.column(j));
    const double squares = squares_about(panel.column(j).data(), panel.rows, mean);
    out.push_back(panel.rows < 2 || metrics::is_zero_variance(std::sqrt(squares / static_cast<double>(panel.rows - 1)), mean));
  }
  return out;
}

}  // namespace tradewind::ensemble
