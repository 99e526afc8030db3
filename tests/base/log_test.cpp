// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/log.hpp"

#include <sys/stat.h>

#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tradewind/base/text.hpp"

namespace tradewind {
namespace {

struct HandClock final : Clock {
  UnixNanos now() const override { return 1'700'000'000 * kNanosPerSecond + time; }
  std::int64_t steady() const override { return time; }
  void pass(double seconds) { time += static_cast<std::int64_t>(seconds * 1e9); }
  std::int64_t time = 5 * kNanosPerSecond;
};

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tradewind-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    path = folder / "a.log";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::unique_ptr<Log> open(FileLogSettings settings = {}) {
    settings.clock = &clock;
    auto log = open_file_log(path, settings);
    EXPECT_TRUE(log);
    return log ? std::move(*log) : nullptr;
  }
  std::string text() const { return read_file(path).value_or("unreadable"); }

  HandClock clock;
  Path folder;
  Path path;
};

TEST_F(LogTest, a_line_for_each_event_of_the_level) {
  const auto log = open();
  log->debug("unseen");
  log->info("begins\n2026 error forged \xff");
  EXPECT_EQ(text(), "") << "information is written together";
  clock.pass(0.25);
  log->warn("a warning");
  EXPECT_EQ(text(), "2023-11-14T22:13:25.000Z info begins\\x0A2026 error forged \\xFF\n2023-11-14T22:13:25.250Z warn a warning\n");
  log->info("more");
  log->flush();
  EXPECT_TRUE(text().ends_with("info more\n"));
  EXPECT_FALSE(log->keeps(LogLevel::debug));
  struct stat about{};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(LogTest, the_same_text_comes_once_a_minute_with_its_count) {
  {
    const auto log = open();
    for (int i = 0; i < 90; ++i) {
      log->write_seldom(LogLevel::warn, "no answer");
      clock.pass(1);
    }
    log->write_seldom(LogLevel::warn, "another");
  }
  EXPECT_EQ(text(),
            "2023-11-14T22:13:25.000Z warn no answer\n2023-11-14T22:14:25.000Z warn no answer (59 more)\n"
            "2023-11-14T22:14:55.000Z warn another\n2023-11-14T22:14:55.000Z warn no answer (30 more)\n");
}

TEST_F(LogTest, what_differs_each_time_is_remembered_within_bounds) {
  const auto log = open({.file_bytes = 100'000'000});
  for (int i = 0; i < 5000; ++i) log->write_seldom(LogLevel::info, fmt::format("text {}", i));
  log->flush();
  EXPECT_EQ(split(text(), '\n').size(), 5001U);
}

TEST_F(LogTest, files_are_few_and_small) {
  const auto log = open({.file_bytes = 2000, .files = 3});
  for (int i = 0; i < 1000; ++i) log->warn(fmt::format("line {}", i));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ++files;
    EXPECT_LE(entry.file_size(), 2000U);
  }
  EXPECT_EQ(files, 3U);
  EXPECT_TRUE(text().ends_with("line 999\n"));
  EXPECT_TRUE(std::filesystem::exists(folder / "a.2.log"));
}

TEST_F(LogTest, a_full_disk_stops_nothing_and_is_told_afterwards) {
  struct stat before{};
  ASSERT_EQ(::stat("/dev/full", &before), 0);
  std::filesystem::create_symlink("/dev/full", path);
  const auto log = open();
  for (int i = 0; i < 100; ++i) {
    log->warn(std::string(1000, 'x'));
    clock.pass(7);
  }
  struct stat after{};
  ASSERT_EQ(::stat("/dev/full", &after), 0);
  EXPECT_EQ(before.st_mode, after.st_mode);
  std::filesystem::remove(path);
  log->info("not yet");
  clock.pass(60);
  log->warn("goes on");
  const std::string written = text();
  EXPECT_NE(written.find("warn lines are missing here, the log could not be written: "), std::string::npos) << written;
  EXPECT_TRUE(written.ends_with("warn goes on\n")) << written;
  EXPECT_EQ(written.find("not yet"), std::string::npos);
}

TEST_F(LogTest, a_folder_that_goes_while_files_are_rotated_stops_nothing) {
  const auto log = open({.file_bytes = 500});
  std::filesystem::remove_all(folder);
  write_file_durable(folder, "a file where the folder was").value();
  for (int i = 0; i < 50; ++i) log->warn(fmt::format("line {}", i));
  std::filesystem::remove(folder);
  clock.pass(60);
  log->warn("goes on");
  EXPECT_TRUE(text().ends_with("warn goes on\n"));
}

TEST_F(LogTest, a_place_that_takes_no_log_is_said) {
  std::filesystem::create_directories(path);
  const auto log = open_file_log(path);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code(), Errc::storage);
  null_log().error("nobody hears");
  EXPECT_FALSE(null_log().keeps(LogLevel::error));
}

TEST_F(LogTest, threads_write_whole_lines) {
  const auto log = open();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&log] {
        for (int i = 0; i < 500; ++i) log->info("whole");
      });
  }
  log->flush();
  const auto lines = split(text(), '\n');
  EXPECT_EQ(lines.size(), 2001U);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) EXPECT_TRUE(lines[i].ends_with("Z info whole")) << lines[i];
}

}  // namespace
}  // namespace tradewind
