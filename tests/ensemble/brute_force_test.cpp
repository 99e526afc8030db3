// SPDX-License-Identifier: Apache-2.0
// Small problems against an enumeration of every set of active bounds, solved by plain elimination.
#include <cmath>
#include <functional>

#include "panels.hpp"

namespace tradewind::ensemble {
namespace {

using Vector = std::vector<double>;

/// Gaussian elimination with pivoting, row-major.
bool solve_linear(Vector a, Vector& b) {
  const std::size_t m = b.size();
  for (std::size_t k = 0; k < m; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < m; ++i) pivot = std::fabs(a[i * m + k]) > std::fabs(a[pivot * m + k]) ? i : pivot;
    if (std::fabs(a[pivot * m + k]) < 1e-15) return false;
    for (std::size_t j = 0; j < m; ++j) std::swap(a[k * m + j], a[pivot * m + j]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = 0; i < m; ++i) {
      if (i == k) continue;
      const double factor = a[i * m + k] / a[k * m + k];
      for (std::size_t j = k; j < m; ++j) a[i * m + j] -= factor * a[k * m + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = 0; k < m; ++k) b[k] /= a[k * m + k];
  return true;
}

/// The best objective over all faces of the box; `max_count` strategies at most may be held. NaN when there is none.
double brute_force(const Moments& m, Objective objective, double low, double high, std::size_t max_count) {
  const std::size_t n = m.count;
  double best = std::numeric_limits<double>::quiet_NaN();
  std::size_t states = 1;
  for (std::size_t i = 0; i < n; ++i) states *= 4;  // not held, at the lower bound, at the upper bound, free
  for (std::size_t code = 0; code < states; ++code) {
    Vector w(n, 0.0);
    std::vector<std::size_t> free;
    std::size_t held = 0;
    double fixed = 0;
    for (std::size_t i = 0, rest = code; i < n; ++i, rest /= 4) {
      if (rest % 4 == 3) free.push_back(i);
      w[i] = rest % 4 == 1 ? low : rest % 4 == 2 ? high : 0;
      held += rest % 4 != 0 ? 1 : 0;
      fixed += w[i];
    }
    if (held > max_count) continue;
    const auto variance = [&](const Vector& x) {
      double v = 0;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) v += x[i] * m.covariance[i * n + j] * x[j];
      }
      return v;
    };
    const auto value = [&](const Vector& x) {
      double v = 0;
      for (std::size_t i = 0; i < n; ++i) v += x[i] * m.mean[i];
      return v;
    };
    Vector base(w);
    Vector slope(n, 0.0);
    if (free.empty()) {
      if (std::fabs(fixed - 1) > 1e-12) continue;
    } else {
      const std::size_t f = free.size() + 1;
      Vector a(f * f, 0.0);
      Vector b(f, 0.0);
      Vector c(f, 0.0);
      for (std::size_t i = 0; i + 1 < f; ++i) {
        for (std::size_t j = 0; j + 1 < f; ++j) a[i * f + j] = 1e4 * m.covariance[free[i] * n + free[j]];
        a[i * f + f - 1] = a[(f - 1) * f + i] = 1;
        for (std::size_t j = 0; j < n; ++j) b[i] -= 1e4 * m.covariance[free[i] * n + j] * w[j];
        c[i] = 1e4 * m.mean[free[i]];
      }
      b[f - 1] = 1 - fixed;
      if (!solve_linear(a, b) || !solve_linear(a, c)) continue;
      for (std::size_t i = 0; i + 1 < f; ++i) {
        base[free[i]] = b[i];
        slope[free[i]] = c[i];
      }
    }
    Vector x(base);
    if (objective == Objective::sharpe) {
      if (value(base) <= 0) continue;
      const double t = variance(base) / value(base);
      for (std::size_t i = 0; i < n; ++i) x[i] += t * slope[i];
    }
    bool inside = true;
    for (const std::size_t i : free) inside = inside && x[i] >= low - 1e-13 && x[i] <= high + 1e-13;
    if (!inside) continue;
    const double got = objective == Objective::sharpe ? value(x) / std::sqrt(variance(x)) * std::sqrt(252.0) : std::sqrt(252 * variance(x));
    if (std::isnan(best) || (objective == Objective::sharpe ? got > best : got < best)) best = got;
  }
  return best;
}

TEST(BruteForce, Optima_with_bounds_are_the_best_of_all_faces) {
  int solved = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const std::size_t n = 2 + seed % 5;
    const ReturnPanel panel = random_panel(n, 90, seed);
    const auto moments = estimate_moments(panel, CovarianceMethod::sample);
    ASSERT_TRUE(moments);
    for (const Objective objective : {Objective::sharpe, Objective::min_variance}) {
      for (const double low : {0.0, 0.05}) {
        for (const double high : {0.35, 0.5, 1.0}) {
          if (static_cast<double>(n) * high < 1) continue;
          EnsembleOptions options = options_for(objective, 0, high);
          options.constraints.min_weight = low;
          const auto result = optimize_panel(panel, options);
          ASSERT_TRUE(result);
          // With a lower bound on every strategy none may be left out: brute force then counts only faces that hold all.
          const double want = low == 0 ? brute_force(*moments, objective, 0, high, n) : std::nan("");
          if (!result->has_weights()) {
            EXPECT_TRUE(low > 0 || std::isnan(want)) << "seed " << seed << ": " << result->reason;
            continue;
          }
          ++solved;
          expect_admissible(*result, options, "seed " + std::to_string(seed));
          EXPECT_EQ(result->status, SolveStatus::optimal);
          EXPECT_LE(result->kkt_residual.number, kKktLimit);
          if (low == 0) {
            EXPECT_NEAR(result->objective.number / want, 1, 1e-10) << "seed " << seed << " n " << n << " cap " << high;
          }
        }
      }
    }
  }
  EXPECT_GT(solved, 200);
}

TEST(BruteForce, Limits_on_the_number_are_exact) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::size_t n = 7;
    const ReturnPanel panel = random_panel(n, 120, 100 + seed);
    const auto moments = estimate_moments(panel, CovarianceMethod::sample);
    ASSERT_TRUE(moments);
    for (const Objective objective : {Objective::sharpe, Objective::min_variance}) {
      for (const std::size_t k : {2u, 3u, 4u}) {
        for (const double low : {0.0, 0.15}) {
          const double high = k == 2 ? 0.6 : 0.5;
          EnsembleOptions options = options_for(objective, k, high);
          options.constraints.min_weight = low;
          const auto result = optimize_panel(panel, options);
          ASSERT_TRUE(result);
          const double want = brute_force(*moments, objective, low, high, k);
          if (std::isnan(want)) {
            EXPECT_FALSE(result->has_weights());
            continue;
          }
          expect_admissible(*result, options, "seed " + std::to_string(seed));
          EXPECT_EQ(result->status, SolveStatus::optimal) << result->reason;
          EXPECT_NEAR(result->objective.number / want, 1, 1e-10)
              << enum_name(objective) << " seed " << seed << " k " << k << " low " << low;
        }
      }
    }
  }
}

TEST(BruteForce, Turnover_penalty_beats_every_nearby_portfolio) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const ReturnPanel panel = random_panel(6, 200, seed);
    const auto moments = estimate_moments(panel, CovarianceMethod::sample);
    ASSERT_TRUE(moments);
    EnsembleOptions options = options_for(Objective::sharpe);
    options.constraints.turnover_penalty = 0.02;
    options.constraints.current_weights = {0.3, 0.1, 0.0, 0.2, 0.4, 0.0};
    const auto result = optimize_panel(panel, options);
    ASSERT_TRUE(result);
    if (!result->has_weights()) continue;
    EXPECT_LE(result->kkt_residual.number, kKktLimit);
    const auto score = [&](const Vector& w) {
      double net = 0;
      double variance = 0;
      for (std::size_t i = 0; i < 6; ++i) {
        net += w[i] * moments->mean[i] - 0.02 / 252 * std::fabs(w[i] - options.constraints.current_weights[i]);
        for (std::size_t j = 0; j < 6; ++j) variance += w[i] * w[j] * moments->covariance[i * 6 + j];
      }
      return net / std::sqrt(variance);
    };
    const double best = score(result->weights);
    Random random(seed);
    for (int trial = 0; trial < 2000; ++trial) {
      Vector w(result->weights);
      const std::size_t a = random.below(6);
      const std::size_t b = random.below(6);
      const double move = std::min({w[a], 0.5 - w[b], 0.1 * random.uniform() * random.uniform()});
      if (a == b || move <= 0) continue;
      w[a] -= move;
      w[b] += move;
      EXPECT_LE(score(w), best * (1 + 1e-12));
    }
  }
}

}  // namespace
}  // namespace tradewind::ensemble
