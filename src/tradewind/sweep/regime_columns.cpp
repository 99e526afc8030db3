// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/regime_columns_internal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/metrics/moments.hpp"
#include "tradewind/metrics/trade_path.hpp"
#include "tradewind/regimes/consensus.hpp"
#include "tradewind/regimes/statistics.hpp"
#include "tradewind/workspace/consensus.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::sweep {
namespace {

constexpr std::array<std::string_view, 6> kRegimeMetrics = {"bars", "mean", "volatility", "sharpe_ratio", "gross_sharpe", "contribution"};
/// Findings about one classifier's fits that are stored; one that is refitted every day has thousands.
constexpr std::size_t kMostDiagnostics = 100;
/// Classifiers whose fits the user is told of one by one.
constexpr std::size_t kMostNotes = 5;
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Sums over the bars of one regime.
struct Sums {
  double n = 0;
  double net = 0;
  double net_squares = 0;
  double gross = 0;
  double gross_squares = 0;
  double log_growth = 0;
};

void append(const Sums& sums, double ppy, std::vector<double>& values) {
  const auto net = metrics::sample_moments(sums.net, sums.net_squares, sums.n);
  values.push_back(sums.n);
  values.push_back(net.mean);
  values.push_back(net.deviation * std::sqrt(ppy));
  values.push_back(net.sharpe_ratio(ppy));
  values.push_back(metrics::sample_moments(sums.gross, sums.gross_squares, sums.n).sharpe_ratio(ppy));
  values.push_back(std::isfinite(sums.log_growth) ? sums.log_growth : kUndefined);
}

/// Sums per state.
std::vector<Sums> sums_by_state(const metrics::EquityPath& net, const metrics::EquityPath& gross, const ClassifierStates& classifier) {
  std::vector<Sums> sums(classifier.metadata.labels.size());
  const std::size_t bars = net.returns.size();
  for (std::size_t bar = 1; bar < bars; ++bar) {
    const int state = classifier.applied[bar];
    if (state < 0) continue;
    Sums& s = sums[static_cast<std::size_t>(state)];
    const double r = net.returns[bar];
    const double g = gross.returns[bar];
    s.n += 1;
    s.net += r;
    s.net_squares += r * r;
    s.gross += g;
    s.gross_squares += g * g;
    if (r != 0) s.log_growth += std::log1p(r);
  }
  return sums;
}

std::string parameter_text(const std::vector<Axis>& axes, const std::vector<double>& values) {
  std::string text;
  for (std::size_t i = 0; i < axes.size(); ++i) text += fmt::format("{}{}={}", i > 0 ? "," : "", axes[i].name, number_text(values[i]));
  return text;
}

void describe_states(workspace::ClassifierMetadata& metadata, const std::vector<std::int8_t>& state) {
  const auto statistics = regimes::state_statistics(state, metadata.labels.size());
  metadata.total_states = static_cast<std::int64_t>(state.size());
  metadata.state_changes = statistics.changes;
  metadata.compression_ratio =
      static_cast<double>(metadata.total_states) / static_cast<double>(std::max<std::int64_t>(1, statistics.changes));
  for (std::size_t i = 0; i < metadata.labels.size(); ++i) {
    const std::string& label = metadata.labels[i];
    metadata.regime_counts[label] = statistics.counts[i];
    if (statistics.runs[i] > 0) metadata.avg_regime_duration[label] = statistics.average_duration[i];
    for (std::size_t to = 0; to < statistics.transitions[i].size(); ++to)
      metadata.transition_matrix[label][metadata.labels[to]] = statistics.transitions[i][to];
  }
}

/// Stores what was wrong with the fits; gives a note when it makes the labels doubtful.
std::optional<std::string> describe_fits(workspace::ClassifierMetadata& metadata, const regimes::Classifier& classifier) {
  using regimes::FitIssue;
  const auto found = classifier.diagnostics();
  const regimes::FitDiagnostic* first = nullptr;
  std::size_t serious = 0;
  for (const auto& each : found) {
    if (metadata.diagnostics.size() < kMostDiagnostics) metadata.diagnostics.push_back(regimes::describe(each));
    if (each.issue == FitIssue::lost_starts || each.issue == FitIssue::local_optima) continue;
    if (serious++ == 0) first = &each;
  }
  if (found.size() > kMostDiagnostics) metadata.diagnostics.push_back(fmt::format("and {} findings more", found.size() - kMostDiagnostics));
  if (serious == 0) return std::nullopt;
  const std::string more = serious > 1 ? fmt::format(" ({} such findings, all in its metadata.json)", serious) : "";
  return fmt::format("{}: {}{}", metadata.classifier_id, regimes::describe(*first), more);
}

/// The classifiers' posteriors at one bar as a row of the consensus file.
void append_posteriors(const regimes::ConsensusRow& row, const std::vector<ClassifierPlan>& plans,
                       std::vector<std::vector<float>>& columns) {
  std::size_t column = 0;
  for (std::size_t m = 0; m < plans.size(); ++m) {
    const std::vector<double>& posterior = row.posteriors[m];
    for (std::size_t s = 0; s < plans[m].labels.size(); ++s, ++column)
      columns[column].push_back(posterior.empty() ? std::nanf("") : static_cast<float>(posterior[s]));
  }
}

}  // namespace

Result<RegimeColumns> RegimeColumns::make(const SweepConfig& config) {
  RegimeColumns out;
  std::set<std::string> names;
  for (const ClassifierGrid& grid : config.classifiers) {
    for (std::size_t i = 0; i < grid.grid.size(); ++i) {
      ClassifierPlan plan;
      plan.type = grid.type;
      plan.values = grid.grid.values(i);
      const std::string parameters = parameter_text(grid.grid.axes(), plan.values);
      plan.name = fmt::format("{}.{}", grid.type->name, parameters);
      if (!names.insert(plan.name).second)
        return Error(Errc::invalid_config, fmt::format("classifier {} with {} is listed twice", grid.type->name, parameters), "classifiers",
                     "remove one of them");
      for (std::size_t p = 0; p < plan.values.size(); ++p) plan.parameters.push_back({grid.grid.axes()[p].name, plan.values[p]});
      plan.labels = grid.type->labels(plan.values);
      for (const std::string& label : plan.labels)
        for (const std::string_view metric : kRegimeMetrics)
          out.columns_.push_back(fmt::format("regime.{}.{}.{}", plan.name, label, metric));
      out.plans_.push_back(std::move(plan));
    }
  }
  return out;
}

ClassifierStates RegimeColumns::unclassified(const ClassifierPlan& plan, const SymbolData& symbol) const {
  ClassifierStates out;
  out.metadata.classifier_id = fmt::format("{}.{}", workspace::id_of_symbol(symbol.bars.symbol), plan.name);
  out.metadata.classifier_type = plan.type->name;
  out.metadata.symbol = symbol.bars.symbol;
  out.metadata.parameters = plan.parameters;
  out.metadata.labels = plan.labels;
  return out;
}

bool RegimeColumns::has_consensus() const {
  constexpr std::size_t kMostStates = 64;  // a consensus hears no classifier that tells more apart
  return plans_.size() > 1 && std::all_of(plans_.begin(), plans_.end(), [](const ClassifierPlan& plan) {
           return !plan.labels.empty() && plan.labels.size() <= kMostStates;
         });
}

Status RegimeColumns::write(const SymbolData& symbol, ClassifierStates& states, const regimes::Classifier& classifier,
                            workspace::RunWriter& writer) {
  states.applied = metrics::applied_states(states.state);
  describe_states(states.metadata, states.state);
  if (auto note = describe_fits(states.metadata, classifier)) notes_.push_back(std::move(*note));
  std::vector<UnixNanos> change_time;
  std::vector<std::int8_t> change_state;
  std::int8_t held = regimes::kUnknown;
  for (std::size_t bar = 0; bar < states.state.size(); ++bar) {
    if (states.state[bar] == held) continue;
    held = states.state[bar];
    change_time.push_back(symbol.bars.timestamp[bar]);
    change_state.push_back(held);
  }
  return writer.write_classifier(states.metadata, {change_time, change_state});
}

Status RegimeColumns::classify_alone(const SymbolData& symbol, workspace::RunWriter& writer) {
  for (const ClassifierPlan& plan : plans_) {
    ClassifierStates states = unclassified(plan, symbol);
    const auto classifier = plan.type->make(plan.values);
    states.state = regimes::classify(*classifier, symbol.bars);
    TRADEWIND_TRY(write(symbol, states, *classifier, writer));
    classifiers_.push_back(std::move(states));
  }
  return {};
}

/// The consensus feeds its members, so that each sees a bar once.
Status RegimeColumns::classify_together(const SymbolData& symbol, workspace::RunWriter& writer, workspace::ConsensusBuilder& combined) {
  std::vector<regimes::ConsensusMember> members;
  std::vector<ClassifierStates> states;
  std::size_t columns = 0;
  for (const ClassifierPlan& plan : plans_) {
    members.push_back({plan.name, plan.type->make(plan.values), plan.labels.size()});
    states.push_back(unclassified(plan, symbol));
    columns += plan.labels.size();
  }
  TRADEWIND_ASSIGN(regimes::Consensus consensus, regimes::Consensus::make(std::move(members)));
  std::vector<std::int8_t> label;
  std::vector<float> agreement;
  std::vector<std::vector<float>> posteriors(columns);
  for (std::size_t t = 0; t < symbol.bars.size(); ++t) {
    label.push_back(consensus.update(regimes::bar_at(symbol.bars, t)));
    const regimes::ConsensusRow& row = consensus.row();
    agreement.push_back(static_cast<float>(row.agreement));
    for (std::size_t m = 0; m < plans_.size(); ++m) states[m].state.push_back(row.states[m]);
    append_posteriors(row, plans_, posteriors);
  }
  for (std::size_t m = 0; m < plans_.size(); ++m) {
    TRADEWIND_TRY(write(symbol, states[m], consensus.classifier(m), writer));
    classifiers_.push_back(std::move(states[m]));
  }
  workspace::ClassifierMetadata metadata;
  metadata.classifier_id = workspace::consensus_id(symbol.bars.symbol);
  metadata.classifier_type = "consensus";
  metadata.symbol = symbol.bars.symbol;
  metadata.labels = consensus.labels();
  describe_states(metadata, label);
  return combined.append(metadata, {symbol.bars.timestamp, label, agreement, posteriors});
}

Status RegimeColumns::classify(const std::vector<SymbolData>& symbols, workspace::RunWriter& writer) {
  std::optional<workspace::ConsensusBuilder> combined;
  if (has_consensus()) {
    std::vector<std::string> columns;
    for (const ClassifierPlan& plan : plans_)
      for (const std::string& label : plan.labels) columns.push_back(fmt::format("{}.{}", plan.name, label));
    TRADEWIND_ASSIGN(combined, writer.new_consensus(std::move(columns)));
  }
  for (const SymbolData& symbol : symbols)
    TRADEWIND_TRY(combined ? classify_together(symbol, writer, *combined) : classify_alone(symbol, writer));
  if (notes_.size() > kMostNotes) {
    const std::size_t more = notes_.size() - kMostNotes;
    notes_.resize(kMostNotes);
    notes_.push_back(fmt::format("{} further classifiers have doubtful fits; their metadata.json tell of them", more));
  }
  return combined ? writer.add(std::move(*combined)) : Status();
}

void RegimeColumns::append_values(std::size_t symbol, const metrics::TradeTables& tables, std::span<const metrics::PositionChange> changes,
                                  std::vector<double>& values) const {
  if (plans_.empty()) return;
  const metrics::EquityPath net = metrics::equity_path(tables, changes);
  const metrics::EquityPath gross = metrics::equity_path(tables, changes, true);
  for (std::size_t c = 0; c < plans_.size(); ++c)
    for (const Sums& sums : sums_by_state(net, gross, classifiers_[symbol * plans_.size() + c]))
      append(sums, tables.options().periods_per_year, values);
}

}  // namespace tradewind::sweep
