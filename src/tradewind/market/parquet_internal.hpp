// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/market/columns_internal.hpp"

namespace tradewind::market {

/// What a Parquet column holds, as far as this program is concerned.
enum class ParquetKind { number, integer, text, date, timestamp_utc, timestamp_local, unsupported };

/// One column in memory. Only the vector of its kind is filled; `valid` is empty when no value is null.
struct ParquetColumn {
  std::string name;
  ParquetKind kind = ParquetKind::unsupported;
  std::string type;                    ///< Arrow's name of the type, for messages
  std::vector<double> numbers;         ///< number: widened to double, null = NaN
  std::vector<std::int64_t> integers;  ///< integer: values; dates and timestamps: nanoseconds; null = 0
  std::vector<std::string> texts;      ///< text; null = ""
  std::vector<bool> valid;
  /// Timestamps outside 1677–2262 are marked here (row index), their value is 0.
  std::vector<std::size_t> out_of_range;

  bool is_valid(std::size_t row) const { return valid.empty() || valid[row]; }
};

/// A Parquet or an Arrow IPC (Feather) file, read column by column. No exception leaves it.
class ParquetInput {
 public:
  /// Told by the content. Errors: not_found, storage, invalid_data (neither, damaged).
  static Result<ParquetInput> open(const Path& path);
  ~ParquetInput();
  ParquetInput(ParquetInput&&) noexcept;
  ParquetInput& operator=(ParquetInput&&) noexcept;

  std::int64_t rows() const noexcept;
  const std::vector<std::string>& names() const noexcept;
  /// Value of the file's key-value metadata; empty when absent.
  std::string metadata(const std::string& key) const;
  /// Refuses to go on when rows x columns exceeds `limit`, judged from the footer alone. Errors: too_large.
  Status check_size(std::size_t columns, std::uint64_t limit) const;
  /// Reads one column. Errors: invalid_data.
  Result<ParquetColumn> column(std::size_t index) const;
  /// What a column holds, by its type; one of text or integers is read for it. Nothing for a column that cannot be read.
  ColumnContent content(std::size_t index) const;

 private:
  struct State;
  explicit ParquetInput(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tradewind::market
