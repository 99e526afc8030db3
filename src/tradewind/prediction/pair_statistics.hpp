// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

namespace tradewind::prediction {

/// y = alpha + beta·x by least squares.
struct Line {
  double alpha = 0;
  double beta = 0;
};
/// nullopt for fewer than three points, constant x, and anything not finite.
std::optional<Line> fit_line(std::span<const double> x, std::span<const double> y) noexcept;

/// How two series of equal length lie to each other.
struct Scatter {
  double deviation_x = 0;
  double deviation_y = 0;
  double correlation = 0;  ///< 0 when one of them does not move
};
Scatter scatter_of(std::span<const double> x, std::span<const double> y) noexcept;

/// −ln 2/ln φ of the first-order autoregression s_t = c + φ·s_{t−1}: samples until half of a deviation is gone. nullopt unless 0 < φ < 1.
std::optional<double> half_life(std::span<const double> series) noexcept;

/// t-statistic of γ in Δs_t = c + γ·s_{t−1} + Σ_{k≤lags} δ_k·Δs_{t−k} [Dickey & Fuller 1979]; lags 0 … 2. nullopt for short or constant
/// series.
std::optional<double> dickey_fuller(std::span<const double> series, int lags) noexcept;
/// Its 5 % critical value with a constant, `estimated` when the hedge ratio was estimated from the same data (Engle–Granger, two
/// variables), else for a known combination. [MacKinnon 2010, table 2]
double dickey_fuller_critical(std::size_t samples, bool estimated) noexcept;
/// The probability of a statistic as low as this one when there is a unit root, with a constant; `estimated` as above. For long series;
/// the approximation is good where it matters, below 0.2. [MacKinnon 1994, "Approximate asymptotic distribution functions for unit-root
/// and cointegration tests"]
double dickey_fuller_probability(double statistic, bool estimated) noexcept;

/// Regression with coefficients that wander: state [alpha, beta], F = I, Q = δ/(1 − δ)·I, measurement variance R. [Chan 2013; Kalman 1960]
class KalmanLine {
 public:
  KalmanLine(double delta, double measurement) noexcept : drift_(delta / (1 - delta)), measurement_(measurement) {}

  /// Takes one sample: predicts, keeps the standardised innovation, then corrects.
  void update(double x, double y) noexcept;
  double alpha() const noexcept { return alpha_; }
  double beta() const noexcept { return beta_; }
  double innovation() const noexcept { return innovation_; }
  /// √S, of the innovation's distribution before the sample was seen.
  double deviation() const noexcept { return deviation_; }
  double z() const noexcept { return deviation_ > 0 ? innovation_ / deviation_ : 0; }

 private:
  double drift_;
  double measurement_;
  double alpha_ = 0;
  double beta_ = 0;
  double p00_ = 1, p01_ = 0, p11_ = 1;
  double innovation_ = 0;
  double deviation_ = 0;
};

}  // namespace tradewind::prediction
