// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/consensus.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// Where signals go: a folder with its own Parquet file per strategy, or many strategies in one Parquet segment.
enum class Layout : std::uint8_t { files, packed };

struct RunWriterOptions {
  std::string writer = "w0";  ///< unique among the writers of a run
  Layout layout = Layout::files;
  std::vector<std::string> metric_columns;  ///< what SignalMetadata::values[i] holds; one list for the whole writer
  /// What must be the same for all that is written to one run, by name: "commission" → "0.001", "data SPY" → SHA-256. A run that holds a
  /// name with another value is refused.
  std::map<std::string, std::string> conditions = {};
  /// strategy_key of every strategy the writer will write, so that one which another writer of the run holds is refused at the start.
  /// Strategies that are not announced are looked at when they are added.
  std::vector<std::uint64_t> strategies = {};
};

/// What a strategy's id is reserved under: 64-bit FNV-1a.
std::uint64_t strategy_key(std::string_view strategy_id) noexcept;

/// Collects a batch of strategies; their signals stream to a temporary file as they come, so memory stays flat.
/// One builder belongs to one thread; several builders may be filled at once. Dropped without add, it leaves nothing behind.
class SegmentBuilder {
 public:
  SegmentBuilder(SegmentBuilder&&) noexcept;
  SegmentBuilder& operator=(SegmentBuilder&&) noexcept;
  ~SegmentBuilder();

  /// Adds a strategy and its signals. `ordinal` is its place in the sweep: unique in this writer, ascending within one builder,
  /// below kMaxOrdinal. Errc::invalid_data when the signals are not sparse signals or disagree with `signal_changes`.
  Status append(std::int32_t ordinal, const SignalMetadata& metadata, const SignalView& signals);
  /// Adds a strategy of which only the row is kept.
  Status append(std::int32_t ordinal, const SignalMetadata& metadata);
  std::size_t size() const noexcept;

  /// Ends the file and puts its bytes on disk. Optional: add() does it; doing it on the worker thread overlaps the disk's work.
  Status close();

 private:
  friend class RunWriter;
  friend struct Repacking;
  struct State;
  explicit SegmentBuilder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Ordinals of one writer lie in [0, kMaxOrdinal); a further concurrent writer of the run gets its own block of that size.
inline constexpr std::int32_t kMaxOrdinal = 1 << 24;

/// Writes one run. Nothing is visible to readers before commit(), and what commit() acknowledged survives a crash or power loss.
/// Not thread-safe except for new_segment(). Errors leave what was committed before untouched; the call may be repeated.
class RunWriter {
 public:
  /// Starts a run, or a further writer of an existing one. Errc::already_exists when the writer's name is taken or another writer of the
  /// run has announced one of `options.strategies`, even in the same moment; Errc::invalid_config when the run was written under other
  /// conditions (so do resume and write_metadata).
  static Result<RunWriter> create(const Path& root, const std::string& run_id, RunWriterOptions options);
  /// Goes on with an interrupted run of the same writer name; removes what a crash left behind. Starts the run when it never was.
  /// Errc::already_exists while another process still writes under that name.
  static Result<RunWriter> resume(const Path& root, const std::string& run_id, RunWriterOptions options);

  RunWriter(RunWriter&&) noexcept;
  RunWriter& operator=(RunWriter&&) noexcept;
  ~RunWriter();

  /// parameter_hash of every strategy this writer has committed.
  const std::unordered_set<std::uint64_t>& committed() const noexcept;
  /// Of those, the ones whose signals are stored.
  const std::unordered_set<std::uint64_t>& with_signals() const noexcept;

  /// An empty builder. Thread-safe.
  SegmentBuilder new_segment() const;
  /// Takes a builder's strategies into the next commit. Call in an order that does not depend on thread timing: it names the segments.
  /// Errc::already_exists for a strategy_id that this run has already, or that another writer of it is writing.
  Status add(SegmentBuilder&& segment);
  /// Takes a builder's signals for strategies whose rows were committed without (the second pass of `top:N`).
  Status attach(SegmentBuilder&& segment);
  /// Makes everything added since the last commit durable and visible, all or nothing. Does nothing when nothing was added.
  Status commit();

  /// classifiers/{id}/{metadata.json,states.parquet,transitions.json}. Errc::invalid_data for states that are not sparse.
  Status write_classifier(const ClassifierMetadata& metadata, const StateView& states);
  /// A file for the consensus of the classifiers; `columns` names the posteriors, classifier by classifier, without the symbol.
  Result<ConsensusBuilder> new_consensus(std::vector<std::string> columns) const;
  /// classifiers/combined/consensus_regimes.parquet, durable; later writers of a run put their name into the file's.
  Status add(ConsensusBuilder&& consensus);
  /// metadata.json as given, e.g. with status "running" at the start, so that an interrupted run says what it was. Of a run with
  /// several writers it keeps the first one's configuration, lists the others' beside it and unites their symbols and data.
  Status write_metadata(const RunMetadata& metadata);
  /// Commits, merges this writer's catalog segments into one and writes summary/*.json and metadata.json. What the catalog knows
  /// (totals, best strategy, signal and classifier files, layout) replaces what `metadata` says. Gives the metadata written.
  Result<RunMetadata> finish(RunMetadata metadata);

  const Path& folder() const noexcept;  ///< {root}/{run_id}

 private:
  struct State;
  explicit RunWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tradewind::workspace
