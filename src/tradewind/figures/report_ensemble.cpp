// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <cmath>

#include "tradewind/figures/report_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

Table funnel_table(const std::vector<FunnelBar>& stages) {
  Table table("The selection, stage by stage", {{"Stage"}, {"Left", true}, {"Rejected", true}, {"Why"}});
  for (const FunnelBar& stage : stages) {
    table.add({text_cell(stage.stage), text_cell(count(stage.strategies)), text_cell(count(stage.rejected)), text_cell(stage.reason)});
  }
  return table;
}

Table weights_table(const WeightBars& weights) {
  std::vector<Column> columns = {{"Regime"}};
  for (const std::string& id : weights.strategies) columns.push_back({id, true});
  Table table("Weights", std::move(columns));
  for (std::size_t r = 0; r < weights.regimes.size(); ++r) {
    std::vector<Cell> row = {text_cell(weights.regimes[r])};
    for (const double weight : weights.weights[r]) row.push_back(percent_cell(weight));
    table.add(std::move(row));
  }
  return table;
}

/// What is held of each strategy: its weight over all bars, and in which regimes of its own symbol.
Table members_table(View members) {
  Table table("What is held",
              {{"Strategy"}, {"Weight", true, "of the capital, while no regime of the ensemble says otherwise"}, {"Held in"}, {"By"}});
  for (const View member : members.list()) {
    const bool always = member["classifier_id"].empty();
    const auto regimes = member["held_in"].texts();
    table.add({text_cell(member["strategy_id"].text()), percent_cell(member["weight"].number()),
               text_cell(always            ? std::string("all regimes")
                         : regimes.empty() ? std::string("none")
                                           : fmt::format("{}", fmt::join(regimes, ", "))),
               text_cell(always ? std::string("–") : member["classifier_id"].text())});
  }
  return table;
}

Cell metric(const RunPage& page, View metrics, const std::string& path, std::string_view name, bool as_percent) {
  const double value = metrics[name].number();
  const std::string why = page.reasons.why(metrics, name, path);
  return as_percent ? percent_cell(value, why) : fixed_cell(value, why);
}

Table performance_table(const RunPage& page) {
  Table table("The ensemble beside its alternatives, after costs", {{"Portfolio"},
                                                                    {"Sharpe, selection", true},
                                                                    {"Sharpe, held out", true, "with its 95 % interval"},
                                                                    {"Return a year, held out", true},
                                                                    {"Volatility, held out", true},
                                                                    {"Max drawdown, selection", true},
                                                                    {"Max drawdown, held out", true},
                                                                    {"Turnover a year", true},
                                                                    {"Switching costs", true}});
  const std::vector<View> paths = page.analysis["ensemble"]["performance"].list();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const View path = paths[i], selection = path["selection"], holdout = path["holdout"], interval = holdout["intervals"]["sharpe_ratio"];
    const std::string before = fmt::format("ensemble.performance.{}.selection", i),
                      after = fmt::format("ensemble.performance.{}.holdout", i);
    Cell name = text_cell(path["name"].text());
    if (!path["strategy_id"].empty()) name.html += fmt::format("<small>{}</small>", prose(path["strategy_id"].text()));
    table.add({name, metric(page, selection, before, "sharpe_ratio", false),
               interval_cell(holdout["sharpe_ratio"].number(), interval[0].number(), interval[1].number(),
                             page.reasons.why(holdout, "sharpe_ratio", after)),
               metric(page, holdout, after, "annualized_return", true), metric(page, holdout, after, "volatility", true),
               metric(page, selection, before, "max_drawdown", true), metric(page, holdout, after, "max_drawdown", true),
               fixed_cell(path["turnover"].number(), "nothing is traded or it was not computed"),
               percent_cell(path["switching_costs"].number(), "nothing is switched or it was not computed", 2)},
              path["kind"].text() == "ensemble");
  }
  return table;
}

void write_adaptive(RunPage& page) {
  const View adaptive = page.analysis["ensemble"]["adaptive"];
  if (adaptive.empty()) return;
  page.heading("Does adapting the weights pay?");
  const View difference = adaptive["difference_interval"];
  std::string text = adaptive["paid"].is_null() ? "Not decided." : adaptive["paid"].flag() ? "Yes." : "No.";
  if (!adaptive["verdict"].empty()) {
    std::string verdict = adaptive["verdict"].text();
    verdict.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(verdict.front())));
    text += " " + verdict + (verdict.ends_with('.') ? "" : ".");
  } else if (std::isfinite(difference[0].number())) {
    text += fmt::format(" 95 % interval of the difference: {} to {}.", fixed(difference[0].number()), fixed(difference[1].number()));
  }
  if (!adaptive["refits"].is_null()) text += fmt::format(" Refitted {} times.", count(adaptive["refits"].integer()));
  if (std::isfinite(adaptive["turnover"].number())) text += fmt::format(" Turnover a year {}.", fixed(adaptive["turnover"].number(), 1));
  page.paragraph(text);
}

void write_named_reasons(RunPage& page, std::string_view title, std::string_view what, View reasons) {
  if (reasons.empty()) return;
  Table table{std::string(title), {{std::string(what)}, {"Reason"}}};
  for (const auto& [name, reason] : reasons.members()) table.add({text_cell(name), text_cell(reason_words(reason.shown()))});
  page.table(table);
}

std::string_view kind_title(std::string_view kind) {
  if (kind == "ruinous_regime") return "Ruinous in one regime";
  if (kind == "dies_of_costs") return "Dies of its costs";
  if (kind == "redundant_pair") return "The same bet twice";
  if (kind == "unmasked_luck") return "Luck, unmasked";
  return {};
}

}  // namespace

void write_funnel(RunPage& page) {
  const auto stages = funnel_of(page.analysis);
  page.open_section("funnel", "How the strategies were selected");
  if (stages.empty()) {
    page.missing("The analysis holds no selection.");
  } else {
    const FunnelBar& last = stages.back();
    page.paragraph(fmt::format("{} scanned, {} selected. Every test uses the earlier part of the data only.",
                               count(stages.front().strategies), count(last.strategies)),
                   "lead");
  }
  page.figure("selection_funnel", funnel_table(stages).html());
  const std::string criteria = parameters_text(page.analysis["criteria"]);
  if (!criteria.empty()) {
    page.out += "<details><summary>The criteria</summary>\n";
    Table table("Selection criteria", {{"Criterion"}, {"Value"}});
    for (const auto& [name, value] : page.analysis["criteria"].members()) {
      const bool none = value.is_null() || value.empty();
      table.add({text_cell(words(name)), text_cell(none ? "none" : value.shown())});
    }
    page.out += table.html() + "</details>\n";
  }
  page.close_section();
}

void write_ensemble(RunPage& page) {
  const View ensemble = page.analysis["ensemble"];
  page.open_section("ensemble", "The ensemble");
  if (ensemble.empty()) {
    page.missing("There is no ensemble: nothing qualified, or there was not enough data to find weights.");
    return page.close_section();
  }
  page.paragraph(
      fmt::format(
          "Weights by objective {} (status: {}){}.", words(ensemble["objective"].text()), words(ensemble["status"].text()),
          ensemble["classifier_id"].empty() ? ", the same at all times" : ", by the regimes of " + ensemble["classifier_id"].text()),
      "lead");
  if (const auto weights = weights_of(page.analysis)) page.figure("regime_weights", weights_table(*weights).html());
  if (!ensemble["performance"].empty()) page.table(performance_table(page), true);
  if (const View beside = ensemble["benchmark"]; std::isfinite(beside["beta"].number()))
    page.paragraph(fmt::format("Beside {}, over the held-out part: beta {}, alpha {} a year, information ratio {}, correlation {}.",
                               beside["name"].text(), fixed(beside["beta"].number()), percent(beside["alpha"].number()),
                               fixed(beside["information_ratio"].number()), fixed(beside["correlation"].number())));
  if (!ensemble["members"].empty()) page.table(members_table(ensemble["members"]), true);
  write_adaptive(page);
  write_named_reasons(page, "Regimes that use the weights of all times", "Regime", ensemble["fallback"]);
  write_named_reasons(page, "Left out of the ensemble", "Strategy", ensemble["excluded"]);
  page.close_section();
}

void write_findings(RunPage& page) {
  page.open_section("findings", "Surprises", "What a table sorted by Sharpe ratio would not have shown.");
  const std::vector<View> findings = page.analysis["findings"].list();
  if (findings.empty()) page.missing("None was found.");
  if (!findings.empty()) page.out += "<div class=\"findings\">\n";
  for (const View& finding : findings) {
    const std::string kind = finding["kind"].text();
    std::string title(kind_title(kind));
    if (title.empty()) {
      title = words(kind);
      if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
    }
    page.out += fmt::format("<div class=\"finding\"><b>{}</b><p>{}</p></div>\n", escape(title), prose(finding["text"].text()));
  }
  if (!findings.empty()) page.out += "</div>\n";
  page.close_section();
}

}  // namespace tradewind::figures
