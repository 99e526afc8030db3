// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/nats_bridge.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <nats/nats.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/notifications/event_queue.hpp"

namespace tradewind::notifications {
namespace {

constexpr std::int64_t kConnectMilliseconds = 2000;
constexpr std::int64_t kReconnectMilliseconds = 500;
constexpr std::int64_t kReconnectJitter = 500;
constexpr std::int64_t kWriteMilliseconds = 5000;
constexpr int kReconnectBytes = 1 << 20;
constexpr std::string_view kTypePrefix = "tradewind.";

/// The event of others that this thread is putting onto the bus: it must not be sent back. What handlers publish in answer must.
thread_local const void* brought_in = nullptr;

std::string text_of(natsStatus status) { return natsStatus_GetText(status); }

/// An event on its way out; what it costs to write it down is paid by the sending thread.
struct Outgoing {
  AnalyticsEvent event;
  UnixNanos time = 0;
};

/// What libnats's threads touch. It lives until their last call, which may come after the bridge is gone.
struct Link {
  std::mutex mutex;
  std::condition_variable changed;
  bool connected = false;
  bool closing = false;
  std::string fault;
  std::uint64_t received = 0;
  std::uint64_t refused = 0;
  std::recursive_mutex delivering;  ///< held while an event of others is on the bus; a handler may close the bridge
  EventBus* bus = nullptr;          ///< null once the bridge is closed
  std::shared_ptr<Link> held_by_connection;
  std::shared_ptr<Link> held_by_subscription;

  void set(bool now, std::string why = {}) {
    const std::lock_guard lock(mutex);
    connected = now;
    if (!why.empty()) fault = std::move(why);
    changed.notify_all();
  }
};

void on_connected(natsConnection*, void* closure) { static_cast<Link*>(closure)->set(true); }
void on_disconnected(natsConnection*, void* closure) { static_cast<Link*>(closure)->set(false, "the connection was lost"); }

void on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
  auto& link = *static_cast<Link*>(closure);
  const std::lock_guard lock(link.mutex);
  link.fault = text_of(status);
}

void on_closed(natsConnection* connection, void* closure) {
  const std::shared_ptr<Link> link = std::move(static_cast<Link*>(closure)->held_by_connection);
  const char* why = nullptr;
  const bool said = natsConnection_GetLastError(connection, &why) != NATS_OK && why != nullptr && *why != '\0';
  const bool asked_for = [&] {
    const std::lock_guard lock(link->mutex);
    return link->closing;
  }();
  link->set(false, said && !asked_for ? fmt::format("the server ended the connection: {}", printable(why, 200)) : std::string());
}

void on_complete(void* closure) { static_cast<Link*>(closure)->held_by_subscription.reset(); }

/// An event of others.
void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
  auto& link = *static_cast<Link*>(closure);
  const std::string_view text(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
  const auto event = [&]() -> Result<AnalyticsEvent> {
    TRADEWIND_ASSIGN(const CloudEvent read, parse_cloud_event(text));
    return from_cloud_event(read);
  }();
  {
    const std::lock_guard lock(link.mutex);
    ++(event ? link.received : link.refused);
    if (!event) link.fault = fmt::format("refused a message to {}: {}", printable(natsMsg_GetSubject(message)), event.error().message());
  }
  natsMsg_Destroy(message);
  const std::lock_guard lock(link.delivering);
  if (!event || link.bus == nullptr) return;
  std::visit(
      [&](const auto& one) {
        brought_in = &one;
        link.bus->publish(one);
        brought_in = nullptr;
      },
      *event);
}

struct OptionsDeleter {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using Options = std::unique_ptr<natsOptions, OptionsDeleter>;

Status check(natsStatus status, const std::string& what) {
  if (status == NATS_OK) return {};
  const char* more = nats_GetLastError(nullptr);
  return Error(
      Errc::invalid_config,
      fmt::format("{} cannot be used: {}{}", what, text_of(status), more == nullptr ? "" : fmt::format(" ({})", printable(more, 200))),
      "events.nats");
}

std::string host_of(std::string_view url) {
  std::string_view rest = url.substr(url.find("://") + 3);
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (rest.starts_with("[")) return std::string(rest.substr(1, rest.find(']') - 1));
  return std::string(rest.substr(0, rest.find_first_of(":/")));
}

/// TLS as soon as one URL asks for it; the certificate's name is checked against the URL's.
Status set_security(natsOptions* options, const NatsSettings& settings) {
  const std::vector<std::string> urls = split(settings.url, ',');
  const bool tls = std::any_of(urls.begin(), urls.end(), [](const std::string& url) { return url.starts_with("tls://"); });
  if (!settings.credentials.empty())
    TRADEWIND_TRY(check(natsOptions_SetUserCredentialsFromFiles(options, settings.credentials.c_str(), nullptr), "credentials"));
  if (!tls) return {};
  TRADEWIND_TRY(check(natsOptions_SetSecure(options, true), "TLS"));
  if (!settings.ca_file.empty()) TRADEWIND_TRY(check(natsOptions_LoadCATrustedCertificates(options, settings.ca_file.c_str()), "ca_file"));
  const std::string host = host_of(urls.front());
  if (std::any_of(urls.begin(), urls.end(), [&](const std::string& url) { return host_of(url) != host; }))
    return Error(Errc::invalid_config, "servers reached by TLS must share one host name", "events.nats.url",
                 "name them by the host their certificate is for");
  return check(natsOptions_SetExpectedHostname(options, host.c_str()), "host name");
}

Result<Options> make_options(const NatsSettings& settings, Link* link) {
  natsOptions* made = nullptr;
  TRADEWIND_TRY(check(natsOptions_Create(&made), "libnats"));
  Options options(made);
  std::vector<std::string> urls = split(settings.url, ',');
  std::vector<const char*> servers;
  for (const std::string& url : urls) servers.push_back(url.c_str());
  if (natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())) != NATS_OK)  // libnats's own text shows the whole URL
    return Error(Errc::invalid_config, "the URL of the NATS server cannot be used", "events.nats.url", "write it as nats://host:port");
  TRADEWIND_TRY(set_security(made, settings));
  natsStatus status = natsOptions_SetName(made, "tradewind");
  const auto also = [&](natsStatus next) { status = status == NATS_OK ? next : status; };
  also(natsOptions_SetTimeout(made, kConnectMilliseconds));
  also(natsOptions_SetMaxReconnect(made, -1));
  also(natsOptions_SetReconnectWait(made, kReconnectMilliseconds));
  also(natsOptions_SetReconnectJitter(made, kReconnectJitter, kReconnectJitter));
  also(natsOptions_SetReconnectBufSize(made, kReconnectBytes));
  also(natsOptions_SetWriteDeadline(made, kWriteMilliseconds));
  also(natsOptions_SetNoEcho(made, true));
  also(natsOptions_SetRetryOnFailedConnect(made, true, on_connected, link));
  also(natsOptions_SetReconnectedCB(made, on_connected, link));
  also(natsOptions_SetDisconnectedCB(made, on_disconnected, link));
  also(natsOptions_SetErrorHandler(made, on_error, link));
  also(natsOptions_SetClosedCB(made, on_closed, link));
  TRADEWIND_TRY(check(status, "libnats's options"));
  return options;
}

}  // namespace

struct NatsBridge::State {
  NatsSettings settings;
  std::string source;
  const Clock& clock;
  std::shared_ptr<Link> link = std::make_shared<Link>();
  Options options;
  natsConnection* connection = nullptr;  ///< set under link->mutex by the connecting thread
  natsSubscription* incoming = nullptr;
  std::uint64_t sent = 0;  ///< under link->mutex, as is unsent
  std::uint64_t unsent = 0;
  bool closed = false;
  std::thread connecting;
  std::unique_ptr<EventQueue<Outgoing>> queue;
  std::vector<Subscription> subscriptions;

  State(const NatsSettings& given, std::string said_by, const Clock& with) : settings(given), source(std::move(said_by)), clock(with) {}
  template <class Event>
  void listen(EventBus& bus) {
    subscriptions.push_back(bus.subscribe<Event>([this](const Event& event) {
      if (&event != brought_in) queue->push({event, clock.now()});
    }));
  }
  template <std::size_t... I>
  void listen_to_all(EventBus& bus, std::index_sequence<I...>) {
    (listen<std::variant_alternative_t<I, AnalyticsEvent>>(bus), ...);
  }
  void connect();
  void send(const Outgoing& outgoing);
  void close();
  std::string subject(const std::string& type) const {
    return settings.subject_prefix + "." + type.substr(type.starts_with(kTypePrefix) ? kTypePrefix.size() : 0);
  }
};

/// The first attempt may take as long as a network keeps silent; later ones are made by libnats's own thread.
void NatsBridge::State::connect() {
  natsConnection* made = nullptr;
  link->held_by_connection = link;
  const natsStatus status = natsConnection_Connect(&made, options.get());
  if (made == nullptr) {
    link->held_by_connection.reset();
    link->set(false, text_of(status));
    return;
  }
  if (settings.subscribe) {
    const std::string all = settings.subject_prefix + ".>";
    link->held_by_subscription = link;
    const natsStatus subscribed = natsConnection_Subscribe(&incoming, made, all.c_str(), on_message, link.get());
    if (subscribed == NATS_OK)
      natsSubscription_SetOnCompleteCB(incoming, on_complete, link.get());
    else
      link->held_by_subscription.reset();
    if (subscribed != NATS_OK) link->set(false, text_of(subscribed));
    // Who sees the bridge connected may count on hearing what is published from then on.
    if (subscribed == NATS_OK && status == NATS_OK) natsConnection_FlushTimeout(made, kConnectMilliseconds);
  }
  const std::lock_guard lock(link->mutex);
  connection = made;
  link->connected = link->connected || status == NATS_OK;
  if (status != NATS_OK) link->fault = "the server cannot be reached";
  link->changed.notify_all();
}

void NatsBridge::State::send(const Outgoing& outgoing) {
  const CloudEvent event = to_cloud_event(outgoing.event, source, outgoing.time);
  std::unique_lock lock(link->mutex);
  link->changed.wait(lock, [&] { return link->closing || (link->connected && connection != nullptr); });
  natsStatus status = NATS_CONNECTION_CLOSED;
  if (!link->closing) {
    lock.unlock();
    status = natsConnection_PublishString(connection, subject(event.type).c_str(), to_json(event).c_str());
    lock.lock();
    if (status != NATS_OK) link->fault = text_of(status);
  }
  ++(status == NATS_OK ? sent : unsent);
}

void NatsBridge::State::close() {
  if (closed) return;
  closed = true;
  subscriptions.clear();
  {
    const std::lock_guard lock(link->delivering);
    link->bus = nullptr;
  }
  {
    const std::lock_guard lock(link->mutex);
    link->closing = true;
    link->changed.notify_all();
  }
  if (queue) queue->close();
  if (connecting.joinable()) connecting.join();
  if (incoming != nullptr) natsSubscription_Destroy(incoming);
  if (connection == nullptr) return;
  natsConnection_FlushTimeout(connection, 1);  // what is buffered goes out if it can at once
  natsConnection_Destroy(connection);
  const std::lock_guard lock(link->mutex);
  connection = nullptr;
  link->connected = false;
}

NatsBridge::NatsBridge(std::unique_ptr<State> state) : state_(std::move(state)) {}
NatsBridge::~NatsBridge() { close(); }

Result<std::unique_ptr<NatsBridge>> NatsBridge::open(EventBus& bus, const NatsSettings& settings, const std::string& source,
                                                     const Clock& clock) {
  auto state = std::make_unique<State>(settings, source, clock);
  state->link->bus = &bus;
  TRADEWIND_ASSIGN(state->options, make_options(settings, state->link.get()));
  State* const raw = state.get();
  state->queue = std::make_unique<EventQueue<Outgoing>>([raw](const Outgoing& outgoing) { raw->send(outgoing); },
                                                        QueueOptions{settings.max_pending, Overflow::drop_oldest});
  auto connecting = start_thread([raw] { raw->connect(); });
  if (!connecting) return no_thread_error().with_context("connecting to NATS");
  state->connecting = std::move(*connecting);
  raw->listen_to_all(bus, std::make_index_sequence<std::variant_size_v<AnalyticsEvent>>());
  return std::unique_ptr<NatsBridge>(new NatsBridge(std::move(state)));
}

bool NatsBridge::flush(double seconds) {
  const Stopwatch watch;
  if (!state_->queue->drain(seconds)) return false;
  natsConnection* connection = nullptr;
  {
    const std::lock_guard lock(state_->link->mutex);
    if (state_->unsent > 0) return false;
    if (state_->sent == 0) return true;
    connection = state_->connection;
  }
  const double left = std::max(0.001, seconds - watch.seconds());
  return connection != nullptr && natsConnection_FlushTimeout(connection, static_cast<std::int64_t>(left * 1000) + 1) == NATS_OK;
}

void NatsBridge::close() { state_->close(); }

NatsReport NatsBridge::report() const {
  NatsReport out;
  {
    const std::lock_guard lock(state_->link->mutex);
    out.connected = state_->link->connected;
    out.sent = state_->sent;
    out.dropped = state_->unsent;
    out.received = state_->link->received;
    out.refused = state_->link->refused;
    out.last_fault = state_->link->fault;
  }
  const QueueCounts counts = state_->queue->counts();
  out.dropped += counts.dropped;
  out.pending = counts.pending;
  return out;
}

}  // namespace tradewind::notifications
