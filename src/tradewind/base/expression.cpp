// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/expression.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tradewind/base/expression_internal.hpp"

namespace tradewind {
namespace {

using Node = Expression::Node;
using Kind = Node::Kind;

/// Rows per evaluation step: small enough for the first-level cache, large enough to hide the walk over the tree.
constexpr std::size_t kBlock = 1024;
using Numbers = std::array<double, kBlock>;
using Flags = std::array<std::uint8_t, kBlock>;

struct Block {
  std::span<const ExpressionColumn* const> columns;
  std::size_t begin;
  std::size_t count;
};

Error mixed_error() { return {Errc::usage, "the condition compares text with a number", {}, "quote text ('SPY') and leave numbers plain"}; }

bool is_text(const Node& node, const Block& block) {
  return node.kind == Kind::text || (node.kind == Kind::name && block.columns[node.column]->is_text());
}

template <class Operation>
void combine(const Numbers& left, const Numbers& right, std::size_t count, Numbers& out, Operation operation) {
  for (std::size_t i = 0; i < count; ++i) out[i] = operation(left[i], right[i]);
}

void apply(Kind kind, std::size_t count, const Numbers& right, Numbers& out) {
  switch (kind) {
    case Kind::subtract: return combine(out, right, count, out, [](double a, double b) { return a - b; });
    case Kind::multiply: return combine(out, right, count, out, [](double a, double b) { return a * b; });
    case Kind::divide: return combine(out, right, count, out, [](double a, double b) { return b == 0 ? std::nan("") : a / b; });
    default: return combine(out, right, count, out, [](double a, double b) { return a + b; });
  }
}

Status numbers(const Node& node, const Block& block, Numbers& out) {
  switch (node.kind) {
    case Kind::number: std::fill_n(out.begin(), block.count, node.number); return {};
    case Kind::name:
      if (is_text(node, block)) return mixed_error();
      block.columns[node.column]->numbers(block.begin, std::span(out.data(), block.count));
      return {};
    case Kind::negate:
      TRADEWIND_TRY(numbers(*node.children[0], block, out));
      for (std::size_t i = 0; i < block.count; ++i) out[i] = -out[i];
      return {};
    case Kind::sum:
    case Kind::product: {
      Numbers right;
      TRADEWIND_TRY(numbers(*node.children[0], block, out));
      for (std::size_t i = 1; i < node.children.size(); ++i) {
        TRADEWIND_TRY(numbers(*node.children[i], block, right));
        apply(node.operators[i - 1], block.count, right, out);
      }
      return {};
    }
    default: return mixed_error();
  }
}

std::string_view text_at(const Node& node, const Block& block, std::size_t i) {
  return node.kind == Kind::text ? std::string_view(node.text) : block.columns[node.column]->text(block.begin + i);
}

Status compare_text(const Node& node, const Node& right, const Block& block, Flags& out) {
  const Node& left = *node.children[0];
  if (!is_text(left, block) || !is_text(right, block)) return mixed_error();
  for (std::size_t i = 0; i < block.count; ++i) {
    const int order = text_at(left, block, i).compare(text_at(right, block, i));
    switch (node.kind) {
      case Kind::not_equal: out[i] = order != 0; break;
      case Kind::less: out[i] = order < 0; break;
      case Kind::less_equal: out[i] = order <= 0; break;
      case Kind::greater: out[i] = order > 0; break;
      case Kind::greater_equal: out[i] = order >= 0; break;
      default: out[i] = order == 0; break;
    }
  }
  return {};
}

Status compare_numbers(const Node& node, const Node& right_node, const Block& block, Flags& out) {
  Numbers left;
  Numbers right;
  TRADEWIND_TRY(numbers(*node.children[0], block, left));
  TRADEWIND_TRY(numbers(right_node, block, right));
  const auto fill = [&](auto holds) {
    for (std::size_t i = 0; i < block.count; ++i) out[i] = holds(left[i], right[i]) ? 1 : 0;
  };
  switch (node.kind) {
    case Kind::not_equal: fill([](double a, double b) { return a < b || a > b; }); break;
    case Kind::less: fill([](double a, double b) { return a < b; }); break;
    case Kind::less_equal: fill([](double a, double b) { return a <= b; }); break;
    case Kind::greater: fill([](double a, double b) { return a > b; }); break;
    case Kind::greater_equal: fill([](double a, double b) { return a >= b; }); break;
    default: fill([](double a, double b) { return a == b; }); break;
  }
  return {};
}

Status compare(const Node& node, const Node& right, const Block& block, Flags& out) {
  const bool text = is_text(*node.children[0], block) || is_text(right, block);
  return text ? compare_text(node, right, block, out) : compare_numbers(node, right, block, out);
}

Status evaluate(const Node& node, const Block& block, Flags& out) {
  switch (node.kind) {
    case Kind::logical_not:
      TRADEWIND_TRY(evaluate(*node.children[0], block, out));
      for (std::size_t i = 0; i < block.count; ++i) out[i] ^= 1;
      return {};
    case Kind::logical_and:
    case Kind::logical_or: {
      Flags right;
      TRADEWIND_TRY(evaluate(*node.children[0], block, out));
      for (std::size_t child = 1; child < node.children.size(); ++child) {
        TRADEWIND_TRY(evaluate(*node.children[child], block, right));
        if (node.kind == Kind::logical_and)
          for (std::size_t i = 0; i < block.count; ++i) out[i] &= right[i];
        else
          for (std::size_t i = 0; i < block.count; ++i) out[i] |= right[i];
      }
      return {};
    }
    case Kind::in: {
      std::fill_n(out.begin(), block.count, std::uint8_t{0});
      Flags one;
      for (std::size_t item = 1; item < node.children.size(); ++item) {
        TRADEWIND_TRY(compare(node, *node.children[item], block, one));
        for (std::size_t i = 0; i < block.count; ++i) out[i] |= one[i];
      }
      return {};
    }
    default: return compare(node, *node.children[1], block, out);
  }
}

class OneNumber final : public ExpressionColumn {
 public:
  explicit OneNumber(double value) : value_(value) {}
  bool is_text() const override { return false; }
  void numbers(std::size_t, std::span<double> out) const override { std::fill(out.begin(), out.end(), value_); }
  std::string_view text(std::size_t) const override { return {}; }

 private:
  double value_;
};

}  // namespace

Status Expression::select(std::span<const ExpressionColumn* const> columns, std::size_t rows, std::vector<std::uint32_t>& matching) const {
  TRADEWIND_ASSERT(columns.size() == names_.size(), "an expression gets one column per name");
  Flags flags;
  for (std::size_t begin = 0; begin < rows; begin += kBlock) {
    const Block block{columns, begin, std::min(kBlock, rows - begin)};
    TRADEWIND_TRY(evaluate(*root_, block, flags));
    for (std::size_t i = 0; i < block.count; ++i)
      if (flags[i] != 0) matching.push_back(static_cast<std::uint32_t>(begin + i));
  }
  return {};
}

Result<bool> Expression::matches(std::span<const double> values) const {
  std::vector<OneNumber> numbers(values.begin(), values.end());
  std::vector<const ExpressionColumn*> columns;
  for (const auto& number : numbers) columns.push_back(&number);
  std::vector<std::uint32_t> matching;
  TRADEWIND_TRY(select(columns, 1, matching));
  return !matching.empty();
}

}  // namespace tradewind
