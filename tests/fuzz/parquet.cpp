// SPDX-License-Identifier: Apache-2.0
// Parquet and Feather files: signals and states of a run, a consensus, prices, series and signals of other tools.
#include "fuzz.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/workspace/consensus_internal.hpp"
#include "tradewind/workspace/import_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"

namespace tradewind::fuzz {
namespace {

struct CountingSink final : workspace::SignalRowSink {
  std::int64_t rows = 0;
  Status begin(const Path&) override { return {}; }
  void describe(const std::map<std::string, std::string>&) override {}
  Status row(std::int64_t, const workspace::SignalRow&) override { return ++rows, Status(); }
  Status end() override { return {}; }
};

void read_signals(const Path& path) {
  if (const auto file = workspace::read_signal_file(path); good(file)) {
    const auto& s = file->signals;
    require(good(workspace::check_signals({s.timestamp, s.signal, s.confidence})), "signals that are read are sparse signals");
  }
  auto reader = workspace::SignalReader::open(path);
  if (!good(reader)) return;
  std::vector<std::int32_t> strategies;
  for (int g = 0; g < reader->groups(); ++g) good(reader->read_strategy(g, strategies));
}

void read_states(const Path& path) {
  constexpr std::size_t kLabels = 3;
  if (const auto states = workspace::read_state_file(path, kLabels); good(states))
    for (const std::int8_t state : states->state) require(state >= -1 && state < int{kLabels}, "a state that is read has a label");
  const auto parts = workspace::consensus_parts(scratch());
  if (!good(parts)) return;
  for (const auto& [symbol, place] : *parts) good(workspace::read_consensus(place.first, place.second));
}

}  // namespace

FUZZ_TARGET(parquet) {
  static const bool made = std::filesystem::create_directories(scratch() / workspace::kCombinedFolder);
  static_cast<void>(made);
  const Path path = scratch_file(workspace::consensus_path("w0", true), input);
  read_signals(path);
  read_states(path);
  CountingSink sink;
  good(workspace::read_signal_parquet(path, {}, sink));
  if (!input.starts_with("PAR1") && !input.starts_with("ARROW1")) return;  // by its first bytes the market tells it from CSV
  if (const auto bars = market::read_bars(path); good(bars)) require(bars->accepted || bars->rejected_total > 0, "a refusal has a reason");
  good(market::read_series(path));
}

}  // namespace tradewind::fuzz
