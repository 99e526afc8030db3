// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/file.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/live/session.hpp"

namespace tradewind::live {

/// Whether the name of a session is free in the workspace or that of its own run: a run is replaced by nobody else. `journal` is null for a
/// session that has not begun. Errors: Errc::already_exists.
Status check_own_run(const Path& workspace, const std::string& session, const execution::SqliteJournal* journal);

/// Writes a session as a run of workflow_type "live", from its journal: every strategy's account is a series of its own (equity, starting
/// at 100), and its signal is +1 from the mark before its first position to the one after its last, so that replaying the signal over the
/// series gives the account's returns again. `scan`, `analyze` and `report` work on it as on every run; weights of an analysis are shares
/// of capital. An earlier run of the session is replaced in one step. Does nothing before the second mark. Errors: as RunWriter;
/// Errc::already_exists as check_own_run.
Status write_session_run(const Path& workspace, const std::string& session, const execution::SqliteJournal& journal);

}  // namespace tradewind::live
