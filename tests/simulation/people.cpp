// SPDX-License-Identifier: Apache-2.0
// What people do: trades by hand, commands, the kill switch, a strategy more.
#include <fmt/format.h>

#include "world.hpp"

#include "tradewind/live/commands_internal.hpp"

namespace tradewind::simulation {

/// The venue takes what comes, or does not, and answers nothing; what it was about to say is lost.
void World::hang() {
  if (hanging() || !chance(faults_.hang)) return;
  hung_until_ = clock_.steady() + static_cast<std::int64_t>(3 + random_.below(12)) * kSecond;
  answers_.clear();
}

void World::people() {
  if (chance(faults_.manual)) {
    const auto& market = market_.markets()[random_.below(market_.markets().size())];
    trading::Order order;
    order.id = fmt::format("by-hand-{}", ++manual_orders_);
    order.market_id = market.id;
    order.limit = {990'000};
    order.shares = Shares::whole(static_cast<std::int64_t>(1 + random_.below(5)));
    if (exchange_.submit(order, clock_.now())->accepted) watch_.arrived(order, clock_.steady());
    report_entries();
  }
  if (chance(faults_.clock_jump))
    clock_.jump += (random_.below(2) == 0 ? 1 : -1) * static_cast<std::int64_t>(random_.below(86'400)) * kSecond;
  if (chance(faults_.command)) leave_command();
  if (chance(faults_.halt * (hanging() ? 3 : 1))) {
    pulled_ = true;
    leave(R"({"do": "halt", "reason": "kill switch"})");
  } else if (journal_.trading_state() == execution::TradingState::halted && chance(0.1)) {
    leave(R"({"do": "resume"})");
  }
}

/// Whether an engine runs or not.
void World::leave(std::string command) { inbox_.push_back({static_cast<std::int64_t>(inbox_.size() + 1), std::move(command)}); }

void World::leave_command() {
  switch (random_.below(7)) {
    case 0: return leave(R"({"do": "disable", "strategy": "target", "exit": true})");
    case 1: return leave(R"({"do": "disable", "strategy": "target"})");
    case 2: return leave(fmt::format(R"({{"do": "enable", "strategy": "{}"}})", random_.below(2) == 0 ? "target" : "rogue"));
    case 3: return leave(R"({"do": "rebalance", "allocation": {"target": 0.5, "rogue": 0.25, "arbitrage": 0.25}})");
    case 4: return leave(R"({"do": "rebalance", "allocation": {"target": 0.9, "rogue": 0.3}})");  // must be refused
    case 5: return leave(R"({"do": "rebalance", "allocation": {"target": 0.3, "rogue": 0.2, "arbitrage": 0.2, "late": 0.3}})");
    default: late_configured_ = true; return leave(R"({"do": "enable", "strategy": "late"})");
  }
}

/// As a session does between two cycles and while it waits for the venue.
void World::look_around() {
  for (const execution::Command& command : inbox_) {
    if (command.number <= engine_->desk->state().last_command()) continue;
    static_cast<void>(live::carry_out(command, *engine_->desk, [this](const std::string& name) { return add_strategy(name); }));
    const bool halts = command.text.find("halt") != std::string::npos;
    if (halts && engine_->desk->state().trading_state() != execution::TradingState::halted) violation("a halt took no effect");
  }
}

Status World::add_strategy(const std::string& name) {
  if (name != kLate || !late_configured_) return Error(Errc::unknown_name, "the configuration has no such strategy");
  TRADEWIND_TRY(engine_->desk->add_strategy(name, false));
  live::NamedStrategy strategy = late_strategy();
  strategy.limits = watched_limits(name);
  engine_->manager->add(std::move(strategy));
  return {};
}

}  // namespace tradewind::simulation
