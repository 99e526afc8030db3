// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/regimes/classifier.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::analysis {

/// A classifier of a run as it was before the run's first bar.
struct RunClassifier {
  std::unique_ptr<regimes::Classifier> classifier;
  std::string symbol;               ///< whose bars it was told
  std::vector<std::string> labels;  ///< of its states
};
/// Makes one of the run's classifiers, or a symbol's consensus of them, anew: told the run's bars it says what the run has stored.
/// Errors: Errc::not_found for one that the run does not have; Errc::unknown_name for a type this program does not know (of an import,
/// say); Errc::invalid_data for one that now tells other regimes apart.
Result<RunClassifier> classifier_of_run(const workspace::Run& run, const std::string& classifier_id);

/// What a classifier says of its regimes after a bar: its probabilities, or all of it on the state where it gives none; nothing while it
/// does not know.
void append_probabilities(const regimes::Classifier& classifier, regimes::State state, std::size_t regimes, std::vector<double>& row);

/// What a replay is told of the regimes of one of the run's classifiers: its stored states; `with_probabilities` also how likely each
/// regime was at the close of every bar of its symbol, by the classifier made anew, or by the stored states of one that this program cannot
/// make. Errors: as classifier_of_run, RunInput::series, Run::load_states.
Result<replay::ReplayRegimes> regimes_of_run(RunInput& input, const std::string& classifier_id, bool with_probabilities);

/// A stored parameter as a number; none for a text.
std::optional<double> number_of(const workspace::ParameterValue& value);

}  // namespace tradewind::analysis
