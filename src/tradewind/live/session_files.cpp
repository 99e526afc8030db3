// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session.hpp"

namespace tradewind::live {

SessionFiles SessionFiles::of(const Path& workspace, const std::string& session) {
  const Path folder = workspace / "_live" / session;
  return {folder, folder / "journal.sqlite", folder / "venue.sqlite", folder / "HALT", folder / "session.log"};
}

Status SessionFiles::make_folder() const {
  TRADEWIND_TRY(make_directories(folder));
  std::error_code failed;
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  if (failed) return system_error("closing the session's folder to others", folder, failed.value());
  return {};
}

std::string newest_session(const Path& workspace) {
  std::error_code ignored;
  std::string newest;
  std::filesystem::file_time_type latest{};
  for (const auto& entry : std::filesystem::directory_iterator(workspace / "_live", ignored)) {
    const SessionFiles files = SessionFiles::of(workspace, entry.path().filename().string());
    std::error_code missing;
    auto written = std::filesystem::last_write_time(files.journal, missing);
    if (missing) continue;
    const auto log = std::filesystem::last_write_time(files.journal.string() + "-wal", missing);
    if (!missing) written = std::max(written, log);
    if (!newest.empty() && written < latest) continue;
    latest = written;
    newest = entry.path().filename().string();
  }
  return newest;
}

}  // namespace tradewind::live
