// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/event_trace.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::workspace {

/// Writes events/traces.parquet (zstd, ordered by event_id) and events/index.json (row group of every range of ids, and each strategy's
/// ids), durable and covered by the run's checksums; sets the run's event count. Replaces what was there.
/// Errors: Errc::invalid_data for ids that do not ascend or a parent that is not before its child.
Status write_traces(const Path& root, const std::string& run_id, std::span<const EventTrace> events);

/// Events in order of id: all, or those of one strategy. Errc::not_found when the run has no traces.
Result<std::vector<EventTrace>> read_traces(const Path& root, const std::string& run_id, const std::string& strategy = {});

/// The lineage of one event: its ancestors from the first cause down, itself, and everything it caused, in order of id.
/// Errc::not_found for an unknown event.
struct Lineage {
  std::vector<EventTrace> ancestors;
  EventTrace event;
  std::vector<EventTrace> descendants;
};
Result<Lineage> trace_event(const Path& root, const std::string& run_id, std::int64_t event_id);

}  // namespace tradewind::workspace
