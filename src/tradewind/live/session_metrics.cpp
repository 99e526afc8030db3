// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/json.hpp"
#include "tradewind/live/session_metrics_internal.hpp"
#include "tradewind/telemetry/monitor_metrics.hpp"

namespace tradewind::live {
namespace {

using telemetry::metric;
using telemetry::MetricFamily;

const std::vector<std::string> kStates = {"ACTIVE", "REDUCING", "HALTED"};

std::vector<MetricFamily> account_metrics(const SessionMoment& moment) {
  const execution::EngineState& state = *moment.state;
  Money realized;
  Money fees;
  Money total;
  MetricFamily equity(metric("tradewind_strategy_equity_dollars"));
  MetricFamily profit(metric("tradewind_strategy_profit_dollars"));
  for (const execution::StrategyLedger& ledger : state.ledgers()) {
    realized += ledger.realized;
    fees += ledger.fees;
    const Money value = moment.equity_of(ledger.name);
    total += value;
    equity.add(value.to_double(), ledger.name);
    profit.add((value - ledger.contributed).to_double(), ledger.name);
  }
  const Money put_in = state.capital() + state.ledger(execution::EngineState::kExternal)->contributed;
  std::vector<MetricFamily> all;
  const auto gauge = [&](std::string_view name, Money value) { all.emplace_back(metric(name)).add(value.to_double()); };
  gauge("tradewind_equity_dollars", total);
  gauge("tradewind_cash_dollars", state.cash());
  gauge("tradewind_realized_profit_dollars", realized);
  gauge("tradewind_unrealized_profit_dollars", total - put_in - realized);
  gauge("tradewind_fees_dollars", fees);
  all.push_back(std::move(equity));
  all.push_back(std::move(profit));
  return all;
}

}  // namespace

void SessionMetrics::take(const StrategyManager& manager) {
  const execution::OrderDesk& desk = manager.desk();
  const SessionMoment moment = manager.moment();
  std::vector<MetricFamily> all = account_metrics(moment);
  MetricFamily opportunities(metric("tradewind_opportunities"));
  MetricFamily trades(metric("tradewind_trades"));
  const Json strategies = compare_strategies(moment);
  for (const auto& [name, figures] : strategies.items()) {
    opportunities.add(figures.value("opportunities_found", 0.0), name);
    trades.add(figures.value("opportunities_taken", 0.0), name);
  }
  MetricFamily orders(metric("tradewind_orders"));
  for (const auto status : {execution::OrderStatus::filled, execution::OrderStatus::cancelled, execution::OrderStatus::rejected})
    orders.add(static_cast<double>(desk.state().ended(status)), enum_name(status));
  MetricFamily reasons(metric("tradewind_no_trade"));
  const Json counted = no_trade_reasons(moment);
  for (const auto& [reason, count] : counted.items()) reasons.add(count.get<double>(), reason);
  MetricFamily trading_state(metric("tradewind_trading_state"));
  trading_state.add_states(kStates, enum_name(desk.state().trading_state()));
  MetricFamily open(metric("tradewind_open_orders"));
  open.add(static_cast<double>(desk.state().working().size()));
  MetricFamily stale(metric("tradewind_stale_books"));
  stale.add(static_cast<double>(manager.stale_books()));
  for (MetricFamily* family : {&opportunities, &trades, &orders, &reasons, &trading_state, &open, &stale})
    all.push_back(std::move(*family));
  const std::lock_guard lock(mutex_);
  families_ = std::move(all);
}

Result<std::string> SessionMetrics::text(const telemetry::Recordings& recordings) const {
  std::vector<MetricFamily> all = telemetry::monitor_metrics(recordings);
  {
    const std::lock_guard lock(mutex_);
    all.insert(all.end(), families_.begin(), families_.end());
  }
  return telemetry::open_metrics_text(all);
}

}  // namespace tradewind::live
