// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/family_wise.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/metrics/sums_internal.hpp"
#include "tradewind/metrics/superior_ability.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::size_t kMostSums = 1024;
constexpr std::size_t kLeastBars = 10;
constexpr std::size_t kMeasuredLengths = 200;  ///< trials whose automatic block lengths are looked at
constexpr std::size_t kDrawnTogether = 16;
constexpr std::size_t kTile = 8;  ///< trials side by side

/// Four floats in one register of any 64-bit processor: the order of additions is this code's.
using Quad = float __attribute__((vector_size(16)));

Quad load_quad(const float* from) {
  Quad quad;
  std::memcpy(&quad, from, sizeof quad);
  return quad;
}

/// t, lowered for a left skew.
double lowered_t(const ReturnMoments& m) {
  const double root = std::sqrt(static_cast<double>(m.bars));
  const double t = m.sharpe * root;
  return std::min(t, t + m.skewness * (2 * t * t + 1) / (6 * root));
}

/// The trials that take part, best first, their block sums eight trials side by side.
struct Field {
  std::vector<std::size_t> trial;
  std::vector<double> t;
  std::vector<float> shift;  ///< what a trial keeps of a clearly negative t
  std::size_t blocks = 0;
  std::vector<float> sums;  ///< at [(tile · blocks + b) · kTile + lane]
  std::size_t size() const { return trial.size(); }
  std::size_t tiles() const { return (trial.size() + kTile - 1) / kTile; }
};

/// Σ_b ξ_b X_b of four replicates and the eight trials of a tile.
void draw_tile(const float* sums, const float* weights, std::size_t blocks, std::size_t stride, float* out, std::size_t width) {
  Quad low[4]{}, high[4]{};
  for (std::size_t b = 0; b < blocks; ++b) {
    const Quad x = load_quad(sums + b * kTile), y = load_quad(sums + b * kTile + 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const float w = weights[i * stride + b];
      const Quad weight = {w, w, w, w};
      low[i] += weight * x;
      high[i] += weight * y;
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    std::memcpy(out + i * width, &low[i], sizeof low[i]);
    std::memcpy(out + i * width + 4, &high[i], sizeof high[i]);
  }
}

/// What replicates say.
struct Drawn {
  std::vector<std::int64_t> reached;  ///< by rank: replicates whose maximum from that rank on reaches the t observed
  std::vector<double> maxima;         ///< by replicate: over all trials, none of them shifted
};

/// Counts one replicate's statistics.
void count(const Field& field, const float* drawn, Drawn& into) {
  float all = -INFINITY, tail = -INFINITY;
  for (std::size_t rank = field.size(); rank-- > 0;) {
    all = std::max(all, drawn[rank]);
    tail = std::max(tail, drawn[rank] + field.shift[rank]);
    into.reached[rank] += static_cast<double>(tail) >= field.t[rank];
  }
  into.maxima.push_back(static_cast<double>(all));
}

Result<Drawn> draw(const Field& field, const FamilyWiseOptions& options, const Cancellation* cancellation) {
  const auto replicates = static_cast<std::size_t>(options.replicates);
  const std::size_t width = field.tiles() * kTile;
  std::vector<Drawn> parts((replicates + kDrawnTogether - 1) / kDrawnTogether);
  TRADEWIND_TRY(parallel_for(
      parts.size(), options.threads,
      [&](std::size_t part) -> Status {
        std::vector<float> weights(kDrawnTogether * field.blocks), drawn(kDrawnTogether * width);
        const std::size_t first = part * kDrawnTogether, last = std::min(replicates, first + kDrawnTogether);
        for (std::size_t i = first; i < last; ++i) {
          Random random(options.seed, i);
          float* row = weights.data() + (i - first) * field.blocks;
          for (std::size_t b = 0; b < field.blocks; ++b) row[b] = static_cast<float>(random.normal());
        }
        for (std::size_t tile = 0; tile < field.tiles(); ++tile)
          for (std::size_t i = 0; i < kDrawnTogether; i += 4)
            draw_tile(field.sums.data() + tile * field.blocks * kTile, weights.data() + i * field.blocks, field.blocks, field.blocks,
                      drawn.data() + i * width + tile * kTile, width);
        parts[part].reached.assign(field.size(), 0);
        for (std::size_t i = first; i < last; ++i) count(field, drawn.data() + (i - first) * width, parts[part]);
        return {};
      },
      cancellation));
  Drawn all{std::vector<std::int64_t>(field.size(), 0), {}};
  for (const Drawn& part : parts) {
    for (std::size_t rank = 0; rank < field.size(); ++rank) all.reached[rank] += part.reached[rank];
    all.maxima.insert(all.maxima.end(), part.maxima.begin(), part.maxima.end());
  }
  return all;
}

Field field_of(std::span<const FamilyWiseTest::Candidate> candidates, std::span<const std::size_t> live, std::size_t together) {
  Field field;
  field.trial.assign(live.begin(), live.end());
  std::vector<double> t(candidates.size());
  for (const std::size_t k : live) t[k] = lowered_t(candidates[k].moments);
  std::stable_sort(field.trial.begin(), field.trial.end(), [&](std::size_t a, std::size_t b) { return t[a] > t[b]; });
  const std::size_t steps = candidates[live.front()].sums.size();
  field.blocks = (steps + together - 1) / together;
  field.sums.resize(field.tiles() * field.blocks * kTile);
  for (std::size_t rank = 0; rank < field.size(); ++rank) {
    const auto& candidate = candidates[field.trial[rank]];
    const double bars = static_cast<double>(candidate.moments.bars);
    const double clearly_worse = -std::sqrt(2 * std::log(std::log(std::max(bars, 4.0))));
    field.t.push_back(t[field.trial[rank]]);
    field.shift.push_back(field.t.back() < clearly_worse ? static_cast<float>(field.t.back()) : 0.0F);
    float* tile = field.sums.data() + rank / kTile * field.blocks * kTile + rank % kTile;
    for (std::size_t s = 0; s < steps; ++s) tile[s / together * kTile] += candidate.sums[s];
  }
  return field;
}

/// Fills in what the draws say of all trials together.
void summarise_luck(std::vector<double> maxima, const FamilyWiseTest::Candidate& best, std::size_t trials, FamilyWise& out) {
  double sum = 0;
  for (const double m : maxima) sum += m;
  std::sort(maxima.begin(), maxima.end());
  const std::size_t n = maxima.size();
  const double median = 0.5 * (maxima[(n - 1) / 2] + maxima[n / 2]);
  // The median of the best of N independent ones is where Φ^N = 1/2.
  const double independent = std::log(0.5) / std::log(normal_cdf(median));
  out.effective_trials = std::clamp(std::isfinite(independent) ? independent : 1.0, 1.0, static_cast<double>(trials));
  out.expected_max = std::max(0.0, sum / static_cast<double>(n)) / std::sqrt(static_cast<double>(best.moments.bars));
  out.dsr_null = probabilistic_sharpe(best.moments, out.expected_max.number);
}

}  // namespace

Result<FamilyWiseTest> FamilyWiseTest::make(std::size_t bars, const FamilyWiseOptions& options) {
  if (options.replicates < 100)
    return Error(Errc::usage, fmt::format("a bootstrap needs at least 100 replicates, not {}", options.replicates), "replicates");
  if (!(options.level > 0 && options.level < 1)) return Error(Errc::usage, "the level must lie between 0 and 1", "level");
  if (options.block_length != 0 && !(options.block_length >= 1))
    return Error(Errc::usage, "the block length must be at least 1 bar, or 0 to choose it", "block_length");
  return FamilyWiseTest(bars, options);
}

FamilyWiseTest::FamilyWiseTest(std::size_t bars, const FamilyWiseOptions& options)
    : bars_(bars), per_step_(std::max<std::size_t>(1, (bars + kMostSums - 1) / kMostSums)), options_(options) {}

FamilyWiseTest::Candidate FamilyWiseTest::measure(std::span<const double> returns, std::span<const double> benchmark, Against how,
                                                  std::span<const std::uint32_t> rows) const {
  Candidate out;
  std::vector<double> excess;
  if (!benchmark.empty()) {
    excess = excess_returns(returns, benchmark, how);
    if (const MeanDeviation own = mean_deviation(returns); is_zero_variance(own.deviation, own.mean)) {
      out.why = Undefined::zero_variance;  // what never traded has beaten nothing
      return out;
    }
  }
  const std::span<const double> series = benchmark.empty() ? returns : std::span<const double>(excess);
  out.why = return_moments(series, out.moments);
  if (out.why != Undefined::defined) return out;
  const MeanDeviation m = mean_deviation(series);
  const double scale = 1 / (m.deviation * std::sqrt(static_cast<double>(series.size())));
  std::vector<double> sums((bars_ + per_step_ - 1) / per_step_);
  for (std::size_t t = 0; t < series.size(); ++t) sums[(rows.empty() ? t : rows[t]) / per_step_] += series[t] - m.mean;
  for (const double sum : sums) out.sums.push_back(static_cast<float>(sum * scale));
  return out;
}

/// Steps that are drawn together: what dependence between neighbours wants, as far as the number of trials allows.
std::size_t FamilyWiseTest::steps_together(std::span<const std::size_t> live) const {
  const double steps = static_cast<double>(candidates_[live.front()].sums.size());
  const double per_step = static_cast<double>(per_step_);
  if (options_.block_length > 0) return static_cast<std::size_t>(std::clamp(std::round(options_.block_length / per_step), 1.0, steps));
  std::vector<double> lengths;
  const std::size_t looked_at = std::min(live.size(), kMeasuredLengths);
  for (std::size_t i = 0; i < looked_at; ++i) {
    const auto& sums = candidates_[live[i * live.size() / looked_at]].sums;
    lengths.push_back(optimal_block_length(std::vector<double>(sums.begin(), sums.end())));
  }
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(looked_at / 2), lengths.end());
  const double longest = longest_block(candidates_[live.front()].sums.size(), live.size());
  return static_cast<std::size_t>(std::max(1.0, std::floor(std::min(std::round(lengths[looked_at / 2]), longest))));
}

Result<FamilyWise> FamilyWiseTest::finish(const Cancellation* cancellation) const {
  FamilyWise out;
  out.p.assign(candidates_.size(), Undefined::zero_variance);
  std::vector<std::size_t> live;
  for (std::size_t k = 0; k < candidates_.size(); ++k) (candidates_[k].why == Undefined::defined ? live : out.flat).push_back(k);
  const auto undefined = [&](Undefined why) {
    out.p_best = out.effective_trials = out.expected_max = out.dsr_null = why;
    std::fill(out.p.begin(), out.p.end(), Value(why));
    return out;
  };
  if (candidates_.empty()) return undefined(Undefined::insufficient_trials);
  if (bars_ < kLeastBars) return undefined(Undefined::insufficient_bars);
  if (live.empty()) return undefined(Undefined::zero_variance);
  const std::size_t together = steps_together(live);
  out.block_length = together * per_step_;
  const Field field = field_of(candidates_, live, together);
  TRADEWIND_ASSIGN(Drawn drawn, draw(field, options_, cancellation));
  double largest = 0;  // the p of a rank never falls below that of a better one
  for (std::size_t rank = 0; rank < field.size(); ++rank) {
    largest = std::max(largest, static_cast<double>(1 + drawn.reached[rank]) / static_cast<double>(1 + options_.replicates));
    out.p[field.trial[rank]] = largest;
    if (largest <= options_.level) out.believed.push_back(field.trial[rank]);
  }
  std::sort(out.believed.begin(), out.believed.end());
  out.best = field.trial.front();
  out.p_best = out.p[out.best];
  summarise_luck(std::move(drawn.maxima), candidates_[out.best], field.size(), out);
  return out;
}

Result<FamilyWise> family_wise(Trials trials, const Benchmarks& benchmarks, const FamilyWiseOptions& options,
                               const Cancellation* cancellation) {
  TRADEWIND_TRY(check_trials(trials));
  TRADEWIND_TRY(benchmarks.check(trials));
  TRADEWIND_ASSIGN(FamilyWiseTest test, FamilyWiseTest::make(trials.empty() ? 0 : trials[0].size(), options));
  std::vector<FamilyWiseTest::Candidate> candidates(trials.size());
  TRADEWIND_TRY(parallel_for(
      trials.size(), options.threads,
      [&](std::size_t k) -> Status {
        candidates[k] = test.measure(trials[k], benchmarks.of(k), benchmarks.how());
        return {};
      },
      cancellation));
  for (auto& candidate : candidates) test.add(std::move(candidate));
  return test.finish(cancellation);
}

}  // namespace tradewind::metrics
