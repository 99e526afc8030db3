// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tradewind/base/json.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::size_t kRanks = 100;

/// Figures of which less is better; of all others more is (losses are negative).
bool less_is_better(std::string_view metric) {
  constexpr std::array<std::string_view, 6> kLess = {"volatility",     "max_drawdown", "total_costs",
                                                     "cost_per_trade", "cost_impact",  "family_wise_p"};
  return std::find(kLess.begin(), kLess.end(), metric) != kLess.end();
}

/// Rows with a value in a column, best first, ties by id.
std::vector<std::size_t> ranking(std::span<const CatalogRow> rows, std::size_t column, bool least_first = false) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (std::isfinite(rows[i].metadata.values[column])) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = rows[a].metadata.values[column], y = rows[b].metadata.values[column];
    return x != y ? (x > y) != least_first : rows[a].metadata.strategy_id < rows[b].metadata.strategy_id;
  });
  return order;
}

Json distribution(std::span<const CatalogRow> rows, std::size_t column, const std::vector<std::size_t>& order) {
  if (order.empty()) return {{"defined", 0}, {"min", nullptr}, {"median", nullptr}, {"mean", nullptr}, {"max", nullptr}};
  const auto value = [&](std::size_t rank) { return rows[order[rank]].metadata.values[column]; };
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) sum += value(i);
  const std::size_t n = order.size();
  const double median = n % 2 == 1 ? value(n / 2) : (value(n / 2 - 1) + value(n / 2)) / 2;
  const auto [min, max] = std::minmax({value(n - 1), value(0)});
  return {{"defined", n}, {"min", min}, {"median", median}, {"mean", sum / static_cast<double>(n)}, {"max", max}};
}

Json ranks(std::span<const CatalogRow> rows, std::size_t column, const std::vector<std::size_t>& order) {
  Json out = Json::array();
  for (std::size_t i = 0; i < std::min(order.size(), kRanks); ++i)
    out.push_back(
        {{"rank", i + 1}, {"strategy_id", rows[order[i]].metadata.strategy_id}, {"value", rows[order[i]].metadata.values[column]}});
  return out;
}

/// The best strategy: in a replay's run one with signals, not a combination of them.
void name_best(std::span<const CatalogRow> rows, std::size_t column, const std::vector<std::size_t>& order, RunMetadata& metadata) {
  const auto best =
      std::find_if(order.begin(), order.end(), [&](std::size_t i) { return !metadata.is_replay() || !rows[i].signals_path.empty(); });
  if (best == order.end()) return;
  metadata.best_sharpe = rows[*best].metadata.values[column];
  metadata.best_strategy = rows[*best].metadata.strategy_id;
}

/// What classifiers/*/metadata.json say; also lists their files in the run's metadata.
Json classifier_summaries(const Path& folder, RunMetadata& metadata) {
  Json out = Json::object();
  metadata.classifier_files.clear();
  std::set<Path> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "classifiers", none)) found.insert(entry.path());
  for (const Path& each : found) {
    const auto text = read_file(each / "metadata.json");
    const auto parsed = text ? parse_classifier(*text) : Result<ClassifierMetadata>(text.error());
    if (!parsed) continue;
    metadata.classifier_files[parsed->classifier_id] = "classifiers/" + parsed->classifier_id + "/states.parquet";
    out[parsed->classifier_id] = {{"classifier_type", parsed->classifier_type},
                                  {"symbol", parsed->symbol},
                                  {"state_changes", parsed->state_changes},
                                  {"regime_counts", parsed->regime_counts},
                                  {"avg_regime_duration", parsed->avg_regime_duration},
                                  {"transition_matrix", parsed->transition_matrix}};
  }
  return out;
}

}  // namespace

Result<std::vector<CatalogRow>> read_rows(std::span<const CatalogTable> tables, std::vector<std::string>& metric_columns) {
  for (const CatalogTable& table : tables)
    for (const std::string& name : table.metric_columns())
      if (std::find(metric_columns.begin(), metric_columns.end(), name) == metric_columns.end()) metric_columns.push_back(name);
  std::vector<CatalogRow> rows;
  for (const CatalogTable& table : tables) {
    const std::size_t first = rows.size();
    TRADEWIND_TRY(table.read(rows));
    if (table.metric_columns() == metric_columns) continue;
    for (std::size_t r = first; r < rows.size(); ++r) {
      std::vector<double> values(metric_columns.size(), std::numeric_limits<double>::quiet_NaN());
      for (std::size_t m = 0; m < table.metric_columns().size(); ++m) {
        const auto at = std::find(metric_columns.begin(), metric_columns.end(), table.metric_columns()[m]);
        values[static_cast<std::size_t>(at - metric_columns.begin())] = rows[r].metadata.values[m];
      }
      rows[r].metadata.values = std::move(values);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const CatalogRow& a, const CatalogRow& b) { return a.ordinal < b.ordinal; });
  return rows;
}

Documents summaries(const Path& folder, std::span<const CatalogRow> rows, std::span<const std::string> metric_columns,
                    RunMetadata& metadata) {
  Json performance = Json::object();
  Json rankings = Json::object();
  Json regimes = classifier_summaries(folder, metadata);
  metadata.total_classifiers = static_cast<std::int64_t>(metadata.classifier_files.size());
  metadata.best_sharpe = std::numeric_limits<double>::quiet_NaN();
  metadata.best_strategy.clear();
  add_best_by_regime(rows, metric_columns, metadata, regimes);
  for (std::size_t m = 0; m < metric_columns.size(); ++m) {
    RegimeColumn parts;
    if (split_regime_column(metric_columns[m], parts)) continue;
    const auto order = ranking(rows, m, less_is_better(metric_columns[m]));
    performance[metric_columns[m]] = distribution(rows, m, order);
    rankings[metric_columns[m]] = ranks(rows, m, order);
    if (metric_columns[m] == "sharpe_ratio") name_best(rows, m, order, metadata);
  }
  metadata.total_strategies = static_cast<std::int64_t>(rows.size());
  metadata.signal_files.clear();
  bool packed = false;
  for (const CatalogRow& row : rows) {
    packed |= row.is_packed();
    if (!row.signals_path.empty() && !row.is_packed()) metadata.signal_files[row.metadata.strategy_id] = row.signals_path;
  }
  if (packed)
    metadata.layout = "packed";
  else if (!metadata.signal_files.empty())
    metadata.layout = "files";
  const auto lines = [](const Json& json) { return json.dump(2) + "\n"; };
  return {
      {"summary/performance_summary.json", lines({{"run_id", metadata.run_id},
                                                  {"strategies", rows.size()},
                                                  {"best_strategy", metadata.best_strategy},
                                                  {"metrics", performance}})},
      {"summary/strategy_rankings.json",
       lines(
           {{"run_id", metadata.run_id}, {"strategies", rows.size()}, {"listed", std::min(rows.size(), kRanks)}, {"rankings", rankings}})},
      {"summary/regime_summary.json", lines({{"run_id", metadata.run_id}, {"classifiers", regimes}})}};
}

}  // namespace tradewind::workspace
