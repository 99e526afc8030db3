// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Metric;
using metrics::Undefined;

/// A Sharpe ratio this bad in one regime, over enough bars, is ruinous there whatever the whole says.
constexpr double kRuinousSharpe = -0.75;
/// Before costs at least this good, after costs a loss.
constexpr double kGrossSharpe = 0.5;
/// A deflated Sharpe ratio below this does not rule luck out.
constexpr double kConvincing = 0.95;
/// Closed trades from which a remark is worth making.
constexpr std::int64_t kFewTrades = 10;
/// How far down the ranking a strategy counts as one of the best.
constexpr std::size_t kBest = 25;

Json finding(const char* kind, std::string text, Json strategies, Json numbers) {
  return {{"kind", kind}, {"text", std::move(text)}, {"strategies", std::move(strategies)}, {"numbers", std::move(numbers)}};
}

/// The regime in which one of the best strategies lost most.
struct Ruin {
  const DescribedStrategy* detail = nullptr;
  const metrics::RegimeSlice* slice = nullptr;
  std::size_t classifier = 0;
};

Ruin deepest_ruin(const Analysis& analysis) {
  Ruin worst;
  for (std::size_t d = 0; d < analysis.details.size() && d < kBest; ++d) {
    const DescribedStrategy& detail = analysis.details[d];
    if (!(analysis.of(detail).selection[Metric::sharpe_ratio] > 0)) break;  // the best first: from here on none is good over all
    const auto own = analysis.study.classifiers_of(analysis.row(detail).symbol);
    for (std::size_t c = 0; c < detail.regimes.size(); ++c)
      for (const auto& slice : detail.regimes[c].slices) {
        if (slice.bars < metrics::kMinRegimeBars || !slice.contribution.defined() || !slice.sharpe_ratio.defined() ||
            slice.sharpe_ratio.number > kRuinousSharpe)
          continue;
        if (worst.slice == nullptr || slice.contribution.number < worst.slice->contribution.number) worst = {&detail, &slice, own[c]};
      }
  }
  return worst;
}

std::optional<Json> ruinous_regime(const Analysis& analysis) {
  const auto [detail, slice, where] = deepest_ruin(analysis);
  if (slice == nullptr) return std::nullopt;
  const double whole = analysis.of(*detail).selection[Metric::sharpe_ratio];
  const std::string& id = analysis.row(*detail).strategy_id;
  const std::string& classifier = analysis.study.classifiers[where].metadata.classifier_id;
  const double change = std::expm1(slice->contribution.number);
  return finding(
      "ruinous_regime",
      fmt::format(
          "{} is among the best over all (Sharpe ratio {:.2f}), yet has {:.2f} in regime '{}' of {}, where it lost {:.0f} % in {} bars", id,
          whole, slice->sharpe_ratio.number, slice->label, classifier, -100 * change, slice->bars),
      {id},
      {{"sharpe_ratio", whole},
       {"regime", slice->label},
       {"classifier_id", classifier},
       {"regime_sharpe", slice->sharpe_ratio.number},
       {"regime_bars", slice->bars},
       {"regime_return", change}});
}

std::optional<Json> dies_of_costs(const Analysis& analysis) {
  const StudiedStrategy* best = nullptr;
  std::size_t dead = 0;
  for (const StudiedStrategy& s : analysis.study.strategies) {
    const auto& m = s.selection;
    if (m.total_trades < kFewTrades || m.why(Metric::gross_sharpe) != Undefined::defined || m.why(Metric::net_sharpe) != Undefined::defined)
      continue;
    if (m[Metric::gross_sharpe] < kGrossSharpe || m[Metric::net_sharpe] >= 0) continue;
    ++dead;
    if (best == nullptr || m[Metric::gross_sharpe] > best->selection[Metric::gross_sharpe]) best = &s;
  }
  if (best == nullptr) return std::nullopt;
  const std::string& id = analysis.study.row_of(*best).strategy_id;
  const auto& m = best->selection;
  return finding(
      "dies_of_costs",
      fmt::format(
          "{} has a Sharpe ratio of {:.2f} before costs and {:.2f} after {} fills ({} strategies earn before costs and lose after them)",
          id, m[Metric::gross_sharpe], m[Metric::net_sharpe], m.total_fills, dead),
      {id},
      {{"gross_sharpe", m[Metric::gross_sharpe]},
       {"net_sharpe", m[Metric::net_sharpe]},
       {"total_fills", m.total_fills},
       {"strategies", dead}});
}

/// The most alike pair, of different symbols or at least types if there is one: neighbours on a grid are alike by construction.
std::optional<Json> redundant_pair(const Analysis& analysis, double threshold) {
  const auto& matrix = analysis.correlation;
  struct Pair {
    std::size_t i, j;
    double rho;
  };
  std::optional<Pair> best;
  std::size_t pairs = 0;
  const auto row = [&](std::size_t i) -> const workspace::SignalMetadata& {
    return analysis.row(analysis.details[analysis.correlated[i]]);
  };
  int most_different = -1;
  for (std::size_t i = 0; i < matrix.count; ++i)
    for (std::size_t j = i + 1; j < matrix.count; ++j) {
      if (!(matrix(i, j) > threshold)) continue;
      ++pairs;
      const int different = row(i).symbol != row(j).symbol ? 2 : row(i).strategy_type != row(j).strategy_type ? 1 : 0;
      if (!best || different > most_different || (different == most_different && matrix(i, j) > best->rho))
        best = {i, j, matrix(i, j)}, most_different = different;
    }
  if (!best) return std::nullopt;
  const auto& names = analysis.correlated_panel.names;
  return finding("redundant_pair",
                 fmt::format("{} and {} are one bet: their returns are correlated {:.2f} ({} pairs of {} looked at are above {:.2f})",
                             names[best->i], names[best->j], best->rho, pairs, matrix.count * (matrix.count - 1) / 2, threshold),
                 {names[best->i], names[best->j]}, {{"correlation", best->rho}, {"pairs", pairs}});
}

/// How much less a strategy showed on the held-out part.
double fall(const StudiedStrategy& s) { return s.selection[Metric::sharpe_ratio] - s.holdout[Metric::sharpe_ratio]; }

/// Convincing as if it had been the only try, not so among all tries, and nothing on the held-out part.
std::optional<Json> unmasked_luck(const Analysis& analysis, double periods_per_year) {
  const StudiedStrategy* lucky = nullptr;
  for (const StudiedStrategy& s : analysis.study.strategies) {
    if (s.selection.total_trades < kFewTrades || !s.dsr.defined() || s.dsr.number >= kConvincing) continue;
    if (!(s.psr.number >= kConvincing) || !(s.holdout[Metric::sharpe_ratio] <= 0)) continue;
    if (lucky == nullptr || fall(s) > fall(*lucky)) lucky = &s;
  }
  if (lucky == nullptr) return std::nullopt;
  const std::string& id = analysis.study.row_of(*lucky).strategy_id;
  const double chance = analysis.study.expected_max_sharpe.number * std::sqrt(periods_per_year);
  const double shown = lucky->selection[Metric::sharpe_ratio];
  const double held_out = lucky->holdout[Metric::sharpe_ratio];
  return finding("unmasked_luck",
                 fmt::format("{} shows a Sharpe ratio of {:.2f}, but the best of {} trials without any skill is expected to show {:.2f}: "
                             "deflated Sharpe ratio {:.2f}; held out it showed {:.2f}",
                             id, shown, analysis.study.rows.size(), chance, lucky->dsr.number, held_out),
                 {id},
                 {{"sharpe_ratio", shown}, {"expected_max_sharpe", chance}, {"dsr", lucky->dsr.number}, {"holdout_sharpe", held_out}});
}

}  // namespace

Json findings_json(const Analysis& analysis, const AnalysisOptions& options, double periods_per_year) {
  Json all = Json::array();
  const auto add = [&](std::optional<Json> one) {
    if (one) all.push_back(std::move(*one));
  };
  add(ruinous_regime(analysis));
  add(dies_of_costs(analysis));
  add(redundant_pair(analysis, options.criteria.max_correlation));
  add(unmasked_luck(analysis, periods_per_year));
  return all;
}

}  // namespace tradewind::analysis
