// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/venues/json_internal.hpp"

namespace tradewind::venues {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kMostDepth = 32;
constexpr std::size_t kMostItems = 1000;

std::optional<std::vector<std::string>> plain_list(dom::element value) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string> out;
  for (const dom::element item : array) {
    if (out.size() == kMostItems) return std::nullopt;
    if (const auto text = json_text(item))
      out.emplace_back(*text);
    else if (const auto number = json_number(item))
      out.push_back(number_text(*number));
    else
      return std::nullopt;
  }
  return out;
}

}  // namespace

PolymarketParser::Parsers::Parsers() : outer(kMostBytes), inner(kMostBytes) {}

Error unexpected_answer(std::string what, const std::string& where) {
  return Error(Errc::venue, std::move(what), where,
               "the venue may have changed its interface or be under repair; the next poll tries again");
}

Result<dom::element> parse_json(dom::parser& parser, std::string_view text, const std::string& where) {
  if (text.size() > kMostBytes) return unexpected_answer("the answer is too long", where);
  if (parser.max_depth() != kMostDepth || parser.capacity() < text.size())
    if (parser.allocate(std::max<std::size_t>(text.size(), 1024), kMostDepth) != simdjson::SUCCESS)
      return unexpected_answer("there is no memory for the answer", where);
  dom::element document;
  const auto code = parser.parse(text.data(), text.size()).get(document);
  if (code != simdjson::SUCCESS) return unexpected_answer(fmt::format("the answer is no JSON: {}", simdjson::error_message(code)), where);
  return document;
}

std::optional<std::string_view> json_text(dom::element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::optional(text) : std::nullopt;
}

std::optional<bool> json_boolean(dom::element value) {
  bool flag = false;
  if (value.get(flag) == simdjson::SUCCESS) return flag;
  const auto text = json_text(value);
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<double> json_number(dom::element value) {
  double number = 0;
  if (value.get(number) == simdjson::SUCCESS) return std::isfinite(number) ? std::optional(number) : std::nullopt;
  const auto text = json_text(value);
  return text ? parse_number(*text) : std::nullopt;
}

std::optional<std::int64_t> json_micros(dom::element value) {
  if (const auto text = json_text(value)) return parse_decimal(*text);
  const auto number = json_number(value);
  return number ? micros_from_double(*number) : std::nullopt;
}

std::optional<std::vector<std::string>> json_list(dom::element value, dom::parser& inner) {
  const auto text = json_text(value);
  if (!text) return plain_list(value);
  if (text->empty()) return std::vector<std::string>{};
  const auto document = parse_json(inner, *text, {});
  return document ? plain_list(*document) : std::nullopt;
}

}  // namespace tradewind::venues
