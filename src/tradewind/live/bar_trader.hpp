// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/live/regime_follower.hpp"
#include "tradewind/live/strategy_origin.hpp"
#include "tradewind/prediction/sizing.hpp"
#include "tradewind/prediction/strategy.hpp"
#include "tradewind/strategies/strategy.hpp"

namespace tradewind::live {

/// A member is held in some regimes of a classifier of its market only: in the others it is flat, while the regime is unknown it is held.
struct MemberGate {
  std::string classifier_id;
  std::function<Result<std::unique_ptr<regimes::Classifier>>()> make;  ///< the classifier before its first bar
  std::vector<bool> held_in;                                           ///< by state
};

/// A bar strategy with its weight in the whole.
struct BarMember {
  const strategies::StrategyType* type = nullptr;
  strategies::Direction direction = strategies::Direction::long_only;
  ParameterValues parameters;
  double weight = 1;   ///< while no regime is in force
  std::string market;  ///< id or slug of the market it trades; empty: every market followed
  std::optional<MemberGate> gate = {};
};

struct BarTraderOptions {
  std::vector<std::string> markets;  ///< ids or slugs; empty: the first max_markets that can be traded
  std::size_t max_markets = 20;
  double bar_seconds = 0;          ///< length of a bar; 0: every cycle is one
  double min_exposure = 0.05;      ///< |Σ weight · position| below it is flat
  double share_per_market = 0.10;  ///< of the strategy's equity, at full exposure
  double max_spread = 0.05;        ///< dollars between bid and ask above which nothing is entered
  prediction::SizingOptions sizing;
  std::string warning = {};  ///< why its analysis says not to trade it, told with its figures; empty: it may be traded
};

/// Trades prediction markets by strategies of the sweep: bars are made of the mid price of yes, members say −1, 0 or +1 at each bar's
/// close, and their weighted sum is the exposure wanted: above 0 yes is bought, below 0 no. A trade is left when the sum turns or goes
/// flat. One member is a bar strategy, several are a replayed ensemble. Members are strategies::PositionStreams, which say at every bar
/// what a sweep over all bars since the first says, also after a restart: save_state holds them. With `regimes` the weights are those of
/// the regime in force, as in a replay over the same bars. O(members) per market and bar, and the classifier's own work.
/// Precondition: the rule's weights are one per member.
std::unique_ptr<prediction::PredictionStrategy> make_bar_trader(std::vector<BarMember> members, BarTraderOptions options,
                                                                std::optional<RegimeRule> regimes = {});

/// Reads the keys of BarTraderOptions; `any_market`: `markets` and `max_markets`, too.
BarTraderOptions read_bar_options(config::MapReader& section, bool any_market);
/// Reads a section with `type: bar`: `strategy`, its parameters and `direction`, and the keys of BarTraderOptions. With `run`, `strategy`
/// is one of that run of the workspace, which has its parameters; `origin` gets what it earned there. Null after a complaint.
std::unique_ptr<prediction::PredictionStrategy> read_bar_trader(config::MapReader& section, const Path& workspace, StrategyOrigin& origin);
/// Reads a section with `type: ensemble`: `run`, an analysed run of the workspace whose ensemble is traded, or `file`, a replay as a
/// workflow writes it; its strategies in the regimes they were scored in, with the weights of the regime the ensemble's classifier tells,
/// or, with `adaptive`, with weights that follow the probabilities of the regimes; `symbols` (SYMBOL: market) for every symbol of it,
/// `trade_unqualified` for one whose analysis says not to trade it, and the keys of BarTraderOptions. `origin` gets what the analysis says
/// of it. Null after a complaint.
std::unique_ptr<prediction::PredictionStrategy> read_ensemble_trader(config::MapReader& section, const Path& workspace,
                                                                     StrategyOrigin& origin);

}  // namespace tradewind::live
