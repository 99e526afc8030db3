// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/sign_flip.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/overfitting.hpp"

namespace tradewind::discovery {
namespace {

constexpr std::size_t kTile = 64;                             // permutations that run together: one random word of signs per block
constexpr double kRounding = 1 - 1e-12;                       // a turned sum that only rounding keeps below the observed one counts
constexpr std::size_t kMaxStatistics = std::size_t{1} << 26;  // associations × permutations

/// The signs of four bits as numbers: bit 0 → +1, bit 1 → −1.
constexpr auto kSigns = [] {
  std::array<std::array<double, 4>, 16> table{};
  for (std::size_t word = 0; word < 16; ++word)
    for (std::size_t bit = 0; bit < 4; ++bit) table[word][bit] = (word >> bit & 1U) != 0 ? -1.0 : 1.0;
  return table;
}();

/// |Σ ±sum| / √Σy² of every association in permutations [tile · 64, +64), at null[association · permutations + permutation].
void permute_tile(const OutcomeTable& table, const OutcomeTable::ByBlock& entries, std::size_t tile, const SignFlipOptions& options,
                  std::vector<double>& null) {
  Random random(options.seed, tile);
  std::vector<double> turned(table.associations() * kTile, 0.0);
  alignas(64) std::array<double, kTile> sign{};
  for (std::size_t block = 0; block < table.blocks(); ++block) {
    const std::uint64_t word = random.next();
    if (entries.first[block] == entries.first[block + 1]) continue;
    for (std::size_t nibble = 0; nibble < kTile / 4; ++nibble)
      std::copy_n(kSigns[word >> (4 * nibble) & 15U].begin(), 4, sign.begin() + static_cast<std::ptrdiff_t>(4 * nibble));
    for (std::size_t i = entries.first[block]; i < entries.first[block + 1]; ++i) {
      double* const into = turned.data() + entries.association[i] * kTile;
      const double sum = entries.sum[i];
      for (std::size_t lane = 0; lane < kTile; ++lane) into[lane] += sum * sign[lane];
    }
  }
  const auto permutations = static_cast<std::size_t>(options.permutations);
  const std::size_t lanes = std::min(kTile, permutations - tile * kTile);
  for (std::size_t a = 0; a < table.associations(); ++a) {
    const double norm = std::sqrt(table.squares(a));
    for (std::size_t lane = 0; lane < lanes; ++lane)
      null[a * permutations + tile * kTile + lane] = norm > 0 ? std::fabs(turned[a * kTile + lane]) / norm : 0.0;
  }
}

/// Σ(block sum)² and the number of blocks of every association.
struct BlockSpread {
  std::vector<double> variance;
  std::vector<std::int64_t> blocks;
};

BlockSpread spread_of(const OutcomeTable& table, const OutcomeTable::ByBlock& entries) {
  const std::size_t m = table.associations();
  BlockSpread spread{std::vector<double>(m), std::vector<std::int64_t>(m)};
  std::vector<double> open(m);
  for (std::size_t block = 0; block < table.blocks(); ++block) {
    const auto begin = entries.first[block];
    const auto end = entries.first[block + 1];
    for (std::size_t i = begin; i < end; ++i) open[entries.association[i]] += entries.sum[i];
    for (std::size_t i = begin; i < end; ++i) {
      const auto a = entries.association[i];
      if (i > begin && entries.association[i - 1] == a) continue;  // entries of one association stand together
      spread.variance[a] += open[a] * open[a];
      ++spread.blocks[a];
      open[a] = 0;
    }
  }
  return spread;
}

double observed_statistic(const OutcomeTable& table, std::size_t a, double cost) {
  if (!(table.squares(a) > 0)) return 0;
  const double net = std::max(0.0, std::fabs(table.total(a)) - cost * static_cast<double>(table.count(a)));
  return std::copysign(net, table.total(a)) / std::sqrt(table.squares(a));
}

/// Step-down maxT: in a permutation each association meets the largest of those ranked no better than itself.
std::vector<double> step_down(const std::vector<double>& observed, const std::vector<double>& null, std::size_t permutations) {
  const std::size_t m = observed.size();
  std::vector<std::size_t> order(m);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return observed[a] > observed[b]; });
  std::vector<double> largest(permutations, 0.0);
  std::vector<double> adjusted(m);
  for (std::size_t rank = m; rank-- > 0;) {
    const std::size_t a = order[rank];
    std::size_t hits = 0;
    for (std::size_t b = 0; b < permutations; ++b) {
      largest[b] = std::max(largest[b], null[a * permutations + b]);
      if (largest[b] >= observed[a] * kRounding) ++hits;
    }
    adjusted[a] = static_cast<double>(hits + 1) / static_cast<double>(permutations + 1);
  }
  for (std::size_t rank = 1; rank < m; ++rank) adjusted[order[rank]] = std::max(adjusted[order[rank]], adjusted[order[rank - 1]]);
  return adjusted;
}

double single_p(double observed, const double* null, std::size_t permutations, double norm, double deviation, std::int64_t blocks) {
  std::size_t hits = 0;
  for (std::size_t b = 0; b < permutations; ++b) hits += null[b] >= observed * kRounding ? 1 : 0;
  if (hits >= 10 || !(deviation > 0)) return static_cast<double>(hits + 1) / static_cast<double>(permutations + 1);
  const double tail = 2 * metrics::normal_cdf(-observed * norm / deviation);
  return std::max(tail, std::exp2(1.0 - static_cast<double>(blocks)));
}

Status check(const OutcomeTable& table, const SignFlipOptions& options) {
  if (options.permutations < 19 || options.permutations > 100000)
    return Error(Errc::usage, fmt::format("{} permutations; 19 to 100000 are possible", options.permutations), "--permutations");
  if (!(options.cost >= 0 && options.cost < 1))
    return Error(Errc::usage, fmt::format("cost {}; it must be in [0, 1)", options.cost), "--cost");
  if (table.associations() > kMaxStatistics / static_cast<std::size_t>(options.permutations))
    return Error(Errc::too_large, fmt::format("{} associations times {} permutations", table.associations(), options.permutations), {},
                 "use fewer permutations or shorter patterns");
  return {};
}

}  // namespace

void OutcomeTable::begin() {
  count_.push_back(0);
  total_.push_back(0);
  squares_.push_back(0);
}

void OutcomeTable::add(std::uint32_t block, double outcome) {
  add_part(block, outcome);
  add_whole(outcome);
}

void OutcomeTable::add_part(std::uint32_t block, double part) {
  TRADEWIND_ASSERT(block < blocks_ && !total_.empty(), "an outcome belongs to a block of the table and to an association");
  const auto association = static_cast<std::uint32_t>(total_.size() - 1);
  if (!entry_block_.empty() && entry_block_.back() == block && entry_association_.back() == association) {
    entry_sum_.back() += part;
  } else {
    entry_association_.push_back(association);
    entry_block_.push_back(block);
    entry_sum_.push_back(part);
  }
  total_.back() += part;
}

void OutcomeTable::add_whole(double outcome) {
  ++count_.back();
  squares_.back() += outcome * outcome;
}

OutcomeTable::ByBlock OutcomeTable::by_block() const {
  ByBlock sorted;
  sorted.first.assign(blocks_ + 1, 0);
  for (const auto block : entry_block_) ++sorted.first[block + 1];
  std::partial_sum(sorted.first.begin(), sorted.first.end(), sorted.first.begin());
  sorted.association.resize(entry_block_.size());
  sorted.sum.resize(entry_block_.size());
  std::vector<std::size_t> next(sorted.first.begin(), sorted.first.end() - 1);
  for (std::size_t i = 0; i < entry_block_.size(); ++i) {
    const std::size_t to = next[entry_block_[i]]++;
    sorted.association[to] = entry_association_[i];
    sorted.sum[to] = entry_sum_[i];
  }
  return sorted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    if (!std::isnan(p_values[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> q(p_values.size(), std::numeric_limits<double>::quiet_NaN());
  double smallest = 1;
  for (std::size_t rank = order.size(); rank-- > 0;) {
    smallest = std::min(smallest, p_values[order[rank]] * static_cast<double>(order.size()) / static_cast<double>(rank + 1));
    q[order[rank]] = smallest;
  }
  return q;
}

Result<std::vector<Significance>> sign_flip_test(const OutcomeTable& table, const SignFlipOptions& options) {
  TRADEWIND_TRY(check(table, options));
  const std::size_t m = table.associations();
  const auto permutations = static_cast<std::size_t>(options.permutations);
  const OutcomeTable::ByBlock entries = table.by_block();
  std::vector<double> null(m * permutations);
  TRADEWIND_TRY(parallel_for((permutations + kTile - 1) / kTile, options.threads,
                             [&](std::size_t tile) -> Status {
                               permute_tile(table, entries, tile, options, null);
                               return {};
                             },
                             options.cancellation));

  std::vector<Significance> result(m);
  std::vector<double> observed(m);
  for (std::size_t a = 0; a < m; ++a) {
    result[a].statistic = observed_statistic(table, a, options.cost);
    observed[a] = std::fabs(result[a].statistic);
  }
  const std::vector<double> adjusted = step_down(observed, null, permutations);
  const BlockSpread spread = spread_of(table, entries);
  std::vector<double> single(m, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t a = 0; a < m; ++a) {
    result[a].blocks = spread.blocks[a];
    if (table.count(a) == 0 || !(table.squares(a) > 0)) continue;
    single[a] = std::min(adjusted[a], single_p(observed[a], null.data() + a * permutations, permutations, std::sqrt(table.squares(a)),
                                               std::sqrt(spread.variance[a]), spread.blocks[a]));
  }
  const std::vector<double> q = benjamini_hochberg(single);
  for (std::size_t a = 0; a < m; ++a) {
    if (std::isnan(single[a])) {
      const auto why = table.count(a) == 0 ? metrics::Undefined::too_few : metrics::Undefined::zero_variance;
      result[a].p_value = result[a].p_adjusted = result[a].q_value = why;
      continue;
    }
    result[a].p_value = single[a];
    result[a].p_adjusted = adjusted[a];
    result[a].q_value = q[a];
  }
  return result;
}

}  // namespace tradewind::discovery
