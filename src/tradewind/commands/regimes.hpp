// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/commands/output.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/regimes/hysteresis.hpp"
#include "tradewind/regimes/registry.hpp"

namespace tradewind::commands {

struct RegimesArguments {
  Path file;
  std::string column;                                          ///< empty: the first numeric one
  bool prices = false;                                         ///< the column holds prices, not returns
  metrics::NanPolicy nan_policy = metrics::NanPolicy::reject;  ///< drop: such rows have no state; zero: a return of 0, an unchanged price
  std::string classifier = "hmm";
  std::vector<regimes::NamedValue> parameters;  ///< of the classifier's type
  bool choose_states = false;                   ///< hmm: the number of states by BIC, from the values before the first label
  regimes::Hysteresis hysteresis;               ///< steadies the labels; not with hindsight
  Path init;                                    ///< hmm: parameters to start from, JSON
  std::optional<int> iterations;                ///< hmm with init: exactly this many EM steps (default 0)
  bool hindsight = false;                       ///< hmm: fit on and label with the whole series
};

/// `tradewind regimes`: the regime of every row of a series, causally unless hindsight is asked for and said.
Result<CommandOutput> regimes_of_file(const RegimesArguments& arguments, const Context& context);

}  // namespace tradewind::commands
