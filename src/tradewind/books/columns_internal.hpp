// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::books {

/// A text column: the place of every row's word, −1 for none.
struct Words {
  std::vector<std::int32_t> code;
  std::vector<std::string> word;

  std::string_view operator[](std::size_t row) const {
    return code[row] < 0 ? std::string_view() : word[static_cast<std::size_t>(code[row])];
  }
};

/// A Parquet file read a row group at a time, column by column. No exception leaves it.
class ColumnFile {
 public:
  /// Errors: `not_found`, `invalid_data`, `too_large`.
  static Result<ColumnFile> open(const Path& path);
  ~ColumnFile();
  ColumnFile(ColumnFile&&) noexcept;

  std::int64_t rows() const;
  int groups() const;
  std::size_t rows_of(int group) const;
  bool has(const std::string& name) const;
  /// Errors of all: `invalid_data` for a column that is not there, of another kind, or damaged.
  Result<std::vector<UnixNanos>> times(int group, const std::string& name) const;
  Result<Words> words(int group, const std::string& name) const;
  /// NaN where there is none.
  Result<std::vector<double>> numbers(int group, const std::string& name) const;
  /// Decimals and doubles in millionths; INT64_MIN where there is none, or it does not fit.
  Result<std::vector<std::int64_t>> amounts(int group, const std::string& name) const;

 private:
  struct State;
  explicit ColumnFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

inline constexpr std::int64_t kNoAmount = INT64_MIN;

}  // namespace tradewind::books
