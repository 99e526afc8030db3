// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"

namespace tradewind {

/// One column an expression reads. Numbers: NaN stands for undefined. Rows are addressed in blocks so that a filter over a
/// million rows runs at memory speed.
class ExpressionColumn {
 public:
  virtual ~ExpressionColumn() = default;
  virtual bool is_text() const = 0;
  /// Fills `out` with rows [begin, begin + out.size()). Called for numeric columns only.
  virtual void numbers(std::size_t begin, std::span<double> out) const = 0;
  /// Text of one row; called for text columns only.
  virtual std::string_view text(std::size_t row) const = 0;
};

/// A condition such as `net_sharpe > 1 and (win_rate >= 0.55 or total_trades > 500) and symbol in ('SPY', 'AAPL')`.
///
/// Operators, loosest first: `or` `|` `||`; `and` `&` `&&`; `not` `!`; `= == != < <= > >=`, `in (…)`; `+ -`; `* /`; unary `-`.
/// Names may contain letters, digits, `_ . @ + - = ,` after the first letter only when quoted with backticks; plain names take letters,
/// digits, `_` and `.`. Strings stand in single or double quotes. A comparison with an undefined (NaN) operand is false, and so is `!=`.
class Expression {
 public:
  /// Errors: Errc::usage with the position of the fault.
  static Result<Expression> parse(std::string_view text);

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  /// Names of the columns it reads, each once, in order of appearance.
  const std::vector<std::string>& names() const noexcept;

  /// Appends to `matching` every row of [0, rows) for which it holds. `columns[i]` belongs to names()[i].
  /// Errors: Errc::usage when text and numbers are mixed.
  Status select(std::span<const ExpressionColumn* const> columns, std::size_t rows, std::vector<std::uint32_t>& matching) const;

  /// Whether it holds for one set of numbers; `values[i]` belongs to names()[i].
  Result<bool> matches(std::span<const double> values) const;

  struct Node;

 private:
  Expression();
  std::unique_ptr<Node> root_;
  std::vector<std::string> names_;
};

}  // namespace tradewind
