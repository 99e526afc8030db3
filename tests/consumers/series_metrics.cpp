#include <cstdio>

#include <tradewind/metrics/returns.hpp>
#include <tradewind/version.hpp>

int main() {
  const double returns[] = {0.01, -0.02, 0.03, 0.005};
  const auto metrics = tradewind::metrics::calculate_metrics(returns, {.periods_per_year = 252});
  if (!metrics) return std::fprintf(stderr, "%s\n", metrics.error().message().c_str()), 1;
  using enum tradewind::metrics::Metric;
  std::printf("tradewind %s: total return %.8f, Sharpe ratio %.6f, drawdown %.4f\n", TRADEWIND_VERSION, (*metrics)[total_return],
              (*metrics)[sharpe_ratio], (*metrics)[max_drawdown]);
}
