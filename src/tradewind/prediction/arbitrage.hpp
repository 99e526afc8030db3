// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tradewind/prediction/set_walk.hpp"
#include "tradewind/prediction/sizing.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {

struct ArbitrageOptions {
  double min_profit_margin = 0.005;      ///< dollars per share after fees, of the last share taken
  double min_profit = 0.05;              ///< dollars per trade
  int max_legs = 12;                     ///< of one trade
  bool buy_sets = true;                  ///< yes + no for less than a dollar
  bool sell_sets = true;                 ///< a split dollar sold for more
  bool multi_outcome = true;             ///< across the markets of an exclusive event
  bool lasting = true;                   ///< buy only what was on offer at the look before, too
  double exit_slippage = kExitSlippage;  ///< dollars below the best bid a leftover leg is sold at
  std::vector<trading::Implication> implications;
  SizingOptions sizing{.kelly_fraction = 0.25, .max_trade_share = 0.25, .max_depth_share = 1};
};
ArbitrageOptions read_arbitrage(config::MapReader& reader);

/// Riskless combinations: complete sets of a market, exclusive outcomes of an event, implications. Profits are locked in by shares of equal
/// number on every leg; what a failed leg leaves over is sold at the bid, or completed when that is cheaper. [Saguillo et al. 2025,
/// arXiv 2508.03474]
/// An order meets the book that is there when it arrives, so a set may break. Of every leg no more is bought than was on offer at two looks
/// in a row, and what broken sets have cost is demanded as margin (required_margin).
/// Opportunity::signal and OpenTrade::entry_signal hold the number of legs. One look costs O(markets), no allocation but for
/// opportunities of more than two legs.
class Arbitrage final : public PredictionStrategy {
 public:
  explicit Arbitrage(ArbitrageOptions options);

  void analyze(const MarketView& view) override;
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override;
  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  bool should_exit(const OpenTrade& trade, const MarketView& view) const override;
  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override;
  StrategyStatistics get_statistics() const override;
  /// Counts whether the set came about, once it is over.
  void remember(const TradeRecord& trade) override;

  /// Dollars a share of a set must promise: of the sets of its kind a share q has broken at a loss of l a dollar paid, so that the
  /// expected profit of a set that promises e is (1 − q)·e − q·l: at least (min_profit_margin + q·l)/(1 − q).
  double required_margin(OpportunityKind kind) const noexcept;

 private:
  struct Event {
    std::string id;
    std::vector<MarketIndex> markets;  ///< empty: the place in events_ is free
    std::uint32_t look = 0;            ///< an event with several changed markets is looked at once
  };
  /// An implication whose ends have been seen (-1: not yet).
  struct Rule {
    std::int64_t antecedent = -1;
    std::int64_t consequent = -1;
  };

  /// Shares that a leg's sets could be made of and up to which price, at the last look that found it and at the one just before.
  /// Small, since every market has two of them.
  struct Offer {
    std::uint32_t look = 0;
    std::uint32_t now = 0;     ///< hundredths of a share
    std::uint32_t before = 0;  ///< hundredths of a share
    std::int32_t limit_now = 0;
    std::int32_t limit_before = 0;  ///< millionths of a dollar
  };
  /// Sets that are over, older ones counting less.
  struct Record {
    double sets = 0;
    double broken = 0;
    double lost = 0;  ///< of the broken ones, Σ loss per dollar paid
  };

  void join(MarketIndex index, const trading::PredictionMarket& market);
  void leave(MarketIndex index);
  void look_at_all_markets(const MarketView& view, std::vector<Opportunity>& found);
  bool may_pay(trading::Side taker, const TopOfBook& top) const noexcept;
  void fetch(MarketIndex market, const MarketView& view) const noexcept;
  void look_at_market(MarketIndex market, const MarketView& view, std::vector<Opportunity>& found);
  void look_at_event(Event& event, const MarketView& view, std::vector<Opportunity>& found);
  void look_at_rule(const Rule& rule, const MarketView& view, std::vector<Opportunity>& found);
  bool collect_all_yes(const Event& event, const MarketView& view);
  bool collect_no_set(const Event& event, const MarketView& view);
  void walk_collected(OpportunityKind kind, int payoff, const MarketView& view, std::vector<Opportunity>& found);
  void note_offers(const Opportunity& found);
  void note_look(const MarketView& view);
  Shares lasting(const Opportunity& opportunity) const;
  OrderPlan buy_legs(const Opportunity& opportunity, const MarketView& view, Money budget) const;

  ArbitrageOptions options_;
  Attos margin_;
  std::uint32_t look_ = 0;
  std::vector<Event> events_;            ///< of exclusive markets
  std::vector<std::uint32_t> event_of_;  ///< by market; kAlone: no such event
  std::vector<std::uint32_t> free_events_;
  std::unordered_map<std::string, std::uint32_t> event_by_id_;
  PlaceChanges places_;
  std::size_t markets_ = 0;                   ///< followed
  std::vector<Rule> rules_;                   ///< as options_.implications
  std::vector<MarketIndex> candidates_;       ///< scratch of one look
  std::vector<Leg> legs_;                     ///< scratch of one look
  std::vector<SetLeg> walks_;                 ///< scratch of one look
  std::array<std::uint64_t, 4> found_{};      ///< by OpportunityKind
  std::vector<std::array<Offer, 2>> offers_;  ///< by market and outcome
  std::vector<std::uint32_t> event_look_;     ///< by market: the last look that was at some markets only, this one among them
  std::uint32_t full_look_ = 0;               ///< the last look at all markets
  std::array<Record, 2> records_{};           ///< of complete sets, of combinations across markets
  std::uint64_t over_ = 0;                    ///< sets that are over
};

/// What a riskless opportunity earns a year on the money it binds: edge/cost · 365/days until its last market ends. nullopt for complete
/// sets, whose money is back at once, and without a known end.
std::optional<double> annualised_edge(const Opportunity& opportunity, const MarketView& view) noexcept;

}  // namespace tradewind::prediction
