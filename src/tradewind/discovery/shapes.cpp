// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/discovery/matrix_profile.hpp"
#include "tradewind/discovery/pattern_miner.hpp"

namespace tradewind::discovery {
namespace {

/// The series with blocks of its increments (or values) in random order.
std::vector<double> surrogate_of(std::span<const double> series, const ShapeOptions& options, std::uint64_t number) {
  std::vector<double> steps(series.begin(), series.end());
  if (options.levels) {
    std::adjacent_difference(series.begin(), series.end(), steps.begin());
    steps.erase(steps.begin());
  }
  std::vector<std::size_t> order((steps.size() + options.block - 1) / options.block);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(options.seed, number);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  std::vector<double> result;
  if (options.levels) result.push_back(series.front());
  for (const std::size_t block : order) {
    const std::size_t end = std::min(steps.size(), (block + 1) * options.block);
    for (std::size_t i = block * options.block; i < end; ++i) result.push_back(options.levels ? result.back() + steps[i] : steps[i]);
  }
  return result;
}

struct Extremes {
  double nearest = std::numeric_limits<double>::infinity();
  double strangest = -1;
};

Extremes extremes_of(const MatrixProfile& profile) {
  Extremes extremes;
  for (const double distance : profile.distance) {
    if (std::isnan(distance)) continue;
    extremes.nearest = std::min(extremes.nearest, distance);
    extremes.strangest = std::max(extremes.strangest, distance);
  }
  return extremes;
}

bool is_near(std::size_t a, std::size_t b, std::size_t zone) { return (a > b ? a - b : b - a) <= zone; }

/// The best windows, each outside the exclusion zone of those before it (and of their partners).
std::vector<Shape> pick(const MatrixProfile& profile, bool nearest_first, std::size_t zone, int candidates) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < profile.distance.size(); ++i)
    if (!std::isnan(profile.distance[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return nearest_first ? profile.distance[a] < profile.distance[b] : profile.distance[a] > profile.distance[b];
  });
  std::vector<Shape> shapes;
  for (const std::size_t i : order) {
    if (shapes.size() == static_cast<std::size_t>(candidates)) break;
    const auto match = static_cast<std::size_t>(profile.match[i]);
    const bool taken = std::any_of(shapes.begin(), shapes.end(), [&](const Shape& s) {
      if (!nearest_first) return is_near(i, s.start, zone);
      return is_near(i, s.start, zone) || is_near(i, s.match, zone) || is_near(match, s.start, zone) || is_near(match, s.match, zone);
    });
    if (!taken) shapes.push_back({i, match, profile.distance[i], 1});
  }
  return shapes;
}

Status check(const ShapeOptions& options) {
  if (options.surrogates < 19 || options.surrogates > 10000)
    return Error(Errc::usage, fmt::format("{} surrogates; 19 to 10000 are possible", options.surrogates), "surrogates");
  if (options.block < 1 || options.candidates < 1) return Error(Errc::usage, "block and candidates must be at least 1", "block");
  return {};
}

}  // namespace

Result<Shapes> find_shapes(std::span<const double> series, const ShapeOptions& options) {
  TRADEWIND_TRY(check(options));
  TRADEWIND_ASSIGN(const MatrixProfile profile, matrix_profile(series, options.profile));
  Shapes shapes;
  shapes.windows = std::count_if(profile.distance.begin(), profile.distance.end(), [](double d) { return !std::isnan(d); });
  if (shapes.windows == 0) return shapes;

  std::vector<Extremes> null(static_cast<std::size_t>(options.surrogates));
  ProfileOptions alone = options.profile;
  alone.threads = 1;
  TRADEWIND_TRY(parallel_for(
      null.size(), options.profile.threads,
      [&](std::size_t number) -> Status {
        TRADEWIND_ASSIGN(const MatrixProfile chance, matrix_profile(surrogate_of(series, options, number), alone));
        null[number] = extremes_of(chance);
        return {};
      },
      options.profile.cancellation));

  const std::size_t zone = options.profile.exclusion > 0 ? options.profile.exclusion : (options.profile.window + 3) / 4;
  const auto keep = [&](std::vector<Shape> found, auto as_extreme) {
    for (Shape& shape : found) {
      const auto hits = std::count_if(null.begin(), null.end(), [&](const Extremes& e) { return as_extreme(e, shape.distance); });
      shape.p_value = static_cast<double>(hits + 1) / static_cast<double>(null.size() + 1);
    }
    std::erase_if(found, [](const Shape& shape) { return shape.p_value > kSignificance; });
    return found;
  };
  shapes.motifs = keep(pick(profile, true, zone, options.candidates), [](const Extremes& e, double d) { return e.nearest <= d; });
  shapes.discords = keep(pick(profile, false, zone, options.candidates), [](const Extremes& e, double d) { return e.strangest >= d; });
  return shapes;
}

}  // namespace tradewind::discovery
