// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tradewind::workspace {

/// One value of a result, for printing; monostate is null (undefined, or a column the strategy's run does not have).
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class ScanType { integer, number, text };

/// A column of a result: values of one type, some of them null, in memory as Apache Arrow lays them out (scan_arrow.hpp hands it over).
class ScanColumn {
 public:
  ScanColumn(std::string name, ScanType type);

  const std::string& name() const noexcept { return name_; }
  ScanType type() const noexcept { return type_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t nulls() const noexcept { return nulls_; }
  bool is_null(std::size_t row) const noexcept { return !validity_.empty() && (validity_[row / 8] >> (row % 8) & 1) == 0; }
  /// Values of an integer column, 0 where null; empty for another type.
  std::span<const std::int64_t> integers() const noexcept { return integers_; }
  /// Values of a number column, NaN where null; empty for another type.
  std::span<const double> numbers() const noexcept { return numbers_; }
  /// A value of a text column; empty where null and for another type.
  std::string_view text(std::size_t row) const noexcept;
  /// The value as it is printed: whole parameters (`param.*`) read as whole numbers, also where another row's is a fraction or a word.
  Cell cell(std::size_t row) const;

  /// A bit per row, lowest first, 0 for null; empty when no row is null.
  std::span<const std::uint8_t> validity() const noexcept { return validity_; }
  /// Where each text begins in text_bytes(), and where the last one ends; empty for another type.
  std::span<const std::int64_t> text_offsets() const noexcept { return offsets_; }
  std::string_view text_bytes() const noexcept { return bytes_; }

  /// What makes a column: one value after the other, of the column's type. Text takes a number as its shortest digits.
  void reserve(std::size_t rows);
  void add_null();
  void add_integer(std::int64_t value);
  void add_number(double value);  ///< what is not finite is null
  void add_text(std::string_view value);
  /// A number column of whole values only becomes one of integers.
  void narrow();

 private:
  void note(bool valid);

  std::string name_;
  ScanType type_;
  bool is_parameter_;
  std::size_t size_ = 0;
  std::size_t nulls_ = 0;
  std::vector<std::uint8_t> validity_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> offsets_;
  std::string bytes_;
  std::vector<std::size_t> digits_;  ///< rows of a text column that are numbers, ascending
};

}  // namespace tradewind::workspace
