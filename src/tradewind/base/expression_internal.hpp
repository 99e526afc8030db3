// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/expression.hpp"

namespace tradewind {

/// One node of a parsed expression; which members count depends on `kind`.
struct Expression::Node {
  enum class Kind {
    number,
    text,
    name,
    negate,
    logical_not,
    sum,       ///< of `add` and `subtract`
    product,   ///< of `multiply` and `divide`
    add,       ///< an operator, no node
    subtract,  ///< "
    multiply,  ///< "
    divide,    ///< "
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    logical_and,
    logical_or
  };
  Kind kind = Kind::number;
  double number = 0;
  std::string text;
  std::size_t column = 0;
  /// Operands: two, or of and, or, sums and products as many as stand side by side, so that a long chain is no deep tree.
  std::vector<std::unique_ptr<Node>> children;
  std::vector<Kind> operators;  ///< of a sum or product: what stands before each operand but the first

  bool is_condition() const {
    switch (kind) {
      case Kind::logical_not:
      case Kind::equal:
      case Kind::not_equal:
      case Kind::less:
      case Kind::less_equal:
      case Kind::greater:
      case Kind::greater_equal:
      case Kind::in:
      case Kind::logical_and:
      case Kind::logical_or: return true;
      default: return false;
    }
  }
};

}  // namespace tradewind
