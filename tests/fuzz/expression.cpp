// SPDX-License-Identifier: Apache-2.0
// Conditions of --where and of grids.
#include <algorithm>
#include <limits>
#include <memory>

#include "fuzz.hpp"
#include "tradewind/base/expression.hpp"

namespace tradewind::fuzz {
namespace {

constexpr std::size_t kRows = 70;  // more than a machine word of them

/// Numbers, some undefined; or words, for names that end in a letter of the second half of the alphabet.
class FuzzColumn final : public ExpressionColumn {
 public:
  explicit FuzzColumn(const std::string& name) : text_(!name.empty() && name.back() >= 'n' && name.back() <= 'z') {}
  bool is_text() const override { return text_; }
  static double number(std::size_t row) { return row % 7 == 3 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(row) - 20; }
  void numbers(std::size_t begin, std::span<double> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = number(begin + i);
  }
  std::string_view text(std::size_t row) const override { return row % 2 == 0 ? "SPY" : ""; }

 private:
  bool text_;
};

}  // namespace

FUZZ_TARGET(expression) {
  const auto condition = Expression::parse(input);
  if (!good(condition)) return;
  std::vector<std::unique_ptr<FuzzColumn>> columns;
  std::vector<const ExpressionColumn*> pointers;
  bool numeric = true;
  for (const std::string& name : condition->names()) {
    columns.push_back(std::make_unique<FuzzColumn>(name));
    pointers.push_back(columns.back().get());
    numeric &= !columns.back()->is_text();
  }
  std::vector<std::uint32_t> rows;
  if (!good(condition->select(pointers, kRows, rows))) return;
  for (std::size_t i = 0; i < rows.size(); ++i)
    require(rows[i] < kRows && (i == 0 || rows[i] > rows[i - 1]), "rows are selected once and in order");
  if (!numeric) return;
  for (std::size_t row = 0; row < 3; ++row) {
    const std::vector<double> values(columns.size(), FuzzColumn::number(row));
    const auto matches = condition->matches(values);
    require(good(matches), "a condition that selects rows of numbers matches single ones");
    require(*matches == (std::find(rows.begin(), rows.end(), row) != rows.end()), "one row is judged as it is among many");
  }
}

}  // namespace tradewind::fuzz
