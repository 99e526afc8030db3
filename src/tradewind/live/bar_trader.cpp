// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/bar_trader.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "tradewind/metrics/trade_tables.hpp"
#include "tradewind/prediction/unwind.hpp"
#include "tradewind/sweep/signal_engine.hpp"

namespace tradewind::live {
namespace {

using namespace prediction;
using trading::Outcome;
using trading::Side;

/// A market that is followed: its bars and what the members make of them.
struct Followed {
  market::Bars bars;
  double exposure = 0;
};

/// The position of each member at the close of the last bar, weighted.
double exposure_at_close(const market::Bars& bars, std::span<const BarMember* const> members) {
  const strategies::PriceHistory history(bars);
  metrics::TradeTables::Options execution;
  execution.fill = metrics::FillModel::close;
  const auto tables = metrics::TradeTables::make({}, bars.close, execution);
  if (!tables) return 0;
  std::vector<sweep::SweepCandidate> candidates;
  for (const BarMember* member : members) candidates.push_back({member->type, member->direction, member->parameters});
  const auto outcomes = sweep::run_candidates(history, *tables, candidates, true);
  double sum = 0;
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!outcomes[i].changes.empty()) sum += members[i]->weight * outcomes[i].changes.back().position;
  return sum;
}

class BarTrader final : public PredictionStrategy {
 public:
  BarTrader(std::vector<BarMember> members, BarTraderOptions options) : members_(std::move(members)), options_(std::move(options)) {}

  void analyze(const MarketView& view) override {
    places_.each(view, [&](MarketIndex i) { followed_.erase(i); });
    if (!view.sample) return;
    for (MarketIndex i = 0; i < view.size(); ++i) {
      if (!follows(view, i)) continue;
      const trading::TokenBook& book = view.prices[i].yes();
      if (view.states[i] == BookState::good && book.two_sided()) take(followed_[i], view, i, book.mid());
    }
  }

  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    if (!view.all) return;
    for (const auto& [index, followed] : followed_) {
      if (!view.tradable(index) || std::abs(followed.exposure) < options_.min_exposure) continue;
      const Outcome outcome = followed.exposure > 0 ? Outcome::yes : Outcome::no;
      const trading::TokenBook& book = view.prices[index].of(outcome);
      if (!book.two_sided()) continue;
      Opportunity one;
      one.kind = OpportunityKind::signal;
      one.add({index, outcome, Side::buy, book.asks.best().price, {}});
      one.signal = followed.exposure;
      one.score = std::abs(followed.exposure);
      found.push_back(std::move(one));
      ++found_;
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.market() < b.market(); });
  }

  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const override {
    if (holds(account.trades, opportunity.market())) return {Fate::already_held};
    for (const OpenTrade& trade : account.trades)
      if (trade.orders_working && trade.holdings.empty()) return {Fate::already_held};
    const Leg& leg = opportunity.legs[0];
    return {view.prices[leg.market].of(leg.outcome).spread() > options_.max_spread ? Fate::wide_spread : Fate::traded};
  }

  bool should_exit(const OpenTrade& trade, const MarketView&) const override {
    for (const Holding& holding : trade.holdings) {
      const auto at = followed_.find(holding.market);
      const double exposure = at == followed_.end() ? 0 : at->second.exposure;
      const double towards = holding.outcome == Outcome::yes ? exposure : -exposure;
      if (towards < options_.min_exposure) return true;
    }
    return false;
  }

  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const override {
    const Leg& leg = opportunity.legs[0];
    const trading::Ladder& asks = view.prices[leg.market].of(leg.outcome).asks;
    const double share = std::min(1.0, std::abs(opportunity.signal)) * options_.share_per_market;
    const auto budget = fixed_from_double<Money>(share * account.equity.to_double());
    if (!budget || asks.empty()) return {};
    const trading::PredictionMarket& market = view.markets[leg.market];
    const auto sized =
        size_buy_within(std::min(*budget, account.free_cash), asks.best().price + market.tick_size, market, asks, options_.sizing);
    if (!sized) return {};
    OrderIntent intent;
    intent.market = leg.market;
    intent.outcome = leg.outcome;
    intent.limit = sized->limit;
    intent.shares = sized->shares;
    return {intent};
  }

  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override {
    return sell_holdings(trade, view, kExitSlippage);
  }

  StrategyStatistics get_statistics() const override {
    StrategyStatistics statistics{.opportunities_found = found_};
    statistics.details["members"] = members_.size();
    statistics.details["markets_followed"] = followed_.size();
    return statistics;
  }

 private:
  bool follows(const MarketView& view, MarketIndex i) {
    if (followed_.contains(i)) return true;
    const trading::PredictionMarket& market = view.markets[i];
    const auto named = [&](const std::string& name) { return name == market.id || name == market.slug; };
    const bool wanted = options_.markets.empty() ? followed_.size() < options_.max_markets && market.tradable()
                                                 : std::any_of(options_.markets.begin(), options_.markets.end(), named);
    if (!wanted) return false;
    followed_[i].bars.symbol = market.id;
    return true;
  }

  /// A new bar's close, or the latest price of the bar that is still under way.
  void take(Followed& followed, const MarketView& view, MarketIndex i, double mid) {
    market::Bars& bars = followed.bars;
    const auto length = static_cast<std::int64_t>(options_.bar_seconds * 1e9);
    if (!bars.timestamp.empty() && view.now <= bars.timestamp.back()) return;  // a clock that went back makes no bar
    if (!bars.timestamp.empty() && length > 0 && view.now - bars.timestamp.back() < length) return;
    if (bars.size() >= 2 * options_.history) {
      bars.timestamp.erase(bars.timestamp.begin(), bars.timestamp.end() - static_cast<std::ptrdiff_t>(options_.history));
      bars.close.erase(bars.close.begin(), bars.close.end() - static_cast<std::ptrdiff_t>(options_.history));
    }
    bars.timestamp.push_back(view.now);
    bars.close.push_back(mid);
    std::vector<const BarMember*> here;
    for (const BarMember& member : members_)
      if (member.market.empty() || member.market == view.markets[i].id || member.market == view.markets[i].slug) here.push_back(&member);
    followed.exposure = here.empty() ? 0 : exposure_at_close(bars, here);
  }

  std::vector<BarMember> members_;
  BarTraderOptions options_;
  std::unordered_map<MarketIndex, Followed> followed_;
  PlaceChanges places_;
  std::uint64_t found_ = 0;
};

}  // namespace

std::unique_ptr<PredictionStrategy> make_bar_trader(std::vector<BarMember> members, BarTraderOptions options) {
  return std::make_unique<BarTrader>(std::move(members), std::move(options));
}

}  // namespace tradewind::live
