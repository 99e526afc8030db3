// SPDX-License-Identifier: Apache-2.0
// Made-up markets and books for the tests of prediction strategies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/random.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/prediction/strategy.hpp"

namespace tradewind::prediction {

inline trading::Level level(int thousandths, double shares) {
  return {Price{thousandths * 1000LL}, Shares{static_cast<std::int64_t>(shares * 1e6)}};
}

class Universe {
 public:
  MarketIndex add(trading::PredictionMarket market) {
    if (market.id.empty()) market.id = "m" + std::to_string(markets_.size());
    const MarketIndex index = markets_.upsert(market);
    markets_.set_state(index, BookState::good);
    return index;
  }
  MarketIndex add(double fee_rate = 0, int tick_thousandths = 1) {
    trading::PredictionMarket market;
    market.fees.rate = fee_rate;
    market.tick_size = Price{tick_thousandths * 1000LL};
    return add(std::move(market));
  }
  const trading::TokenBook& book(MarketIndex index, trading::Outcome outcome) const { return markets_.prices(index).of(outcome); }
  void asks(MarketIndex index, trading::Outcome outcome, std::vector<trading::Level> levels) {
    markets_.change_prices(index, [&](trading::MarketPrices& prices) { prices.of(outcome).asks.assign(trading::Side::sell, levels); });
  }
  void bids(MarketIndex index, trading::Outcome outcome, std::vector<trading::Level> levels) {
    markets_.change_prices(index, [&](trading::MarketPrices& prices) { prices.of(outcome).bids.assign(trading::Side::buy, levels); });
  }
  /// A consistent book of one level on each side: yes bid/ask and the mirrored no.
  void quote(MarketIndex index, int bid, int ask, double shares = 1000) {
    bids(index, trading::Outcome::yes, {level(bid, shares)});
    asks(index, trading::Outcome::yes, {level(ask, shares)});
    bids(index, trading::Outcome::no, {level(1000 - ask, shares)});
    asks(index, trading::Outcome::no, {level(1000 - bid, shares)});
  }
  MarketUniverse& markets() { return markets_; }
  MarketView view(UnixNanos now = 0) const { return markets_.view(now); }

 private:
  MarketUniverse markets_;
};

inline Account account_of(double dollars_of_equity, std::span<const OpenTrade> trades = {}) {
  const Money money{static_cast<std::int64_t>(dollars_of_equity * 1e6)};
  return {money, money, trades};
}

inline std::vector<Opportunity> look(PredictionStrategy& strategy, const MarketView& view) {
  std::vector<Opportunity> found;
  strategy.analyze(view);
  strategy.find_opportunities(view, found);
  return found;
}

/// A strategy of the registry from YAML, with what was complained about.
struct Made {
  std::unique_ptr<PredictionStrategy> strategy;
  std::string complaints;  ///< message and where
  std::string hint;
};
inline Made make(const std::string& name, const std::string& yaml) {
  const auto type = PredictionRegistry::instance().find(name);
  const auto document = config::parse_config(yaml.empty() ? "{}" : yaml, "desk.yaml");
  if (!type || !document) return {};
  config::Complaints complaints("desk.yaml");
  config::MapReader reader(*document, "strategies." + name, complaints);
  Made made{.strategy = (*type)->make(reader), .complaints = {}, .hint = {}};
  if (const Status status = complaints.status(); !status) {
    made.complaints = status.error().where() + " " + status.error().message();
    made.hint = status.error().hint();
  }
  return made;
}

}  // namespace tradewind::prediction
