// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/consensus.hpp"
#include "tradewind/workspace/parquet_write_internal.hpp"

namespace tradewind::workspace {

inline constexpr const char* kCombinedFolder = "classifiers/combined";
/// Path in the run of what a writer calls the consensus: consensus_regimes.parquet for the first writer of a run, with the writer's
/// name for the others.
std::string consensus_path(const std::string& writer, bool first);

/// One symbol of a consensus file.
struct ConsensusPart {
  ClassifierMetadata metadata;
  int first_group = 0;
  int groups = 0;
};

struct ConsensusBuilder::State {
  Path path;
  Path temporary;
  std::vector<std::string> columns;
  std::vector<ConsensusPart> parts;
  int groups = 0;
  std::shared_ptr<HashedFile> file;
  std::unique_ptr<parquet::ParquetFileWriter> writer;

  ~State();
  static Result<std::unique_ptr<State>> open(const Path& path, std::vector<std::string> columns);
  /// Ends the file, durable, under its name. Gives its SHA-256.
  Result<std::string> close();
};

/// The symbols of every consensus file of a run, with the file each is in; a symbol in two of them counts in the first.
Result<std::map<std::string, std::pair<Path, ConsensusPart>>> consensus_parts(const Path& run_folder);
Result<ConsensusRegimes> read_consensus(const Path& path, const ConsensusPart& part);

}  // namespace tradewind::workspace
