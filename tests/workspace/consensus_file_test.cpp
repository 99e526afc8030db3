// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

namespace tradewind::workspace {
namespace {

class ConsensusFile : public WorkspaceTest {
 protected:
  static ClassifierMetadata about(const std::string& symbol) {
    ClassifierMetadata m;
    m.classifier_id = consensus_id(symbol);
    m.classifier_type = "consensus";
    m.symbol = symbol;
    m.labels = {"calm", "turbulent"};
    m.total_states = 4;
    m.regime_counts = {{"calm", 2}, {"turbulent", 1}};
    return m;
  }
  struct Rows {
    std::vector<UnixNanos> time{10, 20, 30, 40};
    std::vector<std::int8_t> state{-1, 0, 0, 1};
    std::vector<float> agreement{0, 1, 0.75F, 0.5F};
    std::vector<std::vector<float>> posteriors{{std::nanf(""), 0.25F, 1, 0}, {std::nanf(""), 0.75F, 0, 1}};
    ConsensusView view() const { return {time, state, agreement, posteriors}; }
  };
  /// A run whose one strategy is number `number`.
  RunWriter writer_of(const std::string& writer, std::map<std::string, std::string> conditions, int number) const {
    auto out = need(RunWriter::create(root, "r", {writer, Layout::packed, kMetrics, std::move(conditions)}));
    fill(out, number, number + 1);
    return out;
  }
  static RunMetadata metadata_of(const std::string& symbol, const std::string& config) {
    RunMetadata m;
    m.status = "complete";
    m.symbols = {symbol};
    m.data_hashes = {{symbol + ".csv", "hash of " + symbol}};
    m.config = config;
    return m;
  }
};

TEST_F(ConsensusFile, gives_back_what_was_written_and_is_covered_by_checksums) {
  auto writer = writer_of("w0", {}, 0);
  auto builder = need(writer.new_consensus({"trend.window=5.up", "trend.window=5.down"}));
  const Rows rows;
  need(builder.append(about("SPY"), rows.view()));
  Rows other;
  other.state = {1, 1, 1, 1};
  need(builder.append(about("QQQ"), other.view()));
  need(writer.add(std::move(builder)));
  need(writer.finish(metadata_of("SPY", "{}")));

  const auto run = need(Run::open(root, "r"));
  const auto read = need(run.load_consensus("SPY"));
  EXPECT_EQ(read.timestamp, rows.time);
  EXPECT_EQ(read.state, rows.state);
  EXPECT_EQ(read.agreement, rows.agreement);
  EXPECT_EQ(read.labels, (std::vector<std::string>{"calm", "turbulent"}));
  EXPECT_EQ(read.columns, (std::vector<std::string>{"trend.window=5.up", "trend.window=5.down"}));
  ASSERT_EQ(read.posteriors.size(), 2U);
  EXPECT_TRUE(std::isnan(read.posteriors[0][0]));
  EXPECT_EQ(read.posteriors[1][3], 1.0F);
  EXPECT_EQ(need(run.load_consensus("QQQ")).state, other.state);

  const auto states = need(run.load_states("SPY.consensus"));
  EXPECT_EQ(states.timestamp, (std::vector<UnixNanos>{20, 40}));
  EXPECT_EQ(states.state, (std::vector<std::int8_t>{0, 1}));
  const auto described = need(run.consensus());
  ASSERT_EQ(described.size(), 2U);
  EXPECT_EQ(described[1].classifier_id, "SPY.consensus");
  EXPECT_EQ(described[1].regime_counts.at("calm"), 2);
  EXPECT_EQ(run.load_consensus("SPX").error().code(), Errc::not_found);

  const auto verified = need(verify(root, "r"));
  EXPECT_TRUE(verified.faults.empty());
  EXPECT_TRUE(verified.unprotected.empty());
  auto bytes_now = bytes(root / "r/classifiers/combined/consensus_regimes.parquet");
  bytes_now[bytes_now.size() / 2] ^= 1;
  put(root / "r/classifiers/combined/consensus_regimes.parquet", bytes_now);
  EXPECT_EQ(need(verify(root, "r")).faults.size(), 1U);
}

TEST_F(ConsensusFile, refuses_rows_that_do_not_fit_and_leaves_nothing_when_dropped) {
  auto writer = writer_of("w0", {}, 0);
  {
    auto builder = need(writer.new_consensus({"a.x", "a.y"}));
    Rows bad;
    bad.state[2] = 2;
    EXPECT_EQ(builder.append(about("SPY"), bad.view()).error().code(), Errc::invalid_data);
    bad = {};
    bad.time[2] = 20;
    EXPECT_EQ(builder.append(about("SPY"), bad.view()).error().code(), Errc::invalid_data);
    bad = {};
    bad.posteriors.pop_back();
    EXPECT_EQ(builder.append(about("SPY"), bad.view()).error().code(), Errc::invalid_data);
    need(builder.append(about("SPY"), Rows().view()));
    EXPECT_EQ(builder.append(about("SPY"), Rows().view()).error().code(), Errc::already_exists);
  }
  EXPECT_TRUE(std::filesystem::is_empty(root / "r/classifiers/combined"));
  EXPECT_TRUE(need(need(Run::open(root, "r")).consensus()).empty());
}

TEST_F(ConsensusFile, a_damaged_file_is_an_error_and_not_a_crash) {
  {
    auto writer = writer_of("w0", {}, 0);
    auto builder = need(writer.new_consensus({"a.x", "a.y"}));
    need(builder.append(about("SPY"), Rows().view()));
    need(writer.add(std::move(builder)));
    need(writer.finish(metadata_of("SPY", "{}")));
  }
  const Path file = root / "r/classifiers/combined/consensus_regimes.parquet";
  const std::string whole = bytes(file);
  for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
    put(file, whole.substr(0, cut));
    EXPECT_FALSE(need(Run::open(root, "r")).load_consensus("SPY")) << cut;
  }
}

TEST_F(ConsensusFile, a_further_writer_keeps_the_first_ones_configuration_and_its_own_consensus) {
  auto first = writer_of("a", {{"commission", "0.001"}, {"data SPY", "1"}}, 0);
  need(first.write_metadata(metadata_of("SPY", R"({"first":1})")));
  auto second = writer_of("b", {{"commission", "0.001"}, {"data QQQ", "2"}}, 1);
  for (auto* writer : {&second, &first}) {
    const std::string symbol = writer == &first ? "SPY" : "QQQ";
    auto builder = need(writer->new_consensus({"a.x", "a.y"}));
    need(builder.append(about(symbol), Rows().view()));
    need(writer->add(std::move(builder)));
    need(writer->finish(metadata_of(symbol, writer == &first ? R"({"first":1})" : R"({"second":2})")));
  }
  const auto run = need(Run::open(root, "r"));
  EXPECT_EQ(run.size(), 2U);
  EXPECT_EQ(need(run.consensus()).size(), 2U);
  EXPECT_EQ(run.metadata().config, R"({"first":1})");
  EXPECT_EQ(run.metadata().configs, (std::map<std::string, std::string>{{"b", R"({"second":2})"}}));
  EXPECT_EQ(run.metadata().symbols, (std::vector<std::string>{"SPY", "QQQ"}));
  EXPECT_EQ(run.metadata().data_hashes.size(), 2U);
  EXPECT_EQ(run.metadata().conditions.size(), 3U);
  EXPECT_TRUE(need(verify(root, "r")).unprotected.empty());
}

TEST_F(ConsensusFile, a_writer_under_other_conditions_is_refused_and_takes_no_name) {
  auto first = writer_of("a", {{"commission", "0.001"}, {"data SPY", "1"}}, 0);
  need(first.write_metadata(metadata_of("SPY", "{}")));
  const auto refused = RunWriter::create(root, "r", {"b", Layout::packed, kMetrics, {{"commission", "0.002"}, {"data SPY", "1"}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::invalid_config);
  EXPECT_NE(refused.error().message().find("commission: the run has 0.001, now it is 0.002"), std::string::npos)
      << refused.error().message();
  EXPECT_FALSE(refused.error().hint().empty());
  EXPECT_TRUE(RunWriter::create(root, "r", {"b", Layout::packed, kMetrics, {{"commission", "0.001"}}}));
}

TEST_F(ConsensusFile, writers_that_start_together_find_out_at_their_first_metadata) {
  auto first = writer_of("a", {{"data SPY", "1"}}, 0);
  auto second = writer_of("b", {{"data SPY", "2"}}, 1);
  need(first.write_metadata(metadata_of("SPY", "{}")));
  EXPECT_EQ(second.write_metadata(metadata_of("SPY", "{}")).error().code(), Errc::invalid_config);
  EXPECT_EQ(second.finish(metadata_of("SPY", "{}")).error().code(), Errc::invalid_config);
}

}  // namespace
}  // namespace tradewind::workspace
