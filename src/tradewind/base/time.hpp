// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tradewind {

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, UTC. Range 1677–2262.
using UnixNanos = std::int64_t;

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosPerDay = 86'400 * kNanosPerSecond;

/// What a timestamp's text said about its zone.
enum class ZoneForm { none, utc, offset };

/// A parsed timestamp. Without a zone `nanos` is the local wall time read as if it were UTC.
struct ParsedTime {
  UnixNanos nanos = 0;
  ZoneForm zone = ZoneForm::none;
  bool date_only = false;
};

/// Parses `YYYY-MM-DD`, optionally followed by `T` or space, `HH:MM[:SS[.fraction]]` and `Z`, `+HH:MM`, `+HHMM`.
/// Rejects impossible dates (2021-02-30), times and trailing text. No leap seconds.
std::optional<ParsedTime> parse_time(std::string_view text) noexcept;

/// ISO-8601 UTC: `2021-03-31` for midnights when `short_dates`, else `2021-03-31T14:30:00Z`, with a fraction only when there is one.
std::string format_time(UnixNanos nanos, bool short_dates = false);

/// Days since 1970-01-01 of a proleptic Gregorian date. [Hinnant, chrono-compatible low-level date algorithms]
std::int64_t days_from_civil(int year, unsigned month, unsigned day) noexcept;

/// Source of time, injected so that tests and simulations control it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time. May jump.
  virtual UnixNanos now() const = 0;
  /// Monotonic time for durations, from an arbitrary origin.
  virtual std::int64_t steady() const = 0;
};

/// The system's clock; `now` is pinned by the environment variable SOURCE_DATE_EPOCH when it is set.
const Clock& system_clock();

/// Seconds since construction, by a clock's monotonic time.
class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock = system_clock()) : clock_(&clock), start_(clock.steady()) {}
  double seconds() const { return static_cast<double>(clock_->steady() - start_) * 1e-9; }
  double milliseconds() const { return seconds() * 1e3; }

 private:
  const Clock* clock_;
  std::int64_t start_;
};

}  // namespace tradewind
