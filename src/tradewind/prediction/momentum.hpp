// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tradewind/prediction/history.hpp"
#include "tradewind/prediction/rules.hpp"
#include "tradewind/prediction/sizing.hpp"

namespace tradewind::prediction {

enum class PriceSpace : std::uint8_t {
  logit,  ///< ln(p/(1 − p)): a step near 0 or 1 counts as much as it tells
  price,
};

struct MomentumOptions {
  PriceSpace space = PriceSpace::logit;
  int window = 20;             ///< samples looked back
  double entry = 2.0;          ///< |score| above which there is an opportunity
  double continuation = 0.25;  ///< share of the window's move expected to follow, which Kelly bets on
  double min_edge = 0.01;      ///< dollars per share of it beyond price and fee
  EntryRules rules;
  ExitRules exits;
  int max_gap = 3;  ///< samples in a row a bad book is bridged with its last price
  SizingOptions sizing;
};
MomentumOptions read_momentum(config::MapReader& reader);

/// Follows moves that are large against the noise of the single steps: score = (x_t − x_{t−W}) / (s·√W), s the standard deviation of the
/// last W steps (ddof 1). Up buys yes, down buys no. A look costs O(markets), by sums that are carried on and recomputed now and then; a
/// score so near the threshold that rounding could decide is computed anew from the samples. Signals exist on samples only.
class Momentum final : public PredictionStrategy {
 public:
  explicit Momentum(const MomentumOptions& options);

  void analyze(const MarketView& view) override;
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override;
  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  bool should_exit(const OpenTrade& trade, const MarketView& view) const override;
  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override;
  StrategyStatistics get_statistics() const override;

  /// The score now, computed in two passes over the samples; 0 before a full window and without any variance.
  double score(MarketIndex market) const;

 private:
  void update_sums();
  double exact_squares(std::size_t market) const;
  void consider(MarketIndex market, const MarketView& view, std::vector<Opportunity>& found);
  double continued(double mid, double move) const;
  bool ready(std::size_t market) const { return samples_.run(market) > static_cast<std::size_t>(options_.window); }

  MomentumOptions options_;
  MarketSamples samples_;
  std::vector<double> squares_;  ///< Σ of the squared steps in the window
  std::vector<double> largest_;  ///< of squares_ since it was last computed anew
  std::size_t markets_ = 0;      ///< followed
  std::uint64_t found_ = 0;
};

}  // namespace tradewind::prediction
