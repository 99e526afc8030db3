// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/pair_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace tradewind::prediction {
namespace {

/// Variances below this are rounding.
constexpr double kNoVariance = 1e-18;

double mean_of(std::span<const double> values) noexcept {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

constexpr std::size_t kMost = 4;  ///< regressors of the Dickey–Fuller regression: constant, level, two changes
using Matrix = std::array<std::array<double, kMost>, kMost>;
using Vector = std::array<double, kMost>;

/// Inverse of the leading n × n block by Gauss–Jordan with pivoting; false when singular.
bool invert(Matrix& a, std::size_t n) noexcept {
  Matrix inverse{};
  for (std::size_t i = 0; i < n; ++i) inverse[i][i] = 1;
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r)
      if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
    if (!(std::abs(a[pivot][c]) > kNoVariance)) return false;
    std::swap(a[c], a[pivot]);
    std::swap(inverse[c], inverse[pivot]);
    const double scale = 1 / a[c][c];
    for (std::size_t k = 0; k < n; ++k) a[c][k] *= scale, inverse[c][k] *= scale;
    for (std::size_t r = 0; r < n; ++r) {
      const double factor = r == c ? 0 : a[r][c];
      for (std::size_t k = 0; k < n; ++k) a[r][k] -= factor * a[c][k], inverse[r][k] -= factor * inverse[c][k];
    }
  }
  a = inverse;
  return true;
}

/// Regressors of row t: the level (about its mean, for the condition of the matrix), a constant and past changes.
Vector regressors(std::span<const double> s, std::size_t t, int lags, double mean) noexcept {
  Vector row{s[t - 1] - mean, 1, 0, 0};
  for (int k = 1; k <= lags; ++k) {
    const auto lag = static_cast<std::size_t>(k);
    row[1 + lag] = s[t - lag] - s[t - lag - 1];
  }
  return row;
}

}  // namespace

std::optional<Line> fit_line(std::span<const double> x, std::span<const double> y) noexcept {
  if (x.size() != y.size() || x.size() < 3) return std::nullopt;
  const double mx = mean_of(x);
  const double my = mean_of(y);
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
  }
  if (!(xx > kNoVariance) || !std::isfinite(xy)) return std::nullopt;
  const double beta = xy / xx;
  return Line{my - beta * mx, beta};
}

Scatter scatter_of(std::span<const double> x, std::span<const double> y) noexcept {
  Scatter scatter;
  if (x.size() != y.size() || x.size() < 3) return scatter;
  const double mx = mean_of(x);
  const double my = mean_of(y);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  const auto n = static_cast<double>(x.size() - 1);
  scatter.deviation_x = std::sqrt(xx / n);
  scatter.deviation_y = std::sqrt(yy / n);
  if (xx > kNoVariance && yy > kNoVariance) scatter.correlation = xy / std::sqrt(xx * yy);
  return scatter;
}

std::optional<double> half_life(std::span<const double> series) noexcept {
  if (series.size() < 4) return std::nullopt;
  const auto line = fit_line(series.first(series.size() - 1), series.subspan(1));
  if (!line || !(line->beta > 0 && line->beta < 1)) return std::nullopt;
  return -std::log(2.0) / std::log(line->beta);
}

std::optional<double> dickey_fuller(std::span<const double> s, int lags) noexcept {
  if (lags < 0 || lags > 2) return std::nullopt;
  const auto first = static_cast<std::size_t>(lags) + 1;
  const std::size_t n = 2 + static_cast<std::size_t>(lags);
  if (s.size() < first + n + 2) return std::nullopt;
  const double mean = mean_of(s);
  Matrix cross{};
  Vector right{};
  for (std::size_t t = first; t < s.size(); ++t) {
    const Vector row = regressors(s, t, lags, mean);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) cross[i][j] += row[i] * row[j];
      right[i] += row[i] * (s[t] - s[t - 1]);
    }
  }
  if (!invert(cross, n)) return std::nullopt;
  Vector coefficient{};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) coefficient[i] += cross[i][j] * right[j];
  double residual = 0;
  for (std::size_t t = first; t < s.size(); ++t) {
    const Vector row = regressors(s, t, lags, mean);
    double error = s[t] - s[t - 1];
    for (std::size_t i = 0; i < n; ++i) error -= coefficient[i] * row[i];
    residual += error * error;
  }
  const double variance = residual / static_cast<double>(s.size() - first - n) * cross[0][0];
  if (!(variance > 0) || !std::isfinite(variance)) return std::nullopt;
  return coefficient[0] / std::sqrt(variance);
}

double dickey_fuller_critical(std::size_t samples, bool estimated) noexcept {
  const auto t = static_cast<double>(samples);
  if (estimated) return -3.33613 - 6.1101 / t - 6.823 / (t * t);
  return -2.86154 - 2.8903 / t - 4.234 / (t * t) - 40.040 / (t * t * t);
}

double dickey_fuller_probability(double statistic, bool estimated) noexcept {
  // Beyond the bounds the polynomials turn back; there is nothing to be told apart there.
  const double t = std::clamp(statistic, estimated ? -18.86 : -18.83, estimated ? -2.62 : -1.61);
  const double z = estimated ? 2.92 + 1.5012 * t + 0.039796 * t * t : 2.1659 + 1.4412 * t + 0.038269 * t * t;
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

void KalmanLine::update(double x, double y) noexcept {
  const double a = p00_ + drift_;  // P = F·P·Fᵀ + Q
  const double b = p01_;
  const double d = p11_ + drift_;
  const double ph0 = a + b * x;  // P·hᵀ with h = [1, x]
  const double ph1 = b + d * x;
  const double s = ph0 + ph1 * x + measurement_;
  innovation_ = y - (alpha_ + beta_ * x);
  deviation_ = std::sqrt(s);
  const double k0 = ph0 / s;
  const double k1 = ph1 / s;
  alpha_ += k0 * innovation_;
  beta_ += k1 * innovation_;
  p00_ = a - k0 * ph0;
  p01_ = b - k0 * ph1;
  p11_ = d - k1 * ph1;
}

}  // namespace tradewind::prediction
