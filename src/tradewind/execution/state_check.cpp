// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/execution/state.hpp"

namespace tradewind::execution {
namespace {

std::string token_text(const TokenKey& token) { return fmt::format("{}/{}", token.first, enum_name(token.second)); }

}  // namespace

/// The first token of which a trade holds fewer than no shares, and which trade.
std::optional<std::pair<TradeId, TokenKey>> EngineState::oversold() const {
  for (const auto& [id, trade] : trades_)
    for (const auto& [token, lot] : trade.lots)
      if (lot.shares.micros < 0) return std::pair(id, token);
  return std::nullopt;
}

std::string EngineState::broken_invariant() const {
  std::map<std::string, Money> reserved;
  std::map<std::string, Money> open_cost;
  std::map<TradeId, std::uint32_t> working;
  for (const auto& [id, order] : working_) {
    if (is_final(order.status)) return "a working order is not final";
    if (order.filled > order.order.shares) return "no order is filled beyond its size";
    ++working[order.trade];
    if (const auto trade = trades_.find(order.trade); trade != trades_.end()) reserved[trade->second.strategy] += order.reserve();
  }
  for (const auto& [id, trade] : trades_) {
    if (id != 0 && trade.working != working[id]) return fmt::format("trade {} counts its working orders", id);
    for (const auto& [token, lot] : trade.lots) open_cost[trade.strategy] += lot.cost;
  }
  Money contributed;
  Money realized;
  Money cost;
  for (const StrategyLedger& ledger : ledgers_) {
    contributed += ledger.contributed;
    realized += ledger.realized;
    cost += ledger.open_cost;
    if (ledger.reserved != reserved[ledger.name]) return fmt::format("the reserve of {} is that of its orders", ledger.name);
    if (ledger.open_cost != open_cost[ledger.name]) return fmt::format("the open cost of {} is that of its lots", ledger.name);
    // The identity that ties every ledger together: what came in, what was earned, what is tied up, what is left.
    if (ledger.cash != ledger.contributed + ledger.realized - ledger.open_cost)
      return fmt::format("the cash of {} is its capital plus profit less open cost", ledger.name);
  }
  if (cash() != contributed + realized - cost) return "the account is the sum of its strategies";
  return {};
}

std::string EngineState::fingerprint() const {
  std::string text = fmt::format("{} {} {} {} {} {} {} {} {} {} {}\n", session_, capital_.micros, enum_name(trading_state_), state_reason_,
                                 sequence_, orders_created_, trades_opened_, last_command_, capital_moving_, day_, day_equity_.micros);
  for (const StrategyLedger& l : ledgers_)
    text += fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", l.name, l.enabled, l.exit_positions, l.allocation,
                        l.cash.micros, l.contributed.micros, l.reserved.micros, l.open_cost.micros, l.realized.micros, l.settled.micros,
                        l.fees.micros, l.trades, l.closed, l.won, l.lost, l.streak, l.limit, l.profit_base.micros, l.day_base.micros);
  for (const auto& [id, trade] : trades_) {
    text += fmt::format("{} {} {} {} {} {}\n", id, trade.strategy, trade.realized.micros, trade.working, trade.entered, trade.exiting);
    for (const auto& [token, lot] : trade.lots) text += fmt::format(" {} {} {}\n", token_text(token), lot.shares.micros, lot.cost.micros);
  }
  for (const auto& [id, order] : working_)
    text += fmt::format("{} {} {} {}\n", id, enum_name(order.status), order.filled.micros, order.trade);
  return sha256_hex(text);
}

}  // namespace tradewind::execution
