// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::market {

/// Local wall time of an IANA zone to UTC. An hour that occurs twice or not at all is refused, never guessed.
class ZoneConverter {
 public:
  /// Errors: unknown_name for a zone the system does not know.
  static Result<ZoneConverter> open(const std::string& name);
  ~ZoneConverter();
  ZoneConverter(ZoneConverter&&) noexcept;
  ZoneConverter& operator=(ZoneConverter&&) noexcept;

  /// UTC of a local time given as if it were UTC; nullopt with the reason when it is not unique.
  std::optional<UnixNanos> to_utc(UnixNanos local, std::string& reason);
  /// Seconds that local time is ahead of UTC at a time of UTC; 0 when the database cannot tell.
  std::int32_t offset_at(UnixNanos utc);
  const std::string& name() const noexcept;

 private:
  struct State;
  explicit ZoneConverter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Turns the timestamps of one file into UTC nanoseconds and keeps account of the forms it met.
class TimestampReader {
 public:
  /// What to do with a time of day that has no offset when no zone is given.
  enum class Naive { reject, as_utc };

  static Result<TimestampReader> open(const std::string& zone, Naive naive);

  /// nullopt with the reason when the text is no acceptable time.
  std::optional<UnixNanos> read(std::string_view text, std::string& reason);
  /// A local time without offset, e.g. from a Parquet column.
  std::optional<UnixNanos> read_local(UnixNanos local, std::string& reason);
  /// An integer since 1970, unit told by its magnitude.
  std::optional<UnixNanos> read_integer(std::int64_t value, std::string& reason);

  /// A time of UTC, e.g. from a Parquet column.
  UnixNanos read_utc(UnixNanos utc);
  /// The clock that times of UTC are shown by elsewhere, a zone or a fixed offset; unless a zone was given. What is neither is ignored.
  void shown_in(const std::string& zone);
  /// Seconds that the clock of the time read last is ahead of UTC: by its own offset, or the zone. 0 for plain dates.
  std::int32_t utc_offset() const noexcept { return utc_offset_; }

  /// Remarks about what was assumed: epoch unit, zone, mixed offsets.
  std::vector<std::string> notes() const;

 private:
  explicit TimestampReader(Naive naive) : naive_(naive) {}
  void remember_offset(std::string_view text);
  std::optional<UnixNanos> read_number_text(std::string_view text, std::string& reason);

  Naive naive_;
  std::optional<ZoneConverter> zone_;
  std::optional<ZoneConverter> shown_in_;
  std::int32_t fixed_offset_ = 0;
  std::int32_t utc_offset_ = 0;
  std::int64_t epoch_unit_ = 0;  ///< nanoseconds per unit, 0: no integer yet
  std::vector<std::string> offsets_;
  bool saw_dates_ = false;
  bool saw_times_ = false;
  bool saw_local_ = false;
  bool saw_compact_ = false;
};

}  // namespace tradewind::market
