// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/settings.hpp"

#include "tradewind/config/reader.hpp"

namespace tradewind::commands {

Result<Settings> load_settings(const Path& path) {
  const Path file = path.empty() ? Path("tradewind.yaml") : path;
  if (path.empty() && !std::filesystem::exists(file)) return Settings{};
  TRADEWIND_ASSIGN(const config::Value document, config::load_config(file));
  config::Complaints complaints(file.string());
  config::MapReader reader(document, "", complaints);
  Settings settings;
  if (reader.has("workspace")) {
    const Path folder = reader.text("workspace");
    settings.workspace = (folder.is_absolute() ? folder : file.parent_path() / folder).string();
  }
  if (reader.has("threads")) settings.threads = static_cast<int>(reader.number("threads", 0, 0, 1024));
  if (reader.has("json")) settings.json = reader.boolean("json", false);
  if (reader.has("quiet")) settings.quiet = reader.boolean("quiet", false);
  reader.finish();
  TRADEWIND_TRY(complaints.status());
  return settings;
}

}  // namespace tradewind::commands
