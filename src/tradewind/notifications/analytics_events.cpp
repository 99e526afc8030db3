// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/analytics_events.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::notifications {
namespace {

/// Puts an event's fields into an object.
struct Writer {
  Json out = Json::object();
  void operator()(const char* name, const std::string& value) { out[name] = value; }
  void operator()(const char* name, const std::vector<std::string>& value) { out[name] = value; }
  void operator()(const char* name, std::int64_t value) { out[name] = value; }
  void operator()(const char* name, double value) { out[name] = std::isfinite(value) ? Json(value) : Json(nullptr); }
  void time(const char* name, UnixNanos value) { out[name] = format_time(value); }
};

/// Takes them out again; remembers the first that is of the wrong kind.
struct Reader {
  const Json& in;
  std::optional<Error> fault = std::nullopt;

  const Json* find(const char* name) const {
    const auto it = in.find(name);
    return it == in.end() ? nullptr : &*it;
  }
  void wrong(const char* name, const char* wanted) {
    if (!fault) fault = Error(Errc::invalid_data, fmt::format("field {} of the event is not {}", name, wanted), name);
  }
  void operator()(const char* name, std::string& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    if (found->is_string())
      value = found->get<std::string>();
    else
      wrong(name, "a text");
  }
  void operator()(const char* name, std::vector<std::string>& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    if (found->is_array() && std::all_of(found->begin(), found->end(), [](const Json& item) { return item.is_string(); }))
      value = found->get<std::vector<std::string>>();
    else
      wrong(name, "a list of texts");
  }
  void operator()(const char* name, std::int64_t& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    const bool fits = found->is_number_integer() && !(found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t{1} << 62);
    if (fits)
      value = found->get<std::int64_t>();
    else
      wrong(name, "a whole number");
  }
  void operator()(const char* name, double& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    if (found->is_number())
      value = found->get<double>();
    else if (!found->is_null())
      wrong(name, "a number or null");
  }
  void time(const char* name, UnixNanos& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    const auto parsed = found->is_string() ? parse_time(found->get<std::string>()) : std::nullopt;
    if (parsed && parsed->zone != ZoneForm::none)
      value = parsed->nanos;
    else
      wrong(name, "a time with its zone");
  }
};

template <class Body, std::size_t... I>
void for_each_type(Body&& body, std::index_sequence<I...>) {
  (body(std::variant_alternative_t<I, AnalyticsEvent>{}), ...);
}

/// Calls body with an empty event of every type.
template <class Body>
void for_each_type(Body&& body) {
  for_each_type(body, std::make_index_sequence<std::variant_size_v<AnalyticsEvent>>());
}

}  // namespace

std::string_view type_of(const AnalyticsEvent& event) {
  return std::visit([](const auto& one) { return one.kType; }, event);
}

std::span<const std::string> event_types() {
  static const std::vector<std::string> types = [] {
    std::vector<std::string> out;
    for_each_type([&](const auto& event) { out.emplace_back(event.kType); });
    return out;
  }();
  return types;
}

std::vector<AnalyticsEvent> empty_events() {
  std::vector<AnalyticsEvent> out;
  for_each_type([&](auto event) { out.emplace_back(std::move(event)); });
  return out;
}

std::string data_json(const AnalyticsEvent& event) {
  Writer writer;
  std::visit([&](const auto& one) { one.fields(one, writer); }, event);
  return dump_json(writer.out);
}

CloudEvent to_cloud_event(const AnalyticsEvent& event, const std::string& source, UnixNanos time) {
  CloudEvent out;
  out.source = source;
  std::visit(
      [&](const auto& one) {
        out.type = one.kType;
        out.subject = one.subject();
      },
      event);
  out.time = time;
  out.data = data_json(event);
  out.id = content_id(out);
  return out;
}

Result<AnalyticsEvent> from_cloud_event(const CloudEvent& event) {
  const Json data = read_json(event.data);
  if (!data.is_object()) return Error(Errc::invalid_data, "the event's data is not a JSON object", event.type);
  std::optional<Result<AnalyticsEvent>> out;
  for_each_type([&](auto one) {
    if (event.type != one.kType) return;
    Reader reader{data};
    one.fields(one, reader);
    if (reader.fault)
      out.emplace(reader.fault->with_context(event.type));
    else if (one.subject().empty())
      out.emplace(Error(Errc::invalid_data, "the event does not say what it is about", event.type));
    else
      out.emplace(AnalyticsEvent(std::move(one)));
  });
  if (out) return std::move(*out);
  return Error(Errc::unknown_name, fmt::format("no event has the type '{}'", printable(event.type)), "type",
               suggestion(event.type, event_types()));
}

void publish(const EventBus& bus, const AnalyticsEvent& event) {
  std::visit([&](const auto& one) { bus.publish(one); }, event);
}

std::vector<Subscription> subscribe_all(EventBus& bus, const std::function<void(const AnalyticsEvent&)>& handler) {
  std::vector<Subscription> out;
  for_each_type([&](const auto& sample) {
    using Event = std::decay_t<decltype(sample)>;
    out.push_back(bus.subscribe<Event>([handler](const Event& event) { handler(AnalyticsEvent(event)); }));
  });
  return out;
}

}  // namespace tradewind::notifications
