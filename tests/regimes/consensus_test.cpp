// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/consensus.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "causality.hpp"
#include "tradewind/regimes/registry.hpp"

namespace tradewind::regimes {
namespace {

/// Says what it was told to, one state a bar.
class Scripted final : public Classifier {
 public:
  explicit Scripted(std::vector<State> script) : script_(std::move(script)) {}
  State update(const Bar&) override { return next_ < script_.size() ? script_[next_++] : kUnknown; }

 private:
  std::vector<State> script_;
  std::size_t next_ = 0;
};

struct World {
  std::vector<double> closes;
  std::vector<State> next;  ///< at each close: the volatility regime of the next return
};

World two_regimes(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  World world;
  double close = 100;
  State regime = 0;
  for (std::size_t t = 0; t < n; ++t) {
    close *= std::exp((regime == 0 ? 0.004 : 0.015) * random.normal());
    if (random.below(50) == 0) regime = static_cast<State>(1 - regime);
    world.closes.push_back(close);
    world.next.push_back(regime);
  }
  return world;
}

std::vector<State> coin(std::size_t n, std::uint64_t seed, std::uint64_t states = 2) {
  Random random(seed);
  std::vector<State> script(n);
  for (State& s : script) s = static_cast<State>(random.below(states));
  return script;
}

Consensus scripted(const std::vector<std::pair<std::size_t, std::vector<State>>>& scripts, const ConsensusOptions& options = {}) {
  std::vector<ConsensusMember> members;
  for (const auto& [states, script] : scripts)
    members.push_back({"m" + std::to_string(members.size()), std::make_unique<Scripted>(script), states});
  return std::move(*Consensus::make(std::move(members), options));
}

TEST(Consensus, learns_whom_to_trust_and_which_of_its_states_is_risky) {
  const World world = two_regimes(2000, 1);
  auto inverted = world.next;  // knows the truth and names it the other way round
  for (State& s : inverted) s = static_cast<State>(1 - s);
  auto consensus = scripted({{2, inverted}, {2, coin(2000, 7)}, {3, coin(2000, 8, 3)}});
  std::size_t right = 0;
  for (std::size_t t = 0; t < 2000; ++t) {
    const State state = consensus.update(Bar::of_close(world.closes[t]));
    if (t >= 500) right += state == world.next[t];
    const auto& row = consensus.row();
    double weights = 0;
    for (const double w : row.weights) weights += w;
    ASSERT_NEAR(weights, 1, 1e-12);
    ASSERT_NEAR(row.probabilities[0] + row.probabilities[1], 1, 1e-12);
    ASSERT_TRUE(row.agreement >= 0 && row.agreement <= 1);
  }
  EXPECT_GT(consensus.row().weights[0], 0.9);
  EXPECT_GT(static_cast<double>(right) / 1500, 0.97);
}

TEST(Consensus, copies_agree_fully_and_the_unknown_have_no_say) {
  const World world = two_regimes(300, 2);
  std::vector<State> late = world.next;
  std::fill(late.begin(), late.begin() + 100, kUnknown);
  auto consensus = scripted({{2, late}, {2, late}});
  for (std::size_t t = 0; t < 300; ++t) {
    consensus.update(Bar::of_close(world.closes[t]));
    const auto& row = consensus.row();
    if (t < 100) {
      EXPECT_EQ(row.state, kUnknown);
      EXPECT_TRUE(row.probabilities.empty());
    } else {
      EXPECT_NEAR(row.agreement, 1, 1e-12);
      EXPECT_NEAR(row.weights[0], 0.5, 1e-12);
    }
  }
}

std::vector<ConsensusMember> built_in() {
  std::vector<ConsensusMember> members;
  for (const auto& [type, parameters] :
       std::vector<std::pair<std::string, std::vector<NamedValue>>>{{"hmm", {{"history", 120}, {"starts", 2}}},
                                                                    {"volatility_terciles", {{"window", 10}, {"history", 40}}},
                                                                    {"trend", {{"window", 30}}}}) {
    auto made = std::move(*make_classifier(type, parameters));
    members.push_back({type, std::move(made.classifier), made.labels.size()});
  }
  return members;
}

TEST(Consensus, is_causal) {
  const auto closes = changing_prices(900, 6);
  const auto labelling = [](const std::vector<double>& part) {
    auto consensus = std::move(*Consensus::make(built_in()));
    return classify_closes(consensus, part);
  };
  EXPECT_EQ(first_cut_that_changes_labels(labelling, closes, 37), 0U);
  const auto weights = [&](std::size_t n) {
    auto consensus = std::move(*Consensus::make(built_in()));
    for (std::size_t t = 0; t < n; ++t) consensus.update(Bar::of_close(closes[t]));
    return consensus.row().weights;
  };
  auto shocked = std::move(*Consensus::make(built_in()));
  for (std::size_t t = 0; t < 600; ++t) shocked.update(Bar::of_close(closes[t]));
  EXPECT_EQ(shocked.row().weights, weights(600));
  shocked.update(Bar::of_close(closes[599] * 2));
  EXPECT_NE(shocked.row().weights, weights(601)) << "what comes next does move the next weights";
}

TEST(Consensus, goes_on_after_saving) {
  const auto closes = changing_prices(700, 8);
  auto full = std::move(*Consensus::make(built_in()));
  auto first = std::move(*Consensus::make(built_in()));
  for (std::size_t t = 0; t < 400; ++t) full.update(Bar::of_close(closes[t])), first.update(Bar::of_close(closes[t]));
  auto second = std::move(*Consensus::make(built_in()));
  const std::string memory = first.save();
  ASSERT_TRUE(second.load(memory));
  EXPECT_EQ(second.row().probabilities, first.row().probabilities);
  EXPECT_EQ(second.row().agreement, first.row().agreement);
  for (std::size_t t = 400; t < 700; ++t) {
    ASSERT_EQ(second.update(Bar::of_close(closes[t])), full.update(Bar::of_close(closes[t])));
    ASSERT_EQ(second.row().weights, full.row().weights);
  }
  const std::string later = second.save();
  auto damaged = memory;
  damaged[20] ^= 1;
  EXPECT_FALSE(second.load(damaged));
  EXPECT_EQ(second.save(), later) << "a refused state changes nothing";
  EXPECT_FALSE(second.load("trend/1 0 0"));
}

TEST(Consensus, degenerate_cases) {
  EXPECT_EQ(Consensus::make({}).error().code(), Errc::usage);
  std::vector<ConsensusMember> missing(1);
  EXPECT_EQ(Consensus::make(std::move(missing)).error().code(), Errc::usage);
  EXPECT_EQ(Consensus::make(built_in(), {.regimes = 9}).error().code(), Errc::usage);
  EXPECT_EQ(Consensus::make(built_in(), {.half_life = -1}).error().code(), Errc::usage);
  auto flat = scripted({{2, coin(300, 1)}, {1, coin(300, 2, 1)}});
  for (int t = 0; t < 300; ++t) {
    EXPECT_NE(flat.update(Bar::of_close(100)), kUnknown);
    for (const double w : flat.row().weights) EXPECT_EQ(w, 0.5) << "constant prices teach nothing";
  }
  EXPECT_EQ(flat.save(), "") << "a member cannot be saved";
}

}  // namespace
}  // namespace tradewind::regimes
