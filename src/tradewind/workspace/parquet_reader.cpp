// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/api/reader.h>

#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/parquet_read_internal.hpp"

namespace tradewind::workspace {

Error bad_file(const Path& path, const std::string& why) {
  return {Errc::corrupt, why, path.string(), "restore the file from a copy, or write the run again"};
}

Result<ParquetReader> open_parquet(const Path& path) {
  return guarded(path, Errc::corrupt, [&]() -> Result<ParquetReader> {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) return Error(Errc::not_found, "the file is not there", path.string());
    TRADEWIND_ARROW_ASSIGN(const auto source, arrow::io::MemoryMappedFile::Open(path.string(), arrow::io::FileMode::READ), path,
                           Errc::storage);
    Expansion expansion = Expansion::of(path);
    auto pool = std::make_shared<ArrowPool>(arrow::default_memory_pool(), expansion.allowed());
    parquet::ReaderProperties properties(pool.get());
    properties.set_page_checksum_verification(true);
    ParquetReader reader(parquet::ParquetFileReader::Open(source, properties).release(), PoolKeeper{pool});
    if (reader->metadata()->num_rows() < 0 || reader->metadata()->num_rows() > kMaxRows)
      return Error(Errc::too_large,
                   "file of " + std::to_string(reader->metadata()->num_rows()) + " rows, at most " + std::to_string(kMaxRows) + " are read",
                   path.string());
    // Every row of every group is decoded into at least these bytes, whatever the file takes on disk.
    const auto columns = static_cast<std::uint64_t>(std::max(reader->metadata()->num_columns(), 1));
    for (int g = 0; g < reader->metadata()->num_row_groups(); ++g) {
      const std::int64_t rows = reader->metadata()->RowGroup(g)->num_rows();
      if (rows < 0 || rows > kMaxRows) return bad_file(path, "a row group of " + std::to_string(rows) + " rows");
      TRADEWIND_TRY(expansion.take(static_cast<std::uint64_t>(rows) * columns * sizeof(float)));
    }
    return reader;
  });
}

Status check_version(const parquet::FileMetaData& metadata, const Path& path) {
  const auto& pairs = metadata.key_value_metadata();
  if (!pairs) return {};
  const int at = pairs->FindKey("tradewind.format");
  if (at < 0) return {};
  const std::string& text = pairs->value(at);
  if (text != std::to_string(kFormatVersion))
    return Error(Errc::newer_format, "written in format " + text + ", this version reads up to " + std::to_string(kFormatVersion),
                 path.string(), "use a newer tradewind");
  return {};
}

Result<int> find_column(const parquet::SchemaDescriptor& schema, const std::string& name, parquet::Type::type type, const Path& path) {
  const int index = schema.ColumnIndex(name);
  if (index < 0) return -1;
  const auto* column = schema.Column(index);
  if (column->physical_type() != type || column->max_definition_level() > 1 || column->max_repetition_level() != 0)
    return bad_file(
        path, "column '" + name + "' is " + parquet::TypeToString(column->physical_type()) + ", expected " + parquet::TypeToString(type));
  return index;
}

namespace {

/// Numbers that must lie in [least, most], as bytes: what would not fit is damage and never cut off.
Status narrow(std::span<const std::int32_t> wide, std::int32_t least, std::int32_t most, const char* what, const Path& path,
              std::span<std::int8_t> out) {
  bool good = true;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    good &= wide[i] >= least && wide[i] <= most;
    out[i] = static_cast<std::int8_t>(wide[i]);
  }
  if (good) return {};
  const auto bad = std::find_if(wide.begin(), wide.end(), [&](std::int32_t value) { return value < least || value > most; });
  return bad_file(path, std::string(what) + " " + std::to_string(*bad) + " in row " + std::to_string(bad - wide.begin() + 1) +
                            ", expected " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

struct SignalReader::State {
  Path path;
  ParquetReader reader;
  std::shared_ptr<parquet::FileMetaData> metadata;
  int timestamp = -1;
  int signal = -1;
  int confidence = -1;
  int strategy = -1;
  std::vector<std::int32_t> wide;
};

SignalReader::SignalReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignalReader::SignalReader(SignalReader&&) noexcept = default;
SignalReader& SignalReader::operator=(SignalReader&&) noexcept = default;
SignalReader::~SignalReader() = default;

Result<SignalReader> SignalReader::open(const Path& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  TRADEWIND_ASSIGN(state->reader, open_parquet(path));
  return guarded(path, Errc::corrupt, [&]() -> Result<SignalReader> {
    state->metadata = state->reader->metadata();
    TRADEWIND_TRY(check_version(*state->metadata, path));
    const auto& schema = *state->metadata->schema();
    TRADEWIND_ASSIGN(state->timestamp, find_column(schema, "timestamp", parquet::Type::INT64, path));
    TRADEWIND_ASSIGN(state->signal, find_column(schema, "signal", parquet::Type::INT32, path));
    TRADEWIND_ASSIGN(state->confidence, find_column(schema, "confidence", parquet::Type::FLOAT, path));
    TRADEWIND_ASSIGN(state->strategy, find_column(schema, "strategy", parquet::Type::INT32, path));
    if (state->timestamp < 0 || state->signal < 0) return bad_file(path, "not a signals file: it has no columns 'timestamp' and 'signal'");
    const auto* logical = dynamic_cast<const parquet::TimestampLogicalType*>(schema.Column(state->timestamp)->logical_type().get());
    if (logical == nullptr || logical->time_unit() != parquet::LogicalType::TimeUnit::NANOS)
      return bad_file(path, "column 'timestamp' does not hold nanoseconds");
    return SignalReader(std::move(state));
  });
}

bool SignalReader::is_packed() const noexcept { return state_->strategy >= 0; }
int SignalReader::groups() const noexcept { return state_->metadata->num_row_groups(); }
std::int64_t SignalReader::rows() const noexcept { return state_->metadata->num_rows(); }
std::int64_t SignalReader::group_rows(int group) const { return state_->metadata->RowGroup(group)->num_rows(); }

KeyValues SignalReader::key_values() const {
  KeyValues out;
  if (const auto& pairs = state_->metadata->key_value_metadata())
    for (std::int64_t i = 0; i < pairs->size(); ++i) out.emplace_back(pairs->key(i), pairs->value(i));
  return out;
}

Status SignalReader::read(int group, std::int64_t first, std::int64_t count, Signals& out) const {
  State& state = *state_;
  return guarded(state.path, Errc::corrupt, [&]() -> Status {
    if (group < 0 || group >= groups() || first < 0 || count < 0 || count > kMaxRows || first > group_rows(group) - count)
      return bad_file(state.path, "the catalog points to rows the file does not have");
    const auto size = static_cast<std::size_t>(count);
    out.timestamp.resize(size);
    out.signal.resize(size);
    out.confidence.resize(size);
    state.wide.resize(size);
    const auto reader = state.reader->RowGroup(group);
    read_column<parquet::Int64Reader, std::int64_t>(*reader, state.timestamp, first, out.timestamp);
    read_column<parquet::Int32Reader, std::int32_t>(*reader, state.signal, first, state.wide);
    TRADEWIND_TRY(narrow(state.wide, -1, 1, "signal", state.path, out.signal));
    if (state.confidence >= 0)
      read_column<parquet::FloatReader, float>(*reader, state.confidence, first, out.confidence);
    else
      std::fill(out.confidence.begin(), out.confidence.end(), 1.0F);
    return {};
  });
}

Status SignalReader::read_strategy(int group, std::vector<std::int32_t>& out) const {
  State& state = *state_;
  return guarded(state.path, Errc::corrupt, [&]() -> Status {
    if (state.strategy < 0) return bad_file(state.path, "not a packed segment: it has no column 'strategy'");
    const std::int64_t rows = group_rows(group);
    if (rows < 0 || rows > kMaxRows) return bad_file(state.path, "a row group of " + std::to_string(rows) + " rows");
    out.resize(static_cast<std::size_t>(rows));
    read_column<parquet::Int32Reader, std::int32_t>(*state.reader->RowGroup(group), state.strategy, 0, out);
    return {};
  });
}

Result<StateFile> read_state_file(const Path& path, std::size_t labels) {
  TRADEWIND_ASSIGN(const auto reader, open_parquet(path));
  return guarded(path, Errc::corrupt, [&]() -> Result<StateFile> {
    const auto metadata = reader->metadata();
    TRADEWIND_TRY(check_version(*metadata, path));
    TRADEWIND_ASSIGN(const int timestamp, find_column(*metadata->schema(), "timestamp", parquet::Type::INT64, path));
    TRADEWIND_ASSIGN(const int state, find_column(*metadata->schema(), "state", parquet::Type::INT32, path));
    if (timestamp < 0 || state < 0) return bad_file(path, "not a states file: it has no columns 'timestamp' and 'state'");
    StateFile out;
    for (int g = 0; g < metadata->num_row_groups(); ++g) {
      const auto rows = static_cast<std::size_t>(metadata->RowGroup(g)->num_rows());
      const std::size_t at = out.timestamp.size();
      std::vector<std::int32_t> wide(rows);
      out.timestamp.resize(at + rows);
      const auto group = reader->RowGroup(g);
      read_column<parquet::Int64Reader, std::int64_t>(*group, timestamp, 0, std::span(out.timestamp).subspan(at));
      read_column<parquet::Int32Reader, std::int32_t>(*group, state, 0, wide);
      out.state.resize(at + rows);
      TRADEWIND_TRY(
          narrow(wide, -1, static_cast<std::int32_t>(std::min(labels, kMaxLabels)) - 1, "state", path, std::span(out.state).subspan(at)));
    }
    if (!ascends(out.timestamp)) return bad_file(path, "a timestamp is not after the one before");
    return out;
  });
}

}  // namespace tradewind::workspace
