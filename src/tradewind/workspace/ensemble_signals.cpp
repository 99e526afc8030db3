// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/ensemble_signals.hpp"

#include <cmath>
#include <set>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::int64_t kRowsPerGroup = 65536;
constexpr const char* kFile = "signals/combined/ensemble_signals.parquet";

Status check(std::span<const EnsembleSignal> signals) {
  std::set<std::string_view> together;  // symbols at the present time
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const std::string row = "row " + std::to_string(i);
    if (!std::isfinite(signals[i].exposure)) return Error(Errc::invalid_data, "an exposure is not a finite number", row);
    if (i > 0 && signals[i].timestamp < signals[i - 1].timestamp)
      return Error(Errc::invalid_data, "the times of the ensemble's signals do not ascend", row);
    if (i > 0 && signals[i].timestamp > signals[i - 1].timestamp) together.clear();
    if (!together.insert(signals[i].symbol).second)
      return Error(Errc::invalid_data, "'" + signals[i].symbol + "' has two exposures at one time", row);
  }
  return {};
}

arrow::Result<std::shared_ptr<arrow::Table>> table_of(std::span<const EnsembleSignal> signals) {
  arrow::TimestampBuilder time(arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), arrow::default_memory_pool());
  arrow::StringBuilder symbol;
  arrow::DoubleBuilder exposure;
  arrow::StringBuilder regime;
  for (const EnsembleSignal& signal : signals) {
    ARROW_RETURN_NOT_OK(time.Append(signal.timestamp));
    ARROW_RETURN_NOT_OK(symbol.Append(signal.symbol));
    ARROW_RETURN_NOT_OK(exposure.Append(signal.exposure));
    ARROW_RETURN_NOT_OK(regime.Append(signal.regime));
  }
  arrow::ArrayVector columns;
  arrow::FieldVector fields;
  const auto add = [&](const char* name, arrow::ArrayBuilder& builder) -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(auto array, builder.Finish());
    fields.push_back(arrow::field(name, array->type(), false));
    columns.push_back(std::move(array));
    return arrow::Status::OK();
  };
  ARROW_RETURN_NOT_OK(add("timestamp", time));
  ARROW_RETURN_NOT_OK(add("symbol", symbol));
  ARROW_RETURN_NOT_OK(add("exposure", exposure));
  ARROW_RETURN_NOT_OK(add("regime", regime));
  return arrow::Table::Make(arrow::schema(fields), columns);
}

Result<std::string> encode(std::span<const EnsembleSignal> signals) {
  const Path path = kFile;
  return guarded(path, Errc::internal, [&]() -> Result<std::string> {
    TRADEWIND_ARROW_ASSIGN(const auto table, table_of(signals), path, Errc::internal);
    TRADEWIND_ARROW_ASSIGN(const auto sink, arrow::io::BufferOutputStream::Create(), path, Errc::internal);
    const auto properties = parquet::WriterProperties::Builder()
                                .created_by("tradewind")
                                ->compression(parquet::Compression::ZSTD)
                                ->enable_page_checksum()
                                ->build();
    TRADEWIND_ARROW_TRY(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, kRowsPerGroup, properties), path,
                        Errc::internal);
    TRADEWIND_ARROW_ASSIGN(const auto buffer, sink->Finish(), path, Errc::internal);
    return buffer->ToString();
  });
}

template <class Array>
const Array* column(const arrow::RecordBatch& batch, const char* name, arrow::Type::type type) {
  const auto found = batch.GetColumnByName(name);
  return found != nullptr && found->type_id() == type && found->null_count() == 0 ? static_cast<const Array*>(found.get()) : nullptr;
}

bool append_batch(const arrow::RecordBatch& batch, std::vector<EnsembleSignal>& signals) {
  const auto* time = column<arrow::TimestampArray>(batch, "timestamp", arrow::Type::TIMESTAMP);
  const auto* symbol = column<arrow::StringArray>(batch, "symbol", arrow::Type::STRING);
  const auto* exposure = column<arrow::DoubleArray>(batch, "exposure", arrow::Type::DOUBLE);
  const auto* regime = column<arrow::StringArray>(batch, "regime", arrow::Type::STRING);
  if (time == nullptr || symbol == nullptr || exposure == nullptr || regime == nullptr) return false;
  for (std::int64_t i = 0; i < batch.num_rows(); ++i)
    signals.push_back({time->Value(i), symbol->GetString(i), exposure->Value(i), regime->GetString(i)});
  return true;
}

}  // namespace

Status write_ensemble_signals(const Path& root, const std::string& run_id, std::span<const EnsembleSignal> signals) {
  TRADEWIND_TRY(check(signals));
  TRADEWIND_ASSIGN(const std::string bytes, encode(signals));
  return write_document(root, run_id, kFile, bytes);
}

Result<std::vector<EnsembleSignal>> read_ensemble_signals(const Path& root, const std::string& run_id) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const Path path = root / run_id / kFile;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return Error(Errc::not_found, "run '" + run_id + "' has no signals of an ensemble", path.string(),
                 "runs of a replay with weights have them");
  return guarded(path, Errc::corrupt, [&]() -> Result<std::vector<EnsembleSignal>> {
    TRADEWIND_ARROW_ASSIGN(const auto file, arrow::io::ReadableFile::Open(path.string()), path, Errc::storage);
    Expansion expansion = Expansion::of(path);
    ArrowPool pool(arrow::default_memory_pool(), expansion.allowed());
    parquet::ReaderProperties properties(&pool);
    properties.set_page_checksum_verification(true);
    TRADEWIND_ARROW_ASSIGN(const auto reader, parquet::arrow::FileReader::Make(&pool, parquet::ParquetFileReader::Open(file, properties)),
                           path, Errc::corrupt);
    TRADEWIND_ARROW_ASSIGN(const auto batches, reader->GetRecordBatchReader(), path, Errc::corrupt);
    std::vector<EnsembleSignal> signals;
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      TRADEWIND_ARROW_TRY(batches->ReadNext(&batch), path, Errc::corrupt);
      if (!batch) break;
      TRADEWIND_TRY(expansion.take(static_cast<std::uint64_t>(batch->num_rows()) * sizeof(EnsembleSignal)));
      if (!append_batch(*batch, signals))
        return Error(Errc::corrupt, "the ensemble's signals have other columns than were written", path.string());
    }
    if (const auto good = check(signals); !good)
      return Error(Errc::corrupt, good.error().message(), path.string() + ", " + good.error().where());
    return signals;
  });
}

}  // namespace tradewind::workspace
