// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/live/commands_internal.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {
namespace {

using execution::CommandTaken;
using execution::OrderDesk;
using execution::SqliteJournal;
using execution::TradingState;

Status change_state(OrderDesk& desk, TradingState state, const std::string& reason) { return desk.set_trading_state(state, reason); }

Result<std::vector<std::pair<std::string, double>>> allocation_of(const Json& command) {
  std::vector<std::pair<std::string, double>> allocation;
  const Json given = command.value("allocation", Json::object());
  for (const auto& [name, share] : given.items()) {
    if (!share.is_number()) return Error(Errc::usage, fmt::format("the share of {} is not a number", name));
    allocation.emplace_back(name, share.get<double>());
  }
  return allocation;
}

Status obey(const Json& command, OrderDesk& desk) {
  const std::string what = command.value("do", "");
  const std::string reason = command.value("reason", "by command");
  const std::string strategy = command.value("strategy", "");
  if (what == "halt") return change_state(desk, TradingState::halted, reason);
  if (what == "reduce") return change_state(desk, TradingState::reducing, reason);
  if (what == "resume") return change_state(desk, TradingState::active, reason);
  if (what == "enable") return desk.switch_strategy(strategy, true);
  if (what == "disable") return desk.switch_strategy(strategy, false, command.value("exit", false));
  if (what == "rebalance") {
    TRADEWIND_ASSIGN(const auto allocation, allocation_of(command));
    return desk.rebalance(allocation);
  }
  return Error(Errc::usage, fmt::format("there is no command '{}'", printable(what)));
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

/// The answer to a command, once its record is in the journal.
Result<std::optional<CommandTaken>> answer_to(std::int64_t number, const SqliteJournal& journal) {
  std::optional<CommandTaken> found;
  TRADEWIND_TRY(journal.read([&](const execution::Record& record) {
    if (const auto* taken = std::get_if<CommandTaken>(&record.body); taken != nullptr && taken->command == number) found = *taken;
  }));
  return found;
}

/// Nobody runs the session: its journal is opened, the commands waiting are carried out.
Status carry_out_here(const SessionFiles& files) {
  TRADEWIND_ASSIGN(const auto journal, SqliteJournal::open(files.journal, SqliteJournal::Access::engine));
  NoVenue venue;
  prediction::MarketUniverse universe;
  TRADEWIND_ASSIGN(const auto desk, OrderDesk::open({&venue, journal.get(), &system_clock(), &universe}, {}, {}));
  TRADEWIND_ASSIGN(const auto commands, journal->commands_after(desk->state().last_command()));
  for (const execution::Command& command : commands) carry_out(command, *desk);
  return {};
}

}  // namespace

CommandTaken carry_out(const execution::Command& command, OrderDesk& desk) {
  const Json parsed = read_json(command.text);
  CommandTaken taken{command.number, command.text, true, "done"};
  Status done = parsed.is_object() ? Status() : Status(Error(Errc::usage, "the command is no JSON object"));
  if (done) {
    try {  // a field of another type throws
      done = obey(parsed, desk);
    } catch (const std::exception& problem) {
      done = Error(Errc::usage, std::string("the command is not understood: ") + printable(problem.what(), 200));
    }
  }
  if (!done) {
    taken.accepted = false;
    taken.answer = done.error().message() + (done.error().hint().empty() ? "" : "; " + done.error().hint());
  }
  static_cast<void>(desk.take_command(taken));
  return taken;
}

Result<Json> send_command(const Path& workspace, const std::string& session, const Json& command, double wait_seconds) {
  const SessionFiles files = SessionFiles::of(workspace, session);
  std::int64_t number = 0;
  {
    auto inbox = SqliteJournal::open(files.journal, SqliteJournal::Access::inbox);
    if (!inbox)
      return inbox.error().code() == Errc::not_found
                 ? Error(Errc::not_found, fmt::format("there is no session '{}'", printable(session)), files.folder.string())
                 : inbox.error();
    TRADEWIND_ASSIGN(number, (*inbox)->leave(dump_json(command)));
  }
  const Stopwatch watch;
  while (watch.seconds() < wait_seconds) {
    if (!SqliteJournal::running(files.journal)) {
      // Somebody may have started it in between: then it is the one to answer.
      if (const Status done = carry_out_here(files); !done && done.error().code() != Errc::already_exists) return done.error();
    }
    TRADEWIND_ASSIGN(const auto journal, SqliteJournal::open(files.journal, SqliteJournal::Access::reader));
    TRADEWIND_ASSIGN(const auto answer, answer_to(number, *journal));
    if (answer) return Json{{"session", session}, {"command", command}, {"accepted", answer->accepted}, {"answer", answer->answer}};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Error(Errc::venue,
               fmt::format("session '{}' has not answered within {} s; the command stays in its inbox", session, wait_seconds));
}

}  // namespace tradewind::live
