// SPDX-License-Identifier: Apache-2.0
#include "disk_journal.hpp"

#include <fmt/format.h>

namespace tradewind::simulation {

using namespace execution;

Status DiskJournal::append(std::span<const Record> records) {
  crash_.step();  // dies before anything is on disk
  if (!quiet_ && random_.uniform() < faults_.journal_error) {
    ++failures;
    return Error(Errc::storage, "no space left on the simulated disk");
  }
  for (const Record& record : records) {
    records_.push_back(record);
    note(record);
  }
  crash_.step();  // dies when everything is on disk and nobody knows
  return {};
}

void DiskJournal::note(const Record& record) {
  const auto& body = record.body;
  if (const auto* created = std::get_if<OrderCreated>(&body))
    orders_[created->order.id] = {created->trade, created->purpose == Purpose::entry};
  if (const auto* opened = std::get_if<TradeOpened>(&body)) strategy_of_trade_[opened->trade] = opened->strategy;
  if (const auto* booked = std::get_if<EntryBooked>(&body)) sequence_ = booked->entry.sequence;
  if (const auto* changed = std::get_if<StateChanged>(&body)) {
    trading_state_ = changed->state;
    if (changed->state == TradingState::active) resumed_at_ = sequence_;
  }
  if (const auto* day = std::get_if<DayStarted>(&body)) start_day(*day, record.time / kNanosPerDay);
  if (const auto* added = std::get_if<StrategyAdded>(&body)) strategies_[added->strategy].enabled = added->enabled;
  if (const auto* started = std::get_if<SessionStarted>(&body))
    for (const auto& share : started->strategies) strategies_[share.strategy] = {share.enabled, {}, share.cash, {}, {}};
  if (const auto* moved = std::get_if<CapitalMoved>(&body))
    for (const auto& [name, money] : moved->transfers) strategies_[name].contributed += money;
  if (const auto* command = std::get_if<CommandTaken>(&body)) {
    if (command->command != last_command_ + 1)
      wrong_.push_back(fmt::format("command {} was carried out after command {}", command->command, last_command_));
    last_command_ = command->command;
    if (!command->accepted && command->text.find("halt") != std::string::npos) wrong_.push_back("a halt was refused: " + command->answer);
  }
  if (const auto* switched = std::get_if<StrategySwitched>(&body)) {
    StrategyOnDisk& one = strategies_[switched->strategy];
    one.enabled = switched->enabled;
    one.stopped_by = switched->limit;
    if (switched->enabled) one.loss_base = one.day_base = switched->profit;
  }
}

void DiskJournal::start_day(const DayStarted& day, std::int64_t number) {
  if (number == day_) wrong_.push_back("the day was begun twice");
  day_ = number;
  day_equity_ = day.equity;
  for (const auto& [name, profit] : day.profit) strategies_[name].day_base = profit;
}

Status DiskJournal::read(const std::function<void(const Record&)>& take) const {
  for (const Record& record : records_) take(record);
  return {};
}

bool DiskJournal::is_entry(const trading::OrderId& id) const {
  const auto order = orders_.find(id);
  return order != orders_.end() && order->second.entry;
}

const std::string& DiskJournal::strategy_of(const trading::OrderId& id) const {
  static const std::string kNone;
  const auto order = orders_.find(id);
  if (order == orders_.end()) return kNone;
  const auto strategy = strategy_of_trade_.find(order->second.trade);
  return strategy == strategy_of_trade_.end() ? kNone : strategy->second;
}

}  // namespace tradewind::simulation
