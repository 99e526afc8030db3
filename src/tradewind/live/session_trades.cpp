// SPDX-License-Identifier: Apache-2.0
// Every trade of a session, from its journal.
#include "tradewind/base/json.hpp"
#include "tradewind/execution/trade_history.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/live/session_journal_internal.hpp"
#include "tradewind/live/session_moment.hpp"

namespace tradewind::live {
namespace {

Json line_json(const execution::ListedTrade::Line& line) {
  return {{"time", format_time(line.time)},     {"market_id", line.market_id},
          {"outcome", enum_name(line.outcome)}, {"shares", decimal_text(line.shares)},
          {"price", decimal_text(line.price)},  {"fee", decimal_text(line.fee)},
          {"cash", decimal_text(line.cash)},    {"entry", line.sequence}};
}

using execution::MidsAfter;

/// A fill's shares are counted as its order counts them; one that was taken back has them below 0.
Json fill_json(const execution::ListedTrade::Line& line, const MidsAfter& after) {
  Json json = line_json(line);
  json["side"] = enum_name(line.side);
  json["shares"] = decimal_text(line.side == trading::Side::buy ? line.shares : -line.shares);
  json["liquidity"] = enum_name(line.liquidity);
  json["order_id"] = line.order_id;
  json["mid_after"] = Json::object();
  if (const auto mids = after.find(line.sequence); mids != after.end())
    for (const auto& [seconds, mid] : mids->second) json["mid_after"][std::to_string(seconds)] = decimal_text(mid);
  if (line.kind == trading::AccountEntry::Kind::reversal) json["kind"] = enum_name(line.kind);
  return json;
}

/// What was given for cash: a split gives fewer than none.
Json payout_json(const execution::ListedTrade::Line& line) {
  Json json = line_json(line);
  json["kind"] = enum_name(line.kind);
  json["shares"] = decimal_text(-line.shares);
  return json;
}

Json order_json(const execution::ListedTrade::OrderLine& line) {
  const trading::Order& order = line.order;
  return {{"order_id", order.id},
          {"time", format_time(line.created)},
          {"purpose", enum_name(line.purpose)},
          {"market_id", order.market_id},
          {"kind", enum_name(order.kind)},
          {"time_in_force", enum_name(order.time_in_force)},
          {"outcome", enum_name(order.outcome)},
          {"side", enum_name(order.side)},
          {"limit", decimal_text(order.limit)},
          {"shares", decimal_text(order.shares)},
          {"filled", decimal_text(line.filled)},
          {"status", enum_name(line.status)},
          {"reason", line.reason}};
}

Json trade_json(const execution::ListedTrade& trade, const MidsAfter& after) {
  Json json = {{"trade_id", trade.id},
               {"strategy", trade.strategy},
               {"kind", enum_name(trade.kind)},
               {"opened", format_time(trade.opened)},
               {"closed", trade.closed ? Json(format_time(*trade.closed)) : Json(nullptr)},
               {"holding_seconds", trade.closed ? Json(static_cast<double>(*trade.closed - trade.opened) * 1e-9) : Json(nullptr)},
               {"expected_profit", decimal_text(fixed_from_double<Money>(trade.expected_profit).value_or(Money{}))},
               {"profit", decimal_text(trade.profit())},
               {"fees", decimal_text(trade.fees())},
               {"evidence", trade.evidence},
               {"orders", Json::array()},
               {"fills", Json::array()},
               {"payouts", Json::array()}};
  for (const auto& order : trade.orders) json["orders"].push_back(order_json(order));
  for (const auto& line : trade.lines) {
    const bool fill = line.kind == trading::AccountEntry::Kind::fill || line.kind == trading::AccountEntry::Kind::reversal;
    (fill ? json["fills"] : json["payouts"]).push_back(fill ? fill_json(line, after) : payout_json(line));
  }
  return json;
}

}  // namespace

Result<Json> session_trades(const Path& workspace, const std::string& session) {
  TRADEWIND_ASSIGN(const auto journal, open_to_read(SessionFiles::of(workspace, session), session));
  execution::TradeHistory history;
  TRADEWIND_TRY(execution::replay(*journal, [&](const execution::Record& record) { return history.replay(record); }));
  Json trades = Json::array();
  TRADEWIND_ASSIGN(const MidsAfter after, journal->markouts());
  for (const auto& [id, trade] : history.trades()) trades.push_back(trade_json(trade, after));
  Json json = {{"session", session}};
  json.update(provenance_json(history.state()));
  json["trades"] = std::move(trades);
  return json;
}

}  // namespace tradewind::live
