// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/signal_pricing.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/describe.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/replay/position_changes.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::replay {

Result<market::ReadOptions> read_options_of(const workspace::SymbolPrices& source) {
  TRADEWIND_ASSIGN(market::ReadOptions read, market::read_options_of(source.reading, source.symbol));
  read.zone = source.zone;
  return read;
}

namespace {

struct PricedSymbol {
  market::Bars bars;
  metrics::TradeTables tables;
};

Result<metrics::TradeTables::Options> options_of(const workspace::RunExecution& execution) {
  const auto fill = enum_from_name<metrics::FillModel>(execution.fill);
  if (!fill)
    return Error(Errc::usage, fmt::format("there is no fill '{}'", printable(execution.fill)), "--fill", "next_open, next_close or close");
  const auto slippage = enum_from_name<metrics::SlippageModel>(execution.slippage_model);
  if (!slippage)
    return Error(Errc::usage, fmt::format("there is no slippage model '{}'", printable(execution.slippage_model)), "--slippage-model",
                 "linear or sqrt");
  const auto is_rate = [](double rate) { return rate >= 0 && rate < 1; };
  if (!is_rate(execution.commission_rate) || !is_rate(execution.slippage_rate))
    return Error(Errc::usage, "a cost is a rate of at least 0 and below 1", "--commission, --slippage", "write 0.001 or 10bps");
  return metrics::TradeTables::Options{*fill, {execution.commission_rate, *slippage, execution.slippage_rate}, 0, execution.risk_free};
}

Result<market::BarsImport> bars_of(const workspace::SymbolPrices& source) {
  TRADEWIND_ASSIGN(const market::ReadOptions read, read_options_of(source));
  TRADEWIND_ASSIGN(market::BarsImport import, market::read_bars(source.path, read));
  if (!import.accepted) {
    const auto& first = import.rejected.front();
    return Error(Errc::invalid_data,
                 fmt::format("{} bad rows in the data of {}; the first: column {}: {}", import.rejected_total, source.symbol, first.column,
                             first.reason),
                 fmt::format("{}:{}", source.path, first.line),
                 "tradewind data import lists all of them, and --on-error skip leaves them out");
  }
  if (import.bars.size() < 2)
    return Error(Errc::invalid_data, fmt::format("{} has {} bars; at least 2 are needed", source.symbol, import.bars.size()), source.path);
  import.bars.symbol = source.symbol;
  return import;
}

}  // namespace

struct SignalPricing::State {
  workspace::RunMetadata described;
  metrics::TradeTables::Options options;
  std::map<std::string, PricedSymbol> symbols;
  std::vector<std::string> notes;

  Status add(workspace::SymbolPrices& source, double periods_per_year);
  double observed_rate(const market::Bars& bars);
  Result<std::string> symbol_of(const workspace::SignalMetadata& row) const;
  Status complete(workspace::SignalMetadata& row, const workspace::Signals& signals) const;
};

/// Bars a year as the timestamps show, rates within 5 % of a symbol's before being one calendar, as a sweep has it. 0: too short to tell.
double SignalPricing::State::observed_rate(const market::Bars& bars) {
  const auto observed = market::infer_periods_per_year(bars.timestamp);
  if (!observed) return 0;
  for (const workspace::SymbolPrices& known : described.execution.data)
    if (known.periods_per_year > 0 && std::abs(*observed / known.periods_per_year - 1) <= 0.05) return known.periods_per_year;
  notes.push_back(fmt::format("annualization: {} bars per year, observed in {}; --periods-per-year fixes it",
                              number_text(std::round(*observed)), bars.symbol));
  return std::round(*observed);
}

Status SignalPricing::State::add(workspace::SymbolPrices& source, double periods_per_year) {
  if (symbols.contains(source.symbol))
    return Error(Errc::usage, fmt::format("the prices of {} are given twice", printable(source.symbol)), "--data");
  TRADEWIND_ASSIGN(market::BarsImport import, bars_of(source));
  market::Bars& bars = import.bars;
  for (const std::string& note : import.notes) notes.push_back(fmt::format("{}: {}", source.symbol, note));
  source.path = std::filesystem::absolute(source.path).lexically_normal().string();
  source.sha256 = import.sha256;
  source.fill = described.execution.fill;
  source.periods_per_year = periods_per_year > 0 ? periods_per_year : observed_rate(bars);
  if (!(source.periods_per_year > 0))
    return Error(Errc::invalid_data,
                 fmt::format("the bars per year cannot be told from the timestamps of {}: they span less than 90 days", source.symbol),
                 source.path, "--periods-per-year says it, e.g. 252 for daily stock bars");
  if (const auto warning = market::periods_per_year_warning(bars.timestamp, source.periods_per_year))
    notes.push_back(fmt::format("{}: {}", source.symbol, *warning));
  if (options.fill == metrics::FillModel::next_open && !bars.has_ohlc())
    return Error(Errc::invalid_data, fmt::format("{} has closes only, and fill next_open needs opens", source.symbol), source.path,
                 "fill at a close: --fill next_close");
  metrics::TradeTables::Options own = options;
  own.periods_per_year = source.periods_per_year;
  auto tables = metrics::TradeTables::make(bars.open, bars.close, own);
  if (!tables) return tables.error().with_context(source.symbol);
  described.start_date = described.symbols.empty() ? bars.timestamp.front() : std::min(described.start_date, bars.timestamp.front());
  described.end_date = described.symbols.empty() ? bars.timestamp.back() : std::max(described.end_date, bars.timestamp.back());
  described.symbols.push_back(source.symbol);
  described.data_files[source.symbol] = source.path;
  described.data_hashes[source.path] = source.sha256;
  described.periods_per_year = std::max(described.periods_per_year, source.periods_per_year);
  described.execution.data.push_back(source);
  symbols.emplace(source.symbol, PricedSymbol{std::move(bars), std::move(*tables)});
  return {};
}

Result<SignalPricing> SignalPricing::open(workspace::RunExecution execution, double periods_per_year) {
  auto state = std::make_shared<State>();
  TRADEWIND_ASSIGN(state->options, options_of(execution));
  std::vector<workspace::SymbolPrices> sources = std::move(execution.data);
  execution.data.clear();
  state->described.execution = std::move(execution);
  state->described.commission_model = state->options.costs.commission_text();
  state->described.slippage_model = state->options.costs.slippage_text();
  for (workspace::SymbolPrices& source : sources)
    TRADEWIND_TRY(state->add(source, source.periods_per_year > 0 ? source.periods_per_year : periods_per_year));
  return SignalPricing(std::move(state));
}

const std::vector<std::string>& SignalPricing::notes() const noexcept { return state_->notes; }

workspace::RunCompletion SignalPricing::completion() const {
  workspace::RunCompletion completion{state_->described, {}, {}};
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i)
    completion.metric_columns.emplace_back(enum_name(static_cast<metrics::Metric>(i)));
  completion.complete = [state = state_](workspace::SignalMetadata& row, const workspace::Signals& signals) {
    return state->complete(row, signals);
  };
  return completion;
}

Result<std::string> SignalPricing::State::symbol_of(const workspace::SignalMetadata& row) const {
  const auto& known = described.symbols;
  if (!row.symbol.empty()) {
    if (symbols.contains(row.symbol)) return row.symbol;
    return Error(Errc::invalid_data,
                 fmt::format("there are no prices for the symbol '{}' of strategy '{}'", printable(row.symbol), row.strategy_id), "--data",
                 fmt::format("say where they are: --data {}=FILE", printable(row.symbol)));
  }
  if (known.size() == 1) return known.front();
  std::string best;
  for (const std::string& symbol : known) {
    const bool named = row.strategy_id == symbol || workspace::id_begins_with(row.strategy_id, symbol);
    if (named && symbol.size() > best.size()) best = symbol;
  }
  if (!best.empty()) return best;
  return Error(Errc::invalid_data, fmt::format("nothing says which symbol strategy '{}' trades", row.strategy_id), "--data",
               fmt::format("give the signals a column symbol, or the strategy a name that begins with its symbol; there are prices for {}",
                           fmt::join(known, ", ")));
}

Status SignalPricing::State::complete(workspace::SignalMetadata& row, const workspace::Signals& signals) const {
  TRADEWIND_ASSIGN(row.symbol, symbol_of(row));
  const PricedSymbol& priced = symbols.at(row.symbol);
  TRADEWIND_ASSIGN(const auto changes,
                   position_changes({signals.timestamp, signals.signal, signals.confidence}, priced.bars, row.strategy_id));
  metrics::TradeAccount account;
  account.change(priced.tables, changes);
  const metrics::PerformanceMetrics performance = account.finish(priced.tables);
  row.total_signals = static_cast<std::int64_t>(priced.bars.size());
  row.compression_ratio = static_cast<double>(row.total_signals) / static_cast<double>(std::max<std::int64_t>(1, row.signal_changes));
  row.total_trades = performance.total_trades;
  row.total_fills = performance.total_fills;
  row.rejected_orders = account.rejected_orders();
  row.values.assign(performance.value.begin(), performance.value.end());
  row.undefined = metrics::undefined_text(performance);
  return {};
}

}  // namespace tradewind::replay
