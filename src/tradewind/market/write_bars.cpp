// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/write_bars.hpp"

#include <algorithm>
#include <cmath>

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <zlib.h>

#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

constexpr std::int64_t kRowGroup = 1 << 20;

/// A column without a copy: the vector outlives the table.
template <class ArrowType, class T>
std::shared_ptr<arrow::Array> wrap(const std::vector<T>& values, const std::shared_ptr<arrow::DataType>& type) {
  const auto bytes = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(values.data()),
                                                     static_cast<std::int64_t>(values.size() * sizeof(T)));
  return arrow::MakeArray(arrow::ArrayData::Make(type, static_cast<std::int64_t>(values.size()), {nullptr, bytes}, 0));
}

/// Volumes, with missing ones as null rather than NaN.
Result<std::shared_ptr<arrow::Array>> volume_array(const std::vector<double>& volume) {
  arrow::DoubleBuilder builder;
  auto status = builder.Reserve(static_cast<std::int64_t>(volume.size()));
  for (const double value : volume) {
    if (!status.ok()) break;
    std::isnan(value) ? builder.UnsafeAppendNull() : builder.UnsafeAppend(value);
  }
  std::shared_ptr<arrow::Array> array;
  if (status.ok()) status = builder.Finish(&array);
  if (!status.ok()) return Error(Errc::internal, status.message());
  return array;
}

Result<std::shared_ptr<arrow::Table>> to_table(const Bars& bars) {
  const auto time = arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
  arrow::FieldVector fields = {arrow::field("timestamp", time, false)};
  arrow::ArrayVector arrays = {wrap<arrow::TimestampType>(bars.timestamp, time)};
  const auto add = [&](const char* name, const std::vector<double>& values) {
    fields.push_back(arrow::field(name, arrow::float64(), false));
    arrays.push_back(wrap<arrow::DoubleType>(values, arrow::float64()));
  };
  if (bars.has_ohlc()) {
    add("open", bars.open);
    add("high", bars.high);
    add("low", bars.low);
  }
  add("close", bars.close);
  if (bars.has_volume()) {
    fields.push_back(arrow::field("volume", arrow::float64(), true));
    TRADEWIND_ASSIGN(auto volume, volume_array(bars.volume));
    arrays.push_back(std::move(volume));
  }
  const auto metadata = arrow::key_value_metadata({"tradewind.symbol"}, {bars.symbol});
  return arrow::Table::Make(arrow::schema(fields, metadata), arrays, static_cast<std::int64_t>(bars.size()));
}

Result<std::shared_ptr<arrow::Buffer>> parquet_bytes(const arrow::Table& table) {
  try {
    auto stream = arrow::io::BufferOutputStream::Create(1 << 20);
    if (!stream.ok()) return Error(Errc::internal, stream.status().message());
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->disable_dictionary()->build();
    // The stored Arrow schema keeps the time zone's name and the metadata for every reader.
    const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
    auto status = parquet::arrow::WriteTable(table, arrow::default_memory_pool(), *stream, kRowGroup, properties, arrow_properties);
    if (!status.ok()) return Error(Errc::internal, status.message());
    auto buffer = (*stream)->Finish();
    if (!buffer.ok()) return Error(Errc::internal, buffer.status().message());
    return std::move(*buffer);
  } catch (const std::exception& failure) {
    return Error(Errc::internal, fmt::format("writing Parquet: {}", failure.what()));
  }
}

std::string csv_text(const Bars& bars) {
  std::string text = bars.has_ohlc() ? "timestamp,open,high,low,close" : "timestamp,close";
  text += bars.has_volume() ? ",volume\n" : "\n";
  const bool dates = std::all_of(bars.timestamp.begin(), bars.timestamp.end(), [](UnixNanos t) { return t % kNanosPerDay == 0; });
  for (std::size_t i = 0; i < bars.size(); ++i) {
    text += format_time(bars.timestamp[i], dates);
    if (bars.has_ohlc())
      for (const auto* column : {&bars.open, &bars.high, &bars.low}) (text += ',') += number_text((*column)[i]);
    (text += ',') += number_text(bars.close[i]);
    if (bars.has_volume()) {
      text += ',';
      if (!std::isnan(bars.volume[i])) text += number_text(bars.volume[i]);
    }
    text += '\n';
  }
  return text;
}

Result<std::string> gzip(const std::string& text) {
  z_stream stream{};
  // 15 window bits, +16: gzip framing; its header holds no time, so equal text gives equal bytes.
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return Error(Errc::internal, "zlib does not start");
  std::string packed;
  std::string chunk(std::size_t{1} << 18, '\0');
  std::size_t taken = 0;
  int code = Z_OK;
  while (code == Z_OK) {
    if (stream.avail_in == 0) {
      const std::size_t count = std::min(text.size() - taken, std::size_t{1} << 20);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + taken));  // zlib's interface lacks the const
      stream.avail_in = static_cast<uInt>(count);
      taken += count;
    }
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    code = deflate(&stream, taken == text.size() ? Z_FINISH : Z_NO_FLUSH);
    packed.append(chunk.data(), chunk.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  if (code != Z_STREAM_END) return Error(Errc::internal, "zlib failed to compress");
  return packed;
}

enum class Format { parquet, csv, csv_gz };

Result<Format> format_of(const Path& path) {
  const std::string name = lower(path.filename().string());
  if (name.ends_with(".parquet")) return Format::parquet;
  if (name.ends_with(".csv")) return Format::csv;
  if (name.ends_with(".csv.gz")) return Format::csv_gz;
  return Error(Errc::usage, fmt::format("cannot tell the format of '{}' from its name", printable(path.string(), 200)), path.string(),
               "end the name in .parquet, .csv or .csv.gz");
}

}  // namespace

Status check_output_format(const Path& path) {
  TRADEWIND_TRY(format_of(path));
  return {};
}

Status write_bars(const Path& path, const Bars& bars) {
  TRADEWIND_ASSIGN(const Format format, format_of(path));
  TRADEWIND_TRY(make_directories(path.parent_path()));
  if (format == Format::csv) return write_file_durable(path, csv_text(bars));
  if (format == Format::csv_gz) {
    TRADEWIND_ASSIGN(const std::string packed, gzip(csv_text(bars)));
    return write_file_durable(path, packed);
  }
  TRADEWIND_ASSIGN(const auto table, to_table(bars));
  TRADEWIND_ASSIGN(const auto bytes, parquet_bytes(*table));
  return write_file_durable(path, {reinterpret_cast<const char*>(bytes->data()), static_cast<std::size_t>(bytes->size())});
}

}  // namespace tradewind::market
