// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/import_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::workspace {
namespace {

/// Dense or sparse rows of one strategy, checked and made sparse as they come.
struct Imported {
  Signals sparse;
  std::int64_t rows = 0;
  UnixNanos first = 0;
  UnixNanos last = 0;
  std::int8_t signal = 0;
  float confidence = 1;
  Path source;
};

class Importer final : public SignalRowSink {
 public:
  Status begin(const Path& file) override {
    file_ = file;
    default_id_ = file.stem().string();
    return {};
  }

  Status row(std::int64_t number, const SignalRow& row) override {
    const auto fail = [&](const char* column, const std::string& why) {
      return Error(Errc::invalid_data, why, file_.string() + ": row " + std::to_string(number) + ", column " + column);
    };
    if (!(row.signal == -1 || row.signal == 0 || row.signal == 1))
      return fail("signal",
                  "signal is " + (std::isfinite(row.signal) ? number_text(row.signal) : "not a number") + ", expected -1, 0 or 1");
    if (!(row.confidence >= 0 && row.confidence <= 1))
      return fail("confidence", "confidence is " + (std::isfinite(row.confidence) ? number_text(row.confidence) : "not a number") +
                                    ", expected a value in [0, 1]");
    const std::string_view id = row.strategy.empty() ? std::string_view(default_id_) : row.strategy;
    if (last_ == nullptr || id != last_id_) {
      if (const auto good = check_id("strategy_id", id); !good) return fail("strategy", good.error().message());
      last_id_ = id;
      last_ = &all_[last_id_];
      if (last_->rows > 0 && last_->source != file_)
        return fail("strategy", "strategy '" + last_id_ + "' is also in " + last_->source.filename().string());
      last_->source = file_;
    }
    Imported& s = *last_;
    if (s.rows > 0 && row.timestamp <= s.last)
      return fail("timestamp", format_time(row.timestamp) + " is not after the one before (" + format_time(s.last) + ")");
    const auto signal = static_cast<std::int8_t>(row.signal);
    const auto confidence = static_cast<float>(row.confidence);
    const bool changes = signal != s.signal || (signal != 0 && confidence != s.confidence);
    if (changes) {
      s.sparse.timestamp.push_back(row.timestamp);
      s.sparse.signal.push_back(signal);
      s.sparse.confidence.push_back(confidence);
      ++report.rows_kept;
    }
    if (s.rows == 0) s.first = row.timestamp;
    s.last = row.timestamp;
    s.signal = signal;
    s.confidence = confidence;
    ++s.rows;
    if (++report.rows_read > kMaxRows)
      return Error(Errc::too_large, "more than " + std::to_string(kMaxRows) + " rows", file_.string(), "import in several runs");
    return {};
  }

  Status end() override {
    last_ = nullptr;
    return {};
  }

  std::map<std::string, Imported>& strategies() { return all_; }
  ImportReport report;

 private:
  Path file_;
  std::string default_id_;
  std::map<std::string, Imported> all_;
  std::string last_id_;
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
       it.increment(failure))
    if (is_importable(it->path()) && it->is_regular_file()) found.insert(it->path());
  if (found.empty()) return Error(Errc::not_found, "the folder holds no .csv or .parquet file", source.string());
  return std::vector<Path>(found.begin(), found.end());
}

Result<RunMetadata> store(RunWriter& writer, Importer& importer, const std::map<std::string, std::string>& hashes) {
  auto segment = writer.new_segment();
  RunMetadata run;
  run.workflow_type = "import";
  run.status = "complete";
  run.created_at = system_clock().now();
  run.data_hashes = hashes;
  std::int32_t ordinal = 0;
  for (auto& [id, s] : importer.strategies()) {
    SignalMetadata m;
    m.strategy_id = id;
    m.strategy_type = "import";
    m.total_signals = s.rows;
    m.signal_changes = static_cast<std::int64_t>(s.sparse.timestamp.size());
    m.compression_ratio = static_cast<double>(s.rows) / static_cast<double>(std::max<std::int64_t>(1, m.signal_changes));
    m.data_hash = hashes.at(s.source.filename().string());
    m.parameter_hash = hash64(id);
    run.start_date = ordinal == 0 ? s.first : std::min(run.start_date, s.first);
    run.end_date = ordinal == 0 ? s.last : std::max(run.end_date, s.last);
    TRADEWIND_TRY(segment.append(ordinal++, m, {s.sparse.timestamp, s.sparse.signal, s.sparse.confidence}));
  }
  TRADEWIND_TRY(writer.add(std::move(segment)));
  return writer.finish(run);
}

}  // namespace

Result<ImportReport> import_signals(const Path& root, const Path& source, const std::string& run_id) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  TRADEWIND_ASSIGN(const auto files, sources_of(source));
  Importer importer;
  std::map<std::string, std::string> hashes;
  for (const Path& file : files) {
    TRADEWIND_TRY(importer.begin(file));
    TRADEWIND_TRY(lower(file.extension().string()) == ".csv" ? read_signal_csv(file, importer) : read_signal_parquet(file, importer));
    TRADEWIND_TRY(importer.end());
    TRADEWIND_ASSIGN(hashes[file.filename().string()], sha256_file(file));
  }
  if (importer.strategies().empty()) return Error(Errc::invalid_data, "no rows to import", source.string());
  importer.report.strategies = static_cast<std::int64_t>(importer.strategies().size());
  const Layout layout = importer.strategies().size() > 2000 ? Layout::packed : Layout::files;
  TRADEWIND_ASSIGN(RunWriter writer, RunWriter::create(root, run_id, {"w0", layout, {}}));
  TRADEWIND_TRY(store(writer, importer, hashes));
  return importer.report;
}

}  // namespace tradewind::workspace
