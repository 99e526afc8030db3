// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "tradewind/base/parallel.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::size_t kMaxClustered = 400;
constexpr double kLeastSilhouette = 0.25;  ///< below it a clustering shows no structure [Kaufman & Rousseeuw 1990]

using Matrix = std::vector<double>;  ///< square, row by row

double product(std::span<const double> x, std::span<const double> y) {
  LaneSum sum;
  std::size_t t = 0;
  for (; t + kLanes <= x.size(); t += kLanes) {
    sum.low += load_pair(x.data() + t) * load_pair(y.data() + t);
    sum.high += load_pair(x.data() + t + 2) * load_pair(y.data() + t + 2);
  }
  double total = sum.total();
  for (; t < x.size(); ++t) total += x[t] * y[t];
  return total;
}

/// √((1 − ρ)/2); a correlation that chance explains (one-sided 5 % over all pairs) counts as 0. Trials without variance correlate with
/// none.
Matrix distances(const std::vector<std::vector<double>>& columns, int threads) {
  const std::size_t count = columns.size();
  const std::size_t bars = columns[0].size();
  const double pairs = 0.5 * static_cast<double>(count) * static_cast<double>(count - 1);
  const double noise =
      normal_quantile(1 - 0.05 / std::max(pairs, 1.0)) / std::sqrt(static_cast<double>(std::max<std::size_t>(bars, 2) - 1));
  Matrix distance(count * count, 0);
  const Status done = parallel_for(count, threads, [&](std::size_t i) -> Status {
    for (std::size_t j = i + 1; j < count; ++j) {
      double rho = product(columns[i], columns[j]);
      if (std::fabs(rho) < noise) rho = 0;
      distance[i * count + j] = distance[j * count + i] = std::sqrt(std::max(0.0, 0.5 * (1 - rho)));
    }
    return {};
  });
  TRADEWIND_ASSERT(done, "products of columns cannot fail");
  return distance;
}

/// Clusters joined step by step; `reach` holds the summed distances from every trial to every cluster, which a merger only adds up.
class Agglomeration {
 public:
  explicit Agglomeration(const Matrix& distance, std::size_t count) : count_(count), reach_(distance), between_(distance) {
    for (std::size_t i = 0; i < count; ++i) {
      of_.push_back(i);
      size_.push_back(1);
      live_.push_back(i);
    }
  }

  /// Joins the two clusters with the least average distance [Sokal & Michener 1958]; ties go to the earliest.
  void merge() {
    std::size_t a = live_[0], b = live_[1];
    double least = INFINITY;
    for (std::size_t x = 0; x < live_.size(); ++x) {
      for (std::size_t y = x + 1; y < live_.size(); ++y) {
        const double mean = between_[live_[x] * count_ + live_[y]] / static_cast<double>(size_[live_[x]] * size_[live_[y]]);
        if (mean < least) least = mean, a = live_[x], b = live_[y];
      }
    }
    for (std::size_t i = 0; i < count_; ++i) {
      reach_[i * count_ + a] += reach_[i * count_ + b];
      if (of_[i] == b) of_[i] = a;
    }
    for (const std::size_t c : live_) {
      between_[a * count_ + c] += between_[b * count_ + c];
      between_[c * count_ + a] = between_[a * count_ + c];
    }
    size_[a] += size_[b];
    std::erase(live_, b);
  }

  /// Mean silhouette [Rousseeuw 1987]: how much nearer each trial is to its own cluster than to the next; alone counts as 0.
  double silhouette() const {
    double sum = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t own = of_[i];
      if (size_[own] == 1) continue;
      const double inside = reach_[i * count_ + own] / static_cast<double>(size_[own] - 1);
      double next = INFINITY;
      for (const std::size_t c : live_) {
        if (c != own) next = std::min(next, reach_[i * count_ + c] / static_cast<double>(size_[c]));
      }
      const double larger = std::max(inside, next);
      if (larger > 0) sum += (next - inside) / larger;
    }
    return sum / static_cast<double>(count_);
  }
  std::size_t clusters() const { return live_.size(); }

 private:
  std::size_t count_;
  Matrix reach_;
  Matrix between_;
  std::vector<std::size_t> of_;  ///< cluster of each trial
  std::vector<std::size_t> size_;
  std::vector<std::size_t> live_;
};

}  // namespace

std::int64_t clustered_trials(Trials trials, int threads) {
  const std::size_t count = std::min(trials.size(), kMaxClustered);
  const auto by_ratio = [&] { return static_cast<std::int64_t>(std::lround(effective_trials(trials, threads))); };
  if (count < 3) return by_ratio();
  std::vector<std::vector<double>> columns;
  for (std::size_t k = 0; k < count; ++k) columns.push_back(standardised(trials[k * trials.size() / count]));
  Agglomeration clusters(distances(columns, threads), count);
  double best = 0;
  std::size_t found = count;
  while (clusters.clusters() > 2) {
    clusters.merge();
    if (const double quality = clusters.silhouette(); quality > best + 1e-12) best = quality, found = clusters.clusters();
  }
  if (best < kLeastSilhouette) return by_ratio();
  return static_cast<std::int64_t>(found);
}

}  // namespace tradewind::metrics
