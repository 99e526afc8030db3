// SPDX-License-Identifier: Apache-2.0
// A prediction-market strategy of your own is one class with seven methods and one registration line. This program shows it three made-up
// books and prints what it would do; then it trades simulated markets in a session, beside arbitrage, as `tradewind live` runs one.
// Commands such as `tradewind --workspace DIR live status` and `… live trades` work on that session; the same call again goes on with it:
//
//   build/release/bin/custom_prediction_strategy [WORKSPACE=./workspaces] [CYCLES=300]
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tradewind/base/json.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/prediction/sizing.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace {

using namespace tradewind;
using namespace tradewind::prediction;

/// Buys the favourite shortly before the end: what is likely tends to be sold a little too cheaply.
class FavouriteBuyer final : public PredictionStrategy {
 public:
  FavouriteBuyer(double least_price, double premium) : least_price_(least_price), premium_(premium) {}

  void analyze(const MarketView&) override {}  // no memory needed

  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    for (MarketIndex m = 0; m < view.size(); ++m) {
      for (const auto outcome : {trading::Outcome::yes, trading::Outcome::no}) {
        const trading::Ladder& asks = view.prices[m].of(outcome).asks;
        if (!view.tradable(m) || asks.empty() || dollars(asks.best().price) < least_price_) continue;
        const double price = dollars(asks.best().price);
        Opportunity& one = found.emplace_back();
        one.add({.market = m, .outcome = outcome, .limit = asks.best().price, .shares = asks.best().size});
        one.probability = price + premium_;
        one.edge = one.score = premium_ - view.markets[m].fees.per_share(price);
        one.shares = asks.best().size.to_double();
        one.expected_profit = one.shares * one.edge;
        ++found_;
      }
    }
  }

  EntryVerdict should_enter(const Opportunity& opportunity, const MarketView&, const Account& account) const override {
    if (!(opportunity.edge > 0)) return {Fate::below_margin};
    return {holds(account.trades, opportunity.market()) ? Fate::already_held : Fate::traded};
  }

  bool should_exit(const OpenTrade& trade, const MarketView& view) const override {
    if (trade.orders_working || trade.holdings.empty()) return false;
    const SaleValue value = sale_value(trade.holdings[0], view);
    return value.proceeds < 0.8 * trade.holdings[0].cost.to_double();  // no favourite any more
  }

  OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const override {
    const Leg& leg = opportunity.legs[0];
    const auto sized =
        size_buy(opportunity.probability, 0, view.markets[leg.market], view.prices[leg.market].of(leg.outcome).asks, account, {});
    if (!sized) return {};
    return {{.market = leg.market, .outcome = leg.outcome, .limit = sized->limit, .shares = sized->shares}};
  }

  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override { return sell_holdings(trade, view, 0.05); }

  StrategyStatistics get_statistics() const override { return {.opportunities_found = found_}; }

 private:
  double least_price_;
  double premium_;
  std::uint64_t found_ = 0;
};

Status register_favourite_buyer() {
  return PredictionRegistry::instance().add({.name = "favourite_buyer",
                                             .summary = "Buys favourites",
                                             .formula = "ask >= least_price",
                                             .source = "an example",
                                             .make = [](config::MapReader& reader) -> std::unique_ptr<PredictionStrategy> {
                                               const double least = reader.number("least_price", 0.85, 0.5, 0.99);
                                               const double premium = reader.number("premium", 0.02, 0, 0.2);
                                               reader.finish();
                                               return std::make_unique<FavouriteBuyer>(least, premium);
                                             }});
}

/// Three markets whose books stand at 0.30, 0.88 and 0.95.
MarketUniverse made_up_markets() {
  MarketUniverse universe;
  for (const int cents : {30, 88, 95}) {
    trading::PredictionMarket one;
    one.id = "market-" + std::to_string(cents);
    one.fees.rate = 0.04;
    const MarketIndex m = universe.upsert(one);
    universe.set_state(m, BookState::good);
    const trading::Level ask{Price{cents * 10'000LL}, Shares::whole(400)};
    const trading::Level bid{Price{(cents - 1) * 10'000LL}, Shares::whole(400)};
    universe.change_prices(m, [&](trading::MarketPrices& prices) {
      prices.of(trading::Outcome::yes).asks.assign(trading::Side::sell, {&ask, 1});
      prices.of(trading::Outcome::yes).bids.assign(trading::Side::buy, {&bid, 1});
    });
  }
  return universe;
}

/// What it would do with them.
Status look_at_made_up_markets() {
  TRADEWIND_ASSIGN(const config::Value section, config::parse_config("premium: 0.03", "example"));
  TRADEWIND_ASSIGN(const PredictionStrategyType* type, PredictionRegistry::instance().find("favourite_buyer"));
  config::Complaints complaints("example");
  config::MapReader reader(section, "strategies.favourite_buyer", complaints);
  const auto strategy = type->make(reader);
  TRADEWIND_TRY(complaints.status());

  const MarketUniverse universe = made_up_markets();
  const MarketView view = universe.view();
  const Account account{Money::whole(1000), Money::whole(1000), {}};
  std::vector<Opportunity> found;
  strategy->analyze(view);
  strategy->find_opportunities(view, found);
  for (const Opportunity& one : found) {
    const EntryVerdict verdict = strategy->should_enter(one, view, account);
    std::printf("%s: edge %.4f a share, %s\n", view.markets[one.market()].id.c_str(), one.edge,
                std::string(enum_name(verdict.fate)).c_str());
    if (!verdict.yes()) continue;
    for (const OrderIntent& order : strategy->enter_position(one, view, account))
      std::printf("  buy %s shares at %s\n", decimal_text(order.shares).c_str(), decimal_text(order.limit).c_str());
  }
  return {};
}

// Once registered it is configured by its name, with limits of its own and a share of the capital like every other.
constexpr const char* kConfig = R"(
total_capital: 1000
cycle_interval: 0
strategies:
  enabled: [favourite_buyer, arbitrage]
  capital_allocation: {favourite_buyer: 0.6, arbitrage: 0.4}
  favourite_buyer: {least_price: 0.75, premium: 0.03, limits: {max_loss: 20%}}
)";

Status trade_in_a_session(const char* workspace, std::int64_t cycles) {
  TRADEWIND_ASSIGN(const config::Value yaml, config::parse_config(kConfig, "example"));
  TRADEWIND_ASSIGN(live::LiveConfig config, live::read_live_config(yaml, "example"));
  TRADEWIND_ASSIGN(const auto session,
                   live::LiveSession::open(std::move(config), {.workspace = workspace, .session = "favourites", .cycles = cycles}));
  TRADEWIND_TRY(session->run());
  const Json report = session->report();
  const Json& mine = report["strategies"]["favourite_buyer"];
  std::printf("session favourites: %s cycles, %s found, %s taken, profit %s on %s, %s\n", report["cycles"].dump().c_str(),
              mine["opportunities_found"].dump().c_str(), mine["opportunities_taken"].dump().c_str(),
              mine["realized_profit"].dump().c_str(), mine["capital"].dump().c_str(), mine["reasons"].dump().c_str());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Status status = register_favourite_buyer();
  if (status) status = look_at_made_up_markets();
  if (status) status = trade_in_a_session(argc > 1 ? argv[1] : "workspaces", argc > 2 ? std::atoi(argv[2]) : 300);
  if (!status) std::fprintf(stderr, "%s\n", status.error().message().c_str());
  return status ? 0 : 1;
}
