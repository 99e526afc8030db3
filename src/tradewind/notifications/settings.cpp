// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/settings.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/notifications/analytics_events.hpp"

namespace tradewind::notifications {
namespace {

constexpr std::size_t kMostHooks = 64;
constexpr std::string_view kEventPrefix = "tradewind.";

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

/// What the name of a header may hold besides letters and digits [RFC 9110, 5.6.2].
constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

class SettingsReader {
 public:
  SettingsReader(config::Complaints& complaints, const Environment& environment) : complaints_(complaints), environment_(environment) {}

  NatsSettings nats(const config::Value& map, const std::string& path);
  Webhook webhook(const config::Value& map, const std::string& path);

 private:
  std::string secret_text(config::MapReader& reader, std::string_view key, const std::string& text) const;
  std::string url(config::MapReader& reader, std::span<const std::string_view> schemes, bool several);
  std::vector<std::string> types(config::MapReader& reader) const;
  void headers(config::MapReader& reader, Webhook& hook) const;
  void body(config::MapReader& reader, Webhook& hook) const;
  void signature(config::MapReader& reader, Webhook& hook) const;

  config::Complaints& complaints_;
  const Environment& environment_;
};

std::string SettingsReader::secret_text(config::MapReader& reader, std::string_view key, const std::string& text) const {
  return config::expand(reader, key, text, environment_);
}

std::string SettingsReader::url(config::MapReader& reader, std::span<const std::string_view> schemes, bool several) {
  const std::string written = reader.required_text("url");
  for (const std::string& each : several ? split(written, ',') : std::vector{written}) config::refuse_literal_secrets(reader, "url", each);
  std::string text = secret_text(reader, "url", written);
  if (text.empty()) return text;
  for (const std::string& each : several ? split(text, ',') : std::vector{text}) {
    const bool known = std::any_of(schemes.begin(), schemes.end(),
                                   [&](std::string_view scheme) { return each.starts_with(scheme) && each.size() > scheme.size(); });
    if (!known)
      reader.complain("url", fmt::format("'{}' cannot be connected to", config::display_url(each)),
                      fmt::format("write a URL with {}", fmt::join(schemes, " or ")));
  }
  if (!is_printable(text) || text.find(' ') != std::string::npos)
    reader.complain("url", "holds blanks or control characters", "write them as %20 and so on");
  return text;
}

NatsSettings SettingsReader::nats(const config::Value& map, const std::string& path) {
  static constexpr std::string_view kSchemes[] = {"nats://", "tls://"};
  config::MapReader reader(map, path, complaints_);
  NatsSettings out;
  out.url = url(reader, kSchemes, true);
  out.subject_prefix = reader.text("subject_prefix", out.subject_prefix);
  const auto words = split(out.subject_prefix, '.');
  const auto is_word = [](const std::string& word) { return is_token(word) && word.find_first_of("*") == std::string::npos; };
  if (!std::all_of(words.begin(), words.end(), is_word))
    reader.complain("subject_prefix", fmt::format("'{}' is no subject", printable(out.subject_prefix)),
                    "write words with points between, e.g. desk.tradewind");
  out.credentials = reader.text("credentials");
  out.ca_file = reader.text("ca_file");
  config::check_secret_file(reader, "credentials", out.credentials);
  std::error_code ignored;
  if (!out.ca_file.empty() && !std::filesystem::is_regular_file(out.ca_file, ignored))
    reader.complain("ca_file", fmt::format("the file {} is not there", printable(out.ca_file)));
  out.subscribe = reader.boolean("subscribe", out.subscribe);
  out.max_pending = static_cast<std::size_t>(reader.number("max_pending", static_cast<double>(out.max_pending), 1, 1e7));
  reader.finish();
  return out;
}

/// The full names of the event types under `on`. Without it all but performance.updated, which comes with every bar.
std::vector<std::string> SettingsReader::types(config::MapReader& reader) const {
  std::vector<std::string> known;
  for (const std::string& type : event_types()) known.push_back(type.substr(kEventPrefix.size()));
  std::vector<std::string> out;
  if (!reader.has("on")) {
    for (const std::string& type : event_types())
      if (type != PerformanceUpdated::kType) out.push_back(type);
    return out;
  }
  for (const std::string& name : reader.text_list("on")) {
    const std::string brief = name.starts_with(kEventPrefix) ? name.substr(kEventPrefix.size()) : name;
    if (std::find(known.begin(), known.end(), brief) != known.end())
      out.push_back(std::string(kEventPrefix) + brief);
    else
      reader.complain("on", fmt::format("no event is called '{}'", printable(name)), suggestion(brief, known));
  }
  if (out.empty()) reader.complain("on", "names no event", suggestion("", known));
  return out;
}

void SettingsReader::headers(config::MapReader& reader, Webhook& hook) const {
  const config::Value* map = reader.value("headers");
  if (map == nullptr) return;
  if (map->kind != config::Value::Kind::map) return reader.complain("headers", "must be a map of names to texts");
  for (const auto& [name, value] : map->entries) {
    const std::string text = secret_text(reader, "headers", value.text);
    const std::string small = lower(name);
    if (config::is_literal_secret(name, value.text))
      reader.complain("headers", fmt::format("the value of {} is a secret", name), "export it and write ${NAME} in its place");
    else if (!is_token(name))
      reader.complain("headers", fmt::format("'{}' cannot be a header's name", printable(name)));
    else if (value.kind != config::Value::Kind::scalar || !is_printable(text))
      reader.complain("headers", fmt::format("the value of {} is not one line of text", name));
    else if (small.starts_with("x-tradewind-") || small == "content-length" || small == "host" || small == "transfer-encoding")
      reader.complain("headers", fmt::format("the header {} is set by the sender", name), "leave it out");
    else
      hook.headers.emplace_back(name, text);
  }
}

void SettingsReader::body(config::MapReader& reader, Webhook& hook) const {
  if (!reader.has("template")) return;
  const auto type =
      std::find_if(hook.headers.begin(), hook.headers.end(), [](const auto& header) { return lower(header.first) == "content-type"; });
  const bool json = type == hook.headers.end() || lower(type->second).find("json") != std::string::npos;
  auto parsed = BodyTemplate::parse(reader.text("template"), json);
  if (!parsed) return reader.complain("template", parsed.error().message(), parsed.error().hint());
  for (const AnalyticsEvent& empty : empty_events()) {
    CloudEvent example = to_cloud_event(empty, "tradewind", 1);
    example.subject = "subject";
    if (std::find(hook.types.begin(), hook.types.end(), example.type) == hook.types.end()) continue;
    if (const auto fits = parsed->check(example); !fits) return reader.complain("template", fits.error().message(), fits.error().hint());
  }
  hook.body = std::move(*parsed);
}

void SettingsReader::signature(config::MapReader& reader, Webhook& hook) const {
  if (!reader.has("secret_env")) return;
  const std::string name = reader.text("secret_env");
  const auto secret = environment_(name);
  if (secret && !secret->empty())
    hook.secret = *secret;
  else
    reader.complain("secret_env", fmt::format("the variable '{}' is not in the environment", printable(name)),
                    "export the secret under that name; it is never written into a file");
}

Webhook SettingsReader::webhook(const config::Value& map, const std::string& path) {
  static constexpr std::string_view kSchemes[] = {"https://", "http://"};
  config::MapReader reader(map, path, complaints_);
  Webhook hook;
  hook.url = url(reader, kSchemes, false);
  hook.types = types(reader);
  headers(reader, hook);
  body(reader, hook);
  signature(reader, hook);
  hook.max_attempts = static_cast<int>(reader.number("max_attempts", hook.max_attempts, 1, 100));
  hook.timeout_seconds = reader.number("timeout", hook.timeout_seconds, 0.1, 600);
  hook.give_up_seconds = reader.number("give_up_after", hook.give_up_seconds, 0, 86'400);
  reader.finish();
  return hook;
}

}  // namespace

EventSettings read_event_settings(const config::Value& section, const std::string& path, config::Complaints& complaints,
                                  const Environment& environment) {
  EventSettings out;
  if (section.kind == config::Value::Kind::null) return out;
  if (section.kind != config::Value::Kind::map) {
    complaints.add(section.line, path, "must be a map", "give it the keys nats or webhooks");
    return out;
  }
  config::MapReader reader(section, path, complaints);
  SettingsReader settings(complaints, environment);
  if (const config::Value* nats = reader.value("nats")) {
    if (nats->kind == config::Value::Kind::map)
      out.nats = settings.nats(*nats, reader.path_of("nats"));
    else
      reader.complain("nats", "must be a map", "give it the key url");
  }
  if (const config::Value* hooks = reader.value("webhooks")) {
    if (hooks->kind != config::Value::Kind::list) reader.complain("webhooks", "must be a list", "write `- url: https://…` for each");
    if (hooks->items.size() > kMostHooks)
      reader.complain("webhooks", fmt::format("{} webhooks, at most {} are served", hooks->items.size(), kMostHooks));
    for (std::size_t i = 0; i < std::min(kMostHooks, hooks->items.size()); ++i) {
      const std::string place = fmt::format("{}[{}]", reader.path_of("webhooks"), i);
      if (hooks->items[i].kind == config::Value::Kind::map)
        out.webhooks.push_back(settings.webhook(hooks->items[i], place));
      else
        complaints.add(hooks->items[i].line, place, "must be a map", "give it the key url");
    }
  }
  reader.finish();
  return out;
}

}  // namespace tradewind::notifications
