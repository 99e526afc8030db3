// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tradewind::cli {

/// Completion script for `shell` (bash, zsh, fish), made from the application's own commands and options; run ids are asked of the
/// workspace at completion time.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace tradewind::cli
