// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/figures/figure.hpp"

namespace tradewind::figures {

/// A place in a JSON document that may or may not be there. Whatever is absent, null or of another type reads as empty, so that a section
/// which had not enough data needs no special case. Refers to the document; cheap to copy.
class View {
 public:
  View() = default;
  explicit View(const Json& json) : json_(&json) {}

  View operator[](std::string_view key) const;
  View operator[](std::size_t index) const;
  /// Not there, null, or an empty list, object or text.
  bool empty() const;
  bool is_null() const { return json_ == nullptr || json_->is_null(); }
  bool is_object() const { return json_ != nullptr && json_->is_object(); }
  double number() const;  ///< kMissing when it is none
  std::int64_t integer(std::int64_t otherwise = 0) const;
  std::string text() const;  ///< empty when it is none
  bool flag(bool otherwise = false) const;
  std::vector<View> list() const;                             ///< of a list
  std::vector<std::pair<std::string, View>> members() const;  ///< of an object, in document order
  std::vector<double> numbers() const;
  std::vector<std::string> texts() const;
  /// Text, or the JSON of anything else; empty for null.
  std::string shown() const;
  const Json* json() const { return json_; }

 private:
  const Json* json_ = nullptr;
};

}  // namespace tradewind::figures
