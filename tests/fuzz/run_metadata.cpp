// SPDX-License-Identifier: Apache-2.0
// The JSON documents of a run that the workspace reads: metadata.json, of classifiers too, and parameters.
#include "fuzz.hpp"
#include "tradewind/workspace/json_internal.hpp"

FUZZ_TARGET(run_metadata) {
  using namespace tradewind;
  using namespace tradewind::fuzz;
  if (const auto run = workspace::parse_run_metadata(input); good(run)) {
    const std::string text = workspace::run_metadata_json(run->metadata, run->checksums);
    require(workspace::is_intact(text), "what is written carries its checksum");
    const auto again = workspace::parse_run_metadata(text);
    require(good(again), "what is written is read", text);
    require(workspace::run_metadata_json(again->metadata, again->checksums) == text, "metadata come back as they were written", text);
  }
  workspace::is_intact(input);
  if (const auto classifier = workspace::parse_classifier(input); good(classifier)) {
    const std::string text = workspace::classifier_json(*classifier);
    const auto again = workspace::parse_classifier(text);
    require(good(again), "what is written is read", text);
    require(workspace::classifier_json(*again) == text, "a classifier comes back as it was written", text);
  }
  if (const auto parameters = workspace::parse_parameters(input); good(parameters)) {
    const std::string text = workspace::parameters_json(*parameters);
    const auto again = workspace::parse_parameters(text);
    require(good(again), "what is written is read", text);
    require(*again == *parameters || text.find("null") != std::string::npos, "parameters come back as they were written", text);
  }
  workspace::RegimeColumn parts;
  workspace::split_regime_column(input, parts);
}
