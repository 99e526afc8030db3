// SPDX-License-Identifier: Apache-2.0
#include "tradewind/config/secrets.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::config {
namespace {

/// Scheme with "://", user with "@", host, path, query and fragment.
struct UrlParts {
  std::string_view scheme;
  std::string_view user;
  std::string_view host;
  std::string_view path;
  std::string_view rest;
};

UrlParts parts_of(std::string_view url) {
  UrlParts parts;
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return parts;
  parts.scheme = url.substr(0, scheme + 3);
  url.remove_prefix(scheme + 3);
  // ${NAME} may hold anything, a slash too; its name cannot.
  const auto end = std::min(url.find_first_of("/?#"), url.size());
  const auto at = url.substr(0, end).rfind('@');
  parts.user = url.substr(0, at == std::string_view::npos ? 0 : at + 1);
  parts.host = url.substr(parts.user.size(), end - parts.user.size());
  const auto rest = std::min(url.find_first_of("?#"), url.size());
  parts.path = url.substr(end, rest - end);
  parts.rest = url.substr(rest);
  return parts;
}

bool is_written_out(std::string_view value) { return !value.empty() && value.find("${") == std::string_view::npos; }

/// Whether a name in a query is one that keys are given under.
bool names_a_secret(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"key", "token", "secret", "password", "auth", "signature"};
  const std::string small = lower(name);
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view one) { return small.find(one) != std::string::npos; });
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::string expand(MapReader& reader, std::string_view key, const std::string& text, const Environment& environment) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find("${", at);
    out += text.substr(at, open == std::string::npos ? open : open - at);
    if (open == std::string::npos) break;
    const auto close = text.find('}', open);
    const std::string name = text.substr(open + 2, close == std::string::npos ? close : close - open - 2);
    const auto value = close == std::string::npos ? std::nullopt : environment(name);
    if (value)
      out += *value;
    else
      reader.complain(key, fmt::format("the variable '{}' is not in the environment", printable(name)), "export it before the command");
    if (close == std::string::npos) break;
    at = close + 1;
  }
  return out;
}

void refuse_literal_secrets(MapReader& reader, std::string_view key, const std::string& url) {
  const UrlParts parts = parts_of(url);
  const auto colon = parts.user.find(':');
  if (colon != std::string_view::npos && is_written_out(parts.user.substr(colon + 1, parts.user.size() - colon - 2)))
    reader.complain(key, "holds a password", "export it and write ${NAME} in its place");
  for (const std::string& one : split(parts.rest.substr(parts.rest.empty() ? 0 : 1), '&')) {
    const auto equals = std::min(one.find('='), one.size());
    const std::string_view name = std::string_view(one).substr(0, equals);
    if (is_literal_secret(name, std::string_view(one).substr(std::min(equals + 1, one.size()))))
      reader.complain(key, fmt::format("holds a secret: '{}'", printable(name)), "export it and write ${NAME} in its place");
  }
}

bool is_literal_secret(std::string_view name, std::string_view value) { return names_a_secret(name) && is_written_out(value); }

void check_secret_file(MapReader& reader, std::string_view key, const std::string& file) {
  if (file.empty()) return;
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  using std::filesystem::perms;
  if (status.type() != std::filesystem::file_type::regular)
    reader.complain(key, fmt::format("the file {} is not there", printable(file)));
  else if ((status.permissions() & (perms::group_all | perms::others_all)) != perms::none)
    reader.complain(key, fmt::format("the file {} can be opened by others than its owner", printable(file)), "chmod 600 it");
}

std::string display_url(std::string_view url) {
  const UrlParts parts = parts_of(url);
  return parts.scheme.empty() ? "(no URL)" : fmt::format("{}{}", printable(parts.scheme), printable(parts.host));
}

std::string public_url(std::string_view url) {
  const UrlParts parts = parts_of(url);
  return fmt::format("{}{}{}", parts.scheme, parts.host, parts.path);
}

}  // namespace tradewind::config
