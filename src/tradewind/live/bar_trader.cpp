// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/bar_trader.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "tradewind/base/json.hpp"
#include "tradewind/live/market_signals_internal.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::live {
namespace {

using namespace prediction;
using trading::Outcome;
using trading::Side;

/// A market of a saved state that is not listed is forgotten when its last bar is so old.
constexpr std::int64_t kForgottenAfter = 7 * kNanosPerDay;

/// How a regime is called that is not known yet.
const std::string kUnknown = "unknown";

bool is_called(const trading::PredictionMarket& market, const std::string& name) { return name == market.id || name == market.slug; }

class BarTrader final : public PredictionStrategy {
 public:
  BarTrader(std::vector<BarMember> members, BarTraderOptions options, std::optional<RegimeRule> regimes)
      : members_(std::move(members)), options_(std::move(options)) {
    for (const BarMember& member : members_) weights_.push_back(member.weight);
    if (regimes) regime_.emplace(std::move(*regimes));
  }

  void analyze(const MarketView& view) override {
    places_.each(view, [&](MarketIndex i) { followed_.erase(i); });
    if (!view.sample) return;
    if (!restored_.empty()) follow_again(view);
    const auto length = static_cast<std::int64_t>(options_.bar_seconds * 1e9);
    bool closed = false;
    for (MarketIndex i = 0; i < view.size(); ++i) {
      if (!follows(view, i)) continue;
      const trading::TokenBook& book = view.prices[i].yes();
      if (view.states[i] != BookState::good || !book.two_sided()) continue;
      Followed& one = followed_.at(i);
      if (!one.signals.take(view.now, length, book.mid())) continue;
      closed = true;
      if (one.tells_regime) regime_->take(view.now, book.mid());
    }
    if (closed && regime_) regime_->close_bar(view.now);
  }

  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    if (!view.all) return;
    for (const auto& [index, followed] : followed_) {
      const double exposure = followed.signals.exposure(weights());
      if (!view.tradable(index) || std::abs(exposure) < options_.min_exposure) continue;
      const Outcome outcome = exposure > 0 ? Outcome::yes : Outcome::no;
      const trading::TokenBook& book = view.prices[index].of(outcome);
      if (!book.two_sided()) continue;
      Opportunity one;
      one.kind = OpportunityKind::signal;
      one.add({index, outcome, Side::buy, book.asks.best().price, {}});
      one.signal = exposure;
      one.score = std::abs(exposure);
      found.push_back(std::move(one));
      ++found_;
    }
    // By names: of equal scores the first is taken, and places are others after a restart.
    std::sort(found.begin(), found.end(),
              [&](const auto& a, const auto& b) { return view.markets[a.market()].id < view.markets[b.market()].id; });
  }

  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const override {
    if (holds(account.trades, opportunity.market())) return {Fate::already_held};
    for (const OpenTrade& trade : account.trades)
      if (trade.orders_working && trade.holdings.empty()) return {Fate::already_held};
    const Leg& leg = opportunity.legs[0];
    return {view.prices[leg.market].of(leg.outcome).spread() > options_.max_spread ? Fate::wide_spread : Fate::traded};
  }

  /// What is not known is no reason to leave: a market without a bar since the start, or members that have lost what they had seen.
  bool should_exit(const OpenTrade& trade, const MarketView&) const override {
    for (const Holding& holding : trade.holdings) {
      const auto at = followed_.find(holding.market);
      if (at == followed_.end() || !at->second.signals.knows(trade.opened) || (regime_ && !regime_->knows(trade.opened))) continue;
      const double exposure = at->second.signals.exposure(weights());
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
    const auto gated = std::ranges::count_if(members_, [](const BarMember& member) { return member.gate.has_value(); });
    if (gated > 0) {
      std::size_t shut = 0;
      for (const auto& [index, followed] : followed_) shut += followed.signals.shut_out();
      statistics.details["gated_members"] = static_cast<std::size_t>(gated);
      statistics.details["gated_out"] = shut;
    }
    if (!options_.warning.empty()) {
      statistics.details["unqualified"] = true;
      statistics.details["warning"] = std::string_view(options_.warning);
    }
    if (!regime_) return statistics;
    const RegimeRule& rule = regime_->rule();
    statistics.details["classifier"] = std::string_view(rule.classifier_id);
    statistics.details["adaptive"] = rule.adaptive.has_value();
    statistics.details["regime_market"] = std::string_view(rule.market);
    statistics.details["regime"] =
        std::string_view(regime_->regime() < 0 ? kUnknown : rule.labels[static_cast<std::size_t>(regime_->regime())]);
    return statistics;
  }

  /// What is held is followed, whatever else is.
  void remember(const TradeRecord& trade) override {
    if (trade.over)
      held_.erase(trade.id);
    else
      held_[trade.id] = trade.market_ids;
  }

  std::string save_state() const override {
    std::string markets;
    const auto add = [&](const std::string& id, const std::string& saved) {
      markets += (markets.empty() ? "" : ",") + dump_json(Json(id)) + ":" + saved;
    };
    for (const auto& [id, saved] : restored_) add(id, dump_json(saved));
    for (const auto& [index, followed] : followed_) add(followed.market_id, followed.signals.save());
    const std::string regime = regime_ ? ",\"regime\":" + regime_->save() : std::string();
    return "{\"markets\":{" + markets + "}" + regime + "}";
  }

  Status load_state(std::string_view saved) override {
    TRADEWIND_ASSIGN(const Json state, parse_json(saved, "a bar strategy's state"));
    if (!state.is_object() || !state.contains("markets") || !state["markets"].is_object())
      return Error(Errc::corrupt, "a bar strategy's state is damaged; its signals begin anew");
    for (const auto& [id, market] : state["markets"].items()) restored_[id] = market;
    if (const auto saved_regime = state.find("regime"); regime_ && saved_regime != state.end()) regime_->load(*saved_regime);
    return {};
  }

 private:
  struct Followed {
    std::string market_id;
    MarketSignals signals;
    bool tells_regime = false;  ///< its bars are the classifier's
  };

  /// Of the regime in force; the members' own while there is none.
  const std::vector<double>& weights() const {
    const std::vector<double>* of_regime = regime_ ? regime_->weights() : nullptr;
    return of_regime == nullptr ? weights_ : *of_regime;
  }

  /// Markets of the saved state, as they are listed again.
  void follow_again(const MarketView& view) {
    for (MarketIndex i = 0; i < view.size(); ++i) {
      const auto saved = restored_.find(view.markets[i].id);
      if (saved == restored_.end() || followed_.contains(i)) continue;
      follow(view, i).signals.load(saved->second);
      restored_.erase(saved);
    }
    std::erase_if(restored_, [&](const auto& one) {
      const Json& saved = one.second;
      const auto last = saved.is_object() ? saved.find("last") : saved.end();
      const bool dated = saved.is_object() && last != saved.end() && last->is_number_integer();
      return !dated || view.now - last->template get<UnixNanos>() > kForgottenAfter;
    });
  }

  Followed& follow(const MarketView& view, MarketIndex i) {
    const trading::PredictionMarket& market = view.markets[i];
    const bool tells_regime = regime_ && is_called(market, regime_->rule().market);
    return followed_.try_emplace(i, market.id, MarketSignals(members_, market), tells_regime).first->second;
  }

  bool is_held(const std::string& id) const {
    return std::any_of(held_.begin(), held_.end(),
                       [&](const auto& trade) { return std::find(trade.second.begin(), trade.second.end(), id) != trade.second.end(); });
  }

  bool follows(const MarketView& view, MarketIndex i) {
    if (followed_.contains(i)) return true;
    const trading::PredictionMarket& market = view.markets[i];
    if (market.id.empty()) return false;
    const auto named = [&](const std::string& name) { return is_called(market, name); };
    const bool wanted = options_.markets.empty() ? followed_.size() < options_.max_markets && market.tradable()
                                                 : std::any_of(options_.markets.begin(), options_.markets.end(), named);
    if (!wanted && !is_held(market.id)) return false;
    follow(view, i);
    return true;
  }

  std::vector<BarMember> members_;
  BarTraderOptions options_;
  std::vector<double> weights_;  ///< the members' own
  std::optional<RegimeFollower> regime_;
  std::unordered_map<MarketIndex, Followed> followed_;
  std::map<std::string, Json> restored_;                    ///< by market: what was saved of those not listed yet
  std::map<std::uint64_t, std::vector<std::string>> held_;  ///< markets of open trades
  PlaceChanges places_;
  std::uint64_t found_ = 0;
};

}  // namespace

std::unique_ptr<PredictionStrategy> make_bar_trader(std::vector<BarMember> members, BarTraderOptions options,
                                                    std::optional<RegimeRule> regimes) {
  return std::make_unique<BarTrader>(std::move(members), std::move(options), std::move(regimes));
}

}  // namespace tradewind::live
