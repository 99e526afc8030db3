// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/events.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::workspace {
namespace {

class Events : public testing::Test {
 protected:
  void SetUp() override {
    root = std::filesystem::temp_directory_path() / ("tradewind-events-" + std::to_string(::getpid()));
    auto writer = RunWriter::create(root, "r", {.writer = "w0", .layout = Layout::files, .metric_columns = {"sharpe_ratio"}});
    ASSERT_TRUE(writer);
    RunMetadata metadata;
    metadata.run_id = "r";
    ASSERT_TRUE(writer->finish(metadata));
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  Path root;
  const std::vector<EventTrace> chain = {{0, -1, 10, "SPY", "bar", "a", "{}"},
                                         {1, 0, 10, "a", "signal", "a", "{\"position\":1}"},
                                         {2, 1, 20, "execution", "fill", "a", "{}"},
                                         {3, -1, 20, "SPY", "bar", "b", "{}"},
                                         {4, 3, 20, "b", "signal", "b", "{}"}};
};

TEST_F(Events, are_kept_and_counted) {
  ASSERT_TRUE(write_traces(root, "r", chain));
  const auto all = read_traces(root, "r");
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 5U);
  EXPECT_EQ((*all)[1].payload, "{\"position\":1}");
  EXPECT_EQ((*all)[0].parent_id, -1);
  EXPECT_EQ(read_traces(root, "r", "b")->size(), 2U);
  EXPECT_EQ(read_run_metadata(root, "r")->total_events, 5);
  EXPECT_TRUE(verify(root, "r")->faults.empty());
}

TEST_F(Events, lineage_goes_both_ways) {
  ASSERT_TRUE(write_traces(root, "r", chain));
  const auto lineage = trace_event(root, "r", 1);
  ASSERT_TRUE(lineage);
  ASSERT_EQ(lineage->ancestors.size(), 1U);
  EXPECT_EQ(lineage->ancestors[0].type, "bar");
  ASSERT_EQ(lineage->descendants.size(), 1U);
  EXPECT_EQ(lineage->descendants[0].type, "fill");
  EXPECT_EQ(trace_event(root, "r", 99).error().code(), Errc::not_found);
}

TEST_F(Events, that_cannot_be_are_refused) {
  EXPECT_EQ(read_traces(root, "r").error().code(), Errc::not_found);
  EXPECT_FALSE(write_traces(root, "r", std::vector<EventTrace>{{1, 1, 0, "", "", "", ""}}));
  EXPECT_FALSE(write_traces(root, "r", std::vector<EventTrace>{{2, -1, 0, "", "", "", ""}, {1, -1, 0, "", "", "", ""}}));
}

TEST_F(Events, a_flipped_byte_is_found) {
  ASSERT_TRUE(write_traces(root, "r", chain));
  const Path file = root / "r/events/traces.parquet";
  auto bytes = read_file(file);
  (*bytes)[bytes->size() / 2] = static_cast<char>((*bytes)[bytes->size() / 2] ^ 1);
  ASSERT_TRUE(write_file_durable(file, *bytes));
  EXPECT_EQ(verify(root, "r")->faults.size(), 1U);
}

}  // namespace
}  // namespace tradewind::workspace
