// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/sweep/plan_internal.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::sweep {

/// One classifier's states on one symbol.
struct ClassifierStates {
  workspace::ClassifierMetadata metadata;
  std::string column_prefix;                    ///< "regime.trend.window=200.": the symbol is that of the strategy
  std::vector<std::int8_t> state;               ///< per bar, −1: not yet known
  std::vector<UnixNanos> change_time;           ///< sparse form
  std::vector<std::int8_t> change_state;
  Status write(workspace::RunWriter& writer) const { return writer.write_classifier(metadata, {change_time, change_state}); }
};

/// Classifies every symbol by every configured classifier and measures strategies by regime, as catalog columns
/// regime.<type>.<parameters>.<label>.<metric>. A label known at bar t counts for the return of bar t+1.
class RegimeColumns {
 public:
  Status classify(const SweepConfig& config, const std::vector<SymbolData>& symbols, double periods_per_year);
  const std::vector<std::string>& columns() const noexcept { return columns_; }
  const std::vector<ClassifierStates>& classifiers() const noexcept { return classifiers_; }
  /// Appends one value per column for a strategy on `symbol`. O(bars · classifiers).
  void append_values(std::size_t symbol, const metrics::TradeTables& tables, std::span<const metrics::PositionChange> changes, std::vector<double>& values) const;

 private:
  double periods_per_year_ = 252;
  std::size_t per_symbol_ = 0;  ///< classifiers of each symbol
  std::vector<ClassifierStates> classifiers_;  ///< symbol by symbol
  std::vector<std::string> columns_;
};

}  // namespace tradewind::sweep
