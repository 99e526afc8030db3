// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "tradewind/ensemble/cvar_internal.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

using Vector = std::vector<double>;

/// min α + Σ u_t / tail subject to s_t = u_t + r_t'w + α ≥ 0, u ≥ 0, lower ≤ w ≤ upper, Σw = 1; multipliers p, q, z, v.
/// p are the probabilities of the worst bars: Σp = 1, 0 ≤ p ≤ 1 / tail.
struct InteriorPoint {
  const ReturnPanel& panel;
  const BoxProblem& box;
  std::size_t rows;
  std::size_t n;
  double tail;
  Vector w, u, s, p, q, z, v;
  double alpha = 0;

  InteriorPoint(const ReturnPanel& panel_, const BoxProblem& box_, double tail_)
      : panel(panel_), box(box_), rows(panel_.rows), n(panel_.columns()), tail(tail_) {}

  double low(std::size_t i) const { return w[i] - box.lower[i]; }
  double high(std::size_t i) const { return box.upper[i] - w[i]; }

  Vector path(const Vector& weights) const {
    Vector out(rows, 0.0);
    for (std::size_t j = 0; j < n; ++j) axpy(weights[j], panel.column(j).data(), out.data(), rows);
    return out;
  }

  /// A point inside all constraints, on both sides of the duality.
  void start() {
    double lower = 0;
    double upper = 0;
    for (std::size_t i = 0; i < n; ++i) {
      lower += box.lower[i];
      upper += box.upper[i];
    }
    const double share = (1 - lower) / (upper - lower);
    w = box.lower;
    for (std::size_t i = 0; i < n; ++i) w[i] += share * (box.upper[i] - box.lower[i]);
    const Vector r = path(w);
    double size = 0;
    for (const double value : r) size += std::fabs(value) / static_cast<double>(rows);
    size = std::max(size, 1e-12);
    u.resize(rows);
    s.resize(rows);
    for (std::size_t t = 0; t < rows; ++t) {
      u[t] = std::max(0.0, -r[t]) + size;
      s[t] = u[t] + r[t];
    }
    p.assign(rows, 1 / static_cast<double>(rows));
    q.assign(rows, 1 / tail - 1 / static_cast<double>(rows));
    z.resize(n);
    v.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double force = dot(panel.column(i).data(), p.data(), rows);
      v[i] = std::max(force, 0.0) + size;
      z[i] = v[i] - force;
    }
  }

  double complementarity() const {
    double sum = dot(s.data(), p.data(), rows) + dot(u.data(), q.data(), rows);
    for (std::size_t i = 0; i < n; ++i) sum += low(i) * z[i] + high(i) * v[i];
    return sum;
  }
};

struct Direction {
  Vector w, u, s, p, q, z, v;
  double alpha = 0;
};

/// The Newton system for one point: a matrix of columns + 1, factorised once and used for predictor and corrector.
class NewtonSystem {
 public:
  explicit NewtonSystem(const InteriorPoint& point) : x_(point), factor_(point.n + 1), weight_(point.rows) {
    const std::size_t n = x_.n;
    Vector scaled((n + 1) * x_.rows);
    for (std::size_t t = 0; t < x_.rows; ++t) {
      const double a = x_.p[t] / x_.s[t];
      const double b = x_.q[t] / x_.u[t];
      weight_[t] = a * b / (a + b);
      scaled[n * x_.rows + t] = std::sqrt(weight_[t]);
    }
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t t = 0; t < x_.rows; ++t) scaled[j * x_.rows + t] = x_.panel.column(j)[t] * scaled[n * x_.rows + t];
    }
    auto matrix = gram(scaled, x_.rows, n + 1, 1, 1);
    regular_ = matrix.has_value();
    for (std::size_t i = 0; i <= n && regular_; ++i) {
      double diagonal = (*matrix)[i * (n + 1) + i];
      if (i < n) diagonal += x_.z[i] / x_.low(i) + x_.v[i] / x_.high(i);
      regular_ = factor_.append({matrix->data() + i * (n + 1), i}, diagonal, 0);
    }
  }
  bool regular() const { return regular_; }

  /// Residuals: what each product s·p, u·q, (w−lower)·z, (upper−w)·v is to change by.
  Direction solve(const Vector& rs, const Vector& ru, const Vector& rl, const Vector& rh) const {
    const std::size_t n = x_.n;
    Vector c(x_.rows);
    Vector h(x_.rows);
    for (std::size_t t = 0; t < x_.rows; ++t) {
      const double a = x_.p[t] / x_.s[t];
      const double b = x_.q[t] / x_.u[t];
      h[t] = rs[t] / x_.s[t] + ru[t] / x_.u[t];
      c[t] = rs[t] / x_.s[t] - a * h[t] / (a + b);
    }
    Vector right(n + 1);
    Vector one(n + 1, 1.0);
    one[n] = 0;
    for (std::size_t i = 0; i < n; ++i)
      right[i] = dot(x_.panel.column(i).data(), c.data(), x_.rows) + rl[i] / x_.low(i) - rh[i] / x_.high(i);
    right[n] = std::accumulate(c.begin(), c.end(), 0.0);
    factor_.solve(right.data());
    factor_.solve(one.data());
    const double sum = std::accumulate(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(n), 0.0);
    const double unit = std::accumulate(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(n), 0.0);
    Direction d;
    d.w.resize(n);
    for (std::size_t i = 0; i < n; ++i) d.w[i] = right[i] - sum / unit * one[i];
    d.alpha = right[n] - sum / unit * one[n];
    complete(d, h, rs, ru, rl, rh);
    return d;
  }

 private:
  void complete(Direction& d, const Vector& h, const Vector& rs, const Vector& ru, const Vector& rl, const Vector& rh) const {
    const Vector moved = x_.path(d.w);
    d.u.resize(x_.rows);
    d.s.resize(x_.rows);
    d.p.resize(x_.rows);
    d.q.resize(x_.rows);
    for (std::size_t t = 0; t < x_.rows; ++t) {
      const double a = x_.p[t] / x_.s[t];
      const double b = x_.q[t] / x_.u[t];
      const double e = moved[t] + d.alpha;
      d.u[t] = (h[t] - a * e) / (a + b);
      d.s[t] = d.u[t] + e;
      d.p[t] = rs[t] / x_.s[t] - a * d.s[t];
      d.q[t] = ru[t] / x_.u[t] - b * d.u[t];
    }
    d.z.resize(x_.n);
    d.v.resize(x_.n);
    for (std::size_t i = 0; i < x_.n; ++i) {
      d.z[i] = (rl[i] - x_.z[i] * d.w[i]) / x_.low(i);
      d.v[i] = (rh[i] + x_.v[i] * d.w[i]) / x_.high(i);
    }
  }

  const InteriorPoint& x_;
  GrowingCholesky factor_;
  Vector weight_;
  bool regular_ = true;
};

void shorten(double& length, double value, double change) {
  if (change < 0) length = std::min(length, -value / change);
}

std::pair<double, double> longest_steps(const InteriorPoint& x, const Direction& d) {
  double primal = 1e30;
  double dual = 1e30;
  for (std::size_t t = 0; t < x.rows; ++t) {
    shorten(primal, x.s[t], d.s[t]);
    shorten(primal, x.u[t], d.u[t]);
    shorten(dual, x.p[t], d.p[t]);
    shorten(dual, x.q[t], d.q[t]);
  }
  for (std::size_t i = 0; i < x.n; ++i) {
    shorten(primal, x.low(i), d.w[i]);
    shorten(primal, x.high(i), -d.w[i]);
    shorten(dual, x.z[i], d.z[i]);
    shorten(dual, x.v[i], d.v[i]);
  }
  return {std::min(primal, 1.0), std::min(dual, 1.0)};
}

void advance(InteriorPoint& x, const Direction& d, double primal, double dual) {
  for (std::size_t t = 0; t < x.rows; ++t) {
    x.s[t] += primal * d.s[t];
    x.u[t] += primal * d.u[t];
    x.p[t] += dual * d.p[t];
    x.q[t] += dual * d.q[t];
  }
  for (std::size_t i = 0; i < x.n; ++i) {
    x.w[i] += primal * d.w[i];
    x.z[i] += dual * d.z[i];
    x.v[i] += dual * d.v[i];
  }
  x.alpha += primal * d.alpha;
}

/// One predictor-corrector step; false when the system is too ill-conditioned to go on.
bool iterate(InteriorPoint& x) {
  const NewtonSystem system(x);
  if (!system.regular()) return false;
  const double pairs = 2.0 * static_cast<double>(x.rows + x.n);
  const double mu = x.complementarity() / pairs;
  Vector rs(x.rows);
  Vector ru(x.rows);
  Vector rl(x.n);
  Vector rh(x.n);
  for (std::size_t t = 0; t < x.rows; ++t) {
    rs[t] = -x.s[t] * x.p[t];
    ru[t] = -x.u[t] * x.q[t];
  }
  for (std::size_t i = 0; i < x.n; ++i) {
    rl[i] = -x.low(i) * x.z[i];
    rh[i] = -x.high(i) * x.v[i];
  }
  const Direction predictor = system.solve(rs, ru, rl, rh);
  const auto [primal, dual] = longest_steps(x, predictor);
  InteriorPoint ahead(x);
  advance(ahead, predictor, primal, dual);
  const double ratio = ahead.complementarity() / pairs / mu;
  const double target = ratio * ratio * ratio * mu;
  for (std::size_t t = 0; t < x.rows; ++t) {
    rs[t] += target - predictor.s[t] * predictor.p[t];
    ru[t] += target - predictor.u[t] * predictor.q[t];
  }
  for (std::size_t i = 0; i < x.n; ++i) {
    rl[i] += target - predictor.w[i] * predictor.z[i];
    rh[i] += target + predictor.w[i] * predictor.v[i];
  }
  const Direction d = system.solve(rs, ru, rl, rh);
  const auto [longest_primal, longest_dual] = longest_steps(x, d);
  const double keep = 1 - std::max(1e-8, std::min(0.005, ratio));
  const auto finite = [](const Vector& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  };
  if (!finite(d.w) || !finite(d.p)) return false;
  advance(x, d, keep * longest_primal, keep * longest_dual);
  return true;
}

/// The vertex of the linear program that the interior point is near: what is small against its multiplier is at its bound.
TailVertex nearest_vertex(const InteriorPoint& x, double size) {
  TailVertex out;
  out.weights = x.box.lower;
  for (std::size_t i = 0; i < x.n; ++i) {
    const bool above = x.low(i) * size > x.z[i];
    const bool below = x.high(i) * size > x.v[i];
    if (above && !below) out.weights[i] = x.box.upper[i];
    if (above && below) out.inside.push_back(i);
  }
  out.probabilities.assign(x.rows, 0.0);
  for (std::size_t t = 0; t < x.rows; ++t) {
    const bool likely = x.p[t] * x.tail > x.s[t] / size;
    const bool unlikely = x.q[t] * x.tail > x.u[t] / size;
    if (likely && !unlikely) out.probabilities[t] = 1 / x.tail;
    if (likely && unlikely) out.edge.push_back(t);
  }
  return out;
}

/// The best weights so far and the best bound below them.
struct Bracket {
  const ReturnPanel& panel;
  const BoxProblem& box;
  double level;
  double tail;
  NonlinearSolution& best;

  void offer(const Vector& weights, const Vector& probabilities) const {
    best.bound = std::max(best.bound, tail_bound(panel, box, probabilities, tail));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] < box.lower[i] || weights[i] > box.upper[i]) return;
    }
    const double loss = tail_loss(panel, weights, level);
    if (loss > best.objective) return;
    best.objective = loss;
    best.weights = weights;
  }
  double gap() const { return std::max(0.0, best.objective - best.bound) / std::max(std::fabs(best.objective), 1e-12); }
};

}  // namespace

double tail_loss(const ReturnPanel& panel, std::span<const double> weights, double level) {
  Vector path(panel.rows, 0.0);
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] != 0) axpy(weights[j], panel.column(j).data(), path.data(), panel.rows);
  }
  std::sort(path.begin(), path.end());
  const double tail = (1 - level) * static_cast<double>(panel.rows);
  double left = tail;
  double sum = 0;
  for (const double value : path) {
    if (left <= 0) break;
    sum -= value * std::min(left, 1.0);
    left -= 1;
  }
  return sum / tail;
}

NonlinearSolution solve_cvar(const ReturnPanel& panel, const BoxProblem& box, double level) {
  NonlinearSolution out;
  const double tail = (1 - level) * static_cast<double>(panel.rows);
  out.weights = best_vertex(box, Vector(panel.columns(), 0.0), 0);
  out.objective = tail_loss(panel, out.weights, level);
  const double slack =
      std::min(1 - std::accumulate(box.lower.begin(), box.lower.end(), 0.0), std::accumulate(box.upper.begin(), box.upper.end(), 0.0) - 1);
  if (slack <= 1e-12) {  // one admissible point only
    out.bound = out.objective;
    return out;
  }
  InteriorPoint x(panel, box, tail);
  x.start();
  double size = 0;
  for (const double value : panel.values) size += std::fabs(value) / static_cast<double>(panel.values.size());
  out.bound = -std::numeric_limits<double>::infinity();
  out.objective = std::numeric_limits<double>::infinity();
  const Bracket bracket{panel, box, level, tail, out};
  for (int round = 0; round < 100 && iterate(x); ++round) {
    bracket.offer(x.w, x.p);
    if (bracket.gap() > 1e-4) continue;
    TailVertex vertex = nearest_vertex(x, size);
    if (solve_vertex(panel, vertex)) bracket.offer(vertex.weights, vertex.probabilities);
    if (bracket.gap() <= 1e-12) break;
  }
  out.residual = bracket.gap();
  return out;
}

}  // namespace tradewind::ensemble
