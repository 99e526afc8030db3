// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/strategy_manager.hpp"

#include <algorithm>

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
      paper_(parts.paper),
      settings_(settings) {
  for (NamedStrategy& one : strategies) {
    strategies_.emplace_back().name = one.name;
    strategies_.back().strategy = std::move(one.strategy);
    strategies_.back().opportunities = &opportunities_[one.name];
  }
  tell_trades();
}

StrategyManager::~StrategyManager() = default;

Status StrategyManager::take(std::span<const trading::PredictionMarket> markets, std::span<const trading::MarketPrices> prices) {
  // One that takes no orders matters only to whom it was open before, or who holds it.
  for (const trading::PredictionMarket& market : markets)
    if (!market.payout && (market.tradable() || universe_.find(market.id) || desk_.state().involves(market.id))) universe_.upsert(market);
  for (const trading::PredictionMarket& market : markets)
    if (market.payout) TRADEWIND_TRY(take_decided(market));
  for (const trading::MarketPrices& one : prices) {
    const auto index = universe_.find(one.market_id);
    if (!index) continue;
    if (paper_ != nullptr) TRADEWIND_TRY(paper_->show(universe_.market(*index), one));
    universe_.change_prices(*index, [&](trading::MarketPrices& ours) {
      ours = one;
      ours.received = clock_.steady();
    });
  }
  return {};
}

Status StrategyManager::take_decided(const trading::PredictionMarket& market) {
  const auto known = universe_.find(market.id);
  if (known && universe_.market(*known).payout) return {};
  if (paper_ != nullptr) TRADEWIND_TRY(paper_->resolve(market.id, *market.payout));
  if (!known && !universe_.open_event(market.event_id) && !desk_.state().involves(market.id)) return {};
  universe_.upsert(market);
  decided_.push_back(market.id);
  return {};
}

/// Decided markets leave the universe as soon as nobody asks for them any more, so that it stays as large as what is open.
void StrategyManager::release_decided() {
  std::erase_if(decided_, [&](const std::string& id) {
    const auto index = universe_.find(id);
    if (!index || !universe_.market(*index).payout) return true;  // a decision that was taken back
    if (universe_.open_event(universe_.market(*index).event_id) || desk_.state().involves(id)) return false;
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
  running.strategy->analyze(seen);
  running.opportunities->clear();
  const execution::StrategyLedger* ledger = desk_.state().ledger(running.name);
  if (ledger == nullptr || !ledger->enabled) return;
  running.strategy->find_opportunities(seen, *running.opportunities);
  running.found += running.opportunities->size();
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
  ++cycles_;
  keep(desk_.poll());
  tell_trades();
  release_decided();
  desk_.refresh_books();
  prediction::MarketView seen = view(news);
  prediction::sample_mids(seen, mids_);
  seen.mids = mids_;
  look(seen);
  return opportunities_;
}

Result<Opportunities> StrategyManager::run_all_strategies(std::span<const trading::PredictionMarket> markets,
                                                          const std::map<std::string, trading::MarketPrices>& prices,
                                                          std::span<const trading::NewsItem> news) {
  std::vector<trading::MarketPrices> all;
  for (const auto& [id, one] : prices) {
    all.push_back(one);
    if (all.back().market_id.empty()) all.back().market_id = id;
  }
  TRADEWIND_TRY(take(markets, all));
  return run_all_strategies(news);
}

int StrategyManager::on_book(const trading::MarketPrices& prices) {
  const auto index = universe_.find(prices.market_id);
  if (!index || !keep(take({}, std::span(&prices, 1)))) return 0;
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
    if (!forced && !running.strategy->should_exit(trade, seen)) continue;
    prediction::OrderPlan plan = running.strategy->exit_position(trade, seen);
    if (plan.empty() && forced) plan = prediction::sell_holdings(trade, seen, prediction::kExitSlippage);
    // A plan that buys what is missing of a set may be refused: then what is held is sold.
    if (desk_.exit(trade.id, plan) == Fate::position_limit)
      desk_.exit(trade.id, prediction::sell_holdings(trade, seen, prediction::kExitSlippage));
  }
}

Fate StrategyManager::try_to_enter(Running& running, const Opportunity& opportunity, const prediction::MarketView& seen,
                                   const execution::StrategyAccount& account) {
  const std::int64_t now = clock_.steady();
  const auto tried = running.tried.find(opportunity.market());
  if (tried != running.tried.end() && now - tried->second < static_cast<std::int64_t>(settings_.cooldown_seconds * 1e9))
    return Fate::cooling_down;
  const prediction::Account seen_account = account.view();
  const prediction::EntryVerdict verdict = running.strategy->should_enter(opportunity, seen, seen_account);
  if (!verdict.yes()) return verdict.fate;
  const prediction::OrderPlan plan = running.strategy->enter_position(opportunity, seen, seen_account);
  if (plan.empty()) return seen_account.free_cash < Money::whole(1) ? Fate::no_capital : Fate::too_small;
  const Fate fate = desk_.enter(running.name, opportunity, plan, running.strategy->evidence(opportunity));
  if (fate == Fate::traded) running.tried[opportunity.market()] = now;
  return fate;
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
    if (entered < settings_.max_trades_per_cycle) fate = try_to_enter(running, found[running.ranking[i]], seen, account);
    ++running.fates[static_cast<std::size_t>(fate)];
    if (fate != Fate::traded) continue;
    ++entered;
    account = desk_.account(running.name);
  }
  running.fates[static_cast<std::size_t>(Fate::not_best)] += found.size() - asked;
  running.entered += static_cast<std::uint64_t>(entered);
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
  return entered;
}

void StrategyManager::execute() {
  if (keep(desk_.flush())) keep(desk_.poll());
  keep(desk_.watch());
}

std::map<std::string, int> StrategyManager::execute_best_opportunities(const Opportunities& all) {
  auto entered = decide(all);
  execute();
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
  for (const Running& running : strategies_) sum += running.found;
  return sum;
}

std::size_t StrategyManager::stale_books() const noexcept {
  const auto states = universe_.states();
  return static_cast<std::size_t>(std::count(states.begin(), states.end(), prediction::BookState::stale));
}

}  // namespace tradewind::live
