// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/selection.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/metrics/moments.hpp"
#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Metric;
using metrics::Undefined;

/// Strategies that stand in when none qualifies are the best of those that closed this many trades.
constexpr std::int64_t kStandInTrades = 10;
constexpr std::size_t kStandIns = 200;
/// Return series loaded at a time while looking for uncorrelated ones.
constexpr std::size_t kChunk = 32;

/// One criterion: its name, the words for the funnel, and whether a strategy fails it and how.
struct Criterion {
  std::string name;
  std::string reason;
  std::function<std::optional<std::string>(const StudiedStrategy&)> fails;
};

std::string percent(double fraction) { return fmt::format("{:.1f} %", 100 * fraction); }

/// The reason when a metric is undefined or on the wrong side of its bound.
std::optional<std::string> fails_bound(const metrics::PerformanceMetrics& m, Metric metric, double bound, bool at_least, bool as_percent) {
  const std::string_view name = enum_name(metric);
  if (m.why(metric) != Undefined::defined) return fmt::format("{} is undefined ({})", name, enum_name(m.why(metric)));
  const double value = m[metric];
  if (at_least ? value >= bound : value <= bound) return std::nullopt;
  const auto text = [&](double x) { return as_percent ? percent(x) : fmt::format("{:.2f}", x); };
  return fmt::format("{} {} is {} {}", name, text(value), at_least ? "below" : "above", text(bound));
}

/// The criteria that look at one strategy at a time.
class Criteria {
 public:
  Criteria(const Study& study, const SelectionCriteria& criteria) : study_(study), c_(criteria) {}

  Status check_labels() const;
  std::vector<Criterion> list() const;

 private:
  std::optional<std::string> fails_regimes(const StudiedStrategy& s) const;
  template <class Visit>
  void each_regime(const StudiedStrategy& s, const std::string& label, Visit&& visit) const;

  const Study& study_;
  const SelectionCriteria& c_;
};

Status Criteria::check_labels() const {
  std::vector<std::string> known;
  for (const auto& classifier : study_.classifiers)
    for (const auto& label : classifier.metadata.labels)
      if (std::find(known.begin(), known.end(), label) == known.end()) known.push_back(label);
  std::vector<std::pair<std::string, const char*>> asked;
  for (const auto& label : c_.required_regimes) asked.emplace_back(label, "required_regimes");
  for (const auto& [label, minimum] : c_.min_regime_performance) asked.emplace_back(label, "min_regime_performance");
  for (const auto& label : c_.target_regimes) asked.emplace_back(label, "target_regimes");
  for (const auto& [label, key] : asked) {
    if (std::find(known.begin(), known.end(), label) != known.end()) continue;
    return Error(Errc::unknown_name, fmt::format("no classifier of the run has a regime '{}'", printable(label)), key,
                 known.empty() ? "sweep with classifiers to have regimes" : suggestion(label, known));
  }
  return {};
}

/// Calls visit(fit, index of the label) for every classifier of the strategy's symbol that has the label.
template <class Visit>
void Criteria::each_regime(const StudiedStrategy& s, const std::string& label, Visit&& visit) const {
  const auto own = study_.classifiers_of(study_.row_of(s).symbol);
  for (std::size_t i = 0; i < own.size() && i < s.fits.size(); ++i) {
    const auto& labels = study_.classifiers[own[i]].metadata.labels;
    const auto found = std::find(labels.begin(), labels.end(), label);
    if (found != labels.end()) visit(s.fits[i], static_cast<std::size_t>(found - labels.begin()));
  }
}

std::optional<std::string> Criteria::fails_regimes(const StudiedStrategy& s) const {
  for (const auto& label : c_.required_regimes) {
    std::int64_t most = 0;
    each_regime(s, label, [&](const RegimeFit& fit, std::size_t at) { most = std::max(most, fit.bars[at]); });
    if (most < metrics::kMinRegimeBars) return fmt::format("only {} bars in regime {}", most, label);
  }
  for (const auto& [label, minimum] : c_.min_regime_performance) {
    std::optional<std::string> why;
    each_regime(s, label, [&](const RegimeFit& fit, std::size_t at) {
      if (!fit.sharpe_ratio[at].defined())
        why = fmt::format("no Sharpe ratio in regime {}", label);
      else if (fit.sharpe_ratio[at].number < minimum)
        why = fmt::format("Sharpe ratio {:.2f} in regime {} is below {:.2f}", fit.sharpe_ratio[at].number, label, minimum);
    });
    if (why) return why;
  }
  return std::nullopt;
}

/// Whether there are bars to judge a strategy on: its data may end before the held-out part begins.
bool can_be_judged(const StudiedStrategy& s) { return s.holdout.bars > 0; }
/// Whether there are bars to choose it on: its data may begin in the held-out part.
bool can_be_chosen(const StudiedStrategy& s) { return s.selection.bars > 0; }

std::vector<Criterion> Criteria::list() const {
  std::vector<Criterion> list;
  if (!std::all_of(study_.strategies.begin(), study_.strategies.end(), can_be_judged))
    list.push_back({"held-out bars", "data end before the held-out part", [](const StudiedStrategy& s) -> std::optional<std::string> {
                      if (can_be_judged(s)) return std::nullopt;
                      return "its data end before the held-out part, so nothing could be judged";
                    }});
  if (!std::all_of(study_.strategies.begin(), study_.strategies.end(), can_be_chosen))
    list.push_back({"selection bars", "data begin in the held-out part", [](const StudiedStrategy& s) -> std::optional<std::string> {
                      if (can_be_chosen(s)) return std::nullopt;
                      return "its data begin in the held-out part, so there was nothing to choose it on";
                    }});
  list.push_back({"min_trades", fmt::format("fewer than {} closed trades", c_.min_trades),
                  [this](const StudiedStrategy& s) -> std::optional<std::string> {
                    if (s.selection.total_trades >= c_.min_trades) return std::nullopt;
                    return fmt::format("{} closed trades are fewer than {}", s.selection.total_trades, c_.min_trades);
                  }});
  list.push_back({"min_sharpe", fmt::format("net Sharpe ratio below {}", number_text(c_.min_sharpe)),
                  [this](const StudiedStrategy& s) { return fails_bound(s.selection, Metric::sharpe_ratio, c_.min_sharpe, true, false); }});
  list.push_back({"min_win_rate", fmt::format("win rate below {}", percent(c_.min_win_rate)), [this](const StudiedStrategy& s) {
                    return c_.min_win_rate <= 0 ? std::nullopt : fails_bound(s.selection, Metric::win_rate, c_.min_win_rate, true, true);
                  }});
  list.push_back({"max_drawdown", fmt::format("drawdown deeper than {}", percent(c_.max_drawdown)), [this](const StudiedStrategy& s) {
                    return fails_bound(s.selection, Metric::max_drawdown, c_.max_drawdown, false, true);
                  }});
  if (!c_.required_regimes.empty() || !c_.min_regime_performance.empty())
    list.push_back(
        {"regimes", "too few bars or too low a Sharpe ratio in a regime", [this](const StudiedStrategy& s) { return fails_regimes(s); }});
  if (c_.min_dsr > 0)
    list.push_back({"min_dsr", fmt::format("deflated Sharpe ratio below {}", number_text(c_.min_dsr)),
                    [this](const StudiedStrategy& s) -> std::optional<std::string> {
                      if (!s.dsr.defined()) return fmt::format("deflated Sharpe ratio is undefined ({})", enum_name(s.dsr.why));
                      if (s.dsr.number >= c_.min_dsr) return std::nullopt;
                      return fmt::format("deflated Sharpe ratio {:.2f} is below {:.2f}", s.dsr.number, c_.min_dsr);
                    }});
  return list;
}

/// To 9 digits: what differs by less is rounding.
double rank_of(const metrics::Value& value) {
  return value.defined() ? std::round(value.number * 1e9) / 1e9 : -std::numeric_limits<double>::infinity();
}

bool knows_any(const std::vector<std::string>& labels, const std::vector<std::string>& targets) {
  return std::ranges::any_of(targets, [&](const auto& target) { return std::ranges::find(labels, target) != labels.end(); });
}

/// Every candidate traded always and with every classifier of its symbol, best first. A gate must beat no gate: its score leaves out what
/// it was fitted on, so what it wins is not its own choosing. With target regimes only what can be held in those.
std::vector<Combination> combinations_of(const Study& study, const std::vector<std::size_t>& candidates,
                                         const std::vector<std::string>& targets) {
  std::vector<Combination> all;
  for (const std::size_t i : candidates) {
    const StudiedStrategy& s = study.strategies[i];
    const auto own = study.classifiers_of(study.row_of(s).symbol);
    const auto why = s.selection.why(Metric::sharpe_ratio);
    const auto always = why == Undefined::defined ? metrics::Value(s.selection[Metric::sharpe_ratio]) : metrics::Value(why);
    if (targets.empty()) all.push_back({i, std::nullopt, 0, always, false, {}});
    for (std::size_t f = 0; f < s.fits.size(); ++f)
      if (targets.empty() || knows_any(study.classifiers[own[f]].metadata.labels, targets))
        all.push_back({i, own[f], f, s.fits[f].score, false, {}});
  }
  // Scores that differ by rounding are the same: then the plainer way, always, which stands first, is taken.
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return rank_of(a.score) > rank_of(b.score); });
  return all;
}

/// A combination as it is held.
replay::ReplayStrategy held_of(const std::string& run_id, const Study& study, const Combination& combination,
                               const std::vector<std::string>& targets) {
  const StudiedStrategy& s = study.strategies[combination.strategy];
  replay::ReplayStrategy held{run_id, study.row_of(s).strategy_id, 1, {}};
  if (!combination.classifier) return held;
  const workspace::ClassifierMetadata& classifier = study.classifiers[*combination.classifier].metadata;
  held.gate = replay::RegimeGate{classifier.classifier_id, {}};
  for (std::size_t r = 0; r < classifier.labels.size(); ++r)
    if (s.fits[combination.fit].trade_in[r] && (targets.empty() || std::ranges::find(targets, classifier.labels[r]) != targets.end()))
      held.gate->held_in.push_back(classifier.labels[r]);
  return held;
}

/// Takes combinations in order of score unless their strategy is too like one taken before.
class Picker {
 public:
  Picker(RunInput& input, const Study& study, const SelectionCriteria& criteria) : input_(input), study_(study), criteria_(criteria) {}

  Status pick(Selection& selection);
  std::size_t correlated() const { return correlated_; }

 private:
  Result<const std::vector<double>*> returns_of(std::size_t strategy, const std::vector<Combination>& order, std::size_t from);
  std::string too_like(std::span<const double> returns, const std::vector<std::size_t>& taken) const;

  RunInput& input_;
  const Study& study_;
  const SelectionCriteria& criteria_;
  std::map<std::size_t, std::vector<double>> returns_;  ///< of the selection part, by strategy: as its best combination holds it
  std::size_t correlated_ = 0;
};

Result<const std::vector<double>*> Picker::returns_of(std::size_t strategy, const std::vector<Combination>& order, std::size_t from) {
  if (const auto held = returns_.find(strategy); held != returns_.end()) return &held->second;
  std::vector<std::size_t> wanted;
  std::vector<replay::ReplayStrategy> held;
  for (std::size_t i = from; i < order.size() && wanted.size() < kChunk; ++i) {
    if (returns_.contains(order[i].strategy) || std::find(wanted.begin(), wanted.end(), order[i].strategy) != wanted.end()) continue;
    wanted.push_back(order[i].strategy);
    held.push_back(held_of(input_.metadata().run_id, study_, order[i], criteria_.target_regimes));
  }
  TRADEWIND_ASSIGN(replay::ReturnTable table, input_.returns_on_timeline(held));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    table.returns[i].resize(study_.split.rows(table.timestamp));
    returns_[wanted[i]] = std::move(table.returns[i]);
  }
  return &returns_.at(strategy);
}

std::string Picker::too_like(std::span<const double> returns, const std::vector<std::size_t>& taken) const {
  for (const std::size_t other : taken) {
    const double rho = metrics::correlation(returns, returns_.at(other));
    if (rho > criteria_.max_correlation)
      return fmt::format("correlation {:.2f} with {}, which ranks higher", rho, study_.row_of(study_.strategies[other]).strategy_id);
  }
  return {};
}

Status Picker::pick(Selection& selection) {
  std::map<std::size_t, std::string> seen;
  for (std::size_t i = 0; i < selection.combinations.size(); ++i) {
    Combination& combination = selection.combinations[i];
    if (const auto before = seen.find(combination.strategy); before != seen.end()) {
      combination.reason = !before->second.empty()  ? before->second
                           : combination.classifier ? "another way of holding this strategy scores higher"
                                                    : "held by regime it scores higher";
      continue;
    }
    if (selection.selected.size() >= criteria_.max_selections) {
      combination.reason = fmt::format("{} better ones were selected", selection.selected.size());
      continue;
    }
    if (!combination.score.defined()) {
      combination.reason = "has no score";
      continue;
    }
    TRADEWIND_ASSIGN(const std::vector<double>* returns, returns_of(combination.strategy, selection.combinations, i));
    combination.reason = too_like(*returns, selection.selected);
    seen[combination.strategy] = combination.reason;
    if (!combination.reason.empty()) {
      ++correlated_;
      continue;
    }
    combination.selected = true;
    selection.selected.push_back(combination.strategy);
    selection.held.push_back(held_of(input_.metadata().run_id, study_, combination, criteria_.target_regimes));
  }
  return {};
}

/// The best strategies there are when none meets the criteria.
std::vector<std::size_t> stand_ins(const Study& study) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < study.strategies.size(); ++i) {
    const auto& m = study.strategies[i].selection;
    if (can_be_judged(study.strategies[i]) && m.total_trades >= kStandInTrades && m.why(Metric::sharpe_ratio) == Undefined::defined)
      all.push_back(i);
  }
  std::stable_sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
    return study.strategies[a].selection[Metric::sharpe_ratio] > study.strategies[b].selection[Metric::sharpe_ratio];
  });
  all.resize(std::min(all.size(), kStandIns));
  return all;
}

std::optional<std::size_t> classifier_of_ensemble(const Study& study, const Selection& selection) {
  const std::set<std::size_t> selected(selection.selected.begin(), selection.selected.end());
  std::set<std::string> symbols;
  for (const std::size_t i : selected) symbols.insert(study.row_of(study.strategies[i]).symbol);
  if (symbols.size() != 1) return std::nullopt;
  std::map<std::size_t, double> score;
  for (const Combination& combination : selection.combinations)
    if (combination.classifier && selected.contains(combination.strategy) && combination.score.defined())
      score[*combination.classifier] += combination.score.number;
  std::optional<std::size_t> best;
  for (const auto& [classifier, sum] : score)
    if (!best || sum > score.at(*best)) best = classifier;
  return best;
}

}  // namespace

Result<Selection> select_strategies(RunInput& input, const Study& study, const SelectionCriteria& criteria) {
  const Criteria rules(study, criteria);
  TRADEWIND_TRY(rules.check_labels());
  Selection selection;
  selection.reasons.resize(study.strategies.size());
  selection.funnel.push_back({"scanned", study.rows.size(), 0, ""});
  if (study.strategies.size() < study.rows.size())
    selection.funnel.push_back(
        {"signals stored", study.strategies.size(), study.rows.size() - study.strategies.size(), "signals not kept by the sweep"});
  std::vector<std::size_t> left(study.strategies.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  for (const Criterion& criterion : rules.list()) {
    const std::size_t before = left.size();
    std::erase_if(left, [&](std::size_t i) {
      const auto why = criterion.fails(study.strategies[i]);
      if (why) selection.reasons[i] = *why;
      return why.has_value();
    });
    selection.funnel.push_back({criterion.name, left.size(), before - left.size(), criterion.reason});
  }
  selection.qualified = !left.empty();
  const std::size_t candidates = left.size();
  selection.combinations = combinations_of(study, selection.qualified ? left : stand_ins(study), criteria.target_regimes);
  Picker picker(input, study, criteria);
  TRADEWIND_TRY(picker.pick(selection));
  selection.classifier = classifier_of_ensemble(study, selection);
  const std::size_t correlated = selection.qualified ? picker.correlated() : 0;
  const std::size_t selected = selection.qualified ? selection.selected.size() : 0;
  selection.funnel.push_back({"max_correlation", candidates - correlated, correlated,
                              fmt::format("correlated above {} with a better one", number_text(criteria.max_correlation))});
  selection.funnel.push_back(
      {"selected", selected, candidates - correlated - selected, fmt::format("the best {} are enough", criteria.max_selections)});
  return selection;
}

}  // namespace tradewind::analysis
