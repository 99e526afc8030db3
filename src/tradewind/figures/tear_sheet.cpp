// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/tear_sheet.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tradewind/figures/page_internal.hpp"
#include "tradewind/figures/report_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

enum class Shown { number, percent, count };

/// A figure of the sheet as its tables name it.
struct Line {
  std::string_view key, label;
  Shown as;
  std::string_view hint = {};
};

constexpr Line kReturnLines[] = {
    {"total_return", "Total return", Shown::percent},
    {"annualized_return", "Return a year", Shown::percent, "compounded"},
    {"volatility", "Volatility a year", Shown::percent},
    {"sharpe_ratio", "Sharpe ratio", Shown::number},
    {"sortino_ratio", "Sortino ratio", Shown::number, "return above the target by the deviation below it"},
    {"max_drawdown", "Max drawdown", Shown::percent},
    {"calmar_ratio", "Calmar ratio", Shown::number, "return a year by max drawdown"},
    {"ulcer_index", "Ulcer index", Shown::percent, "root of the mean squared drawdown"},
    {"omega", "Omega", Shown::number, "gains by losses around the target"},
    {"gain_to_pain", "Gain to pain", Shown::number, "sum of returns by the sum of losses"},
};
constexpr Line kTailLines[] = {
    {"best_bar", "Best bar", Shown::percent},
    {"worst_bar", "Worst bar", Shown::percent},
    {"value_at_risk", "VaR, 95 %", Shown::percent, "one bar in twenty loses more"},
    {"conditional_value_at_risk", "CVaR, 95 %", Shown::percent, "mean loss of that one bar in twenty"},
    {"tail_ratio", "Tail ratio", Shown::number, "95 % quantile by 5 % quantile"},
    {"skewness", "Skew", Shown::number, "below 0: the long tail is that of losses"},
    {"kurtosis", "Kurtosis", Shown::number, "3 is normal; above: more extremes"},
};
constexpr Line kDecisionLines[] = {
    {"win_rate", "Win rate", Shown::percent},
    {"profit_factor", "Profit factor", Shown::number},
    {"payoff_ratio", "Payoff ratio", Shown::number, "average win by average loss"},
    {"expectancy", "Expectancy", Shown::percent, "mean result of a bar or trade that was won or lost"},
    {"sqn", "SQN", Shown::number, "root n times mean by deviation of the results"},
    {"longest_winning_streak", "Longest winning streak", Shown::count},
    {"longest_losing_streak", "Longest losing streak", Shown::count},
    {"time_in_market", "Time in the market", Shown::percent},
};
constexpr Line kBenchmarkLines[] = {
    {"alpha", "Alpha a year", Shown::percent, "return that beta does not explain"},
    {"beta", "Beta", Shown::number, "how much of the benchmark's moves it makes"},
    {"information_ratio", "Information ratio", Shown::number, "excess return by its deviation, a year"},
    {"correlation", "Correlation", Shown::number},
    {"r_squared", "R²", Shown::number},
    {"tracking_error", "Tracking error a year", Shown::percent},
    {"up_capture", "Up capture", Shown::percent, "annual return by the benchmark's, in bars in which it rose"},
    {"down_capture", "Down capture", Shown::percent, "the same in bars in which it fell"},
    {"treynor", "Treynor ratio", Shown::percent},
    {"batting_average", "Batting average", Shown::percent, "share of bars above the benchmark"},
};

Cell line_label(const Line& line) {
  Cell label = text_cell(line.label);
  if (!line.hint.empty()) label.html += fmt::format("<small>{}</small>", escape(line.hint));
  return label;
}

Cell line_cell(const Line& line, View from, const std::string& why) {
  const double value = from[line.key].number();
  if (line.as == Shown::percent) return percent_cell(value, why, std::abs(value) < 0.1 ? 2 : 1);
  if (line.as == Shown::count && std::isfinite(value)) return count_cell(from[line.key]);
  return fixed_cell(value, why);
}

/// A name that fits above a column of numbers, or what stands for it.
std::string heading_of(View name, std::string_view otherwise) {
  constexpr std::size_t fits = 16;
  return name.text().size() <= fits ? name.text() : std::string(otherwise);
}

/// One line a figure, with the benchmark's beside it where it has its own metrics.
std::string lines_table(const RunPage& page, std::string caption, std::span<const Line> lines, bool beside = true) {
  const View own = page.analysis["metrics"], other = beside ? page.analysis["benchmark"]["metrics"] : View();
  std::vector<Column> columns = {{"Figure"}, {heading_of(page.analysis["name"], "These returns"), true}};
  if (!other.empty()) columns.push_back({heading_of(page.analysis["benchmark"]["name"], "Benchmark"), true});
  Table table(std::move(caption), std::move(columns));
  for (const Line& line : lines) {
    std::vector<Cell> row = {line_label(line), line_cell(line, own, own["undefined"][line.key].text())};
    if (!other.empty()) row.push_back(line_cell(line, other, other["undefined"][line.key].text()));
    table.add(std::move(row));
  }
  return table.html();
}

std::string day(View time) { return time.text().substr(0, time.text().ends_with("T00:00:00Z") ? 10 : 16); }

/// A date that is not broken between lines.
Cell date_cell(std::string_view text) { return {fmt::format("<span class=\"date\">{}</span>", escape(text)), std::string(text)}; }

std::string sheet_eyebrow(View sheet) {
  std::string text =
      fmt::format("Tear sheet · {} bars, {} a year", count(sheet["bars"].integer()), number_text(sheet["periods_per_year"].number()));
  if (!sheet["from"].empty()) text += fmt::format(" · {} to {}", day(sheet["from"]), day(sheet["to"]));
  return text;
}

std::string sheet_summary(View sheet) {
  const View m = sheet["metrics"], benchmark = sheet["benchmark"];
  const double total = m["total_return"].number();
  if (!std::isfinite(total)) return "There are no returns.";
  std::string text = fmt::format("1 became {}", fixed(1 + total, 2));
  if (std::isfinite(m["annualized_return"].number())) text += fmt::format(": {} a year", percent(m["annualized_return"].number()));
  text += fmt::format(". The deepest loss from a peak was {}.", percent(m["max_drawdown"].number()));
  if (std::isfinite(benchmark["beta"].number()))
    text += fmt::format(" Beside {}: beta {}, alpha {} a year.", benchmark["name"].text(), fixed(benchmark["beta"].number()),
                        percent(benchmark["alpha"].number()));
  if (std::isfinite(m["gross_return"].number()))
    text += fmt::format(" Before costs it was {}; costs took {} of the starting equity.", fixed(1 + m["gross_return"].number(), 2),
                        percent(m["total_costs"].number()));
  return text;
}

/// The card of a metric; its note is the benchmark's own, and the figure before costs.
std::string metric_card(View sheet, const Line& line, std::string_view gross = {}) {
  const View own = sheet["metrics"], other = sheet["benchmark"]["metrics"];
  std::string note;
  if (!gross.empty() && std::isfinite(own[gross].number()))
    note = "before costs " + (line.as == Shown::percent ? percent(own[gross].number()) : fixed(own[gross].number()));
  if (!other.empty()) note += (note.empty() ? "" : "; ") + std::string("benchmark ") + line_cell(line, other, "").html;
  return card(line.label, line_cell(line, own, own["undefined"][line.key].text()), note.find('<') == std::string::npos ? note : "");
}

void write_headline(RunPage& page) {
  const View sheet = page.analysis;
  page.out +=
      fmt::format("<section id=\"headline\" class=\"verdict\"><p class=\"eyebrow\">{}</p>\n<h1>{}</h1>\n<p class=\"summary\">{}</p>\n",
                  prose(sheet_eyebrow(sheet)), prose(sheet["name"].text()), prose(sheet_summary(sheet)));
  page.out += "<dl class=\"cards\">\n";
  page.out += metric_card(sheet, kReturnLines[1]);
  page.out += metric_card(sheet, kReturnLines[3], "gross_sharpe");
  page.out += metric_card(sheet, kReturnLines[5]);
  page.out += metric_card(sheet, kReturnLines[2]);
  page.out += metric_card(sheet, kReturnLines[4]);
  page.out += metric_card(sheet, kReturnLines[6]);
  if (const View beside = sheet["benchmark"]; !beside.empty())
    for (const Line& line : std::span(kBenchmarkLines).first(3))
      page.out += card(line.label, line_cell(line, beside, beside["undefined"][line.key].text()), line.hint);
  const View luck = sheet["luck"];
  page.out +=
      card("Probabilistic Sharpe ratio", percent_cell(luck["psr"].number(), luck["undefined"]["psr"].text()),
           fmt::format("chance that the true one is above {}, if nothing else was tried", number_text(luck["sharpe_benchmark"].number())));
  page.out += "</dl>\n";
  for (const View& note : sheet["notes"].list()) page.paragraph(note.text(), "small");
  page.close_section();
}

Table drawdown_table_of(View sheet) {
  Table table("The worst drawdowns",
              {{"Start"}, {"Trough"}, {"End"}, {"Depth", true}, {"Bars", true, "from the peak until it is reached again"}});
  for (const View& one : sheet["drawdowns"].list()) {
    table.add({date_cell(day(one["start"])), date_cell(day(one["trough"])),
               one["end"].is_null() ? text_cell("not over") : date_cell(day(one["end"])), percent_cell(-one["depth"].number()),
               count_cell(one["bars"])});
  }
  return table;
}

void write_equity(RunPage& page) {
  page.open_section("equity", "Equity and drawdowns");
  if (const auto equity = equity_of(page.analysis)) {
    page.figure("equity_and_drawdown", equity_table(*equity));
  } else {
    page.missing("There are no returns to draw.");
  }
  page.out += "<div class=\"columns\"><div>" + lines_table(page, "Return and risk", kReturnLines) + "</div>";
  if (!page.analysis["drawdowns"].empty()) page.out += "<div>" + drawdown_table_of(page.analysis).html() + "</div>";
  page.out += "</div>\n";
  page.close_section();
}

Cell dated_cell(View one) {
  Cell cell = percent_cell(one["return"].number());
  cell.html += fmt::format("<small class=\"date\">{}</small>", escape(one["date"].text()));
  return cell;
}

Table extremes_table(View calendar) {
  Table table("Best and worst", {{"Period"}, {"Best", true}, {"Worst", true}});
  for (const char* period : {"day", "month", "year"})
    table.add(
        {text_cell(period), dated_cell(calendar[fmt::format("best_{}", period)]), dated_cell(calendar[fmt::format("worst_{}", period)])});
  return table;
}

Table yearly_table(const YearlyReturns& yearly, View benchmark) {
  std::vector<Column> columns = {{"Year"}, {"Return", true}};
  if (!yearly.benchmark.empty())
    columns.insert(columns.end(), {{"Benchmark", true}, {"Excess", true, "all three over the bars that both have"}});
  Table table("Returns by year", std::move(columns));
  for (std::size_t i = 0; i < yearly.years.size(); ++i) {
    double own = yearly.returns[i], theirs = kMissing, excess = kMissing;
    for (const View& one : benchmark["yearly"].list())
      if (one["year"].integer() == yearly.years[i])
        own = one["return"].number(), theirs = one["benchmark"].number(), excess = one["excess"].number();
    std::vector<Cell> row = {text_cell(std::to_string(yearly.years[i])), percent_cell(own)};
    if (!yearly.benchmark.empty()) {
      row.push_back(percent_cell(theirs, "the benchmark has no such year"));
      row.push_back(percent_cell(excess, "the benchmark has no such year"));
    }
    table.add(std::move(row));
  }
  return table;
}

void write_calendar(RunPage& page) {
  const View calendar = page.analysis["calendar"];
  const bool exchange = calendar["zone"].text() == "exchange";
  page.open_section("calendar", "Calendar", calendar.empty() ? "" : exchange ? "By the exchange's day." : "By UTC day.");
  const auto monthly = monthly_of(page.analysis);
  const auto yearly = yearly_of(page.analysis);
  if (!monthly || !yearly) {
    page.missing("The bars have no times.");
  } else {
    page.figure("monthly_returns", monthly_table(*monthly));
    page.figure("yearly_returns", yearly_table(*yearly, page.analysis["benchmark"]).html());
    page.table(extremes_table(calendar));
    page.paragraph(
        fmt::format("{} of {} days and {} of {} months gained something.", count(calendar["winning_days"].integer()),
                    count(calendar["days"].integer()), count(calendar["winning_months"].integer()), count(calendar["months"].integer())),
        "small");
  }
  page.close_section();
}

std::string histogram_table(const ReturnHistogram& histogram) {
  Table table("Bars by return", {{"From"}, {"To"}, {"Bars", true}});
  const double width = (histogram.high - histogram.low) / static_cast<double>(histogram.counts.size());
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double from = histogram.low + static_cast<double>(i) * width;
    table.add({text_cell(percent(from, 2)), text_cell(percent(from + width, 2)), text_cell(count(histogram.counts[i]))});
  }
  return table.html();
}

void write_distribution(RunPage& page) {
  page.open_section("distribution", "Distribution and tails");
  if (const auto histogram = histogram_of(page.analysis)) page.figure("return_histogram", histogram_table(*histogram));
  page.out +=
      "<div class=\"columns\"><div>" + lines_table(page, "Tails and shape", kTailLines) + "</div><div>" +
      lines_table(page, page.analysis["metrics"]["unit"].text() == "trade" ? "Wins and losses, by trade" : "Wins and losses, by bar",
                  kDecisionLines, page.analysis["metrics"]["unit"].text() != "trade") +
      "</div></div>\n";
  page.close_section();
}

void write_rolling(RunPage& page) {
  page.open_section("rolling", "Rolling figures");
  const auto panels = panels_of(page.analysis);
  if (panels.empty()) {
    page.missing("There are too few bars for a window.");
  } else {
    RollingTable table{page.analysis["rolling"]["window"].integer(), page.analysis["rolling"]["timestamp"].texts(), {}, {}};
    for (const RollingPanel& panel : panels) table.curves.push_back({panel.title, "strategy", panel.values});
    page.figure("rolling_figures", rolling_table(table, "Rolling figures"));
  }
  page.close_section();
}

std::string beside_table(const RunPage& page) {
  const View benchmark = page.analysis["benchmark"];
  Table table("Figures beside the benchmark", {{"Figure"}, {"Value", true}});
  for (const Line& line : kBenchmarkLines) {
    table.add({line_label(line), line_cell(line, benchmark, benchmark["undefined"][line.key].text())});
  }
  return table.html();
}

void write_benchmark(RunPage& page) {
  const View benchmark = page.analysis["benchmark"];
  page.open_section("benchmark", "Beside the benchmark");
  if (benchmark.empty()) {
    page.missing("None was given: --benchmark FILE compares with one.");
  } else {
    page.paragraph(fmt::format("{} over {} bars{}.", benchmark["name"].text(), count(benchmark["bars"].integer()),
                               benchmark["left_out"].integer() > 0
                                   ? fmt::format("; {} without its return are left out", count(benchmark["left_out"].integer()))
                                   : ""));
    page.out += "<div class=\"columns\"><div>" + beside_table(page) + "</div>";
    if (const auto yearly = yearly_of(page.analysis)) page.out += "<div>" + yearly_table(*yearly, benchmark).html() + "</div>";
    page.out += "</div>\n";
  }
  page.close_section();
}

void write_luck(RunPage& page) {
  const View luck = page.analysis["luck"];
  page.open_section("luck", "Luck", "How much of the Sharpe ratio these bars can prove.");
  Table table(fmt::format("Against a Sharpe ratio of {} a year", fixed(luck["sharpe_benchmark"].number())), {{"Figure"}, {"Value", true}});
  const auto add = [&](std::string_view label, std::string_view hint, Cell value) {
    Cell head = text_cell(label);
    head.html += fmt::format("<small>{}</small>", escape(hint));
    table.add({std::move(head), std::move(value)});
  };
  const double needed = luck["min_track_record"].number();
  add("Probabilistic Sharpe ratio", "chance that the true Sharpe ratio is higher than that",
      percent_cell(luck["psr"].number(), luck["undefined"]["psr"].text()));
  add("Minimum track record", fmt::format("bars that would prove it at 95 %; there are {}", count(page.analysis["bars"].integer())),
      std::isfinite(needed) ? text_cell(count(static_cast<std::int64_t>(std::min(std::ceil(needed), 9e15))))
                            : undefined_cell(luck["undefined"]["min_track_record"].text()));
  add("Deflated Sharpe ratio", "needs the number of strategies that were tried",
      undefined_cell("one series does not tell of how many it is the best"));
  page.table(table);
  page.heading("What these returns cannot say");
  page.out += "<ul class=\"plain\">\n";
  const bool costs = std::isfinite(page.analysis["metrics"]["total_costs"].number());
  for (const std::string_view text :
       {std::string_view(
            "How many others were tried before this one: the more, the more of it is luck (tradewind overfit takes all of them)."),
        std::string_view("Whether rules or parameters were chosen with these bars in view."),
        costs ? std::string_view("Whether the costs charged are those that would have been paid.")
              : std::string_view("Whether costs are off already."),
        std::string_view("Whether the next years are like these.")})
    page.out += fmt::format("<li>{}</li>\n", prose(text));
  page.out += "</ul>\n";
  page.close_section();
}

void write_source(RunPage& page) {
  page.open_section("source", "Source", "The same data, options and version give the same bytes.");
  Table table("Where the numbers come from", {{"What"}, {"Value"}});
  for (const auto& [name, value] : page.analysis["provenance"].members()) table.add({text_cell(words(name)), text_cell(value.shown())});
  page.table(table);
  page.close_section();
}

struct SheetSection {
  std::string_view id, title;
  void (*write)(RunPage&);
};
constexpr SheetSection kSheetSections[] = {
    {"headline", "Summary", write_headline},
    {"equity", "Equity", write_equity},
    {"calendar", "Calendar", write_calendar},
    {"distribution", "Tails", write_distribution},
    {"rolling", "Rolling", write_rolling},
    {"benchmark", "Benchmark", write_benchmark},
    {"luck", "Luck", write_luck},
    {"source", "Source", write_source},
};

}  // namespace

Result<std::string> html_tear_sheet(const Json& sheet) {
  TRADEWIND_TRY(check_schema(sheet, "tradewind.tear_sheet/", "a tear sheet"));
  RunPage page(sheet, tear_sheet_figures(sheet));
  std::string links;
  for (const SheetSection& section : kSheetSections) {
    section.write(page);
    links += fmt::format("<a href=\"#{}\">{}</a>\n", section.id, section.title);
  }
  return page_html(fmt::format("{}: tear sheet", View(sheet)["name"].text()), links, page.out);
}

}  // namespace tradewind::figures
