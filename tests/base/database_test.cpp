// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/database.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace tradewind {
namespace {

TEST(Database, A_missing_file_and_one_that_is_none_are_told_apart) {
  const Path folder = std::filesystem::temp_directory_path() / "tradewind_database_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  EXPECT_EQ(Database::open(folder / "none", Database::Mode::read).error().code(), Errc::not_found);
  std::ofstream(folder / "text") << std::string(4096, 'x');
  const auto damaged = Database::open(folder / "text", Database::Mode::write);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), Errc::corrupt);
  auto fresh = Database::open(folder / "fresh", Database::Mode::create);
  ASSERT_TRUE(fresh);
  ASSERT_TRUE(fresh->run("CREATE TABLE t(a INTEGER, b TEXT)"));
  {
    auto insert = fresh->prepare("INSERT INTO t VALUES(?1, ?2)");
    ASSERT_TRUE(insert->bind(1, 7).bind(2, "x'; DROP TABLE t; --").run());
    auto row = fresh->prepare("SELECT a, b FROM t");
    ASSERT_TRUE(*row->step());
    EXPECT_EQ(row->integer(0), 7);
    EXPECT_EQ(row->text(1), "x'; DROP TABLE t; --");
  }
  EXPECT_FALSE(fresh->run("SELECT nonsense"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tradewind
