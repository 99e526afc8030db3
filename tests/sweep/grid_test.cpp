// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/grid.hpp"

#include <gtest/gtest.h>

namespace tradewind::sweep {
namespace {

const std::vector<AxisSpec> kSpecs = {{"fast", 10, 1, 1000, true}, {"slow", 50, 1, 1000, true}, {"level", 2, 0, 100, false}};

Result<std::vector<Axis>> axes_of(const char* yaml) {
  auto document = config::parse_config(yaml, "f");
  if (!document) return document.error();
  config::Complaints complaints("f");
  config::MapReader reader(*document, "strategies[0]", complaints);
  auto axes = read_axes(reader, kSpecs);
  reader.finish();
  TRADEWIND_TRY(complaints.status());
  return axes;
}

TEST(ReadAxes, takes_numbers_lists_ranges_and_defaults) {
  const auto axes = axes_of("{fast: {from: 5, to: 20, step: 5}, level: [0.1, 0.2]}");
  ASSERT_TRUE(axes);
  EXPECT_EQ((*axes)[0].values, (std::vector<double>{5, 10, 15, 20}));
  EXPECT_EQ((*axes)[1].values, (std::vector<double>{50}));
  EXPECT_EQ((*axes)[2].values.size(), 2U);
  EXPECT_EQ((*axes_of("{level: {from: 0.1, to: 0.3, step: 0.1}}"))[2].values.size(), 3U) << "both ends are included in spite of rounding";
}

TEST(ReadAxes, a_range_has_the_decimals_as_written) {
  EXPECT_EQ((*axes_of("{level: {from: 0.1, to: 0.3, step: 0.1}}"))[2].values, (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_EQ((*axes_of("{level: {from: 0.5, to: 0.9, step: 0.1}}"))[2].values, (std::vector<double>{0.5, 0.6, 0.7, 0.8, 0.9}));
  EXPECT_EQ((*axes_of("{level: {from: 1e-3, to: 0.0036, step: 0.0013}}"))[2].values, (std::vector<double>{0.001, 0.0023, 0.0036}));
  const auto many = (*axes_of("{level: {from: 0, to: 100, step: 0.001}}"))[2].values;
  ASSERT_EQ(many.size(), 100001U);
  for (std::size_t i = 0; i < many.size(); ++i) ASSERT_EQ(many[i], static_cast<double>(i) / 1000) << i;
}

TEST(ReadAxes, complains_about_bad_values) {
  for (const char* yaml : {"{fast: x}", "{fast: 0}", "{fast: 1.5}", "{fast: []}", "{fast: [1, 1]}", "{fast: {from: 5}}",
                           "{fast: {from: 9, to: 5}}", "{fast: {from: 1, to: 9, step: 0}}", "{fast: {from: 1, to: 9, stepp: 1}}",
                           "{fats: 3}", "{level: {from: 0, to: 100, step: 0.00001}}"})
    EXPECT_FALSE(axes_of(yaml)) << yaml;
}

TEST(Grid, keeps_what_the_conditions_allow_last_axis_fastest) {
  const auto grid = Grid::make({{"fast", {1, 2, 3}}, {"slow", {2, 3}}}, {"fast < slow", ""});
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->full_size(), 6U);
  ASSERT_EQ(grid->size(), 3U);
  EXPECT_EQ(grid->values(0), (std::vector<double>{1, 2}));
  EXPECT_EQ(grid->values(2), (std::vector<double>{2, 3}));
}

TEST(Grid, refuses_unknown_names_and_too_many_combinations) {
  const auto unknown = Grid::make({{"fast", {1}}}, {"fats < 3"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint(), "did you mean 'fast'?");
  std::vector<double> many(10'000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  EXPECT_EQ(Grid::make({{"a", many}, {"b", many}}, {}).error().code(), Errc::too_large);
}

}  // namespace
}  // namespace tradewind::sweep
