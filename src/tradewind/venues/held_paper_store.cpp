// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/held_paper_store.hpp"

#include <algorithm>

#include "tradewind/base/json.hpp"
#include "tradewind/trading/order_json.hpp"

namespace tradewind::venues {
namespace {

Error damaged() {
  return Error(Errc::corrupt, "what the session's journal holds for the paper account is damaged", "journal.sqlite",
               "restore the session's folder from a copy, or begin another session");
}

std::optional<std::int64_t> whole(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? std::optional(at->get<std::int64_t>()) : std::nullopt;
}

Result<PaperStore::StoredOrder> order_of(const Json& json) {
  if (!json.is_object() || !json.contains("order")) return damaged();
  TRADEWIND_ASSIGN(trading::Order order, trading::order_from_json(json["order"]));
  const auto filled = whole(json, "filled"), open = whole(json, "open"), met = whole(json, "met"), ahead = whole(json, "ahead");
  const auto arrival = whole(json, "arrival");
  if (!filled || !open || !met || !ahead || !arrival) return damaged();
  return PaperStore::StoredOrder{std::move(order), {*filled}, *open != 0, *met != 0, {*ahead}, *arrival};
}

Result<PaperStore::StoredTaken> taken_of(const Json& json) {
  if (!json.is_object()) return damaged();
  const auto side = enum_from_json<trading::Side>(json.value("side", Json()));
  const auto price = whole(json, "price"), shares = whole(json, "shares"), since = whole(json, "since");
  if (!side || !price || !shares || !since) return damaged();
  return PaperStore::StoredTaken{{*side, {*price}}, {*shares}, *since};
}

Result<PaperStore::Content> content_of(const Json& json) {
  for (const char* key : {"orders", "entries"})
    if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return damaged();
  if (!json.contains("taken") || !json["taken"].is_object()) return damaged();
  PaperStore::Content content;
  for (const Json& one : json["orders"]) {
    TRADEWIND_ASSIGN(PaperStore::StoredOrder order, order_of(one));
    content.orders.push_back(std::move(order));
  }
  for (const Json& one : json["entries"]) {
    TRADEWIND_ASSIGN(trading::AccountEntry entry, trading::entry_from_json(one));
    content.entries.push_back(std::move(entry));
  }
  for (const auto& [market, all] : json["taken"].items()) {
    if (!all.is_array()) return damaged();
    std::vector<PaperStore::StoredTaken>& of_market = content.taken[market];
    for (const Json& one : all) {
      TRADEWIND_ASSIGN(const PaperStore::StoredTaken taken, taken_of(one));
      of_market.push_back(taken);
    }
  }
  return content;
}

}  // namespace

Status HeldPaperStore::save(const Content& change) {
  for (const StoredOrder& order : change.orders) {
    const auto same = [&](const StoredOrder& one) { return one.order.id == order.order.id; };
    const auto held = std::find_if(held_.orders.begin(), held_.orders.end(), same);
    if (held == held_.orders.end())
      held_.orders.push_back(order);
    else
      *held = order;
  }
  held_.entries.insert(held_.entries.end(), change.entries.begin(), change.entries.end());
  for (const auto& [market, taken] : change.taken) held_.taken[market] = taken;
  return {};
}

Result<std::vector<trading::AccountEntry>> HeldPaperStore::entries(std::uint64_t sequence, std::uint64_t last) {
  TRADEWIND_ASSIGN(auto found, store_.entries(sequence, last));
  for (const trading::AccountEntry& entry : held_.entries)
    if (entry.sequence > sequence && entry.sequence <= last) found.push_back(entry);
  return found;
}

Result<std::optional<PaperStore::StoredOrder>> HeldPaperStore::order(const trading::OrderId& id) {
  for (const StoredOrder& held : held_.orders)
    if (held.order.id == id) return std::optional(held);
  return store_.order(id);
}

std::string HeldPaperStore::text() const {
  Json json = {{"orders", Json::array()}, {"entries", Json::array()}, {"taken", Json::object()}};
  for (const StoredOrder& one : held_.orders)
    json["orders"].push_back({{"order", trading::to_json(one.order)},
                              {"filled", one.filled.micros},
                              {"open", one.open ? 1 : 0},
                              {"met", one.met ? 1 : 0},
                              {"ahead", one.ahead.micros},
                              {"arrival", one.arrival}});
  for (const trading::AccountEntry& entry : held_.entries) json["entries"].push_back(trading::to_json(entry));
  for (const auto& [market, all] : held_.taken) {
    Json& of_market = json["taken"][market] = Json::array();
    for (const StoredTaken& one : all)
      of_market.push_back(
          {{"side", enum_name(one.at.side)}, {"price", one.at.price.micros}, {"shares", one.shares.micros}, {"since", one.since}});
  }
  return dump_json(json);
}

Status HeldPaperStore::let_go() {
  if (empty()) return {};
  TRADEWIND_TRY(store_.save(held_));
  held_ = {};
  return {};
}

Status HeldPaperStore::redo(PaperStore& store, std::string_view text) {
  const Json json = read_json(text);
  TRADEWIND_ASSIGN(const Content change, content_of(json));
  return store.save(change);
}

}  // namespace tradewind::venues
