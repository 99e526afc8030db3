// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/signal_engine.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>

#include "tradewind/sweep/compare.hpp"

namespace tradewind::sweep {
namespace {

using strategies::Comparison;
using strategies::Direction;
using strategies::IndicatorKey;
using strategies::Rule;

constexpr std::size_t kWords = 8;
constexpr std::size_t kTile = 64 * kWords;  ///< bars; a hundred rows of a tile fit the second-level cache

/// The distinct indicators of a block and their values over the current tile.
class Rows {
 public:
  explicit Rows(const strategies::PriceHistory& history) : history_(history) {}

  int index_of(const IndicatorKey& key) {
    const auto [found, fresh] = index_.try_emplace(key, static_cast<int>(indicators_.size()));
    if (fresh) indicators_.push_back(strategies::make_indicator(key, history_));
    return found->second;
  }
  void compute(std::size_t begin, std::size_t count) {
    values_.resize(indicators_.size() * kTile);
    for (std::size_t row = 0; row < indicators_.size(); ++row) {
      double* out = values_.data() + row * kTile;
      indicators_[row]->next(begin, std::span(out, count));
      std::fill(out + count, out + kTile, std::numeric_limits<double>::quiet_NaN());
    }
  }
  const double* row(int index) const { return values_.data() + static_cast<std::size_t>(index) * kTile; }

 private:
  const strategies::PriceHistory& history_;
  std::map<IndicatorKey, int> index_;
  std::vector<std::unique_ptr<strategies::Indicator>> indicators_;
  std::vector<double> values_;
};

/// Two things compared with each other: rows, or a row and a constant. Gives > and < at once.
struct Pair {
  int left;
  int right;  ///< −1: the constant
  double constant;
  bool operator==(const Pair&) const = default;
};

/// Where a condition finds its bits: pair and side. Pair −1: never.
struct RowCondition {
  int pair = -1;
  bool greater = true;
};

/// A rule bound to the rows of a block, and where its candidate stands in time.
struct BlockRunner {
  std::array<Pair, 4> pairs{};
  int pair_count = 0;
  RowCondition enter_long;
  RowCondition exit_long;
  RowCondition enter_short;
  RowCondition exit_short;
  bool crossing = false;
  bool long_short = false;

  bool long_armed = false;  ///< crossing: the opposite of enter_long has been seen
  bool short_armed = false;
  int position = 0;
  metrics::TradeAccount account;
};

RowCondition bind(const Comparison& comparison, Rows& rows, BlockRunner& runner) {
  if (!comparison.present) return {};
  const Pair pair{rows.index_of(comparison.left), comparison.right ? rows.index_of(*comparison.right) : -1,
                  comparison.right ? 0 : comparison.constant};
  const auto end = runner.pairs.begin() + runner.pair_count;
  const auto found = std::find(runner.pairs.begin(), end, pair);
  if (found == end) runner.pairs[static_cast<std::size_t>(runner.pair_count++)] = pair;
  return {static_cast<int>(found - runner.pairs.begin()), comparison.greater};
}

BlockRunner bind(const SweepCandidate& candidate, Rows& rows) {
  const Rule rule = candidate.type->rule(candidate.parameters);
  BlockRunner runner;
  runner.crossing = rule.crossing;
  runner.long_short = candidate.direction == Direction::long_short;
  runner.enter_long = bind(rule.enter_long, rows, runner);
  runner.exit_long = bind(rule.exit_long, rows, runner);
  if (runner.long_short) {
    runner.enter_short = bind(rule.enter_short, rows, runner);
    runner.exit_short = bind(rule.exit_short, rows, runner);
  }
  return runner;
}

/// Comparison bits of all pairs of one runner over a tile.
struct Bits {
  std::uint64_t greater[4][kWords];
  std::uint64_t less[4][kWords];
  std::uint64_t of(const RowCondition& condition, std::size_t word) const {
    if (condition.pair < 0) return 0;
    return condition.greater ? greater[condition.pair][word] : less[condition.pair][word];
  }
};

/// The entries of a word that come after the opposite condition was seen on an earlier bar.
std::uint64_t after_crossing(std::uint64_t entries, std::uint64_t opposite, bool& armed) {
  if (armed) return entries;
  if (opposite == 0) return 0;
  armed = true;
  const int first = std::countr_zero(opposite);
  return first == 63 ? 0 : entries & (~std::uint64_t{0} << (first + 1));
}

/// Walks one word of a long-only runner from change to change.
template <class OnChange>
void walk_long_only(BlockRunner& runner, std::uint64_t enter, std::uint64_t leave, std::size_t base, OnChange on_change) {
  std::uint64_t left = ~std::uint64_t{0};
  for (;;) {
    const std::uint64_t next = (runner.position == 0 ? enter : leave) & left;
    if (next == 0) return;
    const int bit = std::countr_zero(next);
    runner.position ^= 1;
    on_change(base + static_cast<std::size_t>(bit));
    if (bit == 63) return;
    left = ~std::uint64_t{0} << (bit + 1);
  }
}

template <class OnChange>
void walk_long_short(BlockRunner& runner, std::uint64_t enter_long, std::uint64_t exit_long, std::uint64_t enter_short,
                     std::uint64_t exit_short, std::size_t base, OnChange on_change) {
  std::uint64_t left = ~std::uint64_t{0};
  for (;;) {
    std::uint64_t next = 0;
    if (runner.position == 0)
      next = (enter_long | enter_short) & left;
    else if (runner.position > 0)
      next = (enter_short | exit_long) & left;
    else
      next = (enter_long | exit_short) & left;
    if (next == 0) return;
    const int bit = std::countr_zero(next);
    const std::uint64_t here = std::uint64_t{1} << bit;
    if (runner.position <= 0 && (enter_long & here) != 0)
      runner.position = 1;
    else if (runner.position >= 0 && (enter_short & here) != 0)
      runner.position = -1;
    else
      runner.position = 0;
    on_change(base + static_cast<std::size_t>(bit));
    if (bit == 63) return;
    left = ~std::uint64_t{0} << (bit + 1);
  }
}

template <class OnChange>
void walk_tile(BlockRunner& runner, const Bits& bits, std::size_t begin, OnChange on_change) {
  for (std::size_t word = 0; word < kWords; ++word) {
    std::uint64_t enter_long = bits.of(runner.enter_long, word);
    const std::uint64_t exit_long = bits.of(runner.exit_long, word);
    std::uint64_t enter_short = bits.of(runner.enter_short, word);
    if (runner.crossing) {
      const std::uint64_t long_entries = enter_long;
      enter_long = after_crossing(enter_long, exit_long, runner.long_armed);
      if (runner.long_short) enter_short = after_crossing(enter_short, long_entries, runner.short_armed);
    }
    const std::size_t base = begin + 64 * word;
    if (runner.long_short)
      walk_long_short(runner, enter_long, exit_long, enter_short, bits.of(runner.exit_short, word), base, on_change);
    else
      walk_long_only(runner, enter_long, exit_long, base, on_change);
  }
}

void run_rules(const strategies::PriceHistory& history, const metrics::TradeTables& tables, std::span<const SweepCandidate> candidates,
               std::span<const std::size_t> which, bool keep_changes, std::vector<SweepOutcome>& outcomes) {
  Rows rows(history);
  std::vector<BlockRunner> runners;
  runners.reserve(which.size());
  for (const std::size_t index : which) runners.push_back(bind(candidates[index], rows));

  Bits bits;
  std::array<metrics::PositionChange, kTile> changes;  // of one candidate in one tile
  for (std::size_t begin = 0; begin < history.size(); begin += kTile) {
    rows.compute(begin, std::min(kTile, history.size() - begin));
    for (std::size_t i = 0; i < runners.size(); ++i) {
      BlockRunner& runner = runners[i];
      SweepOutcome& outcome = outcomes[which[i]];
      for (int p = 0; p < runner.pair_count; ++p) {
        const Pair& pair = runner.pairs[static_cast<std::size_t>(p)];
        if (pair.right >= 0)
          compare_rows(rows.row(pair.left), rows.row(pair.right), kWords, bits.greater[p], bits.less[p]);
        else
          compare_constant(rows.row(pair.left), pair.constant, kWords, bits.greater[p], bits.less[p]);
      }
      std::size_t count = 0;
      walk_tile(runner, bits, begin,
                [&](std::size_t bar) { changes[count++] = {static_cast<std::int32_t>(bar), static_cast<std::int8_t>(runner.position)}; });
      outcome.signal_changes += static_cast<std::int64_t>(count);
      if (keep_changes)
        outcome.changes.insert(outcome.changes.end(), changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(count));
      runner.account.change(tables, std::span(changes.data(), count));
    }
  }
  for (std::size_t i = 0; i < runners.size(); ++i) {
    outcomes[which[i]].performance = runners[i].account.finish(tables);
    outcomes[which[i]].rejected_orders = runners[i].account.rejected_orders();
  }
}

void run_bar_by_bar(const strategies::PriceHistory& history, const metrics::TradeTables& tables, const SweepCandidate& candidate,
                    bool keep_changes, SweepOutcome& outcome) {
  const auto strategy = candidate.type->bar(candidate.parameters, candidate.direction);
  metrics::TradeAccount account;
  int position = 0;
  for (std::size_t bar = 0; bar < history.size(); ++bar) {
    const strategies::Signal signal = strategy->on_bar(strategies::BarWindow(history.bars(), bar));
    const int wanted = std::clamp(signal.position, candidate.direction == Direction::long_short ? -1 : 0, 1);
    if (wanted == position) continue;
    position = wanted;
    ++outcome.signal_changes;
    if (keep_changes) {
      outcome.changes.push_back({static_cast<std::int32_t>(bar), static_cast<std::int8_t>(position)});
      outcome.confidence.push_back(std::clamp(signal.confidence, 0.0F, 1.0F));
    }
    account.change(tables, static_cast<std::int64_t>(bar), position);
  }
  outcome.performance = account.finish(tables);
  outcome.rejected_orders = account.rejected_orders();
}

}  // namespace

std::vector<SweepOutcome> run_candidates(const strategies::PriceHistory& history, const metrics::TradeTables& tables,
                                         std::span<const SweepCandidate> candidates, bool keep_changes) {
  std::vector<SweepOutcome> outcomes(candidates.size());
  std::vector<std::size_t> rules;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].type->rule)
      rules.push_back(i);
    else
      run_bar_by_bar(history, tables, candidates[i], keep_changes, outcomes[i]);
  }
  if (!rules.empty()) run_rules(history, tables, candidates, rules, keep_changes, outcomes);
  return outcomes;
}

}  // namespace tradewind::sweep
