// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/registry.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/core.h>

#include "tradewind/base/text.hpp"
#include "tradewind/regimes/builtin_internal.hpp"

namespace tradewind::regimes {
namespace {

Status check_value(const ParameterSpec& spec, double value) {
  if (!std::isfinite(value) || value < spec.minimum || value > spec.maximum) {
    return Error(Errc::invalid_config, fmt::format("{} must be between {} and {}, not {}", spec.name, spec.minimum, spec.maximum, value),
                 spec.name);
  }
  if (spec.integer && value != std::floor(value))
    return Error(Errc::invalid_config, fmt::format("{} must be a whole number, not {}", spec.name, value), spec.name);
  return {};
}

}  // namespace

Result<ParameterValues> resolve(const ClassifierType& type, std::span<const NamedValue> given) {
  std::vector<std::string> names;
  for (const ParameterSpec& spec : type.parameters) names.push_back(spec.name);
  std::vector<std::optional<double>> chosen(names.size());
  for (const NamedValue& value : given) {
    const auto found = std::find(names.begin(), names.end(), value.name);
    if (found == names.end()) {
      return Error(Errc::unknown_name, fmt::format("classifier {} has no parameter '{}'", type.name, printable(value.name)), value.name,
                   suggestion(value.name, names));
    }
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (chosen[index])
      return Error(Errc::invalid_config, fmt::format("{} of classifier {} is given twice", value.name, type.name), value.name);
    const Status valid = check_value(type.parameters[index], value.value);
    if (!valid) return valid.error().with_context(fmt::format("classifier {}", type.name));
    chosen[index] = value.value;
  }
  ParameterValues values;
  for (std::size_t i = 0; i < chosen.size(); ++i) values.push_back(chosen[i].value_or(type.parameters[i].default_value));
  return values;
}

ClassifierRegistry& ClassifierRegistry::instance() {
  static ClassifierRegistry registry = [] {
    ClassifierRegistry built;
    for (ClassifierType type :
         {volatility_terciles_type(), trend_type(), hmm_type(), feature_hmm_type(), jump_type(), change_point_type()}) {
      TRADEWIND_ASSERT(built.add(std::move(type)), "built-in classifiers are valid");
    }
    return built;
  }();
  return registry;
}

Status ClassifierRegistry::add(ClassifierType type) {
  if (!type.labels || !type.make)
    return Error(Errc::invalid_config, fmt::format("classifier '{}' needs labels and a way to make it", type.name));
  return Registry::add(std::move(type));
}

Result<LabelledClassifier> make_classifier(std::string_view type, std::span<const NamedValue> parameters) {
  TRADEWIND_ASSIGN(const ClassifierType* const found, ClassifierRegistry::instance().find(type));
  TRADEWIND_ASSIGN(const ParameterValues values, resolve(*found, parameters));
  return LabelledClassifier{found->make(values), found->labels(values)};
}

}  // namespace tradewind::regimes
