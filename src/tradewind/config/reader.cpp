// SPDX-License-Identifier: Apache-2.0
#include "tradewind/config/reader.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::config {
namespace {
constexpr std::size_t kMostComplaints = 20;
}

void Complaints::add(int line, std::string_view key, std::string message, std::string hint) {
  ++count_;
  // Whatever is complained about is quoted: a terminal must only show it.
  if (all_.size() < kMostComplaints) all_.push_back({line, printable(key, 200), visible_lines(message), visible_lines(hint)});
}

Status Complaints::status() const {
  if (all_.empty()) return {};
  const auto tell = [](const One& one) { return one.key.empty() ? one.message : fmt::format("{}: {}", one.key, one.message); };
  std::string message = tell(all_.front());
  for (std::size_t i = 1; i < all_.size(); ++i) {
    message += fmt::format("\n  also line {}: {}", all_[i].line, tell(all_[i]));
    if (!all_[i].hint.empty()) message += " (" + all_[i].hint + ")";
  }
  if (count_ > all_.size()) message += fmt::format("\n  and {} more", count_ - all_.size());
  return Error(Errc::invalid_config, message, fmt::format("{}:{}", file_, all_.front().line), all_.front().hint);
}

MapReader::MapReader(const Value& map, std::string path, Complaints& complaints)
    : map_(map), path_(std::move(path)), complaints_(complaints) {
  if (map.kind != Value::Kind::map) complaints.add(map.line, path_, "must be a map of keys and values");
}

std::string MapReader::path_of(std::string_view key) const { return path_.empty() ? std::string(key) : path_ + "." + std::string(key); }

void MapReader::complain(std::string_view key, std::string message, std::string hint) {
  const Value* found = map_.find(key);
  complaints_.add(found != nullptr ? found->line : map_.line, path_of(key), std::move(message), std::move(hint));
}

const Value* MapReader::value(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const Value* found = map_.find(key);
  return found != nullptr && found->kind != Value::Kind::null ? found : nullptr;
}

bool MapReader::has(std::string_view key) { return value(key) != nullptr; }

const Value* MapReader::require(std::string_view key) {
  const Value* found = value(key);
  if (found == nullptr) complain(key, "is missing");
  return found;
}

std::string MapReader::text(std::string_view key, std::string default_value) {
  const Value* found = value(key);
  if (found == nullptr) return default_value;
  if (found->kind == Value::Kind::scalar) return found->text;
  complain(key, "must be a single text");
  return default_value;
}

std::string MapReader::required_text(std::string_view key) {
  if (require(key) == nullptr) return {};
  std::string result = text(key);
  if (result.empty()) complain(key, "must not be empty");
  return result;
}

double MapReader::number(std::string_view key, double default_value, double minimum, double maximum) {
  const Value* found = value(key);
  if (found == nullptr) return default_value;
  const auto parsed = found->kind == Value::Kind::scalar ? parse_number(found->text) : std::nullopt;
  if (!parsed) {
    complain(key, fmt::format("'{}' is not a number", printable(found->text)));
    return default_value;
  }
  if (*parsed < minimum || *parsed > maximum) {
    complain(key, fmt::format("{} is outside {} … {}", number_text(*parsed), number_text(minimum), number_text(maximum)));
    return default_value;
  }
  return *parsed;
}

std::int64_t MapReader::whole_number(std::string_view key, std::int64_t default_value, std::int64_t minimum, std::int64_t maximum) {
  const double value = number(key, static_cast<double>(default_value), static_cast<double>(minimum), static_cast<double>(maximum));
  if (value == std::floor(value)) return static_cast<std::int64_t>(value);
  complain(key, fmt::format("{} is not a whole number", number_text(value)));
  return default_value;
}

bool MapReader::boolean(std::string_view key, bool default_value) {
  const Value* found = value(key);
  if (found == nullptr) return default_value;
  if (found->kind == Value::Kind::scalar && found->text == "true") return true;
  if (found->kind == Value::Kind::scalar && found->text == "false") return false;
  complain(key, fmt::format("'{}' is neither true nor false", printable(found->text)));
  return default_value;
}

double MapReader::rate(std::string_view key, double default_value) {
  const Value* found = value(key);
  if (found == nullptr) return default_value;
  const auto parsed = found->kind == Value::Kind::scalar ? parse_rate(found->text) : std::nullopt;
  if (parsed && *parsed >= 0 && *parsed < 1) return *parsed;
  complain(key,
           parsed ? fmt::format("{} is outside 0 … 1", printable(found->text)) : fmt::format("'{}' is not a rate", printable(found->text)),
           "write a fraction such as 0.001, or basis points such as 10bps");
  return default_value;
}

std::string MapReader::choice(std::string_view key, std::string default_value, std::span<const std::string> names) {
  std::string chosen = text(key, default_value);
  if (std::find(names.begin(), names.end(), chosen) != names.end()) return chosen;
  complain(key, fmt::format("'{}' is unknown", printable(chosen)), suggestion(chosen, names));
  return default_value;
}

std::vector<std::string> MapReader::text_list(std::string_view key) {
  std::vector<std::string> result;
  const Value* found = value(key);
  if (found == nullptr) return result;
  if (found->kind == Value::Kind::scalar) return {found->text};
  for (const Value& item : found->items) {
    if (item.kind == Value::Kind::scalar)
      result.push_back(item.text);
    else
      complaints_.add(item.line, path_of(key), "must be a list of texts");
  }
  return result;
}

void MapReader::finish() {
  for (const auto& [key, value] : map_.entries) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    complaints_.add(value.line, path_of(key), "unknown key", suggestion(key, known_));
  }
}

}  // namespace tradewind::config
