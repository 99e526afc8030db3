// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::workspace {

/// The exposure an ensemble wants to one symbol from the close of a bar on. Sparse: one entry per change; 0 before the first.
struct EnsembleSignal {
  UnixNanos timestamp = 0;
  std::string symbol;
  double exposure = 0;  ///< net, as a fraction of the equity; negative: short
  std::string regime;   ///< label of the regime in force; empty: unknown

  bool operator==(const EnsembleSignal&) const = default;
};

/// Writes signals/combined/ensemble_signals.parquet (timestamp[ns, UTC], symbol utf8, exposure double, regime utf8; zstd) of a finished
/// run, durable and covered by the run's checksums. Replaces what was there. Errors: Errc::invalid_data when times do not ascend, when a
/// symbol has two entries at one time, or for an exposure that is not finite.
Status write_ensemble_signals(const Path& root, const std::string& run_id, std::span<const EnsembleSignal> signals);

/// What write_ensemble_signals wrote. Errc::not_found when the run has none, corrupt.
Result<std::vector<EnsembleSignal>> read_ensemble_signals(const Path& root, const std::string& run_id);

}  // namespace tradewind::workspace
