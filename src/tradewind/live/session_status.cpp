// SPDX-License-Identifier: Apache-2.0
// What a session's journal says, whether it runs or not.
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/execution/state.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {

using execution::SqliteJournal;

Result<Json> session_status(const Path& workspace, const std::string& session) {
  const SessionFiles files = SessionFiles::of(workspace, session);
  auto journal = SqliteJournal::open(files.journal, SqliteJournal::Access::reader);
  if (!journal)
    return journal.error().code() == Errc::not_found ? Error(Errc::not_found, fmt::format("there is no session '{}'", session),
                                                             files.folder.string(), "tradewind live CONFIG.yaml starts one")
                                                     : journal.error();
  execution::EngineState state;
  TRADEWIND_TRY(execution::replay(**journal, state));
  execution::Mark last;
  TRADEWIND_TRY((*journal)->read_marks([&](const execution::Mark& mark) { last = mark; }));
  TRADEWIND_ASSIGN(const std::string stored, (*journal)->statistics());
  Json json = read_json(stored);
  if (!json.is_object()) json = {{"session", session}, {"cycles", 0}};
  json.erase("counters");
  if (json.contains("strategies") && !json["strategies"].is_object()) json.erase("strategies");
  if (!json.contains("cycles") || !json["cycles"].is_number_integer()) json["cycles"] = 0;
  if (!json.contains("statistics") || !json["statistics"].is_object()) json["statistics"] = Json::object();
  json["running"] = SqliteJournal::running(files.journal);
  // The journal is newer than the statistics, which are written once a second.
  Money equity;
  Money realized;
  Money fees;
  for (const Money one : last.equity) equity += one;
  for (const execution::StrategyLedger& ledger : state.ledgers()) {
    realized += ledger.realized;
    fees += ledger.fees;
    if (json.contains("strategies") && json["strategies"].contains(ledger.name) && json["strategies"][ledger.name].is_object()) {
      json["strategies"][ledger.name]["enabled"] = ledger.enabled;
      json["strategies"][ledger.name]["allocation"] = ledger.allocation;
    }
  }
  if (last.equity.empty()) equity = state.cash();
  json["cycles"] = std::max<std::int64_t>(last.cycle, json.value("cycles", std::int64_t{0}));
  const Money put_in =
      state.capital() +
      (state.ledger(execution::EngineState::kExternal) == nullptr ? Money{} : state.ledger(execution::EngineState::kExternal)->contributed);
  json["account"] = {{"cash", decimal_text(state.cash())},
                     {"equity", decimal_text(equity)},
                     {"realized_profit", decimal_text(realized)},
                     {"unrealized_profit", decimal_text(equity - put_in - realized)},
                     {"fees", decimal_text(fees)}};
  json["statistics"]["trading_state"] = enum_name(state.trading_state());
  json["statistics"]["trading_state_reason"] = state.state_reason();
  Json enabled = Json::array();
  for (const execution::StrategyLedger& ledger : state.ledgers())
    if (ledger.enabled && ledger.name != execution::EngineState::kExternal) enabled.push_back(ledger.name);
  json["statistics"]["enabled_strategies"] = enabled;
  return json;
}

}  // namespace tradewind::live
