// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind {

using Path = std::filesystem::path;

/// What the operating system refused, by errno, with the remedy where one is known: Errc::not_found or Errc::storage.
Error system_error(std::string_view action, const Path& path, int code);

/// Whether there is a file or folder of that name; false where the system does not say.
bool is_there(const Path& path) noexcept;

/// The whole file; refuses files above `limit` bytes.
Result<std::string> read_file(const Path& path, std::uintmax_t limit = std::uintmax_t{1} << 32);

/// Replaces or creates a file so that after a crash or power loss it holds either the old or the new bytes, whole:
/// temporary file, fsync, rename, fsync of the folder. The bytes are on disk when this returns.
Status write_file_durable(const Path& path, std::string_view bytes);

/// Writes `<path>.tmp`, synced to disk but not yet visible under its name; commit_file makes it so.
/// Without `sync` the caller syncs later, many files at once, by sync_file_system.
Status stage_file(const Path& path, std::string_view bytes, bool sync = true);
/// Renames `<path>.tmp` to `path` and syncs the folder.
Status commit_file(const Path& path);

/// fsync of a file or folder.
Status sync_path(const Path& path);
/// Puts everything written so far to the file system that holds `folder` on disk: one call for many files [syncfs(2); reports write errors
/// since Linux 5.8].
Status sync_file_system(const Path& folder);
/// Creates a folder and its parents, synced so that they survive a power loss.
Status make_directories(const Path& path);

}  // namespace tradewind
