// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workflow/analytics_coordinator.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "../analysis/analysis_test_support.hpp"
#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/workflow/automated_workflow.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::workflow {
namespace {

using namespace analysis;

/// Waits at its first update until it is let go, so that a test can do something while work is under way.
class Gate final : public Progress {
 public:
  void update(std::string_view, std::uint64_t, std::uint64_t, std::string_view) override {
    reached.store(true);
    reached.notify_all();
    open.wait(false);
  }
  void finish() override {}
  void warn(std::string_view) override {}
  void let_go() {
    open.store(true);
    open.notify_all();
  }
  std::atomic<bool> reached{false};
  std::atomic<bool> open{false};
};

class Coordinator : public Bench {
 protected:
  PreparedReplay prepared(const AnalyticsCoordinator& coordinator, const AnalysisReport& report,
                          const std::vector<std::string>& targets = {}) const {
    auto one = coordinator.prepare_signal_replay(report, targets);
    EXPECT_TRUE(one) << one.error().message();
    return one ? std::move(*one) : PreparedReplay{};
  }
};

TEST_F(Coordinator, an_analysis_is_a_task) {
  sweep_standard("r");
  const AnalyticsCoordinator coordinator(ws(), easy());
  auto task = coordinator.analyze_optimization_run("r");
  const auto report = task.get();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->document, analyzed("r", easy()).document);
  auto dear = coordinator.analyze_optimization_run("r", metrics::ExecutionCosts{0.01, metrics::SlippageModel::linear, 0});
  const auto other = dear.get();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->document["provenance"]["commission_rate"], 0.01);
  auto missing = coordinator.analyze_optimization_run("q");
  EXPECT_EQ(missing.get().error().code(), Errc::not_found);
}

TEST_F(Coordinator, a_cancelled_analysis_is_interrupted_and_leaves_the_run_whole) {
  sweep_standard("r");
  Gate gate;
  AnalysisOptions options = easy();
  options.progress = &gate;
  const AnalyticsCoordinator coordinator(ws(), options);
  auto task = coordinator.analyze_optimization_run("r");
  gate.reached.wait(false);
  task.cancel();
  gate.let_go();
  const auto stopped = task.get();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), Errc::interrupted);
  EXPECT_FALSE(std::filesystem::exists(ws() / "r" / "analytics" / "analysis.json"));
  const auto verified = workspace::verify(ws(), "r");
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->faults.empty());
  EXPECT_TRUE(verified->unprotected.empty());
  analyzed("r", easy());
}

TEST_F(Coordinator, what_was_scored_is_held_over_several_symbols) {
  sweep_standard("r");
  const AnalysisReport report = analyzed("r", easy());
  const AnalyticsCoordinator coordinator(ws(), easy());
  const PreparedReplay one = prepared(coordinator, report);
  const Json& ensemble = report.document["ensemble"];
  EXPECT_TRUE(ensemble["classifier_id"].is_null());  // the regimes of one symbol are not those of the other
  std::size_t gated = 0, at = 0;
  for (const Json& combination : report.document["combinations"]) {
    if (!combination["selected"].get<bool>()) continue;
    const auto& held = one.config.strategies.at(at++);
    EXPECT_EQ(held.strategy_id, combination["strategy_id"]);
    EXPECT_EQ(held.weight, ensemble["members"][at - 1]["weight"]);
    EXPECT_EQ(held.gate.has_value(), combination["classifier_id"].is_string());
    if (!held.gate) continue;
    ++gated;
    EXPECT_EQ(held.gate->classifier_id, combination["classifier_id"]);
    EXPECT_EQ(Json(held.gate->held_in), combination["trade_in"]);
    EXPECT_EQ(held.gate->classifier_id.substr(0, 3), held.strategy_id.substr(0, 3));  // of its own symbol
  }
  EXPECT_EQ(at, one.config.strategies.size());
  ASSERT_GT(gated, 0U) << "without gates this shows nothing";
  const auto outcome = coordinator.execute(one);
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->ensemble.performance[metrics::Metric::total_return],
            ensemble["performance"][0]["holdout"]["total_return"].get<double>());
  const std::string weights = *read_file(ws() / "r" / "analytics" / "optimal_weights.json");
  EXPECT_EQ(Json::parse(weights)["members"], ensemble["members"]);
  const auto stored = coordinator.store_replay(one);
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(stored->summary["config"]["strategies"], ensemble["members"]);
  EXPECT_EQ(stored->summary["ensemble"]["metrics"]["total_return"], ensemble["performance"][0]["holdout"]["total_return"]);
}

TEST_F(Coordinator, a_replay_is_what_the_analysis_says) {
  sweep_one("r");
  const AnalysisReport report = analyzed("r", easy());
  const AnalyticsCoordinator coordinator(ws(), easy());
  const PreparedReplay one = prepared(coordinator, report);
  const Json& ensemble = report.document["ensemble"];
  EXPECT_EQ(one.run_id, "r");
  EXPECT_EQ(one.input_hash, report.input_hash);
  EXPECT_EQ(one.classifier_id, ensemble["classifier_id"]);
  ASSERT_EQ(one.config.strategies.size(), ensemble["strategies"].size());
  for (std::size_t i = 0; i < one.config.strategies.size(); ++i) EXPECT_EQ(one.config.strategies[i].strategy_id, ensemble["strategies"][i]);
  ASSERT_EQ(one.config.regimes.size(), one.config.regime_weights.size());
  ASSERT_FALSE(one.config.regimes.empty());
  for (std::size_t r = 0; r < one.config.regimes.size(); ++r)
    for (std::size_t i = 0; i < one.config.strategies.size(); ++i)
      EXPECT_NEAR(one.config.regime_weights[r][i],
                  ensemble["weights"][one.config.regimes[r]].value(one.config.strategies[i].strategy_id, 0.0), 1e-9);
  EXPECT_EQ(one.config.execution.costs.commission_rate, 0.0005);
  // The replay is the ensemble's held-out performance.
  const auto outcome = coordinator.execute(one);
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->ensemble.performance[metrics::Metric::total_return],
            ensemble["performance"][0]["holdout"]["total_return"].get<double>());
  EXPECT_EQ(outcome->ensemble.performance[metrics::Metric::sharpe_ratio],
            ensemble["performance"][0]["holdout"]["sharpe_ratio"].get<double>());
}

TEST_F(Coordinator, target_regimes_leave_the_others_in_cash) {
  sweep_one("r");
  const AnalysisReport report = analyzed("r", easy());
  const AnalyticsCoordinator coordinator(ws(), easy());
  const PreparedReplay all = prepared(coordinator, report);
  ASSERT_GT(all.config.regimes.size(), 1U);
  const std::string target = all.config.regimes.back();
  const PreparedReplay some = prepared(coordinator, report, {target});
  for (std::size_t r = 0; r < some.config.regimes.size(); ++r) {
    if (some.config.regimes[r] == target) {
      EXPECT_EQ(some.config.regime_weights[r], all.config.regime_weights[r]);
    } else {
      EXPECT_EQ(some.config.regime_weights[r], std::vector<double>(some.config.strategies.size(), 0.0));
    }
  }
  const auto unknown = coordinator.prepare_signal_replay(report, {target + "z"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Errc::unknown_name);
  EXPECT_NE(unknown.error().hint().find(target), std::string::npos);
}

TEST_F(Coordinator, no_ensemble_is_nothing_to_replay) {
  market::Bars flat = spells("ONE", 1, 300);
  for (auto* column : {&flat.open, &flat.high, &flat.low, &flat.close}) std::fill(column->begin(), column->end(), 100.0);
  write(flat);
  sweep("r", data_of({"ONE"}) + kStrategies);
  const AnalyticsCoordinator coordinator(ws(), {});
  const auto refused = coordinator.prepare_signal_replay(analyzed("r", {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::nothing_matched);
}

TEST_F(Coordinator, a_replay_is_stored_once) {
  sweep_standard("r");
  const AnalysisReport report = analyzed("r", easy());
  const AnalyticsCoordinator coordinator(ws(), easy());
  const PreparedReplay one = prepared(coordinator, report);
  const auto first = coordinator.store_replay(one);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->source, "r");
  EXPECT_TRUE(first->run_id.starts_with("replay-r-"));
  const auto verified = workspace::verify(ws(), first->run_id);
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->faults.empty());
  EXPECT_TRUE(verified->unprotected.empty());
  std::map<std::string, std::filesystem::file_time_type> times;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ws() / first->run_id))
    times[entry.path()] = entry.last_write_time();
  const auto second = coordinator.store_replay(one);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->run_id, first->run_id);
  EXPECT_EQ(second->summary, first->summary);
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ws() / first->run_id)) {
    EXPECT_EQ(times.at(entry.path()), entry.last_write_time()) << entry.path();
    ++seen;
  }
  EXPECT_EQ(seen, times.size());
  PreparedReplay slower = one;
  slower.config.confirm_bars = 5;
  const auto other = coordinator.store_replay(slower);
  ASSERT_TRUE(other);
  EXPECT_NE(other->run_id, first->run_id);
}

TEST_F(Coordinator, tells_of_analyses_and_replays) {
  sweep_standard("r");
  notifications::EventBus bus;
  std::vector<notifications::AnalysisReady> ready;
  std::vector<notifications::ReplayCompleted> completed;
  std::vector<notifications::PerformanceUpdated> performance;
  const auto a = bus.subscribe<notifications::AnalysisReady>([&](const auto& event) { ready.push_back(event); });
  const auto b = bus.subscribe<notifications::ReplayCompleted>([&](const auto& event) { completed.push_back(event); });
  const auto c = bus.subscribe<notifications::PerformanceUpdated>([&](const auto& event) { performance.push_back(event); });
  AnalysisOptions options = easy();
  options.events = &bus;
  const AnalyticsCoordinator coordinator(ws(), options);
  const auto report = coordinator.analyze_optimization_run("r").get();
  ASSERT_TRUE(report);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].run_id, "r");
  EXPECT_EQ(ready[0].input_hash, report->input_hash);
  EXPECT_EQ(ready[0].path, "r/analytics/analysis.json");
  EXPECT_EQ(ready[0].strategies, 16);
  std::vector<std::string> selected = report->document["ensemble"]["strategies"];
  std::vector<std::string> told = ready[0].selected;
  std::sort(selected.begin(), selected.end());
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, selected);
  // Of the strategies those that met the criteria: all that stand in the funnel after the last criterion.
  std::int64_t qualified = 0;
  for (const Json& stage : report->document["funnel"])
    if (stage["stage"] == "max_drawdown") qualified = stage["strategies"];
  EXPECT_EQ(ready[0].qualified, qualified);

  const auto stored = coordinator.store_replay(prepared(coordinator, *report));
  ASSERT_TRUE(stored);
  ASSERT_EQ(completed.size(), 1U);
  EXPECT_EQ(completed[0].run_id, "r");
  EXPECT_EQ(completed[0].result_run_id, stored->run_id);
  EXPECT_EQ(completed[0].bars, 210);
  EXPECT_EQ(completed[0].net_sharpe, stored->summary["ensemble"]["metrics"]["sharpe_ratio"].get<double>());
  ASSERT_FALSE(performance.empty());
  for (std::size_t i = 1; i < performance.size(); ++i) EXPECT_LT(performance[i - 1].time, performance[i].time);
  EXPECT_EQ(performance.back().name, stored->run_id);
  EXPECT_NEAR(performance.back().equity, 1 + completed[0].net_return, 1e-9);
  EXPECT_NEAR(performance.back().sharpe, completed[0].net_sharpe, 1e-9);
}

TEST_F(Coordinator, a_sweep_that_is_complete_starts_its_analysis) {
  sweep_standard("r");
  notifications::EventBus bus;
  const AnalyticsCoordinator coordinator(ws(), easy());
  AnalysisFollower follower(coordinator, bus);
  bus.publish(notifications::SweepCompleted{.run_id = "r", .status = "interrupted"});
  bus.publish(notifications::SweepCompleted{.run_id = "r", .status = "complete"});
  bus.publish(notifications::SweepCompleted{.run_id = "missing", .status = "complete"});
  auto results = follower.wait();
  ASSERT_EQ(results.size(), 2U);
  ASSERT_TRUE(results[0]) << results[0].error().message();
  EXPECT_EQ(results[0]->run_id, "r");
  ASSERT_FALSE(results[1]);
  EXPECT_EQ(results[1].error().code(), Errc::not_found);
  EXPECT_TRUE(follower.wait().empty());
}

TEST_F(Coordinator, a_follower_that_goes_away_stops_its_analyses) {
  sweep_standard("r");
  notifications::EventBus bus;
  const AnalyticsCoordinator coordinator(ws(), easy());
  {
    AnalysisFollower follower(coordinator, bus);
    bus.publish(notifications::SweepCompleted{.run_id = "r", .status = "complete"});
  }
  bus.publish(notifications::SweepCompleted{.run_id = "r", .status = "complete"});  // nobody listens any more
  analyzed("r", easy());
}

class Automated : public Coordinator {};

TEST_F(Automated, from_runs_to_replays) {
  sweep_standard("good");
  write(spells("DULL", 3, 400, SIZE_MAX, 0.0));
  sweep("dull", data_of({"DULL"}) +
                    "execution: {fill: next_open, commission: 2%, slippage: {model: linear, rate: 0}}\nstrategies: [{type: sma_cross, "
                    "fast: 2, slow: [4, 5]}]\n");
  write(spells("TINY", 4, 5));
  sweep("tiny", data_of({"TINY"}) + "strategies: [{type: sma_cross, fast: 2, slow: 3}]\n");
  SelectionCriteria criteria = easy().criteria;
  criteria.auto_execute_replay = true;
  const AnalyticsCoordinator coordinator(ws(), easy());
  const AutomatedAnalyticsWorkflow workflow(criteria, coordinator);
  const auto report = workflow.run_automated_analysis();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->scanned_runs, 3U);
  EXPECT_EQ(report->qualified_runs, 1U);
  for (const RunVerdict& run : report->runs) EXPECT_EQ(run.reason.empty(), run.run_id == "good") << run.run_id << ": " << run.reason;
  ASSERT_FALSE(report->selected_combinations.empty());
  EXPECT_LE(report->selected_combinations.size(), criteria.max_selections);
  for (const auto& one : report->selected_combinations) EXPECT_EQ(one.run_id, "good");
  for (std::size_t i = 1; i < report->selected_combinations.size(); ++i)
    EXPECT_GE(report->selected_combinations[i - 1].score, report->selected_combinations[i].score);
  EXPECT_EQ(report->replay_configurations.size(), 1U);
  ASSERT_EQ(report->replay_results.size(), 1U);
  EXPECT_FALSE(report->recommendations.empty());
  // The replay is a run itself now, of a kind that is not analysed.
  const auto again = workflow.run_automated_analysis();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->scanned_runs, 4U);
  EXPECT_EQ(again->replay_results.at(0).run_id, report->replay_results[0].run_id);
  for (const RunVerdict& run : again->runs)
    if (run.run_id == report->replay_results[0].run_id) {
      EXPECT_NE(run.reason.find("a replay"), std::string::npos) << run.reason;
    }
}

TEST_F(Automated, runs_of_a_name_and_no_other) {
  sweep_standard("one", 400);
  sweep_standard("two", 400);
  const AnalyticsCoordinator coordinator(ws(), easy());
  const AutomatedAnalyticsWorkflow workflow(easy().criteria, coordinator);
  const auto report = workflow.run_automated_analysis({"two"});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->scanned_runs, 1U);
  EXPECT_TRUE(report->replay_results.empty());
  EXPECT_FALSE(std::filesystem::exists(ws() / "one" / "analytics" / "analysis.json"));
  const auto missing = workflow.run_automated_analysis({"twoo"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  EXPECT_NE(missing.error().hint().find("'two'"), std::string::npos);
}

TEST_F(Automated, the_same_strategy_in_two_runs_is_taken_once) {
  sweep_standard("one", 400);
  sweep_standard("two", 400);
  SelectionCriteria criteria = easy().criteria;
  criteria.max_selections = 6;
  criteria.max_correlation = 0.95;
  const AnalyticsCoordinator coordinator(ws(), easy());
  const AutomatedAnalyticsWorkflow workflow(criteria, coordinator);
  const auto report = workflow.run_automated_analysis();
  ASSERT_TRUE(report);
  std::vector<std::string> ids;
  for (const auto& one : report->selected_combinations) ids.push_back(one.strategy_id);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_GT(ids.size(), 1U);
}

TEST_F(Automated, criteria_out_of_range_are_refused) {
  SelectionCriteria criteria;
  criteria.max_selections = 0;
  const AnalyticsCoordinator coordinator(ws(), {});
  EXPECT_EQ(AutomatedAnalyticsWorkflow(criteria, coordinator).run_automated_analysis().error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::workflow
