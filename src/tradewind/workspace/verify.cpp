// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "tradewind/base/hash.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::workspace {
namespace {

class Verification {
 public:
  explicit Verification(Path folder) : folder_(std::move(folder)) {}

  VerifyReport run() {
    check_metadata();
    check_catalog();
    list_unprotected();
    return std::move(report_);
  }

 private:
  void fault(const std::string& path, const std::string& what) { report_.faults.push_back({path, what}); }

  void check_sum(const std::string& path, const std::string& sum) {
    if (!checked_.insert(path).second) return;
    ++report_.checked;
    if (path.starts_with("/") || path.find("..") != std::string::npos) return fault(path, "the checksum list names a file outside the run");
    const auto actual = sha256_file(folder_ / path);
    if (!actual)
      fault(path, actual.error().code() == Errc::not_found ? "is missing" : actual.error().message());
    else if (*actual != sum)
      fault(path, "its bytes are not what was written");
  }

  void check_metadata() {
    std::error_code ignored;
    if (!std::filesystem::exists(folder_ / "metadata.json", ignored)) return;
    checked_.insert("metadata.json");
    ++report_.checked;
    const auto text = read_file(folder_ / "metadata.json");
    if (!text) return fault("metadata.json", text.error().message());
    if (!is_intact(*text)) fault("metadata.json", "its bytes are not what was written");
    const auto parsed = parse_run_metadata(*text);
    if (!parsed) return fault("metadata.json", parsed.error().message());
    for (const auto& [path, sum] : parsed->checksums) check_sum(path, sum);
  }

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
      if (!entry.is_regular_file(none)) continue;
      const std::string path = entry.path().lexically_relative(folder_).string();
      const auto extension = entry.path().extension();
      if (extension == ".tmp" || (extension == ".writer" && path.starts_with("catalog/")) || checked_.contains(path)) continue;
      found.insert(path);
    }
    report_.unprotected.assign(found.begin(), found.end());
  }

  Path folder_;
  std::set<std::string> checked_;
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
