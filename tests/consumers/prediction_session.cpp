#include <cstdio>

#include <tradewind/base/json.hpp>
#include <tradewind/live/session.hpp>
#include <tradewind/prediction/sizing.hpp>
#include <tradewind/prediction/unwind.hpp>

using namespace tradewind;
using namespace tradewind::prediction;

/// Buys favourites that cost at least `least`, and waits for the decision.
struct Favourites final : PredictionStrategy {
  explicit Favourites(double least_) : least(least_) {}
  void analyze(const MarketView&) override {}
  void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) override {
    for (MarketIndex m = 0; m < view.size(); ++m) {
      const auto& asks = view.prices[m].of(trading::Outcome::yes).asks;
      if (!view.tradable(m) || asks.empty() || dollars(asks.best().price) < least) continue;
      Opportunity& one = found.emplace_back();
      one.add({.market = m, .outcome = trading::Outcome::yes, .limit = asks.best().price, .shares = asks.best().size});
      one.score = dollars(asks.best().price);
      ++seen;
    }
  }
  EntryVerdict should_enter(const Opportunity& one, const MarketView&, const Account& account) const override {
    return {holds(account.trades, one.market()) ? Fate::already_held : Fate::traded};
  }
  bool should_exit(const OpenTrade&, const MarketView&) const override { return false; }
  OrderPlan enter_position(const Opportunity& one, const MarketView&, const Account&) const override {
    return {{.market = one.market(), .limit = one.legs[0].limit, .shares = Shares::whole(10)}};
  }
  OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const override {
    return sell_holdings(trade, view, kExitSlippage);
  }
  StrategyStatistics get_statistics() const override {
    StrategyStatistics told{.opportunities_found = seen};
    told.details["least_price"] = least;
    return told;
  }
  double least;
  std::uint64_t seen = 0;
};

Result<Json> trade() {
  TRADEWIND_TRY(PredictionRegistry::instance().add({.name = "favourites",
                                                    .summary = "Buys favourites",
                                                    .formula = "ask >= least",
                                                    .source = "an example",
                                                    .make = [](config::MapReader& reader) -> std::unique_ptr<PredictionStrategy> {
                                                      const double least = reader.number("least", 0.8, 0.5, 0.99);
                                                      reader.finish();
                                                      return std::make_unique<Favourites>(least);
                                                    }}));
  TRADEWIND_ASSIGN(const config::Value yaml, config::parse_config(R"(
total_capital: 1000
cycle_interval: 0
strategies: {enabled: [favourites], favourites: {least: 0.75}}
)",
                                                                  "live"));
  TRADEWIND_ASSIGN(live::LiveConfig config, live::read_live_config(yaml, "live"));
  TRADEWIND_ASSIGN(const auto session, live::LiveSession::open(std::move(config), {.session = "favourites", .cycles = 100}));
  TRADEWIND_TRY(session->run());
  return session->report();
}

int main() {
  const auto report = trade();
  if (!report) return std::fprintf(stderr, "%s\n", report.error().message().c_str()), 1;
  const Json& mine = (*report)["strategies"]["favourites"];
  std::printf("%s cycles, %s trades entered, equity %s, %s\n", (*report)["cycles"].dump().c_str(),
              mine["opportunities_taken"].dump().c_str(), (*report)["account"]["equity"].dump().c_str(), mine["details"].dump().c_str());
}
