// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/replay_output.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/metrics/drawdown.hpp"

namespace tradewind::commands {
namespace {

/// Members by id; one that occurs twice has its run after it.
std::vector<std::string> member_names(const replay::ReplayResult& result) {
  std::map<std::string, int> uses;
  for (const auto& member : result.members) ++uses[member.strategy.strategy_id];
  std::vector<std::string> names;
  for (const auto& member : result.members)
    names.push_back(uses[member.strategy.strategy_id] > 1 ? member.strategy.strategy_id + "@" + member.strategy.run_id
                                                          : member.strategy.strategy_id);
  return names;
}

/// A field as CSV has it: ids hold commas.
std::string field(const std::string& text) { return text.find_first_of(",\"\n") == std::string::npos ? text : '"' + text + '"'; }

std::string equity_csv(const replay::ReplayResult& result) {
  std::string csv = "timestamp,equity,gross_equity,return\n";
  for (std::size_t i = 0; i < result.timestamp.size(); ++i)
    csv += fmt::format("{},{},{},{}\n", format_time(result.timestamp[i], true), number_text(result.equity[i]),
                       number_text(result.gross_equity[i]), number_text(result.returns[i]));
  return csv;
}

std::string trades_csv(const replay::RegimeReplayResult& result) {
  const auto names = member_names(result);
  std::string csv =
      "trade_id,strategy_id,symbol,side,entry_time,entry_price,exit_time,exit_price,size,return,profit,costs,bars,exit_reason,mae,mfe\n";
  for (std::size_t i = 0; i < result.trades.size(); ++i) {
    const replay::ReplayTrade& t = result.trades[i];
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", i + 1, field(names[t.member]),
                       field(result.members[t.member].symbol), t.side > 0 ? "long" : "short", format_time(t.entry_time, true),
                       number_text(t.entry_price), t.exit == replay::TradeExit::open ? "" : format_time(t.exit_time, true),
                       number_text(t.exit_price), number_text(t.size), number_text(t.profit / t.capital), number_text(t.profit),
                       number_text(t.costs), t.bars, enum_name(t.exit), number_text(t.mae), number_text(t.mfe));
  }
  return csv;
}

std::string weights_csv(const replay::RegimeReplayResult& result, const std::vector<std::string>& regimes) {
  std::string csv = "timestamp,regime,cash";
  for (const std::string& name : member_names(result)) csv += "," + field(name);
  csv += '\n';
  for (std::size_t i = 0; i < result.timestamp.size(); ++i) {
    double cash = 1;
    for (const auto& share : result.shares) cash -= share[i];
    const std::int8_t regime = result.regime[i];
    csv += fmt::format("{},{},{}", format_time(result.timestamp[i], true),
                       regime < 0 ? "" : field(regimes[static_cast<std::size_t>(regime)]), number_text(cash < 1e-12 ? 0.0 : cash));
    for (const auto& share : result.shares) csv += "," + number_text(share[i]);
    csv += '\n';
  }
  return csv;
}

}  // namespace

Json member_json(const replay::MemberResult& member) {
  Json undefined = Json::object();
  Json json = {{"strategy_id", member.strategy.strategy_id},
               {"symbol", member.symbol},
               {"weight", member.strategy.weight},
               {"profit", member.profit}};
  json["metrics"] = analysis::metrics_json(member.performance, undefined);
  json["undefined"] = std::move(undefined);
  return json;
}

void put_replay_benchmark(Json& json, const SeriesBeside& beside, const replay::ReplayResult& result,
                          const metrics::TradeTables::Options& execution, const std::vector<market::UtcOffset>& clock) {
  if (!beside.returns.empty())
    put_benchmark(json, beside, result.returns, metrics::RiskFree(execution.risk_free, execution.periods_per_year),
                  execution.periods_per_year, analysis::local_days(result.timestamp, clock));
  json["notes"] = beside.notes;
}

Json drawdowns_json(const replay::ReplayResult& result, int count) {
  Json table = Json::array();
  const auto time_at = [&](std::size_t point) { return format_time(result.timestamp[point == 0 ? 0 : point - 1], true); };
  for (const auto& drawdown : metrics::drawdown_table(result.returns, static_cast<std::size_t>(std::max(0, count))))
    table.push_back({{"depth", drawdown.depth},
                     {"peak", time_at(drawdown.peak)},
                     {"trough", time_at(drawdown.trough)},
                     {"recovery", drawdown.recovery ? Json(time_at(*drawdown.recovery)) : Json(nullptr)},
                     {"decline_bars", drawdown.decline_bars()},
                     {"recovery_bars", drawdown.recovery_bars() ? Json(*drawdown.recovery_bars()) : Json(nullptr)}});
  return table;
}

bool wants_recording(const ReplayArguments& arguments) { return !arguments.trades_out.empty() || !arguments.weights_out.empty(); }

Status write_files(const ReplayArguments& arguments, const replay::ReplayResult& result, const replay::RegimeReplayResult* recorded,
                   const std::vector<std::string>& regimes, Json& json) {
  const auto write = [&](const char* key, const std::string& path, const std::string& csv) -> Status {
    TRADEWIND_TRY(write_file_durable(path, csv));
    json[key] = path;
    return {};
  };
  if (!arguments.equity_out.empty()) TRADEWIND_TRY(write("equity_out", arguments.equity_out, equity_csv(result)));
  if (recorded == nullptr) return {};
  json["trades"] = recorded->trades.size();
  if (!arguments.trades_out.empty()) TRADEWIND_TRY(write("trades_out", arguments.trades_out, trades_csv(*recorded)));
  if (!arguments.weights_out.empty()) TRADEWIND_TRY(write("weights_out", arguments.weights_out, weights_csv(*recorded, regimes)));
  return {};
}

}  // namespace tradewind::commands
