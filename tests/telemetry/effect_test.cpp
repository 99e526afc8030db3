// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/effect.hpp"

#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::telemetry {
namespace {

std::vector<double> series(int count, const std::function<double(int)>& value) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(value(i));
  return out;
}

/// scipy 1.17: mannwhitneyu(before, after, method="asymptotic") gives p = 0.091942763856816; the interval from sorted pairwise ratios.
TEST(Effect, agrees_with_scipy) {
  const Effect effect =
      compare_cycles(series(60, [](int i) { return 100 + i * 37 % 101; }), series(40, [](int i) { return 95 + i * 53 % 97; }));
  EXPECT_NEAR(effect.p_value.value(), 0.091942763856816, 1e-12);
  EXPECT_NEAR(effect.ratio.value(), 0.9312334656084655, 1e-12);
  EXPECT_NEAR(effect.ratio_low.value(), 0.8531468531468531, 1e-12);
  EXPECT_NEAR(effect.ratio_high.value(), 1.0114942528735633, 1e-12);
  EXPECT_DOUBLE_EQ(effect.median_before_ms.value(), 149.5);
  EXPECT_DOUBLE_EQ(effect.median_after_ms.value(), 140.5);
  EXPECT_EQ(effect.verdict, EffectVerdict::no_difference);
}

TEST(Effect, sees_help_and_harm) {
  Random random(3);
  const auto noisy = [&](double scale) { return series(100, [&](int) { return scale * std::exp(0.3 * random.normal()); }); };
  const Effect helped = compare_cycles(noisy(100), noisy(70));
  EXPECT_EQ(helped.verdict, EffectVerdict::helped);
  EXPECT_NEAR(helped.ratio.value(), 0.7, 0.08);
  EXPECT_LT(helped.p_value.value(), 1e-6);
  EXPECT_EQ(compare_cycles(noisy(70), noisy(100)).verdict, EffectVerdict::hurt);
}

TEST(Effect, rarely_sees_one_where_there_is_none) {
  int seen = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto noisy = [&] { return series(50, [&](int) { return 100 * std::exp(random.normal()); }); };
    const auto before = noisy();
    seen += compare_cycles(before, noisy()).verdict != EffectVerdict::no_difference;
  }
  EXPECT_LE(seen, 20) << "of 200, at 5 %";
}

TEST(Effect, needs_cycles) {
  const auto flat = [](int count) { return series(count, [](int) { return 10.0; }); };
  EXPECT_EQ(compare_cycles(flat(19), flat(100)).verdict, EffectVerdict::too_few_cycles);
  EXPECT_EQ(compare_cycles(flat(100), flat(19)).verdict, EffectVerdict::too_few_cycles);
  EXPECT_FALSE(compare_cycles({}, {}).median_before_ms);
  EXPECT_FALSE(compare_cycles(flat(5), flat(5)).ratio);
  const Effect same = compare_cycles(flat(20), flat(20));
  EXPECT_EQ(same.verdict, EffectVerdict::no_difference);
  EXPECT_DOUBLE_EQ(same.p_value.value(), 1);
  EXPECT_EQ(compare_cycles(series(20, [](int) { return 0.0; }), flat(20)).verdict, EffectVerdict::hurt);
}

}  // namespace
}  // namespace tradewind::telemetry
