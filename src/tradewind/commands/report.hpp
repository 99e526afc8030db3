// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/commands/analyze.hpp"
#include "tradewind/commands/output.hpp"
#include "tradewind/figures/analysis_figures.hpp"

namespace tradewind::commands {

struct ReportArguments {
  AnalyzeArguments analysis;  ///< the run and how it is analysed; a stored analysis of the same input is used
  Path out;                   ///< .html
  Path figures;               ///< folder for the figures; empty: none
  bool as_stored = false;     ///< nothing was said of the analysis: the stored one is shown, whatever its criteria; without one it is made
};

/// `tradewind report RUN --out F.html`: one self-contained file with everything an analysis found.
Result<CommandOutput> report(const ReportArguments& arguments, const Context& context);

/// `usage` for a page that does not end in .html.
Status check_page_name(const Path& out);
/// Writes a page and puts path, bytes and hash into an object.
Status write_page(const Path& out, const std::string& html, Json& json);

/// Writes every figure into a folder as Plotly's JSON, NAME.json, and lists them in an object; nothing for an empty folder.
Status write_figures(const Path& folder, const std::vector<figures::NamedFigure>& all, Json& json);

/// The same for several runs that are analysed already, with what a workflow selected of them.
Result<std::string> report_of_runs(const std::vector<std::string>& runs, const Json& selection, const Context& context);

}  // namespace tradewind::commands
