// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// A run of a workspace: its metadata, or why it cannot be read.
struct RunEntry {
  std::string run_id;
  RunMetadata metadata;
  std::optional<Error> fault;
};

/// Every run below `root`, ordered by id. A damaged run is an entry with its fault and never hides the others.
/// A folder without metadata.json but with a catalog is an interrupted run. Errc::not_found when `root` is no folder.
Result<std::vector<RunEntry>> list_runs(const Path& root);

/// RunMetadata of one run. Errc::not_found, newer_format, corrupt.
Result<RunMetadata> read_run_metadata(const Path& root, const std::string& run_id);

/// A document of a finished run ("analytics/analysis.json") as it was written: its checksum is compared. Errc::not_found, corrupt.
Result<std::string> read_document(const Path& root, const std::string& run_id, const std::string& path);

/// Sparse states of a classifier, owned.
struct States {
  std::vector<UnixNanos> timestamp;
  std::vector<std::int8_t> state;
};

/// One run opened for reading: what was committed when it was opened. Thread-safe after opening.
class Run {
 public:
  static Result<Run> open(const Path& root, const std::string& run_id);
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  const Path& folder() const noexcept;
  const RunMetadata& metadata() const noexcept;
  /// Names of SignalMetadata::values.
  const std::vector<std::string>& metric_columns() const noexcept;
  std::size_t size() const noexcept;              ///< strategies
  std::vector<std::string> strategy_ids() const;  ///< by ordinal
  /// Metadata of the strategies named, or of all by ordinal when none is. Errc::not_found with the nearest id.
  Result<std::vector<SignalMetadata>> strategies(std::span<const std::string> ids = {}) const;

  /// Signals of the strategies named, in that order. Errc::not_found for an unknown id and for signals that were not kept.
  Result<std::vector<Signals>> load_signals(std::span<const std::string> ids) const;
  /// Calls `visit` for every strategy whose signals are stored, by segment and ordinal; the view is valid during the call only.
  using SignalVisitor = std::function<Status(std::string_view strategy_id, const SignalView& signals)>;
  Status visit_signals(const SignalVisitor& visit) const;

  Result<std::vector<ClassifierMetadata>> classifiers() const;  ///< by id
  /// The consensus of each symbol that has two classifiers or more, described like a classifier (`SPY.consensus`), by symbol.
  Result<std::vector<ClassifierMetadata>> consensus() const;
  /// Label, agreement and every classifier's posterior at each bar. Errc::not_found when the symbol has none.
  Result<ConsensusRegimes> load_consensus(const std::string& symbol) const;
  /// States of a classifier, or of a symbol's consensus by its id `SPY.consensus`.
  Result<States> load_states(const std::string& classifier_id) const;

 private:
  struct State;
  explicit Run(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tradewind::workspace
