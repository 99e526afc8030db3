// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/ensemble/cvar_internal.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

using Vector = std::vector<double>;

/// Gaussian elimination with row pivoting of a row-major m · m system; false when it is singular.
bool eliminate(Vector& a, Vector& b) {
  const std::size_t m = b.size();
  for (std::size_t k = 0; k < m; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < m; ++i) {
      if (std::fabs(a[i * m + k]) > std::fabs(a[pivot * m + k])) pivot = i;
    }
    if (std::fabs(a[pivot * m + k]) < 1e-14) return false;
    if (pivot != k) {
      std::swap_ranges(a.begin() + static_cast<std::ptrdiff_t>(k * m), a.begin() + static_cast<std::ptrdiff_t>((k + 1) * m),
                       a.begin() + static_cast<std::ptrdiff_t>(pivot * m));
      std::swap(b[k], b[pivot]);
    }
    for (std::size_t i = k + 1; i < m; ++i) {
      const double factor = a[i * m + k] / a[k * m + k];
      if (factor == 0) continue;
      axpy(-factor, a.data() + k * m + k, a.data() + i * m + k, m - k);
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = m; k-- > 0;) b[k] = (b[k] - dot(a.data() + k * m + k + 1, b.data() + k + 1, m - k - 1)) / a[k * m + k];
  return true;
}

/// Σ over bars or columns of what is already decided.
double decided_path(const ReturnPanel& panel, const TailVertex& vertex, std::size_t t) {
  double sum = 0;
  for (std::size_t j = 0; j < panel.columns(); ++j) sum += vertex.weights[j] * panel.column(j)[t];
  return sum;
}

}  // namespace

double tail_bound(const ReturnPanel& panel, const BoxProblem& box, Vector probabilities, double tail) {
  double sum = 0;
  for (double& value : probabilities) sum += value = std::clamp(value, 0.0, 1 / tail);
  if (sum < 1) {
    const double room = static_cast<double>(probabilities.size()) / tail - sum;
    for (double& value : probabilities) value += (1 / tail - value) * (1 - sum) / room;
  } else {
    for (double& value : probabilities) value /= sum;
  }
  Vector gain(panel.columns());
  for (std::size_t j = 0; j < gain.size(); ++j) gain[j] = dot(panel.column(j).data(), probabilities.data(), panel.rows);
  const Vector vertex = best_vertex(box, gain, 0);
  return -dot(gain.data(), vertex.data(), gain.size());
}

bool solve_vertex(const ReturnPanel& panel, TailVertex& vertex) {
  const std::size_t m = vertex.inside.size();
  if (m == 0 || m != vertex.edge.size()) return false;
  for (const std::size_t j : vertex.inside) vertex.weights[j] = 0;
  for (const std::size_t t : vertex.edge) vertex.probabilities[t] = 0;
  double scale = 0;
  for (const std::size_t j : vertex.inside) {
    for (const std::size_t t : vertex.edge) scale = std::max(scale, std::fabs(panel.column(j)[t]));
  }
  if (!(scale > 0)) return false;
  // Weights: every edge bar has the same return −α. Probabilities: every inside column has the same expected return λ.
  Vector primal((m + 1) * (m + 1), 0.0);
  Vector dual((m + 1) * (m + 1), 0.0);
  Vector weights(m + 1);
  Vector probabilities(m + 1);
  for (std::size_t a = 0; a < m; ++a) {
    for (std::size_t b = 0; b < m; ++b) {
      primal[a * (m + 1) + b] = panel.column(vertex.inside[b])[vertex.edge[a]] / scale;
      dual[a * (m + 1) + b] = panel.column(vertex.inside[a])[vertex.edge[b]] / scale;
    }
    primal[a * (m + 1) + m] = dual[a * (m + 1) + m] = 1;
    primal[m * (m + 1) + a] = dual[m * (m + 1) + a] = 1;
    weights[a] = -decided_path(panel, vertex, vertex.edge[a]) / scale;
    probabilities[a] = -dot(panel.column(vertex.inside[a]).data(), vertex.probabilities.data(), panel.rows) / scale;
  }
  weights[m] = 1;
  for (const double weight : vertex.weights) weights[m] -= weight;
  probabilities[m] = 1;
  for (const double p : vertex.probabilities) probabilities[m] -= p;
  if (!eliminate(primal, weights) || !eliminate(dual, probabilities)) return false;
  for (std::size_t a = 0; a < m; ++a) {
    vertex.weights[vertex.inside[a]] = weights[a];
    vertex.probabilities[vertex.edge[a]] = probabilities[a];
  }
  return true;
}

}  // namespace tradewind::ensemble
