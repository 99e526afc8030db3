// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/config/value.hpp"
#include "tradewind/market/read_options.hpp"
#include "tradewind/metrics/trade_tables.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/strategies/strategy.hpp"
#include "tradewind/sweep/grid.hpp"

namespace tradewind::sweep {

/// One price series of a sweep.
struct DataSource {
  std::string symbol;
  Path path;                               ///< absolute, or relative to the working directory
  std::string configured;                  ///< as the user wrote it
  std::string zone;                        ///< IANA zone for times without offset; empty: none
  market::ReadSettings reading;            ///< the other reader options, by name
  double periods_per_year = 0;             ///< 0: the sweep's
  std::optional<metrics::FillModel> fill;  ///< none: the sweep's
};

/// One strategy type with its grid.
struct StrategyGrid {
  const strategies::StrategyType* type = nullptr;
  strategies::Direction direction = strategies::Direction::long_only;
  Grid grid;
};

/// One classifier type with its grid.
struct ClassifierGrid {
  const regimes::ClassifierType* type = nullptr;
  Grid grid;
};

/// A sweep as the user describes it; docs/sweep.md lists every key.
struct SweepConfig {
  std::vector<DataSource> data;
  double periods_per_year = 0;  ///< 0: taken from the timestamps of each symbol
  double risk_free = 0;         ///< annual
  metrics::FillModel fill = metrics::FillModel::next_open;
  metrics::ExecutionCosts costs;
  std::vector<StrategyGrid> strategies;
  std::vector<ClassifierGrid> classifiers;
  std::string json;  ///< the configuration as given, for the run's metadata
};

/// Reads a sweep from a document. Relative data paths are taken from `folder`. `file` names the document in messages.
/// Errors: Errc::invalid_config with every complaint, each with its line and the nearest known name.
Result<SweepConfig> read_sweep_config(const config::Value& document, const Path& folder, const std::string& file);
Result<SweepConfig> load_sweep_config(const Path& path);

}  // namespace tradewind::sweep
