// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "tradewind/base/expression_internal.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind {
namespace {

using Node = Expression::Node;
using Kind = Node::Kind;
using NodePtr = std::unique_ptr<Node>;

/// Deeper nesting is refused: it can only be an accident or an attack on the stack.
constexpr int kMaxDepth = 100;
/// More operands are refused: each costs a pass over the rows.
constexpr std::size_t kMaxTerms = 10'000;

NodePtr make(Kind kind, NodePtr left = nullptr, NodePtr right = nullptr) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  if (left) node->children.push_back(std::move(left));
  if (right) node->children.push_back(std::move(right));
  return node;
}

bool name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool name_part(char c) { return name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.'; }

/// Recursive descent over the text; one function per precedence level.
class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>& names) : text_(text), names_(names) {}

  Result<NodePtr> condition() {
    TRADEWIND_ASSIGN(NodePtr root, disjunction());
    skip_blanks();
    if (position_ < text_.size()) return fault("unexpected '" + printable(text_.substr(position_), 20) + "'");
    if (!root->is_condition()) return fault("a comparison is missing, e.g. 'sharpe_ratio > 1'");
    return root;
  }

 private:
  Error fault(std::string message) const {
    return {Errc::usage, "in the condition: " + std::move(message),
            fmt::format("'{}', character {}", printable(text_, 120), position_ + 1)};
  }
  void skip_blanks() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])) != 0) ++position_;
  }
  bool take(std::string_view token) {
    skip_blanks();
    if (text_.substr(position_, token.size()) != token) return false;
    position_ += token.size();
    return true;
  }
  /// A keyword in any case, not followed by more letters.
  bool take_word(std::string_view word) {
    skip_blanks();
    if (lower(text_.substr(position_, word.size())) != word) return false;
    const std::size_t end = position_ + word.size();
    if (end < text_.size() && name_part(text_[end])) return false;
    position_ = end;
    return true;
  }

  Result<NodePtr> disjunction() {
    if (++depth_ > kMaxDepth) return fault("nested too deeply");
    TRADEWIND_ASSIGN(NodePtr left, conjunction());
    NodePtr all;
    while (take("||") || take("|") || take_word("or")) {
      TRADEWIND_ASSIGN(NodePtr right, conjunction());
      TRADEWIND_TRY(both_conditions(all ? *all : *left, *right, "or"));
      append(Kind::logical_or, all, left, right);
    }
    if (all) left = std::move(all);
    --depth_;
    return left;
  }
  Result<NodePtr> conjunction() {
    TRADEWIND_ASSIGN(NodePtr left, negation());
    NodePtr all;
    while (take("&&") || take("&") || take_word("and")) {
      TRADEWIND_ASSIGN(NodePtr right, negation());
      TRADEWIND_TRY(both_conditions(all ? *all : *left, *right, "and"));
      append(Kind::logical_and, all, left, right);
    }
    return all ? std::move(all) : std::move(left);
  }
  /// Makes `all` of the first operand and the next one, or puts the next one into it.
  static void append(Kind kind, NodePtr& all, NodePtr& left, NodePtr& right) {
    if (all)
      all->children.push_back(std::move(right));
    else
      all = make(kind, std::move(left), std::move(right));
  }
  Status both_conditions(const Node& left, const Node& right, std::string_view word) const {
    if (left.is_condition() && right.is_condition()) return {};
    return fault(fmt::format("both sides of '{}' must be comparisons", word));
  }
  Result<NodePtr> negation() {
    skip_blanks();
    const bool bang = position_ < text_.size() && text_[position_] == '!' && text_.substr(position_, 2) != "!=";
    if (bang) ++position_;
    if (!bang && !take_word("not")) return comparison();
    if (++depth_ > kMaxDepth) return fault("nested too deeply");
    TRADEWIND_ASSIGN(NodePtr operand, negation());
    --depth_;
    if (!operand->is_condition()) return fault("'not' needs a comparison");
    return make(Kind::logical_not, std::move(operand));
  }
  Result<NodePtr> comparison() {
    TRADEWIND_ASSIGN(NodePtr left, sum());
    constexpr std::pair<std::string_view, Kind> kOperators[] = {
        {"==", Kind::equal}, {"!=", Kind::not_equal}, {"<=", Kind::less_equal}, {">=", Kind::greater_equal},
        {"=", Kind::equal},  {"<", Kind::less},       {">", Kind::greater}};
    for (const auto& [token, kind] : kOperators) {
      if (!take(token)) continue;
      TRADEWIND_ASSIGN(NodePtr right, sum());
      if (left->is_condition() || right->is_condition()) return fault("comparisons cannot be compared; join them with 'and'");
      return make(kind, std::move(left), std::move(right));
    }
    if (!take_word("in")) return left;
    if (!take("(")) return fault("'in' needs a list in parentheses");
    NodePtr node = make(Kind::in, std::move(left));
    do {
      TRADEWIND_ASSIGN(NodePtr item, sum());
      node->children.push_back(std::move(item));
    } while (take(","));
    if (!take(")")) return fault("the list after 'in' is not closed");
    return node;
  }
  Result<NodePtr> sum() {
    TRADEWIND_ASSIGN(NodePtr left, product());
    NodePtr all;
    for (;;) {
      const Kind kind = take("+") ? Kind::add : take("-") ? Kind::subtract : Kind::number;
      if (kind == Kind::number) return all ? std::move(all) : std::move(left);
      TRADEWIND_ASSIGN(NodePtr right, product());
      append(Kind::sum, all, left, right);
      all->operators.push_back(kind);
    }
  }
  Result<NodePtr> product() {
    TRADEWIND_ASSIGN(NodePtr left, factor());
    NodePtr all;
    for (;;) {
      const Kind kind = take("*") ? Kind::multiply : take("/") ? Kind::divide : Kind::number;
      if (kind == Kind::number) return all ? std::move(all) : std::move(left);
      TRADEWIND_ASSIGN(NodePtr right, factor());
      append(Kind::product, all, left, right);
      all->operators.push_back(kind);
    }
  }
  Result<NodePtr> factor() {
    if (take("-")) {
      if (++depth_ > kMaxDepth) return fault("nested too deeply");
      TRADEWIND_ASSIGN(NodePtr operand, factor());
      --depth_;
      return make(Kind::negate, std::move(operand));
    }
    if (take("(")) {
      TRADEWIND_ASSIGN(NodePtr inner, disjunction());
      if (!take(")")) return fault("a parenthesis is not closed");
      return inner;
    }
    skip_blanks();
    if (position_ == text_.size()) return fault("it ends too early");
    if (++terms_ > kMaxTerms) return fault(fmt::format("it has more than {} names, numbers and texts", kMaxTerms));
    const char c = text_[position_];
    if (c == '\'' || c == '"') return literal(c);
    if (c == '`' || name_start(c)) return name();
    return number();
  }
  Result<NodePtr> literal(char quote) {
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) return fault("a quote is not closed");
    NodePtr node = make(Kind::text);
    node->text = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return node;
  }
  Result<NodePtr> name() {
    std::string found;
    if (text_[position_] == '`') {
      const std::size_t end = text_.find('`', position_ + 1);
      if (end == std::string_view::npos) return fault("a backtick is not closed");
      found = text_.substr(position_ + 1, end - position_ - 1);
      position_ = end + 1;
    } else {
      const std::size_t start = position_;
      while (position_ < text_.size() && name_part(text_[position_])) ++position_;
      found = text_.substr(start, position_ - start);
    }
    NodePtr node = make(Kind::name);
    const auto known = std::find(names_.begin(), names_.end(), found);
    node->column = static_cast<std::size_t>(known - names_.begin());
    if (known == names_.end()) names_.push_back(found);
    return node;
  }
  Result<NodePtr> number() {
    std::size_t end = position_;
    while (end < text_.size() &&
           (std::isdigit(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == '.' ||
            ((text_[end] == 'e' || text_[end] == 'E') && end > position_) ||
            ((text_[end] == '-' || text_[end] == '+') && end > position_ && (text_[end - 1] == 'e' || text_[end - 1] == 'E'))))
      ++end;
    const auto value = parse_number(text_.substr(position_, end - position_));
    if (!value) return fault(fmt::format("expected a name or a number at '{}'", printable(text_.substr(position_), 20)));
    position_ = end;
    NodePtr node = make(Kind::number);
    node->number = *value;
    return node;
  }

  std::string_view text_;
  std::vector<std::string>& names_;
  std::size_t position_ = 0;
  int depth_ = 0;
  std::size_t terms_ = 0;
};

}  // namespace

Expression::Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

const std::vector<std::string>& Expression::names() const noexcept { return names_; }

Result<Expression> Expression::parse(std::string_view text) {
  Expression expression;
  TRADEWIND_ASSIGN(expression.root_, Parser(text, expression.names_).condition());
  return expression;
}

}  // namespace tradewind
