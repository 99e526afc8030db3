// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <map>

#include "analysis_test_support.hpp"
#include "tradewind/analysis/strategy_study.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Metric;

class CountingProgress final : public Progress {
 public:
  void update(std::string_view, std::uint64_t, std::uint64_t, std::string_view) override { ++updates; }
  void finish() override {}
  void warn(std::string_view) override {}
  std::atomic<int> updates{0};
};

class AnalyzeRun : public Bench {
 protected:
  /// Hash of every file but the catalog's commits, which are numbered.
  std::map<std::string, std::string> files(const std::string& run) const {
    std::map<std::string, std::string> hashes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(ws() / run))
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with("upkeep-"))
        hashes[entry.path().lexically_relative(ws() / run)] = *sha256_file(entry.path());
    return hashes;
  }
  void expect_verifiable(const std::string& run) const {
    const auto verified = workspace::verify(ws(), run);
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_TRUE(verified->faults.empty());
    EXPECT_TRUE(verified->unprotected.empty()) << verified->unprotected.front();
  }
};

/// What may be known when choosing: a document without what looks at the held-out part on purpose.
Json known_when_choosing(Json d) {
  for (const char* key :
       {"input_hash", "provenance", "curves", "monthly_returns", "rolling_sharpe", "patterns", "verdict", "recommendations"})
    d.erase(key);
  for (Json& s : d["strategies"]) s.erase("holdout"), s.erase("full");
  for (Json& c : d["combinations"]) c.erase("holdout_sharpe"), c.erase("held_holdout_sharpe");
  for (Json& c : d["classifiers"])
    for (const char* key : {"regime_counts", "avg_regime_duration", "transition_matrix"}) c.erase(key);  // of the whole run
  for (const char* key : {"adaptive", "benchmark"}) d["ensemble"].erase(key);                            // of the held-out part
  for (Json& path : d["ensemble"]["performance"])
    for (const char* key : {"holdout", "switching_costs", "turnover"}) path.erase(key);
  Json findings = Json::array();
  for (const Json& one : d["findings"])
    if (one["kind"] != "unmasked_luck") findings.push_back(one);
  d["findings"] = findings;
  return d;
}

TEST_F(AnalyzeRun, the_held_out_part_changes_nothing_that_is_chosen) {
  Json documents[2];
  std::string regimes[2];
  Json holdouts[2];
  for (int i = 0; i < 2; ++i) {
    std::filesystem::remove_all(ws());
    sweep_standard("r", 700, i == 0 ? SIZE_MAX : 490);
    const AnalysisReport report = analyzed("r", easy());
    ASSERT_EQ(report.document["split"]["selection_bars"], 490);
    ASSERT_TRUE(report.qualified);
    documents[i] = known_when_choosing(report.document);
    regimes[i] = *read_file(ws() / "r" / "analytics" / "regime_performance.json");
    for (const auto& s : report.strategy_performances) holdouts[i].push_back(s.holdout.at("total_return"));
  }
  EXPECT_NE(holdouts[0], holdouts[1]);  // the later prices do differ
  EXPECT_EQ(Json::diff(documents[0], documents[1]).dump(1), "[]");
  EXPECT_EQ(regimes[0], regimes[1]);
}

TEST_F(AnalyzeRun, a_change_before_the_boundary_does_change_what_is_chosen) {
  Json documents[2];
  for (int i = 0; i < 2; ++i) {
    std::filesystem::remove_all(ws());
    sweep_standard("r", 700, i == 0 ? SIZE_MAX : 485);
    documents[i] = known_when_choosing(analyzed("r", easy()).document);
  }
  EXPECT_NE(documents[0]["strategies"], documents[1]["strategies"]);
}

TEST_F(AnalyzeRun, the_held_out_figures_are_those_of_a_fresh_account_over_the_held_out_bars) {
  sweep_standard("r");
  auto opened = RunInput::open("r", {}, ws());
  ASSERT_TRUE(opened);
  RunInput input = std::move(*opened);
  const auto study = study_run(input, {});
  ASSERT_TRUE(study);
  int traded = 0;
  for (const StudiedStrategy& s : study->strategies) {
    const std::vector<std::string> ids = {study->row_of(s).strategy_id};
    const auto replayable = input.replayable(ids);
    ASSERT_TRUE(replayable);
    replay::SignalReplayConfig config;
    config.execution = input.execution();
    config.strategies = {{"r", ids[0], 1}};
    for (const bool held_out : {false, true}) {
      config.from = held_out ? study->split.boundary : std::numeric_limits<UnixNanos>::min();
      config.to = held_out ? std::numeric_limits<UnixNanos>::max() : study->split.boundary;
      const auto engine = replay::SignalReplayEngine::make(config);
      ASSERT_TRUE(engine);
      const auto alone = engine->run(replayable->signals, replayable->series, {});
      ASSERT_TRUE(alone) << alone.error().message();
      const auto& ours = held_out ? s.holdout : s.selection;
      for (const Metric metric : {Metric::total_return, Metric::max_drawdown, Metric::total_costs})
        EXPECT_NEAR(ours[metric], alone->performance[metric], 1e-9)
            << ids[0] << " " << enum_name(metric) << (held_out ? " held out" : " selection");
      traded += ours[Metric::total_return] != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(traded, 20);
}

TEST_F(AnalyzeRun, gives_the_same_bytes_at_any_number_of_threads) {
  sweep_standard("r");
  AnalysisOptions options = easy();
  options.use_cache = false;
  const std::string one = analyzed("r", options).document.dump();
  const auto written = files("r");
  options.threads = 2;
  EXPECT_EQ(analyzed("r", options).document.dump(), one);
  EXPECT_EQ(files("r"), written);
  expect_verifiable("r");
}

TEST_F(AnalyzeRun, a_repeat_is_read_back_without_computing) {
  sweep_standard("r");
  CountingProgress progress;
  AnalysisOptions options = easy();
  options.progress = &progress;
  const AnalysisReport first = analyzed("r", options);
  EXPECT_GT(progress.updates, 0);
  const auto written = files("r");
  progress.updates = 0;
  const AnalysisReport second = analyzed("r", options);
  EXPECT_EQ(progress.updates, 0);
  EXPECT_EQ(second.document, first.document);
  EXPECT_EQ(files("r"), written);
  options.use_cache = false;
  EXPECT_EQ(analyzed("r", options).document, first.document);
  EXPECT_GT(progress.updates, 0);
}

TEST_F(AnalyzeRun, every_option_that_matters_computes_anew) {
  sweep_standard("r");
  CountingProgress progress;
  const std::vector<std::pair<const char*, void (*)(AnalysisOptions&)>> changes = {
      {"criteria", [](AnalysisOptions& o) { o.criteria.min_trades = 2; }},
      {"target regimes", [](AnalysisOptions& o) { o.criteria.target_regimes = {"bull"}; }},
      {"holdout", [](AnalysisOptions& o) { o.holdout = 0.4; }},
      {"seed", [](AnalysisOptions& o) { o.seed = 2; }},
      {"commission", [](AnalysisOptions& o) { o.costs = metrics::ExecutionCosts{0.002, metrics::SlippageModel::linear, 0.0002}; }},
      {"objective", [](AnalysisOptions& o) { o.ensemble.objective = ensemble::Objective::min_variance; }},
      {"covariance", [](AnalysisOptions& o) { o.ensemble.covariance = ensemble::CovarianceMethod::sample; }},
      {"max_weight", [](AnalysisOptions& o) { o.ensemble.constraints.max_weight = 0.4; }}};
  const std::string standard = analyzed("r", easy()).input_hash;
  for (const auto& [name, change] : changes) {
    AnalysisOptions options = easy();
    change(options);
    options.progress = &progress;
    progress.updates = 0;
    const auto report = analyze_run(ws(), "r", options);
    if (!report) {
      EXPECT_EQ(report.error().code(), Errc::unknown_name) << name << report.error().message();
      continue;
    }
    EXPECT_GT(progress.updates, 0) << name;
    EXPECT_NE(report->input_hash, standard) << name;
  }
  AnalysisOptions other_threads = easy();
  other_threads.threads = 2;
  EXPECT_EQ(analyzed("r", other_threads).input_hash, standard);
}

TEST_F(AnalyzeRun, costs_in_place_of_the_runs_change_the_results) {
  sweep_standard("r");
  const AnalysisReport cheap = analyzed("r", easy());
  AnalysisOptions options = easy();
  options.criteria = anything();
  options.costs = metrics::ExecutionCosts{0.01, metrics::SlippageModel::linear, 0};
  const AnalysisReport dear = analyzed("r", options);
  EXPECT_EQ(dear.document["provenance"]["commission_rate"], 0.01);
  std::map<std::string, const StrategyPerformance*> by_id;
  for (const auto& s : dear.strategy_performances) by_id[s.strategy_id] = &s;
  ASSERT_FALSE(cheap.strategy_performances.empty());
  for (const auto& s : cheap.strategy_performances) {
    EXPECT_LT(by_id.at(s.strategy_id)->selection.at("net_return"), s.selection.at("net_return")) << s.strategy_id;
    EXPECT_NEAR(by_id.at(s.strategy_id)->selection.at("gross_sharpe"), s.selection.at("gross_sharpe"), 1e-9) << s.strategy_id;
  }
}

TEST_F(AnalyzeRun, changed_prices_are_not_answered_from_the_store) {
  sweep_standard("r");
  const AnalysisReport before = analyzed("r", easy());
  write(spells("ONE", 5, 700));
  const auto refused = analyze_run(ws(), "r", [&] {
    auto o = easy();
    o.use_cache = false;
    return o;
  }());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::invalid_data);
  AnalysisOptions options = easy();
  options.data.allow_changed = true;
  const AnalysisReport after = analyzed("r", options);
  EXPECT_NE(after.document["strategies"], before.document["strategies"]);
}

TEST_F(AnalyzeRun, a_damaged_stored_analysis_is_made_again) {
  sweep_standard("r");
  const AnalysisReport first = analyzed("r", easy());
  const auto written = files("r");
  const Path path = ws() / "r" / "analytics" / "analysis.json";
  const std::string good = *read_file(path);
  Json odd = first.document;
  odd["input_hash"] = 3;
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() / 2), odd.dump(), "{\"input_hash\":\"" + first.input_hash + "\"}"}) {
    ASSERT_TRUE(write_file_durable(path, text));
    EXPECT_EQ(analyzed("r", easy()).document, first.document) << text.substr(0, 40);
    EXPECT_EQ(files("r"), written);
  }
}

TEST_F(AnalyzeRun, the_funnel_and_the_listing_agree) {
  sweep_standard("r");
  const Json d = analyzed("r", easy()).document;
  EXPECT_EQ(d["funnel"].front()["stage"], "scanned");
  EXPECT_EQ(d["funnel"].front()["strategies"], 16);
  std::size_t selected = 0;
  for (const Json& s : d["strategies"]) {
    EXPECT_EQ(s["reason"].get<std::string>().empty(), s["status"] == "selected") << s["strategy_id"];
    selected += s["status"] == "selected" ? 1U : 0U;
  }
  EXPECT_EQ(d["funnel"].back()["strategies"], selected);
  EXPECT_GT(selected, 0U);
  EXPECT_EQ(d["strategies"].size(), 16U);
  for (std::size_t i = 1; i < d["strategies"].size(); ++i) {
    const Json& a = d["strategies"][i - 1]["selection"]["sharpe_ratio"];
    const Json& b = d["strategies"][i]["selection"]["sharpe_ratio"];
    if (a.is_number() && b.is_number()) {
      EXPECT_GE(a.get<double>(), b.get<double>());
    }
  }
}

TEST_F(AnalyzeRun, bad_options_are_refused) {
  sweep_standard("r", 300);
  for (const double holdout : {0.0, -0.1, 0.95, 1.0, std::nan("")}) {
    AnalysisOptions options = easy();
    options.holdout = holdout;
    const auto refused = analyze_run(ws(), "r", options);
    ASSERT_FALSE(refused) << holdout;
    EXPECT_EQ(refused.error().code(), Errc::usage) << holdout;
  }
  AnalysisOptions options = easy();
  options.criteria.max_drawdown = 2;
  EXPECT_EQ(analyze_run(ws(), "r", options).error().code(), Errc::usage);
  EXPECT_EQ(analyze_run(ws(), "nowhere", easy()).error().code(), Errc::not_found);
  expect_verifiable("r");
}

// Runs with little to say.

TEST_F(AnalyzeRun, no_classifiers) {
  write(spells("ONE", 1, 400));
  sweep("r", data_of({"ONE"}) + kStrategies);
  const AnalysisReport report = analyzed("r", easy());
  EXPECT_TRUE(report.document["classifiers"].empty());
  ASSERT_TRUE(report.document["ensemble"].is_object());
  EXPECT_TRUE(report.document["ensemble"]["classifier_id"].is_null());
  EXPECT_TRUE(report.document["ensemble"]["weights"].empty());
  for (const Json& c : report.document["combinations"]) EXPECT_TRUE(c["classifier_id"].is_null());
  expect_verifiable("r");
}

TEST_F(AnalyzeRun, one_strategy) {
  write(spells("ONE", 1, 400));
  sweep("r", data_of({"ONE"}) + "strategies: [{type: sma_cross, fast: 3, slow: 15}]\n" + kClassifiers);
  AnalysisOptions options;
  options.criteria = anything();
  const AnalysisReport report = analyzed("r", options);
  EXPECT_TRUE(report.qualified);
  EXPECT_EQ(report.document["ensemble"]["strategies"].size(), 1U);
  EXPECT_EQ(report.document["overfitting"]["trials"], 1);
  EXPECT_TRUE(report.document["overfitting"]["pbo"].is_null());
  EXPECT_TRUE(report.document["strategies"][0]["dsr"].is_null());
  EXPECT_TRUE(report.document["parameter_surface"].is_null());
  expect_verifiable("r");
}

TEST_F(AnalyzeRun, identical_strategies) {
  market::Bars bars = spells("ONE", 1, 400);
  write(bars);
  bars.symbol = "TWO";
  write(bars);
  sweep("r", data_of({"ONE", "TWO"}) + "strategies: [{type: sma_cross, fast: 3, slow: 15}]\n" + kClassifiers);
  AnalysisOptions options;
  options.criteria = anything();
  const AnalysisReport report = analyzed("r", options);
  EXPECT_EQ(report.document["ensemble"]["strategies"].size(), 1U);
  EXPECT_NEAR(report.document["correlation"]["matrix"][0][1].get<double>(), 1, 1e-12);
  ASSERT_EQ(report.document["correlation"]["redundant"].size(), 1U);
  options.criteria.max_correlation = 1;
  const AnalysisReport both = analyzed("r", options);
  EXPECT_TRUE(both.document["ensemble"].is_object());
}

TEST_F(AnalyzeRun, all_losing) {
  write(spells("ONE", 3, 400, SIZE_MAX, 0.0));
  sweep("r", data_of({"ONE"}) +
                 "execution: {fill: next_open, commission: 2%, slippage: {model: linear, rate: 0}}\n"
                 "strategies: [{type: sma_cross, fast: [2, 3], slow: [4, 5, 6]}]\n" +
                 kClassifiers);
  const AnalysisReport report = analyzed("r", {});
  EXPECT_FALSE(report.qualified);
  EXPECT_EQ(report.recommendations.front().kind, "trade_nothing");
  for (const auto& s : report.strategy_performances) EXPECT_EQ(s.status, "rejected");
  AnalysisOptions options;
  options.criteria = anything();
  EXPECT_TRUE(analyzed("r", options).qualified);
  expect_verifiable("r");
}

TEST_F(AnalyzeRun, nothing_ever_traded) {
  market::Bars flat = spells("ONE", 1, 300);
  for (auto* column : {&flat.open, &flat.high, &flat.low, &flat.close}) std::fill(column->begin(), column->end(), 100.0);
  write(flat);
  sweep("r", data_of({"ONE"}) + kStrategies + kClassifiers);
  const AnalysisReport report = analyzed("r", {});
  EXPECT_FALSE(report.qualified);
  EXPECT_TRUE(report.document["ensemble"].is_null());
  EXPECT_TRUE(report.document["curves"].is_null());
  expect_verifiable("r");
}

TEST_F(AnalyzeRun, no_stored_signals_say_what_to_do) {
  write(spells("ONE", 1, 300));
  sweep("r", data_of({"ONE"}) + kStrategies, "none");
  const auto refused = analyze_run(ws(), "r", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::invalid_data);
  EXPECT_NE(refused.error().hint().find("--keep-signals"), std::string::npos);
}

TEST_F(AnalyzeRun, five_bars_are_too_few) {
  write(spells("ONE", 1, 5));
  sweep("r", data_of({"ONE"}) + "strategies: [{type: sma_cross, fast: 2, slow: 3}]\n");
  const auto refused = analyze_run(ws(), "r", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::invalid_data);
  EXPECT_NE(refused.error().message().find("5 bars"), std::string::npos);
}

TEST_F(AnalyzeRun, a_few_bars_more_give_a_document) {
  for (const std::size_t bars : {7U, 12U, 40U}) {
    const std::string run = fmt::format("r{}", bars);
    write(spells("ONE", 1, bars));
    sweep(run, data_of({"ONE"}) + "strategies: [{type: sma_cross, fast: 2, slow: [3, 4]}]\n" + kClassifiers);
    AnalysisOptions options;
    options.criteria = anything();
    const auto report = analyze_run(ws(), run, options);
    ASSERT_TRUE(report) << bars << ": " << report.error().message();
    expect_verifiable(run);
  }
}

TEST_F(AnalyzeRun, symbols_that_do_not_overlap) {
  market::Bars early = spells("ONE", 1, 300), late = spells("TWO", 2, 150);
  for (auto& time : late.timestamp) time += 350 * kNanosPerDay;  // after all of the other's
  write(early);
  write(late);
  sweep("r", data_of({"ONE", "TWO"}) + kStrategies + kClassifiers);
  AnalysisOptions options;
  options.criteria = anything();
  const AnalysisReport report = analyzed("r", options);
  EXPECT_EQ(report.document["split"]["selection_bars"], 315);
  EXPECT_EQ(report.document["funnel"][1]["stage"], "held-out bars");
  EXPECT_EQ(report.document["funnel"][1]["rejected"], 8);
  for (const auto& s : report.strategy_performances) {
    if (s.strategy_id.starts_with("ONE")) {
      EXPECT_EQ(s.reason, "its data end before the held-out part, so nothing could be judged");
    }
  }
  expect_verifiable("r");
}

}  // namespace
}  // namespace tradewind::analysis
