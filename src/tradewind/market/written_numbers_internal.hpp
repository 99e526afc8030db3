// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradewind::market {

/// Numbers as people's programs write them: 4,003.79 and $116.74, 34.56M for volumes, 1.234,56 where that is the custom.
class WrittenNumbers {
 public:
  /// `thousands` as ReadOptions has it.
  explicit WrittenNumbers(char thousands = 0);

  /// Looks at a cell of a column of numbers, to learn what groups digits.
  void learn(std::string_view cell);
  /// What is wrong after all were looked at: marks that could be read either way. `remedy` is what decides.
  std::optional<std::string> fault(std::string_view remedy) const;

  /// Whether a plain number is to be read as the language reads it.
  bool plain_first() const noexcept { return decimal_ == '.'; }
  std::optional<double> price(std::string_view text);
  /// With K, M, B or T behind it, too.
  std::optional<double> volume(std::string_view text);
  std::vector<std::string> notes() const;

 private:
  std::optional<double> read(std::string_view text);

  char thousands_;
  char decimal_ = '.';
  bool given_;
  bool comma_groups_ = false;   ///< a cell proves that a comma groups digits
  bool comma_decimal_ = false;  ///< a cell proves that a comma is the decimal mark
  std::string either_;          ///< a cell that could be both
  bool saw_groups_ = false;
  bool saw_currency_ = false;
  bool saw_suffix_ = false;
};

/// Blank, nan, -, -- and the like: no value.
bool is_no_value(std::string_view text) noexcept;

}  // namespace tradewind::market
