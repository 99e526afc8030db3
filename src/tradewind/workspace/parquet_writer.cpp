// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/parquet_write_internal.hpp"

namespace tradewind::workspace {
namespace {

using parquet::LogicalType;
using parquet::Type;
using parquet::schema::NodeVector;

NodeVector signal_columns(bool packed) {
  NodeVector columns{column("timestamp", LogicalType::Timestamp(true, LogicalType::TimeUnit::NANOS), Type::INT64),
                     column("signal", LogicalType::Int(8, true), Type::INT32), column("confidence", LogicalType::None(), Type::FLOAT)};
  if (packed) columns.push_back(column("strategy", LogicalType::Int(32, true), Type::INT32));
  return columns;
}

std::shared_ptr<parquet::WriterProperties> properties() {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->created_by("tradewind")
      ->compression(parquet::Compression::ZSTD)
      ->compression_level(-2)
      ->disable_dictionary()
      ->encoding("timestamp", parquet::Encoding::DELTA_BINARY_PACKED)
      ->encoding("signal", parquet::Encoding::DELTA_BINARY_PACKED)
      ->encoding("strategy", parquet::Encoding::DELTA_BINARY_PACKED)
      ->enable_page_checksum()
      ->disable_statistics("confidence")
      ->write_batch_size(std::int64_t{1} << 16)
      ->data_pagesize(std::int64_t{1} << 20);
  return builder.build();
}

}  // namespace

struct SignalWriter::State {
  Path path;
  bool packed = false;
  std::shared_ptr<HashedFile> file;
  std::unique_ptr<parquet::ParquetFileWriter> writer;
  std::vector<std::int32_t> widened;
  std::vector<float> ones;
};

SignalWriter::SignalWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignalWriter::SignalWriter(SignalWriter&&) noexcept = default;
SignalWriter& SignalWriter::operator=(SignalWriter&&) noexcept = default;
SignalWriter::~SignalWriter() {
  if (!state_ || !state_->writer) return;
  // Abandoned: the half file is removed by HashedFile; the library's own closing must not throw out of here.
  static_cast<void>(guarded(state_->path, Errc::storage, [&]() -> Status {
    state_->writer.reset();
    return {};
  }));
}

Result<SignalWriter> SignalWriter::open(const Path& path, bool packed) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->packed = packed;
  TRADEWIND_ASSIGN(state->file, HashedFile::open(path));
  return guarded(path, Errc::storage, [&]() -> Result<SignalWriter> {
    static const auto shared_properties = properties();
    state->writer = parquet::ParquetFileWriter::Open(state->file, schema_of(signal_columns(packed)), shared_properties);
    return SignalWriter(std::move(state));
  });
}

Status SignalWriter::write_group(std::span<const UnixNanos> timestamp, std::span<const std::int8_t> signal,
                                 std::span<const float> confidence, std::span<const std::int32_t> strategy) {
  State& state = *state_;
  return guarded(state.path, Errc::storage, [&]() -> Status {
    state.widened.assign(signal.begin(), signal.end());
    if (confidence.empty()) {
      state.ones.assign(timestamp.size(), 1.0F);
      confidence = state.ones;
    }
    auto& group = *state.writer->AppendRowGroup();
    write_column<parquet::Int64Writer, std::int64_t>(group, timestamp);
    write_column<parquet::Int32Writer, std::int32_t>(group, state.widened);
    write_column<parquet::FloatWriter, float>(group, confidence);
    if (state.packed) write_column<parquet::Int32Writer, std::int32_t>(group, strategy);
    group.Close();
    return {};
  });
}

Result<std::string> SignalWriter::close(const KeyValues& key_values, bool sync) {
  State& state = *state_;
  TRADEWIND_TRY(guarded(state.path, Errc::storage, [&]() -> Status {
    state.writer->AddKeyValueMetadata(metadata_of(key_values));
    state.writer->Close();
    state.writer.reset();
    return {};
  }));
  return state.file->keep(sync);
}

Result<std::string> write_state_file(const Path& path, const StateView& states, std::span<const std::string> labels,
                                     const KeyValues& key_values) {
  const Path temporary = path.string() + ".tmp";
  TRADEWIND_ASSIGN(const auto file, HashedFile::open(temporary));
  TRADEWIND_TRY(guarded(path, Errc::storage, [&]() -> Status {
    const auto schema =
        schema_of({column("timestamp", LogicalType::Timestamp(true, LogicalType::TimeUnit::NANOS), Type::INT64),
                   column("state", LogicalType::Int(8, true), Type::INT32), column("label", LogicalType::String(), Type::BYTE_ARRAY)});
    std::vector<std::int32_t> widened(states.state.begin(), states.state.end());
    std::vector<parquet::ByteArray> texts;
    texts.reserve(widened.size());
    for (const std::int32_t state : widened)
      texts.push_back(state < 0 ? parquet::ByteArray("") : parquet::ByteArray(labels[static_cast<std::size_t>(state)]));
    auto writer = parquet::ParquetFileWriter::Open(file, schema, properties(), metadata_of(key_values));
    auto& group = *writer->AppendRowGroup();
    write_column<parquet::Int64Writer, std::int64_t>(group, states.timestamp);
    write_column<parquet::Int32Writer, std::int32_t>(group, widened);
    write_column<parquet::ByteArrayWriter, parquet::ByteArray>(group, texts);
    group.Close();
    writer->Close();
    return {};
  }));
  TRADEWIND_ASSIGN(std::string sum, file->keep(true));
  TRADEWIND_TRY(commit_file(path));
  return sum;
}

}  // namespace tradewind::workspace
