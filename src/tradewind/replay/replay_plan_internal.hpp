// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::replay {

/// One series of a replay, cut to its window.
struct PlanSeries {
  std::string symbol;
  std::shared_ptr<const metrics::TradeTables> tables;
  std::vector<std::int32_t> bar_at;  ///< by place in the timeline: the bar there, −1 for none
  std::size_t last = 0;              ///< the last place with a bar
  std::int64_t delay = 1;            ///< bars from signal to fill
};

/// One strategy: its series and its changes of position, by bars of the window. A position held before is a change before bar 0.
struct PlanMember {
  ReplayStrategy strategy;
  std::size_t series = 0;
  std::vector<metrics::PositionChange> changes;
};

/// Everything a replay needs, on one timeline.
struct ReplayPlan {
  std::vector<UnixNanos> timeline;  ///< bars of any series within the window
  std::vector<PlanSeries> series;
  std::vector<PlanMember> members;
  std::vector<std::int8_t> known;  ///< by place: the confirmed regime at the bar's close
  std::int8_t before = -1;         ///< the confirmed regime at the close before the window
  std::int64_t delay = 1;          ///< bars from a regime to the fills it decides: the longest of the series
  std::size_t regimes = 0;
  std::vector<double> probability;  ///< with weights that adapt: of every regime at the close before the window, then by place

  /// The regime that decides the weights at the fills of a place.
  int governing(std::size_t place) const noexcept { return delay == 0 ? known[place] : applying(place); }
  /// The regime known before the bar: the one its return belongs to.
  int applying(std::size_t place) const noexcept { return place == 0 ? before : known[place - 1]; }
  /// Probabilities of the regimes known at the close of a place, or before the fills that its weights are decided for.
  std::span<const double> probabilities(std::size_t place) const noexcept { return row(place + 1); }
  std::span<const double> deciding(std::size_t place) const noexcept { return row(delay == 0 ? place + 1 : place); }
  std::span<const double> row(std::size_t i) const noexcept { return std::span(probability).subspan(i * regimes, regimes); }
};

Result<ReplayPlan> make_plan(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                             std::span<const ReplaySeries> series, const ReplayRegimes& regimes);

/// The plan that buys every series of `plan` at its first fill and keeps it, with equal capital.
ReplayPlan buy_and_hold_plan(const ReplayPlan& plan);

}  // namespace tradewind::replay
