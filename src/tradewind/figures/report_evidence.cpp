// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "tradewind/figures/report_internal.hpp"

namespace tradewind::figures {
namespace {

struct Evidence {
  std::string_view key, name, meaning;
  enum Form { whole, ratio, share, per_bar, words } form;
};
constexpr std::array<Evidence, 15> kEvidence = {{
    {"trials", "Tries", "strategies in the run", Evidence::whole},
    {"effective_trials", "Effective tries", "how many independent strategies those amount to", Evidence::ratio},
    {"clustered_trials", "Families", "clusters of strategies that are alike", Evidence::whole},
    {"sharpe_per_period", "Sharpe ratio per bar of the best", "not annualised", Evidence::per_bar},
    {"expected_max_sharpe", "Expected best by luck, per bar", "what the luckiest of as many worthless strategies would show",
     Evidence::per_bar},
    {"family_wise_p", "Family-wise p of the best", "chance that luck alone shows so much above holding the market in any of the tries",
     Evidence::per_bar},
    {"expected_max_null", "Expected best by luck, from the null", "per bar: what the luckiest shows when none is better than holding",
     Evidence::per_bar},
    {"dsr_null", "Deflated, from the null", "confidence that the best is above that", Evidence::share},
    {"psr", "Probabilistic Sharpe ratio", "confidence that the best is above 0, as if it had been the only try", Evidence::share},
    {"dsr", "Deflated Sharpe ratio", "confidence that the best is above the expected best by luck", Evidence::share},
    {"dsr_clustered", "Deflated, counting families", "the same if only the families count as tries", Evidence::share},
    {"min_track_record", "Minimum track record", "bars needed to be 95 % sure that the best is above 0", Evidence::whole},
    {"pbo", "Probability of backtest overfitting", "how often the best of one half was below the median of the other", Evidence::share},
    {"pbo_splits", "Splits", "ways to halve the history that were tried", Evidence::whole},
    {"loss_probability", "Probability of loss", "how often the best of one half lost in the other", Evidence::share},
}};

Cell evidence_cell(View value, Evidence::Form form, const std::string& why) {
  const double number = value.number();
  if (!std::isfinite(number)) return undefined_cell(why);
  switch (form) {
    case Evidence::whole: return number == std::floor(number) ? count_cell(value) : fixed_cell(number, {}, 0);
    case Evidence::ratio: return fixed_cell(number, {}, 1);
    case Evidence::per_bar: return fixed_cell(number, {}, 4);
    case Evidence::share: return percent_cell(number);
    case Evidence::words: break;
  }
  return text_cell(value.shown());
}

void add_row(Table& table, std::string_view name, const std::string& value) {
  if (!value.empty()) table.add({text_cell(name), text_cell(value)});
}

std::string rate(View value) { return std::isfinite(value.number()) ? fixed(value.number() * 1e4, 1) + " bps" : std::string(); }

Table settings_table(View analysis) {
  const View from = analysis["provenance"], split = analysis["split"];
  Table table("How the numbers came to be", {{"What"}, {"Value"}});
  add_row(table, "Run", analysis["run_id"].text());
  add_row(table, "tradewind", from["tradewind_version"].text());
  add_row(table, "Seed", from["seed"].shown());
  add_row(table, "Input hash", analysis["input_hash"].text());
  add_row(table, "Markets", fmt::format("{}", fmt::join(from["symbols"].texts(), ", ")));
  add_row(table, "Data",
          from["start"].empty()
              ? std::string()
              : fmt::format("{} bars, {} to {}", count(from["bars"].integer()), from["start"].text(), from["end"].text()));
  add_row(table, "Bars a year", from["periods_per_year"].shown());
  add_row(table, "Chosen on", split["selection_bars"].is_null() ? std::string() : count(split["selection_bars"].integer()) + " bars");
  add_row(table, "Held out",
          split["holdout_bars"].is_null()
              ? std::string()
              : fmt::format("{} bars from {}", count(split["holdout_bars"].integer()), split["boundary"].text()));
  add_row(table, "Fill", words(from["fill"].text()));
  add_row(table, "Commission", rate(from["commission_rate"]));
  add_row(table, "Slippage",
          fmt::format("{} {}", from["slippage_model"].text(),
                      std::isfinite(from["slippage_bps"].number()) ? fixed(from["slippage_bps"].number() * 1e4, 1) + " bps" : ""));
  add_row(table, "Risk-free rate a year",
          std::isfinite(from["risk_free"].number()) ? percent(from["risk_free"].number(), 2) : std::string());
  return table;
}

constexpr std::array<std::string_view, 6> kMethod = {
    "Sharpe ratios are annual, net of costs and of the risk-free rate. Selected on the earlier part, judged on the held-out part.",
    "Intervals are 95 % intervals of the stationary bootstrap [Politis & Romano 1994]; those of a regime resample whole runs of it.",
    "Deflated Sharpe ratio [Bailey & López de Prado 2014]: the probability that the true Sharpe ratio exceeds the best one expected by "
    "luck from as many tries.",
    "Probability of backtest overfitting by combinatorially symmetric cross-validation [Bailey, Borwein, López de Prado & Zhu 2017].",
    "How sure: high when all four checks are passed; moderate when none failed and at least two are passed; low otherwise. Passed means: "
    "held-out interval above 0; "
    "half of the weight in strategies whose family-wise p is at most 5 %; probability of overfitting below 20 %; held-out Sharpe ratio "
    "above equal weight, best single and "
    "buy and hold. Failed means: "
    "held-out Sharpe ratio not above 0; no family-wise p of 20 % or less; overfitting from 50 %; not above buy and hold.",
    "A dash is a number that does not exist for these data; its reason shows on hover. Nothing is replaced by 0.",
};

}  // namespace

void write_overfitting(RunPage& page) {
  const View section = page.analysis["overfitting"];
  page.open_section("overfitting", "How much of it is luck",
                    "Whoever tries enough strategies finds one that looks good. These numbers count the tries.");
  if (section.empty()) {
    page.missing("It was not computed: there were too few strategies or bars.");
    return page.close_section();
  }
  if (!section["best"].empty()) page.paragraph("The best of the run: " + section["best"].shown());
  Table table("Evidence against luck", {{"Statistic"}, {"Value", true}, {"Meaning"}});
  for (const Evidence& one : kEvidence) {
    table.add({text_cell(one.name), evidence_cell(section[one.key], one.form, page.reasons.why(section, one.key, "overfitting")),
               text_cell(one.meaning)},
              one.key == "family_wise_p" || one.key == "pbo");
  }
  page.table(table);
  page.close_section();
}

void write_provenance(RunPage& page) {
  const View from = page.analysis["provenance"];
  page.open_section("provenance", "Provenance", "With the same data, configuration, seed and version the same bytes come out.");
  page.table(settings_table(page.analysis));
  if (!from["data"].empty()) {
    Table table("Data files", {{"Market"}, {"File"}, {"SHA-256"}});
    for (const View& file : from["data"].list()) {
      table.add({text_cell(file["symbol"].text()),
                 text_cell(file["file"].text()),
                 {fmt::format("<code>{}</code>", escape(file["sha256"].text())), ""}});
    }
    page.table(table);
  }
  if (!from["config"].empty()) {
    page.out += fmt::format("<details><summary>Configuration of the run</summary><pre tabindex=\"0\">{}</pre></details>\n",
                            escape(from["config"].json()->dump(2, ' ', false, Json::error_handler_t::replace)));
  }
  page.heading("Method");
  page.out += "<ul class=\"plain small\">\n";
  for (const std::string_view note : kMethod) page.out += fmt::format("<li>{}</li>\n", escape(note));
  page.out += "</ul>\n";
  page.close_section();
}

std::string replays_html(View replays, int level) {
  if (replays.empty()) return {};
  Table table("Signals replayed over the data, bar by bar", {{"Replay"},
                                                             {"Run"},
                                                             {"Sharpe", true},
                                                             {"Total return", true},
                                                             {"Return a year", true},
                                                             {"Max drawdown", true},
                                                             {"Costs", true},
                                                             {"Trades", true}});
  for (const View& replay : replays.list()) {
    const View m = replay["performance"];
    const auto why = [&](std::string_view name) { return m["undefined"][name].text(); };
    table.add({text_cell(replay["name"].text()), text_cell(replay["run_id"].text()),
               fixed_cell(m["sharpe_ratio"].number(), why("sharpe_ratio")), percent_cell(m["total_return"].number(), why("total_return")),
               percent_cell(m["annualized_return"].number(), why("annualized_return")),
               percent_cell(m["max_drawdown"].number(), why("max_drawdown")),
               percent_cell(m["total_costs"].number(), why("total_costs"), 2), count_cell(m["total_trades"])});
  }
  return fmt::format("<section id=\"replays\" class=\"part\"><h{} class=\"title\">Replays</h{}>\n{}</section>\n", level, level,
                     table.html(true));
}

}  // namespace tradewind::figures
