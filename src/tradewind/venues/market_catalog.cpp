// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/market_catalog_internal.hpp"

#include <algorithm>

namespace tradewind::venues {
namespace {

constexpr int kPatience = 12;          // refreshes in which a market nobody knows is asked for every time
constexpr std::uint64_t kRarely = 10;  // later only every tenth

bool is_open(const KnownMarket& known) { return known.read && known.market.tradable(); }

}  // namespace

void MarketCatalog::watch(const std::string& market_id) {
  const auto [at, fresh] = known_.try_emplace(market_id);
  if (!fresh) return;
  at->second.market.id = market_id;
  at->second.ordinal = ordinals_++;
}

KnownMarket* MarketCatalog::find(const std::string& market_id) {
  const auto at = known_.find(market_id);
  return at == known_.end() ? nullptr : &at->second;
}

bool MarketCatalog::has_slug(const std::string& slug) const {
  return std::any_of(known_.begin(), known_.end(), [&](const auto& entry) { return entry.second.market.slug == slug; });
}

void MarketCatalog::start() {
  ++refresh_;
  events_.clear();
  for (auto& [id, known] : known_) known.seen = false;
}

void MarketCatalog::update(KnownMarket& known, const trading::PredictionMarket& market) {
  const bool was_open = is_open(known);
  const bool was_asked_for = known.market.token_ids[0].empty();
  // A token never changes; a page that says so mixes markets up.
  if (!was_asked_for && known.market.token_ids != market.token_ids) return;
  const bool twice = known.seen;
  const std::string event = known.market.event_id;
  known.market = market;
  if (twice && !event.empty()) known.market.event_id = event;
  known.read = true;
  known.seen = true;
  known.lookups_missed = 0;
  count(known, was_open);
}

void MarketCatalog::count(const KnownMarket& known, bool before) {
  const bool now = is_open(known);
  if (now && !before) ++tradable_;
  if (!now && before) --tradable_;
}

std::size_t MarketCatalog::take(const GammaPage& page) {
  std::size_t shown = 0;
  for (const trading::PredictionMarket& market : page.markets) {
    if (KnownMarket* known = find(market.id)) {
      const bool before = known->seen;
      update(*known, market);
      shown += !before && known->seen ? 1 : 0;
      continue;
    }
    if (!market.tradable() || market.volume < least_volume_ || full()) continue;
    watch(market.id);
    update(known_.at(market.id), market);
    ++shown;
  }
  for (const EventMembers& event : page.events) {
    if (event.event_id.empty()) continue;
    const auto [at, fresh] = events_.try_emplace(event.event_id, event);
    if (fresh) continue;
    at->second.complete = at->second.complete && event.complete;
    at->second.market_ids.insert(at->second.market_ids.end(), event.market_ids.begin(), event.market_ids.end());
  }
  return shown;
}

void MarketCatalog::take_asked(const trading::PredictionMarket& market) {
  watch(market.id);
  update(known_.at(market.id), market);
}

std::vector<std::string> MarketCatalog::unseen() const {
  std::vector<std::string> ids;
  for (const auto& [id, known] : known_) {
    const bool worth = known.lookups_missed < kPatience || refresh_ % kRarely == 0;
    if (!known.seen && !known.market.payout && worth) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

void MarketCatalog::keep(const std::string& market_id) {
  if (KnownMarket* known = find(market_id)) known->seen = true;
}

std::vector<std::string> MarketCatalog::open_ends(std::size_t most) {
  std::vector<KnownMarket*> ended;
  for (auto& [id, known] : known_)
    if (known.read && !known.market.payout && (known.market.closed || !known.seen)) ended.push_back(&known);
  std::sort(ended.begin(), ended.end(), [](const KnownMarket* a, const KnownMarket* b) {
    return a->asked != b->asked ? a->asked < b->asked : a->ordinal < b->ordinal;
  });
  if (ended.size() > most) ended.resize(most);
  std::vector<std::string> ids;
  for (KnownMarket* known : ended) {
    known->asked = ++questions_;
    ids.push_back(known->market.id);
  }
  return ids;
}

void MarketCatalog::resolve(const std::string& market_id, std::array<Price, 2> payout) {
  KnownMarket* known = find(market_id);
  if (known == nullptr || known->market.payout) return;
  const bool was_open = is_open(*known);
  known->market.closed = true;
  known->market.accepting_orders = false;
  known->market.payout = payout;
  known->seen = true;
  count(*known, was_open);
}

/// Whether every market of the event that may still come true is there to be traded.
bool MarketCatalog::is_complete(const std::string& event_id) const {
  const auto event = events_.find(event_id);
  if (event == events_.end() || !event->second.complete) return false;
  return std::all_of(event->second.market_ids.begin(), event->second.market_ids.end(), [this](const std::string& id) {
    const auto at = known_.find(id);
    return at != known_.end() && at->second.seen && is_open(at->second);
  });
}

std::vector<trading::PredictionMarket> MarketCatalog::finish() {
  std::vector<const KnownMarket*> open;
  std::vector<const KnownMarket*> ended;
  std::vector<const KnownMarket*> resolved;
  for (auto& [id, known] : known_) {
    if (!known.seen) ++known.lookups_missed;
    if (known.market.payout)
      resolved.push_back(&known);
    else if (known.read && !is_open(known))
      ended.push_back(&known);
    else if (known.seen && is_open(known))
      open.push_back(&known);
  }
  const auto earlier = [](const KnownMarket* a, const KnownMarket* b) { return a->ordinal < b->ordinal; };
  std::sort(open.begin(), open.end(), earlier);
  std::sort(ended.begin(), ended.end(), earlier);
  std::sort(resolved.begin(), resolved.end(), earlier);
  std::vector<trading::PredictionMarket> out;
  out.reserve(open.size() + ended.size() + resolved.size());
  for (const KnownMarket* known : open) {
    out.push_back(known->market);
    // Without one of an event's markets the others may all come to nothing.
    if (known->market.negative_risk && !is_complete(known->market.event_id)) out.back().augmented = true;
    if (const auto event = events_.find(known->market.event_id); event != events_.end())
      out.back().event_markets = static_cast<std::uint32_t>(event->second.market_ids.size());
  }
  for (const KnownMarket* known : ended) out.push_back(known->market);
  for (const KnownMarket* known : resolved) out.push_back(known->market);
  for (std::size_t i = open.size() + ended.size(); i < out.size(); ++i) known_.erase(out[i].id);
  return out;
}

}  // namespace tradewind::venues
