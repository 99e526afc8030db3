// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/market/bars.hpp"
#include "tradewind/market/read_options.hpp"
#include "tradewind/metrics/trade_tables.hpp"
#include "tradewind/strategies/indicator.hpp"
#include "tradewind/sweep/signal_engine.hpp"
#include "tradewind/sweep/sweep_config.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::sweep {

/// A loaded price series.
struct SymbolData {
  market::Bars bars;
  std::string sha256;
  std::string configured_path;
  std::string found_path;                               ///< absolute
  std::string zone;                                     ///< of its times
  market::ReadSettings reading;                         ///< how the file is read, but for the zone
  metrics::FillModel fill = metrics::FillModel::close;  ///< how its orders are filled
  double periods_per_year = 0;                          ///< bars
};

/// What trades and indicators need of a series; made when its first block starts, dropped when its last one is done.
struct SymbolTables {
  std::optional<strategies::PriceHistory> history;
  std::optional<metrics::TradeTables> trades;
};

/// All strategies of a sweep in their one order: symbol by symbol, grid by grid, last parameter fastest. The place in it is the ordinal.
class Plan {
 public:
  Plan(const SweepConfig& config, const std::vector<SymbolData>& symbols);

  std::int64_t size() const noexcept { return size_; }
  std::size_t symbol_of(std::int64_t ordinal) const noexcept { return static_cast<std::size_t>(ordinal / per_symbol_); }
  SweepCandidate candidate(std::int64_t ordinal) const;
  /// e.g. "SPY.sma_cross.fast=5,slow=20"
  std::string strategy_id(std::int64_t ordinal) const;
  /// Hash of everything the result depends on: symbol, type, direction, parameters, execution, annualization and the data's hash.
  std::uint64_t parameter_hash(std::int64_t ordinal) const;
  /// What all writers of one run must share: execution and the data of each symbol.
  std::map<std::string, std::string> conditions() const;
  /// Identity, type, symbol and parameters; the rest is for the caller.
  workspace::SignalMetadata describe(std::int64_t ordinal) const;
  /// Errc::invalid_config when two strategies have the same id.
  Status check_unique() const;

 private:
  struct Place {
    const StrategyGrid* grid;
    std::size_t index;
  };
  Place place(std::int64_t ordinal) const;
  std::string parameter_text(const Place& place) const;

  const SweepConfig& config_;
  const std::vector<SymbolData>& symbols_;
  std::vector<std::string> execution_;  ///< by symbol
  std::vector<std::int64_t> first_;     ///< ordinal within a symbol of each grid's first combination
  std::int64_t per_symbol_ = 0;
  std::int64_t size_ = 0;
};

}  // namespace tradewind::sweep
