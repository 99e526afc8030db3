// SPDX-License-Identifier: Apache-2.0
// Seeded streams of signals, regimes and returns, with or without an edge.
#pragma once

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../support/paths.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/discovery/pattern_miner.hpp"

namespace tradewind::discovery {

inline std::filesystem::path oracle_folder() { return test::shared_dir() / "oracles" / "patterns"; }

struct Stream {
  std::vector<std::int8_t> signals;
  std::vector<std::int8_t> states;
  std::vector<double> returns;
  std::vector<std::string> names = {"0", "1", "2"};

  std::vector<SignalStream> streams() const { return {{"s", signals}}; }
  Regimes regimes() const { return {states, names}; }
};

/// Sticky signals, stickier regimes with volatilities of their own, volatility that clusters, no edge whatever; `edge` standard deviations
/// are added after (−1, 1, −1).
inline Stream make_stream(std::size_t bars, std::uint64_t seed, double edge = 0) {
  Random random(seed);
  Stream stream;
  int signal = 0;
  int state = 0;
  double shock = 1;
  for (std::size_t t = 0; t < bars; ++t) {
    if (random.below(3) == 0) signal = static_cast<int>(random.below(3)) - 1;
    if (random.below(50) == 0) state = static_cast<int>(random.below(3));
    shock = std::exp(0.9 * std::log(shock) + 0.2 * random.normal());
    const double deviation = 0.006 * (1 + 2 * state) * shock;
    double mean = 0;
    if (t >= 3 && stream.signals[t - 1] == -1 && stream.signals[t - 2] == 1 && stream.signals[t - 3] == -1) mean = edge * deviation;
    stream.signals.push_back(static_cast<std::int8_t>(signal));
    stream.states.push_back(static_cast<std::int8_t>(state));
    stream.returns.push_back(mean + deviation * random.normal());
  }
  return stream;
}

/// A plain CSV "bar,signal,regime,ret".
inline Stream read_stream(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  Stream stream;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string cell[4];
    for (auto& text : cell) std::getline(cells, text, ',');
    stream.signals.push_back(static_cast<std::int8_t>(std::stoi(cell[1])));
    stream.states.push_back(static_cast<std::int8_t>(std::stoi(cell[2])));
    stream.returns.push_back(std::strtod(cell[3].c_str(), nullptr));
  }
  return stream;
}

inline MinedPatterns mine(const Stream& stream, const MinerOptions& options) {
  return *PatternMiner::make(options)->mine_patterns(stream.streams(), stream.returns, stream.regimes());
}

inline const TradingPattern* find(const MinedPatterns& mined, const std::string& id) {
  for (const auto& pattern : mined.patterns)
    if (pattern.pattern_id == id) return &pattern;
  return nullptr;
}

}  // namespace tradewind::discovery
