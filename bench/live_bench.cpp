// SPDX-License-Identifier: Apache-2.0
// One detection cycle over many markets: histories, complete sets with depth, momentum, pairs, opportunity objects and the ten best of each
// strategy, one thread. Markets are those of peers/reference.py live, by the same generator; a cycle that finds other opportunities than
// the plain loop there is an error. Prints name,value,unit.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tradewind/prediction/arbitrage.hpp"
#include "tradewind/prediction/momentum.hpp"
#include "tradewind/prediction/ranking.hpp"
#include "tradewind/prediction/statistical_arb.hpp"

namespace {

using namespace tradewind;
using namespace tradewind::prediction;

constexpr int kHistory = 64;
constexpr int kCompared = 12;  ///< cycles whose opportunities the plain loop has counted

/// What the plain Python loop finds in those cycles.
struct Expected {
  int markets;
  std::int64_t arbitrage, momentum, pairs;
  double shares, profit;  ///< of all arbitrages, depth walked
};
constexpr Expected kExpected[] = {{1000, 4961, 705, 873, 5403226.0, 58395.12664532002},
                                  {10000, 49961, 7030, 8147, 54474757.0, 595436.4194550003}};

struct Generator {
  std::uint64_t state;
  int below(std::uint32_t bound) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((state >> 33) % bound);
  }
};

trading::Level level(int thousandths, int shares) { return {Price{thousandths * 1000LL}, Shares::whole(shares)}; }

/// The made-up market: walks of mids in thousandths and five levels on every side.
class Markets {
 public:
  explicit Markets(int count) : ticks_(static_cast<std::size_t>(count)) {
    for (int& tick : ticks_) tick = 100 + random_.below(800);
    for (int i = 0; i < count; ++i) {
      trading::PredictionMarket one;
      one.id = "m" + std::to_string(i);
      one.question = "q" + std::to_string(i);
      one.tick_size = Price{1000};
      one.fees = {.rate = 0.04, .exponent = 1};
      universe_.set_state(universe_.upsert(one), BookState::good);
    }
  }
  /// Books with bid and ask at the mid: what fills the histories before the first cycle.
  void settle() {
    for (std::size_t i = 0; i < ticks_.size(); ++i) {
      const trading::Level at = level(step(i), 1);
      universe_.change_prices(static_cast<MarketIndex>(i), [&](trading::MarketPrices& prices) {
        prices.book[0].bids.assign(trading::Side::buy, {&at, 1});
        prices.book[0].asks.assign(trading::Side::sell, {&at, 1});
      });
    }
  }
  void trade() {
    for (std::size_t i = 0; i < ticks_.size(); ++i) {
      const int t = step(i);
      const int d = random_.below(60) - 40;
      int size[5];
      for (int& s : size) s = 10 + random_.below(500);
      trading::Level ya[5], na[5], yb[5], nb[5];
      for (int q = 0; q < 5; ++q) {
        ya[q] = level(t + 5 + q, size[q]);
        na[q] = level(1000 - t - 5 + d + q, size[4 - q]);
        yb[q] = level(t - 5 - q, size[q]);
        nb[q] = level(1000 - t - 10 - q, size[q]);
      }
      universe_.change_prices(static_cast<MarketIndex>(i), [&](trading::MarketPrices& prices) {
        prices.book[0].asks.assign(trading::Side::sell, ya);
        prices.book[1].asks.assign(trading::Side::sell, na);
        prices.book[0].bids.assign(trading::Side::buy, yb);
        prices.book[1].bids.assign(trading::Side::buy, nb);
      });
    }
  }
  MarketView view() const { return universe_.view(); }

 private:
  int step(std::size_t i) { return ticks_[i] = std::clamp(ticks_[i] + random_.below(11) - 5, 10, 990); }

  Generator random_{42};
  std::vector<int> ticks_;
  MarketUniverse universe_;
};

ArbitrageOptions arbitrage_options() {
  ArbitrageOptions options;
  options.min_profit_margin = 0;
  options.min_profit = 0;
  return options;
}

MomentumOptions momentum_options() {
  MomentumOptions options;
  options.space = PriceSpace::price;
  return options;
}

StatisticalArbOptions pair_options(int markets) {
  StatisticalArbOptions options;
  for (int i = 0; i + 1 < markets; i += 2) options.pairs.push_back({"m" + std::to_string(i), "m" + std::to_string(i + 1)});
  options.hedge = Hedge::fixed;
  options.max_half_life = 0;
  return options;
}

/// The strategies under the clock, one look after the other.
struct Desk {
  explicit Desk(int markets) : arbitrage(arbitrage_options()), momentum(momentum_options()), pairs(pair_options(markets)) {}
  template <class Strategy>
  static double look(Strategy& strategy, const MarketView& view, std::vector<Opportunity>& found, std::vector<std::uint32_t>& best) {
    const auto start = std::chrono::steady_clock::now();
    found.clear();
    strategy.analyze(view);
    strategy.find_opportunities(view, found);
    best_opportunities(found, 10, best);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  Arbitrage arbitrage;
  Momentum momentum;
  StatisticalArb pairs;
  std::vector<Opportunity> found[3];
  std::vector<std::uint32_t> best[3];
};

bool run(const Expected& expected, int cycles) {
  Markets markets(expected.markets);
  Desk desk(expected.markets);
  for (int i = 0; i < kHistory; ++i) {
    markets.settle();
    desk.momentum.analyze(markets.view());
    desk.pairs.analyze(markets.view());
  }
  double fastest[4] = {1e9, 1e9, 1e9, 1e9};
  std::int64_t counts[3] = {};
  double shares = 0;
  double profit = 0;
  std::vector<double> mids;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    markets.trade();
    MarketView view = markets.view();
    const auto start = std::chrono::steady_clock::now();
    sample_mids(view, mids);
    const double sampling = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    view.mids = mids;
    const double took[3] = {Desk::look(desk.arbitrage, view, desk.found[0], desk.best[0]),
                            Desk::look(desk.momentum, view, desk.found[1], desk.best[1]),
                            Desk::look(desk.pairs, view, desk.found[2], desk.best[2])};
    for (int k = 0; k < 3; ++k) fastest[k] = std::min(fastest[k], took[k]);
    fastest[3] = std::min(fastest[3], sampling + took[0] + took[1] + took[2]);
    if (cycle >= kCompared) continue;
    for (int k = 0; k < 3; ++k) counts[k] += static_cast<std::int64_t>(desk.found[k].size());
    for (const Opportunity& one : desk.found[0]) shares += one.shares, profit += one.expected_profit;
  }
  const char* const parts[3] = {"arbitrage", "momentum", "statistical_arb"};
  fmt::print("live_cycle_{}_ms,{:.4f},ms\n", expected.markets, fastest[3]);
  for (int k = 0; k < 3; ++k) fmt::print("live_{}_{}_ms,{:.4f},ms\n", parts[k], expected.markets, fastest[k]);
  for (int k = 0; k < 3; ++k) fmt::print("live_{}_{}_found,{},opportunities\n", parts[k], expected.markets, counts[k]);
  const bool same = counts[0] == expected.arbitrage && counts[1] == expected.momentum && counts[2] == expected.pairs &&
                    std::abs(shares - expected.shares) < 1e-9 * shares && std::abs(profit - expected.profit) < 1e-9 * profit;
  if (!same)
    fmt::print(stderr, "{} markets: other opportunities than the plain loop: {} {} {}, {:.6f} shares, {:.9f} dollars\n", expected.markets,
               counts[0], counts[1], counts[2], shares, profit);
  return same;
}

}  // namespace

int main() {
  bool same = true;
  for (const Expected& expected : kExpected) same = run(expected, expected.markets > 1000 ? 250 : 400) && same;
  return same ? 0 : 1;
}
