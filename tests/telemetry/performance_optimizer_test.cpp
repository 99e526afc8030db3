// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"

#include <unistd.h>

#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fake_clock.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/telemetry/metrics_server.hpp"
#include "tradewind/telemetry/optimizer/optimizer_json.hpp"

namespace tradewind::telemetry {
namespace {

struct Cycle {
  double detection = 0;
  double execution = 0;
  int calls = 0;
  double call = 0;
};

void run(PerformanceMonitor& monitor, FakeClock& clock, const Cycle& cycle, int times) {
  for (int i = 0; i < times; ++i) {
    monitor.start_cycle();
    auto start = monitor.time();
    clock.pass_ms(cycle.detection);
    monitor.measure_detection_speed(start);
    for (int call = 0; call < cycle.calls; ++call) {
      start = monitor.time();
      clock.pass_ms(cycle.call);
      monitor.measure_network_latency(start, "prices");
    }
    start = monitor.time();
    clock.pass_ms(cycle.execution);
    monitor.measure_execution_speed(start);
    monitor.end_cycle();
  }
}

PerformanceReport report_of(const Cycle& cycle, int times = 10) {
  FakeClock clock;
  PerformanceMonitor monitor(MonitorSettings{}, clock);
  run(monitor, clock, cycle, times);
  return monitor.generate_performance_report();
}

bool mentions(const Suggestions& suggestions, std::string_view word) {
  for (const SystemChange& each : suggestions.system_changes)
    if (each.change.find(word) != std::string::npos) return true;
  return false;
}

TEST(Suggest, computing_takes_processes_with_the_bound_of_amdahl) {
  const auto suggestions = suggest(report_of({.detection = 450, .execution = 150}), {}, {.cores = 8, .cache = {}});
  EXPECT_EQ(suggestions.priority, Severity::high);
  const ConfigChange* change = suggestions.find("use_multiprocessing");
  ASSERT_NE(change, nullptr);
  EXPECT_TRUE(std::get<bool>(change->value));
  // 600 · (1 − 0.75 · (1 − 1/4)) = 262.5
  EXPECT_NE(change->expected_improvement.find("from 600 ms to 262 ms"), std::string::npos) << change->expected_improvement;
  EXPECT_NE(change->reason.find("75 %"), std::string::npos);
  EXPECT_TRUE(mentions(suggestions, "profile_bottlenecks"));
  EXPECT_EQ(suggest(report_of({.detection = 450}), {}, {.cores = 1, .cache = {}}).find("use_multiprocessing"), nullptr) << "one core";
}

TEST(Suggest, networks_take_concurrency) {
  const auto report = report_of({.detection = 30, .calls = 10, .call = 40});
  const auto on = suggest(report, {}, {});
  EXPECT_TRUE(mentions(on, "fetch_multiple_urls_async"));
  EXPECT_EQ(on.find("use_async"), nullptr);
  const auto off = suggest(report, {.use_async = false}, {});
  ASSERT_NE(off.find("use_async"), nullptr);
  EXPECT_NE(off.find("use_async")->reason.find("10 calls"), std::string::npos) << off.find("use_async")->reason;
  EXPECT_TRUE(mentions(suggest(report_of({.calls = 1, .call = 150}), {}, {}), "nearer")) << "slow calls, also in cycles in time";
}

TEST(Suggest, priorities) {
  EXPECT_EQ(suggest(report_of({.detection = 100}), {}, {}).priority, Severity::low);
  EXPECT_EQ(suggest(report_of({.detection = 200}), {}, {}).priority, Severity::low) << "at the target";
  EXPECT_EQ(suggest(report_of({.detection = 210}), {}, {}).priority, Severity::medium);
  EXPECT_EQ(suggest(report_of({.detection = 401}), {}, {}).priority, Severity::high);
  EXPECT_TRUE(suggest(report_of({.detection = 100}), {}, {}).config_changes.empty());
}

TEST(Suggest, without_cycles_only_to_measure) {
  const auto suggestions = suggest(performance_report(empty_recordings({}), 0), {}, {});
  EXPECT_EQ(suggestions.system_changes.size(), 1U);
  EXPECT_TRUE(mentions(suggestions, "start_cycle"));
  EXPECT_TRUE(suggestions.config_changes.empty());
}

TEST(Suggest, low_hit_rates_and_a_cache_switched_off) {
  CacheStatistics cache;
  cache.cache_hits = 4;
  cache.cache_misses = 16;
  cache.hit_rate_percent = 20;
  EXPECT_TRUE(mentions(suggest(report_of({.detection = 10}), {}, {.cores = 1, .cache = cache}), "time to live"));
  EXPECT_NE(suggest(report_of({.detection = 300}), {.use_caching = false}, {}).find("use_caching"), nullptr);
}

TEST(Suggest, json_has_the_documented_keys) {
  const Json json = to_json(suggest(report_of({.detection = 600}), {}, {.cores = 4, .cache = {}}));
  EXPECT_EQ(json["priority"], "high");
  ASSERT_TRUE(json["config_changes"].contains("use_multiprocessing"));
  EXPECT_EQ(json["config_changes"]["use_multiprocessing"]["value"], true);
  for (const char* key : {"change", "expected_improvement", "reason"}) {
    EXPECT_TRUE(json["config_changes"]["use_multiprocessing"].contains(key));
    EXPECT_TRUE(json["system_changes"][0].contains(key));
  }
}

TEST(PerformanceOptimizer, applies_a_change_and_measures_its_effect) {
  FakeClock clock;
  PerformanceMonitor monitor(MonitorSettings{}, clock);
  PerformanceOptimizer optimizer;
  run(monitor, clock, {.detection = 600}, 30);
  const auto suggestions = optimizer.optimize_config(monitor.generate_performance_report());
  ConfigChange change{"use_multiprocessing", true, "", "", ""};
  if (const ConfigChange* found = suggestions.find("use_multiprocessing")) change = *found;
  ASSERT_TRUE(optimizer.apply(change, &monitor));
  EXPECT_TRUE(optimizer.settings().use_multiprocessing);
  run(monitor, clock, {.detection = 400}, 19);
  EXPECT_EQ(optimizer.measure_effect("use_multiprocessing", monitor)->verdict, EffectVerdict::too_few_cycles);
  run(monitor, clock, {.detection = 400}, 1);
  const auto effect = optimizer.measure_effect("use_multiprocessing", monitor);
  ASSERT_TRUE(effect);
  EXPECT_EQ(effect->verdict, EffectVerdict::helped);
  EXPECT_EQ(effect->cycles_before, 30U);
  EXPECT_EQ(effect->cycles_after, 20U);
  EXPECT_NEAR(effect->ratio.value(), 400.0 / 600, 1e-9);
  EXPECT_EQ(to_json(*effect)["verdict"], "helped");
  EXPECT_EQ(optimizer.measure_effect("use_async", monitor).error().code(), Errc::unknown_name);
}

TEST(PerformanceOptimizer, refuses_changes_that_cannot_be_applied) {
  PerformanceOptimizer optimizer;
  const auto apply = [&](const char* key, std::variant<bool, std::int64_t> value) { return optimizer.apply({key, value, "", "", ""}); };
  EXPECT_FALSE(apply("target_cycle_time_ms", std::int64_t{5}));
  EXPECT_FALSE(apply("use_async", std::int64_t{1}));
  EXPECT_FALSE(apply("max_workers", true));
  EXPECT_FALSE(apply("max_workers", std::int64_t{0}));
  EXPECT_FALSE(apply("max_workers", std::int64_t{257}));
  EXPECT_TRUE(apply("max_workers", std::int64_t{7}));
  EXPECT_EQ(optimizer.settings().max_workers, 7);
  EXPECT_TRUE(apply("use_caching", false));
  EXPECT_FALSE(optimizer.settings().use_caching);
}

TEST(PerformanceOptimizer, maps_in_every_mode) {
  PerformanceOptimizer optimizer;
  const std::vector<int> items{1, 2, 3, 4, 5};
  const std::vector<int> twice{2, 4, 6, 8, 10};
  const auto map = [&](bool processes) { return *optimizer.parallel_map([](int item) { return 2 * item; }, items, processes); };
  EXPECT_EQ(map(false), twice);
  EXPECT_EQ(map(true), twice);
  EXPECT_TRUE(optimizer.enable_threading(8));
  EXPECT_TRUE(optimizer.enable_multiprocessing(2));
  EXPECT_EQ(map(false), twice);
  EXPECT_EQ(map(true), twice);
  const auto process = optimizer.parallel_map([](int) { return ::getpid(); }, items, true);
  EXPECT_NE(process->at(0), ::getpid());
  optimizer.cleanup();
  EXPECT_EQ(optimizer.parallel_map([](int) { return ::getpid(); }, items, true)->at(0), ::getpid());
  for (const int bad : {0, -1, 257}) {
    EXPECT_FALSE(optimizer.enable_threading(bad));
    EXPECT_FALSE(optimizer.enable_multiprocessing(bad));
  }
}

TEST(PerformanceOptimizer, maps_batches) {
  PerformanceOptimizer optimizer;
  ASSERT_TRUE(optimizer.enable_threading(2));
  const std::vector<int> items{1, 2, 3, 4, 5};
  const auto sum = [](std::span<const int> batch) { return std::accumulate(batch.begin(), batch.end(), 0); };
  EXPECT_EQ(*optimizer.batch_map(sum, items, 2), (std::vector<int>{3, 7, 5}));
  EXPECT_EQ(*optimizer.batch_map(sum, items, 100), (std::vector<int>{15}));
  EXPECT_EQ(optimizer.batch_map(sum, items, 0)->size(), 5U);
  EXPECT_TRUE(optimizer.batch_map(sum, std::vector<int>{}, 2)->empty());
}

TEST(PerformanceOptimizer, caches_when_it_is_on) {
  FakeClock clock;
  PerformanceOptimizer optimizer({}, clock);
  EXPECT_TRUE(optimizer.cache_data("expensive", std::vector<double>{1, 2}, 60.0));
  EXPECT_EQ(optimizer.get_cached_data<std::vector<double>>("expensive"), (std::vector<double>{1, 2}));
  clock.pass_ms(60'000);
  EXPECT_FALSE(optimizer.get_cached_data<std::vector<double>>("expensive"));
  const Json json = to_json(optimizer.get_cache_statistics());
  EXPECT_EQ(json["cache_hits"], 1);
  EXPECT_EQ(json["cache_misses"], 1);
  EXPECT_EQ(json["hit_rate_percent"], 50.0);
  EXPECT_EQ(json["cache_size"], 0);
  PerformanceOptimizer off({.use_caching = false}, clock);
  EXPECT_FALSE(off.cache_data("a", 1));
  EXPECT_FALSE(off.get_cached_data<int>("a"));
  EXPECT_EQ(off.get_cache_statistics().cache_misses, 0U);
}

TEST(PerformanceOptimizer, score_says_what_is_on) {
  PerformanceOptimizer nothing({.use_async = false, .use_caching = false});
  EXPECT_EQ(nothing.get_optimization_summary().optimization_score, 0);
  EXPECT_EQ(nothing.get_optimization_summary().recommendations.size(), 4U);
  PerformanceOptimizer all({.use_multiprocessing = true});
  EXPECT_EQ(all.get_optimization_summary().optimization_score, 60);
  ASSERT_TRUE(all.enable_threading(3));
  all.cache_data("a", 1);
  for (int i = 0; i < 19; ++i) all.get_cached_data<int>(i < 15 ? "a" : "b");
  EXPECT_EQ(all.get_optimization_summary().optimization_score, 80) << "19 look-ups say nothing yet";
  all.get_cached_data<int>("b");
  const OptimizationSummary summary = all.get_optimization_summary();
  EXPECT_EQ(summary.optimization_score, 95) << "75 % hits";
  EXPECT_EQ(summary.enabled_optimizations, (std::vector<std::string>{"caching", "async", "threading", "multiprocessing"}));
  EXPECT_EQ(summary.system_resources.thread_workers, 3);
  EXPECT_EQ(summary.system_resources.process_workers, 4);
  EXPECT_GE(summary.system_resources.cpu_cores, 1);
  EXPECT_TRUE(summary.recommendations.empty());
  for (const char* key : {"optimization_score", "enabled_optimizations", "system_resources", "cache_performance", "recommendations"})
    EXPECT_TRUE(to_json(summary).contains(key)) << key;
}

TEST(PerformanceOptimizer, profiles) {
  PerformanceOptimizer optimizer;
  const auto profile = optimizer.profile_bottlenecks([] {});
  ASSERT_TRUE(profile);
  for (const char* key : {"execution_time_seconds", "top_time_consumers", "full_profile"})
    EXPECT_TRUE(to_json(*profile).contains(key)) << key;
}

TEST(PerformanceOptimizer, fetches_many_urls) {
  auto server = MetricsServer::start([] { return std::string("# EOF\n"); });
  ASSERT_TRUE(server);
  std::vector<std::string> urls;
  for (int i = 0; i < 12; ++i) urls.push_back(fmt::format("http://127.0.0.1:{}/{}", (*server)->port(), i % 3 == 2 ? "nothing" : "healthz"));
  for (const bool async : {true, false}) {
    PerformanceOptimizer optimizer({.use_async = async});
    auto answers = optimizer.fetch_multiple_urls_async(urls);
    ASSERT_TRUE(answers);
    ASSERT_EQ(answers->size(), 12U);
    for (std::size_t i = 0; i < answers->size(); ++i) EXPECT_EQ((*answers)[i].get().status, i % 3 == 2 ? 404 : 200) << i;
    EXPECT_TRUE(optimizer.create_async_client());
    optimizer.cleanup();
    EXPECT_EQ(optimizer.fetch_multiple_urls_async(std::span(urls).first(1))->at(0).get().body, "ok\n") << "works again after cleanup";
  }
}

TEST(OptimizerSettings, are_read_from_a_configuration) {
  const auto read = [](const char* text, bool& good) {
    const auto document = config::parse_config(text, "c.yaml");
    config::Complaints complaints("c.yaml");
    config::MapReader reader(*document, "", complaints);
    const OptimizerSettings settings = read_optimizer_settings(reader);
    good = complaints.empty();
    return settings;
  };
  bool good = false;
  const auto settings = read("{use_multiprocessing: true, use_async: false, use_caching: false, max_workers: 9}", good);
  EXPECT_TRUE(good);
  EXPECT_TRUE(settings.use_multiprocessing);
  EXPECT_FALSE(settings.use_async);
  EXPECT_FALSE(settings.use_caching);
  EXPECT_EQ(settings.max_workers, 9);
  const auto defaults = read("{}", good);
  EXPECT_TRUE(good && !defaults.use_multiprocessing && defaults.use_async && defaults.use_caching && defaults.max_workers == 4);
  for (const char* bad : {"max_workers: 0", "max_workers: 257", "max_workers: many", "use_async: 3"}) {
    read(bad, good);
    EXPECT_FALSE(good) << bad;
  }
}

}  // namespace
}  // namespace tradewind::telemetry
