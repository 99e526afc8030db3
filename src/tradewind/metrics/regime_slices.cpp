// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/regime_slices.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tradewind/metrics/drawdown.hpp"
#include "tradewind/metrics/moments.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

/// Bars [begin, end) of one state; −1 is unlabelled.
struct Run {
  int state = -1;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Run> runs_of(const RegimeLabels& labels) {
  std::vector<Run> runs;
  const std::vector<int> states =
      labels.aligned ? std::vector<int>(labels.state.begin(), labels.state.end()) : applied_states(labels.state);
  for (std::size_t t = 0; t < states.size(); ++t) {
    const int state = states[t];
    if (runs.empty() || runs.back().state != state) runs.push_back({state, t, t});
    runs.back().end = t + 1;
  }
  return runs;
}

/// Sums of one regime; index 0 is unlabelled, state s has index s + 1.
struct Tally {
  std::int64_t bars = 0;
  std::int64_t runs = 0;
  CompensatedSum sum, logs, squares, downside;
  std::int64_t below = 0;
  std::int64_t won = 0, lost = 0;  ///< bars
  bool ruin = false;
  double worst_run = 0;
  double mean = 0;
  double decline = 0;  ///< logarithmic loss within the full path's deepest drawdown
  std::vector<BlockMoments> blocks;
};

double run_drawdown(std::span<const double> returns) {
  double equity = 1, high = 1, worst = 0;
  for (const double r : returns) {
    equity *= 1 + r;
    high = std::max(high, equity);
    worst = std::max(worst, 1 - equity / high);
  }
  return worst;
}

void add_levels(std::span<const double> returns, const std::vector<Run>& runs, std::vector<Tally>& tallies) {
  for (const Run& run : runs) {
    Tally& tally = tallies[static_cast<std::size_t>(run.state + 1)];
    ++tally.runs;
    tally.bars += static_cast<std::int64_t>(run.end - run.begin);
    for (std::size_t t = run.begin; t < run.end; ++t) {
      tally.sum.add(returns[t]);
      tally.won += returns[t] > 0 ? 1 : 0;
      tally.lost += returns[t] < 0 ? 1 : 0;
      if (returns[t] == -1) {
        tally.ruin = true;
      } else {
        tally.logs.add(std::log1p(returns[t]));
      }
    }
    tally.worst_run = std::max(tally.worst_run, run_drawdown(returns.subspan(run.begin, run.end - run.begin)));
  }
  for (Tally& tally : tallies) {
    if (tally.bars > 0) tally.mean = tally.sum.value() / static_cast<double>(tally.bars);
  }
}

void add_spreads(std::span<const double> returns, const std::vector<Run>& runs, double target, std::vector<Tally>& tallies) {
  for (const Run& run : runs) {
    Tally& tally = tallies[static_cast<std::size_t>(run.state + 1)];
    BlockMoments block;
    for (std::size_t t = run.begin; t < run.end; ++t) {
      const double gap = returns[t] - tally.mean;
      const double shortfall = returns[t] - target;
      block.count += 1;
      block.sum += gap;
      block.squares += gap * gap;
      if (shortfall < 0) {
        ++tally.below;
        tally.downside.add(shortfall * shortfall);
      }
    }
    tally.squares.add(block.squares);
    tally.blocks.push_back(block);
  }
}

/// Splits the deepest decline of the whole path among the regimes; false when the path never declines.
bool add_declines(std::span<const double> returns, const std::vector<Run>& runs, std::vector<Tally>& tallies) {
  const auto deepest = deepest_drawdown(returns);
  if (!deepest) return false;
  double total = 0;
  int ruined = -2;
  for (const Run& run : runs) {
    for (std::size_t t = std::max(run.begin, deepest->peak); t < std::min(run.end, deepest->trough); ++t) {
      if (returns[t] == -1) {
        ruined = run.state;
        continue;
      }
      tallies[static_cast<std::size_t>(run.state + 1)].decline -= std::log1p(returns[t]);
      total -= std::log1p(returns[t]);
    }
  }
  for (int state = -1; state + 1 < static_cast<int>(tallies.size()); ++state) {
    Tally& tally = tallies[static_cast<std::size_t>(state + 1)];
    tally.decline = ruined != -2 ? (state == ruined ? 1 : 0) : tally.decline / total;  // ruin outweighs every finite loss
  }
  return true;
}

void set_conditional(RegimeSlice& slice, const Tally& tally, const ReturnOptions& options, double target) {
  const double n = static_cast<double>(tally.bars);
  const double root = std::sqrt(options.periods_per_year);
  slice.mean = tally.mean;
  slice.volatility = slice.sharpe_ratio = Undefined::too_few;
  if (tally.bars >= 2) {
    const double deviation = std::sqrt(tally.squares.value() / (n - 1));
    const bool constant = is_zero_variance(deviation, tally.mean);
    slice.volatility = constant ? 0 : deviation * root;
    const double excess = tally.mean - rate_per_bar(options.risk_free, options.periods_per_year);
    slice.sharpe_ratio = constant ? Value(Undefined::zero_variance) : Value(excess / deviation * root);
  }
  const double downside = tally.downside.value();
  slice.sortino_ratio = downside > 0 ? Value((tally.mean - target) / std::sqrt(downside / n) * root) : Value(Undefined::no_downside);
  slice.contribution = tally.ruin ? Value(Undefined::empty) : Value(tally.logs.value());
  if (tally.bars < kMinRegimeBars || tally.runs < kMinRegimeRuns) {
    slice.annualized_return = Undefined::insufficient_bars;
  } else {
    slice.annualized_return = tally.ruin ? -1 : std::expm1(tally.logs.value() * options.periods_per_year / n);
  }
  slice.win_rate = tally.won + tally.lost == 0 ? Value(Undefined::no_decided_bars)
                                               : Value(static_cast<double>(tally.won) / static_cast<double>(tally.won + tally.lost));
  slice.worst_run_drawdown = tally.worst_run;
}

}  // namespace

Result<RegimeReport> regime_slices(std::span<const double> returns, const RegimeLabels& labels, const ReturnOptions& options,
                                   const BootstrapOptions& bootstrap) {
  if (returns.size() != labels.state.size()) {
    return Error(Errc::invalid_data, fmt::format("{} returns stand beside {} regime labels", returns.size(), labels.state.size()));
  }
  for (std::size_t t = 0; t < labels.state.size(); ++t) {
    if (labels.state[t] < -1 || labels.state[t] >= static_cast<int>(labels.names.size())) {
      return Error(Errc::invalid_data,
                   fmt::format("regime of row {} is {}, but there are {} labels", t, labels.state[t], labels.names.size()));
    }
  }
  TRADEWIND_TRY(calculate_metrics(returns, options));
  const double target = rate_per_bar(options.minimum_acceptable_return, options.periods_per_year);
  const auto runs = runs_of(labels);
  std::vector<Tally> tallies(labels.names.size() + 1);
  add_levels(returns, runs, tallies);
  add_spreads(returns, runs, target, tallies);
  const bool declines = add_declines(returns, runs, tallies);

  RegimeReport report;
  report.unlabelled_bars = tallies[0].bars;
  report.unlabelled_contribution = tallies[0].ruin ? Value(Undefined::empty) : Value(tallies[0].logs.value());
  const std::int64_t labelled = static_cast<std::int64_t>(returns.size()) - report.unlabelled_bars;
  for (std::size_t i = 0; i < labels.names.size(); ++i) {
    const Tally& tally = tallies[i + 1];
    RegimeSlice slice;
    slice.label = labels.names[i];
    slice.bars = tally.bars;
    slice.runs = tally.runs;
    if (labelled > 0) slice.occupancy = static_cast<double>(tally.bars) / static_cast<double>(labelled);
    if (tally.bars > 0) {
      set_conditional(slice, tally, options, target);
      slice.drawdown_share = declines ? Value(tally.decline) : Value(Undefined::no_drawdown);
      if (bootstrap.replicates > 0) slice.sharpe_interval = block_sharpe_interval(tally.blocks, tally.mean, options, bootstrap, i);
    }
    report.slices.push_back(std::move(slice));
  }
  return report;
}

}  // namespace tradewind::metrics
