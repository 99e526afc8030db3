// SPDX-License-Identifier: Apache-2.0
// How a session on simulated markets is gone on with.
#include <gtest/gtest.h>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/config/value.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {
namespace {

class SessionResume : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(options.workspace); }
  void TearDown() override { std::filesystem::remove_all(options.workspace); }
  Result<std::unique_ptr<LiveSession>> open(std::int64_t cycles) {
    options.cycles = cycles;
    const char* text = "total_capital: 1000\ncycle_interval: 0\nstrategies: {enabled: [momentum, news]}\n";
    return LiveSession::open(std::move(*read_live_config(*config::parse_config(text, "live.yaml"), "live.yaml")), options);
  }
  std::int64_t last_cycle() const {
    using execution::SqliteJournal;
    const auto journal = SqliteJournal::open(SessionFiles::of(options.workspace, "s").journal, SqliteJournal::Access::reader);
    return (*journal)->last_mark()->cycle;
  }
  SessionOptions options{.workspace = std::filesystem::temp_directory_path() / "tradewind_session_resume_test", .session = "s"};
};

TEST_F(SessionResume, One_that_is_stopped_while_it_sees_its_past_again_has_changed_nothing) {
  ASSERT_TRUE((*open(30))->run());
  ASSERT_EQ(last_cycle(), 30);
  Cancellation stop;
  stop.request();
  options.cancellation = &stop;
  const auto stopped = open(10);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), Errc::interrupted);
  EXPECT_EQ(last_cycle(), 30);
  options.cancellation = nullptr;
  ASSERT_TRUE((*open(10))->run());
  EXPECT_EQ(last_cycle(), 40);
}

}  // namespace
}  // namespace tradewind::live
