// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "session.hpp"
#include "tradewind/commands/metrics.hpp"

namespace tradewind::cli {

/// How a file of returns or prices is read and measured, as text until it is parsed.
struct ReturnsInput {
  commands::MetricsArguments arguments;
  std::string commission;
  std::string slippage;
  std::string slippage_model;
  std::string returns_of = "strategy";
  std::string minimum_acceptable_return = "0";

  Result<commands::MetricsArguments> finished() const;
};

/// Adds them but those of costs, which some commands have already.
void add_series_options(CLI::App* command, ReturnsInput& options);

}  // namespace tradewind::cli
