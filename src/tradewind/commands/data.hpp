// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tradewind/commands/output.hpp"
#include "tradewind/market/read_options.hpp"

namespace tradewind::commands {

struct DataImportArguments {
  Path source;
  Path out;                       ///< .parquet, .csv or .csv.gz
  std::string on_error = "fail";  ///< fail, skip
  bool strict = false;
  std::string symbol;
  market::ReadSettings reading{};  ///< reader options by name
  bool all_symbols = false;        ///< of a file with several, each into a file of its own
};

struct DataInfoArguments {
  Path file;
  market::ReadSettings reading{};  ///< reader options by name
  std::string symbol{};            ///< the one to look at when the file's rows are of several; empty: there is only one
};

struct DataSimulateArguments {
  Path out;  ///< a file for one symbol; for several a folder, or a file name that gets `-SYMBOL` before its extension
  std::uint64_t symbols = 1;
  std::uint64_t bars = 2520;
  std::string interval = "1d";
  std::uint64_t seed = 1;
  std::string start = "2015-01-01";
  bool around_the_clock = false;
};

/// `data import`: checks a price file and writes it anew. Exit code 3 with rejected[] when rows were refused; then nothing is written.
/// With all_symbols `out` is a folder, or a file name that gets `-SYMBOL` before its extension, the symbol as in ids.
Result<CommandOutput> data_import(const DataImportArguments& arguments, const Context& context);
/// `data info`: what a price file holds and what looks odd in it.
Result<CommandOutput> data_info(const DataInfoArguments& arguments, const Context& context);
/// `data simulate`: a market with known regimes; also writes the regimes as a series table.
Result<CommandOutput> data_simulate(const DataSimulateArguments& arguments, const Context& context);

}  // namespace tradewind::commands
