// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tradewind/base/random.hpp"
#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

/// A made-up world of prediction markets.
struct PredictionSimulation {
  std::uint64_t seed = 42;
  std::size_t markets = 40;                           ///< open at any time: decided ones are replaced; at least 8
  std::size_t depth = 6;                              ///< levels a side, 1 … 50
  double step_seconds = 10;                           ///< of virtual time a step
  double volatility = 0.03;                           ///< of a market's log-odds, per step
  double mispricing = 0.02;                           ///< share of steps in which the books of yes and no begin to disagree
  double news_rate = 0.01;                            ///< news items per market and step
  double life_steps = 1500;                           ///< mean steps until a market is decided
  UnixNanos start = 1'767'225'600 * kNanosPerSecond;  ///< 2026-01-01
};

/// Seeded, so the same numbers on every machine: a step depends on the seed and the steps before it only.
///
/// Every market has a true probability that moves as a random walk of its log-odds; quotes follow it with a lag, so that moves go on for a
/// while. Markets come as singles, as pairs driven by one factor whose quotes wander apart and back, as events of several outcomes of
/// which one wins, and as pairs of which one implies the other. News precede jumps of the truth. Now and then the books of yes and no
/// disagree for a few steps. A market is decided by its true probability, so prices mean what they say.
class PredictionSimulator {
 public:
  explicit PredictionSimulator(const PredictionSimulation& settings);

  /// Moves everything on by one step. O(markets · depth).
  void step();
  std::int64_t steps() const noexcept { return steps_; }
  UnixNanos now() const noexcept;

  /// Open markets, in a fixed order of places; a decided one's place is taken by a new one.
  const std::vector<PredictionMarket>& markets() const noexcept { return markets_; }
  const std::vector<MarketPrices>& prices() const noexcept { return prices_; }
  /// Decided in the last step, with payout.
  const std::vector<PredictionMarket>& resolved() const noexcept { return resolved_; }
  /// Published in the last step.
  const std::vector<NewsItem>& news() const noexcept { return news_; }
  /// Which of the open markets imply which.
  std::vector<Implication> implications() const;
  /// Pairs of open markets driven by one factor.
  std::vector<std::pair<std::string, std::string>> related() const;

 private:
  enum class Kind : std::uint8_t { single, pair, event, implication };
  /// Markets that live and are decided together.
  struct Group {
    Kind kind = Kind::single;
    std::vector<std::size_t> places;
    std::int64_t decided_at = 0;
  };
  struct Latent {
    double truth = 0;         ///< log-odds, or score of an outcome of an event
    double quoted = 0.5;      ///< what the market makers believe
    double wander = 0;        ///< of a pair's quotes around it
    double shock = 0;         ///< still to be moved by the truth after news
    double disagreement = 0;  ///< dollars by which yes and no together are quoted too low
  };
  void layout();
  void open_group(Group& group);
  void move(Group& group);
  void decide(Group& group);
  void publish(std::size_t place);
  double probability(const Group& group, std::size_t member) const;
  void quote(std::size_t place);

  PredictionSimulation settings_;
  Random random_;
  std::int64_t steps_ = 0;
  std::uint64_t names_ = 0;
  std::uint64_t items_ = 0;
  std::vector<Group> groups_;
  std::vector<Latent> latent_;
  std::vector<std::string> subjects_;
  std::vector<PredictionMarket> markets_;
  std::vector<MarketPrices> prices_;
  std::vector<PredictionMarket> resolved_;
  std::vector<NewsItem> news_;
};

}  // namespace tradewind::trading
