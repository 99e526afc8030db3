// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "tradewind/prediction/history.hpp"

namespace tradewind::prediction {

struct PairDiscoveryOptions {
  std::size_t window = 900;      ///< samples a relation is looked for in; half as many, later ones, must confirm it
  double error_rate = 0.05;      ///< chance that within a window any pair is found among markets that have nothing to do with each other
  double min_correlation = 0.6;  ///< of the log-odds over the window
};

/// Looks for pairs of markets whose log-odds belong together: y − β·x returns to a level while y and x each wander.
///
/// A search tries every pair of markets of one event, and of one tag, once; four begin within a window. β is the ratio of the standard
/// deviations, which treats y and x alike; the residual has to refuse a unit root by the test of Dickey & Fuller with MacKinnon's p-values
/// for an estimated relation [Engle & Granger 1987; MacKinnon 1994]. What passes is tried again on later samples only, β as it was. With m
/// pairs of a kind tried, both tests together let a false one pass with probability `error_rate`/(4·2m), so that by Bonferroni's inequality
/// the searches of a window find no false pair with probability 1 − `error_rate`; half of that rate belongs to the few pairs of one event,
/// where relations are likelier [weights: Genovese, Roeder & Wasserman 2006]. Pairs found are tried anew after every half window and
/// dropped once they no longer hold.
///
/// The series are means over blocks, a 180th of the window each: prices on a grid bounce, and a bounce returns at once whatever the market
/// does. A sample costs O(markets) and the tests of at most 64 pairs; memory is 180 numbers a market.
class PairDiscovery {
 public:
  explicit PairDiscovery(const PairDiscoveryOptions& options);

  struct Pair {
    MarketIndex y = 0;
    MarketIndex x = 0;
    bool operator==(const Pair&) const = default;
  };
  /// The log-odds of y are β times those of x and something that returns to a level.
  struct Relation {
    Pair pair;
    double beta = 0;
  };
  /// What one sample has changed.
  struct News {
    std::vector<Relation> found;
    std::vector<Pair> gone;
  };
  /// Takes the newest of the samples, which are mids, and goes on with the search.
  News take(const MarketView& view, const MarketSamples& samples);

  /// Level of y − β·x over the window and its standard deviation.
  struct Level {
    double mean = 0;
    double deviation = 0;
  };
  Level level_of(const Relation& relation) const;

  std::uint64_t searches() const noexcept { return searches_; }
  std::uint64_t tried() const noexcept { return tried_; }  ///< tests of a pair, in all
  std::size_t candidates() const noexcept { return candidates_.size(); }

 private:
  struct Watched {
    Pair pair;
    double beta = 0;
    std::uint64_t since = 0;  ///< block
    bool confirmed = false;
  };
  void add_sample(const MarketView& view, const MarketSamples& samples);
  void begin_search(const MarketView& view, const MarketSamples& samples);
  void add_pairs(const MarketView& view, const std::vector<MarketIndex>& group, std::vector<Pair>& out);
  void go_on(const MarketSamples& samples);
  void try_pair(const Pair& pair, double level, const MarketSamples& samples);
  void look_after(News& news, const MarketSamples& samples);
  bool whole(MarketIndex market, std::size_t blocks, const MarketSamples& samples) const;
  bool holds(const Watched& one, std::size_t blocks, const MarketSamples& samples);
  bool known(const Pair& pair) const;

  PairDiscoveryOptions options_;
  std::size_t block_;  ///< samples of one
  SamplePanel blocks_;
  std::vector<double> sums_;
  std::size_t in_block_ = 0;
  PlaceChanges places_;
  std::vector<Pair> queue_;  ///< of this search, those of events first
  std::size_t next_ = 0;
  std::size_t of_events_ = 0;  ///< the first so many of the queue
  std::unordered_set<std::uint64_t> queued_;
  std::uint64_t searched_at_ = 0;
  std::vector<Watched> candidates_;
  std::vector<Watched> found_;
  std::vector<double> y_, x_;  ///< scratch
  std::uint64_t searches_ = 0;
  std::uint64_t tried_ = 0;
};

}  // namespace tradewind::prediction
