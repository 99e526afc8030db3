// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/strategy_manager.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/live/owned_internal.hpp"
#include "tradewind/prediction/history.hpp"
#include "tradewind/prediction/ranking.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::live {
namespace {

using prediction::Fate;
using prediction::Opportunity;

}  // namespace

StrategyManager::StrategyManager(const Parts& parts, std::vector<NamedStrategy> strategies, const ManagerSettings& settings)
    : StrategyManager(nullptr, parts, std::move(strategies), settings) {}

StrategyManager::StrategyManager(std::unique_ptr<Owned> owned, const Parts& parts, std::vector<NamedStrategy> strategies,
                                 const ManagerSettings& settings)
    : owned_(std::move(owned)),
      desk_(*parts.desk),
      universe_(*parts.universe),
      clock_(*parts.clock),
      listener_(parts.listener),
      settings_(settings) {
  for (NamedStrategy& one : strategies) add(std::move(one));
}

void StrategyManager::add(NamedStrategy strategy) {
  Running& running = strategies_.emplace_back();
  running.name = strategy.name;
  running.strategy = std::move(strategy.strategy);
  running.limits = strategy.limits;
  running.opportunities = &opportunities_[running.name];
}

/// One that a person enables again begins afresh: its fault is forgiven, its drawdown counts from here.
void StrategyManager::notice_enabled() {
  for (Running& running : strategies_) {
    const execution::StrategyLedger* ledger = state().ledger(running.name);
    const bool enabled = ledger != nullptr && ledger->enabled;
    if (enabled && !running.was_enabled) {
      running.fault.clear();
      if (const auto growth = growth_.find(running.name); growth != growth_.end()) growth->second.start_afresh();
    }
    running.was_enabled = enabled;
  }
}

/// What a strategy throws is its own end, not the session's: no entries, and what it holds is sold by the engine's own rules.
void StrategyManager::set_faulty_aside() {
  for (Running& running : strategies_) {
    const execution::StrategyLedger* ledger = desk_.state().ledger(running.name);
    if (running.fault.empty() || ledger == nullptr || !ledger->enabled) continue;
    keep(Error(Errc::internal, fmt::format("strategy '{}' is set aside: {}", running.name, running.fault)));
    keep(desk_.stop_strategy(running.name, true, "fault: " + running.fault));
  }
}

/// The first limit of its own that a strategy has passed, in words; empty: none.
std::string StrategyManager::passed_limit(const Running& running, const execution::StrategyLedger& ledger, Money equity) const {
  const execution::StrategyLimits& limits = running.limits;
  const Money profit = equity - ledger.contributed;
  const auto lost = [&](const std::optional<execution::LossLimit>& limit, Money base, const char* name) -> std::string {
    const Money allowed = limit ? limit->of(ledger.contributed) : Money{};
    if (!limit || profit >= base - allowed) return {};
    return fmt::format("{}: {} lost, {} allowed", name, decimal_text(base - profit), decimal_text(allowed));
  };
  if (std::string passed = lost(limits.max_loss, ledger.profit_base, "max_loss"); !passed.empty()) return passed;
  if (std::string passed = lost(limits.max_daily_loss, ledger.day_base, "max_daily_loss"); !passed.empty()) return passed;
  const auto growth = growth_.find(running.name);
  if (limits.max_drawdown && growth != growth_.end() && growth->second.drawdown() > *limits.max_drawdown)
    return fmt::format("max_drawdown: {:.4g} below its best, {:.4g} allowed", growth->second.drawdown(), *limits.max_drawdown);
  if (limits.losing_streak && ledger.streak >= *limits.losing_streak) return fmt::format("losing_streak: {} lost in a row", ledger.streak);
  return {};
}

/// `equity`: by ledger.
void StrategyManager::watch_limits(std::span<const Money> equity) {
  for (Running& running : strategies_) {
    const auto& ledgers = desk_.state().ledgers();
    const auto ledger = std::find_if(ledgers.begin(), ledgers.end(), [&](const auto& one) { return one.name == running.name; });
    if (ledger == ledgers.end() || !ledger->enabled) continue;
    std::string passed = passed_limit(running, *ledger, equity[static_cast<std::size_t>(ledger - ledgers.begin())]);
    if (!passed.empty())
      keep(desk_.stop_strategy(running.name, running.limits.then == execution::StrategyLimits::Action::leave, std::move(passed)));
  }
}

StrategyManager::~StrategyManager() = default;

void StrategyManager::take(std::span<const trading::PredictionMarket> markets, std::span<const trading::MarketPrices> prices) {
  // One that takes no orders matters only to whom it was open before, or who holds it.
  for (const trading::PredictionMarket& market : markets)
    if (!market.payout && (market.tradable() || universe_.find(market.id) || state().involves(market.id))) universe_.upsert(market);
  for (const trading::PredictionMarket& market : markets)
    if (market.payout) take_decided(market);
  for (const trading::MarketPrices& one : prices) {
    const auto index = universe_.find(one.market_id);
    if (!index) continue;
    if (listener_ != nullptr && then_ == nullptr) listener_->show(universe_.market(*index), one);
    universe_.change_prices(*index, [&](trading::MarketPrices& ours) {
      ours = one;
      ours.received = clock_.steady();
    });
  }
}

void StrategyManager::take(std::span<const trading::Print> prints) {
  if (listener_ == nullptr) return;
  for (const trading::Print& print : prints) listener_->print(print);
}

void StrategyManager::take_decided(const trading::PredictionMarket& market) {
  const auto known = universe_.find(market.id);
  if (known && universe_.market(*known).payout) return;
  if (listener_ != nullptr && then_ == nullptr) listener_->resolve(market.id, *market.payout);
  if (!known && !universe_.open_event(market.event_id) && !state().involves(market.id)) return;
  universe_.upsert(market);
  decided_.push_back(market.id);
}

/// Decided markets leave the universe as soon as nobody asks for them any more, so that it stays as large as what is open.
void StrategyManager::release_decided() {
  std::erase_if(decided_, [&](const std::string& id) {
    const auto index = universe_.find(id);
    if (!index || !universe_.market(*index).payout) return true;  // a decision that was taken back
    if (universe_.open_event(universe_.market(*index).event_id) || state().involves(id)) return false;
    for (Running& running : strategies_) running.tried.erase(*index);
    universe_.release(*index);
    return true;
  });
}

prediction::MarketView StrategyManager::view(std::span<const trading::NewsItem> news) const {
  prediction::MarketView view = universe_.view(clock_.now());
  view.news = news;
  return view;
}

void StrategyManager::look(Running& running, const prediction::MarketView& seen) const {
  running.opportunities->clear();
  if (!running.fault.empty()) return;
  // One that a limit of its own has stopped goes on looking, so that what it would have traded is counted.
  const execution::StrategyLedger* ledger = state().ledger(running.name);
  if (then_ != nullptr && ledger == nullptr) return;  // it came to the session later
  const bool finds = ledger != nullptr && (ledger->enabled || !ledger->limit.empty());
  const Status looked = guarded([&]() -> Status {
    running.strategy->analyze(seen);
    if (finds) running.strategy->find_opportunities(seen, *running.opportunities);
    return {};
  });
  if (!looked) {
    running.fault = looked.error().message();
    running.opportunities->clear();
  }
  if (then_ == nullptr) running.counted.found += running.opportunities->size();
}

void StrategyManager::look(const prediction::MarketView& seen) {
  if (optimizer_ == nullptr || !seen.all) {
    for (Running& running : strategies_) look(running, seen);
    return;
  }
  std::vector<Running*> each;
  for (Running& running : strategies_) each.push_back(&running);
  const auto looked = optimizer_->parallel_map([&](Running* running) { return look(*running, seen), true; }, each);
  if (!looked) keep(looked.error());
}

const Opportunities& StrategyManager::run_all_strategies(std::span<const trading::NewsItem> news) {
  keep(desk_.poll());
  look_at_all(news);
  set_faulty_aside();
  return opportunities_;
}

void StrategyManager::look_at_all(std::span<const trading::NewsItem> news) {
  notice_enabled();
  tell_trades();
  release_decided();
  desk_.refresh_books();
  prediction::MarketView seen = view(news);
  prediction::sample_mids(seen, mids_);
  seen.mids = mids_;
  look(seen);
}

void StrategyManager::relive(const execution::EngineState& then, std::span<const trading::PredictionMarket> markets,
                             std::span<const trading::MarketPrices> prices, std::span<const trading::NewsItem> news) {
  then_ = &then;
  take(markets, prices);
  look_at_all(news);
  then_ = nullptr;
}

Result<Opportunities> StrategyManager::run_all_strategies(std::span<const trading::PredictionMarket> markets,
                                                          const std::map<std::string, trading::MarketPrices>& prices,
                                                          std::span<const trading::NewsItem> news) {
  std::vector<trading::MarketPrices> all;
  for (const auto& [id, one] : prices) {
    all.push_back(one);
    if (all.back().market_id.empty()) all.back().market_id = id;
  }
  take(markets, all);
  return run_all_strategies(news);
}

int StrategyManager::on_book(const trading::MarketPrices& prices) {
  const auto index = universe_.find(prices.market_id);
  if (!index) return 0;
  take({}, std::span(&prices, 1));
  tell_trades();
  universe_.set_state(*index, desk_.book_state(*index));
  prediction::MarketView seen = view({});
  seen.all = false;
  seen.sample = false;
  seen.changed = std::span(&*index, 1);
  look(seen);
  int entered = 0;
  for (Running& running : strategies_) entered += enter_best(running, opportunities_[running.name], seen);
  keep(desk_.flush());
  return entered;
}

/// Trades to be left: by the strategy's own judgement, or because it was told to leave everything.
void StrategyManager::leave(Running& running, const prediction::MarketView& seen) {
  const execution::StrategyLedger* ledger = desk_.state().ledger(running.name);
  const execution::StrategyAccount account = desk_.account(running.name);
  for (const prediction::OpenTrade& trade : account.trades) {
    if (trade.orders_working || trade.holdings.empty()) continue;
    const bool forced = ledger != nullptr && ledger->exit_positions;
    prediction::OrderPlan plan;
    const auto ask = [&]() -> Status {
      if (forced || running.strategy->should_exit(trade, seen)) plan = running.strategy->exit_position(trade, seen);
      return {};
    };
    if (running.fault.empty())
      if (const Status asked = guarded(ask); !asked) running.fault = asked.error().message();
    if (plan.empty() && forced) plan = prediction::sell_holdings(trade, seen, prediction::kExitSlippage);
    if (plan.empty()) continue;
    // A plan that buys what is missing of a set may be refused: then what is held is sold.
    if (desk_.exit(trade.id, plan) == Fate::position_limit)
      desk_.exit(trade.id, prediction::sell_holdings(trade, seen, prediction::kExitSlippage));
  }
}

bool StrategyManager::cools_down(const Running& running, prediction::MarketIndex market, const prediction::MarketView& seen) const {
  const auto recent = [&](const auto& entries, const auto& key) {
    const auto at = entries.find(key);
    return at != entries.end() && clock_.steady() - at->second < static_cast<std::int64_t>(settings_.cooldown_seconds * 1e9);
  };
  if (recent(running.tried, market)) return true;
  return !running.tried_before.empty() && recent(running.tried_before, seen.markets[market].id);
}

Fate StrategyManager::try_to_enter(Running& running, const Opportunity& opportunity, const prediction::MarketView& seen,
                                   const execution::StrategyAccount& account) {
  if (cools_down(running, opportunity.market(), seen)) return Fate::cooling_down;
  const prediction::Account seen_account = account.view();
  const prediction::EntryVerdict verdict = running.strategy->should_enter(opportunity, seen, seen_account);
  if (!verdict.yes()) return verdict.fate;
  const prediction::OrderPlan plan = running.strategy->enter_position(opportunity, seen, seen_account);
  if (plan.empty()) return seen_account.free_cash < Money::whole(1) ? Fate::no_capital : Fate::too_small;
  const Fate fate = desk_.enter(running.name, opportunity, plan, running.strategy->evidence(opportunity));
  if (fate == Fate::traded) running.tried[opportunity.market()] = clock_.steady();
  return fate;
}

Fate StrategyManager::guarded_entry(Running& running, const Opportunity& opportunity, const prediction::MarketView& seen,
                                    const execution::StrategyAccount& account) {
  const auto fate = guarded([&]() -> Result<Fate> { return try_to_enter(running, opportunity, seen, account); });
  if (fate) return *fate;
  running.fault = fate.error().message();
  return Fate::disabled;
}

/// What the smallest order of every leg would have cost.
void StrategyManager::note_unpaid(Running& running, const Opportunity& opportunity) const {
  Money cost;
  opportunity.each_leg([&](const prediction::Leg& leg) {
    const Shares least = universe_.market(leg.market).minimum_size;
    if (leg.side == trading::Side::buy) cost += std::max(Money::whole(1), notional(leg.limit, least, Rounding::up));
  });
  Money& smallest = running.counted.least_order;
  if (cost.micros > 0 && (smallest.is_zero() || cost < smallest)) smallest = cost;
}

int StrategyManager::enter_best(Running& running, std::span<const Opportunity> found, const prediction::MarketView& seen) {
  if (found.empty()) return 0;
  // So many are asked at most; what is ranked behind them would not have been reached either.
  const std::size_t asked = std::min<std::size_t>(found.size(), static_cast<std::size_t>(settings_.max_trades_per_cycle) * 8);
  prediction::best_opportunities(found, asked, running.ranking);
  int entered = 0;
  execution::StrategyAccount account = desk_.account(running.name);
  for (std::size_t i = 0; i < asked; ++i) {
    Fate fate = Fate::not_best;
    if (!running.fault.empty())
      fate = Fate::disabled;
    else if (entered < settings_.max_trades_per_cycle)
      fate = guarded_entry(running, found[running.ranking[i]], seen, account);
    ++running.counted.fates[static_cast<std::size_t>(fate)];
    if (fate == Fate::too_small || fate == Fate::no_capital) note_unpaid(running, found[running.ranking[i]]);
    if (fate != Fate::traded) continue;
    ++entered;
    account = desk_.account(running.name);
  }
  running.counted.fates[static_cast<std::size_t>(Fate::not_best)] += found.size() - asked;
  return entered;
}

std::map<std::string, int> StrategyManager::decide(const Opportunities& all) {
  const prediction::MarketView seen = view({});
  std::map<std::string, int> entered;
  for (Running& running : strategies_) leave(running, seen);
  for (Running& running : strategies_) {
    const auto found = all.find(running.name);
    entered[running.name] = found == all.end() ? 0 : enter_best(running, found->second, seen);
  }
  set_faulty_aside();
  return entered;
}

void StrategyManager::execute() {
  if (keep(desk_.flush())) keep(desk_.poll());
  keep(desk_.watch());
}

std::map<std::string, int> StrategyManager::execute_best_opportunities(const Opportunities& all) {
  auto entered = decide(all);
  execute();
  finish_cycle();
  return entered;
}

bool StrategyManager::keep(const Status& status) {
  if (!status) last_error_ = status.error();
  return status.has_value();
}

bool StrategyManager::enable_strategy(const std::string& name) { return keep(desk_.switch_strategy(name, true)); }
bool StrategyManager::disable_strategy(const std::string& name, bool exit_positions) {
  return keep(desk_.switch_strategy(name, false, exit_positions));
}
bool StrategyManager::rebalance_capital(const std::map<std::string, double>& new_allocation) {
  return keep(desk_.rebalance({new_allocation.begin(), new_allocation.end()}));
}

std::uint64_t StrategyManager::opportunities_found() const noexcept {
  std::uint64_t sum = 0;
  for (const Running& running : strategies_) sum += running.counted.found;
  return sum;
}

std::size_t StrategyManager::stale_books() const noexcept {
  const auto states = universe_.states();
  return static_cast<std::size_t>(std::count(states.begin(), states.end(), prediction::BookState::stale));
}

}  // namespace tradewind::live
