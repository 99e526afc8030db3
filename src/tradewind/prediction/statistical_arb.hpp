// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tradewind/prediction/history.hpp"
#include "tradewind/prediction/pair_discovery.hpp"
#include "tradewind/prediction/pair_statistics.hpp"
#include "tradewind/prediction/rules.hpp"
#include "tradewind/prediction/sizing.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {

enum class Hedge : std::uint8_t {
  fixed,    ///< a given ratio
  rolling,  ///< least squares over the window
  kalman,   ///< coefficients that wander
};

struct StatisticalArbOptions {
  std::vector<std::array<std::string, 2>> pairs;  ///< market ids; y and x
  bool discover = false;                          ///< look for pairs among the markets of an event or tag
  double min_correlation = 0.6;                   ///< of the log-odds over the discovery window
  int discovery_window = 900;                     ///< samples
  double discovery_error = 0.05;                  ///< chance of any false pair in a window
  int max_pairs = 500;                            ///< discovered ones
  Hedge hedge = Hedge::rolling;
  double hedge_ratio = 1;     ///< of fixed
  double delta = 1e-4;        ///< of kalman: how fast the coefficients wander
  double measurement = 1e-3;  ///< of kalman: variance of the measurement
  int window = 60;
  double entry = 2;           ///< |z| above which there is an opportunity
  double exit = 0.5;          ///< |z| below which the pair has come back
  double stop = 4;            ///< |z| above which the relation is held to be broken
  double min_half_life = 1;   ///< samples
  double max_half_life = 30;  ///< samples; 0 switches the filter off
  bool stationary = false;    ///< ask for Dickey–Fuller beyond its 5 % critical value
  int lags = 1;               ///< of that test
  double min_edge = 0.005;    ///< dollars per share of y: way back less fees and spreads of both legs, there and back
  EntryRules rules;           ///< for both legs
  double max_holding_hours = 72;
  double exit_hours_before_end = 1;      ///< of either market; 0 switches the rule off
  double entry_slippage = 0.02;          ///< dollars above the best ask that either leg may cost
  double exit_slippage = kExitSlippage;  ///< dollars below the best bid
  int max_gap = 3;
  SizingOptions sizing;
};
StatisticalArbOptions read_statistical_arb(config::MapReader& reader);

/// Two related markets that have drifted apart: spread s = y − β·x, z its distance from the window's mean in standard deviations (rolling
/// and fixed) or the standardised innovation of the filter. |z| > entry sells the dear one, by buying its no, and buys the cheap one.
/// [Gatev, Goetzmann & Rouwenhorst 2006; Avellaneda & Lee 2010; Chan 2013]
/// A discovered pair is traded by the relation that was found and confirmed: its s is of log-odds, its level and deviation those of the
/// discovery window.
/// Fixed costs O(pairs) a look; rolling O(pairs · window), kalman O(pairs).
class StatisticalArb final : public PredictionStrategy {
 public:
  explicit StatisticalArb(StatisticalArbOptions options);

  void analyze(const MarketView& view) override;
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override;
  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  bool should_exit(const OpenTrade& trade, const MarketView& view) const override;
  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override;
  StrategyStatistics get_statistics() const override;
  /// Keeps the ratio a trade was hedged with.
  void remember(const TradeRecord& trade) override;

  struct Pair {
    MarketIndex y;
    MarketIndex x;
  };
  /// Where a pair stands.
  struct Distance {
    double z = 0;          ///< 0: not defined (yet)
    double deviation = 0;  ///< dollars
    double beta = 0;
  };
  const std::vector<Pair>& pairs() const noexcept { return pairs_; }
  /// From the samples themselves, in two passes.
  Distance distance(std::size_t pair) const;

 private:
  void follow_places(const MarketView& view);
  void add_pair(MarketIndex y, MarketIndex x, std::optional<double> relation = std::nullopt);
  void remove_pair(std::size_t pair);
  void discover(const MarketView& view);
  bool asked_for(MarketIndex y, MarketIndex x) const;
  void sample_pairs();
  void restart_sums(std::size_t pair);
  void mark_changed(const MarketView& view);
  void scan_fixed(const MarketView& view, std::vector<Opportunity>& found);
  void consider(std::size_t pair, const Distance& now, const MarketView& view, std::vector<Opportunity>& found);
  void quote(Opportunity& one, const Distance& now, const MarketView& view) const;
  bool mean_reverting(std::size_t pair, double beta) const;
  bool ready(std::size_t pair) const;
  Distance related_distance(std::size_t pair) const;
  Distance fixed_distance(std::size_t pair) const;
  Distance rolling_distance(std::size_t pair) const;
  void spread(std::size_t pair, double beta, std::span<double> out) const;
  std::optional<std::size_t> pair_of(const OpenTrade& trade) const;
  bool broken(const OpenTrade& trade, std::size_t pair, double beta) const;

  StatisticalArbOptions options_;
  MarketSamples samples_;
  PairDiscovery discovery_;
  std::vector<Pair> pairs_;
  std::vector<std::optional<double>> relation_;    ///< by pair: β of the log-odds of a discovered one
  std::map<std::uint64_t, double> hedged_;         ///< by trade that is not over: its ratio at the entry
  std::vector<std::array<std::int64_t, 2>> ends_;  ///< of options_.pairs; −1: not seen yet
  std::unordered_set<std::uint64_t> known_;        ///< pairs, so that none is taken twice
  PlaceChanges places_;
  std::vector<std::string> names_;                           ///< of markets, by place
  SamplePanel spreads_;                                      ///< fixed: by pair
  std::vector<double> reference_, sum_, squares_, largest_;  ///< fixed: sums over the window of spread − reference
  std::vector<KalmanLine> filters_;                          ///< kalman: by pair
  std::vector<std::uint64_t> changed_;                       ///< by market: the look at which it was among the changed
  mutable std::vector<double> scratch_, more_scratch_;       ///< one window each
  std::uint64_t look_ = 0;
  std::uint64_t found_ = 0;
};

}  // namespace tradewind::prediction
