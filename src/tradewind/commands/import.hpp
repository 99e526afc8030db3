// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/commands/output.hpp"
#include "tradewind/market/read_options.hpp"

namespace tradewind::commands {

/// On which prices signals of elsewhere are traded, and how. Without `data` nothing else may be given.
struct PricingArguments {
  std::vector<std::string> data;  ///< SYMBOL=FILE
  std::optional<std::string> commission, slippage, slippage_model, fill;
  std::optional<double> periods_per_year;
  market::ReadSettings reading{};  ///< how the files of `data` are read: reader options by name
};

struct ImportArguments {
  std::vector<std::string> sources;
  std::string run_id;
  std::string format = "auto";
  PricingArguments pricing;
};

struct ImportReturnsArguments {
  std::string file;
  std::string run_id;
  double periods_per_year = 0;
};

/// `tradewind import-signals`
Result<CommandOutput> import_signals(const ImportArguments& arguments, const Context& context);
/// `tradewind import-returns`
Result<CommandOutput> import_returns(const ImportReturnsArguments& arguments, const Context& context);

}  // namespace tradewind::commands
