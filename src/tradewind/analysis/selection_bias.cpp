// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/selection_bias.hpp"

#include <algorithm>
#include <cmath>

namespace tradewind::analysis {
namespace {

using metrics::Undefined;
using metrics::Value;

/// N² / (N + N (N − 1) ρ²) with the mean ρ² that a sample of n with this participation ratio has.
double extrapolated(double effective, double sampled, double all) {
  if (sampled < 2 || all <= sampled) return effective;
  const double mean_square = std::max(0.0, (sampled * sampled / effective - sampled) / (sampled * (sampled - 1)));
  return all * all / (all + all * (all - 1) * mean_square);
}

/// Strategies that never traded have no variance to rank by.
std::vector<std::string> evenly_chosen(const Study& study) {
  const std::size_t fit =
      std::max<std::size_t>(2, kMostReturns / std::max<std::size_t>(1, study.split.selection_bars + study.split.holdout_bars));
  std::vector<std::size_t> traded;
  for (std::size_t i = 0; i < study.strategies.size(); ++i)
    if (study.strategies[i].moments_undefined == Undefined::defined) traded.push_back(i);
  const std::size_t count = std::min({traded.size(), kMostTrials, fit});
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(study.row_of(study.strategies[traded[i * traded.size() / count]]).strategy_id);
  return ids;
}

std::size_t best_of(const Study& study) {
  std::size_t best = study.strategies.size();
  for (std::size_t i = 0; i < study.strategies.size(); ++i) {
    if (study.strategies[i].moments_undefined != Undefined::defined) continue;
    if (best == study.strategies.size() || study.strategies[i].moments.sharpe > study.strategies[best].moments.sharpe) best = i;
  }
  return best;
}

Value deflated(const StudiedStrategy& best, double variance, double trials) {
  const Value benchmark = metrics::expected_maximum_sharpe(variance, trials);
  return benchmark.defined() ? metrics::probabilistic_sharpe(best.moments, benchmark.number) : benchmark;
}

}  // namespace

Result<SelectionBias> measure_selection_bias(RunInput& input, const Study& study, const StudyOptions& options) {
  const std::vector<std::string> ids = evenly_chosen(study);
  if (ids.empty()) return SelectionBias{};
  const auto moved =
      std::ranges::count_if(study.strategies, [](const StudiedStrategy& s) { return s.moments_undefined == Undefined::defined; });
  TRADEWIND_ASSIGN(const replay::ReturnTable table, input.returns_on_timeline(ids));
  std::vector<std::span<const double>> trials;
  for (const auto& returns : table.returns) trials.push_back(std::span(returns).first(study.split.rows(table.timestamp)));
  SelectionBias bias;
  bias.looked_at = ids.size();
  bias.sampled = static_cast<std::size_t>(moved) > ids.size();
  TRADEWIND_ASSIGN(bias.report, metrics::overfit_report(trials, 16, options.threads, options.cancellation));
  metrics::OverfitReport& report = bias.report;
  const auto all = static_cast<double>(study.rows.size());
  report.effective_trials = extrapolated(report.effective_trials, static_cast<double>(ids.size()), all);
  report.trials = static_cast<std::int64_t>(study.rows.size());
  report.expected_max_sharpe = study.expected_max_sharpe;
  report.best = best_of(study);
  if (report.best == study.strategies.size()) return bias;
  const StudiedStrategy& best = study.strategies[report.best];
  report.sharpe_per_period = best.moments.sharpe;
  report.psr = best.psr;
  report.dsr = best.dsr;
  report.dsr_clustered = deflated(best, study.sharpe_variance, static_cast<double>(report.clustered_trials));
  report.min_track_record = metrics::minimum_track_record(best.moments);
  return bias;
}

}  // namespace tradewind::analysis
