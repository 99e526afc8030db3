// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

/// What a simulated world has to give.
enum class SimulatedEdge : std::uint8_t {
  none,         ///< every price is fair: whatever a strategy does, it pays spreads and fees
  realistic,    ///< rare mispricings that competitors take within a step or two, quotes that follow the truth a little late
  generous,     ///< mispricings that wait, books of yes and no that disagree, slow quotes: money for the asking, to see the parts work
  adversarial,  ///< wide spreads, quotes that overshoot and come back, bargains that are gone when an order arrives
};
constexpr auto names_of(SimulatedEdge) { return std::to_array<std::string_view>({"none", "realistic", "generous", "adversarial"}); }

/// A made-up world of prediction markets.
struct PredictionSimulation {
  std::uint64_t seed = 42;
  SimulatedEdge edge = SimulatedEdge::realistic;
  std::size_t markets = 40;                           ///< open at any time: decided ones are replaced; at least 8
  std::size_t depth = 6;                              ///< levels a side, 1 … 50
  double step_seconds = 10;                           ///< of virtual time a step
  double volatility = 0.03;                           ///< of a market's log-odds, per step; [0, 0.5]
  std::optional<double> mispricing = {};              ///< share of steps in which a market begins to be mispriced; the world's own without
  double news_rate = 0.01;                            ///< news items per market and step
  double print_rate = 0.3;                            ///< trades of others per market and step
  double life_steps = 1500;                           ///< mean steps until a market is decided
  std::vector<FeeChange> fees = {};                   ///< of every market, by date; empty: each market draws its own
  UnixNanos start = 1'767'225'600 * kNanosPerSecond;  ///< 2026-01-01
};

/// Seeded, so the same numbers on every machine: a step depends on the seed and the steps before it only.
///
/// Every market has a probability that is a martingale: its next value is this one in the mean, whatever has been seen, and a market is
/// decided by it. Quotes of whole cents lie around what the makers believe, no is the mirror of yes, and in the world `none` the makers
/// believe the probability: bid ≤ probability ≤ ask always, so that no strategy can earn. Other worlds differ from it by what
/// SimulatedEdge says.
///
/// Markets come as singles, as pairs that are decided alike, as events of four outcomes of which one wins, and as pairs of which one
/// implies the other. News tell of jumps, before and after the prices have moved. Others trade too; more of them buy before a rise, so a
/// resting order is filled when it would rather not be.
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
  /// Trades of others in the last step, at the quotes before it.
  const std::vector<Print>& prints() const noexcept { return prints_; }
  /// What the market at a place is worth: known to nobody who trades.
  double probability(std::size_t place) const { return latent_[place].probability; }
  /// Which of the open markets imply which.
  std::vector<Implication> implications() const;
  /// Pairs of open markets that are decided alike.
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
    double probability = 0.5;
    double given = 0.5;       ///< of an implication's antecedent: its probability given the consequent
    double believed = 0.5;    ///< by the makers
    double wander = 0;        ///< dollars, of a pair's quotes
    double displaced = 0;     ///< dollars by which the quotes are wrong
    double disagreement = 0;  ///< dollars by which yes and no together are quoted too low
    double jump = 0;          ///< that news tell of, in units of p(1 − p)
    int jump_in = -1;         ///< steps until the price moves by it; −1: it has
    int publish_in = -1;      ///< steps until the news is out; −1: it is
    bool good = false;        ///< what it says
  };
  struct World;
  static const World& world_of(SimulatedEdge edge);

  void layout();
  void open_group(Group& group);
  void begin(Group& group);
  void move(Group& group);
  void move_probabilities(Group& group);
  double kick(Latent& latent, double most);
  void follow(const Group& group, std::size_t place, double before);
  void news(std::size_t place);
  void publish(std::size_t place, bool good);
  void trade(std::size_t place, double before);
  void decide(Group& group);
  void quote(std::size_t place);

  PredictionSimulation settings_;
  const World* world_;
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
  std::vector<Print> prints_;
};

}  // namespace tradewind::trading
