// SPDX-License-Identifier: Apache-2.0
// A strategy of your own is one class and one registration line. This program sweeps it beside a built-in one
// and prints the best of both:
//
//   build/release/bin/custom_strategy prices.csv
#include <cstdio>

#include "tradewind/sweep/run_sweep.hpp"
#include "tradewind/workspace/scan.hpp"

namespace {

using namespace tradewind;

/// Buys after `streak` falling closes in a row and sells after `hold` bars.
class DipBuyer final : public strategies::BarStrategy {
 public:
  DipBuyer(int streak, int hold) : streak_(streak), hold_(hold) {}

  strategies::Signal on_bar(const strategies::BarWindow& bars) override {
    falling_ = bars.size() > 1 && bars.close() < bars.close(1) ? falling_ + 1 : 0;
    if (left_ > 0) --left_;
    if (left_ == 0 && falling_ >= streak_) left_ = hold_;
    return {.position = left_ > 0 ? 1 : 0, .confidence = 1};
  }

 private:
  int streak_;
  int hold_;
  int falling_ = 0;
  int left_ = 0;
};

Status register_dip_buyer() {
  return strategies::StrategyRegistry::instance().add(
      {.name = "dip_buyer",
       .summary = "Buys after falling closes in a row",
       .formula = "long for hold bars after streak closes, each below the one before",
       .source = "an example",
       .parameters = {{"streak", "falling closes in a row", 3, 1, 20}, {"hold", "bars to hold", 5, 1, 250}},
       .constraint = "",
       .rule = {},
       .bar = [](const auto& p, auto) { return std::make_unique<DipBuyer>(static_cast<int>(p[0]), static_cast<int>(p[1])); }});
}

Result<int> run(const char* prices) {
  TRADEWIND_TRY(register_dip_buyer());
  const std::string yaml = std::string("data: [{symbol: MINE, path: ") + std::filesystem::absolute(prices).string() + R"(}]
strategies:
  - {type: dip_buyer, streak: [2, 3, 4], hold: [1, 5, 10]}
  - {type: sma_cross, fast: [10, 20], slow: [50, 100]}
)";
  TRADEWIND_ASSIGN(const config::Value document, config::parse_config(yaml, "example"));
  TRADEWIND_ASSIGN(const sweep::SweepConfig config, sweep::read_sweep_config(document, ".", "example"));
  sweep::SweepOptions options;
  options.run_id = "custom-strategy";
  options.resume = true;
  TRADEWIND_ASSIGN(const sweep::SweepSummary summary, sweep::run_sweep(config, options));

  workspace::ScanQuery query;
  query.sort = "net_sharpe";
  query.limit = 5;
  query.columns = {"strategy_id", "net_sharpe"};
  const std::vector<std::string> runs = {summary.run_id};
  TRADEWIND_ASSIGN(const workspace::ScanResult best, workspace::scan(options.workspace, runs, query));
  const workspace::ScanColumn& id = best.columns[0];
  const workspace::ScanColumn& sharpe = best.columns[1];
  for (std::size_t row = 0; row < best.rows; ++row)
    std::printf("%-40s net Sharpe %.3f\n", std::string(id.text(row)).c_str(), sharpe.is_null(row) ? 0.0 : sharpe.numbers()[row]);
  return static_cast<int>(best.rows);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: custom_strategy PRICES.csv\n");
    return 2;
  }
  const auto printed = run(argv[1]);
  if (printed) return 0;
  std::fprintf(stderr, "error: %s\n", printed.error().message().c_str());
  return tradewind::exit_code(printed.error().code());
}
