// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/pattern.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include <fmt/format.h>

#include "tradewind/discovery/input_internal.hpp"
#include "tradewind/discovery/pattern_miner.hpp"

namespace tradewind::discovery {
namespace {

struct Range {
  const char* option;
  double value;
  double low;
  double high;
};

Status check_ranges(std::initializer_list<Range> ranges) {
  for (const Range& range : ranges) {
    if (range.value >= range.low && range.value <= range.high) continue;
    return Error(Errc::usage, fmt::format("{} is {}; it must be in [{}, {}]", range.option, range.value, range.low, range.high),
                 range.option);
  }
  return {};
}

}  // namespace

PatternType classify(std::span<const std::int8_t> sequence, int direction) noexcept {
  const auto last = std::find_if(sequence.rbegin(), sequence.rend(), [](std::int8_t signal) { return signal != 0; });
  if (last == sequence.rend()) return PatternType::breakout;
  if (*last != direction) return PatternType::mean_reversion;
  return sequence.front() == 0 && sequence.back() != 0 ? PatternType::breakout : PatternType::momentum;
}

Status check_returns(std::span<const double> returns) {
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (!std::isfinite(returns[t]))
      return Error(Errc::invalid_data, fmt::format("return is {}", returns[t]), fmt::format("row {}", t),
                   "patterns need a return in every bar");
  }
  return {};
}

Status check_regimes(const Regimes& regimes, std::size_t bars) {
  if (regimes.state.empty() && (regimes.names.empty() || bars == 0)) return {};
  if (regimes.state.size() != bars)
    return Error(Errc::invalid_data, fmt::format("{} regime labels beside {} returns", regimes.state.size(), bars));
  for (std::size_t t = 0; t < bars; ++t) {
    if (regimes.state[t] < -1 || regimes.state[t] >= static_cast<std::int64_t>(regimes.names.size()))
      return Error(Errc::invalid_data, fmt::format("regime {} of {}", regimes.state[t], regimes.names.size()), fmt::format("row {}", t));
  }
  return {};
}

Result<PatternMiner> PatternMiner::make(const MinerOptions& options) {
  TRADEWIND_TRY(check_ranges({
      {"--min-support", options.min_support, 0, 1},
      {"--min-confidence", options.min_confidence, 0, 1},
      {"--max-length", static_cast<double>(options.max_length), 1, 8},
      {"--max-gap", static_cast<double>(options.max_gap), 0, 20},
      {"--window", static_cast<double>(options.window), 2, 100000},
      {"--permutations", static_cast<double>(options.permutations), 19, 100000},
      {"--block", static_cast<double>(options.block), 1, 10000},
      {"--holdout", options.holdout, 0, 0.9},
      {"--embargo", static_cast<double>(options.embargo), -1, 1e9},
      {"--cost", options.cost, 0, 0.999},
      {"--horizon", static_cast<double>(options.horizon), 1, 10000},
  }));
  if (!options.bars && !options.runs) return Error(Errc::usage, "no form to mine", "--form", "choose runs, bars or both");
  return PatternMiner(options);
}

}  // namespace tradewind::discovery
