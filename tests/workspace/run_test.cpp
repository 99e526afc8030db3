// SPDX-License-Identifier: Apache-2.0
#include <barrier>
#include <optional>
#include <thread>

#include "fixture.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {
namespace {

TEST(Ids, that_could_leave_the_run_are_refused) {
  for (const char* good : {"a", "SPY.sma_cross.fast=5,slow=20", "x@y+z-1", "...", ".a"}) EXPECT_TRUE(check_id("strategy_id", good)) << good;
  for (const std::string bad : {"", ".", "..", "combined", "_segments", "a/b", "a b", "a\\b", "\xc3\xa9", "a\n"})
    EXPECT_FALSE(check_id("strategy_id", bad)) << bad;
  EXPECT_TRUE(check_id("run_id", std::string(200, 'a')));
  EXPECT_FALSE(check_id("run_id", std::string(201, 'a')));
  EXPECT_FALSE(check_id("run_id", std::string_view("a\0b", 3)));
  EXPECT_FALSE(check_writer("upkeep"));
}

TEST(Ids, a_symbol_as_exchanges_write_it_is_escaped_so_that_no_two_are_the_same) {
  const std::pair<const char*, const char*> cases[] = {
      {"SPY", "SPY"},       {"a_b-c@d+e", "a_b-c@d+e"}, {"BRK.B", "BRK=2EB"}, {"BTC/USDT", "BTC=2FUSDT"},
      {"^GSPC", "=5EGSPC"}, {"EURUSD=X", "EURUSD=3DX"}, {"_X", "=5FX"},       {"M&M.NS", "M=26M=2ENS"},
      {"A=2EB", "A=3D2EB"}, {"\xC3\x84", "=C3=84"},     {"a b", "a=20b"}};
  for (const auto& [symbol, id] : cases) {
    EXPECT_EQ(id_of_symbol(symbol), id);
    EXPECT_TRUE(check_id("strategy_id", id_of_symbol(symbol) + ".sma")) << symbol;
    EXPECT_TRUE(id_begins_with(id_of_symbol(symbol) + ".sma", symbol)) << symbol;
  }
  EXPECT_TRUE(id_begins_with("BRK.B.mine", "BRK.B")) << "as another tool wrote it";
  EXPECT_FALSE(id_begins_with("BRK=2EB.mine", "BRK"));
  EXPECT_FALSE(id_begins_with("SPYG.mine", "SPY"));
}

class Layouts : public WorkspaceTest, public testing::WithParamInterface<Layout> {};
INSTANTIATE_TEST_SUITE_P(Both, Layouts, testing::Values(Layout::files, Layout::packed));

TEST_P(Layouts, give_back_what_was_written) {
  write_run("r", GetParam());
  const auto run = need(Run::open(root, "r"));
  ASSERT_EQ(run.size(), 50U);
  EXPECT_EQ(run.metric_columns(), kMetrics);
  const auto all = need(run.strategies());
  for (int i = 0; i < 50; ++i) {
    const auto& m = all[static_cast<std::size_t>(i)];
    const auto expected = metadata(i);
    EXPECT_EQ(m.strategy_id, expected.strategy_id);
    EXPECT_EQ(m.parameters, expected.parameters);
    EXPECT_EQ(m.parameter_hash, expected.parameter_hash);
    EXPECT_EQ(m.undefined, expected.undefined);
    EXPECT_EQ(m.total_fills, expected.total_fills);
    for (std::size_t v = 0; v < m.values.size(); ++v)
      EXPECT_TRUE(m.values[v] == expected.values[v] || (std::isnan(m.values[v]) && std::isnan(expected.values[v])));
    EXPECT_TRUE(same(need(run.load_signals(std::vector{m.strategy_id}))[0], signals(i)));
  }
  int visited = 0;
  need(run.visit_signals([&](std::string_view id, const SignalView& view) -> Status {
    EXPECT_EQ(id, metadata(visited).strategy_id);
    EXPECT_EQ(view.timestamp.size(), signals(visited).timestamp.size());
    ++visited;
    return {};
  }));
  EXPECT_EQ(visited, 50);
  EXPECT_EQ(run.metadata().total_strategies, 50);
  EXPECT_EQ(run.metadata().total_classifiers, 1);
  EXPECT_EQ(run.metadata().signal_files.size(), GetParam() == Layout::files ? 50U : 0U);
  EXPECT_EQ(run.metadata().config, R"({"a":1})");
  const auto states = need(run.load_states("SPY.volatility_terciles.window=20"));
  EXPECT_EQ(states.state, (std::vector<std::int8_t>{0, 2, 1}));
  EXPECT_EQ(need(run.classifiers())[0].transition_matrix.at("low").at("high"), 0.1);
}

TEST_P(Layouts, are_the_same_bytes_for_the_same_input) {
  write_run("a", GetParam());
  std::filesystem::rename(root / "a", root / "first");
  write_run("a", GetParam());
  const auto first = files("first"), second = files("a");
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].lexically_relative(root / "first"), second[i].lexically_relative(root / "a"));
    EXPECT_EQ(bytes(first[i]), bytes(second[i])) << first[i];
  }
}

TEST_P(Layouts, resume_after_a_crash_equals_an_uninterrupted_run) {
  write_run("whole", GetParam());
  {
    auto writer = need(RunWriter::create(root, "r", {"w0", GetParam(), kMetrics}));
    fill(writer, 0, 20);
    auto lost = writer.new_segment();
    append(lost, 20);
    need(writer.add(std::move(lost)));
    EXPECT_FALSE(RunWriter::create(root, "r", {"w0", GetParam(), kMetrics})) << "the name is taken";
    EXPECT_EQ(RunWriter::resume(root, "r", {"w0", GetParam(), kMetrics}).error().code(), Errc::already_exists) << "the writer lives";
  }
  put(root / "r/catalog/w0-7.arrow.tmp", "torn");
  put(root / "r/catalog/w0-7.sha256", "torn");
  put(root / "r/signals/_segments/w0-9.parquet", "orphan");
  put(root / "r/signals/_segments/w0-8.parquet.tmp", "torn");
  put(root / "r/signals/orphan/signals.parquet", "orphan");
  EXPECT_EQ(need(Run::open(root, "r")).size(), 20U) << "readers ignore leftovers";
  EXPECT_EQ(need(list_runs(root)).at(0).metadata.status, "interrupted");
  auto writer = need(RunWriter::resume(root, "r", {"w0", GetParam(), kMetrics}));
  EXPECT_EQ(writer.committed().size(), 20U);
  EXPECT_TRUE(writer.committed().contains(metadata(19).parameter_hash));
  for (const auto* gone : {"catalog/w0-7.arrow.tmp", "catalog/w0-7.sha256", "signals/_segments/w0-9.parquet",
                           "signals/_segments/w0-8.parquet.tmp", "signals/orphan"})
    EXPECT_FALSE(std::filesystem::exists(root / "r" / gone)) << gone;
  fill(writer, 20, 50);
  need(writer.finish({}));
  EXPECT_EQ(need(verify(root, "r")).faults.size(), 0U);
  const auto a = need(scan(root, std::vector<std::string>{"r"}, {.limit = 0})),
             b = need(scan(root, std::vector<std::string>{"whole"}, {.limit = 0}));
  ASSERT_EQ(a.rows, b.rows);
  for (std::size_t row = 0; row < a.rows; ++row)
    for (std::size_t i = 1; i < a.columns.size(); ++i) EXPECT_EQ(a.cell(row, i), b.cell(row, i)) << a.columns[i].name();
  const auto x = all_signals("r"), y = all_signals("whole");
  for (const auto& [id, s] : x) EXPECT_TRUE(same(s, y.at(id)));
}

TEST_P(Layouts, attach_signals_in_a_second_pass) {
  auto writer = need(RunWriter::create(root, "r", {"w0", GetParam(), kMetrics}));
  auto rows = writer.new_segment();
  for (int i = 0; i < 30; ++i) {
    auto m = metadata(i);
    m.signal_changes = static_cast<std::int64_t>(signals(i).timestamp.size());
    need(rows.append(i, m));
  }
  need(writer.add(std::move(rows)));
  need(writer.commit());
  EXPECT_TRUE(writer.with_signals().empty());
  EXPECT_EQ(need(Run::open(root, "r")).load_signals(std::vector{metadata(3).strategy_id}).error().code(), Errc::not_found);
  auto best = writer.new_segment();
  append(best, 3);
  append(best, 9);
  need(writer.attach(std::move(best)));
  need(writer.finish({}));
  const auto run = need(Run::open(root, "r"));
  EXPECT_EQ(run.size(), 30U);
  EXPECT_TRUE(same(need(run.load_signals(std::vector{metadata(9).strategy_id}))[0], signals(9)));
  EXPECT_FALSE(run.load_signals(std::vector{metadata(4).strategy_id}));
  EXPECT_EQ(writer.with_signals().size(), 2U);
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_P(Layouts, move_into_the_other_without_losing_anything) {
  write_run("r", GetParam());
  const auto before = all_signals("r");
  const auto rows = cells(need(scan(root, {}, {.limit = 0})));
  const auto check = [&](const char* step) {
    const auto report = need(verify(root, "r"));
    EXPECT_TRUE(report.faults.empty()) << step << ": "
                                       << (report.faults.empty() ? "" : report.faults[0].path + " " + report.faults[0].fault);
    EXPECT_TRUE(report.unprotected.empty()) << step << ": " << (report.unprotected.empty() ? "" : report.unprotected[0]);
    EXPECT_EQ(cells(need(scan(root, {}, {.limit = 0}))), rows) << step;
    for (const auto& [id, s] : all_signals("r")) {
      EXPECT_TRUE(same(s, before.at(id))) << step;
    }
  };
  const Path one = root / "r/signals" / metadata(7).strategy_id / "signals.parquet";
  EXPECT_EQ(need(unpack(root, "r", {}, std::nullopt)), GetParam() == Layout::packed ? 50 : 0);
  const std::string original = bytes(one);
  EXPECT_EQ(need(pack(root, "r")), 50);
  check("pack");
  EXPECT_FALSE(std::filesystem::exists(one));
  EXPECT_EQ(need(pack(root, "r")), 0);
  EXPECT_EQ(need(unpack(root, "r", {}, 5)), 5);
  check("top 5");
  EXPECT_EQ(need(unpack(root, "r", std::vector{metadata(7).strategy_id}, std::nullopt)), 1);
  EXPECT_EQ(bytes(one), original);
  check("one");
  EXPECT_EQ(need(pack(root, "r")), 6);
  check("pack again");
  EXPECT_EQ(need(unpack(root, "r", {}, 1000)), 50);
  check("all");
  EXPECT_EQ(bytes(one), original);
  EXPECT_EQ(unpack(root, "r", std::vector<std::string>{"nope"}, std::nullopt).error().code(), Errc::not_found);
}

// In each file, spread over its bytes. Under a sanitizer it is the memory that is looked at, and each look takes ten times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kFlips = 37;
#else
constexpr std::size_t kFlips = 211;
#endif

TEST_P(Layouts, show_every_flipped_byte) {
  write_run("r", GetParam(), 3);
  for (const Path& file : files("r")) {
    const std::string good = bytes(file);
    const std::size_t step = std::max<std::size_t>(1, good.size() / kFlips);
    for (std::size_t at = 0; at < good.size(); at += step) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x15);
      put(file, bad);
      const auto report = verify(root, "r");
      EXPECT_TRUE(!report || !report->faults.empty()) << file << " byte " << at;
      static_cast<void>(scan(root, {}, {.where = "net_sharpe > 0 and symbol == 'SPY'"}));  // may fail, must not crash
      if (const auto run = Run::open(root, "r")) static_cast<void>(run->load_signals(run->strategy_ids()));
    }
    put(file, good.substr(0, good.size() / 2));
    const auto cut = verify(root, "r");
    EXPECT_TRUE(good.empty() || !cut || !cut->faults.empty()) << file << " cut";
    put(file, good);
  }
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_F(WorkspaceTest, A_second_writer_writes_beside_the_first) {
  auto a = need(RunWriter::create(root, "r", {"w0", Layout::packed, kMetrics}));
  auto b = need(RunWriter::create(root, "r", {"b-2", Layout::packed, kMetrics}));
  fill(a, 0, 20);
  auto segment = b.new_segment();
  append(segment, 30);
  need(b.add(std::move(segment)));
  need(b.commit());
  need(a.finish({}));
  need(b.finish({}));
  EXPECT_EQ(need(Run::open(root, "r")).size(), 21U);
  EXPECT_EQ(pack(root, "r").error().code(), Errc::already_exists) << "writers live";
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_P(Layouts, two_writers_that_start_together_never_share_a_strategy) {
  constexpr int kWriters = 4;
  const auto keys = [](int begin, int end) {
    std::vector<std::uint64_t> out;
    for (int i = begin; i < end; ++i) out.push_back(strategy_key(metadata(i).strategy_id));
    return out;
  };
  std::vector<std::optional<RunWriter>> writers(kWriters);
  std::vector<std::optional<Error>> refused(kWriters);
  {
    std::barrier start(kWriters);
    std::vector<std::jthread> threads;
    for (int w = 0; w < kWriters; ++w)
      threads.emplace_back([&, w] {
        start.arrive_and_wait();
        auto opened = RunWriter::create(root, "r", {"w" + std::to_string(w), GetParam(), kMetrics, {}, keys(10 * w / 2, 10 * w / 2 + 10)});
        if (opened)
          writers[static_cast<std::size_t>(w)].emplace(std::move(*opened));
        else
          refused[static_cast<std::size_t>(w)] = opened.error();
      });
  }
  // Neighbours overlap: a chain of four leaves two or three alive, never two beside each other.
  int alive = 0;
  for (int w = 0; w < kWriters; ++w) {
    const auto& fault = refused[static_cast<std::size_t>(w)];
    if (fault) {
      EXPECT_EQ(fault->code(), Errc::already_exists);
      EXPECT_NE(fault->message().find("5 of 10 strategies belong to writer 'w"), std::string::npos) << fault->message();
      EXPECT_FALSE(std::filesystem::exists(root / "r/catalog" / ("w" + std::to_string(w) + ".0.writer"))) << "it took a name";
      continue;
    }
    ++alive;
    EXPECT_TRUE(w == 0 || refused[static_cast<std::size_t>(w - 1)]) << "two writers share strategies";
    fill(*writers[static_cast<std::size_t>(w)], 10 * w / 2, 10 * w / 2 + 10);
  }
  EXPECT_GE(alive, 1);
  for (auto& writer : writers)
    if (writer) need(writer->finish({}));
  EXPECT_EQ(need(Run::open(root, "r")).size(), static_cast<std::size_t>(10 * alive));
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_P(Layouts, a_strategy_another_writer_holds_is_not_added) {
  auto a = need(RunWriter::create(root, "r", {"w0", GetParam(), kMetrics}));
  auto b = need(RunWriter::create(root, "r", {"w1", GetParam(), kMetrics}));
  auto first = a.new_segment(), second = b.new_segment();
  append(first, 3);
  append(second, 3);
  append(second, 4);
  need(a.add(std::move(first)));
  const auto refused = b.add(std::move(second));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::already_exists);
  auto other = b.new_segment();
  append(other, 4);
  need(b.add(std::move(other)));
  need(a.finish({}));
  need(b.finish({}));
  EXPECT_EQ(need(Run::open(root, "r")).size(), 2U);
  EXPECT_TRUE(same(all_signals("r").at(metadata(3).strategy_id), signals(3)));
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_F(WorkspaceTest, A_strategy_cannot_be_added_twice) {
  auto writer = need(RunWriter::create(root, "r", {"w0", Layout::files, kMetrics}));
  fill(writer, 0, 5);
  auto segment = writer.new_segment();
  append(segment, 4);
  EXPECT_EQ(writer.add(std::move(segment)).error().code(), Errc::already_exists);
  EXPECT_EQ(need(Run::open(root, "r")).size(), 5U);
  EXPECT_TRUE(need(verify(root, "r")).faults.empty());
}

TEST_F(WorkspaceTest, Signals_that_are_not_sparse_signals_are_refused) {
  const std::vector<UnixNanos> t{1, 2, 2};
  const std::vector<std::int8_t> s{1, 0, 1};
  EXPECT_EQ(check_signals({t, s, {}}).error().where(), "row 3");
  const std::vector<std::int8_t> big{1, 2, 1};
  EXPECT_EQ(check_signals({std::vector<UnixNanos>{1, 2, 3}, big, {}}).error().where(), "row 2");
  EXPECT_FALSE(check_signals({std::vector<UnixNanos>{1}, std::vector<std::int8_t>{1}, std::vector<float>{std::nanf("")}}));
  EXPECT_FALSE(check_signals({t, std::vector<std::int8_t>{1}, {}}));
}

TEST_F(WorkspaceTest, The_footer_says_every_scalar) {
  write_run("r", Layout::files, 5);
  const auto file = need(read_signal_file(root / "r/signals" / metadata(3).strategy_id / "signals.parquet"));
  const std::map<std::string, std::string> kv(file.key_values.begin(), file.key_values.end());
  EXPECT_EQ(kv.at("strategy_id"), metadata(3).strategy_id);
  EXPECT_EQ(kv.at("sharpe_ratio"), "null") << "undefined is there and says so";
  EXPECT_EQ(std::stod(kv.at("net_sharpe")), metadata(3).values[3]);
  EXPECT_EQ(kv.at("regime_performance"), R"({"vol.w20":{"bull":{"sharpe_ratio":1.5}}})");
  EXPECT_EQ(kv.at("tradewind.format"), "1");
  EXPECT_EQ(kv.at("total_trades"), "3");
}

TEST_F(WorkspaceTest, A_damaged_or_newer_run_never_hides_the_others) {
  write_run("good", Layout::packed, 8);
  write_run("torn", Layout::packed, 8);
  write_run("future", Layout::files, 8);
  write_run("catalog", Layout::packed, 8);
  put(root / "torn/metadata.json", "{");
  std::string text = bytes(root / "future/metadata.json");
  text.replace(text.find("\"format_version\": 1"), 19, "\"format_version\": 2");
  put(root / "future/metadata.json", text);
  for (const Path& file : files("catalog"))
    if (file.extension() == ".arrow") put(file, "ARROW1 nonsense");
  put(root / "notes.txt", "no run");
  const auto runs = need(list_runs(root));
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(need(scan(root, {}, {})).rows, 8U);
  EXPECT_EQ(need(scan(root, {}, {})).faults.size(), 3U);
  EXPECT_EQ(Run::open(root, "future").error().code(), Errc::newer_format);
  EXPECT_EQ(Run::open(root, "torn").error().code(), Errc::corrupt);
  EXPECT_EQ(Run::open(root, "catalog").error().code(), Errc::corrupt);
  EXPECT_EQ(Run::open(root, "absent").error().code(), Errc::not_found);
  EXPECT_EQ(Run::open(root, "../x").error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::workspace
