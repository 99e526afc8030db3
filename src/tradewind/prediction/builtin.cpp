// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/builtin_internal.hpp"

#include "tradewind/prediction/arbitrage.hpp"
#include "tradewind/prediction/momentum.hpp"
#include "tradewind/prediction/news.hpp"
#include "tradewind/prediction/statistical_arb.hpp"

namespace tradewind::prediction {
namespace {

/// Reads the section to its end, so that every key nobody knows is complained about, and makes the strategy from it.
template <class Strategy, class Options>
auto made_by(Options (*read)(config::MapReader&)) {
  return [read](config::MapReader& reader) -> std::unique_ptr<PredictionStrategy> {
    Options options = read(reader);
    reader.finish();
    return std::make_unique<Strategy>(std::move(options));
  };
}

}  // namespace

std::vector<PredictionStrategyType> builtin_prediction_strategies() {
  std::vector<PredictionStrategyType> all;
  all.push_back(
      {.name = "arbitrage",
       .summary = "Locks in riskless profits: complete sets, exclusive outcomes, implications",
       .formula = "1 - (ask_yes + ask_no) - fees > margin; bid_yes + bid_no - 1 - fees > margin; (m - 1) - sum(ask_no) - fees > margin",
       .source = "Saguillo et al. 2025 (arXiv 2508.03474)",
       .make = made_by<Arbitrage>(&read_arbitrage)});
  all.push_back({.name = "momentum",
                 .summary = "Follows moves that are large against the noise of the steps",
                 .formula = "(L_t - L_{t-W}) / (sd(steps)*sqrt(W)), L = ln(p/(1-p)); enter above 2",
                 .source = "Moskowitz, Ooi & Pedersen 2012; Kelly 1956",
                 .make = made_by<Momentum>(&read_momentum)});
  all.push_back({.name = "statistical_arb",
                 .summary = "Trades two related markets that have drifted apart back together",
                 .formula = "z = (s - mean)/sd of s = y - beta*x; enter |z| > 2, leave |z| < 0.5, stop |z| > 4",
                 .source = "Gatev, Goetzmann & Rouwenhorst 2006; Avellaneda & Lee 2010",
                 .make = made_by<StatisticalArb>(&read_statistical_arb)});
  all.push_back({.name = "news",
                 .summary = "Moves probabilities by what headlines say and trades the difference",
                 .formula = "logit(p') = logit(mid) + k*sum(weight*relevance*polarity*exp(-age/tau))",
                 .source = "Hutto & Gilbert 2014 (lexicon); Charikar 2002 (novelty)",
                 .make = made_by<News>(&read_news)});
  return all;
}

}  // namespace tradewind::prediction
