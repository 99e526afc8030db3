// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// Key-value metadata of a Parquet file, in file order.
using KeyValues = std::vector<std::pair<std::string, std::string>>;

/// What a `signals.parquet` says about its strategy: every scalar of SignalMetadata as text, metrics by column name (undefined: null).
KeyValues signal_key_values(const SignalMetadata& metadata, std::span<const std::string> metric_columns);

/// Whether the signals are sparse: columns of one length, time strictly increasing, signal −1, 0 or 1, confidence in [0, 1].
/// Errc::invalid_data.
Status check_signals(const SignalView& signals);

/// Writes one strategy's signals (timestamp[ns, UTC], int8, float32, zstd), durable.
Status write_signal_file(const Path& path, const SignalView& signals, const KeyValues& key_values);

struct SignalFile {
  Signals signals;
  KeyValues key_values;
};
/// Reads what write_signal_file or another tool wrote with those three columns. Errc::corrupt, invalid_data, newer_format, too_large.
Result<SignalFile> read_signal_file(const Path& path);

}  // namespace tradewind::workspace
