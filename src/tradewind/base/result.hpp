// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <utility>

#include "tradewind/base/error.hpp"

namespace tradewind {

/// A value or an Error. A class of its own rather than an alias, so that a dropped result is a compiler warning.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(Error error) : std::expected<T, Error>(std::unexpect, std::move(error)) {}  // NOLINT: implicit by design
};

/// Success without a value, or an Error.
using Status = Result<void>;

}  // namespace tradewind

/// Returns the error of an expression that gives a Result or Status; goes on otherwise.
#define TRADEWIND_TRY(expression)                                               \
  do {                                                                          \
    auto tradewind_status = (expression);                                       \
    if (!tradewind_status) return ::tradewind::Error(tradewind_status.error()); \
  } while (false)

#define TRADEWIND_CONCAT_(a, b) a##b
#define TRADEWIND_CONCAT(a, b) TRADEWIND_CONCAT_(a, b)
/// Declares or assigns `target` from a Result, returning its error when there is one.
#define TRADEWIND_ASSIGN(target, expression)                                                                                            \
  auto TRADEWIND_CONCAT(tradewind_result_, __LINE__) = (expression);                                                                    \
  if (!TRADEWIND_CONCAT(tradewind_result_, __LINE__)) return ::tradewind::Error(TRADEWIND_CONCAT(tradewind_result_, __LINE__).error()); \
  target = std::move(*TRADEWIND_CONCAT(tradewind_result_, __LINE__))

/// A broken invariant is a bug: always checked, never reached by user input. `rule` states what must hold.
#define TRADEWIND_ASSERT(condition, rule)                                              \
  do {                                                                                 \
    if (!(condition)) [[unlikely]] {                                                   \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, rule); \
      std::abort();                                                                    \
    }                                                                                  \
  } while (false)
