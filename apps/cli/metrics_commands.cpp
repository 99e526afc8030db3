// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "series_options.hpp"
#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/metrics.hpp"

namespace tradewind::cli {
namespace {

constexpr std::array kFractions = {"total_return",
                                   "annualized_return",
                                   "volatility",
                                   "max_drawdown",
                                   "win_rate",
                                   "bar_win_rate",
                                   "avg_win",
                                   "avg_loss",
                                   "largest_win",
                                   "largest_loss",
                                   "gross_return",
                                   "net_return",
                                   "total_costs",
                                   "value_at_risk",
                                   "ulcer_index",
                                   "conditional_value_at_risk",
                                   "best_bar",
                                   "worst_bar",
                                   "time_in_market",
                                   "expectancy",
                                   "psr",
                                   "alpha",
                                   "tracking_error",
                                   "up_capture",
                                   "down_capture",
                                   "batting_average",
                                   "treynor"};

/// The metrics as they are shown, a group below the other; a name in none of them stands at the end.
struct MetricGroup {
  const char* title;
  std::vector<std::string> names;
};
const std::vector<MetricGroup>& metric_groups() {
  static const std::vector<MetricGroup> groups = {
      {"return and risk",
       {"total_return", "annualized_return", "volatility", "sharpe_ratio", "sortino_ratio", "max_drawdown", "calmar_ratio", "ulcer_index",
        "omega", "gain_to_pain", "ruin"}},
      {"wins and losses",
       {"win_rate", "bar_win_rate", "profit_factor", "payoff_ratio", "expectancy", "sqn", "avg_win", "avg_loss", "largest_win",
        "largest_loss", "longest_winning_streak", "longest_losing_streak", "time_in_market", "zeros", "total_trades", "won_trades",
        "lost_trades", "flat_trades"}},
      {"costs",
       {"gross_return", "net_return", "total_costs", "cost_per_trade", "gross_sharpe", "net_sharpe", "cost_impact", "total_fills"}},
      {"tails and shape", {"best_bar", "worst_bar", "value_at_risk", "conditional_value_at_risk", "tail_ratio", "skewness", "kurtosis"}},
      {"", {}}};
  return groups;
}

std::string metric_cell(const std::string& name, const Json& value) {
  const bool fraction = std::find(kFractions.begin(), kFractions.end(), name) != kFractions.end();
  return fraction && value.is_number() ? percent(value) : cell(value);
}

/// Strategies of a run: one line per classifier and regime.
void render_by_regime(const Json& json) {
  Table table({"strategy", "classifier", "regime", "bars", "runs", "Sharpe", "95 %", "contribution", "worst drawdown", "share of max DD"});
  for (const auto& [strategy, classifiers] : json["strategies"].items()) {
    for (const auto& [classifier, regimes] : classifiers.items()) {
      for (const auto& [label, r] : regimes.items()) {
        const Json& interval = r["intervals"]["sharpe_ratio"];
        table.add({strategy, classifier, label, cell(r["bars"]), cell(r["runs"]), cell(r["sharpe_ratio"]),
                   interval.is_null() ? "–" : cell(interval[0]) + " … " + cell(interval[1]), cell(r["contribution"]),
                   percent(r["worst_run_drawdown"]), percent(r["drawdown_share"])});
      }
    }
  }
  table.print();
}

void add_metric(Table& table, const Json& json, const std::string& name, const Json& value) {
  std::string interval;
  if (json.contains("intervals") && json["intervals"].contains(name) && !json["intervals"][name].is_null())
    interval = fmt::format("{} … {}", metric_cell(name, json["intervals"][name][0]), metric_cell(name, json["intervals"][name][1]));
  const std::string why = json["undefined"].contains(name) ? json["undefined"][name].get<std::string>() : "";
  table.add({name, value.is_boolean() ? (value.get<bool>() ? "yes" : "no") : metric_cell(name, value), interval, dim(why)});
}

void render_groups(const Json& json) {
  const Json& m = json["metrics"];
  std::set<std::string> shown = {"unit", "bars"};
  if (m["gross_return"].is_null())  // nothing was traded: seven dashes say no more than none
    for (const std::string& name : metric_groups()[2].names) shown.insert(name);
  for (const MetricGroup& group : metric_groups()) {
    Table table({group.title, "value", json.contains("intervals") ? "95 % interval" : "", ""});
    for (const std::string& name : group.names)
      if (m.contains(name) && shown.insert(name).second) add_metric(table, json, name, m[name]);
    if (group.names.empty())
      for (const auto& [name, value] : m.items())
        if (shown.insert(name).second) add_metric(table, json, name, value);
    if (table.empty()) continue;
    fmt::print("\n");
    table.print();
  }
}

void render_luck(const Json& luck) {
  fmt::print("\n");
  Table table({fmt::format("luck, against Sharpe {}", cell(luck["sharpe_benchmark"])), "value", "", ""});
  for (const char* name : {"psr", "min_track_record"}) add_metric(table, luck, name, luck[name]);
  table.print();
}

void render_benchmark(const Json& json) {
  if (!json.contains("benchmark")) return;
  const Json& benchmark = json["benchmark"];
  fmt::print("\n");
  Table table({"beside " + benchmark["name"].get<std::string>(), "value", "", ""});
  for (const auto& [name, value] : benchmark.items())
    if (name != "name" && name != "yearly" && name != "undefined") add_metric(table, benchmark, name, value);
  table.print();
}

std::string short_percent(const Json& value) {
  if (!value.is_number()) return "";
  const std::string text = fmt::format("{:.1f}", value.get<double>() * 100);
  return text == "-0.0" ? "0.0" : text;
}

/// Years by month in per cent; beside a benchmark its years and the difference, too.
void render_calendar(const Json& json) {
  if (!json.contains("calendar") || json["calendar"]["best_day"].is_null()) return;
  const Json& calendar = json["calendar"];
  fmt::print("\n");
  Table extremes({"calendar", "best", "", "worst", ""});
  for (const char* period : {"day", "month", "year"}) {
    const Json& best = calendar[fmt::format("best_{}", period)];
    const Json& worst = calendar[fmt::format("worst_{}", period)];
    extremes.add({period, percent(best["return"]), best["date"], percent(worst["return"]), worst["date"]});
  }
  extremes.print();
  const Json& months = calendar["monthly_returns"];
  std::vector<std::string> head = {"% a month", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "year"};
  const Json* const yearly = json.contains("benchmark") && json["benchmark"].contains("yearly") ? &json["benchmark"]["yearly"] : nullptr;
  if (yearly != nullptr) head.insert(head.end(), {"benchmark", "excess"});
  fmt::print("\n");
  Table table(head);
  for (std::size_t i = 0; i < months["years"].size(); ++i) {
    std::vector<std::string> row = {cell(Json(std::to_string(months["years"][i].get<int>())))};
    for (const Json& value : months["returns"][i]) row.push_back(short_percent(value));
    row.push_back(short_percent(months["totals"][i]));
    if (yearly != nullptr) {
      const auto same = std::find_if(yearly->begin(), yearly->end(), [&](const Json& one) { return one["year"] == months["years"][i]; });
      const Json& theirs = same == yearly->end() ? Json(nullptr) : (*same)["benchmark"];
      const Json& ours = months["totals"][i];
      row.push_back(short_percent(theirs));
      row.push_back(theirs.is_number() && ours.is_number() ? short_percent(ours.get<double>() - theirs.get<double>()) : "");
    }
    table.add(std::move(row));
  }
  table.print();
}

void render_metrics(const Json& json) {
  if (json.contains("strategies")) return render_by_regime(json);
  const Json& m = json["metrics"];
  fmt::print("{}  column {}, {} bars, {} a year, unit {}\n", bold(json["file"].get<std::string>()), json["column"].get<std::string>(),
             cell(m["bars"]), cell(json["periods_per_year"]), m["unit"].get<std::string>());
  render_groups(json);
  render_luck(json["luck"]);
  render_benchmark(json);
  render_calendar(json);
  if (json.contains("regimes")) {
    Table regimes({"regime", "bars", "runs", "occupancy", "mean", "volatility", "Sharpe", "95 % interval", "contribution", "worst run",
                   "drawdown share"});
    for (const auto& [label, r] : json["regimes"].items()) {
      const Json& interval = r["intervals"]["sharpe_ratio"];
      regimes.add({label, cell(r["bars"]), cell(r["runs"]), percent(r["occupancy"]), cell(r["mean"]), percent(r["volatility"]),
                   cell(r["sharpe_ratio"]), interval.is_null() ? "–" : fmt::format("{} … {}", cell(interval[0]), cell(interval[1])),
                   cell(r["contribution"]), percent(r["worst_run_drawdown"]), percent(r["drawdown_share"])});
    }
    fmt::print("\n");
    regimes.print();
    fmt::print("{}\n", dim(fmt::format("conditional on the regime's own bars; {} bars without a label", cell(json["unlabelled_bars"]))));
  }
  if (json.contains("drawdowns")) {
    Table drawdowns({"depth", "peak", "trough", "recovery", "decline bars", "recovery bars"});
    for (const auto& d : json["drawdowns"]) {
      const auto point = [&](const std::string& name) {
        return d.contains(name + "_time") && d[name + "_time"].is_string() ? d[name + "_time"].get<std::string>() : cell(d[name]);
      };
      drawdowns.add(
          {percent(d["depth"]), point("peak"), point("trough"), point("recovery"), cell(d["decline_bars"]), cell(d["recovery_bars"])});
    }
    fmt::print("\n");
    drawdowns.print();
  }
  if (json.contains("rolling")) {
    const Json& rolling = json["rolling"];
    fmt::print("\nlast {} bars: Sharpe {}, volatility {}, drawdown {} {}\n", cell(rolling["window"]),
               cell(rolling["sharpe_ratio"].empty() ? Json() : rolling["sharpe_ratio"].back()),
               percent(rolling["volatility"].empty() ? Json() : rolling["volatility"].back()),
               percent(rolling["max_drawdown"].empty() ? Json() : rolling["max_drawdown"].back()), dim("(--json gives the whole series)"));
  }
  for (const auto& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

}  // namespace

void add_metrics_commands(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("metrics", "Metrics of any return series (CSV, CSV.gz, Parquet), or of a run's strategies by regime");
  auto options = std::make_shared<ReturnsInput>();
  auto& a = options->arguments;
  command->add_option("source", a.file, "A run, or a file of simple net returns per bar, one column per series")->required();
  auto by_regime = std::make_shared<commands::RunMetricsArguments>();
  command->add_option("--where", by_regime->where, "Run: condition on the strategies");
  command->add_option("--top", by_regime->top, "Run: the best N by net Sharpe ratio, 0 for all")->capture_default_str();
  add_series_options(command, *options);
  command->add_option("--commission", options->commission, "Commission per fill: 0.001 or 10bps");
  command->add_option("--slippage", options->slippage, "Slippage per fill: 0.0005 or 5bps");
  command->add_option("--slippage-model", options->slippage_model, "linear (rate) or sqrt (rate times root of volatility)")
      ->check(CLI::IsMember(enum_names<metrics::SlippageModel>()));
  command->add_option("--regimes", a.regimes, "Column of regime labels");
  command->add_flag("--labels-aligned", a.labels_aligned, "A label belongs to the return of its own row, not to the next one");
  command->add_flag("--intervals", a.intervals, "95 % intervals by the stationary bootstrap");
  command->add_option("--seed", a.seed, "Seed of the bootstrap")->capture_default_str();
  command->add_option("--rolling", a.rolling, "Window in bars of rolling Sharpe, volatility and drawdown")
      ->check(CLI::Range(2, 1000000000));
  command->add_option("--drawdowns", a.drawdowns, "Rows of the drawdown table");
  session.on(
      command,
      [options, by_regime, command](const Context& context) -> Result<CommandOutput> {
        TRADEWIND_TRY(check_source_options(*command, names_run(options->arguments.file, context), {"--where", "--top"},
                                           {"--column", "--periods-per-year", "--signals", "--returns-of", "--commission", "--slippage",
                                            "--slippage-model", "--nan", "--prices", "--benchmark", "--risk-free", "--sharpe-benchmark",
                                            "--target", "--regimes", "--labels-aligned", "--intervals", "--rolling", "--drawdowns"}));
        if (names_run(options->arguments.file, context)) {
          commands::RunMetricsArguments run = *by_regime;
          run.run = options->arguments.file.string();
          run.seed = options->arguments.seed;
          run.prices = options->arguments.prices;
          return commands::metrics_of_run(run, context);
        }
        TRADEWIND_ASSIGN(const commands::MetricsArguments arguments, options->finished());
        return commands::metrics_of_file(arguments, context);
      },
      render_metrics);
}

}  // namespace tradewind::cli
