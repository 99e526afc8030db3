// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/report_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

Table classifiers_table(const RunPage& page) {
  Table table("Classifiers of market regimes", {{"Classifier"}, {"Regimes (share of bars, average length)"}, {"Score", true}, {"Used"}});
  for (const View& classifier : page.analysis["classifiers"].list()) {
    double bars = 0;
    for (const auto& [label, n] : classifier["regime_counts"].members()) bars += std::max(n.number(), 0.0);
    std::string regimes;
    for (const std::string& label : classifier["labels"].texts()) {
      const double share = classifier["regime_counts"][label].number() / bars, length = classifier["avg_regime_duration"][label].number();
      regimes += fmt::format("{}{} {}", regimes.empty() ? "" : " · ", label, percent(share, 0));
      if (std::isfinite(length)) regimes += fmt::format(", {} bars", fixed(length, 0));
    }
    table.add({text_cell(classifier["classifier_id"].text()), text_cell(regimes), fixed_cell(classifier["score"].number()),
               text_cell(classifier["best"].flag() ? "yes" : "no")},
              classifier["best"].flag());
  }
  return table;
}

Table regime_table(const RunPage& page, View classifier) {
  const std::vector<std::string> labels = classifier["labels"].texts();
  std::vector<Column> columns = {{"Strategy"}};
  for (const std::string& label : labels) columns.push_back({label, true, "Sharpe ratio, its 95 % interval and the bars it rests on"});
  Table table("Sharpe ratio by regime of " + classifier["classifier_id"].text(), std::move(columns));
  for (const View& strategy : page.analysis["strategies"].list()) {
    const View regimes = strategy["regimes"][classifier["classifier_id"].text()];
    if (regimes.empty()) continue;
    std::vector<Cell> row = {text_cell(strategy["strategy_id"].text())};
    for (const std::string& label : labels) {
      const View slice = regimes[label], interval = slice["intervals"]["sharpe_ratio"];
      Cell cell = interval_cell(slice["sharpe_ratio"].number(), interval[0].number(), interval[1].number());
      if (!slice["bars"].is_null()) cell.html += fmt::format("<small>{} bars</small>", count(slice["bars"].integer()));
      row.push_back(std::move(cell));
    }
    table.add(std::move(row), strategy["status"].text() == "selected");
  }
  return table;
}

Table transition_table(View classifier) {
  const std::vector<std::string> labels = classifier["labels"].texts();
  std::vector<Column> columns = {{"From \\ to"}};
  for (const std::string& label : labels) columns.push_back({label, true});
  Table table("What follows a bar of " + classifier["classifier_id"].text(), std::move(columns));
  for (const std::string& from : labels) {
    std::vector<Cell> row = {text_cell(from)};
    for (const std::string& to : labels) row.push_back(percent_cell(classifier["transition_matrix"][from][to].number(), "never happened"));
    table.add(std::move(row));
  }
  return table;
}

std::string joined(View list, std::string_view none) {
  const std::vector<std::string> texts = list.texts();
  return texts.empty() ? std::string(none) : fmt::format("{}", fmt::join(texts, ", "));
}

void write_combinations(RunPage& page) {
  const std::vector<View> combinations = page.analysis["combinations"].list();
  if (combinations.empty()) return;
  page.heading("Strategy and classifier together");
  Table table("Best combinations", {{"Strategy"},
                                    {"Classifier"},
                                    {"Score", true},
                                    {"Sharpe, selection", true},
                                    {"DSR", true},
                                    {"Sharpe, held out", true},
                                    {"Trade in"},
                                    {"Avoid"},
                                    {"Why not"}});
  for (const View& one : combinations) {
    table.add(
        {text_cell(one["strategy_id"].text()), text_cell(one["classifier_id"].text()), fixed_cell(one["score"].number()),
         fixed_cell(one["selection_sharpe"].number()), percent_cell(one["dsr"].number(), {}, 0), fixed_cell(one["holdout_sharpe"].number()),
         text_cell(joined(one["trade_in"], "–")), text_cell(joined(one["avoid"], "–")), text_cell(one["reason"].text())},
        one["selected"].flag());
  }
  page.table(table, true);
}

Table correlation_table(const CorrelationTable& correlation) {
  std::vector<Column> columns = {{"Strategy"}};
  for (const std::string& id : correlation.strategies) columns.push_back({id, true});
  Table table("Correlation of returns", std::move(columns));
  for (std::size_t i = 0; i < correlation.strategies.size(); ++i) {
    std::vector<Cell> row = {text_cell(correlation.strategies[i])};
    for (std::size_t j = 0; j < correlation.strategies.size(); ++j) {
      const bool there = i < correlation.matrix.size() && j < correlation.matrix[i].size();
      row.push_back(fixed_cell(there ? correlation.matrix[i][j] : kMissing, "without variance"));
    }
    table.add(std::move(row));
  }
  return table;
}

Table surface_table(const ParameterSurface& surface) {
  std::vector<Column> columns = {{surface.y_name + " \\ " + surface.x_name}};
  for (const double x : surface.x) columns.push_back({fmt::format("{}", x), true});
  Table table("Sharpe ratio by parameters", std::move(columns));
  for (std::size_t y = 0; y < surface.y.size(); ++y) {
    std::vector<Cell> row = {text_cell(fmt::format("{}", surface.y[y]))};
    for (std::size_t x = 0; x < surface.x.size(); ++x) {
      const bool there = y < surface.sharpe_ratio.size() && x < surface.sharpe_ratio[y].size();
      row.push_back(fixed_cell(there ? surface.sharpe_ratio[y][x] : kMissing, "not tried"));
    }
    table.add(std::move(row));
  }
  return table;
}

}  // namespace

void write_regimes(RunPage& page) {
  page.open_section("regimes", "Market regimes",
                    "A label known at one bar's close is applied to the next bar's return, so nothing here knew the future.");
  const std::vector<View> classifiers = page.analysis["classifiers"].list();
  if (classifiers.empty()) page.missing("The run has no classifiers, so nothing is known by regime.");
  const View best = best_classifier(page.analysis);
  page.figure("regime_heatmap", regime_table(page, best).html());
  if (!classifiers.empty()) page.table(classifiers_table(page));
  for (const View& classifier : classifiers) {
    page.out += fmt::format("<details><summary>Details of {}</summary>\n", escape(classifier["classifier_id"].text()));
    if (!classifier["transition_matrix"].empty()) page.table(transition_table(classifier));
    if (const Table table = regime_table(page, classifier); !table.empty()) page.table(table);
    page.out += "</details>\n";
  }
  write_combinations(page);
  page.close_section();
}

void write_correlation(RunPage& page) {
  page.open_section("correlation", "Correlation");
  const auto correlation = correlation_of(page.analysis);
  if (!correlation) page.missing("There are fewer than two strategies to compare.");
  if (correlation) page.figure("correlation_matrix", correlation_table(*correlation).html());
  const std::vector<View> redundant = page.analysis["correlation"]["redundant"].list();
  if (!redundant.empty()) {
    Table table("Pairs that are one bet", {{"First"}, {"Second"}, {"Correlation", true}});
    for (const View& pair : redundant) {
      table.add({text_cell(pair["first"].text()), text_cell(pair["second"].text()), fixed_cell(pair["correlation"].number())});
    }
    page.table(table);
  }
  page.close_section();
}

namespace {

std::string sequence_words(View sequence) {
  std::vector<std::string> words;
  for (const View& one : sequence.list()) words.push_back(one.number() == 0 ? "flat" : one.number() > 0 ? "long" : "short");
  return fmt::format("{}", fmt::join(words, " → "));
}

/// What follows changes of regime, and what a model of all conditions could tell.
void write_transitions(RunPage& page, View patterns) {
  const std::vector<View> transitions = patterns["transitions"].list();
  if (!transitions.empty()) {
    Table table(
        "After a change of regime",
        {{"From"}, {"To"}, {"Changes", true}, {"Average return", true}, {"Effect", true}, {"p, adjusted", true}, {"Lasted, bars", true}});
    for (const View& one : transitions)
      table.add({text_cell(one["from"].text()), text_cell(one["to"].text()), count_cell(one["occurrences"]),
                 percent_cell(one["avg_return"].number(), {}, 2), fixed_cell(one["effect"].number()),
                 fixed_cell(one["p_adjusted"].number(), {}, 3), fixed_cell(one["avg_duration"].number(), {}, 1)});
    page.table(table, true);
  }
  const View model = patterns["model"];
  if (model.empty() || !std::isfinite(model["p_value"].number())) return;
  page.paragraph(
      fmt::format("A model of signals, regimes and recent returns {} the next bar's return on bars it had not seen: correlation {}, p {}.",
                  model["skilled"].flag() ? "tells something of" : "does not tell", fixed(model["information_coefficient"].number(), 3),
                  fixed(model["p_value"].number(), 3)));
}

}  // namespace

void write_patterns(RunPage& page) {
  const View patterns = page.analysis["patterns"];
  page.open_section("patterns", "Patterns");
  const std::vector<View> significant = patterns["significant"].list();
  if (patterns.empty()) page.missing("Patterns were not searched.");
  if (!patterns["tested"].is_null()) {
    page.paragraph(fmt::format("{} tested, {} significant after adjusting for all of them. Effects are net of costs and beyond holding, in "
                               "standard deviations.",
                               count(patterns["tested"].integer()), count(std::ssize(significant))),
                   "lead");
  }
  if (!significant.empty()) {
    Table table("Significant patterns", {{"Pattern"},
                                         {"Regime"},
                                         {"Occurrences", true},
                                         {"Support", true},
                                         {"Confidence", true},
                                         {"Average return", true},
                                         {"Effect", true},
                                         {"p, adjusted", true},
                                         {"Effect, held out", true},
                                         {"Profitable"}});
    for (std::size_t i = 0; i < significant.size(); ++i) {
      const View one = significant[i];
      Cell name = text_cell(sequence_words(one["sequence"]));
      if (one["sequence"].empty()) name = text_cell(one["pattern_id"].text());
      name.html +=
          fmt::format("<small>{}</small>", escape(words(one["pattern_type"].empty() ? one["form"].text() : one["pattern_type"].text())));
      table.add(
          {name, text_cell(one["regime"].text()), count_cell(one["occurrences"]), percent_cell(one["support"].number()),
           percent_cell(one["confidence"].number(), {}, 0), percent_cell(one["avg_return"].number(), {}, 2),
           fixed_cell(one["effect"].number()), fixed_cell(one["p_adjusted"].number(), {}, 3),
           fixed_cell(one["holdout_effect"].number(), page.reasons.why(one, "holdout_effect", fmt::format("patterns.significant.{}", i))),
           text_cell(one["profitable"].is_null() ? "–"
                     : one["profitable"].flag()  ? "yes"
                                                 : "no")});
    }
    page.table(table, true);
  }
  write_transitions(page, patterns);
  if (patterns["structural"].integer() > 0) {
    page.paragraph(fmt::format("{} more recur often without a significant effect on returns.", count(patterns["structural"].integer())));
  }
  page.close_section();
}

void write_surface(RunPage& page) {
  const auto surface = surface_of(page.analysis);
  page.open_section("surface", "Sensitivity to the parameters");
  if (!surface) page.missing("There is no strategy type with a grid of two parameters to show.");
  if (surface) page.figure("parameter_surface", surface_table(*surface).html());
  page.close_section();
}

}  // namespace tradewind::figures
