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
#include "tradewind/market/date_format_internal.hpp"

namespace tradewind::market {

/// The two times of UTC that a local time is when clocks go back.
struct TwoTimes {
  UnixNanos earlier = 0;
  UnixNanos later = 0;
  UnixNanos local = 0;  ///< the wall time as if it were UTC

  /// Seconds that the wall clock is ahead of one of them.
  std::int32_t wall_offset(UnixNanos utc) const noexcept { return static_cast<std::int32_t>((local - utc) / kNanosPerSecond); }
};

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
  /// Both times of UTC that the last local time could be, when it was refused since clocks go back.
  const std::optional<TwoTimes>& both() const noexcept;
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
  /// How times are written: by a format, or with the month or the day first.
  void written(std::string format, DateOrder order) {
    format_ = std::move(format);
    order_ = order;
  }
  /// Times without an offset are UTC, since their column is called so.
  void called_utc() noexcept { called_utc_ = true; }
  /// The times of day, which stand in a column of their own, are all midnight: the file has days.
  void days_only() noexcept { days_only_ = true; }

  /// nullopt with the reason when the text is no acceptable time.
  std::optional<UnixNanos> read(std::string_view text, std::string& reason);
  /// The same of a date and a time of day beside it.
  std::optional<UnixNanos> read(std::string_view date, std::string_view clock, std::string& reason);
  /// Whether the last time was refused for what an option would decide, and so would be every one like it.
  bool undecided() const noexcept { return undecided_; }
  /// Both times that the last one could be, when it was refused since it occurs twice.
  const std::optional<TwoTimes>& both() const noexcept { return both_; }
  /// A local time without offset, e.g. from a Parquet column.
  std::optional<UnixNanos> read_local(UnixNanos local, std::string& reason);
  /// An integer since 1970, its unit told by its own magnitude; `fraction` are nanoseconds of one unit's billion.
  std::optional<UnixNanos> read_integer(std::int64_t value, std::string& reason, std::int64_t fraction = 0);
  /// The same with a fraction.
  std::optional<UnixNanos> read_real(double value, std::string& reason);

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
  std::optional<UnixNanos> read_written(std::string_view text, std::string& reason);
  std::optional<UnixNanos> take(const WrittenTime& time, std::string& reason);
  std::optional<UnixNanos> read_in_zone(ZoneConverter& zone, UnixNanos local, std::string& reason);
  ZoneConverter* zone_called(std::string_view name);
  void refuse_form(std::string_view text, std::string& reason);

  Naive naive_;
  std::optional<ZoneConverter> zone_;
  std::optional<ZoneConverter> shown_in_;
  std::int32_t fixed_offset_ = 0;
  std::int32_t utc_offset_ = 0;
  std::vector<std::int64_t> epoch_units_;  ///< nanoseconds per unit, those met, in their order
  std::string format_;
  DateOrder order_ = DateOrder::unknown;
  std::vector<std::pair<std::string, ZoneConverter>> named_;  ///< zones written behind the times
  std::size_t unknown_zones_ = 0;
  std::optional<TwoTimes> both_;
  bool undecided_ = false;
  bool days_only_ = false;
  bool called_utc_ = false;
  bool saw_written_ = false;
  bool saw_order_ = false;
  std::vector<std::string> offsets_;
  bool saw_dates_ = false;
  bool saw_times_ = false;
  bool saw_local_ = false;
  bool saw_compact_ = false;
};

}  // namespace tradewind::market
