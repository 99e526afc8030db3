// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/sweep/plan_internal.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::sweep {

/// One classifier of the sweep, the same on every symbol.
struct ClassifierPlan {
  const regimes::ClassifierType* type;
  std::vector<double> values;
  std::string name;  ///< "trend.window=200": its id without the symbol
  std::vector<workspace::Parameter> parameters;
  std::vector<std::string> labels;
};

/// One classifier's states on one symbol.
struct ClassifierStates {
  workspace::ClassifierMetadata metadata;
  std::vector<std::int8_t> state;  ///< per bar, −1: not yet known
  std::vector<int> applied;        ///< per bar, what counts for its return: metrics::applied_states(state)
};

/// Classifies every symbol by every configured classifier and measures strategies by regime, as catalog columns
/// regime.<type>.<parameters>.<label>.<metric>. A label known at bar t counts for the return of bar t+1.
class RegimeColumns {
 public:
  /// Errc::invalid_config for a classifier listed twice.
  static Result<RegimeColumns> make(const SweepConfig& config);
  /// Classifies the symbols and writes the states and, from two classifiers on, their consensus. Each classifier sees each bar once.
  Status classify(const std::vector<SymbolData>& symbols, workspace::RunWriter& writer);

  const std::vector<std::string>& columns() const noexcept { return columns_; }
  std::size_t per_symbol() const noexcept { return plans_.size(); }
  /// What was wrong with the classifiers' fits.
  const std::vector<std::string>& notes() const noexcept { return notes_; }
  /// Appends one value per column for a strategy on `symbol`. O(bars · classifiers).
  void append_values(std::size_t symbol, const metrics::TradeTables& tables, std::span<const metrics::PositionChange> changes,
                     std::vector<double>& values) const;

 private:
  Status classify_alone(const SymbolData& symbol, workspace::RunWriter& writer);
  Status classify_together(const SymbolData& symbol, workspace::RunWriter& writer, workspace::ConsensusBuilder& combined);
  Status write(const SymbolData& symbol, ClassifierStates& states, const regimes::Classifier& classifier, workspace::RunWriter& writer);
  ClassifierStates unclassified(const ClassifierPlan& plan, const SymbolData& symbol) const;
  bool has_consensus() const;

  std::vector<ClassifierPlan> plans_;
  std::vector<ClassifierStates> classifiers_;  ///< symbol by symbol
  std::vector<std::string> columns_;
  std::vector<std::string> notes_;
};

}  // namespace tradewind::sweep
