// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/run_sweep.hpp"

#include <map>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/market/simulate.hpp"
#include "tradewind/market/write_bars.hpp"
#include "tradewind/regimes/consensus.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/scan.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::sweep {
namespace {

class RunSweep : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("tradewind-sweep-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    market::SimulationOptions market;
    market.symbols = 2;
    market.bars = 400;
    const auto simulation = market::simulate(market);
    ASSERT_TRUE(simulation);
    for (const auto& bars : simulation->symbols) ASSERT_TRUE(market::write_bars(folder / (bars.symbol + ".csv"), bars));
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  SweepConfig config(const std::string& more = "") const {
    const std::string yaml = "data: [{symbol: SIM01, path: SIM01.csv}, {symbol: SIM02, path: SIM02.csv}]\n" + more +
                             "annualization: {periods_per_year: 252}\n"
                             "strategies:\n  - {type: sma_cross, fast: {from: 2, to: 31}, slow: {from: 3, to: 60}}\n"
                             "  - {type: rsi_reversion, direction: long_short, window: [3, 7], lower: [20, 30], upper: [70, 80]}\n"
                             "classifiers:\n  - {type: trend, window: 50}\n";
    auto document = config::parse_config(yaml, "test");
    EXPECT_TRUE(document);
    auto read = read_sweep_config(*document, folder, "test");
    EXPECT_TRUE(read) << (read ? "" : read.error().message());
    return *read;
  }
  SweepOptions options(const std::string& run, int threads) const {
    SweepOptions o;
    o.workspace = folder / "ws";
    o.run_id = run;
    o.threads = threads;
    o.layout = LayoutChoice::packed;
    return o;
  }
  /// Hash of every file of a run but metadata.json, which names the run.
  std::map<std::string, std::string> files(const std::string& run) const {
    std::map<std::string, std::string> hashes;
    const Path root = folder / "ws" / run;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file() && entry.path().filename() != "metadata.json")
        hashes[entry.path().lexically_relative(root)] = *sha256_file(entry.path());
    return hashes;
  }

  Path folder;
};

TEST_F(RunSweep, gives_the_same_files_at_any_number_of_threads) {
  const SweepConfig swept = config();
  for (const int threads : {1, 2, 3}) ASSERT_TRUE(run_sweep(swept, options("t" + std::to_string(threads), threads)));
  // Run ids stand in the summaries, so those differ; everything else must not.
  const auto one = files("t1");
  for (const char* other : {"t2", "t3"}) {
    auto same = files(other);
    ASSERT_EQ(same.size(), one.size());
    for (const auto& [path, hash] : one) {
      if (path.starts_with("summary/")) continue;
      EXPECT_EQ(same[path], hash) << path;
    }
  }
  const auto verified = workspace::verify(folder / "ws", "t2");
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->faults.empty());
}

/// What a classifier says on its own, beside what the run stores of it.
TEST_F(RunSweep, stores_the_consensus_of_several_classifiers) {
  const std::string yaml =
      "data: [{symbol: SIM01, path: SIM01.csv}, {symbol: SIM02, path: SIM02.csv}]\nannualization: {periods_per_year: 252}\n"
      "strategies: [{type: sma_cross, fast: 5, slow: 20}]\n"
      "classifiers: [{type: trend, window: 50}, {type: volatility_terciles, window: 20}, {type: hmm, refit: 100, history: 100}]\n";
  const auto swept = read_sweep_config(*config::parse_config(yaml, "test"), folder, "test");
  ASSERT_TRUE(swept) << swept.error().message();
  const auto summary = run_sweep(*swept, options("c", 1));
  ASSERT_TRUE(summary) << summary.error().message();
  EXPECT_EQ(summary->classifiers, 6);
  const auto run = workspace::Run::open(folder / "ws", "c");
  ASSERT_TRUE(run);
  const auto classifiers = *run->classifiers();
  ASSERT_EQ(classifiers.size(), 6U);

  market::ReadOptions read;
  read.symbol = "SIM02";
  const auto bars = market::read_bars(folder / "SIM02.csv", read)->bars;
  const auto consensus = run->load_consensus("SIM02");
  ASSERT_TRUE(consensus) << consensus.error().message();
  EXPECT_EQ(consensus->timestamp, bars.timestamp);
  std::vector<regimes::ConsensusMember> members;
  for (const ClassifierGrid& grid : swept->classifiers)
    members.push_back({grid.type->name, grid.type->make(grid.grid.values(0)), grid.type->labels(grid.grid.values(0)).size()});
  auto expected = *regimes::Consensus::make(std::move(members));
  std::size_t known = 0;
  for (std::size_t t = 0; t < bars.size(); ++t) {
    ASSERT_EQ(consensus->state[t], expected.update(regimes::bar_at(bars, t))) << t;
    ASSERT_EQ(consensus->agreement[t], static_cast<float>(expected.row().agreement)) << t;
    known += consensus->state[t] >= 0;
  }
  EXPECT_GT(known, 300U);

  // Every member, fed by the consensus, says what it says alone.
  for (const auto& classifier : classifiers) {
    if (classifier.symbol != "SIM02") continue;
    const auto grid = std::find_if(swept->classifiers.begin(), swept->classifiers.end(),
                                   [&](const auto& one) { return one.type->name == classifier.classifier_type; });
    const auto alone = regimes::classify(*grid->type->make(grid->grid.values(0)), bars);
    const auto states = *run->load_states(classifier.classifier_id);
    std::size_t next = 0;
    std::int8_t held = -1;
    for (std::size_t t = 0; t < bars.size(); ++t) {
      for (; next < states.timestamp.size() && states.timestamp[next] <= bars.timestamp[t]; ++next) held = states.state[next];
      ASSERT_EQ(held, alone[t]) << classifier.classifier_id << " " << t;
    }
    if (classifier.classifier_type != "hmm")
      EXPECT_TRUE(classifier.diagnostics.empty());
    else
      EXPECT_FALSE(classifier.diagnostics.empty());
  }
  const auto verified = workspace::verify(folder / "ws", "c");
  EXPECT_TRUE(verified->faults.empty() && verified->unprotected.empty());

  const auto before = files("c");
  SweepOptions again = options("c", 1);
  again.resume = true;
  ASSERT_TRUE(run_sweep(*swept, again));
  EXPECT_EQ(files("c"), before);
}

TEST_F(RunSweep, stops_on_request_and_resumes_to_the_same_rows) {
  const SweepConfig swept = config();
  const auto whole = run_sweep(swept, options("whole", 2));
  ASSERT_TRUE(whole);

  /// Asks to stop at the first sign of progress.
  class StopEarly final : public Progress {
   public:
    explicit StopEarly(Cancellation& cancellation) : cancellation_(cancellation) {}
    void update(std::string_view, std::uint64_t, std::uint64_t, std::string_view) override { cancellation_.request(); }
    void finish() override {}
    void warn(std::string_view) override {}

   private:
    Cancellation& cancellation_;
  };
  Cancellation cancellation;
  StopEarly progress(cancellation);
  SweepOptions stopped = options("part", 1);  // with more threads the other blocks may be done by the time the first tells of its progress
  stopped.progress = &progress;
  stopped.cancellation = &cancellation;
  const auto part = run_sweep(swept, stopped);
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->interrupted);
  EXPECT_GT(part->strategies, 0);
  EXPECT_LT(part->strategies, whole->strategies);

  SweepOptions resumed = options("part", 2);
  resumed.resume = true;
  const auto done = run_sweep(swept, resumed);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->strategies, whole->strategies);
  EXPECT_EQ(done->resumed, part->strategies);
  workspace::ScanQuery query;
  query.limit = 0;
  query.columns = {"strategy_id", "net_sharpe", "signal_changes", "regime.trend.window=50,band=0.01.up.mean"};
  const std::vector<std::string> first = {"whole"};
  const std::vector<std::string> second = {"part"};
  const auto a = workspace::scan(folder / "ws", first, query), b = workspace::scan(folder / "ws", second, query);
  ASSERT_EQ(a->rows, static_cast<std::size_t>(whole->strategies));
  ASSERT_EQ(b->rows, a->rows);
  for (std::size_t row = 0; row < a->rows; ++row)
    for (std::size_t column = 0; column < a->columns.size(); ++column) EXPECT_EQ(a->cell(row, column), b->cell(row, column)) << row;
}

TEST_F(RunSweep, keeps_the_signals_of_the_best_only) {
  SweepOptions top = options("top", 2);
  top.keep = {KeepSignals::Kind::top, 7};
  const auto summary = run_sweep(config(), top);
  ASSERT_TRUE(summary);
  EXPECT_EQ(*workspace::unpack(folder / "ws", "top", {}, std::nullopt), 7);
}

TEST_F(RunSweep, refuses_a_strategy_listed_twice_and_an_existing_run) {
  SweepConfig twice = config();
  twice.strategies.push_back(twice.strategies.back());
  EXPECT_EQ(run_sweep(twice, options("x", 1)).error().code(), Errc::invalid_config);
  ASSERT_TRUE(run_sweep(config(), options("y", 1)));
  EXPECT_EQ(run_sweep(config(), options("y", 1)).error().code(), Errc::already_exists);
}

TEST(ParseKeepSignals, takes_three_forms) {
  EXPECT_EQ(parse_keep_signals("top:12")->top, 12);
  EXPECT_EQ(parse_keep_signals("none")->kind, KeepSignals::Kind::none);
  for (const char* text : {"", "some", "top:", "top:0", "top:1.5", "top:x"}) EXPECT_FALSE(parse_keep_signals(text)) << text;
}

}  // namespace
}  // namespace tradewind::sweep
