// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tradewind/analysis/verdict.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/figures/analysis_figures.hpp"
#include "tradewind/figures/html_internal.hpp"

namespace tradewind::figures {

/// One analysis on its way to the page. Sections append their HTML to `out`.
struct RunPage {
  RunPage(const Json& document, View sessions, std::string prefix_, int level_)
      : analysis(document),
        session(sessions[analysis["run_id"].text()]),
        reasons(analysis),
        prefix(std::move(prefix_)),
        level(level_),
        figures(analysis_figures(document)) {}
  /// A page of something else than an analysis, with the figures that it has.
  RunPage(const Json& document, std::vector<NamedFigure> figures_)
      : analysis(document), reasons(analysis), level(2), figures(std::move(figures_)) {}

  View analysis;
  View session;  ///< empty for a run that is none
  Reasons reasons;
  std::string prefix;  ///< of every element id, so that several runs fit on a page
  int level;           ///< of the section's headings: 2, or 3 where the page holds several runs
  std::vector<NamedFigure> figures;
  std::string out;

  void open_section(std::string_view id, std::string_view title, std::string_view lead = {});
  void close_section() { out += "</section>\n"; }
  void paragraph(std::string_view text, std::string_view css_class = {});
  void heading(std::string_view text, int at = 0);  ///< of level `at`, else one below the section's
  void missing(std::string_view what) { paragraph(std::string(what), "none"); }
  /// The figure with its caption and `table` behind "view as table"; nothing when the analysis has no such figure.
  void figure(std::string_view name, const std::string& table);
  bool has_figure(std::string_view name) const;
  void table(const Table& content, bool sortable = false) { out += content.html(sortable); }
};

void write_verdict(RunPage& page);
/// How sure a verdict is, or how it came about that nothing is traded: style, picture and words.
struct Sureness {
  std::string_view css, dots, name, lead = "How sure";
};
Sureness sureness_of(const analysis::Verdict& verdict);
void write_funnel(RunPage& page);
void write_ensemble(RunPage& page);
void write_findings(RunPage& page);
void write_strategies(RunPage& page);
void write_tear_sheet(RunPage& page);
void write_regimes(RunPage& page);
void write_correlation(RunPage& page);
void write_patterns(RunPage& page);
void write_overfitting(RunPage& page);
void write_surface(RunPage& page);
/// Nothing for a run that is no session.
void write_session(RunPage& page);
void write_provenance(RunPage& page);
/// The table of replays; empty without any.
std::string replays_html(View replays, int level);

/// Success for version 1 of a family of documents.
Status check_schema(const Json& document, std::string_view family, std::string_view what);

/// What stands behind "view as table" of curves: the values at the ends of years, months or days.
std::string equity_table(const EquityTable& equity);
std::string rolling_table(const RollingTable& rolling, std::string_view what);
std::string monthly_table(const MonthlyReturns& monthly);

/// "sharpe_ratio: 1.2, window: 20" of an object with plain values.
std::string parameters_text(View object);

}  // namespace tradewind::figures
