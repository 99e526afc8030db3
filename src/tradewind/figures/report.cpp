// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/report.hpp"

#include <fmt/format.h>

#include <charconv>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/figures/report_internal.hpp"

extern "C" {
extern const char tradewind_plotly_js_begin[], tradewind_plotly_js_end[];
extern const char tradewind_plotly_license_begin[], tradewind_plotly_license_end[];
extern const char tradewind_report_js_begin[], tradewind_report_js_end[];
extern const char tradewind_report_css_begin[], tradewind_report_css_end[];
}

namespace tradewind::figures {
namespace {

std::string_view plotly_js() { return {tradewind_plotly_js_begin, tradewind_plotly_js_end}; }
std::string_view plotly_license() { return {tradewind_plotly_license_begin, tradewind_plotly_license_end}; }
std::string_view report_js() { return {tradewind_report_js_begin, tradewind_report_js_end}; }
std::string_view report_css() { return {tradewind_report_css_begin, tradewind_report_css_end}; }

/// 'sha256-…' of a script as a content security policy names it: base64 [RFC 4648] of its hash.
std::string script_source(std::string_view script) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = sha256_hex(script) + "0000";  // padded to a multiple of three bytes
  std::string out;
  for (std::size_t at = 0; at + 6 <= hex.size(); at += 6) {
    unsigned bits = 0;
    std::from_chars(hex.data() + at, hex.data() + at + 6, bits, 16);
    for (int shift = 18; shift >= 0; shift -= 6) out += digits[bits >> shift & 63];
  }
  out.resize(43);  // 32 bytes are 43 digits
  return fmt::format("'sha256-{}='", out);
}

Status check_schema(const Json& document) {
  constexpr std::string_view family = "tradewind.analyze/";
  const std::string schema = View(document)["schema"].text();
  if (!schema.starts_with(family)) {
    return Error(Errc::invalid_data, fmt::format("not an analysis: its schema is '{}', expected '{}1'", printable(schema), family));
  }
  if (schema != std::string(family) + "1") {
    return Error(Errc::newer_format, fmt::format("the analysis has schema '{}'; this version reads '{}1'", printable(schema), family));
  }
  return {};
}

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

std::string head(const std::string& title) {
  static const std::string scripts = script_source(plotly_js()) + " " + script_source(report_js());  // hashing them takes longest
  const std::string policy = fmt::format(
      "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'", scripts);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n",
      policy, escape(title), report_css());
}

std::string navigation(std::span<const Json> analyses, View sessions) {
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
  return fmt::format(
      "<header class=\"bar\"><b class=\"brand\">tradewind</b><nav aria-label=\"Sections\">{}</nav>"
      "<button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n",
      links);
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
  for (const Json& analysis : analyses) TRADEWIND_TRY(check_schema(analysis));
  const bool several = analyses.size() > 1;
  std::string page = head(title_of(analyses, options)) + navigation(analyses, View(options.sessions)) + "<main id=\"main\">\n";
  page +=
      "<noscript><p class=\"none\">Without scripts the figures are not drawn; every figure has its numbers under \"View as "
      "table\".</p></noscript>\n";
  const bool shared_headline = several || !options.headline.empty();
  if (shared_headline) page += overview(analyses, options);
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    RunPage run(analyses[i], View(options.sessions), several ? fmt::format("r{}-", i + 1) : "", shared_headline ? 3 : 2);
    for (const Section& section : kSections) section.write(run);
    page += run.out;
  }
  page += replays_html(View(options.replays), 2) + "</main>\n";
  page += fmt::format(
      "<script>{}</script>\n<script>{}</script>\n<!-- The chart library plotly.js is under this licence:\n{}-->\n</body>\n</html>\n",
      plotly_js(), report_js(), plotly_license());
  return page;
}

}  // namespace tradewind::figures
