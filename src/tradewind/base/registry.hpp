// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind {

/// One tunable number of a strategy or classifier.
struct ParameterSpec {
  std::string name;
  std::string description;
  double default_value = 0;
  double minimum = 0;
  double maximum = 0;
  bool integer = true;
};

/// Values of a type's parameters, in the order of its ParameterSpecs.
using ParameterValues = std::vector<double>;

/// Types of one kind by their member `name`, built-in ones first. Not thread-safe while types are being added.
template <class Type>
class Registry {
 public:
  /// `kind` is what messages call them, e.g. "strategy type".
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  /// Errors: Errc::invalid_config for a type without a name, Errc::already_exists.
  Status add(Type type) {
    if (type.name.empty()) return Error(Errc::invalid_config, "a " + kind_ + " needs a name");
    if (std::any_of(types_.begin(), types_.end(), [&](const auto& known) { return known->name == type.name; }))
      return Error(Errc::already_exists, kind_ + " '" + type.name + "' is registered twice");
    types_.push_back(std::make_unique<Type>(std::move(type)));
    return {};
  }
  /// Errors: Errc::unknown_name with the nearest name.
  Result<const Type*> find(std::string_view name) const {
    for (const auto& type : types_)
      if (type->name == name) return type.get();
    return Error(Errc::unknown_name, "unknown " + kind_ + " '" + printable(name) + "'", "type", suggestion(name, names()));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& type : types_) all.push_back(type->name);
    return all;
  }
  const std::vector<std::unique_ptr<Type>>& types() const { return types_; }

 private:
  std::string kind_;
  std::vector<std::unique_ptr<Type>> types_;
};

}  // namespace tradewind
