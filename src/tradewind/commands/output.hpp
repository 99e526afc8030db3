// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/progress.hpp"

namespace tradewind::commands {

/// What a command has to say: the object of `--json` (its first key is `schema`) and the exit code.
/// A command that fails returns an Error instead; one whose answer is itself bad news (rejected rows, faults found)
/// returns its object with a non-zero exit code.
struct CommandOutput {
  Json json;
  int exit_code = 0;
};

/// What every command runs in.
struct Context {
  Path workspace = "workspaces";
  int threads = 0;  ///< 0: one per core
  Progress* progress = &silent_progress();
  const Cancellation* cancellation = nullptr;
  const Cancellation* kill = nullptr;  ///< the kill switch of a live session
};

/// {"schema": "tradewind.<name>/1"}
Json schema_object(std::string_view name);
/// {"schema": "tradewind.error/1", "code", "name", "message", "where", "hint"}
Json error_object(const Error& error);

}  // namespace tradewind::commands
