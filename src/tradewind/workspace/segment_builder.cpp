// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <arrow/util/base64.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

void append_signals(Signals& to, const SignalView& from) {
  to.timestamp.insert(to.timestamp.end(), from.timestamp.begin(), from.timestamp.end());
  to.signal.insert(to.signal.end(), from.signal.begin(), from.signal.end());
  if (from.confidence.empty())
    to.confidence.resize(to.timestamp.size(), 1.0F);
  else
    to.confidence.insert(to.confidence.end(), from.confidence.begin(), from.confidence.end());
}

void clear(Signals& signals) {
  signals.timestamp.clear();
  signals.signal.clear();
  signals.confidence.clear();
}

}  // namespace

SegmentBuilder::State::~State() {
  // Nothing of a builder that was not placed stays behind.
  std::error_code ignored;
  writer.reset();
  if (!temporary.empty() && closed && !placed) std::filesystem::remove(temporary, ignored);
  for (const std::string& path : unplaced) {
    std::filesystem::remove(folder / (path + marker + ".tmp"), ignored);
    std::filesystem::remove((folder / path).parent_path(), ignored);  // only when it is empty
  }
}

Status SegmentBuilder::State::check(std::int32_t ordinal, const SignalMetadata& metadata) const {
  TRADEWIND_ASSERT(!closed, "a closed segment takes no more strategies");
  TRADEWIND_ASSERT(metadata.values.size() == metric_columns->size(), "one value per metric column");
  TRADEWIND_ASSERT(ordinal >= 0 && ordinal < kMaxOrdinal, "ordinals lie in [0, kMaxOrdinal)");
  TRADEWIND_ASSERT(rows.empty() || rows.back().ordinal - first_ordinal < ordinal, "ordinals ascend within a segment");
  return check_id("strategy_id", metadata.strategy_id);
}

Status SegmentBuilder::State::flush_group() {
  if (group.timestamp.empty()) return {};
  TRADEWIND_TRY(writer->write_group(group.timestamp, group.signal, group.confidence, strategy));
  ++groups;
  group_strategies = 0;
  clear(group);
  strategy.clear();
  return {};
}

Status SegmentBuilder::State::append_packed(const CatalogRow& row, const SignalView& signals) {
  if (!writer) {
    TRADEWIND_TRY(make_directories(temporary.parent_path()));
    TRADEWIND_ASSIGN(writer, SignalWriter::open(temporary, true));
  }
  rows.push_back(row);
  rows.back().row_group = groups;
  rows.back().first_row = static_cast<std::int64_t>(group.timestamp.size());
  append_signals(group, signals);
  strategy.resize(group.timestamp.size(), row.ordinal);
  ++group_strategies;
  return group_strategies >= kStrategiesPerGroup || group.timestamp.size() >= kRowsPerGroup ? flush_group() : Status();
}

Status SegmentBuilder::State::append_files(const CatalogRow& row, const SignalView& signals) {
  const SignalMetadata& m = row.metadata;
  const std::string base = "signals/" + m.strategy_id + "/";
  const std::string path = base + "signals.parquet";
  TRADEWIND_TRY(make_directories(folder / "signals"));
  std::error_code failure;  // the commit syncs `signals`, once for all
  std::filesystem::create_directory(folder / base, failure);
  if (failure) return system_error("cannot create the folder", folder / base, failure.value());
  TRADEWIND_ASSIGN(SignalWriter file, SignalWriter::open((folder / path).string() + marker + ".tmp", false));
  unplaced.push_back(path);
  if (!signals.timestamp.empty()) TRADEWIND_TRY(file.write_group(signals.timestamp, signals.signal, signals.confidence, {}));
  KeyValues key_values = signal_key_values(m, *metric_columns);
  key_values.emplace_back("ordinal", std::to_string(row.ordinal));
  TRADEWIND_ASSIGN(files[path], file.close(key_values, false));  // close() syncs all of them at once
  for (const auto& [name, text] : {std::pair{"metadata.json", signal_metadata_json(m, *metric_columns)},
                                   std::pair{"performance.json", performance_json(m, *metric_columns)}}) {
    unplaced.push_back(base + name);
    TRADEWIND_TRY(stage_file(folder / (base + name + marker), text, false));
    files[base + name] = sha256_hex(text);
  }
  rows.push_back(row);
  rows.back().signals_path = path;
  rows.back().row_group = -1;
  rows.back().first_row = 0;
  return {};
}

Status SegmentBuilder::State::close() {
  if (closed) return {};
  if (writer) {
    TRADEWIND_TRY(flush_group());
    std::vector<CatalogRow> stored;
    for (const CatalogRow& row : rows)
      if (row.is_packed()) stored.push_back(row);
    TRADEWIND_ASSIGN(const std::string catalog, encode_catalog(stored, *metric_columns, {}, true));
    const KeyValues key_values{{"tradewind.format", std::to_string(kFormatVersion)},
                               {kEmbeddedCatalog, arrow::util::base64_encode(catalog)}};
    TRADEWIND_ASSIGN(segment_sum, writer->close(key_values, true));
  }
  if (!unplaced.empty()) TRADEWIND_TRY(sync_file_system(folder));
  closed = true;
  return {};
}

Status SegmentBuilder::State::place() {
  if (placed) return {};
  if (writer) {
    const Path target = folder / segment_path;
    std::error_code failure;
    std::filesystem::rename(temporary, target, failure);
    if (failure) return system_error("cannot rename to", target, failure.value());
    files[segment_path] = segment_sum;
    for (CatalogRow& row : rows)
      if (row.is_packed()) row.signals_path = segment_path;
    placed = true;  // from here on the file has its name; the folder is synced again on every try
  }
  while (!unplaced.empty()) {
    const Path target = folder / unplaced.back();
    std::error_code failure;
    std::filesystem::rename(target.string() + marker + ".tmp", target, failure);
    if (failure) return system_error("cannot rename to", target, failure.value());
    unplaced.pop_back();
  }
  placed = true;
  return {};
}

SegmentBuilder::SegmentBuilder(std::unique_ptr<State> state) : state_(std::move(state)) {}
SegmentBuilder::SegmentBuilder(SegmentBuilder&&) noexcept = default;
SegmentBuilder& SegmentBuilder::operator=(SegmentBuilder&&) noexcept = default;
SegmentBuilder::~SegmentBuilder() = default;

Status SegmentBuilder::append(std::int32_t ordinal, const SignalMetadata& metadata, const SignalView& signals) {
  State& state = *state_;
  TRADEWIND_TRY(state.check(ordinal, metadata));
  if (const auto good = check_signals(signals); !good)
    return good.error().with_context("signals of strategy '" + metadata.strategy_id + "'");
  if (metadata.signal_changes != static_cast<std::int64_t>(signals.timestamp.size()))
    return Error(Errc::invalid_data, "strategy '" + metadata.strategy_id + "' says " + std::to_string(metadata.signal_changes) +
                                         " signal changes and has " + std::to_string(signals.timestamp.size()));
  CatalogRow row;
  row.metadata = metadata;
  row.ordinal = state.first_ordinal + ordinal;
  return state.layout == Layout::packed ? state.append_packed(row, signals) : state.append_files(row, signals);
}

Status SegmentBuilder::append(std::int32_t ordinal, const SignalMetadata& metadata) {
  TRADEWIND_TRY(state_->check(ordinal, metadata));
  CatalogRow& row = state_->rows.emplace_back();
  row.metadata = metadata;
  row.ordinal = state_->first_ordinal + ordinal;
  return {};
}

std::size_t SegmentBuilder::size() const noexcept { return state_->rows.size(); }

Status SegmentBuilder::close() { return state_->close(); }

}  // namespace tradewind::workspace
