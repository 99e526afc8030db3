// SPDX-License-Identifier: Apache-2.0
// What a trading session expected of its trades, beside what they earned.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tradewind/figures/report_internal.hpp"

namespace tradewind::figures {
namespace {

/// One strategy's trades of one kind.
struct Row {
  std::string strategy, kind;
  View figures;
};

std::vector<Row> rows_of(View session) {
  std::vector<Row> rows;
  for (const auto& [strategy, kinds] : session["calibration"].members())
    for (const auto& [kind, figures] : kinds.members()) rows.push_back({strategy, kind, figures});
  return rows;
}

/// Seconds after a fill at which there are markouts, in order.
std::vector<int> seconds_of(const std::vector<Row>& rows) {
  std::vector<int> all;
  for (const Row& row : rows)
    for (const auto& [name, value] : row.figures["markout_cents"].members()) {
      int seconds = 0;
      const auto read = std::from_chars(name.data(), name.data() + name.size(), seconds);
      if (read.ec == std::errc() && std::find(all.begin(), all.end(), seconds) == all.end()) all.push_back(seconds);
    }
  std::sort(all.begin(), all.end());
  return all;
}

Cell share_cell(View part, View whole) {
  const double of = whole.number();
  return of > 0 ? percent_cell(part.number() / of) : undefined_cell("too_few");
}

Table calibration_table(const std::vector<Row>& rows) {
  const std::vector<int> seconds = seconds_of(rows);
  std::vector<Column> columns = {{"Strategy"},
                                 {"Kind"},
                                 {"Trades", true, "closed ones of which something was filled"},
                                 {"Expected", true, "dollars, of the orders that were sent"},
                                 {"Realised", true, "dollars, fees off"},
                                 {"Hit rate", true, "share of trades that earned something"}};
  for (const int one : seconds)
    columns.push_back({fmt::format("After {} s", one), true, "cents a share by the mid then; below 0 the price went against the fill"});
  columns.push_back({"Legs", true, "orders of entries"});
  columns.push_back({"Legs not filled whole", true});
  Table table("What was expected of trades and what they earned, by strategy and kind", std::move(columns));
  for (const Row& row : rows) {
    const View figures = row.figures;
    std::vector<Cell> cells = {text_cell(row.strategy),
                               text_cell(words(row.kind)),
                               count_cell(figures["trades"]),
                               fixed_cell(figures["expected_profit"].number()),
                               fixed_cell(figures["realized_profit"].number()),
                               percent_cell(figures["hit_rate_percent"].number() / 100, "no_decided_trades", 0)};
    for (const int one : seconds)
      cells.push_back(fixed_cell(figures["markout_cents"][std::to_string(one)].number(), "no book of that time was seen"));
    cells.push_back(count_cell(figures["legs"]));
    cells.push_back(share_cell(figures["legs_short"], figures["legs"]));
    table.add(std::move(cells));
  }
  return table;
}

}  // namespace

void write_session(RunPage& page) {
  if (page.session.empty()) return;
  page.open_section("session", "Expected and realised",
                    page.session["simulated"].flag(true) ? "Simulated: no money was at stake." : "Of a paper account at real prices.");
  if (page.session["world"].text() != "") page.paragraph("The simulated world: " + page.session["world"].text() + ".");
  for (const View& one : page.session["optimistic"].list()) page.paragraph("Kinder than a venue: " + one.text() + ".");
  const std::vector<Row> rows = rows_of(page.session);
  if (rows.empty()) {
    page.missing("The session has not traded.");
  } else {
    std::vector<ExpectedBar> bars;
    for (const Row& row : rows)
      bars.push_back({row.strategy == row.kind ? row.kind : row.strategy + ", " + words(row.kind), row.figures["expected_profit"].number(),
                      row.figures["realized_profit"].number()});
    page.figures.push_back(
        {"expected_and_realized", "Profit in dollars: expected when the orders were sent, and realised", expected_and_realized(bars)});
    page.figure("expected_and_realized", calibration_table(rows).html());
    page.table(calibration_table(rows), true);
    for (const View& one : page.session["recommendations"].list()) page.paragraph(one["text"].text());
  }
  page.close_section();
}

}  // namespace tradewind::figures
