// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tradewind/base/result.hpp"
#include "tradewind/regimes/classifier.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::live {

/// A classifier of a run as it was before the run's first bar.
struct RunClassifier {
  std::unique_ptr<regimes::Classifier> classifier;
  std::string symbol;  ///< whose bars it was told
};
/// Makes one of the run's classifiers, or a symbol's consensus of them, anew: told the run's bars it says what the run has stored.
/// Errors: Errc::not_found for one that the run does not have; Errc::unknown_name for a type this program does not know (of an import,
/// say); Errc::invalid_data for one that now tells other regimes apart.
Result<RunClassifier> classifier_of_run(const workspace::Run& run, const std::string& classifier_id);

/// A stored parameter as a number; none for a text.
std::optional<double> number_of(const workspace::ParameterValue& value);

}  // namespace tradewind::live
