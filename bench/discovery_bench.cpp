// SPDX-License-Identifier: Apache-2.0
// The mining rows of the performance table. Prints name,value,unit.
#include <vector>

#include <fmt/format.h>

#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/discovery/matrix_profile.hpp"
#include "tradewind/discovery/pattern_miner.hpp"

namespace {
using namespace tradewind;

/// Signals that stay for ten bars on average, regimes for a hundred.
struct Stream {
  std::vector<std::int8_t> signals;
  std::vector<std::int8_t> states;
  std::vector<double> returns;
};

Stream make_stream(std::size_t bars) {
  Random random(13);
  Stream stream{std::vector<std::int8_t>(bars), std::vector<std::int8_t>(bars), std::vector<double>(bars)};
  int signal = 0;
  int state = 0;
  for (std::size_t t = 0; t < bars; ++t) {
    if (random.below(5) == 0) signal = static_cast<int>(random.below(3)) - 1;
    if (random.below(50) == 0) state = static_cast<int>(random.below(3));
    stream.signals[t] = static_cast<std::int8_t>(signal);
    stream.states[t] = static_cast<std::int8_t>(state);
    stream.returns[t] = 0.006 * (1 + state) * random.normal();
  }
  return stream;
}

int mining(std::size_t bars) {
  const Stream stream = make_stream(bars);
  const std::vector<std::string> names = {"calm", "normal", "wild"};
  const std::vector<discovery::SignalStream> streams = {{"s", stream.signals}};
  for (const bool both : {false, true}) {
    discovery::MinerOptions options;
    options.holdout = 0;
    options.runs = both;
    const auto miner = discovery::PatternMiner::make(options);
    const Stopwatch watch;
    const auto mined = miner->mine_patterns(streams, stream.returns, {stream.states, names});
    if (!mined || mined->tested == 0) return 1;
    fmt::print("mining_{}_{}_500,{:.3f},s\n", both ? "both" : "bars", bars, watch.seconds());
    fmt::print("mining_{}_tested,{},count\n", both ? "both" : "bars", mined->tested);
  }
  return 0;
}

int profile(std::size_t bars) {
  Random random(7);
  std::vector<double> series;
  double level = 0;
  for (std::size_t t = 0; t < bars; ++t) series.push_back(level += random.normal());
  const Stopwatch watch;
  const auto found = discovery::matrix_profile(series, {.window = 50});
  const double seconds = watch.seconds();
  if (!found) return 1;
  const double n = static_cast<double>(bars);
  fmt::print("matrix_profile_{},{:.3f},s\nmatrix_profile_per_pair,{:.3f},ns\n", bars, seconds, seconds * 1e9 / (n * n / 2));
  return 0;
}

}  // namespace

int main() { return mining(1'000'000) + profile(20'000); }
