// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/tuner_internal.hpp"

#include <gtest/gtest.h>

#include "../telemetry/fake_clock.hpp"

namespace tradewind::live {
namespace {

/// A session whose cycles take as long as the test says, and whose cache is off, which is worth a suggestion while cycles are late.
class TunerTest : public ::testing::Test {
 protected:
  void cycles(int count, double milliseconds) {
    for (int i = 0; i < count; ++i) {
      monitor.start_cycle();
      clock.pass_ms(milliseconds + 0.01 * i);
      monitor.end_cycle();
      if (i % 10 == 9) changed += tuner.review(optimizer.optimize_config(monitor.generate_performance_report()), optimizer, monitor);
    }
  }
  telemetry::FakeClock clock;
  telemetry::PerformanceMonitor monitor{{.target_cycle_time_ms = 200}, clock};
  telemetry::PerformanceOptimizer optimizer{{.use_caching = false, .max_workers = 1}, clock};
  Tuner tuner;
  int changed = 0;
};

TEST_F(TunerTest, Nothing_is_changed_before_there_is_something_to_compare_with) {
  cycles(10, 300);
  EXPECT_EQ(changed, 0);
  EXPECT_TRUE(tuner.report().empty());
}

TEST_F(TunerTest, Nothing_is_changed_while_cycles_are_in_time) {
  cycles(60, 100);
  EXPECT_EQ(changed, 0);
}

TEST_F(TunerTest, What_helps_is_kept) {
  cycles(20, 300);
  EXPECT_EQ(changed, 1);
  EXPECT_TRUE(optimizer.settings().use_caching);
  cycles(30, 210);
  const Json report = tuner.report();
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0]["key"], "use_caching");
  EXPECT_EQ(report[0]["verdict"], "helped");
  EXPECT_EQ(report[0]["kept"], true);
  EXPECT_TRUE(optimizer.settings().use_caching);
  EXPECT_EQ(changed, 1);
}

TEST_F(TunerTest, What_makes_no_difference_is_taken_back) {
  cycles(20, 300);
  ASSERT_TRUE(optimizer.settings().use_caching);
  cycles(100, 300);
  EXPECT_EQ(tuner.report()[0]["verdict"], "no_difference");
  EXPECT_EQ(tuner.report()[0]["kept"], false);
  EXPECT_FALSE(optimizer.settings().use_caching);
}

TEST_F(TunerTest, What_hurts_is_taken_back_and_not_tried_again) {
  cycles(20, 300);
  ASSERT_TRUE(optimizer.settings().use_caching);
  cycles(100, 400);
  EXPECT_EQ(tuner.report()[0]["verdict"], "hurt");
  EXPECT_EQ(tuner.report()[0]["kept"], false);
  EXPECT_FALSE(optimizer.settings().use_caching);
  EXPECT_EQ(changed, 2);
}

}  // namespace
}  // namespace tradewind::live
