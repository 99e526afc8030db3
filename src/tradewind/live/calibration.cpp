// SPDX-License-Identifier: Apache-2.0
// What was expected of trades beside what they earned.
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/calibration_internal.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/live/session_journal_internal.hpp"

namespace tradewind::live {
namespace {

using execution::ListedTrade;

/// Closed trades of one strategy and kind.
struct Group {
  int trades = 0;
  int won = 0;
  double expected = 0;                             ///< dollars
  double earned = 0;                               ///< dollars
  double squares = 0;                              ///< of what was earned beyond what was expected
  int legs = 0;                                    ///< orders to buy or sell, of entries
  int short_legs = 0;                              ///< of them: not filled whole
  std::map<int, std::pair<double, double>> after;  ///< seconds: Σ gain · shares, Σ shares, by the mid then

  void take(const ListedTrade& trade);
  void take_markouts(const ListedTrade::Line& line, const std::map<int, Price>& mids);
  Json json() const;
  /// Standard errors by which trades earned less than expected.
  double shortfall() const;
};

void Group::take(const ListedTrade& trade) {
  for (const ListedTrade::OrderLine& line : trade.orders) {
    if (line.purpose != execution::Purpose::entry || line.order.kind != trading::OrderKind::limit) continue;
    ++legs;
    short_legs += line.filled < line.order.shares ? 1 : 0;
  }
  if (!trade.filled() || !trade.closed) return;
  const double profit = trade.profit().to_double();
  ++trades;
  won += profit > 0 ? 1 : 0;
  expected += trade.expected_profit;
  earned += profit;
  squares += (profit - trade.expected_profit) * (profit - trade.expected_profit);
}

void Group::take_markouts(const ListedTrade::Line& line, const std::map<int, Price>& mids) {
  for (const auto& [seconds, mid] : mids) {
    const double shares = std::abs(line.shares.to_double());
    const double gain = (mid - line.price).to_double() * (line.side == trading::Side::buy ? 1 : -1);
    after[seconds].first += gain * shares;
    after[seconds].second += shares;
  }
}

double Group::shortfall() const {
  if (trades < 2) return 0;
  const double n = trades, mean = (earned - expected) / n;
  const double variance = std::max(0.0, squares / n - mean * mean) * n / (n - 1);
  return variance > 0 ? -mean / std::sqrt(variance / n) : 0;
}

Json Group::json() const {
  Json json = {{"trades", trades},
               {"expected_profit", expected},
               {"realized_profit", earned},
               {"hit_rate_percent", trades > 0 ? Json(100.0 * won / trades) : Json(nullptr)},
               {"legs", legs},
               {"legs_short", short_legs}};
  json["markout_cents"] = Json::object();  // a share, by the mid so many seconds after a fill; below 0: the price went against it
  for (const auto& [seconds, sums] : after)
    json["markout_cents"][std::to_string(seconds)] = sums.second > 0 ? Json(100 * sums.first / sums.second) : Json(nullptr);
  return json;
}

}  // namespace

Json calibration_json(const execution::TradeHistory& history, const execution::MidsAfter& after, const Json& strategies) {
  std::map<std::string, std::map<std::string, Group>> groups;
  for (const auto& [id, trade] : history.trades()) {
    if (id == 0) continue;
    Group& group = groups[trade.strategy][std::string(enum_name(trade.kind))];
    group.take(trade);
    for (const ListedTrade::Line& line : trade.lines)
      if (const auto mids = after.find(line.sequence); mids != after.end()) group.take_markouts(line, mids->second);
  }
  Json json = {{"calibration", Json::object()}, {"recommendations", Json::array()}};
  for (const auto& [strategy, warning] : unqualified_of(strategies))
    json["recommendations"].push_back({{"strategy", strategy},
                                       {"kind", "unqualified"},
                                       {"text", fmt::format("{}: {}; do not take its profit for skill", strategy, warning)}});
  for (const auto& [strategy, kinds] : groups) {
    for (const auto& [kind, group] : kinds) {
      json["calibration"][strategy][kind] = group.json();
      // One that states no expectation cannot fall short of it.
      if (group.trades < kEnoughTrades || group.expected == 0 || group.shortfall() < 2) continue;
      json["recommendations"].push_back(
          {{"strategy", strategy},
           {"kind", kind},
           {"text", fmt::format("{} of {}: {:.2f} dollars were expected of {} trades and {:.2f} earned; do not believe its expectation",
                                kind, strategy, group.expected, group.trades, group.earned)}});
    }
  }
  return json;
}

Result<Json> session_calibration(const Path& workspace, const std::string& session) {
  TRADEWIND_ASSIGN(const auto journal, open_to_read(SessionFiles::of(workspace, session), session));
  execution::TradeHistory history;
  TRADEWIND_TRY(execution::replay(*journal, [&](const execution::Record& record) { return history.replay(record); }));
  TRADEWIND_ASSIGN(const auto after, journal->markouts());
  TRADEWIND_ASSIGN(const std::string stored, journal->statistics());
  return calibration_json(history, after, strategies_of(read_json(stored)));
}

}  // namespace tradewind::live
