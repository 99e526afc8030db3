// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "world.hpp"

namespace tradewind::simulation {
namespace {

using namespace prediction;
using trading::Outcome;
using trading::Side;

/// Holds nothing of a market, so it wants kTarget shares; holds some for a while, so it wants out. More than kTarget at the exchange means
/// that an order was doubled.
class TargetStrategy final : public PredictionStrategy {
 public:
  void analyze(const MarketView& view) override { now_ = view.sample ? now_ + 1 : now_; }
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    for (MarketIndex i = 0; i < view.size(); ++i) {
      if (!view.tradable(i) || view.prices[i].yes().asks.empty()) continue;
      Opportunity one;
      one.add({i, Outcome::yes, Side::buy, view.prices[i].yes().asks.best().price, kTarget});
      one.score = static_cast<double>((i * 7 + static_cast<MarketIndex>(now_)) % 11);
      found.push_back(one);
    }
  }
  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView&, const Account& account) const override {
    for (const OpenTrade& trade : account.trades) {
      if (trade.orders_working && trade.holdings.empty()) return {Fate::already_held};  // where it will land is not seen from here
      for (const Holding& holding : trade.holdings)
        if (holding.market == opportunity.market()) return {Fate::already_held};
    }
    return {};
  }
  bool should_exit(const OpenTrade& trade, const MarketView&) const override {
    return (now_ + static_cast<std::int64_t>(trade.id)) % 5 == 0;
  }
  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account&) const override {
    OrderIntent intent;
    intent.market = opportunity.market();
    intent.limit = opportunity.legs[0].limit;
    // Some of what rests joins those who bid already.
    const trading::Ladder& bids = view.prices[intent.market].yes().bids;
    if (now_ % 6 == 0 && !bids.empty()) intent.limit = bids.best().price;
    intent.shares = kTarget;
    intent.time_in_force = now_ % 3 == 0   ? OrderIntent::TimeInForce::gtc
                           : now_ % 3 == 1 ? OrderIntent::TimeInForce::fak
                                           : OrderIntent::TimeInForce::fok;
    return {intent};
  }
  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override {
    OrderPlan plan;
    for (const Holding& holding : trade.holdings) {
      const trading::Ladder& bids = view.prices[holding.market].of(holding.outcome).bids;
      if (bids.empty()) continue;
      OrderIntent intent;
      intent.market = holding.market;
      intent.outcome = holding.outcome;
      intent.side = Side::sell;
      intent.limit = bids.best().price;
      intent.shares = holding.shares;
      plan.push_back(intent);
    }
    return plan;
  }
  StrategyStatistics get_statistics() const override { return {}; }

 private:
  std::int64_t now_ = 0;
};

/// Orders that no limit may let through, and numbers that are none.
class RogueStrategy final : public PredictionStrategy {
 public:
  explicit RogueStrategy(std::uint64_t seed) : random_(seed, 77) {}
  void analyze(const MarketView&) override {}
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    for (MarketIndex i = 0; i < view.size(); ++i) {  // also on books that are not good
      Opportunity one;
      one.add({i, Outcome::no, Side::buy, {}, {}});
      one.score = i % 3 == 0 ? std::numeric_limits<double>::quiet_NaN() : 1;
      one.signal = std::numeric_limits<double>::infinity();
      found.push_back(one);
    }
  }
  EntryVerdict should_enter(const Opportunity&, const MarketView&, const Account&) const override { return {}; }
  bool should_exit(const OpenTrade&, const MarketView&) const override { return random_.below(3) == 0; }
  OrderPlan enter_position(const Opportunity& opportunity, const MarketView&, const Account&) const override {
    OrderPlan plan;
    for (std::uint64_t n = 1 + random_.below(2); n > 0; --n) {
      OrderIntent intent = nonsense();
      if (random_.below(8) != 0) intent.market = opportunity.market();
      plan.push_back(intent);
    }
    return plan;
  }
  OrderPlan exit_position(const OpenTrade& trade, const MarketView&) const override {
    OrderIntent intent = nonsense();
    if (!trade.holdings.empty()) intent.market = trade.holdings.front().market;
    return {intent, intent};
  }
  StrategyStatistics get_statistics() const override { return {}; }

 private:
  OrderIntent nonsense() const {
    OrderIntent intent;
    intent.kind = static_cast<trading::OrderKind>(random_.below(3));
    intent.time_in_force = static_cast<trading::TimeInForce>(random_.below(3));
    intent.outcome = static_cast<Outcome>(random_.below(2));
    intent.side = static_cast<Side>(random_.below(2));
    intent.market = static_cast<MarketIndex>(random_.below(40));
    constexpr std::int64_t kPrices[] = {0, -10'000, 10'000, 500'000, 505'000, 990'000, 1'000'000, 2'000'000, 123'457};
    constexpr std::int64_t kSizes[] = {0,
                                       -1,
                                       1,
                                       5'000'000,
                                       7'000'000,
                                       40'000'000,
                                       400'000'000,
                                       std::numeric_limits<std::int64_t>::max(),
                                       std::numeric_limits<std::int64_t>::min()};
    intent.limit = {kPrices[random_.below(9)]};
    intent.shares = {kSizes[random_.below(9)]};
    return intent;
  }
  mutable Random random_;
};

}  // namespace

live::NamedStrategy late_strategy() { return {kLate, std::make_unique<TargetStrategy>()}; }

std::vector<live::NamedStrategy> simulated_strategies(std::uint64_t seed) {
  std::vector<live::NamedStrategy> all;
  all.push_back({"target", std::make_unique<TargetStrategy>()});
  all.push_back({"rogue", std::make_unique<RogueStrategy>(seed)});
  const config::Value nothing{config::Value::Kind::map, 0, {}, false, {}, {}};
  config::Complaints complaints("simulation");
  config::MapReader reader(nothing, "strategies.arbitrage", complaints);
  if (const auto type = PredictionRegistry::instance().find("arbitrage")) all.push_back({"arbitrage", (*type)->make(reader)});
  return all;
}

}  // namespace tradewind::simulation
