// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session_log_internal.hpp"

#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tradewind::live {
namespace {

using execution::OrderStatus;
using execution::Record;

/// Keeps what it is told; `seldom` marks what may come again and again.
struct KeptLog final : Log {
  explicit KeptLog(LogLevel least_ = LogLevel::info) : least(least_) {}
  void write(LogLevel level, std::string_view text) noexcept override {
    if (keeps(level)) lines.push_back(fmt::format("{} {}", enum_name(level), text));
  }
  void write_seldom(LogLevel level, std::string_view text) noexcept override { write(level, fmt::format("seldom {}", text)); }
  bool keeps(LogLevel level) const noexcept override { return level >= least; }
  void flush() noexcept override {}
  LogLevel least;
  std::vector<std::string> lines;
};

struct FullJournal final : execution::Journal {
  Status append(std::span<const Record>) override { return Error(Errc::storage, "no space left on device"); }
  Status read(const std::function<void(const Record&)>&) const override { return {}; }
};

const std::vector<Record> kRecords = {
    {0, execution::OrderChanged{"tw1", OrderStatus::open, {}, {}}},
    {0, execution::OrderChanged{"tw1", OrderStatus::rejected, {}, "no such market"}},
    {0, execution::OrderChanged{"tw2", OrderStatus::unknown, {}, "no answer"}},
    {0, execution::StateChanged{execution::TradingState::halted, "loss limit: too much"}},
    {0, execution::StateChanged{execution::TradingState::active, "by command"}},
    {0, execution::StrategySwitched{"a", false, true, "fault: it threw", {}}},
    {0, execution::StrategySwitched{"b", false, false, "max_loss: 5 lost, 4 allowed", {}}},
    {0, execution::StrategySwitched{"b", true, false, {}, {}}},
    {0, execution::CommandTaken{7, R"({"do":"x"})", false, "there is no command 'x'"}},
    {0, execution::CapitalMoved{{}, {{"a", Money::whole(-2)}, {"b", Money::whole(2)}}, false}},
};

TEST(SessionLog, what_is_written_to_the_journal_is_told_in_words) {
  execution::MemoryJournal kept;
  KeptLog log;
  LoggedJournal journal(kept, log);
  ASSERT_TRUE(journal.append(kRecords));
  EXPECT_EQ(kept.records(), kRecords);
  const std::vector<std::string> expected = {
      "warn seldom an order is rejected: no such market",
      "warn seldom what became of an order is not known: no answer",
      "warn trading is HALTED: loss limit: too much",
      "info trading is ACTIVE: by command",
      "warn strategy a is set aside, its positions are left: fault: it threw",
      "warn strategy b has passed a limit of its own and is stopped: max_loss: 5 lost, 4 allowed",
      "info strategy b is enabled",
      R"(warn command 7 is refused: {"do":"x"}: there is no command 'x')",
      "info capital of a: -2",
      "info capital of b: +2",
  };
  EXPECT_EQ(log.lines, expected);
  std::vector<Record> read;
  ASSERT_TRUE(journal.read([&](const Record& record) { read.push_back(record); }));
  EXPECT_EQ(read, kRecords);
}

TEST(SessionLog, orders_are_told_when_asked_for) {
  execution::MemoryJournal kept;
  KeptLog log(LogLevel::debug);
  ASSERT_TRUE(LoggedJournal(kept, log).append(std::span(kRecords).first(1)));
  EXPECT_EQ(log.lines, std::vector<std::string>{"debug order tw1 is open"});
}

TEST(SessionLog, what_is_not_in_the_journal_is_not_told) {
  FullJournal full;
  KeptLog log;
  EXPECT_FALSE(LoggedJournal(full, log).append(kRecords));
  EXPECT_EQ(log.lines, std::vector<std::string>{"error seldom the journal cannot be written: no space left on device"});
}

}  // namespace
}  // namespace tradewind::live
