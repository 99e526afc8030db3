// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {

/// A session's journal to look into. Errors: Errc::not_found with what starts one; as the journal's.
Result<std::unique_ptr<execution::SqliteJournal>> open_to_read(const SessionFiles& files, const std::string& session);

/// {name: figures} of the report a session stored last; empty for what is damaged.
Json strategies_of(const Json& stored);
/// {strategy: why its analysis says not to trade it} of these.
std::map<std::string, std::string> unqualified_of(const Json& strategies);

}  // namespace tradewind::live
