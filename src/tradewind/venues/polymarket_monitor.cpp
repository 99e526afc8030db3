// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_monitor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/venues/polymarket_feed_internal.hpp"

namespace tradewind::venues {
namespace {

constexpr std::size_t kMostFaultNotes = 20;
constexpr double kWindow = 10;  // seconds, of all documented limits

}  // namespace

http::ClientOptions client_options(const PolymarketSettings& settings) {
  http::ClientOptions options;
  options.connections_per_host = settings.connections;
  options.connections = 2 * settings.connections;
  options.attempts = settings.attempts;
  options.ca_file = settings.ca_file;
  const auto limit = [&](const std::string& prefix, int requests) {
    options.limits.push_back({prefix, std::max(1, static_cast<int>(std::floor(requests * settings.rate_share))), kWindow});
  };
  limit(settings.gamma_url + "/markets", 300);
  limit(settings.gamma_url + "/events", 500);
  limit(settings.gamma_url, 4000);
  limit(settings.clob_url + "/books", 500);
  limit(settings.clob_url + "/book", 1500);
  limit(settings.clob_url, 9000);
  return options;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

Error venue_error(const http::Response& response, const std::string& where) {
  if (response.status == 0)
    return Error(Errc::venue, "the venue did not answer: " + response.error, where, "check the network; the next poll tries again");
  if (response.status == 425)
    return Error(Errc::venue, "the venue's engine is restarting", where, "wait a few minutes; the next poll tries again");
  if (response.status == 429)
    return Error(Errc::venue, "the venue refused as there were too many requests", where, "lower polymarket.rate_share or poll less often");
  return Error(Errc::venue, fmt::format("the venue answered with status {}", response.status), where,
               response.status >= 500 ? "the fault is the venue's; the next poll tries again" : "the venue may have changed its interface");
}

void PolymarketLink::note(std::string text) {
  if (faults.notes.size() == kMostFaultNotes) faults.notes.erase(faults.notes.begin());
  faults.notes.push_back(std::move(text));
}

http::Request PolymarketLink::get(std::string url) const {
  http::Request request;
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}};
  request.timeout_seconds = settings.timeout_seconds;
  return request;
}

std::vector<http::Response> PolymarketLink::fetch_all(std::span<const http::Request> requests) const {
  return client->fetch_all(requests, go_on);
}

class PolymarketMonitor::Impl {
 public:
  explicit Impl(PolymarketSettings settings) : link(std::move(settings)), listing(link), books(link) {}
  PolymarketLink link;
  PolymarketListing listing;
  PolymarketBooks books;
  std::vector<trading::PredictionMarket> open;
  std::optional<std::int64_t> listed;  // monotonic
};

Result<std::unique_ptr<PolymarketMonitor>> PolymarketMonitor::make(PolymarketSettings settings) {
  auto impl = std::make_unique<Impl>(std::move(settings));
  TRADEWIND_ASSIGN(impl->link.client, http::Client::make(client_options(impl->link.settings)));
  std::unique_ptr<PolymarketMonitor> monitor(new PolymarketMonitor(std::move(impl)));
  monitor->watch(monitor->impl_->link.settings.market_ids);
  return monitor;
}

PolymarketMonitor::PolymarketMonitor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PolymarketMonitor::~PolymarketMonitor() = default;

Result<std::vector<trading::PredictionMarket>> PolymarketMonitor::get_active_markets() {
  const std::int64_t now = system_clock().steady();
  const double since = impl_->listed ? static_cast<double>(now - *impl_->listed) * 1e-9 : 0;
  if (impl_->listed && since < impl_->link.settings.refresh_markets_seconds) return impl_->open;
  TRADEWIND_ASSIGN(auto markets, impl_->listing.refresh());
  impl_->listed = now;
  impl_->books.try_again();
  impl_->open.clear();
  std::copy_if(markets.begin(), markets.end(), std::back_inserter(impl_->open), [](const auto& market) { return !market.payout; });
  return markets;
}

Result<trading::MarketPrices> PolymarketMonitor::get_market_prices(const std::string& market_id) {
  const KnownMarket* known = impl_->link.catalog.find(market_id);
  if (known == nullptr || !known->read)
    return Error(Errc::unknown_name, fmt::format("no market is called '{}'", printable(market_id)), {}, "list the markets first");
  TRADEWIND_ASSIGN(auto all, impl_->books.fetch({market_id}));
  if (all.empty())
    return Error(Errc::venue, "the venue has no books of the market", market_id,
                 "a new market has none for some minutes; the next poll tries again");
  return std::move(all.front());
}

Result<std::vector<trading::MarketPrices>> PolymarketMonitor::get_prices(const std::vector<std::string>& market_ids) {
  return impl_->books.fetch(market_ids);
}

void PolymarketMonitor::watch(const std::vector<std::string>& market_ids) {
  for (const std::string& id : market_ids)
    if (is_condition_id(id)) impl_->link.catalog.watch(id);
}

void PolymarketMonitor::while_waiting(std::function<bool()> go_on) { impl_->link.go_on = std::move(go_on); }

const PolymarketFaults& PolymarketMonitor::faults() const noexcept { return impl_->link.faults; }
http::ClientStatistics PolymarketMonitor::statistics() const { return impl_->link.client->statistics(); }

}  // namespace tradewind::venues
