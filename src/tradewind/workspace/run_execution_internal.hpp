// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// `execution` of metadata.json; null for a run without data.
Json execution_json(const RunExecution& execution);
/// The same back, and what runs of before 0.2 say instead: the configuration of a sweep, with which replays and sessions were dressed
/// too. `run` has its other fields already. Of a value that is none of its kind the default is kept.
RunExecution execution_from(const Json& metadata, const RunMetadata& run);

}  // namespace tradewind::workspace
