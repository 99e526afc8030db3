// SPDX-License-Identifier: Apache-2.0
// Small synthetic sweeps for the tests of analyses.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/market/write_bars.hpp"
#include "tradewind/sweep/run_sweep.hpp"

namespace tradewind::analysis {

/// Daily bars that drift up and down in spells of 40 bars, so that trend followers earn and lose. From bar `changed` on the prices
/// come from another stream of random numbers.
inline market::Bars spells(const std::string& symbol, std::uint64_t seed, std::size_t count, std::size_t changed = SIZE_MAX,
                           double drift = 0.004) {
  Random past(seed), future(seed, 99);
  market::Bars bars;
  bars.symbol = symbol;
  double price = 100;
  for (std::size_t i = 0; i < count; ++i) {
    Random& random = i < changed ? past : future;
    const double direction = (i / 40) % 3 == 1 ? -1 : 1;
    const double open = price * std::exp(0.001 * random.normal());
    price = open * std::exp(direction * drift + 0.008 * random.normal());
    bars.timestamp.push_back(static_cast<UnixNanos>(i) * kNanosPerDay);
    bars.open.push_back(open);
    bars.close.push_back(price);
    bars.high.push_back(std::max(open, price) * 1.001);
    bars.low.push_back(std::min(open, price) * 0.999);
  }
  return bars;
}

/// A temporary folder with price files and a workspace "ws".
class Bench : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / fmt::format("tradewind-analysis-{}-{}", ::getpid(), counter()++);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static int& counter() {
    static int count = 0;
    return count;
  }

  Path ws() const { return folder / "ws"; }
  void write(const market::Bars& bars) const { ASSERT_TRUE(market::write_bars(folder / (bars.symbol + ".csv"), bars)); }

  static std::string data_of(const std::vector<std::string>& symbols) {
    std::string data = "data: [";
    for (const auto& symbol : symbols) data += fmt::format("{{symbol: {0}, path: {0}.csv}}, ", symbol);
    return data + "]\nannualization: {periods_per_year: 252}\n";
  }
  /// Sweeps a configuration into the workspace.
  void sweep(const std::string& run_id, const std::string& yaml, const char* keep = "all") const {
    const auto document = config::parse_config(yaml, "test");
    ASSERT_TRUE(document) << document.error().message();
    const auto read = sweep::read_sweep_config(*document, folder, "test");
    ASSERT_TRUE(read) << read.error().message();
    sweep::SweepOptions options;
    options.workspace = ws();
    options.run_id = run_id;
    options.threads = 1;
    options.keep = *sweep::parse_keep_signals(keep);
    const auto done = sweep::run_sweep(*read, options);
    ASSERT_TRUE(done) << done.error().message();
  }
  /// Two symbols, trend followers and mean reverters, two classifiers each: 16 strategies.
  void sweep_standard(const std::string& run_id, std::size_t bars = 700, std::size_t changed = SIZE_MAX) const {
    write(spells("ONE", 1, bars, changed));
    write(spells("TWO", 2, bars, changed));
    sweep(run_id, data_of({"ONE", "TWO"}) + kStrategies + kClassifiers);
  }

  /// The same on one symbol, whose regimes move the weights, too.
  void sweep_one(const std::string& run_id) const {
    write(spells("ONE", 1, 700));
    sweep(run_id, data_of({"ONE"}) + kStrategies + kClassifiers);
  }

  static constexpr const char* kStrategies =
      "execution: {fill: next_open, commission: 5bps, slippage: {model: linear, rate: 2bps}}\n"
      "strategies:\n  - {type: sma_cross, fast: [3, 8], slow: [15, 40]}\n"
      "  - {type: zscore_reversion, direction: long_short, window: [10, 20], entry: [1, 2]}\n";
  static constexpr const char* kClassifiers = "classifiers:\n  - {type: trend, window: 30}\n  - {type: volatility_terciles, window: 20}\n";

  /// Criteria that every strategy that traded meets.
  static SelectionCriteria anything() {
    SelectionCriteria c;
    c.min_sharpe = -1000;
    c.min_win_rate = 0;
    c.max_drawdown = 1;
    c.min_trades = 1;
    return c;
  }
  static AnalysisOptions easy() {
    AnalysisOptions options;
    options.criteria = anything();
    options.criteria.min_sharpe = 0.2;
    return options;
  }
  AnalysisReport analyzed(const std::string& run_id, const AnalysisOptions& options) const {
    auto report = analyze_run(ws(), run_id, options);
    EXPECT_TRUE(report) << report.error().message();
    return report ? std::move(*report) : AnalysisReport{};
  }

  Path folder;
};

}  // namespace tradewind::analysis
