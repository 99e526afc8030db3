// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tradewind/regimes/exponential_internal.hpp"
#include "tradewind/regimes/hmm.hpp"

namespace tradewind::regimes {

/// Memory one training uses, kept between steps.
struct HmmWorkspace {
  std::vector<double> emission;  ///< density of x_t in state j, relative to the largest over j, at [t · K + j]
  std::vector<double> forward;   ///< as emission; known up to a power of two per row

  /// Room for a series; emission has two entries to spare, because exponentials come in pairs.
  void resize(std::size_t points, std::size_t states);
};

/// What the M-step needs, summed over the series.
template <std::size_t K>
struct HmmSums {
  std::array<double, K> first{};                 ///< γ of the first point
  std::array<double, K> weight{};                ///< Σ γ
  std::array<double, K> deviation{};             ///< Σ γ (x − mean)
  std::array<double, K> squares{};               ///< Σ γ (x − mean)²
  std::array<std::array<double, K>, K> moves{};  ///< Σ ξ / transition
  double log_likelihood = 0;
};

/// Forward-backward for K states with everything in registers. Rows are rescaled by powers of two, and only when they have become small:
/// a division per point, which the next point would have to wait for, is not needed because γ and ξ are normalised on their own.
template <std::size_t K>
class HmmKernel {
 public:
  explicit HmmKernel(const HmmParameters& p) {
    for (std::size_t i = 0; i < K; ++i) {
      start_[i] = p.start_probability[i];
      mean_[i] = p.means[i];
      half_precision_[i] = 0.5 / p.variances[i];
      log_weight_[i] = -0.5 * std::log(2 * M_PI * p.variances[i]);
      for (std::size_t j = 0; j < K; ++j) transition_[i][j] = p.transition[i][j];
    }
  }

  /// Fills the workspace; returns the log likelihood, −∞ when the model makes the series impossible.
  double forward(std::span<const double> series, HmmWorkspace& work) const {
    return forward(series.size(), work,
                   [&](std::size_t from, std::size_t to, double* emission) { return emit(series, from, to, emission); });
  }

  /// The same for any emissions: emit(from, to, emission) writes relative densities of points [from, to) at [t · K + j] and returns the sum
  /// of the logarithms that they are relative to.
  template <class Emit>
  double forward(std::size_t n, HmmWorkspace& work, Emit emit_points) const {
    work.resize(n, K);
    double peaks = 0;
    std::array<double, K> alpha{};
    double total = 1;
    std::int64_t scalings = 0;
    for (std::size_t from = 0; from < n; from += kBlock) {
      const std::size_t to = std::min(n, from + kBlock);
      peaks += emit_points(from, to, work.emission.data());
      for (std::size_t t = from; t < to; ++t) {
        alpha = t == 0 ? first(work.emission.data()) : step(alpha, work.emission.data() + t * K);
        total = 0;
        for (const double a : alpha) total += a;
        while (total < kSmall) {
          if (!(total > 0)) return -INFINITY;
          for (double& a : alpha) a *= kUp;
          total *= kUp;
          ++scalings;
        }
        std::copy(alpha.begin(), alpha.end(), work.forward.begin() + static_cast<std::ptrdiff_t>(t * K));
      }
    }
    return peaks + std::log(total) - static_cast<double>(scalings) * kLogUp;
  }

  /// Smoothing from a filled workspace. visit(t, γ) is called from the last point to the first.
  template <class Visit>
  void backward(std::span<const double> series, const HmmWorkspace& work, HmmSums<K>& sums, Visit visit) const {
    backward(series.size(), work, sums, [&](std::size_t t, const std::array<double, K>& gamma) {
      add_point(series[t], gamma, sums);
      visit(t, gamma);
    });
  }

  /// Leaves weight, deviation and squares to the visitor.
  template <class Visit>
  void backward(std::size_t n, const HmmWorkspace& work, HmmSums<K>& sums, Visit visit) const {
    std::array<double, K> beta;
    beta.fill(1);
    std::array<double, K> gamma = posterior(work.forward.data() + (n - 1) * K, beta);
    visit(n - 1, gamma);
    for (std::size_t t = n - 1; t > 0; --t) {
      const double* emission = work.emission.data() + t * K;
      const double* alpha = work.forward.data() + (t - 1) * K;
      std::array<double, K> ahead;
      for (std::size_t j = 0; j < K; ++j) ahead[j] = emission[j] * beta[j];
      double largest = 0;
      double total = 0;
      for (std::size_t i = 0; i < K; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < K; ++j) sum += transition_[i][j] * ahead[j];
        beta[i] = sum;
        largest = std::max(largest, sum);
        total += alpha[i] * sum;
      }
      const double scale = 1 / total;
      for (std::size_t i = 0; i < K; ++i) {
        const double share = alpha[i] * scale;
        gamma[i] = share * beta[i];
        for (std::size_t j = 0; j < K; ++j) sums.moves[i][j] += share * ahead[j];
      }
      visit(t - 1, gamma);
      if (largest < kSmall) {
        for (double& b : beta) b *= kUp;
      }
    }
    sums.first = gamma;
  }

 private:
  static constexpr std::size_t kBlock = 256;
  static constexpr double kSmall = 0x1p-64;
  static constexpr double kUp = 0x1p64;
  static constexpr double kLogUp = 64 * 0.693147180559945309417;

  /// Relative densities of points [from, to); returns the sum of the logarithms they are relative to.
  double emit(std::span<const double> series, std::size_t from, std::size_t to, double* emission) const {
    double peaks = 0;
    for (std::size_t t = from; t < to; ++t) {
      std::array<double, K> exponent;
      double peak = -INFINITY;
      for (std::size_t j = 0; j < K; ++j) {
        const double gap = series[t] - mean_[j];
        exponent[j] = log_weight_[j] - gap * gap * half_precision_[j];
        peak = std::max(peak, exponent[j]);
      }
      for (std::size_t j = 0; j < K; ++j) emission[t * K + j] = exponent[j] - peak;
      peaks += peak;
    }
    const std::size_t count = (to - from) * K;
    Exponential::instance()(emission + from * K, count + count % 2);
    return peaks;
  }

  std::array<double, K> first(const double* emission) const {
    std::array<double, K> alpha;
    for (std::size_t j = 0; j < K; ++j) alpha[j] = start_[j] * emission[j];
    return alpha;
  }

  std::array<double, K> step(const std::array<double, K>& before, const double* emission) const {
    std::array<double, K> alpha;
    for (std::size_t j = 0; j < K; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < K; ++i) sum += before[i] * transition_[i][j];
      alpha[j] = sum * emission[j];
    }
    return alpha;
  }

  static std::array<double, K> posterior(const double* alpha, const std::array<double, K>& beta) {
    std::array<double, K> gamma;
    double total = 0;
    for (std::size_t i = 0; i < K; ++i) total += gamma[i] = alpha[i] * beta[i];
    for (double& g : gamma) g /= total;
    return gamma;
  }

  void add_point(double x, const std::array<double, K>& gamma, HmmSums<K>& sums) const {
    for (std::size_t i = 0; i < K; ++i) {
      const double gap = x - mean_[i];
      const double weighted = gamma[i] * gap;
      sums.weight[i] += gamma[i];
      sums.deviation[i] += weighted;
      sums.squares[i] += weighted * gap;
    }
  }

  std::array<double, K> start_, mean_, half_precision_, log_weight_;
  std::array<std::array<double, K>, K> transition_;
};

/// Calls action.template operator()<K>() for the K that equals `states`.
template <class Action>
auto with_state_count(std::size_t states, Action action) {
  static_assert(kMinHmmStates == 2 && kMaxHmmStates == 6);
  switch (states) {
    case 2: return action.template operator()<2>();
    case 3: return action.template operator()<3>();
    case 4: return action.template operator()<4>();
    case 5: return action.template operator()<5>();
    default: return action.template operator()<6>();
  }
}

/// Error for a series with values that are not finite, or with fewer than `least` of them.
Status check_series(std::span<const double> series, std::size_t least);

}  // namespace tradewind::regimes
