// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/event_file_internal.hpp"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::books {
namespace {

const std::shared_ptr<arrow::Schema>& schema() {
  static const auto made =
      arrow::schema({arrow::field("received", arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), false),
                     arrow::field("market", arrow::int32(), false), arrow::field("kind", arrow::int8(), false),
                     arrow::field("outcome", arrow::int8(), false), arrow::field("side", arrow::int8(), false),
                     arrow::field("price", arrow::int32(), false), arrow::field("shares", arrow::int64(), false),
                     arrow::field("delay_us", arrow::int32(), false), arrow::field("inferred", arrow::boolean(), false)});
  return made;
}

std::shared_ptr<parquet::WriterProperties> properties() {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->created_by("tradewind")
      ->compression(parquet::Compression::ZSTD)
      ->compression_level(1)
      ->enable_page_checksum()
      ->disable_statistics()
      ->encoding("received", parquet::Encoding::DELTA_BINARY_PACKED)
      ->disable_dictionary("received")
      ->disable_dictionary("delay_us")
      ->data_pagesize(std::int64_t{1} << 20);
  return builder.build();
}

Error failed(const arrow::Status& status, Errc code, const std::string& where) {
  return {code, "recorded events: " + printable(status.ToString(), 300), where};
}

/// One column made by what `value` gives of each event.
template <class Builder, class Value>
arrow::Result<std::shared_ptr<arrow::Array>> column(std::span<const BookEvent> events, Builder&& builder, Value&& value) {
  ARROW_RETURN_NOT_OK(builder.Reserve(static_cast<std::int64_t>(events.size())));
  for (const BookEvent& event : events) builder.UnsafeAppend(value(event));
  return builder.Finish();
}

arrow::Result<std::shared_ptr<arrow::Table>> table_of(std::span<const BookEvent> events) {
  arrow::MemoryPool* pool = arrow::default_memory_pool();
  arrow::ArrayVector columns(9);
  ARROW_ASSIGN_OR_RAISE(columns[0],
                        column(events, arrow::TimestampBuilder(schema()->field(0)->type(), pool), [](auto& e) { return e.received; }));
  ARROW_ASSIGN_OR_RAISE(columns[1], column(events, arrow::Int32Builder(), [](auto& e) { return static_cast<std::int32_t>(e.market); }));
  ARROW_ASSIGN_OR_RAISE(columns[2], column(events, arrow::Int8Builder(), [](auto& e) { return static_cast<std::int8_t>(e.kind); }));
  ARROW_ASSIGN_OR_RAISE(columns[3], column(events, arrow::Int8Builder(), [](auto& e) { return static_cast<std::int8_t>(e.outcome); }));
  ARROW_ASSIGN_OR_RAISE(columns[4], column(events, arrow::Int8Builder(), [](auto& e) { return static_cast<std::int8_t>(e.side); }));
  ARROW_ASSIGN_OR_RAISE(columns[5], column(events, arrow::Int32Builder(), [](auto& e) { return e.price; }));
  ARROW_ASSIGN_OR_RAISE(columns[6], column(events, arrow::Int64Builder(), [](auto& e) { return e.shares; }));
  ARROW_ASSIGN_OR_RAISE(columns[7], column(events, arrow::Int32Builder(), [](auto& e) { return e.delay_us; }));
  ARROW_ASSIGN_OR_RAISE(columns[8], column(events, arrow::BooleanBuilder(), [](auto& e) { return e.inferred; }));
  return arrow::Table::Make(schema(), columns, static_cast<std::int64_t>(events.size()));
}

arrow::Result<std::string> written(std::span<const BookEvent> events) {
  ARROW_ASSIGN_OR_RAISE(const auto table, table_of(events));
  ARROW_ASSIGN_OR_RAISE(const auto out, arrow::io::BufferOutputStream::Create());
  ARROW_RETURN_NOT_OK(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out, std::int64_t{1} << 20, properties()));
  ARROW_ASSIGN_OR_RAISE(const auto buffer, out->Finish());
  return buffer->ToString();
}

template <class Array>
const Array& part(const arrow::RecordBatch& batch, int i) {
  return static_cast<const Array&>(*batch.column(i));
}

/// Whether every number names a value of an enumeration.
template <class Enum>
bool is_one(std::int8_t number) {
  return number >= 0 && static_cast<std::size_t>(number) < names_of(Enum{}).size();
}

bool append(const arrow::RecordBatch& batch, std::vector<BookEvent>& events) {
  for (int i = 0; i < batch.num_columns(); ++i)
    if (batch.column(i)->null_count() != 0) return false;
  const auto& kind = part<arrow::Int8Array>(batch, 2);
  const auto& outcome = part<arrow::Int8Array>(batch, 3);
  const auto& side = part<arrow::Int8Array>(batch, 4);
  for (std::int64_t i = 0; i < batch.num_rows(); ++i) {
    if (!is_one<EventKind>(kind.Value(i)) || !is_one<trading::Outcome>(outcome.Value(i)) || !is_one<trading::Side>(side.Value(i)))
      return false;
    BookEvent event;
    event.received = part<arrow::TimestampArray>(batch, 0).Value(i);
    event.market = static_cast<std::uint32_t>(part<arrow::Int32Array>(batch, 1).Value(i));
    event.kind = static_cast<EventKind>(kind.Value(i));
    event.outcome = static_cast<trading::Outcome>(outcome.Value(i));
    event.side = static_cast<trading::Side>(side.Value(i));
    event.price = part<arrow::Int32Array>(batch, 5).Value(i);
    event.shares = part<arrow::Int64Array>(batch, 6).Value(i);
    event.delay_us = part<arrow::Int32Array>(batch, 7).Value(i);
    event.inferred = part<arrow::BooleanArray>(batch, 8).Value(i);
    events.push_back(event);
  }
  return true;
}

arrow::Status read_into(const std::string& bytes, std::vector<BookEvent>& events) {
  const auto source = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(source));
  std::unique_ptr<parquet::arrow::FileReader> reader;
  ARROW_RETURN_NOT_OK(builder.Build(&reader));
  std::shared_ptr<arrow::Schema> found;
  ARROW_RETURN_NOT_OK(reader->GetSchema(&found));
  if (!found->Equals(*schema(), false)) return arrow::Status::Invalid("other columns than those of recorded events");
  ARROW_ASSIGN_OR_RAISE(const auto table, reader->ReadTable());
  events.reserve(events.size() + static_cast<std::size_t>(table->num_rows()));
  arrow::TableBatchReader batches(*table);
  for (std::shared_ptr<arrow::RecordBatch> batch;;) {
    ARROW_RETURN_NOT_OK(batches.ReadNext(&batch));
    if (!batch) return arrow::Status::OK();
    if (!append(*batch, events)) return arrow::Status::Invalid("values that no recorded event has");
  }
}

}  // namespace

Result<std::string> write_events(std::span<const BookEvent> events) {
  return guarded([&]() -> Result<std::string> {
    auto bytes = written(events);
    if (!bytes.ok()) return failed(bytes.status(), Errc::storage, {});
    return *std::move(bytes);
  });
}

Status read_events(const std::string& bytes, const std::string& where, std::vector<BookEvent>& events) {
  return guarded([&]() -> Status {
    const arrow::Status read = read_into(bytes, events);
    if (!read.ok()) return failed(read, Errc::corrupt, where);
    return {};
  });
}

}  // namespace tradewind::books
