// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/consensus_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/parquet_read_internal.hpp"

namespace tradewind::workspace {
namespace {

using parquet::LogicalType;
using parquet::Type;

constexpr const char* kParts = "tradewind.consensus";
constexpr std::string_view kFileStem = "consensus_regimes";
constexpr std::size_t kFixedColumns = 5;

std::shared_ptr<parquet::WriterProperties> properties() {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->created_by("tradewind")
      ->compression(parquet::Compression::ZSTD)
      ->compression_level(-2)
      ->disable_dictionary()
      ->enable_dictionary("symbol")
      ->enable_dictionary("label")
      ->encoding("timestamp", parquet::Encoding::DELTA_BINARY_PACKED)
      ->enable_page_checksum();
  return builder.build();
}

parquet::schema::NodeVector columns_of(const std::vector<std::string>& posteriors) {
  parquet::schema::NodeVector nodes{
      column("timestamp", LogicalType::Timestamp(true, LogicalType::TimeUnit::NANOS), Type::INT64),
      column("symbol", LogicalType::String(), Type::BYTE_ARRAY), column("state", LogicalType::Int(8, true), Type::INT32),
      column("label", LogicalType::String(), Type::BYTE_ARRAY), column("agreement", LogicalType::None(), Type::FLOAT)};
  for (const std::string& name : posteriors) nodes.push_back(column(name, LogicalType::None(), Type::FLOAT, parquet::Repetition::OPTIONAL));
  return nodes;
}

/// NaN becomes an empty cell.
void write_optional(parquet::RowGroupWriter& group, std::span<const float> values) {
  std::vector<std::int16_t> levels;
  std::vector<float> known;
  for (const float value : values) {
    levels.push_back(std::isnan(value) ? 0 : 1);
    if (!std::isnan(value)) known.push_back(value);
  }
  auto* writer = static_cast<parquet::FloatWriter*>(group.NextColumn());
  writer->WriteBatch(static_cast<std::int64_t>(levels.size()), levels.data(), nullptr, known.data());
  writer->Close();
}

void read_optional(parquet::RowGroupReader& group, int index, std::span<float> out) {
  const auto column = group.Column(index);
  auto& reader = static_cast<parquet::FloatReader&>(*column);
  std::vector<std::int16_t> levels(out.size());
  std::vector<float> known(out.size());
  std::size_t done = 0;
  std::size_t values = 0;
  while (done < out.size()) {
    std::int64_t read = 0;
    const std::int64_t got =
        reader.ReadBatch(static_cast<std::int64_t>(out.size() - done), levels.data() + done, nullptr, known.data() + values, &read);
    if (got == 0) throw parquet::ParquetException("the column ends early");
    if (reader.descr()->max_definition_level() == 0)
      std::fill_n(levels.begin() + static_cast<std::ptrdiff_t>(done), got, std::int16_t{1});  // a column that has no empty cells
    done += static_cast<std::size_t>(got);
    values += static_cast<std::size_t>(read);
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = levels[i] == 0 ? std::nanf("") : known[next++];
}

Status check(const ClassifierMetadata& metadata, const ConsensusView& rows, std::size_t columns) {
  const std::size_t count = rows.timestamp.size();
  const bool even = rows.state.size() == count && rows.agreement.size() == count && rows.posteriors.size() == columns &&
                    std::all_of(rows.posteriors.begin(), rows.posteriors.end(), [&](const auto& column) { return column.size() == count; });
  if (!even) return Error(Errc::invalid_data, "the columns of a consensus differ in length", metadata.symbol);
  for (std::size_t i = 0; i < count; ++i) {
    const bool known = rows.state[i] >= -1 && rows.state[i] < static_cast<int>(metadata.labels.size());
    if (!known || (i > 0 && rows.timestamp[i] <= rows.timestamp[i - 1]))
      return Error(Errc::invalid_data,
                   known ? "timestamp is not after the one before" : "state " + std::to_string(rows.state[i]) + " has no label",
                   metadata.symbol + ", row " + std::to_string(i + 1));
  }
  return {};
}

void write_group(parquet::ParquetFileWriter& file, const ClassifierMetadata& metadata, const ConsensusView& rows, std::size_t first,
                 std::size_t count) {
  std::vector<parquet::ByteArray> symbol(count, parquet::ByteArray(metadata.symbol));
  const auto states = rows.state.subspan(first, count);
  const std::vector<std::int32_t> state(states.begin(), states.end());
  std::vector<parquet::ByteArray> label;
  for (const std::int32_t each : state)
    label.push_back(each < 0 ? parquet::ByteArray("") : parquet::ByteArray(metadata.labels[static_cast<std::size_t>(each)]));
  auto& group = *file.AppendRowGroup();
  write_column<parquet::Int64Writer, std::int64_t>(group, rows.timestamp.subspan(first, count));
  write_column<parquet::ByteArrayWriter, parquet::ByteArray>(group, symbol);
  write_column<parquet::Int32Writer, std::int32_t>(group, state);
  write_column<parquet::ByteArrayWriter, parquet::ByteArray>(group, label);
  write_column<parquet::FloatWriter, float>(group, rows.agreement.subspan(first, count));
  for (const auto& column : rows.posteriors) write_optional(group, std::span(column).subspan(first, count));
  group.Close();
}

KeyValues key_values_of(const std::vector<ConsensusPart>& parts) {
  Json list = Json::array();
  for (const ConsensusPart& part : parts)
    list.push_back({{"first_group", part.first_group}, {"groups", part.groups}, {"classifier", read_json(classifier_json(part.metadata))}});
  return {{"tradewind.format", std::to_string(kFormatVersion)}, {kParts, dump_json(list)}};
}

Result<std::vector<ConsensusPart>> read_parts(const Path& path) {
  TRADEWIND_ASSIGN(const auto reader, open_parquet(path));
  return guarded(path, Errc::corrupt, [&]() -> Result<std::vector<ConsensusPart>> {
    const auto metadata = reader->metadata();
    TRADEWIND_TRY(check_version(*metadata, path));
    const auto& pairs = metadata->key_value_metadata();
    const int at = pairs ? pairs->FindKey(kParts) : -1;
    if (at < 0) return bad_file(path, "not a consensus file: it does not say whose it is");
    std::vector<ConsensusPart> parts;
    const auto list = parse_json(pairs->value(at), "the list of classifiers");
    if (!list) return list.error().with_where(path.string());
    for (const Json& one : *list) {
      ConsensusPart part;
      TRADEWIND_ASSIGN(part.metadata, parse_classifier(dump_json(one.at("classifier"))));
      part.first_group = one.at("first_group").get<int>();
      part.groups = one.at("groups").get<int>();
      if (part.first_group < 0 || part.groups < 0 || part.first_group > metadata->num_row_groups() - part.groups)
        return bad_file(path, "it points to row groups it does not have");
      parts.push_back(std::move(part));
    }
    return parts;
  });
}

}  // namespace

std::string consensus_id(const std::string& symbol) { return id_of_symbol(symbol) + ".consensus"; }

std::string consensus_path(const std::string& writer, bool first) {
  return std::string(kCombinedFolder) + "/" + std::string(kFileStem) + (first ? "" : "." + writer) + ".parquet";
}

ConsensusBuilder::ConsensusBuilder(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConsensusBuilder::ConsensusBuilder(ConsensusBuilder&&) noexcept = default;
ConsensusBuilder& ConsensusBuilder::operator=(ConsensusBuilder&&) noexcept = default;
ConsensusBuilder::~ConsensusBuilder() = default;

ConsensusBuilder::State::~State() {
  if (!writer) return;
  // Abandoned: the half file is removed by HashedFile; the library's own closing must not throw out of here.
  static_cast<void>(guarded(temporary, Errc::storage, [&]() -> Status {
    writer.reset();
    return {};
  }));
}

Result<std::unique_ptr<ConsensusBuilder::State>> ConsensusBuilder::State::open(const Path& path, std::vector<std::string> columns) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->temporary = path.string() + ".tmp";
  state->columns = std::move(columns);
  TRADEWIND_TRY(make_directories(path.parent_path()));
  TRADEWIND_ASSIGN(state->file, HashedFile::open(state->temporary));
  return guarded(path, Errc::storage, [&]() -> Result<std::unique_ptr<State>> {
    state->writer = parquet::ParquetFileWriter::Open(state->file, schema_of(columns_of(state->columns)), properties());
    return std::move(state);
  });
}

Status ConsensusBuilder::append(const ClassifierMetadata& metadata, const ConsensusView& rows) {
  State& state = *state_;
  TRADEWIND_TRY(workspace::check_id("classifier_id", metadata.classifier_id));
  TRADEWIND_TRY(check(metadata, rows, state.columns.size()));
  const auto same = [&](const ConsensusPart& part) { return part.metadata.symbol == metadata.symbol; };
  if (std::any_of(state.parts.begin(), state.parts.end(), same))
    return Error(Errc::already_exists, "the consensus of '" + printable(metadata.symbol) + "' is in the file already", state.path.string());
  return guarded(state.path, Errc::storage, [&]() -> Status {
    const int first_group = state.groups;
    for (std::size_t first = 0; first < rows.timestamp.size(); first += kRowsPerGroup, ++state.groups)
      write_group(*state.writer, metadata, rows, first, std::min(kRowsPerGroup, rows.timestamp.size() - first));
    state.parts.push_back({metadata, first_group, state.groups - first_group});
    return {};
  });
}

Result<std::string> ConsensusBuilder::State::close() {
  TRADEWIND_TRY(guarded(path, Errc::storage, [&]() -> Status {
    writer->AddKeyValueMetadata(metadata_of(key_values_of(parts)));
    writer->Close();
    writer.reset();
    return {};
  }));
  TRADEWIND_ASSIGN(std::string sum, file->keep(true));
  TRADEWIND_TRY(commit_file(path));
  return sum;
}

Result<std::map<std::string, std::pair<Path, ConsensusPart>>> consensus_parts(const Path& run_folder) {
  // "consensus_regimes.parquet" sorts after "consensus_regimes.<writer>.parquet" for some names, so it is put first by hand.
  std::set<std::pair<bool, Path>> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(run_folder / kCombinedFolder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kFileStem) && name.ends_with(".parquet")) files.emplace(name != std::string(kFileStem) + ".parquet", entry.path());
  }
  std::map<std::string, std::pair<Path, ConsensusPart>> out;
  for (const auto& [later, file] : files) {
    TRADEWIND_ASSIGN(auto parts, read_parts(file));
    for (ConsensusPart& part : parts) {
      const std::string symbol = part.metadata.symbol;
      out.try_emplace(symbol, file, std::move(part));
    }
  }
  return out;
}

Result<ConsensusRegimes> read_consensus(const Path& path, const ConsensusPart& part) {
  TRADEWIND_ASSIGN(const auto reader, open_parquet(path));
  return guarded(path, Errc::corrupt, [&]() -> Result<ConsensusRegimes> {
    const auto& schema = *reader->metadata()->schema();
    TRADEWIND_ASSIGN(const int timestamp, find_column(schema, "timestamp", Type::INT64, path));
    TRADEWIND_ASSIGN(const int state, find_column(schema, "state", Type::INT32, path));
    TRADEWIND_ASSIGN(const int agreement, find_column(schema, "agreement", Type::FLOAT, path));
    if (timestamp < 0 || state < 0 || agreement < 0) return bad_file(path, "not a consensus file: a column is missing");
    ConsensusRegimes out;
    out.labels = part.metadata.labels;
    for (int c = kFixedColumns; c < schema.num_columns(); ++c) {
      TRADEWIND_TRY(find_column(schema, schema.Column(c)->name(), Type::FLOAT, path));
      out.columns.push_back(schema.Column(c)->name());
    }
    out.posteriors.resize(out.columns.size());
    for (int g = part.first_group; g < part.first_group + part.groups; ++g) {
      const std::size_t at = out.timestamp.size();
      const std::size_t rows = static_cast<std::size_t>(reader->metadata()->RowGroup(g)->num_rows());
      const auto group = reader->RowGroup(g);
      out.timestamp.resize(at + rows);
      out.agreement.resize(at + rows);
      read_column<parquet::Int64Reader, std::int64_t>(*group, timestamp, 0, std::span(out.timestamp).subspan(at));
      read_column<parquet::FloatReader, float>(*group, agreement, 0, std::span(out.agreement).subspan(at));
      std::vector<std::int32_t> wide(rows);
      read_column<parquet::Int32Reader, std::int32_t>(*group, state, 0, wide);
      for (const std::int32_t each : wide) {
        if (each < -1 || each >= static_cast<std::int32_t>(out.labels.size()))
          return bad_file(path, "state " + std::to_string(each) + " has no label");
        out.state.push_back(static_cast<std::int8_t>(each));
      }
      for (std::size_t c = 0; c < out.columns.size(); ++c) {
        out.posteriors[c].resize(at + rows);
        read_optional(*group, static_cast<int>(c + kFixedColumns), std::span(out.posteriors[c]).subspan(at));
      }
    }
    if (!ascends(out.timestamp)) return bad_file(path, "a timestamp is not after the one before");
    return out;
  });
}

}  // namespace tradewind::workspace
