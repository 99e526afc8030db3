// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/run_sweep.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <unordered_set>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/market/describe.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/sweep/plan_internal.hpp"
#include "tradewind/sweep/regime_columns_internal.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/scan.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::sweep {
namespace {

using workspace::Layout;
using workspace::RunWriter;
using workspace::SegmentBuilder;

/// Strategies computed together: one data segment, one step of progress. Wide blocks share indicator work best, but a sweep is cut into
/// eight or so for threads to share; blocks that hold signals are narrower so that memory stays flat. The cut never depends on the number
/// of threads.
constexpr std::int64_t kWidestBlock = 5000;
constexpr std::int64_t kNarrowestBlock = 512;
constexpr std::int64_t kBlockPacked = 1024;
constexpr std::int64_t kBlockFiles = 256;
/// A commit comes after as many new strategies as there are committed ones already, within these bounds: early results are safe soon,
/// and a million strategies make some forty catalog segments.
constexpr std::int64_t kSmallestCommit = 512;
constexpr std::int64_t kLargestCommit = 32768;

/// Consecutive strategies of one symbol.
struct Block {
  std::size_t symbol;
  std::vector<std::int64_t> ordinals;
};

/// What a block leaves for the writing thread.
struct Computed {
  std::optional<SegmentBuilder> segment;
  std::int64_t strategies = 0;
  std::int64_t signal_changes = 0;
  std::int64_t rejected_orders = 0;
};

/// One run of a sweep from loading to the last commit.
class Runner {
 public:
  Runner(const SweepConfig& config, const SweepOptions& options) : config_(config), options_(options) {}

  Result<SweepSummary> run();

 private:
  Status load();
  Status settle_annualization();
  Result<double> periods_per_year_of(std::size_t symbol, const DataSource& source);
  Status check_fills() const;
  Status open_writer();
  std::vector<Block> blocks_of(const std::vector<std::int64_t>& ordinals, std::int64_t width) const;
  Status run_blocks(const std::vector<Block>& blocks, bool keep_signals, bool attach);
  Result<Computed> compute(const Block& block, bool keep_signals);
  Status append(SegmentBuilder& segment, std::int64_t ordinal, const SweepOutcome& outcome, const SymbolTables& tables,
                bool keep_signals) const;
  Status take(Computed& computed, bool attach);
  Status first_pass();
  Status second_pass();
  Result<std::shared_ptr<SymbolTables>> tables_of(std::size_t symbol);
  workspace::RunMetadata metadata(std::string_view status) const;
  std::int64_t committed() const { return static_cast<std::int64_t>(writer_->committed().size()); }

  const SweepConfig& config_;
  const SweepOptions& options_;
  std::vector<SymbolData> symbols_;
  std::optional<Plan> plan_;
  std::optional<RunWriter> writer_;
  std::optional<RegimeColumns> regimes_;
  Layout layout_ = Layout::packed;
  SweepSummary summary_;

  std::mutex tables_mutex_;
  std::map<std::size_t, std::shared_ptr<SymbolTables>> tables_;
  std::int64_t done_ = 0;
  std::int64_t to_do_ = 0;
  std::int64_t uncommitted_ = 0;
};

Status Runner::load() {
  const Stopwatch watch;
  for (const DataSource& source : config_.data) {
    TRADEWIND_ASSIGN(market::ReadOptions read, market::read_options_of(source.reading, source.symbol));
    read.zone = source.zone;
    TRADEWIND_ASSIGN(market::BarsImport import, market::read_bars(source.path, read));
    if (!import.accepted) {
      const auto& first = import.rejected.front();
      return Error(Errc::invalid_data,
                   fmt::format("{} bad rows in the data of {}; the first: column {}: {}", import.rejected_total, source.symbol,
                               first.column, first.reason),
                   fmt::format("{}:{}", source.path.string(), first.line),
                   "tradewind data import lists all of them, and --on-error skip leaves them out");
    }
    if (import.bars.size() < 2)
      return Error(Errc::invalid_data, fmt::format("{} has {} bars; a sweep needs at least 2", source.symbol, import.bars.size()),
                   source.path.string());
    import.bars.symbol = source.symbol;
    for (const std::string& note : import.notes) summary_.notes.push_back(fmt::format("{}: {}", source.symbol, note));
    summary_.bars += static_cast<std::int64_t>(import.bars.size());
    symbols_.push_back({std::move(import.bars), std::move(import.sha256), source.configured,
                        std::filesystem::absolute(source.path).lexically_normal().string(), source.zone, source.reading,
                        source.fill.value_or(config_.fill), 0});
  }
  TRADEWIND_TRY(check_fills());
  TRADEWIND_TRY(settle_annualization());
  summary_.seconds.load = watch.seconds();
  return {};
}

/// Every symbol that has closes alone must be filled at a close. Asked before anything is written.
Status Runner::check_fills() const {
  std::vector<std::string> without;
  for (const SymbolData& symbol : symbols_)
    if (symbol.fill == metrics::FillModel::next_open && !symbol.bars.has_ohlc()) without.push_back(symbol.bars.symbol);
  if (without.empty()) return {};
  return Error(
      Errc::invalid_config,
      fmt::format("{} {} closes only, and fill next_open needs opens", fmt::join(without, ", "), without.size() > 1 ? "have" : "has"),
      "execution.fill", "give the entry under data `fill: next_close` (or close), or set execution.fill for all symbols");
}

/// Bars a year of a symbol: as configured, else as its own timestamps show; rates that are within 5 % of a symbol's before are one
/// calendar. 0 when they span too little to tell.
Result<double> Runner::periods_per_year_of(std::size_t symbol, const DataSource& source) {
  if (source.periods_per_year > 0) return source.periods_per_year;
  if (config_.periods_per_year > 0) return config_.periods_per_year;
  const market::Bars& bars = symbols_[symbol].bars;
  const auto observed = market::infer_periods_per_year(bars.timestamp);
  if (!observed) return 0.0;
  for (std::size_t other = 0; other < symbol; ++other)
    if (const double rate = symbols_[other].periods_per_year; rate > 0 && std::abs(*observed / rate - 1) <= 0.05) return rate;
  summary_.notes.push_back(
      fmt::format("annualization: {} bars per year, observed in {}; set annualization.periods_per_year, or "
                  "periods_per_year of an entry under data, to fix it",
                  number_text(std::round(*observed)), bars.symbol));
  return std::round(*observed);
}

Status Runner::settle_annualization() {
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    TRADEWIND_ASSIGN(symbols_[i].periods_per_year, periods_per_year_of(i, config_.data[i]));
  }
  const auto known = std::find_if(symbols_.begin(), symbols_.end(), [](const SymbolData& symbol) { return symbol.periods_per_year > 0; });
  for (SymbolData& symbol : symbols_) {
    if (symbol.periods_per_year == 0) {
      if (known == symbols_.end())
        return Error(
            Errc::invalid_config,
            fmt::format("the bars per year cannot be told from the timestamps of {}: they span less than 90 days", symbol.bars.symbol),
            "annualization.periods_per_year", "set it, e.g. 252 for daily stock bars, 525600 for minutes around the clock");
      symbol.periods_per_year = known->periods_per_year;
      summary_.notes.push_back(fmt::format("{}: its timestamps span less than 90 days; it takes the {} bars per year of {}",
                                           symbol.bars.symbol, number_text(symbol.periods_per_year), known->bars.symbol));
    }
    if (const auto warning = market::periods_per_year_warning(symbol.bars.timestamp, symbol.periods_per_year))
      summary_.notes.push_back(fmt::format("{}: {}", symbol.bars.symbol, *warning));
    summary_.periods_per_year = std::max(summary_.periods_per_year, symbol.periods_per_year);
  }
  return {};
}

Status Runner::open_writer() {
  summary_.run_id = options_.run_id;
  if (summary_.run_id.empty()) {
    std::string content = config_.json;
    for (const SymbolData& symbol : symbols_) content += symbol.sha256;
    summary_.run_id = "sweep-" + sha256_hex(content).substr(0, 12);
  }
  TRADEWIND_TRY(workspace::check_id("run_id", summary_.run_id));
  const bool files =
      options_.layout == LayoutChoice::files || (options_.layout == LayoutChoice::automatic && plan_->size() <= kMostStrategiesAsFiles);
  layout_ = files ? Layout::files : Layout::packed;
  summary_.layout = files ? "files" : "packed";

  workspace::RunWriterOptions writer;
  writer.writer = options_.writer;
  writer.layout = layout_;
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) writer.metric_columns.emplace_back(enum_name(static_cast<metrics::Metric>(i)));
  writer.conditions = plan_->conditions();
  writer.strategies.reserve(static_cast<std::size_t>(plan_->size()));
  for (std::int64_t i = 0; i < plan_->size(); ++i) writer.strategies.push_back(workspace::strategy_key(plan_->strategy_id(i)));
  TRADEWIND_ASSIGN(regimes_, RegimeColumns::make(config_));
  for (const std::string& column : regimes_->columns()) writer.metric_columns.push_back(column);

  auto opened = options_.resume ? RunWriter::resume(options_.workspace, summary_.run_id, std::move(writer))
                                : RunWriter::create(options_.workspace, summary_.run_id, std::move(writer));
  if (!opened) {
    if (opened.error().code() == Errc::already_exists && !options_.resume && opened.error().hint().empty())
      return opened.error().with_hint("go on with it by --resume, or give the new run another --run-id");
    return Error(opened.error());
  }
  writer_.emplace(std::move(*opened));
  TRADEWIND_TRY(writer_->write_metadata(metadata("running")));
  TRADEWIND_TRY(regimes_->classify(symbols_, *writer_));
  summary_.notes.insert(summary_.notes.end(), regimes_->notes().begin(), regimes_->notes().end());
  summary_.classifiers = static_cast<std::int64_t>(regimes_->per_symbol() * symbols_.size());
  return {};
}

workspace::RunMetadata Runner::metadata(std::string_view status) const {
  workspace::RunMetadata run;
  run.run_id = summary_.run_id;
  run.created_at = system_clock().now();
  run.workflow_type = "optimization";
  run.total_strategies = plan_->size();
  run.total_classifiers = static_cast<std::int64_t>(regimes_->per_symbol() * symbols_.size());
  run.best_sharpe = std::nan("");
  run.commission_model = config_.costs.commission_text();
  run.slippage_model = config_.costs.slippage_text();
  run.start_date = symbols_.front().bars.timestamp.front();
  run.end_date = symbols_.front().bars.timestamp.back();
  for (const SymbolData& symbol : symbols_) {
    run.start_date = std::min(run.start_date, symbol.bars.timestamp.front());
    run.end_date = std::max(run.end_date, symbol.bars.timestamp.back());
    run.symbols.push_back(symbol.bars.symbol);
    run.data_hashes[symbol.configured_path] = symbol.sha256;
    run.data_files[symbol.bars.symbol] = symbol.found_path;
    run.execution.data.push_back({symbol.bars.symbol, symbol.found_path, symbol.zone, symbol.sha256, symbol.periods_per_year,
                                  std::string(enum_name(symbol.fill)), symbol.reading});
  }
  run.execution.fill = enum_name(config_.fill);
  run.execution.commission_rate = config_.costs.commission_rate;
  run.execution.slippage_model = enum_name(config_.costs.slippage_model);
  run.execution.slippage_rate = config_.costs.slippage_bps;
  run.execution.risk_free = config_.risk_free;
  run.status = status;
  run.periods_per_year = summary_.periods_per_year;
  run.layout = summary_.layout;
  run.config = config_.json;
  run.tradewind_version = TRADEWIND_VERSION;
  return run;
}

std::vector<Block> Runner::blocks_of(const std::vector<std::int64_t>& ordinals, std::int64_t width) const {
  std::vector<Block> blocks;
  for (const std::int64_t ordinal : ordinals) {
    const std::size_t symbol = plan_->symbol_of(ordinal);
    if (blocks.empty() || blocks.back().symbol != symbol || static_cast<std::int64_t>(blocks.back().ordinals.size()) == width)
      blocks.push_back({symbol, {}});
    blocks.back().ordinals.push_back(ordinal);
  }
  return blocks;
}

Result<std::shared_ptr<SymbolTables>> Runner::tables_of(std::size_t symbol) {
  const std::lock_guard lock(tables_mutex_);
  // Blocks come symbol by symbol: tables of symbols long past are not needed any more.
  std::erase_if(tables_, [&](const auto& entry) { return entry.first + 1 < symbol; });
  auto& held = tables_[symbol];
  if (held) return held;
  const market::Bars& bars = symbols_[symbol].bars;
  auto fresh = std::make_shared<SymbolTables>();
  fresh->history.emplace(bars);
  metrics::TradeTables::Options trade;
  trade.fill = symbols_[symbol].fill;
  trade.costs = config_.costs;
  trade.periods_per_year = symbols_[symbol].periods_per_year;
  trade.risk_free = config_.risk_free;
  auto made = metrics::TradeTables::make(bars.open, bars.close, trade);
  if (!made) return made.error().with_context(bars.symbol);
  fresh->trades.emplace(std::move(*made));
  held = fresh;
  return fresh;
}

Status Runner::append(SegmentBuilder& segment, std::int64_t ordinal, const SweepOutcome& outcome, const SymbolTables& tables,
                      bool keep_signals) const {
  workspace::SignalMetadata row = plan_->describe(ordinal);
  const metrics::PerformanceMetrics& performance = outcome.performance;
  row.signal_changes = outcome.signal_changes;
  row.compression_ratio = static_cast<double>(row.total_signals) / static_cast<double>(std::max<std::int64_t>(1, outcome.signal_changes));
  row.total_trades = performance.total_trades;
  row.total_fills = performance.total_fills;
  row.rejected_orders = outcome.rejected_orders;
  row.values.assign(performance.value.begin(), performance.value.end());
  row.undefined = metrics::undefined_text(performance);
  const std::size_t symbol = plan_->symbol_of(ordinal);
  regimes_->append_values(symbol, *tables.trades, outcome.changes, row.values);
  if (!keep_signals) return segment.append(static_cast<std::int32_t>(ordinal), row);

  const auto& bars = symbols_[symbol].bars;
  workspace::Signals signals;
  signals.timestamp.reserve(outcome.changes.size());
  signals.signal.reserve(outcome.changes.size());
  for (const auto& change : outcome.changes) {
    signals.timestamp.push_back(bars.timestamp[static_cast<std::size_t>(change.bar)]);
    signals.signal.push_back(change.position);
  }
  return segment.append(static_cast<std::int32_t>(ordinal), row, {signals.timestamp, signals.signal, outcome.confidence});
}

Result<Computed> Runner::compute(const Block& block, bool keep_signals) {
  TRADEWIND_ASSIGN(const std::shared_ptr<SymbolTables> tables, tables_of(block.symbol));
  std::vector<SweepCandidate> candidates;
  candidates.reserve(block.ordinals.size());
  for (const std::int64_t ordinal : block.ordinals) candidates.push_back(plan_->candidate(ordinal));
  const bool keep_changes = keep_signals || !regimes_->columns().empty();
  const auto outcomes = run_candidates(*tables->history, *tables->trades, candidates, keep_changes);

  Computed computed;
  computed.segment.emplace(writer_->new_segment());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    TRADEWIND_TRY(append(*computed.segment, block.ordinals[i], outcomes[i], *tables, keep_signals));
    computed.signal_changes += outcomes[i].signal_changes;
    computed.rejected_orders += outcomes[i].rejected_orders;
  }
  TRADEWIND_TRY(computed.segment->close());
  computed.strategies = static_cast<std::int64_t>(block.ordinals.size());
  return computed;
}

/// Hands a finished block to the writer and commits when it is time.
Status Runner::take(Computed& computed, bool attach) {
  const Stopwatch watch;
  TRADEWIND_TRY(attach ? writer_->attach(std::move(*computed.segment)) : writer_->add(std::move(*computed.segment)));
  computed.segment.reset();
  if (!attach) {
    summary_.signal_changes += computed.signal_changes;
    summary_.rejected_orders += computed.rejected_orders;
  }
  uncommitted_ += computed.strategies;
  if (uncommitted_ >= std::clamp(done_, kSmallestCommit, kLargestCommit)) {
    TRADEWIND_TRY(writer_->commit());
    uncommitted_ = 0;
  }
  done_ += computed.strategies;
  options_.progress->update(attach ? "storing signals" : "sweep", static_cast<std::uint64_t>(done_), static_cast<std::uint64_t>(to_do_),
                            "strategies");
  summary_.seconds.write += watch.seconds();
  return {};
}

/// Computes blocks on all threads and hands them to the writer in their order, whatever thread finishes first.
Status Runner::run_blocks(const std::vector<Block>& blocks, bool keep_signals, bool attach) {
  std::mutex mutex;
  std::map<std::size_t, Computed> finished;
  std::size_t next = 0;
  done_ = 0;
  uncommitted_ = 0;
  to_do_ = std::accumulate(blocks.begin(), blocks.end(), std::int64_t{0},
                           [](std::int64_t sum, const Block& block) { return sum + static_cast<std::int64_t>(block.ordinals.size()); });
  const Status status = parallel_for(
      blocks.size(), thread_count(options_.threads),
      [&](std::size_t index) -> Status {
        TRADEWIND_ASSIGN(Computed computed, compute(blocks[index], keep_signals));
        const std::lock_guard lock(mutex);
        finished.emplace(index, std::move(computed));
        for (auto ready = finished.find(next); ready != finished.end(); ready = finished.find(++next)) {
          TRADEWIND_TRY(take(ready->second, attach));
          finished.erase(ready);
        }
        return {};
      },
      options_.cancellation);
  options_.progress->finish();
  const Stopwatch watch;
  if (status || status.error().code() == Errc::interrupted) TRADEWIND_TRY(writer_->commit());
  summary_.seconds.write += watch.seconds();
  return status;
}

/// Metrics of everything not yet committed; signals too when all are kept.
Status Runner::first_pass() {
  std::vector<std::int64_t> ordinals;
  const auto& committed = writer_->committed();
  for (std::int64_t ordinal = 0; ordinal < plan_->size(); ++ordinal)
    if (committed.empty() || !committed.contains(plan_->parameter_hash(ordinal))) ordinals.push_back(ordinal);
  summary_.resumed = plan_->size() - static_cast<std::int64_t>(ordinals.size());
  const bool all = options_.keep.kind == KeepSignals::Kind::all;
  const auto eighth = static_cast<std::int64_t>(ordinals.size() + 7) / 8;
  const std::int64_t width = !all                       ? std::clamp(eighth, kNarrowestBlock, kWidestBlock)
                             : layout_ == Layout::files ? kBlockFiles
                                                        : kBlockPacked;
  const Stopwatch watch;
  Status status = run_blocks(blocks_of(ordinals, width), all, false);
  summary_.seconds.compute = watch.seconds();
  summary_.combos_per_second = static_cast<double>(done_) / std::max(1e-9, summary_.seconds.compute);
  return status;
}

/// With top:N: the signals of the best N of the whole run, computed once more.
Status Runner::second_pass() {
  workspace::ScanQuery query;
  query.sort = "sharpe_ratio";
  query.limit = static_cast<std::size_t>(options_.keep.top);
  query.columns = {"strategy_id"};
  const std::vector<std::string> runs = {summary_.run_id};
  TRADEWIND_ASSIGN(const workspace::ScanResult best, workspace::scan(options_.workspace, runs, query));
  std::unordered_set<std::string> chosen;
  for (std::size_t row = 0; row < best.rows; ++row) chosen.emplace(best.columns.front().text(row));
  std::vector<std::int64_t> ordinals;
  for (std::int64_t ordinal = 0; ordinal < plan_->size(); ++ordinal)
    if (chosen.contains(plan_->strategy_id(ordinal)) && !writer_->with_signals().contains(plan_->parameter_hash(ordinal)))
      ordinals.push_back(ordinal);
  return run_blocks(blocks_of(ordinals, layout_ == Layout::files ? kBlockFiles : kBlockPacked), true, true);
}

Result<SweepSummary> Runner::run() {
  const Stopwatch watch;
  TRADEWIND_TRY(load());
  plan_.emplace(config_, symbols_);
  TRADEWIND_TRY(plan_->check_unique());
  if (plan_->size() > workspace::kMaxOrdinal)
    return Error(Errc::too_large, fmt::format("{} strategies in one run, at most {} fit", plan_->size(), workspace::kMaxOrdinal), {},
                 "split the sweep into several runs");
  TRADEWIND_TRY(open_writer());

  Status status = first_pass();
  if (status && options_.keep.kind == KeepSignals::Kind::top && options_.keep.top > 0) status = second_pass();
  summary_.strategies = committed();
  if (!status) {
    if (status.error().code() != Errc::interrupted) return Error(status.error());
    summary_.interrupted = true;
    TRADEWIND_TRY(writer_->write_metadata(metadata("interrupted")));
  } else {
    const Stopwatch finishing;
    TRADEWIND_ASSIGN([[maybe_unused]] const workspace::RunMetadata written, writer_->finish(metadata("complete")));
    summary_.seconds.write += finishing.seconds();
  }
  summary_.seconds.total = watch.seconds();
  return std::move(summary_);
}

}  // namespace

Result<KeepSignals> parse_keep_signals(std::string_view text) {
  if (text == "all") return KeepSignals{KeepSignals::Kind::all, 0};
  if (text == "none") return KeepSignals{KeepSignals::Kind::none, 0};
  if (text.starts_with("top:")) {
    const auto count = parse_number(text.substr(4));
    if (count && *count >= 1 && *count <= 1e9 && *count == std::floor(*count))
      return KeepSignals{KeepSignals::Kind::top, static_cast<std::int64_t>(*count)};
  }
  return Error(Errc::usage, fmt::format("--keep-signals cannot be '{}'", printable(text)), {},
               "use all, none or top:N with a whole number N ≥ 1");
}

Result<LayoutChoice> parse_layout(std::string_view text) {
  if (text == "auto") return LayoutChoice::automatic;
  if (text == "files") return LayoutChoice::files;
  if (text == "packed") return LayoutChoice::packed;
  return Error(Errc::usage, fmt::format("--layout cannot be '{}'", printable(text)), {}, "use auto, files or packed");
}

Result<SweepSummary> run_sweep(const SweepConfig& config, const SweepOptions& options) { return Runner(config, options).run(); }

}  // namespace tradewind::sweep
