// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/commands/import.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct ScanArguments {
  std::vector<std::string> runs;  ///< empty: all
  std::string where;
  std::string sort;        ///< COL[:asc|:desc]; empty: sharpe_ratio, where there is one
  std::size_t limit = 20;  ///< 0: all
  std::size_t offset = 0;
  std::vector<std::string> columns;
};

/// `tradewind runs`
Result<CommandOutput> runs(const Context& context);
/// `tradewind runs delete`. Errc::usage without `yes`, saying what would be removed.
Result<CommandOutput> delete_run(const std::string& run_id, bool yes, const Context& context);
/// `tradewind scan`. Errc::nothing_matched when no strategy passes, Errc::unknown_name for a column that does not exist.
Result<CommandOutput> scan(const ScanArguments& arguments, const Context& context);
/// `tradewind export`: the rows of a scan as .csv, .json or .parquet.
Result<CommandOutput> export_run(const ScanArguments& arguments, const Path& out, const Context& context);
/// `tradewind pack`, `unpack`, `reindex`
Result<CommandOutput> pack(const std::string& run_id, const Context& context);
Result<CommandOutput> unpack(const std::string& run_id, const std::vector<std::string>& ids, std::optional<std::size_t> top,
                             const Context& context);
Result<CommandOutput> reindex(const std::string& run_id, const PricingArguments& pricing, const Context& context);
/// `tradewind verify`. Exit code 1 when a fault was found.
Result<CommandOutput> verify(const std::string& run_id, const Context& context);

}  // namespace tradewind::commands
