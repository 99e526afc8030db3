// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tradewind/replay/replay_internal.hpp"
#include "tradewind/replay/replay_plan_internal.hpp"
#include "tradewind/replay/window.hpp"

namespace tradewind::replay {
namespace {

using metrics::PositionChange;
using metrics::TradeTables;

/// The first bar at or after a time.
std::int32_t bar_from(const market::Bars& bars, UnixNanos time) {
  return static_cast<std::int32_t>(std::lower_bound(bars.timestamp.begin(), bars.timestamp.end(), time) - bars.timestamp.begin());
}

/// Bars from a signal to its fill.
std::int32_t delay_of(const ReplaySeries& series, const SignalReplayConfig& config) {
  return fill_delay(series.execution(config.execution).fill);
}

/// Whether two series of one symbol, read for two runs perhaps, are the same.
bool same_series(const market::Bars& a, const market::Bars& b) {
  return &a == &b || (a.timestamp == b.timestamp && a.open == b.open && a.close == b.close);
}

Status check_regimes(const workspace::States& regimes, std::size_t labels) {
  if (regimes.timestamp.size() != regimes.state.size())
    return Error(Errc::invalid_data, "times and states of the regimes differ in number");
  for (std::size_t i = 0; i < regimes.state.size(); ++i) {
    if (regimes.state[i] < -1 || regimes.state[i] >= static_cast<int>(labels))
      return Error(Errc::invalid_data, fmt::format("regime {} has no weights, there are {} regimes", regimes.state[i], labels),
                   fmt::format("row {}", i));
    if (i > 0 && regimes.timestamp[i] <= regimes.timestamp[i - 1])
      return Error(Errc::invalid_data, "the times of the regimes do not ascend", fmt::format("row {}", i));
  }
  return {};
}

/// The regime at the close of every bar of the timeline once it has held for `confirm` bars; until then the one before.
std::vector<std::int8_t> confirmed(const std::vector<UnixNanos>& timeline, const workspace::States& regimes, int confirm) {
  std::vector<std::int8_t> result;
  result.reserve(timeline.size());
  std::size_t next = 0;
  std::int8_t state = -1;
  std::int8_t in_force = -1;
  int held = 0;
  for (const UnixNanos time : timeline) {
    std::int8_t now = state;
    for (; next < regimes.timestamp.size() && regimes.timestamp[next] <= time; ++next) now = regimes.state[next];
    held = now == state ? held + 1 : 1;
    state = now;
    if (held >= confirm) in_force = state;
    result.push_back(in_force);
  }
  return result;
}

Status check_probabilities(const SignalReplayConfig& config, const ReplayRegimes& regimes) {
  if (regimes.timestamp.empty()) return Error(Errc::invalid_data, "weights that adapt need the probabilities of the regimes");
  if (!std::ranges::is_sorted(regimes.timestamp, std::less_equal<>()))
    return Error(Errc::invalid_data, "the times of the probabilities do not ascend");
  return ensemble::check({regimes.probabilities, config.regimes}, regimes.timestamp.size());
}

}  // namespace

std::vector<double> ReplayRegimes::on(std::span<const UnixNanos> times, std::size_t regimes) const {
  std::vector<double> rows(times.size() * regimes, 0.0);
  std::size_t next = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (next < timestamp.size() && timestamp[next] <= times[i]) ++next;
    if (next == 0) continue;
    std::copy_n(probabilities.begin() + static_cast<std::ptrdiff_t>((next - 1) * regimes), regimes,
                rows.begin() + static_cast<std::ptrdiff_t>(i * regimes));
  }
  return rows;
}

Result<ReplayPlan> make_plan(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                             std::span<const ReplaySeries> series, const ReplayRegimes& regimes) {
  TRADEWIND_TRY(check_regimes(regimes.states, config.regimes.size()));
  if (config.adaptive) TRADEWIND_TRY(check_probabilities(config, regimes));
  ReplayPlan plan;
  plan.delay = 0;
  for (const ReplaySeries& one : series)
    if (delay_of(one, config) > 0) plan.delay = 1;
  const std::vector<UnixNanos> all = union_of(series);
  const std::vector<std::int8_t> known = confirmed(all, regimes.states, config.confirm_bars);
  const auto from = std::lower_bound(all.begin(), all.end(), config.from) - all.begin();
  const auto to = std::lower_bound(all.begin(), all.end(), config.to) - all.begin();
  plan.timeline.assign(all.begin() + from, all.begin() + to);
  plan.known.assign(known.begin() + from, known.begin() + to);
  if (from > 0) plan.before = known[static_cast<std::size_t>(from - 1)];
  if (config.adaptive) {
    plan.regimes = config.regimes.size();
    if (from == 0) plan.probability.assign(plan.regimes, 0.0);
    const auto rows = regimes.on(std::span(all).subspan(0, static_cast<std::size_t>(to)), plan.regimes);
    plan.probability.insert(plan.probability.end(),
                            rows.begin() + std::max<std::ptrdiff_t>(0, from - 1) * static_cast<std::ptrdiff_t>(plan.regimes), rows.end());
  }

  std::map<std::string, std::pair<const market::Bars*, std::size_t>> places;  // by symbol
  for (std::size_t m = 0; m < config.strategies.size(); ++m) {
    const market::Bars& bars = *series[m].bars;
    const std::int32_t first = bar_from(bars, config.from);
    const std::int32_t last = bar_from(bars, config.to);
    const auto [place, fresh] = places.try_emplace(bars.symbol, &bars, plan.series.size());
    if (!fresh && !same_series(*place->second.first, bars))
      return Error(Errc::invalid_data, fmt::format("{} has two different price series", bars.symbol), config.strategies[m].strategy_id,
                   "replay strategies that were made on the same data");
    if (fresh) {
      if (first >= last)
        return Error(Errc::usage, fmt::format("{} has no bar in the window of the replay", bars.symbol), {},
                     "choose a window within the data");
      TRADEWIND_ASSIGN(const TradeTables tables, TradeTables::make(bars.open, bars.close, series[m].execution(config.execution)));
      PlanSeries one{bars.symbol, std::make_shared<const TradeTables>(tables.cut(first, last)),
                     std::vector<std::int32_t>(plan.timeline.size(), -1), 0, delay_of(series[m], config)};
      auto at = plan.timeline.begin();
      for (std::int32_t bar = first; bar < last; ++bar) {
        at = std::lower_bound(at, plan.timeline.end(), bars.timestamp[static_cast<std::size_t>(bar)]);
        one.last = static_cast<std::size_t>(at - plan.timeline.begin());
        one.bar_at[one.last] = bar - first;
      }
      plan.series.push_back(std::move(one));
    }
    TRADEWIND_ASSIGN(const auto changes, changes_of(signals[m], bars, config.strategies[m].strategy_id));
    plan.members.push_back({config.strategies[m], place->second.second,
                            changes_within(changes, first, last, static_cast<std::int32_t>(plan.series[place->second.second].delay))});
  }
  return plan;
}

ReplayPlan buy_and_hold_plan(const ReplayPlan& plan) {
  ReplayPlan held = plan;
  held.members.clear();
  const double share = 1 / static_cast<double>(plan.series.size());
  for (std::size_t s = 0; s < plan.series.size(); ++s)
    held.members.push_back({{"", plan.series[s].symbol, share}, s, {{static_cast<std::int32_t>(-plan.series[s].delay), 1}}});
  std::fill(held.known.begin(), held.known.end(), std::int8_t{-1});
  held.before = -1;
  return held;
}

}  // namespace tradewind::replay
