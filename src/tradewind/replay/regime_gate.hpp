// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::replay {

/// In which regimes of a classifier of its own symbol a strategy is held. In the others it is flat; while the regime is unknown it is held.
struct RegimeGate {
  std::string classifier_id;
  std::vector<std::string> held_in;  ///< labels of the classifier
  bool operator==(const RegimeGate&) const = default;
};

/// The signals of a gated strategy: at the close of each bar its own signal where the regime known at that close is held, else 0. `labels`
/// are those of the states. A position that is closed by the gate and opened again pays its costs like any other. Sparse in, sparse out.
/// O(signals + states).
workspace::Signals gated_signals(const workspace::Signals& signals, const workspace::States& states, std::span<const std::string> labels,
                                 const RegimeGate& gate);

}  // namespace tradewind::replay
