// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tradewind::prediction {

/// One figure of a strategy: a truth value, a whole number, a number or a text.
class Detail {
 public:
  using Value = std::variant<bool, std::int64_t, double, std::string>;
  Detail() = default;
  Detail(bool value) : value_(value) {}  // NOLINT: implicit by design, here and below
  Detail(std::integral auto value) : value_(static_cast<std::int64_t>(value)) {}
  Detail(std::floating_point auto value) : value_(static_cast<double>(value)) {}
  Detail(std::string_view value) : value_(std::string(value)) {}
  Detail(const char* value) : value_(std::string(value)) {}
  const Value& value() const noexcept { return value_; }
  bool operator==(const Detail&) const = default;

 private:
  Value value_;
};

/// Figures by name in the order they were written; a report shows them as an object of JSON. Not JSON itself, whose header would make a
/// strategy's own take three times as long to compile.
class Details {
 public:
  using Named = std::pair<std::string, Detail>;
  /// The figure of this name; false where there was none. Good until the next new name.
  Detail& operator[](std::string_view name) {
    for (Named& one : all_)
      if (one.first == name) return one.second;
    return all_.emplace_back(std::string(name), Detail{}).second;
  }
  bool contains(std::string_view name) const {
    for (const Named& one : all_)
      if (one.first == name) return true;
    return false;
  }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }

 private:
  std::vector<Named> all_;
};

}  // namespace tradewind::prediction
