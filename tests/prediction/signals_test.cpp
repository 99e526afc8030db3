// SPDX-License-Identifier: Apache-2.0
// Momentum and pairs against plain recomputation over long random histories, at the thresholds, and cut short.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "books.hpp"
#include "tradewind/prediction/momentum.hpp"
#include "tradewind/prediction/statistical_arb.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;
using History = std::vector<std::vector<double>>;  // by market

/// Mids that wander on a grid of thousandths, rarely jump, and sometimes stand still.
struct Walkers {
  explicit Walkers(std::size_t count, std::uint64_t seed) : random(seed), tick(count) {
    for (int& t : tick) t = 200 + static_cast<int>(random.below(600));
    for (std::size_t i = 0; i < count; ++i) universe.add(0.02);
    history.resize(count);
  }
  void step() {
    for (std::size_t i = 0; i < tick.size(); ++i) {
      if (random.below(300) == 0)
        tick[i] = 100 + static_cast<int>(random.below(800));
      else if (i % 5 != 4 || random.below(10) == 0)
        tick[i] += static_cast<int>(random.below(11)) - 5;
      tick[i] = std::clamp(tick[i], 10, 990);
      universe.quote(static_cast<MarketIndex>(i), tick[i] - 3, tick[i] + 3);
      history[i].push_back((static_cast<double>(tick[i] + 3) / 1000 + static_cast<double>(tick[i] - 3) / 1000) / 2);
    }
  }
  Random random;
  std::vector<int> tick;
  Universe universe;
  History history;
};

double naive_score(std::vector<double> x, std::size_t window, bool logits) {
  if (x.size() <= window) return 0;
  if (logits)
    for (double& v : x) v = std::log(v / (1 - v));
  std::vector<double> steps;
  for (std::size_t k = x.size() - window; k < x.size(); ++k) steps.push_back(x[k] - x[k - 1]);
  double mean = 0;
  for (const double s : steps) mean += s / static_cast<double>(window);
  double squares = 0;
  for (const double s : steps) squares += (s - mean) * (s - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(window - 1));
  return deviation > 1e-9 ? (x.back() - x[x.size() - window - 1]) / (deviation * std::sqrt(static_cast<double>(window))) : 0;
}

TEST(MomentumTest, Scores_are_those_of_a_plain_recomputation_over_thousands_of_samples) {
  for (const PriceSpace space : {PriceSpace::price, PriceSpace::logit}) {
    Walkers world(25, 7);
    MomentumOptions options;
    options.space = space;
    options.window = 10;
    options.entry = 1.5;
    Momentum strategy(options);
    std::size_t found_in_all = 0;
    for (int t = 0; t < 3000; ++t) {
      world.step();
      const auto found = look(strategy, world.universe.view());
      std::map<MarketIndex, double> by_market;
      for (const Opportunity& one : found) by_market[one.market()] = one.signal;
      for (MarketIndex m = 0; m < world.history.size(); ++m) {
        const double naive = naive_score(world.history[m], 10, space == PriceSpace::logit);
        if (std::abs(std::abs(naive) - 1.5) < 1e-9) continue;
        ASSERT_EQ(by_market.contains(m), std::abs(naive) > 1.5) << "sample " << t << " market " << m << " score " << naive;
        if (by_market.contains(m)) {
          ASSERT_NEAR(by_market[m], naive, 1e-6 * std::abs(naive));
        }
      }
      found_in_all += found.size();
    }
    EXPECT_GT(found_in_all, 1000U);
  }
}

TEST(MomentumTest, Scores_at_the_threshold_are_decided_by_the_samples) {
  // Every history whose score lies within a few ulps of the entry is decided as the two-pass formula decides it.
  int borderline = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Walkers world(20, 100 + seed);
    MomentumOptions options;
    options.space = PriceSpace::price;
    options.window = 10;
    Momentum probe(options);
    for (int t = 0; t < 40; ++t) world.step(), probe.analyze(world.universe.view());
    for (MarketIndex m = 0; m < 20; ++m) {
      const double exact = std::abs(probe.score(m));
      if (exact < 0.1) continue;
      for (const double entry : {std::nextafter(exact, 0.0), exact, std::nextafter(exact, 100.0)}) {
        options.entry = entry;
        Momentum strategy(options);
        Walkers again(20, 100 + seed);
        for (int t = 0; t < 39; ++t) again.step(), strategy.analyze(again.universe.view());
        again.step();
        const auto found = look(strategy, again.universe.view());
        const bool there = std::any_of(found.begin(), found.end(), [&](const auto& o) { return o.market() == m; });
        EXPECT_EQ(there, exact > entry);
        ++borderline;
      }
      break;
    }
  }
  EXPECT_GT(borderline, 60);
}

TEST(MomentumTest, Only_the_past_counts) {
  Walkers world(10, 3);
  MomentumOptions options;
  options.window = 8;
  Momentum strategy(options);
  std::vector<std::vector<double>> scores;
  for (int t = 0; t < 60; ++t) {
    world.step();
    strategy.analyze(world.universe.view());
    scores.emplace_back();
    for (MarketIndex m = 0; m < 10; ++m) scores.back().push_back(strategy.score(m));
  }
  for (const int cut : {9, 20, 47}) {
    Walkers shorter(10, 3);
    Momentum fresh(options);
    for (int t = 0; t < cut; ++t) shorter.step(), fresh.analyze(shorter.universe.view());
    for (MarketIndex m = 0; m < 10; ++m) EXPECT_EQ(fresh.score(m), scores[static_cast<std::size_t>(cut) - 1][m]);
  }
}

TEST(MomentumTest, Mids_taken_once_for_all_give_the_same_scores) {
  Walkers world(10, 31);
  Momentum own({});
  Momentum shared({});
  std::vector<double> mids;
  for (int t = 0; t < 50; ++t) {
    world.step();
    world.universe.markets().set_state(3, t % 7 == 0 ? BookState::stale : BookState::good);
    MarketView view = world.universe.view();
    own.analyze(view);
    sample_mids(view, mids);
    view.mids = mids;
    shared.analyze(view);
    for (MarketIndex m = 0; m < 10; ++m) EXPECT_EQ(own.score(m), shared.score(m));
  }
}

TEST(MomentumTest, A_short_gap_is_bridged_and_a_long_one_starts_anew) {
  MomentumOptions options;
  options.window = 5;
  options.max_gap = 2;
  for (const int gap : {2, 3}) {
    Walkers world(1, 9);
    Momentum strategy(options);
    for (int t = 0; t < 10; ++t) world.step(), strategy.analyze(world.universe.view());
    ASSERT_NE(strategy.score(0), 0);
    world.universe.markets().set_state(0, BookState::stale);
    for (int t = 0; t < gap; ++t) EXPECT_TRUE(look(strategy, world.universe.view()).empty());
    world.universe.markets().set_state(0, BookState::good);
    world.step();
    strategy.analyze(world.universe.view());
    EXPECT_EQ(strategy.score(0) == 0, gap == 3);
  }
}

TEST(MomentumTest, Up_buys_yes_down_buys_no_and_rules_give_their_fate) {
  for (const int direction : {1, -1}) {
    Universe universe;
    const MarketIndex m = universe.add();
    MomentumOptions options;
    options.window = 5;
    options.min_edge = 0;
    options.continuation = 1;
    Momentum strategy(options);
    std::vector<Opportunity> found;
    for (int t = 0; t < 12; ++t) {
      const int mid = 500 + direction * (10 * t + (t % 2));
      universe.quote(m, mid - 5, mid + 5);
      found = look(strategy, universe.view());
    }
    ASSERT_EQ(found.size(), 1U);
    const Outcome outcome = direction > 0 ? Outcome::yes : Outcome::no;
    EXPECT_EQ(found[0].legs[0].outcome, outcome);
    const Account account = account_of(1000);
    EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account).fate, Fate::traded);
    const OrderPlan plan = strategy.enter_position(found[0], universe.view(), account);
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].outcome, outcome);

    OpenTrade held;
    held.kind = OpportunityKind::momentum;
    held.holdings = {{m, outcome, plan[0].shares, notional(plan[0].limit, plan[0].shares)}};
    EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account_of(1000, {&held, 1})).fate, Fate::already_held);
    EXPECT_FALSE(strategy.should_exit(held, universe.view()));
    EXPECT_TRUE(strategy.should_exit(held, universe.view(25 * 3600 * kNanosPerSecond))) << "held for too long";
    held.holdings[0].cost = Money{held.holdings[0].cost.micros / 2};
    EXPECT_TRUE(strategy.should_exit(held, universe.view())) << "takes profit";
    EXPECT_EQ(strategy.exit_position(held, universe.view()).size(), 1U);
    universe.markets().set_state(m, BookState::gapped);
    EXPECT_FALSE(strategy.should_exit(held, universe.view())) << "nothing is sold on a gapped book";
    universe.markets().set_state(m, BookState::good);

    const int mid = 500 + direction * 110;
    universe.quote(m, mid - 40, mid + 40);
    EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account).fate, Fate::wide_spread);
    universe.quote(m, mid - 5, mid + 5, 3);
    EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account).fate, Fate::thin_book);
    Opportunity broken = found[0];
    broken.probability = std::numeric_limits<double>::quiet_NaN();
    universe.quote(m, mid - 5, mid + 5);
    EXPECT_EQ(strategy.should_enter(broken, universe.view(), account).fate, Fate::invalid_number);
    EXPECT_TRUE(strategy.enter_position(broken, universe.view(), account).empty());
    EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account_of(0)).fate, Fate::no_capital);
  }
}

double naive_z(const std::vector<double>& y, const std::vector<double>& x, std::size_t window, double beta) {
  if (y.size() < window) return 0;
  std::vector<double> s;
  for (std::size_t k = y.size() - window; k < y.size(); ++k) s.push_back(y[k] - beta * x[k]);
  double mean = 0;
  for (const double v : s) mean += v / static_cast<double>(window);
  double squares = 0;
  for (const double v : s) squares += (v - mean) * (v - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(window - 1));
  return deviation > 1e-9 ? (s.back() - mean) / deviation : 0;
}

StatisticalArbOptions pairs_of(std::size_t markets, Hedge hedge) {
  StatisticalArbOptions options;
  for (std::size_t i = 0; i + 1 < markets; i += 2) options.pairs.push_back({"m" + std::to_string(i), "m" + std::to_string(i + 1)});
  options.hedge = hedge;
  options.window = 20;
  options.max_half_life = 0;
  return options;
}

TEST(PairsTest, Fixed_hedges_agree_with_a_plain_recomputation_over_thousands_of_samples) {
  Walkers world(30, 11);
  StatisticalArb strategy(pairs_of(30, Hedge::fixed));
  std::size_t found_in_all = 0;
  for (int t = 0; t < 3000; ++t) {
    world.step();
    const auto found = look(strategy, world.universe.view());
    std::map<MarketIndex, double> by_market;
    for (const Opportunity& one : found) by_market[one.market()] = one.signal;
    for (MarketIndex m = 0; m < 30; m += 2) {
      const double naive = naive_z(world.history[m], world.history[m + 1], 20, 1);
      if (std::abs(std::abs(naive) - 2) < 1e-9) continue;
      ASSERT_EQ(by_market.contains(m), std::abs(naive) > 2) << "sample " << t << " z " << naive;
      if (by_market.contains(m)) {
        ASSERT_NEAR(by_market[m], naive, 1e-6);
      }
    }
    found_in_all += found.size();
  }
  EXPECT_GT(found_in_all, 500U);
}

TEST(PairsTest, Rolling_hedges_agree_with_least_squares_by_hand) {
  Walkers world(6, 13);
  StatisticalArb strategy(pairs_of(6, Hedge::rolling));
  for (int t = 0; t < 300; ++t) {
    world.step();
    strategy.analyze(world.universe.view());
    if (t < 20) continue;
    for (std::size_t p = 0; p < 3; ++p) {
      double sx = 0, sy = 0, sxx = 0, sxy = 0;
      for (std::size_t k = world.history[0].size() - 20; k < world.history[0].size(); ++k) {
        const double x = world.history[2 * p + 1][k];
        const double y = world.history[2 * p][k];
        sx += x, sy += y, sxx += x * x, sxy += x * y;
      }
      const double spread = 20 * sxx - sx * sx;
      if (spread < 1e-6) continue;
      const double beta = (20 * sxy - sx * sy) / spread;
      EXPECT_NEAR(strategy.distance(p).beta, beta, 1e-6 * (1 + std::abs(beta)));
      EXPECT_NEAR(strategy.distance(p).z, naive_z(world.history[2 * p], world.history[2 * p + 1], 20, beta), 1e-6);
    }
  }
}

TEST(PairsTest, The_filter_is_the_matrix_form_of_the_textbook) {
  Random random(17);
  KalmanLine filter(1e-3, 2e-3);
  double theta[2] = {0, 0};
  double P[2][2] = {{1, 0}, {0, 1}};
  const double q = 1e-3 / (1 - 1e-3);
  for (int t = 0; t < 500; ++t) {
    const double x = random.uniform();
    const double y = 0.1 + 0.7 * x + 0.05 * random.normal();
    const double h[2] = {1, x};
    for (int i = 0; i < 2; ++i) P[i][i] += q;
    double Ph[2];
    for (int i = 0; i < 2; ++i) Ph[i] = P[i][0] * h[0] + P[i][1] * h[1];
    const double S = h[0] * Ph[0] + h[1] * Ph[1] + 2e-3;
    const double e = y - theta[0] * h[0] - theta[1] * h[1];
    double next[2][2];
    for (int i = 0; i < 2; ++i) {
      theta[i] += Ph[i] / S * e;
      for (int j = 0; j < 2; ++j) {
        next[i][j] = 0;  // (I − K·h)·P
        for (int k = 0; k < 2; ++k) next[i][j] += ((i == k ? 1.0 : 0.0) - Ph[i] / S * h[k]) * P[k][j];
      }
    }
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j) P[i][j] = next[i][j];
    filter.update(x, y);
    ASSERT_NEAR(filter.z(), e / std::sqrt(S), 1e-9);
    ASSERT_NEAR(filter.alpha(), theta[0], 1e-9);
    ASSERT_NEAR(filter.beta(), theta[1], 1e-9);
  }
  EXPECT_NEAR(filter.beta(), 0.7, 0.2);
}

TEST(PairsTest, Half_life_and_Dickey_Fuller_know_a_series_that_returns_from_one_that_does_not) {
  Random random(19);
  int returning = 0;
  int wandering = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<double> ar{0};
    std::vector<double> walk{0};
    for (int t = 1; t < 200; ++t) {
      ar.push_back(0.5 * ar.back() + random.normal());
      walk.push_back(walk.back() + random.normal());
    }
    EXPECT_NEAR(*half_life(ar), 1, 0.7);
    returning += *dickey_fuller(ar, 1) < dickey_fuller_critical(200, false);
    wandering += *dickey_fuller(walk, 1) < dickey_fuller_critical(200, false);
  }
  EXPECT_GT(returning, 195);
  EXPECT_LT(wandering, 25) << "five in a hundred by construction";
  EXPECT_NEAR(dickey_fuller_critical(1'000'000, false), -2.8616, 1e-3);
  EXPECT_NEAR(dickey_fuller_critical(100, true), -3.398, 1e-3);
  const std::vector<double> flat(50, 0.3);
  EXPECT_FALSE(half_life(flat));
  EXPECT_FALSE(dickey_fuller(flat, 1));
}

TEST(PairsTest, The_statistic_of_a_small_series_is_the_regression_by_hand) {
  const std::vector<double> s{1, 2, 1.5, 0.5, 1.2, 0.9, 1.4, 1.1};
  // Δs on (s−1, 1): slope, its standard error from the closed form of simple regression.
  double mx = 0, my = 0, xx = 0, xy = 0, rss = 0;
  const double n = 7;
  for (std::size_t t = 1; t < 8; ++t) mx += s[t - 1] / n, my += (s[t] - s[t - 1]) / n;
  for (std::size_t t = 1; t < 8; ++t) xx += (s[t - 1] - mx) * (s[t - 1] - mx), xy += (s[t - 1] - mx) * (s[t] - s[t - 1] - my);
  for (std::size_t t = 1; t < 8; ++t) rss += std::pow(s[t] - s[t - 1] - my - xy / xx * (s[t - 1] - mx), 2);
  EXPECT_NEAR(*dickey_fuller(s, 0), xy / xx / std::sqrt(rss / (n - 2) / xx), 1e-9);
}

TEST(PairsTest, A_pair_far_apart_is_bought_long_only_and_left_when_it_is_back) {
  Universe universe;
  for (int i = 0; i < 2; ++i) universe.add();
  StatisticalArbOptions options = pairs_of(2, Hedge::fixed);
  options.min_edge = 0;
  StatisticalArb strategy(options);
  Random random(23);
  const auto quote = [&](int y, int x) { universe.quote(0, y - 2, y + 2), universe.quote(1, x - 2, x + 2); };
  for (int t = 0; t < 40; ++t) {
    const int x = 500 + static_cast<int>(random.below(20));
    quote(x + static_cast<int>(random.below(9)), x);
    strategy.analyze(universe.view());
  }
  quote(560, 510);  // y is dear
  const auto found = look(strategy, universe.view());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_GT(found[0].signal, 2);
  EXPECT_EQ(found[0].legs[0].outcome, Outcome::no);
  EXPECT_EQ(found[0].legs[1].outcome, Outcome::yes);
  options.stop = 100;
  const OrderPlan plan = strategy.enter_position(found[0], universe.view(), account_of(1000));
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].shares, plan[1].shares);
  for (const OrderIntent& order : plan) EXPECT_EQ(order.side, trading::Side::buy);

  OpenTrade trade;
  trade.kind = OpportunityKind::pair;
  trade.entry_signal = 3;
  trade.holdings = {{0, Outcome::no, plan[0].shares, Money::whole(10)}, {1, Outcome::yes, plan[1].shares, Money::whole(10)}};
  quote(540, 525);
  strategy.analyze(universe.view());
  EXPECT_EQ(strategy.should_exit(trade, universe.view()), std::abs(strategy.distance(0).z) < 0.5);
  quote(516, 512);
  strategy.analyze(universe.view());
  ASSERT_LT(std::abs(strategy.distance(0).z), 0.5);
  EXPECT_TRUE(strategy.should_exit(trade, universe.view()));
  EXPECT_EQ(strategy.exit_position(trade, universe.view()).size(), 2U);

  quote(545, 522);
  strategy.analyze(universe.view());
  OpenTrade half = trade;
  half.holdings.pop_back();
  EXPECT_TRUE(strategy.should_exit(half, universe.view())) << "one leg hedges nothing";
  universe.markets().resolve(1, {Price{1'000'000}, Price{0}});
  EXPECT_TRUE(strategy.should_exit(trade, universe.view())) << "the other market has been decided";
}

}  // namespace
}  // namespace tradewind::prediction
