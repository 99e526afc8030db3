// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tradewind/workspace/import.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/scan.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::workspace {

/// A value, or a failed test that says the error.
template <class T>
T need(Result<T> result) {
  if (result) return std::move(*result);
  throw std::runtime_error(std::string(code_name(result.error().code())) + ": " + result.error().message() + " [" + result.error().where() +
                           "]");
}
inline void need(Status status) {
  if (!status)
    throw std::runtime_error(std::string(code_name(status.error().code())) + ": " + status.error().message() + " [" +
                             status.error().where() + "]");
}

/// A result row by row.
inline std::vector<std::vector<Cell>> cells(const ScanResult& result) {
  std::vector<std::vector<Cell>> out(result.rows);
  for (std::size_t row = 0; row < result.rows; ++row)
    for (std::size_t column = 0; column < result.columns.size(); ++column) out[row].push_back(result.cell(row, column));
  return out;
}

class WorkspaceTest : public testing::Test {
 protected:
  void SetUp() override {
    // Memory where there is some: thousands of fsyncs would make the tests wait for the disk.
    const Path base = ::access("/dev/shm", W_OK) == 0 ? Path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string pattern = (base / "tradewind_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  static inline const std::vector<std::string> kMetrics{"sharpe_ratio", "max_drawdown", "win_rate", "net_sharpe",
                                                        "regime.vol.w20.bull.sharpe_ratio"};

  static SignalMetadata metadata(int i) {
    SignalMetadata m;
    m.strategy_id = "SPY.sma_cross.fast=" + std::to_string(i) + ",slow=" + std::to_string(2 * i + 1);
    m.strategy_type = i % 2 == 0 ? "sma_cross" : "rsi_reversion";
    m.symbol = i % 3 == 0 ? "SPY" : "AAPL";
    m.parameters = {{"fast", std::int64_t{i}}, {"rate", 0.1 * i}, {"mode", std::string("a\"b")}, {"on", i % 2 == 0}};
    m.total_signals = 1000;
    m.values = {std::sin(i), 0.01 * (i % 30), 0.4 + 0.01 * (i % 20), std::cos(i), i % 4 == 0 ? std::nan("") : 0.5 * i};
    if (i % 7 == 3) {
      m.values[0] = std::nan("");
      m.undefined = "sharpe_ratio:zero_variance";
    }
    m.total_trades = i;
    m.total_fills = 2 * i;
    m.parameter_hash = 0xF000000000000000ULL + static_cast<std::uint64_t>(i);
    m.data_hash = std::string(64, 'a');
    return m;
  }

  static Signals signals(int i) {
    Signals s;
    for (int k = 0; k < 5 + i % 40; ++k) {
      s.timestamp.push_back(1'600'000'000'000'000'000 + k * (60 + i) * kNanosPerSecond);
      s.signal.push_back(static_cast<std::int8_t>((k + i) % 3 - 1));
      s.confidence.push_back(static_cast<float>((k * 37 + i) % 100) / 100.0F);
    }
    if (i % 11 == 10) s = {};
    return s;
  }

  static void append(SegmentBuilder& segment, int i) {
    auto m = metadata(i);
    const auto s = signals(i);
    m.signal_changes = static_cast<std::int64_t>(s.timestamp.size());
    m.compression_ratio = m.signal_changes > 0 ? 1000.0 / static_cast<double>(m.signal_changes) : 1000.0;
    need(segment.append(i, m, {s.timestamp, s.signal, s.confidence}));
  }

  void fill(RunWriter& writer, int begin, int end, int per_segment = 20) const {
    for (int i = begin; i < end;) {
      auto segment = writer.new_segment();
      for (const int stop = std::min(end, i + per_segment); i < stop; ++i) append(segment, i);
      need(writer.add(std::move(segment)));
      need(writer.commit());
    }
  }

  static ClassifierMetadata classifier() {
    ClassifierMetadata c;
    c.classifier_id = "SPY.volatility_terciles.window=20";
    c.classifier_type = "volatility_terciles";
    c.symbol = "SPY";
    c.parameters = {{"window", std::int64_t{20}}};
    c.labels = {"low", "mid", "high"};
    c.total_states = 100;
    c.state_changes = 3;
    c.regime_counts = {{"low", 50}, {"high", 30}};
    c.avg_regime_duration = {{"low", 25.0}};
    c.transition_matrix = {{"low", {{"low", 0.9}, {"high", 0.1}}}};
    return c;
  }

  void write_run(const std::string& id, Layout layout, int count = 50) const {
    auto writer = need(RunWriter::create(root, id, {"w0", layout, kMetrics}));
    fill(writer, 0, count);
    need(writer.write_classifier(classifier(), {std::vector<UnixNanos>{10, 20, 30}, std::vector<std::int8_t>{0, 2, 1}}));
    RunMetadata m;
    m.created_at = 1'700'000'000 * kNanosPerSecond;
    m.status = "complete";
    m.config = R"({"a":1})";
    need(writer.finish(m));
  }

  std::map<std::string, Signals> all_signals(const std::string& id) const {
    const auto run = need(Run::open(root, id));
    const auto ids = run.strategy_ids();
    auto loaded = need(run.load_signals(ids));
    std::map<std::string, Signals> out;
    for (std::size_t i = 0; i < ids.size(); ++i) out[ids[i]] = std::move(loaded[i]);
    return out;
  }

  static bool same(const Signals& a, const Signals& b) {
    return a.timestamp == b.timestamp && a.signal == b.signal && a.confidence == b.confidence;
  }

  static std::string bytes(const Path& path) { return need(read_file(path)); }
  static void put(const Path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::vector<Path> files(const std::string& id) const {
    std::vector<Path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / id))
      if (entry.is_regular_file()) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }

  Path root;
};

}  // namespace tradewind::workspace
