// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tradewind::discovery {

/// One event of a run, as in `events/traces.parquet`. Lineage goes from a fill through its signal to its bar by `parent_id`.
struct EventTrace {
  std::int64_t event_id = 0;    ///< unique, ≥ 0
  std::int64_t parent_id = -1;  ///< the event that caused this one; −1: none
  std::int64_t time = 0;        ///< nanoseconds, UTC
  std::string source;           ///< the component that wrote it
  std::string type;             ///< "bar", "signal", "fill", …
  std::string strategy;         ///< strategy_id; empty when it belongs to none
  std::string payload;          ///< JSON object; of a fill, "cost" (if given) is what it cost as a fraction of equity
};

}  // namespace tradewind::discovery
