// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/scan_column.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tradewind/base/text.hpp"

namespace tradewind::workspace {
namespace {

bool is_whole(double value) { return value == std::trunc(value) && std::abs(value) < 9.0e15; }

Cell parameter_cell(double value) { return is_whole(value) ? Cell(static_cast<std::int64_t>(value)) : Cell(value); }

}  // namespace

ScanColumn::ScanColumn(std::string name, ScanType type) : name_(std::move(name)), type_(type), is_parameter_(name_.starts_with("param.")) {
  if (type_ == ScanType::text) offsets_.push_back(0);
}

std::string_view ScanColumn::text(std::size_t row) const noexcept {
  if (type_ != ScanType::text) return {};
  const auto begin = static_cast<std::size_t>(offsets_[row]);
  return std::string_view(bytes_).substr(begin, static_cast<std::size_t>(offsets_[row + 1]) - begin);
}

Cell ScanColumn::cell(std::size_t row) const {
  if (is_null(row)) return {};
  if (type_ == ScanType::integer) return integers_[row];
  if (type_ == ScanType::number) return is_parameter_ ? parameter_cell(numbers_[row]) : Cell(numbers_[row]);
  if (std::binary_search(digits_.begin(), digits_.end(), row))
    if (const auto value = parse_number(text(row))) return is_parameter_ ? parameter_cell(*value) : Cell(*value);
  return std::string(text(row));
}

void ScanColumn::reserve(std::size_t rows) {
  if (type_ == ScanType::integer) integers_.reserve(rows);
  if (type_ == ScanType::number) numbers_.reserve(rows);
  if (type_ == ScanType::text) offsets_.reserve(rows + 1);
}

void ScanColumn::note(bool valid) {
  if (!valid && validity_.empty()) validity_.assign(size_ / 8 + 1, 0xFF);  // made at the first null only
  if (!validity_.empty()) {
    if (size_ / 8 == validity_.size()) validity_.push_back(0xFF);
    if (!valid) validity_[size_ / 8] = static_cast<std::uint8_t>(validity_[size_ / 8] & ~(1U << (size_ % 8)));
  }
  ++size_;
  nulls_ += valid ? 0 : 1;
}

void ScanColumn::add_null() {
  if (type_ == ScanType::integer) integers_.push_back(0);
  if (type_ == ScanType::number) numbers_.push_back(std::numeric_limits<double>::quiet_NaN());
  if (type_ == ScanType::text) offsets_.push_back(offsets_.back());
  note(false);
}

void ScanColumn::add_integer(std::int64_t value) {
  if (type_ != ScanType::integer) return add_number(static_cast<double>(value));
  integers_.push_back(value);
  note(true);
}

void ScanColumn::add_number(double value) {
  if (!std::isfinite(value)) return add_null();
  if (type_ == ScanType::text) {
    digits_.push_back(size_);
    return add_text(number_text(value));
  }
  numbers_.push_back(value);
  note(true);
}

void ScanColumn::add_text(std::string_view value) {
  bytes_.append(value);
  offsets_.push_back(static_cast<std::int64_t>(bytes_.size()));
  note(true);
}

void ScanColumn::narrow() {
  if (type_ != ScanType::number || nulls_ == size_) return;
  if (!std::all_of(numbers_.begin(), numbers_.end(), [](double value) { return std::isnan(value) || is_whole(value); })) return;
  type_ = ScanType::integer;
  integers_.reserve(size_);
  for (const double value : numbers_) integers_.push_back(std::isnan(value) ? 0 : static_cast<std::int64_t>(value));
  numbers_ = {};
}

}  // namespace tradewind::workspace
