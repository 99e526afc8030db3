// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/registry.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/regimes/classifier.hpp"

namespace tradewind::regimes {

/// A parameter as a user wrote it.
struct NamedValue {
  std::string name;
  double value = 0;
};

/// A classifier type: its name, parameters and labels, and how to make one of given values.
struct ClassifierType {
  std::string name;
  std::string summary;
  std::string formula;
  std::string source;  ///< where the idea is published
  std::vector<ParameterSpec> parameters;
  std::function<std::vector<std::string>(const ParameterValues&)> labels;  ///< label of state i
  std::function<std::unique_ptr<Classifier>(const ParameterValues&)> make;
};

/// Fills in defaults. Errors: `unknown_name` with the nearest parameter; `invalid_config` for a value given twice, outside its range,
/// or not whole where it must be.
Result<ParameterValues> resolve(const ClassifierType& type, std::span<const NamedValue> given);

/// The known types, built-in ones first.
class ClassifierRegistry : public Registry<ClassifierType> {
 public:
  ClassifierRegistry() : Registry("classifier") {}
  /// The process's registry, filled with the built-in types.
  static ClassifierRegistry& instance();
  /// Errors: as Registry::add; `invalid_config` for a type without labels or make.
  Status add(ClassifierType type);
};

/// A classifier with its labels, ready for its first bar.
struct LabelledClassifier {
  std::unique_ptr<Classifier> classifier;
  std::vector<std::string> labels;
};
/// find, resolve and make in one. Errors as theirs.
Result<LabelledClassifier> make_classifier(std::string_view type, std::span<const NamedValue> parameters = {});

}  // namespace tradewind::regimes
