// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/report.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/figures/page_internal.hpp"
#include "tradewind/figures/report_internal.hpp"

namespace tradewind::figures {
namespace {

struct Section {
  std::string_view id, title;
  void (*write)(RunPage&);
};
constexpr Section kSections[] = {
    {"verdict", "Verdict", write_verdict},          {"funnel", "Selection", write_funnel},
    {"ensemble", "Ensemble", write_ensemble},       {"findings", "Surprises", write_findings},
    {"strategies", "Strategies", write_strategies}, {"tear-sheet", "Tear sheet", write_tear_sheet},
    {"regimes", "Regimes", write_regimes},          {"correlation", "Correlation", write_correlation},
    {"patterns", "Patterns", write_patterns},       {"overfitting", "Overfitting", write_overfitting},
    {"surface", "Parameters", write_surface},       {"session", "Session", write_session},
    {"provenance", "Provenance", write_provenance},
};

std::string title_of(std::span<const Json> analyses, const ReportOptions& options) {
  if (!options.title.empty()) return options.title;
  std::string title;
  for (const Json& analysis : analyses) title += (title.empty() ? "" : ", ") + View(analysis)["run_id"].text();
  return "tradewind report: " + title;
}

std::string links_of(std::span<const Json> analyses, View sessions) {
  std::string links;
  if (analyses.size() == 1) {
    const bool traded = !sessions[View(analyses[0])["run_id"].text()].empty();
    for (const Section& section : kSections)
      if (section.write != write_session || traded) links += fmt::format("<a href=\"#{}\">{}</a>\n", section.id, section.title);
  } else {
    for (std::size_t i = 0; i < analyses.size(); ++i) {
      links += fmt::format("<a href=\"#r{}-verdict\">{}</a>\n", i + 1, escape(View(analyses[i])["run_id"].text()));
    }
  }
  return links;
}

/// What stands above the runs when there are several: one sentence, and a line for each.
std::string overview(std::span<const Json> analyses, const ReportOptions& options) {
  const std::string headline = options.headline.empty() ? fmt::format("{} runs analysed", analyses.size()) : options.headline;
  std::string out = fmt::format("<section class=\"verdict\"><h1>{}</h1>\n", escape(headline));
  if (analyses.size() == 1) return out + "</section>\n";
  Table table("The runs", {{"Run"}, {"Verdict"}, {"How sure"}, {"Held-out Sharpe", true}, {"Family-wise p", true}, {"PBO", true}});
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    const View analysis(analyses[i]);
    const analysis::Verdict verdict = analysis::verdict_of(analyses[i]);
    View best;
    for (const View& path : analysis["ensemble"]["performance"].list()) {
      if (path["kind"].text() == "ensemble") best = path;
    }
    const View interval = best["holdout"]["intervals"]["sharpe_ratio"];
    table.add({{fmt::format("<a href=\"#r{}-verdict\">{}</a>", i + 1, escape(analysis["run_id"].text())), ""},
               text_cell(verdict.headline),
               text_cell(sureness_of(verdict).name),
               interval_cell(best["holdout"]["sharpe_ratio"].number(), interval[0].number(), interval[1].number()),
               fixed_cell(analysis["overfitting"]["family_wise_p"].number(), {}, 3),
               percent_cell(analysis["overfitting"]["pbo"].number(), {}, 0)});
  }
  return out + table.html() + "</section>\n";
}

}  // namespace

Result<std::string> html_report(std::span<const nlohmann::ordered_json> analyses, const ReportOptions& options) {
  if (analyses.empty()) return Error(Errc::usage, "a report needs at least one analysis");
  for (const Json& analysis : analyses) TRADEWIND_TRY(check_schema(analysis, "tradewind.analyze/", "an analysis"));
  const bool several = analyses.size() > 1;
  std::string body;
  const bool shared_headline = several || !options.headline.empty();
  if (shared_headline) body += overview(analyses, options);
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    RunPage run(analyses[i], View(options.sessions), several ? fmt::format("r{}-", i + 1) : "", shared_headline ? 3 : 2);
    for (const Section& section : kSections) section.write(run);
    body += run.out;
  }
  body += replays_html(View(options.replays), 2);
  return page_html(title_of(analyses, options), links_of(analyses, View(options.sessions)), body);
}

}  // namespace tradewind::figures
