// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/matrix_profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::discovery {
namespace {

std::vector<double> random_walk(std::size_t bars, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> series;
  double level = 100;
  for (std::size_t t = 0; t < bars; ++t) series.push_back(level += random.normal());
  return series;
}

std::vector<double> normalised(std::span<const double> window) {
  double mean = 0;
  for (const double x : window) mean += x / static_cast<double>(window.size());
  double squares = 0;
  for (const double x : window) squares += (x - mean) * (x - mean);
  std::vector<double> z;
  for (const double x : window) z.push_back((x - mean) / std::sqrt(squares / static_cast<double>(window.size())));
  return z;
}

/// The definition: every window against every other.
std::vector<double> naive(std::span<const double> series, std::size_t m) {
  const std::size_t n = series.size() - m + 1;
  const std::size_t zone = (m + 3) / 4;
  std::vector<double> nearest(n, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < n; ++i) {
    const auto a = normalised(series.subspan(i, m));
    for (std::size_t j = 0; j < n; ++j) {
      if ((i > j ? i - j : j - i) <= zone) continue;
      const auto b = normalised(series.subspan(j, m));
      double squares = 0;
      for (std::size_t k = 0; k < m; ++k) squares += (a[k] - b[k]) * (a[k] - b[k]);
      nearest[i] = std::min(nearest[i], std::sqrt(squares));
    }
  }
  return nearest;
}

TEST(MatrixProfile, agrees_with_the_definition_and_at_any_thread_count) {
  for (const std::size_t bars : {31, 64, 203}) {
    const auto series = random_walk(bars, bars);
    const auto profile = *matrix_profile(series, {.window = 12});
    const auto expected = naive(series, 12);
    ASSERT_EQ(profile.distance.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(profile.distance[i], expected[i], 1e-6) << bars << " " << i;
    const auto again = *matrix_profile(series, {.window = 12, .threads = 3});
    EXPECT_EQ(again.distance, profile.distance);
    EXPECT_EQ(again.match, profile.match);
  }
}

TEST(MatrixProfile, constant_windows_match_nothing) {
  auto series = random_walk(120, 3);
  std::fill(series.begin() + 40, series.begin() + 60, 7.0);
  const auto profile = *matrix_profile(series, {.window = 10});
  EXPECT_TRUE(std::isnan(profile.distance[45]));
  EXPECT_EQ(profile.match[45], -1);
  EXPECT_FALSE(std::isnan(profile.distance[0]));
  EXPECT_TRUE(std::none_of(profile.match.begin(), profile.match.end(), [](std::int64_t j) { return j >= 40 && j <= 50; }));
  const auto flat = *matrix_profile(std::vector<double>(50, 3.0), {.window = 10});
  EXPECT_TRUE(std::all_of(flat.distance.begin(), flat.distance.end(), [](double d) { return std::isnan(d); }));
}

TEST(MatrixProfile, short_and_bad_series) {
  EXPECT_TRUE(matrix_profile({}, {.window = 10})->distance.empty());
  EXPECT_TRUE(std::isnan(matrix_profile(random_walk(11, 1), {.window = 10})->distance[0])) << "no partner";
  EXPECT_EQ(matrix_profile(random_walk(11, 1), {.window = 3}).error().code(), Errc::usage);
  auto series = random_walk(50, 1);
  series[20] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(matrix_profile(series, {.window = 10}).error().where(), "row 20");
}

TEST(Shapes, a_planted_motif_is_found_and_named) {
  auto series = random_walk(900, 4);
  for (std::size_t k = 0; k < 60; ++k) {
    const double shape = 12 * std::sin(0.35 * static_cast<double>(k)) + 6 * std::cos(0.9 * static_cast<double>(k));
    series[150 + k] = series[149] + shape;
    series[600 + k] = series[599] + shape;
  }
  ShapeOptions options;
  options.profile.window = 40;
  options.surrogates = 19;
  const auto found = *find_shapes(series, options);
  ASSERT_FALSE(found.motifs.empty());
  EXPECT_EQ(std::max(found.motifs[0].start, found.motifs[0].match) - std::min(found.motifs[0].start, found.motifs[0].match), 450U);
  EXPECT_LE(found.motifs[0].p_value, 0.05);
}

TEST(Shapes, noise_rarely_has_any) {
  int with_motif = 0;
  int with_discord = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    ShapeOptions options;
    options.profile.window = 20;
    options.surrogates = 19;
    options.seed = seed;
    const auto found = *find_shapes(random_walk(250, 100 + seed), options);
    with_motif += found.motifs.empty() ? 0 : 1;
    with_discord += found.discords.empty() ? 0 : 1;
  }
  EXPECT_LE(with_motif, 6) << "5 % of 40 are 2";
  EXPECT_LE(with_discord, 6);
}

TEST(Shapes, degenerate_series_have_none) {
  EXPECT_TRUE(find_shapes({}, {})->motifs.empty());
  EXPECT_TRUE(find_shapes(std::vector<double>(300, 1.0), {})->motifs.empty());
  ShapeOptions few;
  few.surrogates = 1;
  EXPECT_EQ(find_shapes({}, few).error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::discovery
