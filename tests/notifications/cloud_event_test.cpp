// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/cloud_event.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/notifications/analytics_events.hpp"

namespace tradewind::notifications {
namespace {

constexpr UnixNanos kTime = 1'700'000'000 * kNanosPerSecond;

SweepCompleted sweep() { return {"spy-1", "complete", 9900, 3, 8000, 1.25}; }

TEST(CloudEvents, are_written_as_the_specification_wants_them) {
  const CloudEvent event = to_cloud_event(sweep(), "tradewind", kTime);
  EXPECT_EQ(to_json(event),
            R"({"specversion":"1.0","id":")" + event.id +
                R"(","source":"tradewind","type":"tradewind.sweep.completed","subject":"spy-1","time":"2023-11-14T22:13:20Z",)"
                R"("datacontenttype":"application/json","data":{"run_id":"spy-1","status":"complete","strategies":9900,)"
                R"("classifiers":3,"bars":8000,"seconds":1.25}})");
  const auto read = parse_cloud_event(to_json(event));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, event);
}

TEST(CloudEvents, have_the_same_id_for_the_same_content_at_any_time) {
  const CloudEvent event = to_cloud_event(sweep(), "tradewind", kTime);
  // Computed apart: sha256 of ["tradewind","tradewind.sweep.completed","spy-1","{…}"], as docs/notifications.md shows it.
  EXPECT_EQ(event.id, "f6d433fcef1b4041b95f45415e41add8");
  EXPECT_EQ(to_cloud_event(sweep(), "tradewind", kTime + 1).id, event.id);
  SweepCompleted other = sweep();
  other.strategies += 1;
  EXPECT_NE(to_cloud_event(other, "tradewind", kTime).id, event.id);
  EXPECT_NE(to_cloud_event(sweep(), "another", kTime).id, event.id);
}

TEST(CloudEvents, of_every_type_come_back_as_they_were) {
  const std::vector<AnalyticsEvent> events{sweep(),
                                           AnalysisReady{"r", "abc", "r/analytics/report.json", 100, 7, {"a", "b \"quoted\""}},
                                           ReplayCompleted{"r", "", 3, 500, 0.1, -0.5, 0.25},
                                           PerformanceUpdated{"ensemble", kTime, 1.25, 0.5, 0.125, "bull", ""},
                                           WorkflowPhaseChanged{"w", "analyze", "failed", "no run\nmatched"},
                                           SessionChanged{"s", "halted", "", "loss limit", kTime}};
  ASSERT_EQ(events.size(), event_types().size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const CloudEvent cloud = to_cloud_event(events[i], "tradewind", kTime);
    EXPECT_EQ(cloud.type, event_types()[i]);
    EXPECT_FALSE(cloud.subject.empty());
    const auto read = parse_cloud_event(to_json(cloud));
    ASSERT_TRUE(read) << read.error().message();
    const auto back = from_cloud_event(*read);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(back->index(), i);
    EXPECT_EQ(data_json(*back), data_json(events[i]));
  }
}

TEST(CloudEvents, say_null_for_an_undefined_number) {
  const std::string data = data_json(PerformanceUpdated{.name = "e"});
  EXPECT_NE(data.find(R"("sharpe":null)"), std::string::npos) << data;
  CloudEvent event = to_cloud_event(PerformanceUpdated{.name = "e"}, "tradewind", 0);
  const auto back = from_cloud_event(event);
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::isnan(std::get<PerformanceUpdated>(*back).sharpe));
  PerformanceUpdated infinite{.name = "e"};
  infinite.equity = INFINITY;
  EXPECT_NE(data_json(infinite).find(R"("equity":null)"), std::string::npos);
}

TEST(CloudEvents, of_others_may_lack_and_hold_more_fields) {
  CloudEvent event = to_cloud_event(sweep(), "tradewind", 0);
  event.data = R"({"run_id":"x","later_field":[1,2]})";
  const auto read = from_cloud_event(event);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(std::get<SweepCompleted>(*read).run_id, "x");
  EXPECT_EQ(std::get<SweepCompleted>(*read).strategies, 0);
}

TEST(CloudEvents, that_are_foreign_are_refused_with_a_reason) {
  const std::string good = to_json(to_cloud_event(sweep(), "tradewind", kTime));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const auto& [text, word] : std::vector<std::pair<std::string, std::string>>{
           {"", "parse"},
           {"[]", "object"},
           {"{}", "specversion"},
           {good.substr(0, good.size() - 1), "parse"},
           {good + "x", "parse"},
           {"\xff\xfe{}", "parse"},
           {with(R"("specversion":"1.0")", R"("specversion":"0.3")"), "0.3"},
           {with(R"("specversion":"1.0")", R"("specversion":1.0)"), "not a text"},
           {with(R"("source":"tradewind")", R"("source":"")"), "source is empty"},
           {with(R"("source":"tradewind")", R"("sauce":"tradewind")"), "no source"},
           {with(R"("subject":"spy-1")", R"("subject":"a\u0000b")"), "control"},
           {with(R"("type":"tradewind)", R"("type":")" + std::string(2000, 'x')), "1024"},
           {with(R"(2023-11-14T22:13:20Z)", "yesterday"), "yesterday"},
           {with(R"(2023-11-14T22:13:20Z)", "2023-11-14T22:13:20"), "zone"},
           {with("application/json", "text/xml"), "text/xml"},
           {R"({"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"AA=="})", "data"},
           {R"({"specversion":"1.0","id":"1","source":"s","type":"t","data":[1]})", "data"}}) {
    const auto read = parse_cloud_event(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code(), Errc::invalid_data) << text;
    EXPECT_NE(read.error().message().find(word), std::string::npos) << text << "\n" << read.error().message();
  }
  for (const std::string& text :
       {std::string(kMaxEventBytes + 1, ' '), std::string(100'000, '['), "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"}) {
    const auto read = parse_cloud_event(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), Errc::too_large);
  }
}

/// Bytes changed, cut, doubled and put in: whatever comes is an event or an error, and an event comes back as it was.
TEST(CloudEvents, stand_any_damage) {
  const std::string good = to_json(to_cloud_event(AnalysisReady{"r", "abc", "p", 100, 7, {"a", "b"}}, "tradewind", kTime));
  Random random(20);
  int events = 0;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string text = good;
    for (std::uint64_t change = 0; change <= random.below(4); ++change) {
      const std::size_t at = random.below(text.size() + 1);
      switch (random.below(4)) {
        case 0: text.insert(at, 1, static_cast<char>(random.below(256))); break;
        case 1: text.erase(at, random.below(8)); break;
        case 2: text.insert(at, text.substr(random.below(text.size() + 1), random.below(20))); break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      }
    }
    const auto read = parse_cloud_event(text);
    if (!read) continue;
    ++events;
    const auto again = parse_cloud_event(to_json(*read));
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(*again, *read);
    if (const auto event = from_cloud_event(*read)) {
      EXPECT_FALSE(data_json(*event).empty());
    }
  }
  EXPECT_GT(events, 200);
}

TEST(CloudEvents, of_no_known_type_or_with_wrong_fields_make_no_event) {
  CloudEvent event = to_cloud_event(sweep(), "tradewind", 0);
  event.type = "tradewind.sweep.complete";
  const auto unknown = from_cloud_event(event);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Errc::unknown_name);
  EXPECT_NE(unknown.error().hint().find("tradewind.sweep.completed"), std::string::npos);
  event.type = SweepCompleted::kType;
  for (const char* data : {R"({"run_id":7})", R"({"run_id":"r","strategies":"many"})", R"({"run_id":"r","strategies":1.5})",
                           R"({"run_id":"r","strategies":18446744073709551615})", R"({"run_id":"r","seconds":"fast"})", R"({"run_id":""})",
                           "{}", "[]", "nonsense"}) {
    event.data = data;
    const auto read = from_cloud_event(event);
    ASSERT_FALSE(read) << data;
    EXPECT_EQ(read.error().code(), Errc::invalid_data) << data;
  }
  event.type = PerformanceUpdated::kType;
  event.data = R"({"name":"e","time":"2024-01-01"})";
  EXPECT_FALSE(from_cloud_event(event)) << "a time without its zone";
  event.type = AnalysisReady::kType;
  event.data = R"({"run_id":"e","selected":["a",1]})";
  EXPECT_FALSE(from_cloud_event(event));
}

TEST(CloudEvents, go_to_everybody_who_wants_all) {
  EventBus bus;
  std::vector<std::string> heard;
  const auto held = subscribe_all(bus, [&](const AnalyticsEvent& event) { heard.push_back(data_json(event)); });
  EXPECT_EQ(held.size(), event_types().size());
  bus.publish(sweep());
  publish(bus, AnalyticsEvent(WorkflowPhaseChanged{"w", "p", "running", ""}));
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[1], R"({"workflow":"w","phase":"p","status":"running","message":""})");
}

}  // namespace
}  // namespace tradewind::notifications
