// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tradewind::workspace {

/// The prices of one symbol of a run, and what of trading them is the symbol's own.
struct SymbolPrices {
  std::string symbol;
  std::string path;                              ///< absolute: where the file was found
  std::string zone;                              ///< IANA zone of its times without offset; empty: none
  std::string sha256;                            ///< of the file; empty: not known
  double periods_per_year = 0;                   ///< bars
  std::string fill;                              ///< of its own orders; empty while it is written: the run's
  std::map<std::string, std::string> reading{};  ///< how the file is read, but for the zone: options by name
  bool operator==(const SymbolPrices&) const = default;
};

/// How the signals of a run are traded: all that it takes to trade them again, whoever wrote the run. Names as in metadata.json.
struct RunExecution {
  std::vector<SymbolPrices> data;  ///< empty: the run does not say on which prices its signals are
  std::string fill = "next_open";
  double commission_rate = 0.001;  ///< of traded notional, per fill
  std::string slippage_model = "linear";
  double slippage_rate = 0.0005;
  double risk_free = 0;   ///< annual
  bool accounts = false;  ///< the prices are the equity of the strategies' own accounts: there is nothing else that could have been held
  bool operator==(const RunExecution&) const = default;

  const SymbolPrices* find(const std::string& symbol) const {
    for (const SymbolPrices& one : data)
      if (one.symbol == symbol) return &one;
    return nullptr;
  }
};

}  // namespace tradewind::workspace
