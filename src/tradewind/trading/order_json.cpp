// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/order_json.hpp"

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
  bool good() const { return good_; }

 private:
  const Json& json_;
  bool good_;
};

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
  return {{"sequence", entry.sequence},
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
  if (!fields.good()) return Error(Errc::corrupt, "an account entry's record is damaged");
  return entry;
}

}  // namespace tradewind::trading
