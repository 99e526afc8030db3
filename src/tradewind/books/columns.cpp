// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/columns_internal.hpp"

#include <cmath>
#include <limits>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include "tradewind/base/expansion.hpp"
#include "tradewind/base/guard.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/trading/money.hpp"

namespace tradewind::books {
namespace {

/// Rows of one group that are read at once.
constexpr std::int64_t kMostRows = std::int64_t{1} << 27;

std::int64_t nanos_of(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1'000'000'000;
    case arrow::TimeUnit::MILLI: return 1'000'000;
    case arrow::TimeUnit::MICRO: return 1'000;
    case arrow::TimeUnit::NANO: return 1;
  }
  return 1;
}

/// Gives every word of any chunk one place.
class Coder {
 public:
  explicit Coder(Words& words) : words_(words) {}
  std::int32_t code(std::string_view word) {
    const auto [at, fresh] = places_.try_emplace(std::string(word), static_cast<std::int32_t>(words_.word.size()));
    if (fresh) words_.word.emplace_back(word);
    return at->second;
  }

 private:
  Words& words_;
  std::unordered_map<std::string, std::int32_t> places_;
};

/// The word of a row of a text or binary array.
std::optional<std::string_view> word_at(const arrow::Array& array, std::int64_t i) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return static_cast<const arrow::BinaryArray&>(array).GetView(i);
    case arrow::Type::LARGE_STRING: return static_cast<const arrow::LargeStringArray&>(array).GetView(i);
    case arrow::Type::FIXED_SIZE_BINARY: return static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(i);
    default: return std::nullopt;
  }
}

bool append_words(const arrow::Array& chunk, Coder& coder, std::vector<std::int32_t>& codes) {
  if (chunk.type_id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(chunk);
    std::vector<std::int32_t> places;
    for (std::int64_t i = 0; i < coded.dictionary()->length(); ++i) {
      const auto word = word_at(*coded.dictionary(), i);
      if (!word) return false;
      places.push_back(coder.code(*word));
    }
    for (std::int64_t i = 0; i < chunk.length(); ++i)
      codes.push_back(chunk.IsNull(i) ? -1 : places[static_cast<std::size_t>(coded.GetValueIndex(i))]);
    return true;
  }
  for (std::int64_t i = 0; i < chunk.length(); ++i) {
    if (chunk.IsNull(i)) {
      codes.push_back(-1);
      continue;
    }
    const auto word = word_at(chunk, i);
    if (!word) return false;
    codes.push_back(coder.code(*word));
  }
  return true;
}

bool append_numbers(const arrow::Array& chunk, std::vector<double>& out) {
  const auto append = [&](const auto& values) {
    for (std::int64_t i = 0; i < values.length(); ++i)
      out.push_back(values.IsNull(i) ? std::nan("") : static_cast<double>(values.Value(i)));
    return true;
  };
  switch (chunk.type_id()) {
    case arrow::Type::DOUBLE: return append(static_cast<const arrow::DoubleArray&>(chunk));
    case arrow::Type::FLOAT: return append(static_cast<const arrow::FloatArray&>(chunk));
    case arrow::Type::INT32: return append(static_cast<const arrow::Int32Array&>(chunk));
    case arrow::Type::INT64: return append(static_cast<const arrow::Int64Array&>(chunk));
    case arrow::Type::UINT16: return append(static_cast<const arrow::UInt16Array&>(chunk));
    default: return false;
  }
}

/// Decimals of 18 digits or fewer, of a scale up to 6.
bool append_decimals(const arrow::Array& chunk, std::vector<std::int64_t>& out) {
  const auto& type = static_cast<const arrow::Decimal128Type&>(*chunk.type());
  if (type.scale() < 0 || type.scale() > 6) return false;
  std::int64_t factor = 1;
  for (int i = type.scale(); i < 6; ++i) factor *= 10;
  const auto& values = static_cast<const arrow::Decimal128Array&>(chunk);
  for (std::int64_t i = 0; i < values.length(); ++i) {
    if (values.IsNull(i)) {
      out.push_back(kNoAmount);
      continue;
    }
    const arrow::Decimal128 value(values.GetValue(i));
    const auto low = static_cast<std::int64_t>(value.low_bits());
    std::int64_t micros = 0;
    const bool fits = value.high_bits() == (low < 0 ? -1 : 0) && !__builtin_mul_overflow(low, factor, &micros);
    out.push_back(fits ? micros : kNoAmount);
  }
  return true;
}

}  // namespace

struct ColumnFile::State {
  explicit State(const Path& file) : path(file), expansion(Expansion::of(file)), pool(arrow::default_memory_pool(), expansion.allowed()) {}

  Path path;
  Expansion expansion;
  BoundedPool<arrow::MemoryPool, arrow::Status> pool;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<arrow::Schema> schema;

  Error damaged(const std::string& what) const {
    return pool.refused() ? expansion.refusal() : Error(Errc::invalid_data, what, path.string());
  }

  /// One column of one group. Columns of words are asked for by their dictionaries.
  Result<std::shared_ptr<arrow::ChunkedArray>> column(int group, const std::string& name) const {
    const int index = schema->GetFieldIndex(name);
    if (index < 0) return damaged(fmt::format("there is no column '{}'", name));
    return guarded([&]() -> Result<std::shared_ptr<arrow::ChunkedArray>> {
      const auto table = reader->ReadRowGroup(group, {index});
      if (!table.ok()) return damaged(fmt::format("column '{}': {}", name, printable(table.status().ToString(), 300)));
      const auto column = (*table)->column(0);
      for (const auto& chunk : column->chunks())
        if (const auto sound = chunk->ValidateFull(); !sound.ok())
          return damaged(fmt::format("column '{}': {}", name, printable(sound.ToString(), 300)));
      return column;
    });
  }
};

ColumnFile::ColumnFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
ColumnFile::~ColumnFile() = default;
ColumnFile::ColumnFile(ColumnFile&&) noexcept = default;

Result<ColumnFile> ColumnFile::open(const Path& path) {
  if (!is_there(path)) return Error(Errc::not_found, "there is no such file", path.string());
  return guarded([&]() -> Result<ColumnFile> {
    auto state = std::make_unique<State>(path);
    const auto bad = [&](const arrow::Status& status) {
      return state->damaged("cannot read the Parquet file: " + printable(status.ToString(), 300));
    };
    const auto file = arrow::io::MemoryMappedFile::Open(path.string(), arrow::io::FileMode::READ);
    if (!file.ok()) return bad(file.status());
    parquet::arrow::FileReaderBuilder builder;
    if (const auto opened = builder.Open(*file); !opened.ok()) return bad(opened);
    parquet::ArrowReaderProperties properties;
    const auto* schema = builder.raw_reader()->metadata()->schema();
    for (int i = 0; i < schema->num_columns(); ++i)
      if (schema->Column(i)->physical_type() == parquet::Type::BYTE_ARRAY) properties.set_read_dictionary(i, true);
    if (const auto built = builder.memory_pool(&state->pool)->properties(properties)->Build(&state->reader); !built.ok()) return bad(built);
    if (const auto read = state->reader->GetSchema(&state->schema); !read.ok()) return bad(read);
    for (int i = 0; i < state->reader->num_row_groups(); ++i)
      if (state->reader->parquet_reader()->metadata()->RowGroup(i)->num_rows() > kMostRows)
        return Error(Errc::too_large, fmt::format("a row group has more than {} rows", kMostRows), path.string());
    return ColumnFile(std::move(state));
  });
}

std::int64_t ColumnFile::rows() const { return state_->reader->parquet_reader()->metadata()->num_rows(); }
int ColumnFile::groups() const { return state_->reader->num_row_groups(); }
std::size_t ColumnFile::rows_of(int group) const {
  return static_cast<std::size_t>(state_->reader->parquet_reader()->metadata()->RowGroup(group)->num_rows());
}
bool ColumnFile::has(const std::string& name) const { return state_->schema->GetFieldIndex(name) >= 0; }

Result<std::vector<UnixNanos>> ColumnFile::times(int group, const std::string& name) const {
  TRADEWIND_ASSIGN(const auto column, state_->column(group, name));
  if (column->type()->id() != arrow::Type::TIMESTAMP)
    return state_->damaged(fmt::format("column '{}' is {}, expected times", name, column->type()->ToString()));
  const std::int64_t unit = nanos_of(static_cast<const arrow::TimestampType&>(*column->type()).unit());
  std::vector<UnixNanos> out;
  out.reserve(static_cast<std::size_t>(column->length()));
  for (const auto& chunk : column->chunks()) {
    const auto& values = static_cast<const arrow::TimestampArray&>(*chunk);
    for (std::int64_t i = 0; i < values.length(); ++i) {
      std::int64_t nanos = 0;
      if (values.IsNull(i) || __builtin_mul_overflow(values.Value(i), unit, &nanos))
        return state_->damaged(fmt::format("row {}: '{}' is no time", out.size(), name));
      out.push_back(nanos);
    }
  }
  return out;
}

Result<Words> ColumnFile::words(int group, const std::string& name) const {
  TRADEWIND_ASSIGN(const auto column, state_->column(group, name));
  Words out;
  out.code.reserve(static_cast<std::size_t>(column->length()));
  Coder coder(out);
  for (const auto& chunk : column->chunks())
    if (!append_words(*chunk, coder, out.code))
      return state_->damaged(fmt::format("column '{}' is {}, expected text", name, column->type()->ToString()));
  return out;
}

Result<std::vector<double>> ColumnFile::numbers(int group, const std::string& name) const {
  TRADEWIND_ASSIGN(const auto column, state_->column(group, name));
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(column->length()));
  for (const auto& chunk : column->chunks())
    if (!append_numbers(*chunk, out))
      return state_->damaged(fmt::format("column '{}' is {}, expected numbers", name, column->type()->ToString()));
  return out;
}

Result<std::vector<std::int64_t>> ColumnFile::amounts(int group, const std::string& name) const {
  TRADEWIND_ASSIGN(const auto column, state_->column(group, name));
  std::vector<std::int64_t> out;
  out.reserve(static_cast<std::size_t>(column->length()));
  if (column->type()->id() == arrow::Type::DECIMAL128) {
    for (const auto& chunk : column->chunks())
      if (!append_decimals(*chunk, out))
        return state_->damaged(
            fmt::format("column '{}' is {}: at most six digits after the point are read", name, column->type()->ToString()));
    return out;
  }
  TRADEWIND_ASSIGN(const auto values, numbers(group, name));
  for (const double value : values) out.push_back(micros_from_double(value).value_or(kNoAmount));
  return out;
}

}  // namespace tradewind::books
