// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/text.hpp"
#include "tradewind/figures/document_internal.hpp"

namespace tradewind::figures {

View View::operator[](std::string_view key) const {
  if (!is_object()) return {};
  const auto found = json_->find(key);
  return found == json_->end() ? View() : View(*found);
}

View View::operator[](std::size_t index) const {
  return json_ != nullptr && json_->is_array() && index < json_->size() ? View((*json_)[index]) : View();
}

bool View::empty() const {
  if (is_null()) return true;
  if (json_->is_string()) return json_->get_ref<const std::string&>().empty();
  return json_->empty();
}

double View::number() const { return json_ != nullptr && json_->is_number() ? json_->get<double>() : kMissing; }

std::int64_t View::integer(std::int64_t otherwise) const {
  if (json_ == nullptr || !json_->is_number()) return otherwise;
  if (json_->is_number_integer()) return json_->get<std::int64_t>();
  const double value = json_->get<double>();
  return value >= -9e15 && value <= 9e15 ? static_cast<std::int64_t>(value) : otherwise;
}

std::string View::text() const { return json_ != nullptr && json_->is_string() ? json_->get<std::string>() : std::string(); }

bool View::flag(bool otherwise) const { return json_ != nullptr && json_->is_boolean() ? json_->get<bool>() : otherwise; }

std::vector<View> View::list() const {
  std::vector<View> out;
  if (json_ != nullptr && json_->is_array()) {
    for (const Json& item : *json_) out.emplace_back(item);
  }
  return out;
}

std::vector<std::pair<std::string, View>> View::members() const {
  std::vector<std::pair<std::string, View>> out;
  if (is_object()) {
    for (const auto& [key, value] : json_->items()) out.emplace_back(key, View(value));
  }
  return out;
}

std::vector<double> View::numbers() const {
  std::vector<double> out;
  for (const View& item : list()) out.push_back(item.number());
  return out;
}

std::vector<std::string> View::texts() const {
  std::vector<std::string> out;
  for (const View& item : list()) out.push_back(item.shown());
  return out;
}

std::string View::shown() const {
  if (is_null()) return {};
  if (json_->is_string()) return json_->get<std::string>();
  if (json_->is_number_float()) return number_text(json_->get<double>());
  return json_->dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tradewind::figures
