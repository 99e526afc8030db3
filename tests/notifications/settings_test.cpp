// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/settings.hpp"

#include <map>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tradewind/notifications/analytics_events.hpp"

namespace tradewind::notifications {
namespace {

struct Read {
  EventSettings settings;
  std::string faults;  ///< empty: none
};

Read read(const std::string& yaml) {
  const auto document = config::parse_config(yaml, "tradewind.yaml");
  EXPECT_TRUE(document) << (document ? "" : document.error().message());
  const std::map<std::string, std::string> variables{
      {"HOOK_SECRET", "s3cret"}, {"TOKEN", "t0ken"}, {"EMPTY", ""}, {"TWO_LINES", "a\r\nX-Evil: 1"}};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  config::Complaints complaints("tradewind.yaml");
  Read out;
  out.settings = read_event_settings(*document->find("events"), "events", complaints, environment);
  if (const auto status = complaints.status(); !status)
    out.faults = status.error().message() + " [" + status.error().where() + "] " + status.error().hint();
  return out;
}

TEST(EventSettings, reads_every_key) {
  const auto [settings, faults] = read(R"(
events:
  nats: {url: "nats://a:4222,nats://b:4222", subject_prefix: desk.tradewind, subscribe: true, max_pending: 50}
  webhooks:
    - url: https://hooks.example/${TOKEN}/x
      on: [sweep.completed, tradewind.analysis.ready]
      template: '{"text": "run {{run_id}}"}'
      headers: {Authorization: "Bearer ${TOKEN}"}
      secret_env: HOOK_SECRET
      max_attempts: 7
      timeout: 3
      give_up_after: 600
    - url: http://localhost:8000/?list=1,2
)");
  EXPECT_EQ(faults, "");
  ASSERT_TRUE(settings.nats);
  EXPECT_EQ(settings.nats->url, "nats://a:4222,nats://b:4222");
  EXPECT_EQ(settings.nats->subject_prefix, "desk.tradewind");
  EXPECT_TRUE(settings.nats->subscribe);
  EXPECT_EQ(settings.nats->max_pending, 50U);
  ASSERT_EQ(settings.webhooks.size(), 2U);
  const Webhook& hook = settings.webhooks[0];
  EXPECT_EQ(hook.url, "https://hooks.example/t0ken/x");
  EXPECT_EQ(hook.types, (std::vector<std::string>{"tradewind.sweep.completed", "tradewind.analysis.ready"}));
  EXPECT_TRUE(hook.body);
  EXPECT_EQ(hook.headers.at(0).second, "Bearer t0ken");
  EXPECT_EQ(hook.secret, "s3cret");
  EXPECT_EQ(hook.max_attempts, 7);
  EXPECT_EQ(hook.timeout_seconds, 3);
  EXPECT_EQ(hook.give_up_seconds, 600);
  EXPECT_EQ(settings.webhooks[1].url, "http://localhost:8000/?list=1,2");
  EXPECT_EQ(settings.webhooks[1].types.size(), event_types().size() - 1) << "all but performance.updated";
}

TEST(EventSettings, may_be_empty) {
  EXPECT_TRUE(read("events:\n").settings.empty());
  EXPECT_TRUE(read("events: {}\n").settings.empty());
}

/// A file that everybody may open.
std::string open_file() {
  const auto path = std::filesystem::temp_directory_path() / "tradewind_open.creds";
  std::ofstream(path) << "x";
  std::filesystem::permissions(path, std::filesystem::perms{0666});
  return path.string();
}

TEST(EventSettings, complains_about_everything_that_cannot_work) {
  const auto hook = [](const std::string& rest) { return "events: {webhooks: [{url: \"https://h.example\", " + rest + "}]}"; };
  for (const auto& [yaml, word] : std::vector<std::pair<std::string, std::string>>{
           {"events: [1]", "map"},
           {"events: {nats: x}", "map"},
           {"events: {webhooks: {url: x}}", "list"},
           {"events: {webhooks: [x]}", "map"},
           {"events: {webhook: []}", "webhooks"},
           {"events: {nats: {}}", "url"},
           {"events: {nats: {url: \"http://x\"}}", "nats://"},
           {"events: {nats: {url: \"nats://\"}}", "nats://"},
           {"events: {nats: {url: \"nats://x\", subject_prefix: \"a..b\"}}", "subject"},
           {"events: {nats: {url: \"nats://x\", subject_prefix: \"a.>\"}}", "subject"},
           {"events: {nats: {url: \"nats://x\", credentials: /no/such.creds}}", "such.creds"},
           {"events: {nats: {url: \"nats://x\", max_pending: 0}}", "max_pending"},
           {"events: {nats: {url: \"nats://a,nats://u:t0ken@x\"}}", "password"},
           {"events: {nats: {url: \"nats://x\", credentials: " + open_file() + "}}", "chmod 600"},
           {"events: {webhooks: [{url: \"https://h/?token=t0ken\"}]}", "secret"},
           {hook("headers: {X-Api-Key: t0ken}"), "secret"},
           {"events: {webhooks: [{on: [sweep.completed]}]}", "url"},
           {"events: {webhooks: [{url: \"file:///etc/passwd\"}]}", "https://"},
           {"events: {webhooks: [{url: \"https://h/${NOT_SET}\"}]}", "NOT_SET"},
           {"events: {webhooks: [{url: \"https://h/ x\"}]}", "blanks"},
           {hook("on: [sweep.complete]"), "sweep.completed"},
           {hook("on: []"), "names no event"},
           {hook("template: \"{{runid}}\""), "runid"},
           {hook("template: \"{{run_id}}\", on: [sweep.completed]"), "JSON"},
           {hook("template: \"{}\", headers: {X-Tradewind-Event: a}"), "set by the sender"},
           {hook("headers: {\"a b\": c}"), "name"},
           {hook("headers: {a: \"${TWO_LINES}\"}"), "one line"},
           {hook("headers: [a]"), "map"},
           {hook("secret_env: NOT_SET"), "NOT_SET"},
           {hook("secret_env: EMPTY"), "EMPTY"},
           {hook("max_attempts: 0"), "max_attempts"},
           {hook("retries: 3"), "retries"}}) {
    const Read result = read(yaml);
    EXPECT_NE(result.faults.find(word), std::string::npos) << yaml << "\n" << result.faults;
    EXPECT_EQ(result.faults.find("t0ken"), std::string::npos);
    EXPECT_EQ(result.faults.find("s3cret"), std::string::npos);
  }
}

TEST(EventSettings, a_template_must_fit_every_event_the_hook_wants) {
  EXPECT_NE(
      read("events: {webhooks: [{url: \"https://h\", on: [sweep.completed, workflow.phase_changed], template: '{\"r\":\"{{run_id}}\"}'}]}")
          .faults.find("workflow.phase_changed"),
      std::string::npos);
  EXPECT_EQ(
      read("events: {webhooks: [{url: \"https://h\", on: [sweep.completed, workflow.phase_changed], template: '{\"r\":\"{{subject}}\"}'}]}")
          .faults,
      "");
  EXPECT_EQ(read("events: {webhooks: [{url: \"https://h\", on: workflow.phase_changed, headers: {content-type: text/plain}, template: "
                 "'phase {{phase}}'}]}")
                .faults,
            "");
}

}  // namespace
}  // namespace tradewind::notifications
