// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/config/value.hpp"

namespace tradewind::config {

/// Everything found wrong in one document, so that a user mends it in one go.
class Complaints {
 public:
  explicit Complaints(std::string file) : file_(std::move(file)) {}
  void add(int line, std::string_view key, std::string message, std::string hint = {});
  bool empty() const noexcept { return count_ == 0; }
  /// One Errc::invalid_config: the first complaint is message, where and hint; the others follow in the message, each with its line.
  Status status() const;

 private:
  struct One {
    int line;
    std::string key;
    std::string message;
    std::string hint;
  };
  std::string file_;
  std::vector<One> all_;
  std::size_t count_ = 0;
};

/// Reads one map of a document key by key and remembers which keys it was asked for; finish() complains about all others.
/// A missing optional key gives its default, a wrong value a complaint and the default.
class MapReader {
 public:
  /// `path` names the map in messages, e.g. "execution".
  MapReader(const Value& map, std::string path, Complaints& complaints);

  bool has(std::string_view key);
  const Value* value(std::string_view key);
  const Value* require(std::string_view key);

  std::string text(std::string_view key, std::string default_value = {});
  std::string required_text(std::string_view key);
  double number(std::string_view key, double default_value, double minimum, double maximum);
  /// A number without a fraction; the bounds at most 2^53.
  std::int64_t whole_number(std::string_view key, std::int64_t default_value, std::int64_t minimum, std::int64_t maximum);
  bool boolean(std::string_view key, bool default_value);
  /// A fraction (0.001), or basis points with the unit (10bps).
  double rate(std::string_view key, double default_value);
  /// One of `names`; a complaint names the nearest.
  std::string choice(std::string_view key, std::string default_value, std::span<const std::string> names);
  /// The same for an enum with names_of (base/enum_names.hpp).
  template <class Enum>
  Enum choice(std::string_view key, Enum default_value) {
    return *enum_from_name<Enum>(choice(key, std::string(enum_name(default_value)), enum_names<Enum>()));
  }
  std::vector<std::string> text_list(std::string_view key);

  /// Complains about every key nobody asked for, with the nearest known one.
  void finish();
  void complain(std::string_view key, std::string message, std::string hint = {});
  Complaints& complaints() { return complaints_; }
  std::string path_of(std::string_view key) const;
  int line() const { return map_.line; }

 private:
  const Value& map_;
  std::string path_;
  Complaints& complaints_;
  std::vector<std::string> known_;
};

}  // namespace tradewind::config
