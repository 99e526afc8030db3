// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/util/float16.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/expansion.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/parquet_internal.hpp"
#include "tradewind/market/readers_internal.hpp"

namespace tradewind::market {
namespace {

Error damaged(const Path& path, std::string_view what) {
  return {Errc::invalid_data, fmt::format("cannot read the Parquet file: {}", printable(what, 300)), path.string()};
}

std::int64_t nanos_per_unit(arrow::TimeUnit::type unit) noexcept {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1'000'000'000;
    case arrow::TimeUnit::MILLI: return 1'000'000;
    case arrow::TimeUnit::MICRO: return 1'000;
    case arrow::TimeUnit::NANO: return 1;
  }
  return 1;
}

/// Appends the nulls of a chunk to `column.valid`, which starts to exist at the first null.
void append_validity(const arrow::Array& chunk, std::size_t before, ParquetColumn& column) {
  if (chunk.null_count() == 0 && column.valid.empty()) return;
  if (column.valid.empty()) column.valid.assign(before, true);
  for (std::int64_t i = 0; i < chunk.length(); ++i) column.valid.push_back(chunk.IsValid(i));
}

template <class ArrayType>
void append_numbers(const arrow::Array& chunk, ParquetColumn& column) {
  const auto& values = static_cast<const ArrayType&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i)
    column.numbers.push_back(values.IsValid(i) ? static_cast<double>(values.Value(i)) : std::numeric_limits<double>::quiet_NaN());
}

template <class ArrayType>
void append_integers(const arrow::Array& chunk, ParquetColumn& column) {
  const auto& values = static_cast<const ArrayType&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i) {
    column.integers.push_back(values.IsValid(i) ? static_cast<std::int64_t>(values.Value(i)) : 0);
    column.numbers.push_back(values.IsValid(i) ? static_cast<double>(values.Value(i)) : std::numeric_limits<double>::quiet_NaN());
  }
}

template <class ArrayType>
void append_times(const arrow::Array& chunk, std::int64_t unit, ParquetColumn& column) {
  const auto& values = static_cast<const ArrayType&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i) {
    std::int64_t nanos = 0;
    if (values.IsValid(i) && __builtin_mul_overflow(static_cast<std::int64_t>(values.Value(i)), unit, &nanos)) {
      column.out_of_range.push_back(column.integers.size());
      nanos = 0;
    }
    column.integers.push_back(nanos);
  }
}

template <class ArrayType>
void append_texts(const arrow::Array& chunk, ParquetColumn& column) {
  const auto& values = static_cast<const ArrayType&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i)
    column.texts.emplace_back(values.IsValid(i) ? std::string(values.GetView(i)) : std::string());
}

void append_halves(const arrow::Array& chunk, ParquetColumn& column) {
  const auto& values = static_cast<const arrow::HalfFloatArray&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i)
    column.numbers.push_back(values.IsValid(i) ? static_cast<double>(arrow::util::Float16::FromBits(values.Value(i)).ToFloat())
                                               : std::numeric_limits<double>::quiet_NaN());
}

/// Decimals by way of their text, which rounds correctly.
template <class ArrayType>
void append_decimals(const arrow::Array& chunk, ParquetColumn& column) {
  const auto& values = static_cast<const ArrayType&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i)
    column.numbers.push_back(values.IsValid(i) ? parse_double(values.FormatValue(i)).value_or(std::numeric_limits<double>::quiet_NaN())
                                               : std::numeric_limits<double>::quiet_NaN());
}

ParquetKind kind_of(const arrow::DataType& type) noexcept {
  switch (type.id()) {
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
    case arrow::Type::BOOL: return ParquetKind::number;
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64: return ParquetKind::integer;
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING: return ParquetKind::text;
    case arrow::Type::DATE32:
    case arrow::Type::DATE64: return ParquetKind::date;
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? ParquetKind::timestamp_local : ParquetKind::timestamp_utc;
    default: return ParquetKind::unsupported;
  }
}

void append_dictionary(const arrow::Array& chunk, ParquetColumn& column) {
  const auto& values = static_cast<const arrow::DictionaryArray&>(chunk);
  ParquetColumn words;
  if (values.dictionary()->type_id() == arrow::Type::STRING) append_texts<arrow::StringArray>(*values.dictionary(), words);
  if (values.dictionary()->type_id() == arrow::Type::LARGE_STRING) append_texts<arrow::LargeStringArray>(*values.dictionary(), words);
  for (std::int64_t i = 0; i < values.length(); ++i) {
    const auto index = values.IsValid(i) ? static_cast<std::size_t>(values.GetValueIndex(i)) : words.texts.size();
    column.texts.push_back(index < words.texts.size() ? words.texts[index] : std::string());
  }
}

void append_chunk(const arrow::Array& chunk, ParquetColumn& column) {
  switch (chunk.type_id()) {
    case arrow::Type::HALF_FLOAT: return append_halves(chunk, column);
    case arrow::Type::FLOAT: return append_numbers<arrow::FloatArray>(chunk, column);
    case arrow::Type::DOUBLE: return append_numbers<arrow::DoubleArray>(chunk, column);
    case arrow::Type::BOOL: return append_numbers<arrow::BooleanArray>(chunk, column);
    case arrow::Type::DECIMAL32: return append_decimals<arrow::Decimal32Array>(chunk, column);
    case arrow::Type::DECIMAL64: return append_decimals<arrow::Decimal64Array>(chunk, column);
    case arrow::Type::DECIMAL128: return append_decimals<arrow::Decimal128Array>(chunk, column);
    case arrow::Type::DECIMAL256: return append_decimals<arrow::Decimal256Array>(chunk, column);
    case arrow::Type::INT8: return append_integers<arrow::Int8Array>(chunk, column);
    case arrow::Type::INT16: return append_integers<arrow::Int16Array>(chunk, column);
    case arrow::Type::INT32: return append_integers<arrow::Int32Array>(chunk, column);
    case arrow::Type::INT64: return append_integers<arrow::Int64Array>(chunk, column);
    case arrow::Type::UINT8: return append_integers<arrow::UInt8Array>(chunk, column);
    case arrow::Type::UINT16: return append_integers<arrow::UInt16Array>(chunk, column);
    case arrow::Type::UINT32: return append_integers<arrow::UInt32Array>(chunk, column);
    case arrow::Type::UINT64: return append_integers<arrow::UInt64Array>(chunk, column);
    case arrow::Type::STRING: return append_texts<arrow::StringArray>(chunk, column);
    case arrow::Type::LARGE_STRING: return append_texts<arrow::LargeStringArray>(chunk, column);
    case arrow::Type::DICTIONARY: return append_dictionary(chunk, column);
    case arrow::Type::DATE32: return append_times<arrow::Date32Array>(chunk, kNanosPerDay, column);
    case arrow::Type::DATE64: return append_times<arrow::Date64Array>(chunk, 1'000'000, column);
    case arrow::Type::TIMESTAMP:
      return append_times<arrow::TimestampArray>(chunk, nanos_per_unit(static_cast<const arrow::TimestampType&>(*chunk.type()).unit()),
                                                 column);
    default: return;
  }
}

template <class ArrayType>
std::uint64_t text_size(const ArrayType& texts) {
  return static_cast<std::uint64_t>(texts.length()) * sizeof(std::string) + static_cast<std::uint64_t>(texts.total_values_length());
}

/// What append_chunk will take: a few bytes may stand for a word that is repeated a million times.
std::uint64_t unpacked_size(const arrow::Array& chunk) {
  const auto rows = static_cast<std::uint64_t>(chunk.length());
  switch (chunk.type_id()) {
    case arrow::Type::STRING: return text_size(static_cast<const arrow::StringArray&>(chunk));
    case arrow::Type::LARGE_STRING: return text_size(static_cast<const arrow::LargeStringArray&>(chunk));
    case arrow::Type::DICTIONARY: break;
    default: return rows * sizeof(double);
  }
  const auto& values = static_cast<const arrow::DictionaryArray&>(chunk);
  std::vector<std::uint64_t> lengths;
  const auto measure = [&](const auto& words) {
    for (std::int64_t i = 0; i < words.length(); ++i) lengths.push_back(static_cast<std::uint64_t>(words.value_length(i)));
  };
  if (values.dictionary()->type_id() == arrow::Type::STRING) measure(static_cast<const arrow::StringArray&>(*values.dictionary()));
  if (values.dictionary()->type_id() == arrow::Type::LARGE_STRING)
    measure(static_cast<const arrow::LargeStringArray&>(*values.dictionary()));
  std::uint64_t bytes = rows * sizeof(std::string);
  for (std::int64_t i = 0; i < values.length(); ++i) {
    const auto index = values.IsValid(i) ? static_cast<std::size_t>(values.GetValueIndex(i)) : lengths.size();
    bytes += index < lengths.size() ? lengths[index] : 0;
  }
  return bytes;
}

}  // namespace

struct ParquetInput::State {
  Path path;
  Expansion expansion;
  BoundedPool<arrow::MemoryPool, arrow::Status> pool;
  std::unique_ptr<parquet::arrow::FileReader> reader;  ///< of Parquet
  std::shared_ptr<arrow::Table> table;                 ///< of Arrow IPC
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::string> names;
  std::int64_t rows = 0;

  explicit State(const Path& file) : path(file), expansion(Expansion::of(file)), pool(arrow::default_memory_pool(), expansion.allowed()) {}
  /// What the library says of the file, or that the file wanted more memory than it may have.
  Status open_parquet(const std::shared_ptr<arrow::io::ReadableFile>& file);
  Status open_ipc(const std::shared_ptr<arrow::io::ReadableFile>& file);
  Result<std::shared_ptr<arrow::ChunkedArray>> data_of(std::size_t index);
  Error fault(std::string_view what) const { return pool.refused() ? expansion.refusal() : damaged(path, what); }
};

ParquetInput::ParquetInput(std::unique_ptr<State> state) : state_(std::move(state)) {}
ParquetInput::~ParquetInput() = default;
ParquetInput::ParquetInput(ParquetInput&&) noexcept = default;
ParquetInput& ParquetInput::operator=(ParquetInput&&) noexcept = default;
std::int64_t ParquetInput::rows() const noexcept { return state_->rows; }
const std::vector<std::string>& ParquetInput::names() const noexcept { return state_->names; }

Status ParquetInput::State::open_parquet(const std::shared_ptr<arrow::io::ReadableFile>& file) {
  auto made = parquet::arrow::FileReader::Make(&pool, parquet::ParquetFileReader::Open(file, parquet::ReaderProperties(&pool)));
  if (!made.ok()) return fault(made.status().message());
  reader = std::move(*made);
  reader->set_use_threads(false);
  if (const auto status = reader->GetSchema(&schema); !status.ok()) return fault(status.message());
  rows = reader->parquet_reader()->metadata()->num_rows();
  if (rows < 0) return damaged(path, "negative number of rows");
  return {};
}

Status ParquetInput::State::open_ipc(const std::shared_ptr<arrow::io::ReadableFile>& file) {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = &pool;
  options.use_threads = false;
  // The whole file at once: reading it piece by piece, the library's own threads would outlive the memory pool.
  auto size = file->GetSize();
  if (!size.ok()) return fault(size.status().message());
  auto bytes = file->ReadAt(0, *size);
  if (!bytes.ok()) return fault(bytes.status().message());
  auto opened = arrow::ipc::RecordBatchFileReader::Open(std::make_shared<arrow::io::BufferReader>(*bytes), options);
  if (!opened.ok()) return fault(opened.status().message());
  schema = (*opened)->schema();
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int i = 0; i < (*opened)->num_record_batches(); ++i) {
    auto batch = (*opened)->ReadRecordBatch(i);
    if (!batch.ok()) return fault(batch.status().message());
    if (const auto status = (*batch)->ValidateFull(); !status.ok()) return fault(status.message());
    rows += (*batch)->num_rows();
    batches.push_back(std::move(*batch));
  }
  auto made = arrow::Table::FromRecordBatches(schema, batches);
  if (!made.ok()) return fault(made.status().message());
  table = std::move(*made);
  return {};
}

Result<std::shared_ptr<arrow::ChunkedArray>> ParquetInput::State::data_of(std::size_t index) {
  if (table) return table->column(static_cast<int>(index));
  std::shared_ptr<arrow::ChunkedArray> data;
  if (const auto status = reader->ReadColumn(static_cast<int>(index), &data); !status.ok()) return fault(status.message());
  return data;
}

Result<ParquetInput> ParquetInput::open(const Path& path) {
  TRADEWIND_ASSIGN(const bool ipc, starts_with(path, kArrowMagic));
  auto state = std::make_unique<State>(path);
  try {
    auto file = arrow::io::ReadableFile::Open(path.string(), &state->pool);
    if (!file.ok()) return Error(Errc::storage, file.status().message(), path.string());
    TRADEWIND_TRY(ipc ? state->open_ipc(*file) : state->open_parquet(*file));
    for (const auto& field : state->schema->fields()) state->names.push_back(field->name());
  } catch (const std::exception& failure) {
    return state->fault(failure.what());
  }
  return ParquetInput(std::move(state));
}

std::string ParquetInput::metadata(const std::string& key) const {
  const auto found =
      state_->schema->metadata() ? state_->schema->metadata()->Get(key) : arrow::Result<std::string>(arrow::Status::KeyError(key));
  if (found.ok()) return *found;
  if (!state_->reader) return {};
  const auto stored = state_->reader->parquet_reader()->metadata()->key_value_metadata();
  if (!stored) return {};
  const auto value = stored->Get(key);
  return value.ok() ? *value : std::string();
}

ColumnContent ParquetInput::content(std::size_t index) const {
  const auto data = column(index);
  if (!data) return {};
  switch (data->kind) {
    case ParquetKind::date:
    case ParquetKind::timestamp_utc:
    case ParquetKind::timestamp_local: return {true, true, false, false};
    case ParquetKind::text: return content_of({data->texts.begin(), data->texts.end()});
    case ParquetKind::number:
    case ParquetKind::integer: {
      const auto is_epoch = [](double value) { return std::isnan(value) || (value >= 1e8 && value < 9.3e18); };
      return {false, !data->numbers.empty() && std::all_of(data->numbers.begin(), data->numbers.end(), is_epoch), false, true};
    }
    case ParquetKind::unsupported: return {};
  }
  return {};
}

Status ParquetInput::check_size(std::size_t columns, std::uint64_t limit) const {
  const auto rows = static_cast<std::uint64_t>(state_->rows);
  if (columns > 0 && rows > state_->expansion.allowed() / (columns * sizeof(double))) return state_->expansion.refusal();
  if (columns == 0 || rows <= limit / columns) return {};
  return Error(Errc::too_large, fmt::format("{} rows of {} columns, at most {} values are read", rows, columns, limit),
               state_->path.string(), "choose fewer columns or split the file");
}

Result<ParquetColumn> ParquetInput::column(std::size_t index) const {
  State& s = *state_;
  ParquetColumn column;
  column.name = s.names[index];
  try {
    const auto& type = s.schema->field(static_cast<int>(index))->type();
    column.type = type->ToString();
    const bool words = type->id() == arrow::Type::DICTIONARY &&
                       kind_of(*static_cast<const arrow::DictionaryType&>(*type).value_type()) == ParquetKind::text;
    column.kind = words ? ParquetKind::text : kind_of(*type);
    if (column.kind == ParquetKind::unsupported) return column;
    TRADEWIND_ASSIGN(const auto data, s.data_of(index));
    std::size_t before = 0;
    for (const auto& chunk : data->chunks()) {
      if (const auto status = chunk->ValidateFull(); !status.ok()) return s.fault(status.message());
      TRADEWIND_TRY(s.expansion.take(unpacked_size(*chunk)));
      append_validity(*chunk, before, column);
      append_chunk(*chunk, column);
      before += static_cast<std::size_t>(chunk->length());
    }
    if (static_cast<std::int64_t>(before) != s.rows)
      return damaged(s.path, fmt::format("column '{}' has {} of {} rows", printable(column.name), before, s.rows));
  } catch (const std::exception& failure) {
    return s.fault(failure.what());
  }
  return column;
}

}  // namespace tradewind::market
