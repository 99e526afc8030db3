// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/import.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/import_internal.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::workspace {
namespace {

/// Dense or sparse rows of one strategy on one symbol, checked and made sparse as they come.
struct Imported {
  Signals sparse;
  std::int64_t rows = 0;
  UnixNanos first = 0;
  UnixNanos last = 0;
  std::int8_t signal = 0;
  float confidence = 1;
  Path source;
  std::string type = "import";
  std::vector<Parameter> parameters;

  /// Takes a signal in; true when it changes something.
  bool take(UnixNanos time, std::int8_t next, float sure) {
    const bool changes = next != signal || (next != 0 && sure != confidence);
    if (changes) {
      sparse.timestamp.push_back(time);
      sparse.signal.push_back(next);
      sparse.confidence.push_back(sure);
    }
    if (rows++ == 0) first = time;
    last = time;
    signal = next;
    confidence = sure;
    return changes;
  }
};

/// What is held after the orders of a bar; an entry and an exit of one side at once are none.
std::int8_t position_after(std::int8_t held, const SignalOrders& orders) {
  const auto [enter, leave, enter_short, leave_short] = orders;
  if (enter && !leave && !(enter_short && !leave_short)) return 1;
  if (enter_short && !leave_short && !(enter && !leave)) return -1;
  if ((held > 0 && leave && !enter) || (held < 0 && leave_short && !enter_short)) return 0;
  return held;
}

using StrategyOnSymbol = std::pair<std::string, std::string>;

class Importer final : public SignalRowSink {
 public:
  Status begin(const Path& file) override {
    file_ = file;
    const std::string name = file.stem().string();
    default_id_ = name == "signals" && file.has_parent_path() ? std::filesystem::absolute(file).parent_path().filename().string() : name;
    footer_.clear();
    return {};
  }

  void describe(const std::map<std::string, std::string>& footer) override {
    footer_ = footer;
    if (const auto id = footer.find("strategy_id"); id != footer.end()) default_id_ = id->second;
  }

  Status row(std::int64_t number, const SignalRow& row) override {
    const auto fail = [&](std::string_view column, const std::string& why, const char* hint = "") {
      return Error(Errc::invalid_data, why, file_.string() + ": row " + std::to_string(number) + ", column " + printable(column), hint);
    };
    if (!(row.signal == -1 || row.signal == 0 || row.signal == 1))
      return fail(row.column,
                  "signal is " + (std::isfinite(row.signal) ? number_text(row.signal) : "not a number") + ", expected -1, 0 or 1",
                  std::abs(row.signal) < 1 ? "positions are whole: held with all of the strategy's capital, or not at all" : "");
    if (!(row.confidence >= 0 && row.confidence <= 1))
      return fail("confidence", "confidence is " + (std::isfinite(row.confidence) ? number_text(row.confidence) : "not a number") +
                                    ", expected a value in [0, 1]");
    const std::string_view id = row.strategy.empty() ? std::string_view(default_id_) : row.strategy;
    if (last_ == nullptr || id != last_id_.first || row.symbol != last_symbol_) TRADEWIND_TRY(go_to(id, row.symbol, fail));
    Imported& s = *last_;
    if (s.rows > 0 && row.timestamp <= s.last)
      return fail("timestamp", format_time(row.timestamp) + " is not after the one before (" + format_time(s.last) + ")",
                  row.strategy.empty() ? "several strategies in a file are told apart by a column strategy_id" : "");
    const auto signal = row.orders ? position_after(s.signal, *row.orders) : static_cast<std::int8_t>(row.signal);
    report.rows_kept += s.take(row.timestamp, signal, static_cast<float>(row.confidence)) ? 1 : 0;
    if (++report.rows_read > kMaxRows)
      return Error(Errc::too_large, "more than " + std::to_string(kMaxRows) + " rows", file_.string(), "import in several runs");
    return {};
  }

  Status end() override {
    last_ = nullptr;
    return {};
  }

  std::map<StrategyOnSymbol, Imported>& strategies() { return all_; }
  ImportReport report;

 private:
  template <class Fail>
  Status go_to(std::string_view id, std::string_view symbol, const Fail& fail) {
    if (const auto good = check_id("strategy_id", id); !good) return fail("strategy", good.error().message());
    if (symbol.size() > 200) return fail("symbol", "a symbol of " + std::to_string(symbol.size()) + " characters");
    last_symbol_ = symbol;
    last_id_ = {std::string(id), symbol.empty() ? text_of("symbol") : last_symbol_};
    last_ = &all_[last_id_];
    if (last_->rows == 0) {
      last_->source = file_;
      if (const std::string type = text_of("strategy_type"); !type.empty()) last_->type = type;
      if (auto parameters = parse_parameters(text_of("parameters"))) last_->parameters = std::move(*parameters);
    }
    if (last_->source != file_) return fail("strategy", "strategy '" + last_id_.first + "' is also in " + last_->source.string());
    return {};
  }
  std::string text_of(const char* key) const {
    const auto found = footer_.find(key);
    return found == footer_.end() ? std::string() : found->second;
  }

  Path file_;
  std::string default_id_;
  std::map<std::string, std::string> footer_;
  std::map<StrategyOnSymbol, Imported> all_;
  StrategyOnSymbol last_id_;
  std::string last_symbol_;
  Imported* last_ = nullptr;
};

bool is_importable(const Path& path) {
  const std::string kind = lower(path.extension().string());
  return kind == ".csv" || kind == ".parquet";
}

Result<std::vector<Path>> sources_of(const Path& source) {
  std::error_code failure;
  if (std::filesystem::is_regular_file(source, failure)) {
    if (is_importable(source)) return std::vector<Path>{source};
    return Error(Errc::invalid_data, "not a .csv or .parquet file", source.string());
  }
  if (!std::filesystem::is_directory(source, failure)) return Error(Errc::not_found, "there is no such file or folder", source.string());
  std::set<Path> found;
  for (auto it = std::filesystem::directory_iterator(source, failure); !failure && it != std::filesystem::directory_iterator();
       it.increment(failure)) {
    std::error_code none;
    if (is_importable(it->path()) && it->is_regular_file()) found.insert(it->path());
    // A run's own folder of signals: one folder for each strategy.
    if (const Path own = it->path() / "signals.parquet"; std::filesystem::is_regular_file(own, none)) found.insert(own);
  }
  if (found.empty())
    return Error(Errc::not_found, "the folder holds no .csv or .parquet file", source.string(),
                 "signals of a packed run are unpacked first: tradewind unpack RUN");
  return std::vector<Path>(found.begin(), found.end());
}

/// The ids under which strategies go into the run: a strategy on several symbols becomes one on each.
std::map<std::string, std::pair<std::string, Imported*>> named(std::map<StrategyOnSymbol, Imported>& strategies) {
  std::map<std::string, int> symbols;
  for (const auto& [key, one] : strategies) ++symbols[key.first];
  std::map<std::string, std::pair<std::string, Imported*>> out;
  for (auto& [key, one] : strategies) {
    const auto& [id, symbol] = key;
    out[symbols[id] > 1 ? id_of_symbol(symbol) + "." + id : id] = {symbol, &one};
  }
  return out;
}

RunMetadata described_by(const ImportOptions& options, const std::map<std::string, std::string>& hashes) {
  RunMetadata run;
  if (options.completion != nullptr) run = options.completion->described;
  run.workflow_type = "import";
  run.status = "complete";
  run.created_at = system_clock().now();
  run.tradewind_version = TRADEWIND_VERSION;
  run.data_hashes.insert(hashes.begin(), hashes.end());
  return run;
}

/// Rows for the run, by id, with all that trading says of them when prices are known.
Result<std::vector<std::pair<SignalMetadata, const Imported*>>> rows_of(Importer& importer, const ImportOptions& options,
                                                                        const std::map<std::string, std::string>& hashes) {
  std::vector<std::pair<SignalMetadata, const Imported*>> rows;
  for (const auto& [id, entry] : named(importer.strategies())) {
    const Imported& s = *entry.second;
    if (const auto good = check_id("strategy_id", id); !good) return good.error();
    SignalMetadata m;
    m.strategy_id = id;
    m.symbol = entry.first;
    m.strategy_type = s.type;
    m.parameters = s.parameters;
    m.total_signals = s.rows;
    m.signal_changes = static_cast<std::int64_t>(s.sparse.timestamp.size());
    m.data_hash = hashes.at(s.source.string());
    m.parameter_hash = hash64(id);
    if (options.completion != nullptr) TRADEWIND_TRY(options.completion->complete(m, s.sparse));
    m.compression_ratio = static_cast<double>(m.total_signals) / static_cast<double>(std::max<std::int64_t>(1, m.signal_changes));
    rows.emplace_back(std::move(m), &s);
  }
  return rows;
}

}  // namespace

Result<std::vector<ForeignStrategy>> read_foreign_signals(const Path& file) {
  Importer importer;
  TRADEWIND_TRY(importer.begin(file));
  TRADEWIND_TRY(read_signal_parquet(file, SignalFormat::automatic, importer));
  TRADEWIND_TRY(importer.end());
  std::vector<ForeignStrategy> out;
  for (auto& [key, s] : importer.strategies())
    out.push_back({key.first, key.second, s.type, std::move(s.parameters), s.rows, std::move(s.sparse)});
  return out;
}

Result<ImportReport> import_signals(const Path& root, std::span<const Path> sources, const std::string& run_id,
                                    const ImportOptions& options) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  Importer importer;
  std::map<std::string, std::string> hashes;
  for (const Path& source : sources) {
    TRADEWIND_ASSIGN(const auto files, sources_of(source));
    for (const Path& file : files) {
      TRADEWIND_TRY(importer.begin(file));
      TRADEWIND_TRY(lower(file.extension().string()) == ".csv" ? read_signal_csv(file, options.format, importer)
                                                               : read_signal_parquet(file, options.format, importer));
      TRADEWIND_TRY(importer.end());
      TRADEWIND_ASSIGN(hashes[file.string()], sha256_file(file));
    }
  }
  if (importer.strategies().empty())
    return Error(Errc::invalid_data, "no rows to import", sources.empty() ? std::string() : sources.front().string());
  TRADEWIND_ASSIGN(const auto rows, rows_of(importer, options, hashes));
  importer.report.strategies = static_cast<std::int64_t>(rows.size());
  RunMetadata run = described_by(options, hashes);
  if (options.completion == nullptr)
    for (const auto& [key, s] : importer.strategies()) {
      run.start_date = run.start_date == 0 ? s.first : std::min(run.start_date, s.first);
      run.end_date = std::max(run.end_date, s.last);
    }
  RunWriterOptions writing;
  writing.layout = rows.size() > 2000 ? Layout::packed : Layout::files;
  if (options.completion != nullptr) writing.metric_columns = options.completion->metric_columns;
  TRADEWIND_ASSIGN(RunWriter writer, RunWriter::create(root, run_id, std::move(writing)));
  auto segment = writer.new_segment();
  std::int32_t ordinal = 0;
  for (const auto& [row, s] : rows)
    TRADEWIND_TRY(segment.append(ordinal++, row, {s->sparse.timestamp, s->sparse.signal, s->sparse.confidence}));
  TRADEWIND_TRY(writer.add(std::move(segment)));
  run.run_id = run_id;
  TRADEWIND_TRY(writer.finish(std::move(run)));
  return importer.report;
}

}  // namespace tradewind::workspace
