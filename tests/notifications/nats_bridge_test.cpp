// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/nats_bridge.hpp"

#include <mutex>
#include <optional>

#include <gtest/gtest.h>
#include <nats/nats.h>

#include "server.hpp"
#include "tradewind/notifications/sinks.hpp"

namespace tradewind::notifications {
namespace {

std::string nats_server() {
  for (const char* folder : {"/usr/sbin", "/usr/bin", "/usr/local/bin"})
    if (std::filesystem::exists(std::string(folder) + "/nats-server")) return std::string(folder) + "/nats-server";
  return {};
}

/// What a bus heard, from any thread.
class Heard {
 public:
  explicit Heard(EventBus& bus)
      : held_(subscribe_all(bus, [this](const AnalyticsEvent& event) {
          const std::lock_guard lock(mutex_);
          all_.push_back(data_json(event));
        })) {}
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
  std::vector<Subscription> held_;
};

class Nats : public testing::Test {
 protected:
  void SetUp() override {
    if (nats_server().empty()) GTEST_SKIP() << "nats-server is not installed: script/bootstrap installs it";
    port = free_port();
  }
  void start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{nats_server(), "-a", "127.0.0.1", "-p", std::to_string(port)};
    command.insert(command.end(), more.begin(), more.end());
    server.emplace(command);
    ASSERT_TRUE(server->started());
    ASSERT_TRUE(eventually([&] {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<std::uint16_t>(port));
      const bool listens = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      ::close(fd);
      return listens;
    }));
  }
  NatsSettings settings(bool subscribe = false) const {
    NatsSettings out;
    out.url = "nats://127.0.0.1:" + std::to_string(port);
    out.subscribe = subscribe;
    return out;
  }
  static std::unique_ptr<NatsBridge> open(EventBus& bus, const NatsSettings& with) {
    auto bridge = NatsBridge::open(bus, with, "tradewind");
    EXPECT_TRUE(bridge) << (bridge ? "" : bridge.error().message());
    return std::move(*bridge);
  }
  static SweepCompleted sweep(int number) { return {"run-" + std::to_string(number), "complete", number, 0, 0, 0.5}; }

  int port = 0;
  std::optional<Process> server;
};

TEST_F(Nats, carries_events_from_one_bus_to_another_and_not_back) {
  start();
  EventBus here, there;
  const auto sending = open(here, settings(true));
  const auto receiving = open(there, settings(true));
  ASSERT_TRUE(eventually([&] { return sending->report().connected && receiving->report().connected; })) << receiving->report().last_fault;
  const Heard own(here), others(there);
  // A subscription is in force once the server has answered a ping after it.
  there.publish(WorkflowPhaseChanged{"w", "p", "running", ""});
  ASSERT_TRUE(receiving->flush(30));
  std::vector<std::string> expected = others.all();
  for (int i = 0; i < 50; ++i) {
    here.publish(sweep(i));
    expected.push_back(data_json(sweep(i)));
  }
  ASSERT_TRUE(sending->flush(30));
  ASSERT_TRUE(eventually([&] { return others.all().size() == expected.size(); })) << others.all().size();
  EXPECT_EQ(others.all(), expected);
  EXPECT_EQ(sending->report().sent, 50U);
  EXPECT_EQ(receiving->report().received, 50U);
  ASSERT_TRUE(receiving->flush(30));
  EXPECT_EQ(receiving->report().sent, 1U) << "what came in is not sent again";
  EXPECT_TRUE(eventually([&] { return sending->report().received == 1; }));
}

/// An analysis that starts by itself when somebody else's sweep is done.
TEST_F(Nats, an_answer_to_an_event_of_others_goes_out) {
  start();
  EventBus here, there;
  const auto sending = open(here, settings(true));
  const auto answering = open(there, settings(true));
  ASSERT_TRUE(eventually([&] { return sending->report().connected && answering->report().connected; }));
  const auto analysis =
      there.subscribe<SweepCompleted>([&](const SweepCompleted& done) { there.publish(AnalysisReady{done.run_id, "h", "p", 1, 1, {}}); });
  there.publish(WorkflowPhaseChanged{"w", "p", "running", ""});
  here.publish(WorkflowPhaseChanged{"w", "p", "running", ""});
  ASSERT_TRUE(answering->flush(30) && sending->flush(30));
  std::atomic<int> answers{0};
  const auto answered = here.subscribe<AnalysisReady>([&](const AnalysisReady& ready) { answers += ready.run_id == "run-7" ? 1 : 100; });
  here.publish(sweep(7));
  ASSERT_TRUE(eventually([&] { return answers == 1; })) << answers;
}

TEST_F(Nats, events_wait_for_a_server_that_is_away) {
  EventBus here, there;
  const auto sending = open(here, settings());
  for (int i = 0; i < 10; ++i) here.publish(sweep(i));
  EXPECT_FALSE(sending->flush(0));
  EXPECT_EQ(sending->report().pending, 10U);
  EXPECT_FALSE(sending->report().connected);
  start();
  const auto listening = open(there, settings(true));
  ASSERT_TRUE(sending->flush(60)) << sending->report().last_fault;
  EXPECT_EQ(sending->report().sent, 10U);
  EXPECT_EQ(sending->report().dropped, 0U);
}

TEST_F(Nats, survives_the_server_going_and_coming_back) {
  start();
  EventBus here, there;
  const auto sending = open(here, settings());
  const auto listening = open(there, settings(true));
  const Heard others(there);
  ASSERT_TRUE(eventually([&] { return sending->report().connected && listening->report().connected; }));
  server->stop();
  ASSERT_TRUE(eventually([&] { return !sending->report().connected && !listening->report().connected; }));
  EXPECT_FALSE(sending->report().last_fault.empty());
  start();
  ASSERT_TRUE(eventually([&] { return sending->report().connected && listening->report().connected; }));
  there.publish(WorkflowPhaseChanged{"w", "p", "running", ""});
  ASSERT_TRUE(listening->flush(30));
  here.publish(sweep(1));
  ASSERT_TRUE(sending->flush(30));
  ASSERT_TRUE(eventually([&] { return others.all().size() == 2; }));
}

TEST_F(Nats, a_server_that_never_comes_costs_the_oldest_events_and_is_told) {
  EventBus bus;
  EventSettings with;
  with.nats = settings();
  with.nats->max_pending = 5;
  const auto sinks = EventSinks::open(bus, with);
  ASSERT_TRUE(sinks);
  for (int i = 0; i < 100; ++i) bus.publish(sweep(i));
  const SinkReport report = (*sinks)->close(0.05);
  EXPECT_EQ(report.nats->sent, 0U);
  EXPECT_EQ(report.nats->dropped, 100U);
  EXPECT_EQ(report.nats->pending, 0U);
  ASSERT_EQ(report.warnings().size(), 1U);
  EXPECT_NE(report.warnings()[0].find("100 of 100"), std::string::npos) << report.warnings()[0];
}

TEST_F(Nats, messages_that_are_no_events_are_refused_and_counted) {
  start();
  EventBus bus;
  const auto listening = open(bus, settings(true));
  const Heard heard(bus);
  ASSERT_TRUE(eventually([&] { return listening->report().connected; }));
  natsConnection* other = nullptr;
  ASSERT_EQ(natsConnection_ConnectTo(&other, settings().url.c_str()), NATS_OK);
  bus.publish(WorkflowPhaseChanged{"w", "p", "running", ""});
  ASSERT_TRUE(listening->flush(30));
  const std::string foreign = R"({"specversion":"1.0","id":"1","source":"s","type":"com.example.thing","data":{}})";
  const std::string huge(kMaxEventBytes / 2, '[');
  const std::string good = to_json(to_cloud_event(sweep(3), "somebody", 0));
  for (const std::string& text : {std::string(), std::string("hello"), foreign, huge, good})
    natsConnection_PublishString(other, "tradewind.x", text.c_str());
  natsConnection_PublishString(other, "elsewhere.x", good.c_str());
  natsConnection_Flush(other);
  EXPECT_TRUE(eventually([&] { return listening->report().refused == 4 && listening->report().received == 1; }))
      << listening->report().refused;
  EXPECT_TRUE(eventually([&] { return heard.all().size() == 2; }));  // counted first, then told
  natsConnection_Destroy(other);
  ASSERT_EQ(heard.all().size(), 2U);
  EXPECT_EQ(heard.all()[1], data_json(sweep(3)));
}

TEST_F(Nats, goes_to_the_subject_of_prefix_and_type) {
  start();
  EventBus bus;
  NatsSettings with = settings();
  with.subject_prefix = "desk.one";
  natsConnection* other = nullptr;
  natsSubscription* subscription = nullptr;
  ASSERT_TRUE(eventually([&] { return natsConnection_ConnectTo(&other, with.url.c_str()) == NATS_OK; }));
  ASSERT_EQ(natsConnection_SubscribeSync(&subscription, other, "desk.one.sweep.completed"), NATS_OK);
  natsConnection_Flush(other);
  const auto sending = open(bus, with);
  bus.publish(sweep(4));
  ASSERT_TRUE(sending->flush(30));
  natsMsg* message = nullptr;
  ASSERT_EQ(natsSubscription_NextMsg(&message, subscription, 30'000), NATS_OK);
  const auto event = parse_cloud_event(natsMsg_GetData(message));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->subject, "run-4");
  natsMsg_Destroy(message);
  natsSubscription_Destroy(subscription);
  natsConnection_Destroy(other);
}

TEST_F(Nats, a_handler_may_close_the_bridge_that_brings_the_event) {
  start();
  EventBus here, there;
  const auto sending = open(here, settings());
  auto listening = open(there, settings(true));
  ASSERT_TRUE(eventually([&] { return sending->report().connected && listening->report().connected; }));
  there.publish(WorkflowPhaseChanged{"w", "p", "running", ""});
  ASSERT_TRUE(listening->flush(30));
  std::atomic<bool> closed{false};
  const auto held = there.subscribe<SweepCompleted>([&](const SweepCompleted&) {
    listening->close();
    closed = true;
  });
  here.publish(sweep(1));
  EXPECT_TRUE(eventually([&] { return closed.load(); }));
}

TEST_F(Nats, speaks_tls_only_to_the_host_its_certificate_names) {
  for (const std::string& name : {std::string("localhost"), std::string("other.example")}) {
    const Folder folder;
    const std::string base = (folder.path / "server").string();
    Process make({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-addext",
                  "subjectAltName=DNS:" + name, "-keyout", base + ".key", "-out", base + ".pem"});
    if (!make.started() || make.wait() != 0) GTEST_SKIP() << "the command openssl is not there";
    port = free_port();
    start({"--tls", "--tlscert", base + ".pem", "--tlskey", base + ".key"});
    NatsSettings with = settings();
    with.url = "tls://localhost:" + std::to_string(port);
    with.ca_file = base + ".pem";
    EventBus bus;
    const auto sending = open(bus, with);
    bus.publish(sweep(1));
    if (name == "localhost") {
      EXPECT_TRUE(sending->flush(60)) << sending->report().last_fault;
    } else {
      EXPECT_FALSE(sending->flush(3));
      EXPECT_EQ(sending->report().sent, 0U);
    }
    with.ca_file.clear();
    const auto distrusting = open(bus, with);
    bus.publish(sweep(2));
    EXPECT_FALSE(distrusting->flush(2)) << "a certificate nobody vouches for";
  }
}

TEST_F(Nats, a_server_that_asks_for_a_token_lets_in_who_has_it) {
  start({"--auth", "sesame"});
  EventBus bus;
  NatsSettings with = settings();
  with.url = "nats://sesame@127.0.0.1:" + std::to_string(port);
  const auto let_in = open(bus, with);
  bus.publish(sweep(1));
  ASSERT_TRUE(let_in->flush(60)) << let_in->report().last_fault;
  with.url = "nats://wrong@127.0.0.1:" + std::to_string(port);
  const auto kept_out = open(bus, with);
  bus.publish(sweep(2));
  EXPECT_FALSE(kept_out->flush(0.2));
  ASSERT_TRUE(eventually([&] { return !kept_out->report().last_fault.empty(); }));
  EXPECT_FALSE(kept_out->report().connected);
  EXPECT_EQ(kept_out->report().last_fault.find("wrong"), std::string::npos);
  kept_out->close();
  EXPECT_EQ(kept_out->report().dropped, 1U);
  EXPECT_EQ(kept_out->report().pending, 0U);
}

TEST_F(Nats, what_cannot_be_used_is_an_error_at_once) {
  EventBus bus;
  NatsSettings with = settings();
  with.url = "tls://a.example,tls://b.example";
  EXPECT_EQ(NatsBridge::open(bus, with, "s").error().code(), Errc::invalid_config);
  with.url = "tls://localhost:1";
  with.ca_file = "/no/such/file";
  EXPECT_EQ(NatsBridge::open(bus, with, "s").error().code(), Errc::invalid_config);
}

}  // namespace
}  // namespace tradewind::notifications
