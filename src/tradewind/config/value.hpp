// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind::config {

/// A parsed YAML or JSON document: plain data with the line each value stands on. Scalars keep their text; what type they are is decided
/// by who reads them.
struct Value {
  enum class Kind { null, scalar, list, map };
  struct Entry;
  Kind kind = Kind::null;
  int line = 0;
  std::string text;            ///< scalar
  bool quoted = false;         ///< scalar written in quotes: never a number
  std::vector<Value> items;    ///< list
  std::vector<Entry> entries;  ///< map, in order of the file, keys unique

  const Value* find(std::string_view key) const;
};

/// A type of its own, as a pair of what is not complete yet does not compile everywhere.
struct Value::Entry {
  std::string key;
  Value value;
};

/// Parses YAML 1.2 (and so JSON). Refuses duplicate keys, further documents, documents above 2 MiB, 1,000,000 values or 64 levels, counted
/// after aliases are expanded. Errors: Errc::invalid_config with file and line, Errc::too_large.
Result<Value> parse_config(std::string_view text, const std::string& name);
Result<Value> load_config(const Path& path);

/// The value as compact JSON text with keys in order of the file; numbers and booleans unquoted.
std::string to_json(const Value& value);

}  // namespace tradewind::config
