// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/report_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

View path_of_kind(View analysis, std::string_view kind) {
  for (const View& path : analysis["ensemble"]["performance"].list()) {
    if (path["kind"].text() == kind) return path;
  }
  return {};
}

std::string date(View time) { return time.text().substr(0, 10); }

/// Which run, which data: one line above the headline.
std::string eyebrow(View analysis) {
  const View provenance = analysis["provenance"];
  std::string text = fmt::format("Run {}", analysis["run_id"].text());
  const std::vector<std::string> symbols = provenance["symbols"].texts();
  if (symbols.size() > 4) {
    text += fmt::format(" · {} markets", symbols.size());
  } else if (!symbols.empty()) {
    text += fmt::format(" · {}", fmt::join(symbols, ", "));
  }
  if (!provenance["bars"].is_null()) text += fmt::format(" · {} bars", count(provenance["bars"].integer()));
  if (!provenance["start"].empty()) text += fmt::format(" · {} to {}", date(provenance["start"]), date(provenance["end"]));
  return text;
}

struct Level {
  std::string_view css, dots, name, lead = "How sure";
};
Level level_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::high: return {"high", "●●●", "high"};
    case Confidence::moderate: return {"moderate", "●●○", "moderate"};
    case Confidence::low: return {"low", "●○○", "low"};
    case Confidence::lost: return {"none-level", "○○○", "it failed on unseen data", "Outcome"};
    case Confidence::nothing_qualified: break;
  }
  return {"none-level", "○○○", "nothing qualified", "Outcome"};
}

std::string card(std::string_view title, const Cell& value, const std::string& note) {
  return fmt::format("<div class=\"card\"><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>\n", escape(title), value.html, escape(note));
}

std::string held_out_sharpe_card(const RunPage& page) {
  const View holdout = path_of_kind(page.analysis, "ensemble")["holdout"], interval = holdout["intervals"]["sharpe_ratio"];
  const double baseline = path_of_kind(page.analysis, "baseline")["holdout"]["sharpe_ratio"].number();
  std::string note = std::isfinite(interval[0].number())
                         ? fmt::format("95 % interval {} to {}", fixed(interval[0].number()), fixed(interval[1].number()))
                         : "no interval known";
  if (std::isfinite(baseline)) note += fmt::format("; buy and hold {}", fixed(baseline));
  return card("Sharpe ratio, unseen data",
              fixed_cell(holdout["sharpe_ratio"].number(), page.reasons.why(holdout, "sharpe_ratio", "ensemble.performance.0.holdout")),
              note);
}

std::string drawdown_card(const RunPage& page) {
  const View path = path_of_kind(page.analysis, "ensemble");
  const double before = path["selection"]["max_drawdown"].number(),
               market = path_of_kind(page.analysis, "baseline")["holdout"]["max_drawdown"].number();
  std::string note = std::isfinite(before) ? fmt::format("before that {}", percent(before)) : "";
  if (std::isfinite(market)) note += fmt::format("{}buy and hold {}", note.empty() ? "" : "; ", percent(market));
  return card("Largest loss from a peak, unseen data", percent_cell(path["holdout"]["max_drawdown"].number()), note);
}

std::string costs_card(const RunPage& page) {
  const View provenance = page.analysis["provenance"], path = path_of_kind(page.analysis, "ensemble");
  const double commission = provenance["commission_rate"].number() * 1e4, slippage = provenance["slippage_bps"].number() * 1e4;
  Cell value = undefined_cell({});
  if (std::isfinite(commission)) {
    const std::string slip = std::isfinite(slippage) ? fixed(slippage, slippage == std::round(slippage) ? 0 : 1) : "?";
    value = {fmt::format("{} + {} bps", fixed(commission, commission == std::round(commission) ? 0 : 1), slip), ""};
  }
  std::string note = "commission + slippage of each fill, included everywhere";
  if (std::isfinite(path["switching_costs"].number()))
    note += fmt::format("; changing weights cost {} in all", percent(path["switching_costs"].number(), 2));
  return card("Costs", value, note);
}

void write_cards(RunPage& page, bool ensemble) {
  const View overfitting = page.analysis["overfitting"];
  page.out += "<dl class=\"cards\">\n";
  if (ensemble) page.out += held_out_sharpe_card(page);
  page.out +=
      card("Deflated Sharpe ratio", percent_cell(overfitting["dsr"].number(), page.reasons.why(overfitting, "dsr", "overfitting"), 0),
           overfitting["trials"].is_null()
               ? "confidence that the best is not luck"
               : fmt::format("confidence that the best of {} tries is not luck", count(overfitting["trials"].integer())));
  page.out +=
      card("Probability of overfitting", percent_cell(overfitting["pbo"].number(), page.reasons.why(overfitting, "pbo", "overfitting"), 0),
           "50 % would be a coin toss");
  if (ensemble) page.out += drawdown_card(page);
  page.out += costs_card(page) + "</dl>\n";
}

std::string last_regime(View analysis) {
  const std::vector<View> spans = analysis["curves"]["regimes"].list();
  return spans.empty() ? std::string() : spans.back()["label"].text();
}

void write_holdings(RunPage& page, const WeightBars& weights, bool failed) {
  page.heading(failed ? "The ensemble that failed" : "Which ensemble", page.level);
  const std::string now = last_regime(page.analysis);
  std::vector<Column> columns = {{"Strategy"}};
  for (const std::string& regime : weights.regimes) columns.push_back({regime == now ? regime + " (latest)" : regime, true});
  Table table(failed ? "Its weights, by market regime" : "What to hold, by market regime", std::move(columns));
  const auto whole = [](double weight) { return std::abs(weight * 100 - std::round(weight * 100)) < 0.05; };
  const bool round = std::ranges::all_of(weights.weights, [&](const std::vector<double>& row) { return std::ranges::all_of(row, whole); });
  for (std::size_t s = 0; s < weights.strategies.size(); ++s) {
    std::vector<Cell> row = {text_cell(weights.strategies[s])};
    for (std::size_t r = 0; r < weights.regimes.size(); ++r) {
      Cell cell = percent_cell(weights.weights[r][s], {}, round ? 0 : 1);
      if (weights.regimes[r] == now) cell.html = "<strong>" + cell.html + "</strong>";
      row.push_back(std::move(cell));
    }
    table.add(std::move(row));
  }
  page.table(table);
}

void write_checks(RunPage& page, const Verdict& verdict) {
  page.out += "<ul class=\"checks\">\n";
  for (const Check& check : verdict.checks) {
    const Level mark = check.outcome == CheckOutcome::passed   ? Level{"passed", "✓", "passed"}
                       : check.outcome == CheckOutcome::partly ? Level{"partly", "~", "partly"}
                       : check.outcome == CheckOutcome::failed ? Level{"failed", "✗", "failed"}
                                                               : Level{"unknown", "?", "unknown"};
    page.out +=
        fmt::format("<li class=\"{}\"><span class=\"sign\" aria-hidden=\"true\">{}</span><div><b>{}</b> <em>{}</em><br>{}</div></li>\n",
                    mark.css, mark.dots, escape(check.name), mark.name, prose(check.text));
  }
  page.out += "</ul>\n";
}

void write_reasons(RunPage& page) {
  const std::vector<View> recommendations = page.analysis["recommendations"].list();
  if (recommendations.empty()) return;
  page.heading("What to do, and why", page.level);
  page.out += "<ul class=\"plain\">\n";
  for (const View& one : recommendations) {
    page.out += fmt::format("<li><b>{}</b> {}</li>\n", prose(one["text"].text()), prose(one["reason"].text()));
  }
  page.out += "</ul>\n";
}

}  // namespace

void write_verdict(RunPage& page) {
  const Verdict verdict = verdict_of(*page.analysis.json());
  const Level level = level_of(verdict.confidence);
  const int heading = page.level - 1;
  page.out += fmt::format("<section id=\"{}verdict\" class=\"verdict {}\"><p class=\"eyebrow\">{}</p>\n<h{} class=\"headline\">{}</h{}>\n",
                          page.prefix, level.css, escape(eyebrow(page.analysis)), heading, escape(verdict.headline), heading);
  page.out += fmt::format("<p class=\"sure\"><span class=\"dots\" aria-hidden=\"true\">{}</span> {}: <b>{}</b></p>\n", level.dots,
                          level.lead, level.name);
  page.paragraph(verdict.summary, "summary");
  const auto weights = weights_of(page.analysis);
  const bool ensemble = verdict.confidence != Confidence::nothing_qualified && weights;
  write_cards(page, ensemble);
  const bool wide = ensemble && (weights->regimes.size() > 4 || weights->strategies.size() > 5);
  if (wide) write_holdings(page, *weights, verdict.confidence == Confidence::lost);
  page.out += "<div class=\"columns\"><div>\n";
  if (ensemble && !wide) write_holdings(page, *weights, verdict.confidence == Confidence::lost);
  write_reasons(page);
  page.out += "</div><div>\n";
  if (!verdict.checks.empty()) {
    page.heading("How sure that is", page.level);
    write_checks(page, verdict);
  }
  page.out += "</div></div>\n";
  page.heading("What is not known", page.level);
  page.out += "<ul class=\"plain\">\n";
  for (const std::string& unknown : verdict.unknowns) page.out += fmt::format("<li>{}</li>\n", prose(unknown));
  page.out += "</ul>\n</section>\n";
}

}  // namespace tradewind::figures
