// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/live/session_log_internal.hpp"
#include "tradewind/live/session_moment.hpp"

namespace tradewind::live {
namespace {

using execution::OrderStatus;

/// Tells a log of what stands in a journal.
class RecordTeller {
 public:
  explicit RecordTeller(Log& log) : log_(log) {}

  void operator()(const execution::SessionStarted& one) const {
    log_.info(fmt::format("session '{}' is new, with a capital of {}", one.session, decimal_text(one.capital)));
  }
  void operator()(const execution::StateChanged& one) const {
    log_.write(one.state == execution::TradingState::active ? LogLevel::info : LogLevel::warn,
               fmt::format("trading is {}: {}", enum_name(one.state), one.reason));
  }
  void operator()(const execution::CommandTaken& one) const {
    log_.write(one.accepted ? LogLevel::info : LogLevel::warn,
               fmt::format("command {} {}: {}: {}", one.command, one.accepted ? "is carried out" : "is refused", printable(one.text, 300),
                           one.answer));
  }
  void operator()(const execution::StrategySwitched& one) const {
    if (one.limit.empty())
      return log_.info(fmt::format("strategy {} is {}{}", one.strategy, one.enabled ? "enabled" : "disabled", leaving(one)));
    const bool fault = one.limit.starts_with("fault: ");
    log_.warn(fmt::format("strategy {} {}{}: {}", one.strategy, fault ? "is set aside" : "has passed a limit of its own and is stopped",
                          leaving(one), one.limit));
  }
  void operator()(const execution::StrategyAdded& one) const { log_.info(fmt::format("strategy {} is added", one.strategy)); }
  void operator()(const execution::CapitalMoved& one) const {
    for (const auto& [strategy, money] : one.transfers)
      log_.info(fmt::format("capital of {}: {}{}", strategy, money.micros < 0 ? "" : "+", decimal_text(money)));
  }
  void operator()(const execution::DayStarted& one) const { log_.info("a day begins with an equity of " + decimal_text(one.equity)); }
  void operator()(const execution::OrderChanged& one) const {
    if (one.status == OrderStatus::rejected) log_.write_seldom(LogLevel::warn, "an order is rejected: " + one.reason);
    if (one.status == OrderStatus::unknown) log_.write_seldom(LogLevel::warn, "what became of an order is not known: " + one.reason);
    if (log_.keeps(LogLevel::debug))
      log_.debug(fmt::format("order {} is {}{}", one.id, enum_name(one.status), one.reason.empty() ? "" : ": " + one.reason));
  }
  template <class Other>  // trades, orders and what the venue books: as they stand in the journal
  void operator()(const Other& one) const {
    if (log_.keeps(LogLevel::debug)) log_.debug(fmt::format("{} {}", execution::record_kind(one), dump_json(execution::record_json(one))));
  }

 private:
  static std::string_view leaving(const execution::StrategySwitched& one) { return one.exit_positions ? ", its positions are left" : ""; }

  Log& log_;
};

}  // namespace

std::unique_ptr<Log> open_session_log(const SessionFiles& files, LogLevel level, Progress& progress) {
  auto log = open_file_log(files.log, {.level = level});
  if (log) return std::move(*log);
  progress.warn(log.error().message());
  return nullptr;
}

Status LoggedJournal::append(std::span<const execution::Record> records) {
  Status written = journal_.append(records);
  if (!written) {
    log_.write_seldom(LogLevel::error, "the journal cannot be written: " + written.error().message());
    return written;
  }
  const auto tell = [&]() -> Status {
    for (const execution::Record& record : records) std::visit(RecordTeller(log_), record.body);
    return {};
  };
  static_cast<void>(guarded(tell));  // they are written, whatever becomes of the words for it
  return written;
}

std::string start_line(const LiveConfig& config, const execution::EngineState& state, std::optional<std::int64_t> resumed_after) {
  std::vector<std::string> strategies;
  for (const auto& share : config.shares) {
    const execution::StrategyLedger* ledger = state.ledger(share.strategy);
    strategies.push_back(share.strategy + (ledger != nullptr && ledger->enabled ? "" : " (disabled)"));
  }
  std::string line = fmt::format("session '{}' {}: configuration {}, strategies {}", state.session(),
                                 resumed_after ? fmt::format("is resumed after {} cycles", *resumed_after) : "starts", config.name,
                                 fmt::join(strategies, ", "));
  const Json provenance = provenance_json(state);
  for (const auto& [name, value] : provenance.items())
    if (!value.empty()) line += fmt::format(", {} {}", name, value.is_string() ? value.get<std::string>() : value.dump());
  if (!config.news.source.empty()) line += ", news " + config.news.source;
  if (state.trading_state() != execution::TradingState::active)
    line += fmt::format("; trading is {}: {}", enum_name(state.trading_state()), state.state_reason());
  return line;
}

std::string end_line(const Json& report, bool interrupted) {
  return fmt::format("session ends after {} cycles{}, trading is {}: account {}, orders {}, no trade {}", report["cycles"].dump(),
                     interrupted ? ", interrupted" : "", report["statistics"].value("trading_state", ""), dump_json(report["account"]),
                     dump_json(report["orders"]), dump_json(report["reasons"]));
}

Progress& SessionLog::open(const SessionFiles& files, LogLevel level, execution::Journal& journal, Progress& progress) {
  file_ = open_session_log(files, level, progress);
  journal_.emplace(journal, **this);
  return progress_.emplace(progress, **this);
}

void SessionLog::look(const execution::OrderDesk& desk) {
  if (desk.statistics().reconciliations == compared_) return;
  compared_ = desk.statistics().reconciliations;
  const std::string cash = decimal_text(desk.state().cash());
  if (desk.reconciled())
    (*this)->write(agreed_ ? LogLevel::debug : LogLevel::info, "the account agrees with the venue's: cash " + cash);
  else
    (*this)->write_seldom(LogLevel::warn, "the account does not agree with the venue's");
  agreed_ = desk.reconciled();
}

Status SessionLog::told(Status status) const {
  if (!status) (*this)->error("the session cannot go on: " + status.error().message());
  return status;
}

}  // namespace tradewind::live
