// SPDX-License-Identifier: Apache-2.0
// Files whose bytes are well-formed and whose contents do not fit each other: what somebody else wrote, or a forger.
#include <limits>

#include "fixture.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {
namespace {

class Contents : public WorkspaceTest {
 protected:
  /// Changes a text file of run "r" and what metadata.json says about it, as a forger would.
  void forge(const Path& path, const std::string& from, const std::string& to) const {
    std::string text = bytes(root / "r" / path);
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    need(write_document(root, "r", path.string(), text));
  }
  void write_signals(int strategy, const std::vector<UnixNanos>& times, const std::vector<std::int8_t>& signal,
                     const std::vector<float>& confidence) const {
    auto writer = need(SignalWriter::open(root / "r/signals" / metadata(strategy).strategy_id / "signals.parquet", false));
    need(writer.write_group(times, signal, confidence, {}));
    need(writer.close({}, false));
  }
  const std::string classifier_id = classifier().classifier_id;
  const Path states = Path("classifiers") / classifier_id;
};

TEST_F(Contents, states_without_a_label_are_refused) {
  write_run("r", Layout::files, 2);
  forge(states / "metadata.json", "\"low\",\n    \"mid\",\n    \"high\"", "\"low\",\n    \"mid\"");
  const auto run = need(Run::open(root, "r"));
  const auto loaded = run.load_states(classifier_id);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), Errc::corrupt);
  EXPECT_NE(loaded.error().message().find("state 2"), std::string::npos) << loaded.error().message();
  forge(states / "metadata.json", "\"low\",\n    \"mid\"", "\"low\",\n    \"low\",\n    \"high\"");
  EXPECT_EQ(run.load_states(classifier_id).error().code(), Errc::corrupt) << "two states of one label";
}

TEST_F(Contents, states_out_of_order_are_refused) {
  write_run("r", Layout::files, 2);
  need(write_state_file(root / "r" / states / "states.parquet", {std::vector<UnixNanos>{20, 10}, std::vector<std::int8_t>{0, 1}},
                        classifier().labels, {}));
  EXPECT_EQ(need(Run::open(root, "r")).load_states(classifier_id).error().code(), Errc::corrupt);
}

TEST_F(Contents, a_classifier_in_anothers_folder_is_refused) {
  write_run("r", Layout::files, 2);
  forge(states / "metadata.json", classifier_id, "../../other/x");
  EXPECT_EQ(need(Run::open(root, "r")).classifiers().error().code(), Errc::corrupt);
}

TEST_F(Contents, signals_that_are_none_are_refused) {
  write_run("r", Layout::files, 5);
  const std::vector<UnixNanos> times{1, 2, 3, 4, 5};
  const std::vector<float> sure(5, 1.0F);
  const auto load = [&] { return need(Run::open(root, "r")).load_signals(std::vector{metadata(0).strategy_id}); };
  write_signals(0, times, {1, 0, -1, 0, 1}, sure);
  EXPECT_TRUE(load());
  write_signals(0, times, {1, 0, 2, 0, 1}, sure);
  EXPECT_EQ(load().error().code(), Errc::corrupt);
  EXPECT_NE(load().error().message().find("signal 2 in row 3"), std::string::npos) << load().error().message();
  write_signals(0, {1, 2, 2, 4, 5}, {1, 0, -1, 0, 1}, sure);
  EXPECT_EQ(load().error().code(), Errc::corrupt);
  write_signals(0, times, {1, 0, -1, 0, 1}, {1, 1, std::nanf(""), 1, 1});
  EXPECT_EQ(load().error().code(), Errc::corrupt);
  EXPECT_EQ(need(Run::open(root, "r")).visit_signals([](auto, const auto&) { return Status(); }).error().code(), Errc::corrupt);
}

/// Two strategies of one row group, told apart by the catalog alone: a file whose rows moved is seen by the times.
TEST_F(Contents, rows_of_two_strategies_are_not_taken_for_one) {
  write_run("r", Layout::packed, 4);
  std::vector<UnixNanos> times;
  std::vector<std::int8_t> signal;
  std::vector<std::int32_t> strategy;
  for (int i = 0; i < 4; ++i)
    for (std::size_t k = 0; k < signals(i).timestamp.size(); ++k) {
      times.push_back(static_cast<UnixNanos>((k * 7) % 5));
      signal.push_back(1);
      strategy.push_back(i);
    }
  auto writer = need(SignalWriter::open(root / "r/signals/_segments/w0-0.parquet", true));
  need(writer.write_group(times, signal, {}, strategy));
  need(writer.close({}, false));
  const auto run = need(Run::open(root, "r"));
  EXPECT_EQ(run.load_signals(std::vector{metadata(1).strategy_id}).error().code(), Errc::corrupt);
  EXPECT_EQ(run.load_signals(run.strategy_ids()).error().code(), Errc::corrupt);
}

/// What pack takes away is what the catalog names: it must be a strategy's own folder.
TEST_F(Contents, a_catalog_that_names_files_outside_the_run_moves_none_of_them) {
  write_run("r", Layout::files, 2);
  const Path victim = root / "victim";
  std::filesystem::copy(root / "r/signals" / metadata(0).strategy_id, victim);
  const auto tables = need(open_catalog(root / "r"));
  for (const char* path : {"signals/../../victim/signals.parquet", "signals/signals.parquet", "signals/a\x9f/signals.parquet"}) {
    std::vector<std::string> names;
    auto rows = need(read_rows(tables, names));
    rows[0].signals_path = path;
    const std::vector<std::string> old = {tables.front().name()};
    need(commit_catalog(root / "r", "w0-9.arrow", need(encode_catalog(rows, names, old)), {}));
    const auto packed = pack(root, "r");
    ASSERT_FALSE(packed) << path;
    EXPECT_EQ(packed.error().code(), Errc::corrupt);
    EXPECT_NE(packed.error().message().find("no place for them"), std::string::npos) << packed.error().message();
    EXPECT_EQ(need(Run::open(root, "r")).load_signals(std::vector{metadata(0).strategy_id}).error().code(), Errc::corrupt);
  }
  EXPECT_TRUE(std::filesystem::exists(victim / "signals.parquet"));
  EXPECT_TRUE(std::filesystem::exists(root / "r/signals" / metadata(1).strategy_id / "signals.parquet"));
}

TEST_F(Contents, a_run_is_called_what_its_folder_is_called) {
  write_run("r", Layout::files, 2);
  std::string text = bytes(root / "r/metadata.json");
  text.replace(text.find("\"run_id\": \"r\""), 13, "\"run_id\": \"other\"");
  put(root / "r/metadata.json", text);
  ASSERT_TRUE(need(list_runs(root))[0].fault) << "its checksum is of another text";
  need(reindex(root, "r"));
  const auto entries = need(list_runs(root));
  ASSERT_FALSE(entries[0].fault);
  EXPECT_EQ(entries[0].metadata.run_id, "r");
}

TEST_F(Contents, run_metadata_that_rotted_is_told_before_it_is_used) {
  write_run("r", Layout::packed, 4);
  write_run("other", Layout::packed, 3);
  const std::string good = bytes(root / "r/metadata.json");
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    put(root / "r/metadata.json", bad);
    const auto run = Run::open(root, "r");
    ASSERT_FALSE(run) << at;
    EXPECT_TRUE(run.error().code() == Errc::corrupt || run.error().code() == Errc::newer_format) << at << run.error().message();
    EXPECT_EQ(run.error().where(), (root / "r/metadata.json").string());
    EXPECT_FALSE(run.error().hint().empty());
    const auto found = need(scan(root, {}, {}));
    EXPECT_EQ(found.rows, 3U);
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].run_id, "r");
    EXPECT_FALSE(write_document(root, "r", "analytics/x.json", "{}")) << "what rotted is not sealed anew by the way";
  }
  std::string bad = good;
  bad.replace(bad.find("\"complete\""), 10, "\"completE\"");
  put(root / "r/metadata.json", bad);
  EXPECT_FALSE(need(verify(root, "r")).faults.empty());
  need(reindex(root, "r"));
  EXPECT_EQ(need(Run::open(root, "r")).metadata().status, "completE") << "what can be read of it is kept";
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_F(Contents, a_foreign_files_largest_ordinal_leaves_no_number) {
  write_run("r", Layout::files, 1);
  const auto foreign = [&](const std::string& id, const KeyValues& keys) {
    std::filesystem::create_directories(root / "r/signals" / id);
    need(
        write_signal_file(root / "r/signals" / id / "signals.parquet", {std::vector<UnixNanos>{1}, std::vector<std::int8_t>{1}, {}}, keys));
  };
  foreign("a", {{"ordinal", std::to_string(std::numeric_limits<std::int32_t>::max())}});
  foreign("b", {});
  EXPECT_EQ(reindex(root, "r").error().code(), Errc::corrupt);
  foreign("a", {{"ordinal", "-5"}});
  EXPECT_EQ(need(reindex(root, "r")), 3);
}

}  // namespace
}  // namespace tradewind::workspace
