// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

/// A run, whole or what an interruption left of one. A workspace may hold folders of other kinds.
Status check_run_folder(const Path& folder) {
  std::error_code none;
  if (std::filesystem::is_symlink(folder, none))
    return Error(Errc::corrupt, "the run is a symbolic link, and what is removed through it would be elsewhere", folder.string(),
                 "remove the link itself");
  if (!std::filesystem::is_directory(folder, none))
    return Error(Errc::not_found, "run '" + folder.filename().string() + "' is not there", folder.parent_path().string(),
                 "tradewind runs lists them");
  for (const char* part : {"metadata.json", "catalog", "signals"})
    if (is_there(folder / part)) return {};
  return Error(Errc::invalid_data, "the folder holds no run: neither metadata.json nor catalog nor signals", folder.string(),
               "what is no run is left alone");
}

}  // namespace

Result<RunSize> run_size(const Path& root, const std::string& run_id) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  TRADEWIND_TRY(check_run_folder(root / run_id));
  RunSize size;
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / run_id, none)) {
    if (entry.is_symlink(none) || !entry.is_regular_file(none)) continue;
    ++size.files;
    size.bytes += static_cast<std::int64_t>(entry.file_size(none));
  }
  return size;
}

Result<RunSize> delete_run(const Path& root, const std::string& run_id) {
  TRADEWIND_ASSIGN(const RunSize size, run_size(root, run_id));
  const Path folder = root / run_id;
  // A name that no run can have: what a crash leaves there is in nobody's way, and the next deletion removes it.
  const Path away = root / ("_deleted." + run_id);
  std::vector<Claim> claims;
  if (is_there(folder / "catalog")) {
    TRADEWIND_ASSIGN(claims, Claim::all(folder / "catalog"));
  }
  std::error_code failed;
  std::filesystem::remove_all(away, failed);
  if (!failed) std::filesystem::rename(folder, away, failed);
  if (failed) return Error(Errc::storage, "cannot remove the run: " + failed.message(), folder.string());
  TRADEWIND_TRY(sync_path(root));
  std::filesystem::remove_all(away, failed);
  if (failed)
    return Error(Errc::storage, "the run is gone, but not all of its files: " + failed.message(), away.string(), "remove what is left");
  return size;
}

}  // namespace tradewind::workspace
