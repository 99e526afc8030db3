// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tradewind/workspace/arrow_internal.hpp"

namespace tradewind::workspace {
namespace {

TEST(FromArrow, what_the_system_lacks_is_no_damage_of_the_file) {
  const auto code = [](const arrow::Status& status) { return from_arrow(status, "w0-0.arrow", Errc::corrupt).code(); };
  EXPECT_EQ(code(arrow::Status::IOError("Failed to launch worker thread: Resource temporarily unavailable")), Errc::storage);
  EXPECT_EQ(code(arrow::Status::OutOfMemory("malloc of size 64 failed")), Errc::storage);
  EXPECT_EQ(code(arrow::Status::IOError("No space left on device")), Errc::storage);
  EXPECT_EQ(code(arrow::Status::Invalid("no Arrow file")), Errc::corrupt);
}

}  // namespace
}  // namespace tradewind::workspace
