// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/market/read_options.hpp"
#include "tradewind/workspace/import.hpp"

namespace tradewind::replay {

/// How the prices of a run's symbol are read.
Result<market::ReadOptions> read_options_of(const workspace::SymbolPrices& source);

/// Prices, fills and costs for signals that were made elsewhere. Trades them as a sweep trades its own, so that equal signals get equal
/// metrics to the last bit, and gives what makes a run of them that every command takes.
class SignalPricing {
 public:
  /// Reads the prices of `execution.data` (symbol and path; hash and bars per year are found out). `periods_per_year` 0: as the timestamps
  /// of each symbol show. Errors: Errc::usage for a symbol given twice, a fill or slippage model that is unknown, a rate outside [0, 1);
  /// Errc::invalid_data for prices with bad rows, closes alone under fill next_open, or too short to tell the bars per year.
  static Result<SignalPricing> open(workspace::RunExecution execution, double periods_per_year);

  /// Borrows nothing: may outlive this object. A row without a symbol takes the only one there is, else the one its id is or begins with
  /// (`SPY`, `SPY.mine`). Errors of `complete`: Errc::invalid_data for a symbol without prices and a signal where there is no bar.
  workspace::RunCompletion completion() const;
  const std::vector<std::string>& notes() const noexcept;

 private:
  struct State;
  explicit SignalPricing(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace tradewind::replay
