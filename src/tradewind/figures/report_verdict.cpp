// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/report_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"
#include "tradewind/figures/unknowns.hpp"

namespace tradewind::figures {

Sureness sureness_of(const analysis::Verdict& verdict) {
  using analysis::Confidence;
  if (verdict.level == analysis::VerdictLevel::nothing) {
    const auto outcome = [](std::string_view name) { return Sureness{"none-level", "○○○", name, "Outcome"}; };
    if (verdict.find("record") != nullptr) return outcome("too short a record");
    if (verdict.find("weights") != nullptr) return outcome("no ensemble");
    const auto* unseen = verdict.find("unseen_data");
    if (unseen == nullptr) return outcome("nothing qualified");
    return outcome(unseen->outcome == analysis::CheckOutcome::failed ? "it failed on unseen data" : "not tested on unseen data");
  }
  switch (verdict.confidence) {
    case Confidence::high: return {"high", "●●●", "high"};
    case Confidence::moderate: return {"moderate", "●●○", "moderate"};
    case Confidence::low: break;
  }
  return {"low", "●○○", "low"};
}

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
  page.out += card("Chance of luck alone",
                   fixed_cell(overfitting["family_wise_p"].number(), page.reasons.why(overfitting, "family_wise_p", "overfitting"), 3),
                   overfitting["trials"].is_null() ? "family-wise p of the best strategy"
                                                   : fmt::format("family-wise p of the best of {} tries against holding its market",
                                                                 count(overfitting["trials"].integer())));
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

std::string_view title_of(std::string_view reason) {
  if (reason == "unseen_data") return "Unseen data";
  if (reason == "luck") return "Luck of many tries";
  if (reason == "overfitting") return "Overfitting";
  return reason == "alternatives" ? "Simple alternatives" : reason;
}

void write_checks(RunPage& page, const analysis::Verdict& verdict) {
  page.out += "<ul class=\"checks\">\n";
  for (const analysis::VerdictReason& check : verdict.reasons) {
    const std::string_view name = enum_name(check.outcome);
    const std::string_view sign = check.outcome == analysis::CheckOutcome::passed   ? "✓"
                                  : check.outcome == analysis::CheckOutcome::partly ? "~"
                                  : check.outcome == analysis::CheckOutcome::failed ? "✗"
                                                                                    : "?";
    page.out +=
        fmt::format("<li class=\"{}\"><span class=\"sign\" aria-hidden=\"true\">{}</span><div><b>{}</b> <em>{}</em><br>{}</div></li>\n",
                    name, sign, escape(title_of(check.name)), name, prose(check.text));
  }
  page.out += "</ul>\n";
}

/// What decides the weights, and how that stands where the data end: it is what a reader would do first.
std::string current_regime(View analysis) {
  const View ensemble = analysis["ensemble"];
  if (ensemble["classifier_id"].empty()) return {};
  std::string text = fmt::format(" Its weights follow the market regime that {} reports", ensemble["classifier_id"].text());
  const std::string label = last_regime(analysis);
  if (!label.empty()) text += fmt::format("; where the data end, that is \"{}\"", label);
  return text + ".";
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
  const analysis::Verdict verdict = analysis::verdict_of(*page.analysis.json());
  const Sureness level = sureness_of(verdict);
  const int heading = page.level - 1;
  page.out += fmt::format("<section id=\"{}verdict\" class=\"verdict {}\"><p class=\"eyebrow\">{}</p>\n<h{} class=\"headline\">{}</h{}>\n",
                          page.prefix, level.css, escape(eyebrow(page.analysis)), heading, escape(verdict.headline), heading);
  page.out += fmt::format("<p class=\"sure\"><span class=\"dots\" aria-hidden=\"true\">{}</span> {}: <b>{}</b></p>\n", level.dots,
                          level.lead, level.name);
  const auto weights = weights_of(page.analysis);
  const bool ensemble = verdict.find("unseen_data") != nullptr && weights;
  const bool failed = verdict.level == analysis::VerdictLevel::nothing;
  page.paragraph(verdict.summary + (ensemble ? current_regime(page.analysis) : ""), "summary");
  write_cards(page, ensemble);
  const bool wide = ensemble && (weights->regimes.size() > 4 || weights->strategies.size() > 5);
  if (wide) write_holdings(page, *weights, failed);
  page.out += "<div class=\"columns\"><div>\n";
  if (ensemble && !wide) write_holdings(page, *weights, failed);
  write_reasons(page);
  page.out += "</div><div>\n";
  if (ensemble) {
    page.heading("How sure that is", page.level);
    write_checks(page, verdict);
  }
  page.out += "</div></div>\n";
  page.heading("What is not known", page.level);
  page.out += "<ul class=\"plain\">\n";
  for (const std::string& unknown : unknowns_of(*page.analysis.json())) page.out += fmt::format("<li>{}</li>\n", prose(unknown));
  page.out += "</ul>\n</section>\n";
}

}  // namespace tradewind::figures
