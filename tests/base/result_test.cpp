// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/result.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tradewind {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error(Errc::invalid_data, "odd number", "argument", "pass an even one");
  return number / 2;
}

Result<int> quarter(int number) {
  TRADEWIND_ASSIGN(const int first, half(number));
  TRADEWIND_ASSIGN(const int second, half(first));
  return second;
}

TEST(Result, passes_values_and_errors_through) {
  EXPECT_EQ(*quarter(8), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::invalid_data);
  EXPECT_EQ(failed.error().hint(), "pass an even one");
}

TEST(Error, context_goes_before_the_message) {
  const Error error = Error(Errc::corrupt, "checksum differs", "a.parquet").with_context("reading signals");
  EXPECT_EQ(error.message(), "reading signals: checksum differs");
  EXPECT_EQ(error.where(), "a.parquet");
  EXPECT_EQ(code_text(error.code()), "TW3004");
}

}  // namespace
}  // namespace tradewind
