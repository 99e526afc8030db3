// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/documents_internal.hpp"

#include <set>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::workspace {
namespace {

Path staged(const Path& file) { return file.string() + ".tmp"; }

Status stage(const Path& folder, const Documents& documents) {
  std::set<Path> folders;
  for (const auto& [path, text] : documents) {
    const Path file = folder / path;
    TRADEWIND_TRY(make_directories(file.parent_path()));
    TRADEWIND_TRY(stage_file(file, text));
    folders.insert(file.parent_path());
  }
  for (const Path& each : folders) TRADEWIND_TRY(sync_path(each));
  return {};
}

Result<ParsedRunMetadata> parsed_metadata(const Path& folder) {
  TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json"));
  auto parsed = parse_run_metadata(text);
  if (!parsed) return parsed.error().with_where((folder / "metadata.json").string());
  return parsed;
}

}  // namespace

Status settle_documents(const Path& folder, const Checksums& sums) {
  for (const auto& [path, sum] : sums) {
    const Path file = folder / path;
    if (!is_there(staged(file))) continue;
    const auto there = sha256_file(file);
    if (there && *there == sum) continue;
    const auto waiting = sha256_file(staged(file));
    if (waiting && *waiting == sum) TRADEWIND_TRY(commit_file(file));
  }
  return {};
}

Status commit_documents(const Path& folder, const RunMetadata& metadata, Checksums& sums, const Documents& documents) {
  // What an earlier commit left beside its documents must have their names before the temporary names are used again.
  if (const auto before = parsed_metadata(folder)) TRADEWIND_TRY(settle_documents(folder, before->checksums));
  Status done = stage(folder, documents);
  std::string listed;
  if (done) {
    for (const auto& [path, text] : documents) sums[path] = sha256_hex(text);
    listed = run_metadata_json(metadata, sums);
    done = write_file_durable(folder / "metadata.json", listed);
  }
  if (!done) {
    // A failure behind the rename, at the sync of the folder, leaves the new list: what it lists must stay.
    const auto now = read_file(folder / "metadata.json");
    std::error_code ignored;
    if (listed.empty() || !now || *now != listed)
      for (const auto& [path, text] : documents) std::filesystem::remove(staged(folder / path), ignored);
    return done;
  }
  for (const auto& [path, text] : documents) TRADEWIND_TRY(commit_file(folder / path));
  return {};
}

Result<Path> find_document(const Path& folder, const std::string& path, const std::string& sum) {
  const Path file = folder / path;
  const auto actual = sha256_file(file);
  if (actual && *actual == sum) return file;
  if (const auto waiting = sha256_file(staged(file)); waiting && *waiting == sum) return staged(file);
  if (!actual) return actual.error();
  return Error(Errc::corrupt, "its bytes are not what was written", file.string());
}

Result<std::string> read_document(const Path& root, const std::string& run_id, const std::string& path) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const Path folder = root / run_id;
  for (int attempt = 0;; ++attempt) {
    if (!is_there(folder / path) && !is_there(staged(folder / path)))
      return Error(Errc::not_found, "run '" + run_id + "' has no " + path, (folder / path).string());
    TRADEWIND_ASSIGN(const ParsedRunMetadata parsed, parsed_metadata(folder));
    const auto listed = parsed.checksums.find(path);
    if (listed == parsed.checksums.end()) return Error(Errc::corrupt, "no checksum covers it", (folder / path).string());
    for (const Path& place : {folder / path, staged(folder / path)})
      if (auto text = read_file(place); text && sha256_hex(*text) == listed->second) return text;
    // It may have been replaced since the list was read.
    const auto again = parsed_metadata(folder);
    const auto now = again ? again->checksums.find(path) : parsed.checksums.end();
    const bool changed = again && (now == again->checksums.end() || now->second != listed->second);
    if (!changed || attempt == 10) return Error(Errc::corrupt, "its bytes are not what was written", (folder / path).string());
  }
}

Status refuse_links(const Path& folder) {
  std::error_code none;
  const auto check = [](const std::filesystem::directory_entry& entry) -> Status {
    std::error_code unknown;
    if (!entry.is_symlink(unknown)) return {};
    return Error(Errc::corrupt, "a symbolic link stands in the run, and what is changed through it would be elsewhere",
                 entry.path().string(), "put the folder or file itself in its place");
  };
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    TRADEWIND_TRY(check(entry));
    std::error_code unknown;
    if (!entry.is_directory(unknown)) continue;
    for (const auto& inner : std::filesystem::directory_iterator(entry.path(), unknown)) TRADEWIND_TRY(check(inner));
  }
  return {};
}

}  // namespace tradewind::workspace
