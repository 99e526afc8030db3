// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tradewind/base/file.hpp"

namespace tradewind::commands {

/// Defaults of the global options, as a settings file gives them; what it leaves out stays empty.
struct Settings {
  std::optional<std::string> workspace;
  std::optional<int> threads;
  std::optional<bool> json;
  std::optional<bool> quiet;
};

/// Reads `path`, or ./tradewind.yaml when it is empty and that file exists. Relative workspaces are taken from the file's folder.
/// Errors: Errc::invalid_config with every complaint; Errc::not_found for a file that was named.
Result<Settings> load_settings(const Path& path);

}  // namespace tradewind::commands
