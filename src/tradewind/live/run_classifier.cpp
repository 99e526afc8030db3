// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/from_run_internal.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/regimes/consensus.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::live {
namespace {

using Described = std::vector<workspace::ClassifierMetadata>;

const workspace::ClassifierMetadata* find(const Described& all, const std::string& id) {
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
    const auto* member = find(all, workspace::id_of_symbol(stored.symbol) + "." + name);
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
  if (const auto* stored = find(all, classifier_id)) {
    TRADEWIND_ASSIGN(auto made, make_alone(*stored));
    return RunClassifier{std::move(made), stored->symbol, stored->labels};
  }
  TRADEWIND_ASSIGN(const Described consensus, run.consensus());
  const auto* stored = find(consensus, classifier_id);
  if (stored == nullptr)
    return Error(Errc::not_found, fmt::format("run '{}' has no classifier '{}'", run.metadata().run_id, printable(classifier_id)));
  TRADEWIND_ASSIGN(auto made, make_consensus(run, *stored, all));
  return RunClassifier{std::move(made), stored->symbol, stored->labels};
}

}  // namespace tradewind::live
