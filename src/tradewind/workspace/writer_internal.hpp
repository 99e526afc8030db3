// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/documents_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::workspace {

inline constexpr const char* kSegmentFolder = "signals/_segments";
/// Key of a packed segment's footer: its catalog rows as base64 of an Arrow IPC file, so that the catalog can be rebuilt.
inline constexpr const char* kEmbeddedCatalog = "tradewind.catalog";

/// A writer's name taken for as long as the object lives: a file `catalog/{writer}.{block}.writer`, locked.
/// `block` gives the writer its range of ordinals. The file holds the keys of the strategies that are the writer's own: they stay its own
/// when it died, so that it can go on. Names and keys are given out in turns, so of two writers that start together one
/// sees the other.
class Claim {
 public:
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&& other) noexcept;
  ~Claim();
  /// Takes a new name for the strategies given; Errc::already_exists.
  static Result<Claim> create(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies);
  /// Takes a name again whose process is gone, or a new one. Errc::already_exists while it lives.
  static Result<Claim> resume(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies);
  /// Makes further strategies this writer's own. Errc::already_exists when one is another writer's.
  Status reserve(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies);
  /// Locks every name of a run, so that upkeep has it alone. Errc::already_exists while a writer lives.
  static Result<std::vector<Claim>> all(const Path& catalog);
  /// Waits for this process's turn at what the writers of a run share; it lasts as long as the claim.
  static Result<Claim> turn(const Path& catalog);
  int block() const { return block_; }
  /// Whether a claim's file holds whole batches of keys.
  static bool intact(std::string_view bytes);
  /// Names taken in a run. Holds for as long as the caller has its turn.
  static std::size_t count(const Path& catalog);

 private:
  Claim(int fd, int block) : fd_(fd), block_(block) {}
  static Result<Claim> take(const Path& catalog, const std::string& writer, std::span<const std::uint64_t> strategies, bool may_exist);
  Status append(std::span<const std::uint64_t> strategies, const Path& catalog) const;
  int fd_;
  int block_;
};

/// What a builder holds until its commit.
struct SegmentBuilder::State {
  Path folder;
  Layout layout = Layout::files;
  std::shared_ptr<const std::vector<std::string>> metric_columns;
  std::int32_t first_ordinal = 0;
  Path temporary;      ///< of the packed segment
  std::string marker;  ///< before ".tmp" in the temporary names of single files: no two builders of a run write to one name

  std::vector<CatalogRow> rows;
  std::optional<SignalWriter> writer;
  Signals group;  ///< rows of the row group being filled
  std::vector<std::int32_t> strategy;
  std::size_t group_strategies = 0;
  std::int32_t groups = 0;
  Checksums files;                    ///< by path in the run; a packed segment has none before it is named
  std::vector<std::string> unplaced;  ///< of those, still under their temporary names
  std::string segment_sum;
  std::string segment_path;  ///< in the run, once named
  bool closed = false;
  bool placed = false;

  ~State();
  Status check(std::int32_t ordinal, const SignalMetadata& metadata) const;
  Status append_packed(const CatalogRow& row, const SignalView& signals);
  Status append_files(const CatalogRow& row, const SignalView& signals);
  Status flush_group();
  Status close();
  /// Gives the files their names, durable; may be repeated after an error.
  Status place();
};

struct RunWriter::State {
  Path folder;
  std::string run_id;
  RunWriterOptions options;
  std::shared_ptr<const std::vector<std::string>> metric_columns;
  Claim claim;
  std::unordered_set<std::uint64_t> committed;
  std::unordered_set<std::uint64_t> with_signals;
  std::unordered_set<std::string> ids;
  std::vector<std::unique_ptr<SegmentBuilder::State>> pending;
  std::vector<std::unique_ptr<SegmentBuilder::State>> attached;
  Checksums other_files;  ///< classifiers and summaries
  int next_segment = 0;
  int next_catalog = 0;
  mutable std::atomic<int> builders{0};

  State(Claim taken) : claim(std::move(taken)) {}
  Status load();
  Status reserve(std::span<const CatalogRow> rows);
  Status remove_leftovers(const std::set<std::string>& referenced);
  Status take(SegmentBuilder&& segment, bool attach);
  Result<std::vector<CatalogRow>> with_attached(std::vector<std::string>& supersedes, Checksums& sums);
  Status compact();
  /// Takes over the checksums that other writers of the run have put into metadata.json since, and gives `metadata` united with theirs.
  Result<RunMetadata> learn(RunMetadata metadata);
};

/// fsync of every folder that holds one of the files, and of `signals` when strategies' own folders are among them.
Status sync_folders(const Path& folder, const Checksums& files);

/// Supersedes lists grow by what the superseded ones superseded, so that no number is used twice.
std::vector<std::string> superseding(std::span<const CatalogTable> tables);
/// Next free number of a writer's catalog segments.
int next_number(std::span<const CatalogTable> tables, const std::string& writer);

/// summary/*.json of a run. Fills what the catalog knows into `metadata`.
/// For each classifier that `regimes` lists by id: the best strategies of its symbol in each of its regimes and its score, how much of the
/// variance of their bars' returns its labels tell, less what as many labels tell by chance: the mean of ω² [Hays 1963] over them, from the
/// catalog's columns. The classifier with the highest score is the run's best one; a run whose classifiers have none keeps what it says.
void add_best_by_regime(std::span<const CatalogRow> rows, std::span<const std::string> metric_columns, RunMetadata& metadata,
                        nlohmann::ordered_json& regimes);

Documents summaries(const Path& folder, std::span<const CatalogRow> rows, std::span<const std::string> metric_columns,
                    RunMetadata& metadata);
}  // namespace tradewind::workspace
