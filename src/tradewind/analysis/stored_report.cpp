// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::analysis {

Result<std::optional<AnalysisReport>> stored_report(const Path& root, const RunInput& input, const std::string& hash) {
  const std::optional<AnalysisReport> none;
  const auto& held = input.run().metric_columns();
  for (const char* column : kAnalysisColumns)
    if (!input.has_other_costs() && std::find(held.begin(), held.end(), column) == held.end()) return none;
  const std::string& run_id = input.metadata().run_id;
  auto report = read_analysis(root, run_id);
  if (!report || report->input_hash != hash) return none;
  // One that was cut off between its commit and giving its documents their names is finished.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root / run_id / "analytics", ignored))
    if (entry.path().extension() == ".tmp") {
      TRADEWIND_TRY(workspace::write_documents(root, run_id, {}));
      break;
    }
  return std::optional(std::move(*report));
}

}  // namespace tradewind::analysis
