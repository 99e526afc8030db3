// SPDX-License-Identifier: Apache-2.0
// The workspace's budgets: durable packed writing, scanning catalogs, loading signals. Prints name,value,unit.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>

#include <fmt/core.h>

#include "tradewind/base/time.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/scan.hpp"
#include "tradewind/workspace/writer.hpp"

namespace {

using namespace tradewind;
using namespace tradewind::workspace;

const std::vector<std::string> kMetrics{
    "total_return", "annualized_return", "volatility",    "sharpe_ratio",   "sortino_ratio", "max_drawdown", "calmar_ratio",
    "win_rate",     "bar_win_rate",      "profit_factor", "avg_win",        "avg_loss",      "largest_win",  "largest_loss",
    "gross_return", "net_return",        "total_costs",   "cost_per_trade", "gross_sharpe",  "net_sharpe",   "cost_impact"};

template <class T>
T need(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{} ({})\n", result.error().message(), result.error().where());
  std::exit(1);
}
void need(Status status) {
  if (status) return;
  fmt::print(stderr, "{} ({})\n", status.error().message(), status.error().where());
  std::exit(1);
}

SignalMetadata metadata_of(int i, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0, 1);
  SignalMetadata m;
  m.strategy_id = fmt::format("SPY.sma_cross.fast={},slow={}", i / 1000, i % 1000);
  m.strategy_type = "sma_cross";
  m.symbol = "SPY";
  m.parameters = {{"fast", std::int64_t{i / 1000}}, {"slow", std::int64_t{i % 1000}}};
  for (std::size_t v = 0; v < kMetrics.size(); ++v) m.values.push_back(uniform(random));
  m.values[3] = uniform(random) * 4 - 2;
  m.total_signals = 100'000;
  m.parameter_hash = static_cast<std::uint64_t>(i) + 1;
  m.data_hash = std::string(64, 'a');
  return m;
}

Signals signals_of(std::mt19937_64& random) {
  std::uniform_int_distribution<int> rows(200, 2000);
  std::uniform_real_distribution<float> uniform(0, 1);
  Signals s;
  UnixNanos time = 1'600'000'000 * kNanosPerSecond;
  for (int n = rows(random), i = 0; i < n; ++i) {
    time += static_cast<std::int64_t>(1 + random() % 180) * 60 * kNanosPerSecond;
    s.timestamp.push_back(time);
    s.signal.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1));
    s.confidence.push_back(uniform(random));
  }
  return s;
}

void write_signals(const Path& root, int count) {
  std::mt19937_64 random(7);
  std::vector<Signals> all;
  std::vector<SignalMetadata> metadata;
  for (int i = 0; i < count; ++i) {
    all.push_back(signals_of(random));
    metadata.push_back(metadata_of(i, random));
    metadata.back().signal_changes = static_cast<std::int64_t>(all.back().timestamp.size());
  }
  const Stopwatch watch;
  const std::clock_t cpu = std::clock();
  auto writer = need(RunWriter::create(root, "signals", {"w0", Layout::packed, kMetrics}));
  for (int i = 0; i < count;) {
    auto segment = writer.new_segment();
    for (const int end = std::min(count, i + 2048); i < end; ++i) {
      const auto& s = all[static_cast<std::size_t>(i)];
      need(segment.append(i, metadata[static_cast<std::size_t>(i)], {s.timestamp, s.signal, s.confidence}));
    }
    need(writer.add(std::move(segment)));
    need(writer.commit());
  }
  need(writer.finish({}));
  fmt::print("durable_packed_write,{:.0f},strategies/s\n", count / watch.seconds());
  fmt::print("durable_packed_write_processor,{:.1f},us/strategy\n", 1e6 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / count);
}

void write_rows(const Path& root, const std::string& run, int count) {
  std::mt19937_64 random(11);
  const Stopwatch watch;
  auto writer = need(RunWriter::create(root, run, {"w0", Layout::packed, kMetrics}));
  auto segment = writer.new_segment();
  for (int i = 0; i < count; ++i) need(segment.append(i, metadata_of(i, random)));
  need(writer.add(std::move(segment)));
  need(writer.commit());
  fmt::print("write_rows_{},{:.0f},strategies/s\n", count, count / watch.seconds());
}

template <class Body>
double best_of(int times, Body&& body) {
  double best = 1e300;
  for (int i = 0; i < times; ++i) {
    const Stopwatch watch;
    body();
    best = std::min(best, watch.milliseconds());
  }
  return best;
}

void load(const Path& root) {
  const std::vector<std::string> five{"SPY.sma_cross.fast=0,slow=17", "SPY.sma_cross.fast=2,slow=501", "SPY.sma_cross.fast=5,slow=3",
                                      "SPY.sma_cross.fast=7,slow=777", "SPY.sma_cross.fast=9,slow=900"};
  fmt::print("load_5,{:.2f},ms\n", best_of(9, [&] { need(need(Run::open(root, "signals")).load_signals(five)); }));
  std::int64_t rows = 0;
  const auto count = [&](std::string_view, const SignalView& view) -> Status {
    rows += static_cast<std::int64_t>(view.timestamp.size());
    return {};
  };
  fmt::print("load_all_visit,{:.0f},ms\n", best_of(5, [&] {
               rows = 0;
               need(need(Run::open(root, "signals")).visit_signals(count));
             }));
  fmt::print("load_all_owned,{:.0f},ms\n", best_of(3, [&] {
               const auto run = need(Run::open(root, "signals"));
               need(run.load_signals(run.strategy_ids()));
             }));
  fmt::print("load_all_rows,{},rows\n", rows);
}

void scans(const Path& root) {
  ScanQuery query;
  query.where = "win_rate >= 0.55 and max_drawdown <= 0.2";
  for (const int rows : {100'000, 1'000'000}) {
    const std::string run = fmt::format("rows{}", rows);
    write_rows(root, run, rows);
    const std::vector<std::string> runs{run};
    std::size_t matched = 0;
    const double ms = best_of(9, [&] { matched = need(scan(root, runs, query)).matched; });
    fmt::print("scan_{},{:.2f},ms\nscan_{}_matched,{},strategies\n", rows, ms, rows, matched);
    // Every row and column, as an export or a program that goes on with the numbers takes them.
    fmt::print("scan_{}_all_rows,{:.0f},ms\n", rows, best_of(3, [&] { need(scan(root, runs, {.limit = 0})); }));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Path root = argc > 1 ? Path(argv[1]) : std::filesystem::temp_directory_path() / "tradewind_store_bench";
  std::filesystem::remove_all(root);
  write_signals(root, 10'000);
  load(root);
  scans(root);
  std::filesystem::remove_all(root);
}
