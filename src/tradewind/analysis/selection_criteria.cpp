// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/selection_criteria.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::analysis {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::max();

Status in_range(const char* field, double value, double low, double high) {
  if (value >= low && value <= high) return {};
  return Error(Errc::usage,
               fmt::format("{} is {}; it must lie in [{}, {}]", field, std::isfinite(value) ? number_text(value) : "not finite",
                           number_text(low), number_text(high)),
               field);
}

std::map<std::string, double> read_regime_minimums(config::MapReader& reader) {
  std::map<std::string, double> minimums;
  const config::Value* map = reader.value("min_regime_performance");
  if (map == nullptr || map->kind == config::Value::Kind::null) return minimums;
  if (map->kind != config::Value::Kind::map) {
    reader.complain("min_regime_performance", "is not a map", "write {bull: 0.5, bear: 0}");
    return minimums;
  }
  config::MapReader labels(*map, reader.path_of("min_regime_performance"), reader.complaints());
  for (const auto& [label, value] : map->entries) minimums[label] = labels.number(label, 0, -1000, 1000);
  return minimums;
}

}  // namespace

Status check(const SelectionCriteria& criteria) {
  TRADEWIND_TRY(in_range("min_sharpe", criteria.min_sharpe, -kUnbounded, kUnbounded));
  TRADEWIND_TRY(in_range("min_win_rate", criteria.min_win_rate, 0, 1));
  TRADEWIND_TRY(in_range("max_drawdown", criteria.max_drawdown, 0, 1));
  TRADEWIND_TRY(in_range("max_correlation", criteria.max_correlation, -1, 1));
  TRADEWIND_TRY(in_range("min_dsr", criteria.min_dsr, 0, 1));
  TRADEWIND_TRY(in_range("min_trades", static_cast<double>(criteria.min_trades), 0, kUnbounded));
  TRADEWIND_TRY(in_range("max_selections", static_cast<double>(criteria.max_selections), 1, 1000));
  for (const auto& [label, minimum] : criteria.min_regime_performance)
    TRADEWIND_TRY(in_range(("min_regime_performance." + label).c_str(), minimum, -kUnbounded, kUnbounded));
  return {};
}

SelectionCriteria read_criteria(const config::Value& map, const std::string& path, config::Complaints& complaints) {
  config::MapReader reader(map, path, complaints);
  SelectionCriteria criteria;
  criteria.min_sharpe = reader.number("min_sharpe", criteria.min_sharpe, -1000, 1000);
  criteria.min_win_rate = reader.number("min_win_rate", criteria.min_win_rate, 0, 1);
  criteria.max_drawdown = reader.number("max_drawdown", criteria.max_drawdown, 0, 1);
  criteria.min_trades = reader.whole_number("min_trades", criteria.min_trades, 0, 1'000'000'000'000);
  criteria.required_regimes = reader.text_list("required_regimes");
  criteria.min_regime_performance = read_regime_minimums(reader);
  criteria.max_correlation = reader.number("max_correlation", criteria.max_correlation, -1, 1);
  criteria.max_selections =
      static_cast<std::size_t>(reader.whole_number("max_selections", static_cast<std::int64_t>(criteria.max_selections), 1, 1000));
  criteria.auto_execute_replay = reader.boolean("auto_execute_replay", criteria.auto_execute_replay);
  criteria.target_regimes = reader.text_list("target_regimes");
  criteria.min_dsr = reader.number("min_dsr", criteria.min_dsr, 0, 1);
  reader.finish();
  return criteria;
}

Json to_json(const SelectionCriteria& criteria) {
  Json minimums = Json::object();
  for (const auto& [label, minimum] : criteria.min_regime_performance) minimums[label] = minimum;
  return {{"min_sharpe", criteria.min_sharpe},
          {"min_win_rate", criteria.min_win_rate},
          {"max_drawdown", criteria.max_drawdown},
          {"min_trades", criteria.min_trades},
          {"required_regimes", criteria.required_regimes},
          {"min_regime_performance", std::move(minimums)},
          {"max_correlation", criteria.max_correlation},
          {"max_selections", criteria.max_selections},
          {"auto_execute_replay", criteria.auto_execute_replay},
          {"target_regimes", criteria.target_regimes},
          {"min_dsr", criteria.min_dsr}};
}

}  // namespace tradewind::analysis
