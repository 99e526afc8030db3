// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string_view>
#include <unordered_map>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

class Verification {
 public:
  explicit Verification(Path folder) : folder_(std::move(folder)) {}

  VerifyReport run() {
    check_metadata();
    check_catalog();
    check_claims();
    list_unprotected();
    return std::move(report_);
  }

 private:
  void fault(const std::string& path, const std::string& what) { report_.faults.push_back({path, what}); }

  void check_sum(const std::string& path, const std::string& sum) {
    if (!checked_.insert(path).second) return;
    ++report_.checked;
    if (!is_inside(path)) return fault(path, "the checksum list names a file outside the run");
    const auto actual = sha256_file(folder_ / path);
    if (!actual)
      fault(path, actual.error().code() == Errc::not_found ? "is missing" : actual.error().message());
    else if (*actual != sum)
      fault(path, "its bytes are not what was written");
  }

  void check_metadata() {
    std::error_code ignored;
    if (!std::filesystem::exists(folder_ / "metadata.json", ignored)) {
      // A summary gets its name after metadata.json: where one is, the run was finished.
      if (std::filesystem::exists(folder_ / "summary/performance_summary.json", ignored)) fault("metadata.json", "is missing");
      return;
    }
    checked_.insert("metadata.json");
    ++report_.checked;
    const auto text = read_file(folder_ / "metadata.json");
    if (!text) return fault("metadata.json", text.error().message());
    if (!is_intact(*text)) fault("metadata.json", "its bytes are not what was written");
    const auto parsed = parse_unchecked_run_metadata(*text);
    if (!parsed) return fault("metadata.json", parsed.error().message());
    for (const auto& [path, sum] : parsed->checksums) {
      if (is_inside(path) && find_document(folder_, path, sum)) {
        ++report_.checked;
        checked_.insert(path);
      } else {
        check_sum(path, sum);
      }
    }
    segments_ = parsed->metadata.catalog;
  }

  static bool is_inside(const std::string& path) { return !path.starts_with("/") && path.find("..") == std::string::npos; }

  void check_catalog() {
    const auto live = open_catalog(folder_);
    std::set<std::string> names;
    if (live)
      for (const CatalogTable& table : *live) names.insert(table.name());
    std::set<std::string> present;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "catalog", none))
      if (entry.path().extension() == ".arrow" && split_segment_name(entry.path().filename().string()).second >= 0)
        present.insert(entry.path().filename().string());
    for (const std::string& name : present) check_segment(name, !live || names.contains(name));
    if (!live)
      fault("catalog", live.error().message());
    else
      for (const CatalogTable& table : *live) check_covered(table);
    if (live) check_complete(*live);
    if (live) check_unique(*live);
  }

  /// A deleted segment is known by the checksum list it leaves behind.
  void name_missing(const std::set<std::string>& known, std::size_t held, std::size_t noted) {
    bool named = false;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "catalog", none)) {
      const std::string segment = entry.path().stem().string() + ".arrow";
      if (entry.path().extension() != ".sha256" || known.contains(segment)) continue;
      fault("catalog/" + segment, "is missing");
      named = true;
    }
    if (!named) fault("catalog", "holds " + std::to_string(held) + " of " + std::to_string(noted) + " strategies: a segment is missing");
  }

  /// The catalog holds as many strategies as metadata.json knows of, and every segment's writer is known.
  void check_complete(std::span<const CatalogTable> live) {
    std::set<std::string> known;
    std::set<std::string> writers = {"upkeep"};
    for (const CatalogTable& table : live) {
      known.insert(table.name());
      known.insert(table.supersedes().begin(), table.supersedes().end());
    }
    std::size_t held = 0;
    for (const CatalogTable& table : live) held += table.rows();
    std::size_t noted = 0;
    for (const std::string& segment : segments_)
      if (const double rows = parse_number(segment.substr(segment.rfind(' ') + 1)).value_or(0); rows > 0 && rows < 1e12)
        noted += static_cast<std::size_t>(rows);
    if (held < noted) name_missing(known, held, noted);
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "catalog", none))
      if (entry.path().extension() == ".writer")
        writers.insert(entry.path().filename().string().substr(0, entry.path().filename().string().find('.')));
    for (const CatalogTable& table : live)
      if (const std::string owner = split_segment_name(table.name()).first; !writers.contains(owner))
        fault("catalog/" + owner + ".*.writer", "is missing");
  }

  /// A strategy stands in one segment, under one number: no trial is counted twice.
  void check_unique(std::span<const CatalogTable> live) {
    std::unordered_map<std::string_view, const CatalogTable*> ids;
    std::unordered_map<std::int64_t, const CatalogTable*> ordinals;
    for (const CatalogTable& table : live) {
      if (!table.pages().check_all()) continue;  // damaged, which its checksum has shown
      const int id = table.find("strategy_id"), ordinal = table.find("ordinal");
      std::int64_t twice = 0, numbered_twice = 0;
      std::string example, other;
      for (std::size_t r = 0; r < table.rows(); ++r) {
        const auto [first, fresh] = ids.try_emplace(table.text(id, r), &table);
        if (!fresh && twice++ == 0) example = table.text(id, r), other = first->second->name();
        numbered_twice += !ordinals.try_emplace(table.integer(ordinal, r), &table).second;
      }
      if (twice > 0)
        fault("catalog/" + table.name(),
              std::to_string(twice) + " of its strategies are there already, e.g. '" + printable(example) + "' in catalog/" + other);
      else if (numbered_twice > 0)
        fault("catalog/" + table.name(), std::to_string(numbered_twice) + " of its strategies have another's number");
    }
  }

  void check_claims() {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "catalog", none)) {
      if (entry.path().extension() != ".writer") continue;
      const std::string path = "catalog/" + entry.path().filename().string();
      checked_.insert(path);
      ++report_.checked;
      const auto bytes = read_file(entry.path());
      if (!bytes || !Claim::intact(*bytes)) fault(path, "its bytes are not what was written");
    }
  }

  void check_segment(const std::string& name, bool live) {
    const Path segment = folder_ / "catalog" / name;
    const std::string list = "catalog/" + checksum_file(segment).filename().string();
    checked_.insert(list);
    ++report_.checked;
    const auto sums = read_checksums(segment);
    if (!sums) return fault(list, sums.error().message());
    if (!sums->contains("catalog/" + name)) fault(list, "does not name its catalog segment");
    for (const auto& [path, sum] : *sums)
      if (live || path == "catalog/" + name) check_sum(path, sum);
  }

  /// Every data file the catalog points to must have been checked, so that no line can be lost unseen.
  void check_covered(const CatalogTable& table) {
    const int column = table.find("signals_path");
    std::set<std::string> paths;
    for (std::size_t r = 0; r < table.rows(); ++r)
      if (!table.is_null(column, r)) paths.emplace(table.text(column, r));
    for (const std::string& path : paths) {
      const std::string folder = path.substr(0, path.rfind('/') + 1);
      if (!checked_.contains(path)) fault(path, "has no checksum");
      if (path.ends_with("/signals.parquet"))
        for (const auto* name : {"metadata.json", "performance.json"})
          if (!checked_.contains(folder + name)) fault(folder + name, "has no checksum");
    }
  }

  void list_unprotected() {
    std::error_code none;
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_, none)) {
      const std::string path = entry.path().lexically_relative(folder_).string();
      if (entry.is_symlink(none)) fault(path, "is a symbolic link");
      if (!entry.is_regular_file(none)) continue;
      const auto extension = entry.path().extension();
      if (extension == ".tmp" || checked_.contains(path)) continue;
      found.insert(path);
    }
    report_.unprotected.assign(found.begin(), found.end());
  }

  Path folder_;
  std::set<std::string> checked_;
  std::vector<std::string> segments_;  ///< of the catalog, as metadata.json lists them
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify(const Path& root, const std::string& run_id) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const auto metadata = read_run_metadata(root, run_id);
  if (!metadata && metadata.error().code() != Errc::corrupt) return metadata.error();
  return Verification(root / run_id).run();
}

}  // namespace tradewind::workspace
