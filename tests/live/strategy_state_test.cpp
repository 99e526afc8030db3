// SPDX-License-Identifier: Apache-2.0
// What strategies keep over a restart.
#include <stdexcept>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/strategy_manager.hpp"

namespace tradewind::live {
namespace {

/// Remembers one word, and takes no other than "good".
class Remembering final : public prediction::PredictionStrategy {
 public:
  explicit Remembering(std::string word) : word_(std::move(word)) {}
  void analyze(const prediction::MarketView&) override {}
  void find_opportunities(const prediction::MarketView&, std::vector<prediction::Opportunity>&) override {}
  prediction::EntryVerdict should_enter(const prediction::Opportunity&, const prediction::MarketView&,
                                        const prediction::Account&) const override {
    return {};
  }
  bool should_exit(const prediction::OpenTrade&, const prediction::MarketView&) const override { return false; }
  prediction::OrderPlan enter_position(const prediction::Opportunity&, const prediction::MarketView&,
                                       const prediction::Account&) const override {
    return {};
  }
  prediction::OrderPlan exit_position(const prediction::OpenTrade&, const prediction::MarketView&) const override { return {}; }
  prediction::StrategyStatistics get_statistics() const override { return {}; }
  std::string save_state() const override {
    if (word_ == "thrown") throw std::runtime_error(word_);
    return word_;
  }
  Status load_state(std::string_view saved) override {
    if (saved == "bad") return Error(Errc::corrupt, "a bad word");
    word_ = saved;
    return {};
  }

 private:
  std::string word_;
};

TEST(StrategyState, Comes_back_and_a_bad_one_is_told) {
  std::unique_ptr<StrategyManager> manager;
  const auto begin_anew = [&] { manager = *StrategyManager::make(*config::parse_config("total_capital: 1000", "test")); };
  begin_anew();
  const auto saved_by = [&](const char* word) {
    manager->add({"own", std::make_unique<Remembering>(word)});
    return counters_from_json(to_json(manager->counters_and_states()));
  };
  SessionMoment moment;
  moment.counters = saved_by("good");
  EXPECT_TRUE(manager->counters().strategies["own"].state.empty());
  begin_anew();
  EXPECT_EQ(saved_by("").strategies["own"].state, "");
  manager->restore(moment);
  EXPECT_FALSE(manager->last_error());
  EXPECT_EQ(manager->counters_and_states().strategies["own"].state, "good");
  moment.counters.strategies["own"].state = "bad";
  manager->restore(moment);
  EXPECT_EQ(manager->last_error()->message(), "a bad word");
  begin_anew();
  EXPECT_EQ(saved_by("thrown").strategies["own"].state, "");
}

}  // namespace
}  // namespace tradewind::live
