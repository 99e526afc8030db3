// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::workspace {

/// One row of a foreign signals file, not yet checked. `strategy` is empty when the file has no such column.
struct SignalRow {
  UnixNanos timestamp = 0;
  double signal = 0;
  double confidence = 1;
  std::string_view strategy;
};

/// Takes the rows of a file as they are read; `number` counts data rows from 1.
class SignalRowSink {
 public:
  virtual ~SignalRowSink() = default;
  virtual Status begin(const Path& file) = 0;
  virtual Status row(std::int64_t number, const SignalRow& row) = 0;
  virtual Status end() = 0;
};

/// Errc::invalid_data with file, row, column; Errc::too_large for files that would not fit into memory.
Status read_signal_csv(const Path& file, SignalRowSink& sink);
Status read_signal_parquet(const Path& file, SignalRowSink& sink);

}  // namespace tradewind::workspace
