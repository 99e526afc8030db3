// SPDX-License-Identifier: Apache-2.0
#include "tradewind/config/value.hpp"

#include <algorithm>
#include <sstream>
#include <unordered_set>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::config {
namespace {

// The parser takes 1.2 s and 80 MB for each MiB.
constexpr std::size_t kMaxBytes = std::size_t{2} << 20;
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxValues = 1'000'000;
constexpr std::size_t kMaxOpenBrackets = 1000;

/// How many [ and { are open at once: a bound on the nesting that costs one pass, where the parser needs seconds for millions. Brackets in
/// texts count too, but no real document comes near the bound.
std::size_t most_open_brackets(std::string_view text) {
  std::size_t open = 0;
  std::size_t most = 0;
  for (const char c : text) {
    if (c == '[' || c == '{')
      most = std::max(most, ++open);
    else if ((c == ']' || c == '}') && open > 0)
      --open;
  }
  return most;
}

/// Copies a YAML tree into Values, expanding aliases and counting what that makes.
class Converter {
 public:
  explicit Converter(const std::string& name) : name_(name) {}

  Result<Value> convert(const YAML::Node& node, int depth) {
    Value value;
    value.line = node.Mark().line + 1;
    if (++count_ > kMaxValues || depth > kMaxDepth)
      return Error(Errc::too_large, "the document expands to too many or too deeply nested values", where(value.line),
                   "remove recursive aliases");
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: return value;
      case YAML::NodeType::Scalar:
        value.kind = Value::Kind::scalar;
        value.text = node.Scalar();
        value.quoted = node.Tag() == "!";
        return value;
      case YAML::NodeType::Sequence:
        value.kind = Value::Kind::list;
        for (const auto& item : node) {
          TRADEWIND_ASSIGN(Value converted, convert(item, depth + 1));
          value.items.push_back(std::move(converted));
        }
        return value;
      case YAML::NodeType::Map: return convert_map(node, std::move(value), depth);
    }
    return value;
  }

 private:
  std::string where(int line) const { return fmt::format("{}:{}", name_, line); }

  Result<Value> convert_map(const YAML::Node& node, Value value, int depth) {
    value.kind = Value::Kind::map;
    std::unordered_set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return Error(Errc::invalid_config, "a key must be plain text", where(entry.first.Mark().line + 1));
      std::string key = entry.first.Scalar();
      if (!seen.insert(key).second)
        return Error(Errc::invalid_config, fmt::format("key '{}' appears twice", printable(key)), where(entry.first.Mark().line + 1));
      TRADEWIND_ASSIGN(Value converted, convert(entry.second, depth + 1));
      converted.line = entry.first.Mark().line + 1;
      value.entries.push_back({std::move(key), std::move(converted)});
    }
    return value;
  }

  const std::string& name_;
  std::size_t count_ = 0;
};

/// Where a document begins and whether anything stands in it.
class Outline final : public YAML::EventHandler {
 public:
  int line() const { return line_; }  ///< of what stands in it first
  int position() const { return position_; }
  bool empty() const { return empty_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    position_ = mark.pos;
    line_ = mark.line + 1;
    empty_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { fill(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override { fill(mark); }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override { fill(mark); }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override { fill(mark); }
  void OnMapEnd() override {}

 private:
  void fill(const YAML::Mark& mark) {
    if (empty_) line_ = mark.line + 1;
    empty_ = false;
  }
  int position_ = 0;
  int line_ = 0;
  bool empty_ = true;
};

/// A second document is refused, and what the parser never gets past: of a comma outside of brackets it makes documents without end.
Status check_single(const std::string& text, const std::string& name) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Outline outline;
  int before = -1;
  for (bool first = true; parser.HandleNextDocument(outline); first = false) {
    const std::string where = fmt::format("{}:{}", name, outline.line());
    if (outline.empty() && outline.position() == before)
      return Error(Errc::invalid_config, "not valid YAML: a comma or bracket that belongs to nothing", where,
                   "check indentation, colons and brackets on that line and the one before");
    if (!first && !outline.empty())
      return Error(Errc::invalid_config, "the file holds a second document", where, "keep one, without the line '---' before the other");
    before = outline.position();
  }
  return {};
}

Json json_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null: return nullptr;
    case Value::Kind::scalar:
      if (!value.quoted && (value.text == "true" || value.text == "false")) return value.text == "true";
      if (const auto number = parse_number(value.text); number && !value.quoted) {
        if (std::abs(*number) < 9e15 && *number == static_cast<double>(static_cast<std::int64_t>(*number)))
          return static_cast<std::int64_t>(*number);
        return *number;
      }
      return value.text;
    case Value::Kind::list: {
      auto list = Json::array();
      for (const Value& item : value.items) list.push_back(json_of(item));
      return list;
    }
    case Value::Kind::map: {
      auto map = Json::object();
      for (const auto& [key, item] : value.entries) map[key] = json_of(item);
      return map;
    }
  }
  return nullptr;
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

Result<Value> parse_config(std::string_view text, const std::string& name) {
  if (text.size() > kMaxBytes)
    return Error(Errc::too_large, fmt::format("configuration of {} bytes, at most {} are read", text.size(), kMaxBytes), name);
  if (const auto bad = invalid_utf8(text)) return Error(Errc::invalid_config, fmt::format("not UTF-8 at byte {}", *bad), name);
  if (most_open_brackets(text) > kMaxOpenBrackets)
    return Error(Errc::too_large, "the document is too deeply nested", name, "close its brackets");
  try {
    const std::string copy(text);
    TRADEWIND_TRY(check_single(copy, name));
    const YAML::Node node = YAML::Load(copy);
    if (!node.IsDefined() || node.IsNull()) return Error(Errc::invalid_config, "the file is empty", name);
    return Converter(name).convert(node, 0);
  } catch (const YAML::Exception& exception) {
    return Error(Errc::invalid_config, "not valid YAML: " + printable(exception.msg, 200),
                 fmt::format("{}:{}", name, exception.mark.line + 1),
                 "check indentation, colons and brackets on that line and the one before");
  }
}

Result<Value> load_config(const Path& path) {
  auto text = read_file(path, kMaxBytes);
  if (!text) return text.error().with_context("reading the configuration");
  return parse_config(*text, path.string());
}

std::string to_json(const Value& value) { return dump_json(json_of(value)); }

}  // namespace tradewind::config
