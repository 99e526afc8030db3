// SPDX-License-Identifier: Apache-2.0
// How long weights take from mean and covariance, and correlations from returns: ensemble_bench [LARGEST]. Prints name,value,unit.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/ensemble/correlation.hpp"
#include "tradewind/ensemble/objectives.hpp"

namespace {

using namespace tradewind;
using namespace tradewind::ensemble;

/// Four factors, an alpha and noise of its own for every strategy: the data of the published comparison.
ReturnPanel panel_of(std::size_t columns, std::size_t rows) {
  Random random(11);
  std::vector<std::vector<double>> factors(4, std::vector<double>(rows));
  for (auto& factor : factors) {
    for (double& value : factor) value = random.normal();
  }
  ReturnPanel panel;
  std::vector<double> column(rows);
  for (std::size_t j = 0; j < columns; ++j) {
    double load[4];
    for (double& l : load) l = 0.003 * random.normal();
    load[0] += 0.003;
    const double alpha = 1e-4 + 3e-4 * random.normal();
    const double noise = 0.004 + 0.011 * random.uniform();
    for (std::size_t t = 0; t < rows; ++t) {
      column[t] = alpha + noise * random.normal() + (factors[0][t] + 2e-4 / 0.006) * load[0];
      for (std::size_t f = 1; f < 4; ++f) column[t] += factors[f][t] * load[f];
    }
    panel.add("s" + std::to_string(j), column);
  }
  return panel;
}

void report(const std::string& name, double milliseconds) { std::printf("%s,%.4f,ms\n", name.c_str(), milliseconds); }

int solve(const std::string& name, const Moments& moments, Objective objective, std::size_t limit) {
  EnsembleOptions options;
  options.objective = objective;
  options.periods_per_year = 252;
  options.constraints.max_strategies = limit;
  double best = 1e9;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Stopwatch watch;
    const auto result = optimize_moments(moments, options);
    best = std::min(best, watch.milliseconds());
    if (!result || !result->has_weights() || !(result->kkt_residual.number <= kKktLimit))
      return std::fprintf(stderr, "%s: no optimum\n", name.c_str()), 1;
    if (repeat == 0)
      std::printf("%s_kkt,%.2e,1\n%s_objective,%.10f,1\n", name.c_str(), result->kkt_residual.number, name.c_str(),
                  result->objective.number);
  }
  report(name, best);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t largest = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5000;
  int failed = 0;
  for (const std::size_t n : {std::size_t{20}, std::size_t{50}, std::size_t{200}, std::size_t{1000}}) {
    if (n > largest) break;
    const auto moments = estimate_moments(panel_of(n, 2520), CovarianceMethod::sample);
    if (!moments) return 1;
    const std::string size = "_n" + std::to_string(n);
    failed += solve("max_sharpe" + size, *moments, Objective::sharpe, 0);
    failed += solve("min_variance" + size, *moments, Objective::min_variance, 0);
    failed += solve("risk_parity" + size, *moments, Objective::risk_parity, 0);
    if (n > 200) continue;
    failed += solve("max_sharpe_k5" + size, *moments, Objective::sharpe, 5);
    failed += solve("min_variance_k5" + size, *moments, Objective::min_variance, 5);
  }
  const ReturnPanel wide = panel_of(std::min<std::size_t>(largest, 5000), 2520);
  for (const int threads : {1, 2}) {
    const Stopwatch watch;
    const auto correlation = correlation_matrix(wide, CorrelationKind::sample, threads);
    if (!correlation) return 1;
    report("correlation_n" + std::to_string(wide.columns()) + "_threads" + std::to_string(threads), watch.milliseconds());
    if (threads == 1) continue;
    const Stopwatch families;
    if (strategy_families(*correlation).count == 0) return 1;
    report("families_n" + std::to_string(wide.columns()), families.milliseconds());
  }
  return failed;
}
