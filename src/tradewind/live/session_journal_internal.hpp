// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tradewind/execution/journal.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {

/// A session's journal to look into. Errors: Errc::not_found with what starts one; as the journal's.
Result<std::unique_ptr<execution::SqliteJournal>> open_to_read(const SessionFiles& files, const std::string& session);

}  // namespace tradewind::live
