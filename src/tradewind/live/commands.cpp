// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/live/commands_internal.hpp"
#include "tradewind/live/session_clock_internal.hpp"
#include "tradewind/live/session_log_internal.hpp"

namespace tradewind::live {
namespace {

using execution::CommandTaken;
using execution::OrderDesk;
using execution::SqliteJournal;
using execution::TradingState;

Result<std::vector<std::pair<std::string, double>>> allocation_of(const Json& command) {
  std::vector<std::pair<std::string, double>> allocation;
  const Json given = command.value("allocation", Json::object());
  for (const auto& [name, share] : given.items()) {
    if (!share.is_number()) return Error(Errc::usage, fmt::format("the share of {} is not a number", name));
    allocation.emplace_back(name, share.get<double>());
  }
  return allocation;
}

/// Enables a strategy; one that the session does not have is added first, and has no capital yet.
Result<std::string> enable(const std::string& strategy, OrderDesk& desk, const std::function<Status(const std::string&)>& add) {
  if (desk.state().ledger(strategy) == nullptr && add != nullptr) TRADEWIND_TRY(add(strategy));
  TRADEWIND_TRY(desk.switch_strategy(strategy, true));
  const execution::StrategyLedger* ledger = desk.state().ledger(strategy);
  if (ledger->contributed.micros > 0) return std::string("done");
  return fmt::format("done; {} has no capital yet: tradewind live rebalance gives every strategy its share", strategy);
}

Result<std::string> execute_command(const Json& command, OrderDesk& desk, const std::function<Status(const std::string&)>& add) {
  const std::string what = command.value("do", "");
  const std::string strategy = command.value("strategy", "");
  static const std::map<std::string, TradingState> kStates = {
      {"halt", TradingState::halted}, {"reduce", TradingState::reducing}, {"resume", TradingState::active}};
  if (what == "enable") return enable(strategy, desk, add);
  if (const auto state = kStates.find(what); state != kStates.end()) {
    TRADEWIND_TRY(desk.set_trading_state(state->second, command.value("reason", "by command")));
  } else if (what == "disable") {
    TRADEWIND_TRY(desk.switch_strategy(strategy, false, command.value("exit", false)));
  } else if (what == "rebalance") {
    TRADEWIND_ASSIGN(const auto allocation, allocation_of(command));
    TRADEWIND_TRY(desk.rebalance(allocation));
  } else {
    return Error(Errc::usage, fmt::format("there is no command '{}'", printable(what)));
  }
  return std::string("done");
}

/// A venue for a desk that only takes a command: nothing leaves.
class NoVenue final : public trading::Venue {
 public:
  void submit(std::span<const trading::Order>) override {}
  void cancel(const trading::OrderId&) override {}
  void cancel_all() override {}
  void ask_order(const trading::OrderId&) override {}
  void ask_account(std::uint64_t, std::uint64_t) override {}
  std::vector<trading::VenueEvent> poll() override { return {}; }
  std::int64_t latest_arrival() const override { return 0; }
};

/// Simulated time stands still while nothing runs: what is done then comes right after the last mark, as if it were real time. None for a
/// session in real time.
Result<std::optional<SessionClock>> stopped_clock(const SqliteJournal& journal) {
  TRADEWIND_ASSIGN(const std::string text, journal.statistics());
  const Json stored = read_json(text);
  if (!stored.is_object() || stored.value("simulated", Json()) != true) return std::optional<SessionClock>();
  UnixNanos last = 0;
  TRADEWIND_TRY(journal.read_marks([&](const execution::Mark& mark) { last = mark.time; }));
  return std::optional<SessionClock>(last + 1);
}

/// Nobody runs the session: its journal is opened, the commands waiting are carried out.
Status carry_out_here(const SessionFiles& files) {
  TRADEWIND_ASSIGN(const auto journal, SqliteJournal::open(files.journal, SqliteJournal::Access::engine));
  const std::unique_ptr<Log> log = open_session_log(files, LogLevel::info, silent_progress());
  LoggedJournal logged(*journal, log ? *log : null_log());
  NoVenue venue;
  prediction::MarketUniverse universe;
  TRADEWIND_ASSIGN(const std::optional<SessionClock> stopped, stopped_clock(*journal));
  const Clock& clock = stopped ? static_cast<const Clock&>(*stopped) : system_clock();
  TRADEWIND_ASSIGN(const auto desk, OrderDesk::open({&venue, &logged, &clock, &universe}, {}, {}));
  TRADEWIND_ASSIGN(const auto commands, journal->commands_after(desk->state().last_command()));
  for (const execution::Command& command : commands) TRADEWIND_TRY(carry_out(command, *desk));
  return {};
}

}  // namespace

Status carry_out(const execution::Command& command, OrderDesk& desk, const std::function<Status(const std::string&)>& add) {
  return desk.take_command({command.number, command.text, true, {}}, [&]() -> Result<std::string> {
    const Json parsed = read_json(command.text);
    if (!parsed.is_object()) return Error(Errc::usage, "the command is no JSON object");
    try {  // a field of another type throws
      return execute_command(parsed, desk, add);
    } catch (const Json::exception& problem) {
      return Error(Errc::usage, std::string("the command is not understood: ") + printable(problem.what(), 200));
    }
  });
}

Result<Json> send_command(const Path& workspace, const std::string& session, const Json& command, double wait_seconds) {
  const SessionFiles files = SessionFiles::of(workspace, session);
  std::error_code ignored;
  if (command.value("do", "") == "resume" && std::filesystem::exists(files.halt, ignored))
    return Error(Errc::usage, fmt::format("session '{}' is halted by a file", printable(session)), files.halt.string(),
                 "remove the file, then resume");
  std::int64_t number = 0;
  std::int64_t record = 0;  // answers come behind it
  {
    auto inbox = SqliteJournal::open(files.journal, SqliteJournal::Access::inbox);
    if (!inbox)
      return inbox.error().code() == Errc::not_found
                 ? Error(Errc::not_found, fmt::format("there is no session '{}'", printable(session)), files.folder.string())
                 : inbox.error();
    TRADEWIND_ASSIGN(record, (*inbox)->last_record());
    TRADEWIND_ASSIGN(number, (*inbox)->leave(dump_json(command)));
  }
  const Stopwatch watch;
  while (watch.seconds() < wait_seconds) {
    if (!SqliteJournal::running(files.journal)) {
      // Somebody may have started it in between: then it is the one to answer.
      if (const Status done = carry_out_here(files); !done && done.error().code() != Errc::already_exists) return done.error();
    }
    TRADEWIND_ASSIGN(const auto journal, SqliteJournal::open(files.journal, SqliteJournal::Access::reader));
    TRADEWIND_ASSIGN(const auto answer, journal->answer(number, record));
    if (answer) return Json{{"session", session}, {"command", command}, {"accepted", answer->accepted}, {"answer", answer->answer}};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Error(Errc::venue,
               fmt::format("session '{}' has not answered within {} s; the command stays in its inbox", session, wait_seconds));
}

}  // namespace tradewind::live
