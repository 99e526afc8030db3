// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/record.hpp"

#include <array>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/trading/order_json.hpp"

namespace tradewind::execution {
namespace {

constexpr std::array<std::string_view, 11> kKinds = {"session_started", "trade_opened",      "order_created", "order_changed",
                                                     "entry_booked",    "strategy_switched", "capital_moved", "state_changed",
                                                     "command_taken",   "day_started",       "strategy_added"};
static_assert(kKinds.size() == std::variant_size_v<RecordBody>);

template <class Enum>
Enum choice(const Json& json) {
  const auto value = enum_from_json<Enum>(json);
  if (!value) throw std::invalid_argument(dump_json(json));
  return *value;
}

template <class F>
F fixed(const Json& json) {
  const auto value = parse_fixed<F>(json.get_ref<const std::string&>());
  if (!value) throw std::invalid_argument("decimal");
  return *value;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::invalid_argument(result.error().message());
  return std::move(*result);
}

Json json_of(const SessionStarted& body) {
  Json strategies = Json::array();
  for (const auto& share : body.strategies)
    strategies.push_back(
        {{"strategy", share.strategy}, {"enabled", share.enabled}, {"allocation", share.allocation}, {"cash", decimal_text(share.cash)}});
  return {{"session", body.session}, {"capital", decimal_text(body.capital)}, {"strategies", strategies}, {"config", body.config}};
}
Json json_of(const TradeOpened& body) {
  return {{"trade", body.trade},
          {"strategy", body.strategy},
          {"kind", enum_name(body.kind)},
          {"signal", body.signal},
          {"expected_profit", body.expected_profit},
          {"evidence", body.evidence}};
}
Json json_of(const OrderCreated& body) {
  return {{"order", trading::to_json(body.order)},
          {"trade", body.trade},
          {"purpose", enum_name(body.purpose)},
          {"reserved", decimal_text(body.reserved)}};
}
Json json_of(const OrderChanged& body) {
  return {{"order", body.id}, {"status", enum_name(body.status)}, {"filled", decimal_text(body.filled)}, {"reason", body.reason}};
}
Json json_of(const EntryBooked& body) { return trading::to_json(body.entry); }
Json json_of(const StrategySwitched& body) {
  return {{"strategy", body.strategy},
          {"enabled", body.enabled},
          {"exit_positions", body.exit_positions},
          {"limit", body.limit},
          {"profit", decimal_text(body.profit)}};
}
Json json_of(const CapitalMoved& body) {
  Json allocation = Json::object();
  Json transfers = Json::object();
  for (const auto& [name, share] : body.allocation) allocation[name] = share;
  for (const auto& [name, cash] : body.transfers) transfers[name] = decimal_text(cash);
  return {{"allocation", allocation}, {"transfers", transfers}, {"more", body.more}};
}
Json json_of(const StateChanged& body) { return {{"state", enum_name(body.state)}, {"reason", body.reason}}; }
Json json_of(const CommandTaken& body) {
  return {{"command", body.command}, {"text", body.text}, {"accepted", body.accepted}, {"answer", body.answer}};
}
Json json_of(const DayStarted& body) {
  Json profit = Json::object();
  for (const auto& [name, money] : body.profit) profit[name] = decimal_text(money);
  return {{"equity", decimal_text(body.equity)}, {"profit", profit}};
}
Json json_of(const StrategyAdded& body) { return {{"strategy", body.strategy}, {"enabled", body.enabled}}; }

RecordBody session_started(const Json& json) {
  SessionStarted body{json.at("session"), fixed<Money>(json.at("capital")), {}, json.at("config")};
  for (const Json& one : json.at("strategies"))
    body.strategies.push_back({one.at("strategy"), one.at("enabled"), one.at("allocation"), fixed<Money>(one.at("cash"))});
  return body;
}
RecordBody trade_opened(const Json& json) {
  return TradeOpened{json.at("trade"),  json.at("strategy"),        choice<prediction::OpportunityKind>(json.at("kind")),
                     json.at("signal"), json.at("expected_profit"), json.at("evidence")};
}
RecordBody order_created(const Json& json) {
  return OrderCreated{must(trading::order_from_json(json.at("order"))), json.at("trade"), choice<Purpose>(json.at("purpose")),
                      fixed<Money>(json.at("reserved"))};
}
RecordBody order_changed(const Json& json) {
  return OrderChanged{json.at("order"), choice<OrderStatus>(json.at("status")), fixed<Shares>(json.at("filled")), json.at("reason")};
}
// Journals of before there were limits of a strategy lack what those rest on.
RecordBody strategy_switched(const Json& json) {
  return StrategySwitched{json.at("strategy"), json.at("enabled"), json.at("exit_positions"), json.value("limit", ""),
                          json.contains("profit") ? fixed<Money>(json.at("profit")) : Money{}};
}
RecordBody day_started(const Json& json) {
  DayStarted body{fixed<Money>(json.at("equity")), {}};
  if (json.contains("profit"))
    for (const auto& [name, money] : json.at("profit").items()) body.profit.emplace_back(name, fixed<Money>(money));
  return body;
}
RecordBody capital_moved(const Json& json) {
  CapitalMoved body;
  for (const auto& [name, share] : json.at("allocation").items()) body.allocation.emplace_back(name, share.get<double>());
  for (const auto& [name, cash] : json.at("transfers").items()) body.transfers.emplace_back(name, fixed<Money>(cash));
  body.more = json.value("more", false);
  return body;
}

RecordBody body_of(std::size_t kind, const Json& json) {
  switch (kind) {
    case 0: return session_started(json);
    case 1: return trade_opened(json);
    case 2: return order_created(json);
    case 3: return order_changed(json);
    case 4: return EntryBooked{must(trading::entry_from_json(json))};
    case 5: return strategy_switched(json);
    case 6: return capital_moved(json);
    case 7: return StateChanged{choice<TradingState>(json.at("state")), json.at("reason")};
    case 8: return CommandTaken{json.at("command"), json.at("text"), json.at("accepted"), json.at("answer")};
    case 9: return day_started(json);
    default: return StrategyAdded{json.at("strategy"), json.at("enabled")};
  }
}

}  // namespace

std::string_view record_kind(const RecordBody& body) noexcept { return kKinds[body.index()]; }

Json record_json(const RecordBody& body) {
  return std::visit([](const auto& one) { return json_of(one); }, body);
}

Result<RecordBody> record_from_json(std::string_view kind, std::string_view json) {
  const auto at = std::find(kKinds.begin(), kKinds.end(), kind);
  if (at == kKinds.end())
    return Error(Errc::newer_format, fmt::format("the journal holds records of an unknown kind '{}'", printable(kind)), {},
                 "use the version of tradewind that wrote it");
  const Json parsed = read_json(json);
  if (!parsed.is_object()) return Error(Errc::corrupt, fmt::format("a record '{}' is damaged", kind));
  try {  // the parser's own checks throw
    return body_of(static_cast<std::size_t>(at - kKinds.begin()), parsed);
  } catch (const std::exception& problem) {
    return Error(Errc::corrupt, fmt::format("a record '{}' is damaged: {}", kind, printable(problem.what(), 200)));
  }
}

}  // namespace tradewind::execution
