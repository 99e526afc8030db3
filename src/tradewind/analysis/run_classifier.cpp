// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/run_classifier.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/regimes/consensus.hpp"
#include "tradewind/regimes/registry.hpp"

namespace tradewind::analysis {
namespace {

using Described = std::vector<workspace::ClassifierMetadata>;

const workspace::ClassifierMetadata* described(const Described& all, const std::string& id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.classifier_id == id; });
  return found == all.end() ? nullptr : &*found;
}

Error other_labels(const workspace::ClassifierMetadata& stored) {
  return {Errc::invalid_data,
          fmt::format("classifier '{}' tells other regimes apart than when the run was made", stored.classifier_id),
          {},
          "sweep and analyse again"};
}

Result<std::unique_ptr<regimes::Classifier>> make_alone(const workspace::ClassifierMetadata& stored) {
  std::vector<regimes::NamedValue> parameters;
  for (const workspace::Parameter& one : stored.parameters)
    if (const auto value = number_of(one.value)) parameters.push_back({one.name, *value});
  auto made = regimes::make_classifier(stored.classifier_type, parameters);
  if (!made) return made.error().with_context(fmt::format("classifier '{}'", stored.classifier_id));
  if (made->labels != stored.labels) return other_labels(stored);
  return std::move(made->classifier);
}

/// The consensus hears the classifiers in the order of the sweep, which its columns ("trend.window=200.up") have kept: sums in another
/// order differ in their last bits.
Result<std::unique_ptr<regimes::Classifier>> make_consensus(const workspace::Run& run, const workspace::ClassifierMetadata& stored,
                                                            const Described& all) {
  TRADEWIND_ASSIGN(const auto rows, run.load_consensus(stored.symbol));
  std::vector<regimes::ConsensusMember> members;
  for (const std::string& column : rows.columns) {
    const std::string name = column.substr(0, column.rfind('.'));
    if (!members.empty() && members.back().name == name) continue;
    const auto* member = described(all, stored.symbol + "." + name);
    if (member == nullptr)
      return Error(Errc::corrupt,
                   fmt::format("'{}' rests on a classifier '{}' that the run does not have", stored.classifier_id, printable(name)));
    TRADEWIND_ASSIGN(auto made, make_alone(*member));
    members.push_back({name, std::move(made), member->labels.size()});
  }
  TRADEWIND_ASSIGN(auto consensus, regimes::Consensus::make(std::move(members)));
  if (consensus.labels() != stored.labels) return other_labels(stored);
  return std::make_unique<regimes::Consensus>(std::move(consensus));
}

}  // namespace

Result<RunClassifier> classifier_of_run(const workspace::Run& run, const std::string& classifier_id) {
  TRADEWIND_ASSIGN(const Described all, run.classifiers());
  if (const auto* stored = described(all, classifier_id)) {
    TRADEWIND_ASSIGN(auto made, make_alone(*stored));
    return RunClassifier{std::move(made), stored->symbol, stored->labels};
  }
  TRADEWIND_ASSIGN(const Described consensus, run.consensus());
  const auto* stored = described(consensus, classifier_id);
  if (stored == nullptr)
    return Error(Errc::not_found, fmt::format("run '{}' has no classifier '{}'", run.metadata().run_id, printable(classifier_id)));
  TRADEWIND_ASSIGN(auto made, make_consensus(run, *stored, all));
  return RunClassifier{std::move(made), stored->symbol, stored->labels};
}

void append_probabilities(const regimes::Classifier& classifier, regimes::State state, std::size_t regimes, std::vector<double>& row) {
  const auto known = classifier.probabilities();
  if (known.size() == regimes && state != regimes::kUnknown) {
    row.insert(row.end(), known.begin(), known.end());
    return;
  }
  row.insert(row.end(), regimes, 0.0);
  if (state != regimes::kUnknown) row[row.size() - regimes + static_cast<std::size_t>(state)] = 1;
}

Result<replay::ReplayRegimes> regimes_of_run(RunInput& input, const std::string& classifier_id, bool with_probabilities) {
  TRADEWIND_ASSIGN(replay::ReplayRegimes out, input.run().load_states(classifier_id));
  if (!with_probabilities) return out;
  TRADEWIND_ASSIGN(const auto labels, input.labels_of(classifier_id));
  auto made = classifier_of_run(input.run(), classifier_id);
  if (!made && made.error().code() == Errc::unknown_name) {
    out.timestamp = out.states.timestamp;
    const std::vector<int> state(out.states.state.begin(), out.states.state.end());
    out.probabilities = ensemble::one_hot(state, labels.size());
    return out;
  }
  if (!made) return made.error();
  TRADEWIND_ASSIGN(const market::Bars* const bars, input.series(made->symbol));
  out.timestamp = bars->timestamp;
  for (std::size_t t = 0; t < bars->size(); ++t)
    append_probabilities(*made->classifier, made->classifier->update(regimes::bar_at(*bars, t)), labels.size(), out.probabilities);
  return out;
}

std::optional<double> number_of(const workspace::ParameterValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

}  // namespace tradewind::analysis
