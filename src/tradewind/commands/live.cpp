// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/live.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/scan.hpp"

namespace tradewind::commands {
namespace {

CommandOutput answer(Json report, bool halted, bool interrupted) {
  CommandOutput output{schema_object("live"), halted ? exit_code(Errc::risk_halt) : interrupted ? exit_code(Errc::interrupted) : 0};
  output.json.update(report);
  return output;
}

/// A line for each fill and payout, with its trade: a table that any tool reads. Money and shares stay exact decimals, as text.
workspace::ScanResult lines_of(const Json& trades) {
  static const std::vector<std::string> kTrade = {"strategy", "kind", "opened", "closed", "expected_profit", "profit"};
  static const std::vector<std::string> kLine = {"time",   "market_id", "outcome", "side",      "price",
                                                 "shares", "fee",       "cash",    "liquidity", "order_id"};
  workspace::ScanResult table;
  table.columns = {{"trade_id", workspace::ScanType::integer}, {"line", workspace::ScanType::text}};
  for (const std::string& key : kTrade) table.columns.emplace_back(key, workspace::ScanType::text);
  for (const std::string& key : kLine) table.columns.emplace_back(key, workspace::ScanType::text);
  const auto add = [&](std::size_t column, const Json& object, const std::string& key) {
    const auto at = object.find(key);
    if (at != object.end() && at->is_string())
      table.columns[column].add_text(at->get_ref<const std::string&>());
    else
      table.columns[column].add_null();
  };
  for (const Json& trade : trades) {
    for (const char* kind : {"fills", "payouts"}) {
      for (const Json& line : trade[kind]) {
        table.columns[0].add_integer(trade["trade_id"].get<std::int64_t>());
        table.columns[1].add_text(line.value("kind", "fill"));
        std::size_t column = 2;
        for (const std::string& key : kTrade) add(column++, trade, key);
        for (const std::string& key : kLine) add(column++, line, key);
        ++table.rows;
      }
    }
  }
  return table;
}

/// The session named, or the newest.
Result<std::string> session_or_newest(const std::string& session, const Context& context) {
  if (!session.empty()) {
    TRADEWIND_TRY(workspace::check_id("session", session));
    return session;
  }
  std::string newest = live::newest_session(context.workspace);
  if (newest.empty())
    return Error(Errc::not_found, "there is no live session in this workspace", context.workspace.string(),
                 "tradewind live CONFIG.yaml starts one");
  return newest;
}

}  // namespace

Result<CommandOutput> live(const LiveArguments& arguments, const Context& context) {
  if (arguments.venue != "paper")
    return Error(Errc::usage, fmt::format("orders cannot be sent to '{}' yet", printable(arguments.venue)), "--venue",
                 "trade on paper; with `market_data: polymarket` at the venue's real prices");
  if (arguments.cycles < 0) return Error(Errc::usage, "the number of cycles is negative", "--cycles");
  live::SessionOptions options;
  options.workspace = context.workspace;
  options.session = arguments.session.empty() ? arguments.config.stem().string() : arguments.session;
  options.cycles = arguments.cycles;
  options.cancellation = context.cancellation;
  options.kill = context.kill;
  options.progress = context.progress;
  TRADEWIND_TRY(workspace::check_id("session", options.session));
  options.reload = [path = arguments.config, workspace = context.workspace] { return live::load_live_config(path, workspace); };
  TRADEWIND_ASSIGN(live::LiveConfig config, live::load_live_config(arguments.config, context.workspace));
  TRADEWIND_ASSIGN(const auto session, live::LiveSession::open(std::move(config), std::move(options)));
  TRADEWIND_TRY(session->run());
  Json report = session->report();
  TRADEWIND_ASSIGN(const Json calibration, live::session_calibration(context.workspace, report["session"].get<std::string>()));
  report.update(calibration);
  return answer(std::move(report), session->halted(), session->interrupted());
}

Result<CommandOutput> live_status(const std::string& session, const Context& context) {
  TRADEWIND_ASSIGN(const std::string name, session_or_newest(session, context));
  TRADEWIND_ASSIGN(Json report, live::session_status(context.workspace, name));
  const bool halted = report["statistics"].value("trading_state", "") == "HALTED";
  return answer(std::move(report), halted, false);
}

Result<CommandOutput> live_trades(const TradesArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(const std::string name, session_or_newest(arguments.session, context));
  TRADEWIND_ASSIGN(const Json trades, live::session_trades(context.workspace, name));
  CommandOutput output{schema_object("live_trades")};
  output.json.update(trades);
  if (arguments.out.empty()) return output;
  TRADEWIND_TRY(workspace::export_rows(lines_of(trades["trades"]), arguments.out));
  output.json["file"] = arguments.out.string();
  return output;
}

Result<CommandOutput> live_command(const std::string& session, const Json& command, const Context& context) {
  TRADEWIND_ASSIGN(const std::string name, session_or_newest(session, context));
  TRADEWIND_ASSIGN(const Json done, live::send_command(context.workspace, name, command));
  if (!done.value("accepted", false)) return Error(Errc::usage, done.value("answer", "refused"), "session '" + name + "'");
  CommandOutput output{schema_object("live_command")};
  output.json.update(done);
  return output;
}

}  // namespace tradewind::commands
