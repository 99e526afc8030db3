// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/write_replay_run.hpp"

#include <map>

#include <gtest/gtest.h>
#include <unistd.h>

#include "replay_test_support.hpp"
#include "tradewind/workspace/ensemble_signals.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::replay {
namespace {

using metrics::Metric;

class WriteReplayRun : public testing::Test {
 protected:
  void SetUp() override {
    const Path base = ::access("/dev/shm", W_OK) == 0 ? Path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string pattern = (base / "tradewind_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    config.strategies = {{"sweep1", "S2.sma_cross.fast=5", 0.5}, {"sweep1", "S3.rsi", 0.3}, {"sweep2", "S3.rsi", 0.1}};
    config.regimes = {"bull", "bear"};
    config.regime_weights = {{0.7, 0.2, 0.1}, {0, 0.5, 0.2}};
    config.from = one.timestamp[80];
    config.to = one.timestamp[260];
    config.execution.costs.commission_rate = 0.0007;
    provenance.regimes = random_regimes(one.timestamp, 8, 2);
    provenance.created_at = 1'700'000'000 * kNanosPerSecond;
    provenance.strategies.resize(3);
    for (std::size_t i = 0; i < 3; ++i) {
      provenance.strategies[i].strategy_type = i == 0 ? "sma_cross" : "rsi_reversion";
      provenance.strategies[i].parameters = {{"fast", std::int64_t{5}}};
    }
    provenance.sources.resize(2);
    for (std::size_t i = 0; i < 2; ++i) {
      auto& source = provenance.sources[i];
      source.run_id = "sweep" + std::to_string(i + 1);
      source.execution.data = {{"S2", "/data/s2.csv", {}, std::string(64, 'a'), 252, "next_open"},
                               {"S3", "/data/s3.csv", "America/New_York", std::string(64, 'b'), 252, {}},
                               {"OTHER", "/data/o.csv", {}, std::string(64, 'c'), 252, {}}};
      source.execution.fill = "next_open";
    }
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  void replay() {
    const auto engine = SignalReplayEngine::make(config);
    ASSERT_TRUE(engine) << engine.error().message();
    auto ran = engine->run(signals, series, provenance.regimes);
    ASSERT_TRUE(ran) << ran.error().message();
    result = std::move(*ran);
    baselines = *engine->baselines(signals, series);
  }
  Result<workspace::RunMetadata> write(const std::string& run_id = "replayed") {
    return write_replay_run(root, run_id, config, signals, series, result, baselines, provenance);
  }
  std::map<std::string, std::string> files(const std::string& run_id) const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / run_id))
      if (entry.is_regular_file()) all[entry.path().lexically_relative(root / run_id).string()] = *read_file(entry.path());
    return all;
  }

  Path root;
  market::Bars one = random_bars(2, 300), two = random_bars(3, 300);
  std::vector<workspace::Signals> signals{random_signals(one, 71), random_signals(two, 72), random_signals(two, 73)};
  std::vector<ReplaySeries> series{{&one}, {&two}, {&two}};
  SignalReplayConfig config;
  ReplayProvenance provenance;
  RegimeReplayResult result;
  ReplayBaselines baselines;
};

TEST_F(WriteReplayRun, is_a_backtest_that_reads_like_any_run) {
  replay();
  const auto written = write();
  ASSERT_TRUE(written) << written.error().message();
  const auto run = workspace::Run::open(root, "replayed");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->metadata().workflow_type, "backtest");
  EXPECT_EQ(run->metadata().status, "complete");
  EXPECT_EQ(run->metadata().total_strategies, 7);
  EXPECT_EQ(run->metadata().start_date, result.timestamp.front());
  EXPECT_EQ(run->metadata().data_files.at("S3"), "/data/s3.csv");
  EXPECT_EQ(run->metadata().data_hashes.size(), 2U);
  EXPECT_EQ(run->strategy_ids(), (std::vector<std::string>{"S2.sma_cross.fast=5", "S3.rsi@sweep1", "S3.rsi@sweep2", kEnsembleRow,
                                                           kStaticRow, kEqualRow, kBuyAndHoldRow}));
  const auto rows = run->strategies();
  const auto sharpe = static_cast<std::size_t>(Metric::sharpe_ratio);
  EXPECT_EQ((*rows)[1].values[sharpe], result.members[1].performance[Metric::sharpe_ratio]);
  EXPECT_EQ((*rows)[3].values[sharpe], result.performance[Metric::sharpe_ratio]);
  EXPECT_EQ((*rows)[6].values[sharpe], baselines.buy_and_hold.performance[Metric::sharpe_ratio]);
  EXPECT_EQ((*rows)[0].strategy_type, "sma_cross");
  EXPECT_EQ((*rows)[3].strategy_type, "ensemble");
  EXPECT_EQ((*rows)[5].strategy_type, "baseline");
  EXPECT_EQ((*rows)[3].total_signals, 180);
  const auto states = run->load_states("replay");
  ASSERT_TRUE(states);
  EXPECT_EQ(states->state, provenance.regimes.state);
  const auto report = workspace::verify(root, "replayed");
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->faults.empty());
  EXPECT_TRUE(report->unprotected.empty());
}

TEST_F(WriteReplayRun, holds_the_signals_of_the_ensemble) {
  replay();
  ASSERT_TRUE(write());
  const auto stored = workspace::read_ensemble_signals(root, "replayed");
  ASSERT_TRUE(stored) << stored.error().message();
  ASSERT_EQ(stored->size(), result.exposure.size());
  for (std::size_t i = 0; i < stored->size(); ++i) {
    const ExposurePoint& point = result.exposure[i];
    const workspace::EnsembleSignal expected{point.timestamp, result.symbols[static_cast<std::size_t>(point.symbol)], point.exposure,
                                             point.regime < 0 ? "" : config.regimes[static_cast<std::size_t>(point.regime)]};
    ASSERT_EQ((*stored)[i], expected) << i;
  }
  EXPECT_EQ(workspace::read_ensemble_signals(root, "nothing").error().code(), Errc::not_found);
}

TEST_F(WriteReplayRun, can_be_replayed_from_what_it_stores) {
  replay();
  ASSERT_TRUE(write());
  const auto run = workspace::Run::open(root, "replayed");
  const std::string& text = run->metadata().config;
  const auto at = text.find("\"replay\":") + 9;
  const auto stored = replay_config_from_json(text.substr(at, text.rfind('}') - at));
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(stored->classifier_id, "replay");
  EXPECT_EQ(stored->config.regime_weights, config.regime_weights);
  EXPECT_EQ(stored->config.from, config.from);
  EXPECT_EQ(stored->config.to, config.to);
  EXPECT_EQ(stored->config.strategies[2].run_id, "sweep2");
  const workspace::RunExecution& traded = run->metadata().execution;
  EXPECT_EQ(traded.fill, "next_open");
  EXPECT_EQ(traded.commission_rate, 0.0007);
  ASSERT_EQ(traded.data.size(), 2U) << "the symbols replayed alone";
  EXPECT_EQ(traded.data[0], provenance.sources[0].execution.data[0]);
  EXPECT_EQ(traded.data[1].zone, "America/New_York");
  EXPECT_EQ(traded.data[1].fill, "next_open") << "of the run it comes from";
  SignalReplayConfig again = stored->config;
  again.execution = config.execution;
  const std::vector<std::string> ids = {"S2.sma_cross.fast=5", "S3.rsi@sweep1", "S3.rsi@sweep2"};
  const auto loaded = run->load_signals(ids);
  ASSERT_TRUE(loaded);
  const auto repeated = SignalReplayEngine::make(again)->run(*loaded, series, *run->load_states("replay"));
  ASSERT_TRUE(repeated) << repeated.error().message();
  EXPECT_EQ(repeated->equity, result.equity);
  EXPECT_EQ(repeated->switching_costs, result.switching_costs);
  EXPECT_EQ(replay_config_from_json("{}").error().code(), Errc::corrupt);
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_NE(replay_config_from_json(deep).error().message().find("nested too deeply"), std::string::npos);
}

TEST_F(WriteReplayRun, an_interrupted_write_is_completed_to_the_same_bytes) {
  replay();
  ASSERT_TRUE(write());
  const auto expected = files("replayed");
  std::filesystem::remove_all(root / "replayed");
  std::filesystem::create_directories(root / "replayed");
  ASSERT_TRUE(write_file_durable(root / "replayed" / "analytics", "in the way"));
  EXPECT_FALSE(write());
  EXPECT_EQ(workspace::read_run_metadata(root, "replayed")->status, "running");
  std::filesystem::remove(root / "replayed" / "analytics");
  const auto same = write();
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_EQ(files("replayed"), expected);
  EXPECT_EQ(write().error().code(), Errc::already_exists);
}

TEST_F(WriteReplayRun, refuses_to_mix_replays_and_data) {
  replay();
  std::filesystem::create_directories(root / "half");
  ASSERT_TRUE(write_file_durable(root / "half" / "analytics", ""));
  EXPECT_FALSE(write("half"));
  std::filesystem::remove(root / "half" / "analytics");
  config.confirm_bars = 2;
  EXPECT_EQ(write("half").error().code(), Errc::already_exists);
  provenance.sources[1].execution.data[1].sha256 = std::string(64, 'd');
  EXPECT_EQ(write("mixed").error().code(), Errc::invalid_data);
  provenance.sources.pop_back();
  EXPECT_EQ(write("../out").error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::replay
