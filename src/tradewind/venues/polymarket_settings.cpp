// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_settings.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/venues/polymarket_parse.hpp"

namespace tradewind::venues {
namespace {

bool is_loopback(std::string_view host) {
  host = host.substr(0, host.find('/'));
  return host == "localhost" || host.starts_with("localhost:") || host == "127.0.0.1" || host.starts_with("127.0.0.1:");
}

std::string url(config::MapReader& reader, std::string_view key, const std::string& usual) {
  std::string text = reader.text(key, usual);
  while (text.ends_with('/')) text.pop_back();
  const bool secret = text.starts_with("https://") && text.size() > 8;
  const bool local = text.starts_with("http://") && is_loopback(std::string_view(text).substr(7));
  if (!secret && !local)
    reader.complain(key, fmt::format("'{}' is no https:// address", printable(text)), "only a server on this machine may be without TLS");
  if (text.find_first_of("?# \t@") != std::string::npos) reader.complain(key, "must be scheme, host, port and path only");
  return text;
}

void check_names(config::MapReader& reader, std::string_view key, const std::vector<std::string>& names, bool (*good)(std::string_view),
                 std::string_view what) {
  for (const std::string& name : names)
    if (!good(name)) reader.complain(key, fmt::format("'{}' is no {}", printable(name), what));
}

}  // namespace

PolymarketSettings read_polymarket_settings(config::MapReader& reader) {
  PolymarketSettings out;
  out.gamma_url = url(reader, "gamma_url", out.gamma_url);
  out.clob_url = url(reader, "clob_url", out.clob_url);
  out.ca_file = reader.text("ca_file");
  std::error_code ignored;
  if (!out.ca_file.empty() && !std::filesystem::is_regular_file(out.ca_file, ignored))
    reader.complain("ca_file", fmt::format("the file {} is not there", printable(out.ca_file)));
  const auto whole = [&](std::string_view key, std::int64_t usual, std::int64_t least, std::int64_t most) {
    return reader.whole_number(key, usual, least, most);
  };
  out.max_markets = static_cast<std::size_t>(whole("max_markets", static_cast<std::int64_t>(out.max_markets), 1, 100'000));
  out.min_volume = reader.number("min_volume", out.min_volume, 0, 1e15);
  out.tags = reader.text_list("tags");
  out.market_ids = reader.text_list("market_ids");
  out.market_slugs = reader.text_list("market_slugs");
  check_names(reader, "tags", out.tags, is_slug, "slug or number of a tag");
  check_names(reader, "market_ids", out.market_ids, is_condition_id, "condition id (0x and 64 hexadecimal digits)");
  check_names(reader, "market_slugs", out.market_slugs, is_slug, "slug of a market");
  out.events_per_request = static_cast<int>(whole("events_per_request", out.events_per_request, 1, 500));
  out.books_per_request = static_cast<int>(whole("books_per_request", out.books_per_request, 2, 500));
  out.connections = static_cast<int>(whole("connections", out.connections, 1, 64));
  out.timeout_seconds = reader.number("timeout", out.timeout_seconds, 0.1, 600);
  out.attempts = static_cast<int>(whole("attempts", out.attempts, 1, 20));
  out.refresh_markets_seconds = reader.number("refresh_markets", out.refresh_markets_seconds, 0, 86'400);
  out.rate_share = reader.number("rate_share", out.rate_share, 0.01, 1);
  return out;
}

}  // namespace tradewind::venues
