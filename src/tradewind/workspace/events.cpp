// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/events.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <nlohmann/json.hpp>

#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::int64_t kEventsPerGroup = 65536;
constexpr const char* kTraces = "events/traces.parquet";
constexpr const char* kIndex = "events/index.json";
using Json = nlohmann::ordered_json;

Status check_order(std::span<const EventTrace> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0 && events[i].event_id <= events[i - 1].event_id)
      return Error(Errc::invalid_data, "event ids do not ascend", "event " + std::to_string(events[i].event_id));
    if (events[i].parent_id >= events[i].event_id)
      return Error(Errc::invalid_data, "an event cannot come before its cause", "event " + std::to_string(events[i].event_id));
  }
  return {};
}

arrow::Result<std::shared_ptr<arrow::Table>> table_of_events(std::span<const EventTrace> events) {
  arrow::Int64Builder id;
  arrow::Int64Builder parent;
  arrow::TimestampBuilder time(arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), arrow::default_memory_pool());
  arrow::StringBuilder source;
  arrow::StringBuilder type;
  arrow::StringBuilder strategy;
  arrow::StringBuilder payload;
  for (const EventTrace& event : events) {
    ARROW_RETURN_NOT_OK(id.Append(event.event_id));
    ARROW_RETURN_NOT_OK(event.parent_id < 0 ? parent.AppendNull() : parent.Append(event.parent_id));
    ARROW_RETURN_NOT_OK(time.Append(event.time));
    ARROW_RETURN_NOT_OK(source.Append(event.source));
    ARROW_RETURN_NOT_OK(type.Append(event.type));
    ARROW_RETURN_NOT_OK(strategy.Append(event.strategy));
    ARROW_RETURN_NOT_OK(payload.Append(event.payload));
  }
  arrow::ArrayVector columns;
  arrow::FieldVector fields;
  const auto add = [&](const char* name, arrow::ArrayBuilder& builder) -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(auto array, builder.Finish());
    fields.push_back(arrow::field(name, array->type()));
    columns.push_back(std::move(array));
    return arrow::Status::OK();
  };
  ARROW_RETURN_NOT_OK(add("event_id", id));
  ARROW_RETURN_NOT_OK(add("parent_id", parent));
  ARROW_RETURN_NOT_OK(add("time", time));
  ARROW_RETURN_NOT_OK(add("source", source));
  ARROW_RETURN_NOT_OK(add("type", type));
  ARROW_RETURN_NOT_OK(add("strategy", strategy));
  ARROW_RETURN_NOT_OK(add("payload", payload));
  return arrow::Table::Make(arrow::schema(fields), columns);
}

Result<std::string> encode_events(std::span<const EventTrace> events, const Path& path) {
  return guarded(path, Errc::internal, [&]() -> Result<std::string> {
    TRADEWIND_ARROW_ASSIGN(const auto table, table_of_events(events), path, Errc::internal);
    TRADEWIND_ARROW_ASSIGN(const auto sink, arrow::io::BufferOutputStream::Create(), path, Errc::internal);
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->enable_page_checksum()->build();
    TRADEWIND_ARROW_TRY(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, kEventsPerGroup, properties), path,
                        Errc::internal);
    TRADEWIND_ARROW_ASSIGN(const auto buffer, sink->Finish(), path, Errc::internal);
    return buffer->ToString();
  });
}

Json index_of(std::span<const EventTrace> events) {
  Json groups = Json::array();
  for (std::size_t begin = 0; begin < events.size(); begin += kEventsPerGroup) {
    const std::size_t end = std::min(events.size(), begin + static_cast<std::size_t>(kEventsPerGroup));
    groups.push_back(
        {{"first_event", events[begin].event_id}, {"last_event", events[end - 1].event_id}, {"row_group", begin / kEventsPerGroup}});
  }
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> strategies;
  for (const EventTrace& event : events) {
    const auto [at, fresh] = strategies.try_emplace(event.strategy, event.event_id, event.event_id);
    if (!fresh) at->second.second = event.event_id;
  }
  Json by_strategy = Json::object();
  for (const auto& [name, range] : strategies) by_strategy[name] = {{"first_event", range.first}, {"last_event", range.second}};
  return {{"format_version", 1}, {"events", events.size()}, {"row_groups", groups}, {"strategies", by_strategy}};
}

template <class Array>
const Array& column(const arrow::RecordBatch& batch, const char* name) {
  return static_cast<const Array&>(*batch.GetColumnByName(name));
}

/// Whether the file has the columns and types that were written; anything else is damage.
bool well_formed(const arrow::RecordBatch& batch) {
  const auto is = [&](const char* name, arrow::Type::type type) {
    const auto found = batch.GetColumnByName(name);
    return found != nullptr && found->type_id() == type && (found->null_count() == 0 || std::string_view(name) == "parent_id");
  };
  return is("event_id", arrow::Type::INT64) && is("parent_id", arrow::Type::INT64) && is("time", arrow::Type::TIMESTAMP) &&
         is("source", arrow::Type::STRING) && is("type", arrow::Type::STRING) && is("strategy", arrow::Type::STRING) &&
         is("payload", arrow::Type::STRING);
}

/// What append_events will take.
std::uint64_t unpacked_size(const arrow::RecordBatch& batch) {
  std::int64_t bytes = batch.num_rows() * static_cast<std::int64_t>(sizeof(EventTrace));
  for (const char* name : {"source", "type", "strategy", "payload"}) bytes += column<arrow::StringArray>(batch, name).total_values_length();
  return static_cast<std::uint64_t>(bytes);
}

void append_events(const arrow::RecordBatch& batch, std::vector<EventTrace>& events) {
  const auto& id = column<arrow::Int64Array>(batch, "event_id");
  const auto& parent = column<arrow::Int64Array>(batch, "parent_id");
  const auto& time = column<arrow::TimestampArray>(batch, "time");
  const auto& source = column<arrow::StringArray>(batch, "source");
  const auto& type = column<arrow::StringArray>(batch, "type");
  const auto& strategy = column<arrow::StringArray>(batch, "strategy");
  const auto& payload = column<arrow::StringArray>(batch, "payload");
  for (std::int64_t i = 0; i < batch.num_rows(); ++i)
    events.push_back({id.Value(i), parent.IsNull(i) ? -1 : parent.Value(i), time.Value(i), source.GetString(i), type.GetString(i),
                      strategy.GetString(i), payload.GetString(i)});
}

}  // namespace

Status write_traces(const Path& root, const std::string& run_id, std::span<const EventTrace> events) {
  TRADEWIND_TRY(check_order(events));
  TRADEWIND_ASSIGN(const std::string bytes, encode_events(events, kTraces));
  return write_event_documents(root, run_id, static_cast<std::int64_t>(events.size()), kTraces,
                               {{kTraces, bytes}, {kIndex, index_of(events).dump(1) + "\n"}});
}

Result<std::vector<EventTrace>> read_traces(const Path& root, const std::string& run_id, const std::string& strategy) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const Path path = root / run_id / kTraces;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return Error(Errc::not_found, "run '" + run_id + "' has no event traces", path.string(),
                 "record them by tradewind replay " + run_id + " … --trace");
  return guarded(path, Errc::corrupt, [&]() -> Result<std::vector<EventTrace>> {
    TRADEWIND_ARROW_ASSIGN(const auto file, arrow::io::ReadableFile::Open(path.string()), path, Errc::storage);
    Expansion expansion = Expansion::of(path);
    ArrowPool pool(arrow::default_memory_pool(), expansion.allowed());
    parquet::ReaderProperties properties(&pool);
    properties.set_page_checksum_verification(true);
    TRADEWIND_ARROW_ASSIGN(const auto reader, parquet::arrow::FileReader::Make(&pool, parquet::ParquetFileReader::Open(file, properties)),
                           path, Errc::corrupt);
    TRADEWIND_ARROW_ASSIGN(const auto batches, reader->GetRecordBatchReader(), path, Errc::corrupt);
    std::vector<EventTrace> events;
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      TRADEWIND_ARROW_TRY(batches->ReadNext(&batch), path, Errc::corrupt);
      if (!batch) break;
      if (!well_formed(*batch)) return Error(Errc::corrupt, "the event traces have other columns than were written", path.string());
      TRADEWIND_TRY(expansion.take(unpacked_size(*batch)));
      append_events(*batch, events);
    }
    // Lineage walks from event to cause: only an order without cycles ends.
    if (const auto good = check_order(events); !good)
      return Error(Errc::corrupt, "the event traces are damaged: " + good.error().message(), path.string() + ", " + good.error().where());
    if (!strategy.empty()) std::erase_if(events, [&](const EventTrace& event) { return event.strategy != strategy; });
    return events;
  });
}

Result<Lineage> trace_event(const Path& root, const std::string& run_id, std::int64_t event_id) {
  TRADEWIND_ASSIGN(const std::vector<EventTrace> events, read_traces(root, run_id));
  const auto find = [&](std::int64_t id) {
    const auto at = std::lower_bound(events.begin(), events.end(), id,
                                     [](const EventTrace& event, std::int64_t wanted) { return event.event_id < wanted; });
    return at != events.end() && at->event_id == id ? at : events.end();
  };
  const auto at = find(event_id);
  if (at == events.end())
    return Error(Errc::not_found, "run '" + run_id + "' has no event " + std::to_string(event_id), {},
                 events.empty()
                     ? "nothing happened to the strategies that were recorded; tradewind replay " + run_id + " ID --trace records another"
                     : "ids run from " + std::to_string(events.front().event_id) + " to " + std::to_string(events.back().event_id));
  Lineage lineage;
  lineage.event = *at;
  for (auto cause = find(at->parent_id); cause != events.end(); cause = find(cause->parent_id))
    lineage.ancestors.insert(lineage.ancestors.begin(), *cause);
  std::unordered_set<std::int64_t> caused = {event_id};
  for (auto later = at + 1; later != events.end(); ++later) {
    if (!caused.contains(later->parent_id)) continue;
    caused.insert(later->event_id);
    lineage.descendants.push_back(*later);
  }
  return lineage;
}

}  // namespace tradewind::workspace
