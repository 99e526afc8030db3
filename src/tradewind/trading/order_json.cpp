// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/order_json.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"

namespace tradewind::trading {
namespace {

using Kind = AccountEntry::Kind;

/// Reads fields of one object and remembers whether any was wrong.
class Fields {
 public:
  explicit Fields(const Json& json) : json_(json), good_(json.is_object()) {}

  std::string text(const char* key) {
    const auto at = good_ ? json_.find(key) : json_.end();
    if (!good_ || at == json_.end() || !at->is_string()) return good_ = false, std::string();
    return at->get<std::string>();
  }
  template <class F>
  F fixed(const char* key) {
    const auto value = parse_fixed<F>(text(key));
    if (!value) good_ = false;
    return value.value_or(F{});
  }
  template <class Enum>
  Enum choice(const char* key) {
    const auto at = good_ ? json_.find(key) : json_.end();
    const auto value = good_ && at != json_.end() ? enum_from_json<Enum>(*at) : std::nullopt;
    if (!value) good_ = false;
    return value.value_or(Enum{});
  }
  std::int64_t integer(const char* key) {
    const auto at = good_ ? json_.find(key) : json_.end();
    if (!good_ || at == json_.end() || !at->is_number_integer()) return good_ = false, 0;
    return at->get<std::int64_t>();
  }
  bool has(const char* key) const { return good_ && json_.contains(key); }
  std::array<Price, 2> payout(const char* key) {
    const auto at = good_ ? json_.find(key) : json_.end();
    if (!good_ || at == json_.end() || !at->is_array() || at->size() != 2) return good_ = false, std::array<Price, 2>{};
    return {share_of_dollar((*at)[0]), share_of_dollar((*at)[1])};
  }
  bool good() const { return good_; }

 private:
  Price share_of_dollar(const Json& json) {
    const auto price = json.is_string() ? parse_fixed<Price>(json.get_ref<const std::string&>()) : std::nullopt;
    if (!price || price->micros < 0 || *price > kPriceOfCertainty) good_ = false;
    return price.value_or(Price{});
  }

  const Json& json_;
  bool good_;
};

/// Statements of before version 0.2 do not say what a share paid: cash = yes · p + no · (1 − p) does, but for as many yes as no.
std::array<Price, 2> payout_from_cash(const AccountEntry& entry) {
  const Int128 difference = static_cast<Int128>(entry.no.micros) - entry.yes.micros;  // the entry takes the shares away
  if (difference == 0) return {Price{Price::kOne / 2}, Price{Price::kOne / 2}};
  const double yes = static_cast<double>(static_cast<Int128>(entry.cash.micros) + entry.no.micros) / static_cast<double>(difference);
  const Price price{std::llround(std::clamp(yes, 0.0, 1.0) * Price::kOne)};
  return {price, kPriceOfCertainty - price};
}

}  // namespace

Json to_json(const Order& order) {
  return {{"id", order.id},
          {"market", order.market_id},
          {"kind", enum_name(order.kind)},
          {"time_in_force", enum_name(order.time_in_force)},
          {"outcome", enum_name(order.outcome)},
          {"side", enum_name(order.side)},
          {"limit", decimal_text(order.limit)},
          {"shares", decimal_text(order.shares)}};
}

Json to_json(const AccountEntry& entry) {
  Json json = {{"sequence", entry.sequence},
               {"id", entry.id},
               {"reverses", entry.reverses},
               {"kind", enum_name(entry.kind)},
               {"order", entry.order_id},
               {"market", entry.market_id},
               {"outcome", enum_name(entry.outcome)},
               {"side", enum_name(entry.side)},
               {"price", decimal_text(entry.price)},
               {"yes", decimal_text(entry.yes)},
               {"no", decimal_text(entry.no)},
               {"cash", decimal_text(entry.cash)},
               {"fee", decimal_text(entry.fee)},
               {"time", entry.time}};
  if (entry.kind == Kind::fill || entry.kind == Kind::reversal) json["liquidity"] = enum_name(entry.liquidity);
  if (entry.kind == Kind::payout) json["payout"] = {decimal_text(entry.payout[0]), decimal_text(entry.payout[1])};
  return json;
}

Result<Order> order_from_json(const Json& json) {
  Fields fields(json);
  Order order;
  order.id = fields.text("id");
  order.market_id = fields.text("market");
  order.kind = fields.choice<OrderKind>("kind");
  order.time_in_force = fields.choice<TimeInForce>("time_in_force");
  order.outcome = fields.choice<Outcome>("outcome");
  order.side = fields.choice<Side>("side");
  order.limit = fields.fixed<Price>("limit");
  order.shares = fields.fixed<Shares>("shares");
  if (!fields.good()) return Error(Errc::corrupt, "an order's record is damaged");
  return order;
}

Result<AccountEntry> entry_from_json(const Json& json) {
  Fields fields(json);
  AccountEntry entry;
  entry.sequence = static_cast<std::uint64_t>(fields.integer("sequence"));
  entry.id = fields.text("id");
  entry.reverses = fields.text("reverses");
  entry.kind = fields.choice<Kind>("kind");
  entry.order_id = fields.text("order");
  entry.market_id = fields.text("market");
  entry.outcome = fields.choice<Outcome>("outcome");
  entry.side = fields.choice<Side>("side");
  entry.price = fields.fixed<Price>("price");
  entry.yes = fields.fixed<Shares>("yes");
  entry.no = fields.fixed<Shares>("no");
  entry.cash = fields.fixed<Money>("cash");
  entry.fee = fields.fixed<Money>("fee");
  entry.time = fields.integer("time");
  if (fields.has("liquidity")) entry.liquidity = fields.choice<Liquidity>("liquidity");
  if (entry.kind == Kind::payout) entry.payout = fields.has("payout") ? fields.payout("payout") : payout_from_cash(entry);
  if (!fields.good()) return Error(Errc::corrupt, "an account entry's record is damaged");
  return entry;
}

}  // namespace tradewind::trading
