// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "tradewind/prediction/news_text.hpp"
#include "tradewind/prediction/rules.hpp"
#include "tradewind/prediction/sizing.hpp"

namespace tradewind::prediction {

struct NewsOptions {
  std::vector<NewsMarket> markets;               ///< keywords by market
  std::map<std::string, double> source_weights;  ///< by source; 1 for others
  Lexicon lexicon;
  double strength = 1;         ///< k: logits a fully relevant, fully positive item moves
  double tau_hours = 6;        ///< an item's weight is exp(−age/τ)
  double min_relevance = 0.6;  ///< of a question's words by rarity
  int duplicate_distance = 8;  ///< simhash bits up to which an item is a repetition
  double min_edge = 0.02;      ///< dollars per share beyond price and fee
  double exit_impact = 0.25;   ///< share of the entry's impact below which the position is left
  int memory = 5000;           ///< items remembered
  EntryRules rules;
  ExitRules exits;
  SizingOptions sizing;
};
NewsOptions read_news(config::MapReader& reader);

/// Trades on news: logit(p') = logit(mid) + k·Σ w·r·s·exp(−age/τ) over the items about a market, w the weight of the source, r the
/// relevance, s the polarity of the item's words. Repetitions count once. An item is not used before it was received, and moves a market
/// into one trade: after that it is spent there, also after a restart.
class News final : public PredictionStrategy {
 public:
  explicit News(NewsOptions options);

  void analyze(const MarketView& view) override;
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override;
  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  bool should_exit(const OpenTrade& trade, const MarketView& view) const override;
  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const override;
  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override;
  StrategyStatistics get_statistics() const override;
  /// "id: headline" of every item the opportunity rests on, the most recent first, as far as they are remembered.
  std::vector<std::string> evidence(const Opportunity& opportunity) const override;
  /// From now on what the trade rests on is spent for its market.
  void remember(const TradeRecord& trade) override;

  /// Logits by which the news moves a market now, without what is spent.
  double impact(MarketIndex market, UnixNanos now) const { return impact_since(market, now, kUnspent); }

 private:
  struct Record {
    std::string id;
    std::string headline;
    UnixNanos time = 0;
    std::uint64_t hash = 0;
  };
  static constexpr std::uint64_t kUnspent = ~std::uint64_t{0};
  struct Effect {
    std::uint32_t record = 0;  ///< number of the item, counted from the first
    UnixNanos time = 0;
    double logits = 0;               ///< k·w·r·s
    std::uint64_t spent = kUnspent;  ///< trade that rests on it
  };
  /// A headline that a trade rested on.
  struct Spent {
    std::string market_id;
    std::string evidence;
    std::uint64_t hash = 0;
  };
  /// A trade whose market has not come yet.
  struct Remembered {
    std::uint64_t trade = 0;
    UnixNanos opened = 0;
    double signal = 0;
  };
  void take(const trading::NewsItem& item, const MarketView& view);
  bool repetition(std::uint64_t hash, std::size_t words) const;
  bool is_spent(MarketIndex market, const trading::NewsItem& item, std::uint64_t hash, std::size_t words) const;
  int most_distance(std::size_t words) const noexcept;
  void spend(MarketIndex market, const Remembered& trade);
  double impact_since(MarketIndex market, UnixNanos now, std::uint64_t trade) const;
  void forget();
  void consider(MarketIndex market, const MarketView& view, std::vector<Opportunity>& found);

  NewsOptions options_;
  NewsMatcher matcher_;
  PlaceChanges places_;
  std::vector<trading::NewsItem> waiting_;  ///< received later than now
  std::deque<Record> records_;
  std::uint32_t first_record_ = 0;       ///< number of records_.front()
  std::unordered_set<std::string> ids_;  ///< of records_, with their source
  std::map<MarketIndex, std::vector<Effect>> effects_;
  std::deque<Spent> spent_;
  std::unordered_map<std::string, std::vector<Remembered>> earlier_;  ///< trades of markets that are not here yet
  std::uint64_t last_trade_ = 0;
  std::uint64_t seen_ = 0, repeated_ = 0, matched_ = 0, found_ = 0;
};

}  // namespace tradewind::prediction
