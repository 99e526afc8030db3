// SPDX-License-Identifier: Apache-2.0
// An ensemble traded bar after bar is the ensemble a replay holds over the same bars.
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tradewind/analysis/run_classifier.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/regimes/consensus.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/replay/regime_gate.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/strategies/position_stream.hpp"

namespace tradewind::live {
namespace {

using prediction::PredictionStrategy;

constexpr std::int64_t kBar = 10 * kNanosPerSecond;
const std::vector<std::string> kMarkets = {"A", "B"};

/// Prices of two markets, bar after bar; none where a market had no bar.
struct PricePath {
  std::vector<UnixNanos> time;
  std::vector<std::array<std::optional<double>, 2>> mid;

  static PricePath random(std::uint64_t seed, int bars) {
    Random chance(seed);
    PricePath path;
    std::array<double, 2> at = {500, 500};  // thousandths
    for (int i = 1; i <= bars; ++i) {
      path.time.push_back(i * kBar);
      std::array<std::optional<double>, 2> now;
      const double step = i / 60 % 2 == 0 ? 1.5 : 6;  // calm and turbulent stretches; no short position may lose all it has
      for (std::size_t m = 0; m < 2; ++m) {
        at[m] = std::clamp(std::round(at[m] + step * chance.normal()), 100.0, 900.0);
        if (chance.below(m == 0 ? 25 : 7) != 0) now[m] = at[m] / 1000;
      }
      path.mid.push_back(now);
    }
    return path;
  }
  market::Bars bars(std::size_t market) const {
    market::Bars out;
    out.symbol = kMarkets[market];
    for (std::size_t i = 0; i < time.size(); ++i) {
      if (!mid[i][market]) continue;
      out.timestamp.push_back(time[i]);
      out.close.push_back(*mid[i][market]);
    }
    out.open = out.high = out.low = out.close;
    return out;
  }
};

/// An ensemble on both markets whose weights follow a classifier of the first.
struct Ensemble {
  std::string classifier;
  std::vector<regimes::NamedValue> parameters;
  int confirm_bars = 1;
  bool gated = false;                   ///< the members are held in some regimes of their own market's classifier only
  std::optional<double> adaptive = {};  ///< weights that follow the probabilities, at this cost of moving

  std::vector<BarMember> members() const {
    const auto one = [](const char* type, ParameterValues values, double weight, const char* market) {
      return BarMember{*strategies::StrategyRegistry::instance().find(type), strategies::Direction::long_short, std::move(values), weight,
                       market};
    };
    std::vector<BarMember> all = {one("sma_cross", {3, 12}, 0.3, "A"), one("zscore_reversion", {10, 1, 0}, 0.25, "A"),
                                  one("donchian_breakout", {8, 4}, 0.25, "B"), one("sma_cross", {2, 9}, 0.2, "B")};
    if (!gated) return all;
    for (const std::size_t i : {0, 2, 3}) all[i].gate = gate(i);
    return all;
  }
  /// Open in every other regime.
  MemberGate gate(std::size_t member) const {
    MemberGate gate{"own." + classifier,
                    [this]() -> Result<std::unique_ptr<regimes::Classifier>> {
                      std::vector<std::string> labels;
                      return made(labels);
                    },
                    {}};
    std::vector<std::string> labels;
    made(labels);
    for (std::size_t r = 0; r < labels.size(); ++r) gate.held_in.push_back((r + member) % 2 == 0);
    return gate;
  }
  std::unique_ptr<regimes::Classifier> made(std::vector<std::string>& labels) const {
    if (classifier != "consensus") {
      auto one = regimes::make_classifier(classifier, parameters);
      labels = one->labels;
      return std::move(one->classifier);
    }
    std::vector<regimes::ConsensusMember> voices;
    for (const char* type : {"trend", "volatility_terciles"}) {
      auto one = regimes::make_classifier(type, std::vector<regimes::NamedValue>{{"window", 20}});
      voices.push_back({type, std::move(one->classifier), one->labels.size()});
    }
    auto all = *regimes::Consensus::make(std::move(voices));
    labels = all.labels();
    return std::make_unique<regimes::Consensus>(std::move(all));
  }
  static std::vector<std::vector<double>> weights(std::size_t regimes) {
    std::vector<std::vector<double>> all = {{0.7, 0.1, 0.2, 0}, {0.05, 0.05, 0, 0}, {0.1, 0.15, 0.05, 0.7}, {0.25, 0.25, 0.25, 0.25}};
    all.resize(regimes, {0.1, 0.2, 0.3, 0.4});
    return all;
  }
  ensemble::AdaptiveModel model(std::size_t regimes) const {
    ensemble::AdaptiveModel model;
    model.cost_rate = *adaptive;
    model.global = {{0.25, 0.25, 0.25, 0.25}, std::vector<double>(16, 1e-5), 4, 20, 100, {}};
    for (std::size_t i = 0; i < 4; ++i) model.global.covariance[5 * i] = 1e-4;
    model.regimes.assign(regimes, model.global);
    for (std::size_t k = 0; k < regimes; ++k) model.regimes[k].weights = weights(regimes)[k];
    return model;
  }
  RegimeRule rule() const {
    RegimeRule rule;
    rule.classifier_id = "A." + classifier;
    rule.classifier = made(rule.labels);
    rule.market = "A";
    if (adaptive)
      rule.adaptive = model(rule.labels.size());
    else
      rule.weights = weights(rule.labels.size());
    rule.confirm_bars = confirm_bars;
    return rule;
  }
  std::unique_ptr<PredictionStrategy> trader() const {
    BarTraderOptions options;
    options.markets = kMarkets;
    options.min_exposure = 0;
    return make_bar_trader(members(), std::move(options), rule());
  }
};

workspace::States states_of(const Ensemble& ensemble, const market::Bars& bars) {
  std::vector<std::string> labels;
  const auto classifier = ensemble.made(labels);
  workspace::States states;
  regimes::State held = regimes::kUnknown;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const regimes::State now = classifier->update(regimes::bar_at(bars, i));
    if (now == held) continue;
    held = now;
    states.timestamp.push_back(bars.timestamp[i]);
    states.state.push_back(held);
  }
  return states;
}

/// The member's signals after its gate.
workspace::Signals gated(const Ensemble& ensemble, const BarMember& member, const workspace::Signals& signals, const market::Bars& own) {
  if (!member.gate) return signals;
  std::vector<std::string> labels;
  ensemble.made(labels);
  replay::RegimeGate gate{member.gate->classifier_id, {}};
  for (std::size_t r = 0; r < labels.size(); ++r)
    if (member.gate->held_in[r]) gate.held_in.push_back(labels[r]);
  return replay::gated_signals(signals, states_of(ensemble, own), labels, gate);
}

/// What a replay of the swept signals holds of each market at the close of each bar.
std::map<std::string, std::vector<double>> replayed(const Ensemble& ensemble, const PricePath& path) {
  const std::vector<market::Bars> bars = {path.bars(0), path.bars(1)};
  replay::SignalReplayConfig config;
  config.execution.periods_per_year = 252;
  config.execution.costs = metrics::ExecutionCosts::none();
  config.confirm_bars = ensemble.confirm_bars;
  std::vector<workspace::Signals> signals;
  std::vector<replay::ReplaySeries> series;
  for (const BarMember& member : ensemble.members()) {
    const market::Bars& own = bars[member.market == "A" ? 0 : 1];
    const auto stream = *strategies::make_position_stream(*member.type, member.parameters, member.direction);
    workspace::Signals changes;
    std::int8_t held = 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (stream->push(strategies::PriceBar::of_close(own.timestamp[i], own.close[i])) == held) continue;
      held = stream->position();
      changes.timestamp.push_back(own.timestamp[i]);
      changes.signal.push_back(held);
    }
    signals.push_back(gated(ensemble, member, changes, own));
    series.push_back({&own});
    config.strategies.push_back({"r", fmt::format("s{}", signals.size()), member.weight});
  }
  ensemble.made(config.regimes);
  replay::ReplayRegimes states = states_of(ensemble, bars[0]);
  if (ensemble.adaptive) {
    config.adaptive = ensemble.model(config.regimes.size());
    std::vector<std::string> labels;
    const auto classifier = ensemble.made(labels);
    states.timestamp = bars[0].timestamp;
    for (std::size_t i = 0; i < bars[0].size(); ++i)
      analysis::append_probabilities(*classifier, classifier->update(regimes::bar_at(bars[0], i)), labels.size(), states.probabilities);
  } else {
    config.regime_weights = Ensemble::weights(config.regimes.size());
  }
  const auto engine = replay::SignalReplayEngine::make(config);
  EXPECT_TRUE(engine) << engine.error().message();
  const auto result = engine->run(signals, series, states);
  EXPECT_TRUE(result) << result.error().message();
  EXPECT_GT(result->switches.size(), 2U) << "a path without changes of regime would show nothing";
  std::map<std::string, std::vector<double>> exposure;
  std::size_t next = 0;
  std::array<double, 2> now = {0, 0};
  for (const UnixNanos time : result->timestamp) {
    for (; next < result->exposure.size() && result->exposure[next].timestamp <= time; ++next)
      now[static_cast<std::size_t>(result->exposure[next].symbol)] = result->exposure[next].exposure;
    for (std::size_t s = 0; s < result->symbols.size(); ++s) exposure[result->symbols[s]].push_back(now[s]);
  }
  return exposure;
}

/// The markets as a trader sees them.
class Shown {
 public:
  Shown() {
    for (const std::string& id : kMarkets) {
      trading::PredictionMarket market;
      market.id = id;
      market.token_ids = {id + "-yes", id + "-no"};
      places_.push_back(universe_.upsert(market));
    }
  }
  /// {market: exposure} wanted after a bar at these prices.
  std::map<std::string, double> look(PredictionStrategy& strategy, UnixNanos now, const std::array<std::optional<double>, 2>& mid) {
    for (std::size_t m = 0; m < 2; ++m) {
      universe_.set_state(places_[m], mid[m] ? prediction::BookState::good : prediction::BookState::stale);
      if (mid[m]) show(places_[m], kMarkets[m], *mid[m]);
    }
    const prediction::MarketView view = universe_.view(now);
    strategy.analyze(view);
    // What is wanted is asked of open books, whatever was seen.
    for (const auto place : places_) universe_.set_state(place, prediction::BookState::good);
    const prediction::MarketView open = universe_.view(now);
    std::vector<prediction::Opportunity> found;
    strategy.find_opportunities(open, found);
    std::map<std::string, double> wanted;
    for (const auto& one : found) wanted[open.markets[one.market()].id] = one.signal;
    return wanted;
  }

  prediction::MarketIndex place(std::size_t market) const { return places_[market]; }
  prediction::MarketView view(UnixNanos now) const { return universe_.view(now); }

 private:
  void show(prediction::MarketIndex place, const std::string& id, double mid) {
    universe_.change_prices(place, [&](trading::MarketPrices& prices) {
      prices.market_id = id;
      ++prices.sequence;
      for (const auto outcome : {trading::Outcome::yes, trading::Outcome::no}) {
        const double middle = outcome == trading::Outcome::yes ? mid : 1 - mid;
        auto& book = prices.of(outcome);
        book.bids.clear();
        book.asks.clear();
        book.bids.set(trading::Side::buy, {*fixed_from_double<Price>(middle - 0.01), Shares::whole(100)});
        book.asks.set(trading::Side::sell, {*fixed_from_double<Price>(middle + 0.01), Shares::whole(100)});
      }
    });
  }
  prediction::MarketUniverse universe_;
  std::vector<prediction::MarketIndex> places_;
};

TEST(EnsembleTrader, Holds_at_every_bar_what_a_replay_holds_also_over_restarts) {
  const std::vector<Ensemble> ensembles = {{"trend", {{"window", 30}}, 1},
                                           {"trend", {{"window", 30}}, 3},
                                           {"volatility_terciles", {{"window", 15}}, 2},
                                           {"change_point", {}, 1},
                                           {"consensus", {}, 2},
                                           {"trend", {{"window", 30}}, 1, true},
                                           {"volatility_terciles", {{"window", 15}}, 2, true},
                                           {"consensus", {}, 1, true},
                                           {"trend", {{"window", 30}}, 1, false, 0.0},
                                           {"hmm", {{"states", 2}, {"refit", 100}}, 1, false, 0.0},
                                           {"consensus", {}, 1, true, 0.0}};
  for (const Ensemble& ensemble : ensembles) {
    SCOPED_TRACE(fmt::format("{}, confirmed by {}, gated {}", ensemble.classifier, ensemble.confirm_bars, ensemble.gated));
    const PricePath path = PricePath::random(7, 700);
    const auto expected = replayed(ensemble, path);
    Random chance(11);
    Shown shown;
    auto trader = ensemble.trader();
    std::size_t bar = 0, restarts = 0;
    std::set<double> seen;
    for (std::size_t i = 0; i < path.time.size(); ++i) {
      if (chance.below(15) == 0) {
        const std::string state = trader->save_state();
        trader = ensemble.trader();
        ASSERT_TRUE(trader->load_state(state));
        ++restarts;
      }
      const auto wanted = shown.look(*trader, path.time[i], path.mid[i]);
      if (!path.mid[i][0] && !path.mid[i][1]) continue;  // no bar of any market, no place in the replay
      for (const auto& [market, exposure] : wanted) {
        ASSERT_NEAR(exposure, expected.at(market)[bar], 1e-12) << market << " at bar " << bar;
        seen.insert(exposure);
      }
      if (wanted.size() == 2) {
        ASSERT_EQ(shown.look(*trader, path.time[i], path.mid[i]), wanted) << "a cycle that is repeated is no bar";
      }
      ++bar;
    }
    ASSERT_EQ(bar, expected.at("A").size());
    EXPECT_GT(restarts, 20U);
    EXPECT_GT(seen.size(), 6U);
  }
}

TEST(EnsembleTrader, Weights_that_adapt_move_only_as_far_as_it_pays) {
  const PricePath path = PricePath::random(9, 400);
  const auto weights = [&](double cost_rate) {
    const Ensemble ensemble{"volatility_terciles", {{"window", 15}}, 1, false, cost_rate};
    RegimeFollower follower(ensemble.rule());
    std::vector<std::vector<double>> all;
    for (std::size_t i = 0; i < path.time.size(); ++i) {
      if (path.mid[i][0]) follower.take(path.time[i], *path.mid[i][0]);
      follower.close_bar(path.time[i]);
      all.push_back(*follower.weights());
    }
    return all;
  };
  const auto moves = [](const std::vector<std::vector<double>>& all) {
    std::size_t count = 0;
    for (std::size_t i = 1; i < all.size(); ++i) count += all[i] != all[i - 1];
    return count;
  };
  const auto free = weights(0), dear = weights(0.0005), never = weights(0.9);
  EXPECT_GT(moves(free), 20U);
  EXPECT_LT(moves(dear), 2 * moves(free));
  EXPECT_GT(moves(dear), 0U);
  EXPECT_NE(dear, free);
  EXPECT_EQ(moves(never), 0U) << "nothing is worth that";
}

TEST(EnsembleTrader, Keeps_what_it_holds_while_its_regime_is_lost) {
  const Ensemble ensemble{"trend", {{"window", 5}}, 1};
  const auto before = ensemble.trader();
  Shown shown;
  const auto mid = [](int i) { return i <= 20 ? 0.5 + 0.005 * i : 0.8 - 0.01 * i; };
  for (int i = 1; i <= 40; ++i) shown.look(*before, i * kBar, {mid(i), 0.5});
  const prediction::OpenTrade held{
      .id = 1, .opened = 30 * kBar, .holdings = {{shown.place(0), trading::Outcome::yes, Shares::whole(5), {}}}};
  ASSERT_TRUE(before->should_exit(held, shown.view(40 * kBar))) << "its members are short in a falling market";
  Json state = read_json(before->save_state());
  state["regime"] = nullptr;
  const auto after = ensemble.trader();
  ASSERT_TRUE(after->load_state(dump_json(state)));
  shown.look(*after, 41 * kBar, {mid(41), 0.5});
  EXPECT_FALSE(after->should_exit(held, shown.view(41 * kBar)));
  for (int i = 42; i <= 60; ++i) shown.look(*after, i * kBar, {mid(i), 0.5});
  EXPECT_TRUE(after->should_exit(held, shown.view(60 * kBar))) << "known again";
}

TEST(EnsembleTrader, Tells_the_regime_it_is_in) {
  const Ensemble ensemble{"trend", {{"window", 5}}, 1};
  const auto trader = ensemble.trader();
  const auto regime = [&] {
    for (const auto& [name, detail] : trader->get_statistics().details)
      if (name == "regime") return std::get<std::string>(detail.value());
    return std::string("not told");
  };
  Shown shown;
  EXPECT_EQ(regime(), "unknown");
  for (int i = 1; i <= 40; ++i) shown.look(*trader, i * kBar, {0.3 + 0.01 * i, 0.5});
  EXPECT_EQ(regime(), "up");
}

TEST(EnsembleTrader, A_regime_of_another_rule_begins_anew) {
  const Ensemble ensemble{"trend", {{"window", 5}}, 1};
  const auto trader = ensemble.trader();
  Shown shown;
  for (int i = 1; i <= 40; ++i) shown.look(*trader, i * kBar, {0.3 + 0.01 * i, 0.5});
  const Json saved = read_json(trader->save_state());
  ASSERT_TRUE(saved["regime"].is_object());
  const auto regime_after = [&](const Json& state, double window = 5) {
    RegimeFollower follower(Ensemble{"trend", {{"window", window}}, 1}.rule());
    follower.load(state);
    return follower.regime();
  };
  const int before = regime_after(saved["regime"]);
  EXPECT_GE(before, 0);
  EXPECT_EQ(regime_after(saved["regime"], 6), -1) << "other parameters";
  const auto with = [&](const char* key, Json value) {
    Json changed = saved["regime"];
    changed[key] = std::move(value);
    return regime_after(changed);
  };
  EXPECT_EQ(with("bars", 7), before);
  for (const auto& [key, value] : std::vector<std::pair<const char*, Json>>{{"market", "B"},
                                                                            {"classifier_id", "A.other"},
                                                                            {"classifier", "damaged"},
                                                                            {"classifier", 5},
                                                                            {"in_force", 99},
                                                                            {"in_force", -2},
                                                                            {"said", "up"},
                                                                            {"held", 1.5},
                                                                            {"begun", nullptr},
                                                                            {"last", "soon"}})
    EXPECT_EQ(with(key, value), -1) << key;
  for (const char* text : {"null", "5", "[]", "{}"}) EXPECT_EQ(regime_after(read_json(text)), -1) << text;
}

}  // namespace
}  // namespace tradewind::live
