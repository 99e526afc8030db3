// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <map>

#include "tradewind/base/json.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

/// The catalog columns of one label of a classifier; their names leave the symbol out, which a row has anyway.
struct LabelColumns {
  std::map<std::string, std::size_t> by_metric;
  const std::size_t* find(const char* metric) const {
    const auto found = by_metric.find(metric);
    return found == by_metric.end() ? nullptr : &found->second;
  }
};
using ByLabel = std::map<std::string, LabelColumns>;

std::map<std::string, ByLabel> regime_columns(std::span<const std::string> metric_columns) {
  std::map<std::string, ByLabel> columns;
  for (std::size_t m = 0; m < metric_columns.size(); ++m) {
    RegimeColumn parts;
    if (split_regime_column(metric_columns[m], parts)) columns[parts.classifier][parts.label].by_metric[parts.metric] = m;
  }
  return columns;
}

/// ω² = (SSB − (k − 1)·MSW) / (SST + MSW) over the labels with two bars or more; NaN for fewer than two of them.
double explained(const CatalogRow& row, const ByLabel& labels, double periods_per_year) {
  double bars = 0, sum = 0, squares = 0, within = 0, groups = 0;
  for (const auto& [label, columns] : labels) {
    const std::size_t *n_at = columns.find("bars"), *mean_at = columns.find("mean"), *volatility_at = columns.find("volatility");
    if (n_at == nullptr || mean_at == nullptr || volatility_at == nullptr) continue;
    const double n = row.metadata.values[*n_at], mean = row.metadata.values[*mean_at], volatility = row.metadata.values[*volatility_at];
    if (!(n >= 2) || !std::isfinite(mean) || !std::isfinite(volatility)) continue;
    groups += 1;
    bars += n;
    sum += n * mean;
    squares += n * mean * mean;
    within += (n - 1) * volatility * volatility / periods_per_year;
  }
  if (groups < 2 || bars <= groups) return std::numeric_limits<double>::quiet_NaN();
  const double between = squares - sum * sum / bars;
  const double mean_within = within / (bars - groups);
  return (between - (groups - 1) * mean_within) / (between + within + mean_within);
}

/// The rows a classifier speaks of.
bool is_of(const CatalogRow& row, const std::string& symbol) { return symbol.empty() || row.metadata.symbol == symbol; }

Json best_strategies(std::span<const CatalogRow> rows, const ByLabel& labels, const std::string& symbol) {
  Json out = Json::object();
  for (const auto& [label, columns] : labels) {
    const std::size_t* const sharpe = columns.find("sharpe_ratio");
    const CatalogRow* best = nullptr;
    for (const CatalogRow& row : rows) {
      if (sharpe == nullptr || !is_of(row, symbol) || !std::isfinite(row.metadata.values[*sharpe])) continue;
      const double lead = best == nullptr ? 1 : row.metadata.values[*sharpe] - best->metadata.values[*sharpe];
      if (lead > 0 || (lead == 0 && row.metadata.strategy_id < best->metadata.strategy_id)) best = &row;
    }
    if (best != nullptr) out[label] = {{"strategy_id", best->metadata.strategy_id}, {"sharpe_ratio", best->metadata.values[*sharpe]}};
  }
  return out;
}

double score_of(std::span<const CatalogRow> rows, const ByLabel& labels, const std::string& symbol, double periods_per_year) {
  double sum = 0, count = 0;
  for (const CatalogRow& row : rows) {
    const double one = is_of(row, symbol) ? explained(row, labels, periods_per_year) : std::numeric_limits<double>::quiet_NaN();
    if (!std::isfinite(one)) continue;
    sum += one;
    count += 1;
  }
  return sum / count;
}

}  // namespace

void add_best_by_regime(std::span<const CatalogRow> rows, std::span<const std::string> metric_columns, RunMetadata& metadata,
                        nlohmann::ordered_json& regimes) {
  const auto columns = regime_columns(metric_columns);
  std::string best;
  double highest = -std::numeric_limits<double>::infinity();
  for (auto& [id, summary] : regimes.items()) {
    const std::string symbol = summary["symbol"];
    auto found = columns.find(id);
    if (found == columns.end() && id_begins_with(id, symbol)) {
      const bool plain = id.starts_with(symbol + ".");
      found = columns.find(id.substr((plain ? symbol : id_of_symbol(symbol)).size() + 1));
    }
    if (found == columns.end()) continue;
    summary["best_strategies"] = best_strategies(rows, found->second, symbol);
    const SymbolPrices* const prices = metadata.execution.find(symbol);
    const double own = prices != nullptr && prices->periods_per_year > 0 ? prices->periods_per_year : metadata.periods_per_year;
    const double score = score_of(rows, found->second, symbol, own);
    summary["score"] = number_or_null(score);
    if (score > highest) highest = score, best = id;
  }
  if (!best.empty()) metadata.best_classifier = best;
}

}  // namespace tradewind::workspace
