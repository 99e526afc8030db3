// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workflow/phase_graph.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include <fmt/format.h>

namespace tradewind::workflow {
namespace {

class PhaseGraph : public testing::Test {
 protected:
  void SetUp() override {
    static int count = 0;
    journal = std::filesystem::temp_directory_path() / fmt::format("tradewind-phases-{}-{}", ::getpid(), count++);
    options.journal = journal;
    options.on_change = [this](const std::string& phase, const std::string& status, const std::string& message) {
      changes.push_back(phase + " " + status + (message.empty() ? "" : ": " + message));
    };
  }
  void TearDown() override { std::filesystem::remove_all(journal); }

  /// A phase that notes that it ran and adds up its settings and what it needs.
  Phase adder(const std::string& name, std::vector<std::string> needs, int value) {
    return {name, std::move(needs), Json{{"value", value}},
            [this, name, value](const PhaseResults& needed, const Cancellation&) -> Result<Json> {
              const std::lock_guard lock(mutex);
              ran.push_back(name);
              int sum = value;
              for (const auto& [from, result] : needed) sum += result["sum"].get<int>();
              return Json{{"sum", sum}};
            }};
  }
  std::vector<Phase> diamond(int first = 1) {
    return {adder("last", {"left", "right"}, 1000), adder("left", {"first"}, 10), adder("right", {"first"}, 100),
            adder("first", {}, first)};
  }
  std::vector<std::string> statuses(const PhaseReport& report) {
    std::vector<std::string> all;
    for (const auto& outcome : report.outcomes) all.push_back(outcome.name + " " + outcome.status);
    return all;
  }
  PhaseReport done(const std::vector<Phase>& phases) {
    ran.clear();
    changes.clear();
    auto report = run_phases(phases, options);
    EXPECT_TRUE(report) << report.error().message();
    return report ? std::move(*report) : PhaseReport{};
  }

  Path journal;
  PhaseOptions options;
  std::mutex mutex;
  std::vector<std::string> ran;
  std::vector<std::string> changes;
};

TEST_F(PhaseGraph, runs_after_what_is_needed_and_hands_on_the_results) {
  const PhaseReport report = done(diamond());
  ASSERT_EQ(ran.size(), 4U);
  EXPECT_EQ(ran.front(), "first");
  EXPECT_EQ(ran.back(), "last");
  EXPECT_EQ(report.results.at("last")["sum"], 1000 + 11 + 101);
  EXPECT_EQ(statuses(report), (std::vector<std::string>{"last done", "left done", "right done", "first done"}));
  EXPECT_EQ(changes.size(), 8U);
  EXPECT_EQ(changes.front(), "first running");
  EXPECT_EQ(changes.back(), "last done");
}

TEST_F(PhaseGraph, independent_phases_run_at_the_same_time) {
  std::condition_variable met;
  int waiting = 0;
  const auto meeting = [&](const std::string& name) {
    return Phase{name, {}, nullptr, [&](const PhaseResults&, const Cancellation&) -> Result<Json> {
                   std::unique_lock lock(mutex);
                   ++waiting;
                   met.notify_all();
                   if (!met.wait_for(lock, std::chrono::seconds(20), [&] { return waiting == 2; }))
                     return Error(Errc::internal, "the other did not come");
                   return Json(1);
                 }};
  };
  const auto report = run_phases({meeting("one"), meeting("two")}, options);
  ASSERT_TRUE(report) << report.error().message();
}

TEST_F(PhaseGraph, a_phase_waits_for_its_own_needs_only) {
  // "slow" ends only after "after_fast" has run, which needs "fast" alone.
  std::condition_variable told;
  bool after = false;
  Phase slow{"slow", {}, nullptr, [&](const PhaseResults&, const Cancellation&) -> Result<Json> {
               std::unique_lock lock(mutex);
               if (!told.wait_for(lock, std::chrono::seconds(20), [&] { return after; }))
                 return Error(Errc::internal, "what needs fast alone did not start");
               return Json(1);
             }};
  Phase after_fast{"after_fast", {"fast"}, nullptr, [&](const PhaseResults&, const Cancellation&) -> Result<Json> {
                     const std::lock_guard lock(mutex);
                     after = true;
                     told.notify_all();
                     return Json(1);
                   }};
  const auto report = run_phases({slow, adder("fast", {}, 1), after_fast}, options);
  ASSERT_TRUE(report) << report.error().message();
}

TEST_F(PhaseGraph, stored_results_are_taken) {
  const PhaseReport first = done(diamond());
  const PhaseReport second = done(diamond());
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(second.results, first.results);
  EXPECT_EQ(statuses(second).front(), "last resumed");
  EXPECT_EQ(changes, (std::vector<std::string>{"first resumed", changes[1], changes[2], "last resumed"}));
}

TEST_F(PhaseGraph, changed_settings_run_again_with_what_depends_on_them) {
  done(diamond());
  auto phases = diamond();
  phases[1] = adder("left", {"first"}, 20);
  const PhaseReport report = done(phases);
  EXPECT_EQ(ran, (std::vector<std::string>{"left", "last"}));
  EXPECT_EQ(report.results.at("last")["sum"], 1000 + 21 + 101);
}

TEST_F(PhaseGraph, a_changed_result_upstream_runs_again_an_unchanged_one_does_not) {
  done(diamond());
  const PhaseReport report = done(diamond(2));
  EXPECT_EQ(ran.size(), 4U);
  EXPECT_EQ(report.results.at("last")["sum"], 1000 + 12 + 102);
  // Other settings, same result: nothing downstream has to be done again.
  auto phases = diamond(2);
  phases[3].settings["more"] = true;
  done(phases);
  EXPECT_EQ(ran, (std::vector<std::string>{"first"}));
}

TEST_F(PhaseGraph, what_is_gone_is_made_again) {
  auto phases = diamond();
  done(phases);
  for (Phase& phase : phases)
    if (phase.name == "left") phase.still_there = [](const Json& result) { return result["sum"] != 11; };
  done(phases);
  EXPECT_EQ(ran, (std::vector<std::string>{"left"}));  // with the same result, so "last" stays
}

TEST_F(PhaseGraph, a_failure_keeps_what_is_finished) {
  auto phases = diamond();
  const Phase good = phases[2];
  phases[2].run = [](const PhaseResults&, const Cancellation&) -> Result<Json> {
    return Error(Errc::invalid_data, "bad prices", "row 3", "mend them");
  };
  const auto failed = run_phases(phases, options);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::invalid_data);
  EXPECT_EQ(failed.error().message(), "phase 'right': bad prices");
  EXPECT_EQ(failed.error().where(), "row 3");
  EXPECT_EQ(failed.error().hint(), "mend them");
  EXPECT_EQ(ran.size(), 2U);  // first and left; never last
  EXPECT_NE(std::find(changes.begin(), changes.end(), "right failed: bad prices"), changes.end());
  phases[2] = good;
  const PhaseReport report = done(phases);
  EXPECT_EQ(ran, (std::vector<std::string>{"right", "last"}));
  EXPECT_EQ(report.results.at("last")["sum"], 1112);
}

TEST_F(PhaseGraph, damaged_journals_are_done_again) {
  const PhaseReport first = done(diamond());
  const Path file = journal / "left.json";
  const std::string good = *read_file(file);
  std::string other = good;
  other.replace(other.find("\"sum\": 11"), 9, "\"sum\": 12");
  const Json entry = Json::parse(good);
  Json without = entry, odd = entry;
  without.erase("result");
  odd["fingerprint"] = 7;
  for (const std::string& text : {std::string(), std::string("{"), good.substr(0, good.size() / 2), std::string("[]"), std::string("null"),
                                  std::string("\xff\xfe"), other, without.dump(), odd.dump()}) {
    ASSERT_TRUE(write_file_durable(file, text));
    const PhaseReport again = done(diamond());
    EXPECT_EQ(ran, (std::vector<std::string>{"left"})) << text;
    EXPECT_EQ(again.results, first.results) << text;
    EXPECT_EQ(*read_file(file), good) << text;
  }
}

TEST_F(PhaseGraph, the_journal_of_one_phase_is_not_taken_for_another) {
  done(diamond());
  std::filesystem::copy_file(journal / "right.json", journal / "left.json", std::filesystem::copy_options::overwrite_existing);
  done(diamond());
  EXPECT_EQ(ran, (std::vector<std::string>{"left"}));
}

TEST_F(PhaseGraph, cancellation_stops_between_phases_and_keeps_what_is_done) {
  Cancellation cancellation;
  options.cancellation = &cancellation;
  auto phases = diamond();
  const auto run = phases[3].run;
  phases[3].run = [&](const PhaseResults& needed, const Cancellation& given) {
    EXPECT_EQ(&given, &cancellation);
    cancellation.request();
    return run(needed, given);
  };
  const auto stopped = run_phases(phases, options);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), Errc::interrupted);
  EXPECT_EQ(ran, (std::vector<std::string>{"first"}));
  options.cancellation = nullptr;
  done(diamond());
  EXPECT_EQ(std::find(ran.begin(), ran.end(), "first"), ran.end());
  EXPECT_EQ(ran.size(), 3U);
}

TEST_F(PhaseGraph, names_and_needs_are_checked) {
  const auto fault = [&](const std::vector<Phase>& phases) {
    const auto checked = check(phases);
    EXPECT_FALSE(checked);
    const auto refused = run_phases(phases, options);
    EXPECT_FALSE(refused);
    EXPECT_TRUE(ran.empty());
    return checked ? Error(Errc::internal, "accepted") : checked.error();
  };
  const Error twice = fault({adder("a", {}, 1), adder("a", {}, 2)});
  EXPECT_EQ(twice.code(), Errc::invalid_config);
  EXPECT_NE(twice.message().find("'a'"), std::string::npos);
  const Error unknown = fault({adder("analyze", {}, 1), adder("b", {"analyse"}, 2)});
  EXPECT_EQ(unknown.code(), Errc::invalid_config);
  EXPECT_NE(unknown.message().find("'analyse'"), std::string::npos);
  EXPECT_NE(unknown.hint().find("'analyze'"), std::string::npos);
  const Error cycle = fault({adder("a", {"c"}, 1), adder("b", {"a"}, 1), adder("c", {"b"}, 1)});
  EXPECT_NE(cycle.message().find("a → c → b → a"), std::string::npos) << cycle.message();
  EXPECT_NE(fault({adder("a", {"a"}, 1)}).message().find("a → a"), std::string::npos);
  for (const char* name : {"", "../up", "a/b", "a b\n"}) fault({adder(name, {}, 1)});
}

TEST_F(PhaseGraph, many_paths_are_checked_in_no_time) {
  // Two phases a layer, each needing both of the layer before: 2^40 paths.
  std::vector<Phase> phases;
  for (int layer = 0; layer < 40; ++layer)
    for (const char* side : {"l", "r"}) {
      std::vector<std::string> needs;
      if (layer > 0) needs = {fmt::format("l{}", layer - 1), fmt::format("r{}", layer - 1)};
      phases.push_back(adder(fmt::format("{}{}", side, layer), needs, 0));
    }
  EXPECT_TRUE(check(phases));
}

TEST_F(PhaseGraph, no_phases_are_no_work) { EXPECT_TRUE(done({}).outcomes.empty()); }

}  // namespace
}  // namespace tradewind::workflow
