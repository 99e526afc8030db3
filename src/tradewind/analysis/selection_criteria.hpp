// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/config/reader.hpp"

namespace tradewind::analysis {

/// What a strategy must have shown to be selected. Every figure is net of costs and of the selection part of the data; the held-out
/// last part never decides. The defaults are the analytics document's.
struct SelectionCriteria {
  double min_sharpe = 1.0;        ///< annualised
  double min_win_rate = 0.55;     ///< of closed trades
  double max_drawdown = 0.20;     ///< positive fraction
  std::int64_t min_trades = 100;  ///< closed ones

  std::vector<std::string> required_regimes;             ///< labels in which there must be enough bars to judge (kMinRegimeBars)
  std::map<std::string, double> min_regime_performance;  ///< label -> smallest conditional Sharpe ratio, annualised

  double max_correlation = 0.7;    ///< of a strategy's returns with those of any selected before it, in (0, 1]
  std::size_t max_selections = 3;  ///< strategies selected per run, at least 1

  bool auto_execute_replay = false;         ///< replay what was selected
  std::vector<std::string> target_regimes;  ///< regimes to hold the ensemble in; the others stay in cash. Empty: all

  double min_dsr = 0;  ///< smallest deflated Sharpe ratio, in [0, 1]; 0 shows it without deciding by it (not in the document)
};

/// Success, or `usage` naming the field that is out of range.
Status check(const SelectionCriteria& criteria);

/// The criteria of a configuration's map, key by key; complaints go to the reader.
SelectionCriteria read_criteria(const config::Value& map, const std::string& path, config::Complaints& complaints);
Json to_json(const SelectionCriteria& criteria);

}  // namespace tradewind::analysis
