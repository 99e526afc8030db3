// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/schemas.hpp"
#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {

/// Strategies per row group of a packed segment: reading one strategy decodes its whole group, a footer grows with their number.
inline constexpr std::size_t kStrategiesPerGroup = 16;
/// Rows after which a group ends earlier.
inline constexpr std::size_t kRowsPerGroup = std::size_t{1} << 17;
/// Beyond this a file is refused before anything is allocated.
inline constexpr std::int64_t kMaxRows = 500'000'000;
/// States are stored as bytes.
inline constexpr std::size_t kMaxLabels = 128;

inline bool ascends(std::span<const UnixNanos> times) {
  bool good = true;
  for (std::size_t i = 1; i < times.size(); ++i) good &= times[i] > times[i - 1];
  return good;
}

/// Writes a signals file, one row group per call; its last state is a whole file at the path given.
class SignalWriter {
 public:
  static Result<SignalWriter> open(const Path& path, bool packed);
  SignalWriter(SignalWriter&&) noexcept;
  SignalWriter& operator=(SignalWriter&&) noexcept;
  ~SignalWriter();

  /// `strategy` is empty unless packed.
  Status write_group(std::span<const UnixNanos> timestamp, std::span<const std::int8_t> signal, std::span<const float> confidence,
                     std::span<const std::int32_t> strategy);
  /// Ends the file; on disk when `sync`. Gives its SHA-256.
  Result<std::string> close(const KeyValues& key_values, bool sync);

 private:
  struct State;
  explicit SignalWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A signals file opened for reading, checked for its schema. Not thread-safe.
class SignalReader {
 public:
  static Result<SignalReader> open(const Path& path);
  SignalReader(SignalReader&&) noexcept;
  SignalReader& operator=(SignalReader&&) noexcept;
  ~SignalReader();

  bool is_packed() const noexcept;
  int groups() const noexcept;
  std::int64_t rows() const noexcept;
  std::int64_t group_rows(int group) const;
  KeyValues key_values() const;
  /// Rows [first, first + count) of a group, replacing what the vectors hold. Reuses their memory.
  Status read(int group, std::int64_t first, std::int64_t count, Signals& out) const;
  /// Column `strategy` of a group.
  Status read_strategy(int group, std::vector<std::int32_t>& out) const;

 private:
  struct State;
  explicit SignalReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// states.parquet: timestamp, state int8, label utf8 ("" before the first state is known). Gives its SHA-256; durable.
Result<std::string> write_state_file(const Path& path, const StateView& states, std::span<const std::string> labels,
                                     const KeyValues& key_values);
struct StateFile {
  std::vector<UnixNanos> timestamp;
  std::vector<std::int8_t> state;
};
/// Errc::corrupt when a state has none of the `labels` or times do not ascend.
Result<StateFile> read_state_file(const Path& path, std::size_t labels);

}  // namespace tradewind::workspace
