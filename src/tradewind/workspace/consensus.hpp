// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// What a symbol's consensus is called where classifiers are named: "{symbol}.consensus".
std::string consensus_id(const std::string& symbol);

/// Writes the consensus of a run's classifiers, symbol after symbol; memory stays flat. RunWriter::add makes it part of the run; dropped
/// without, it leaves nothing behind.
class ConsensusBuilder {
 public:
  ConsensusBuilder(ConsensusBuilder&&) noexcept;
  ConsensusBuilder& operator=(ConsensusBuilder&&) noexcept;
  ~ConsensusBuilder();

  /// `metadata` describes the symbol's consensus as that of a classifier named consensus_id(symbol). Each symbol once.
  /// Errc::invalid_data for columns of different length, times that do not increase, or a state without label.
  Status append(const ClassifierMetadata& metadata, const ConsensusView& rows);

 private:
  friend class RunWriter;
  struct State;
  explicit ConsensusBuilder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tradewind::workspace
