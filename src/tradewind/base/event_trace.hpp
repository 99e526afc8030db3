// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/base/time.hpp"

namespace tradewind {

/// One event of a run, as in `events/traces.parquet`: a link of the chain from a bar to the signal it made and the fill that followed, by
/// `parent_id`.
struct EventTrace {
  std::int64_t event_id = 0;    ///< unique in the run, ascending, ≥ 0
  std::int64_t parent_id = -1;  ///< the event that caused this one; −1: none
  UnixNanos time = 0;
  std::string source;    ///< symbol, strategy or execution
  std::string type;      ///< "bar", "signal", "fill", …
  std::string strategy;  ///< strategy_id; empty when it belongs to none
  std::string payload;   ///< JSON object, e.g. {"position": 1}; of a fill, "cost" (if given) is what it cost as a fraction of equity
};

}  // namespace tradewind
