// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/timestamp_internal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <exception>

#include <date/tz.h>
#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

constexpr std::size_t kRememberedOffsets = 8;

/// An integer time has one of these sizes; the bands leave room so that a slip of a digit is not taken for another unit,
/// and keep value x nanos within 64 bits.
struct EpochUnit {
  std::int64_t lowest;
  std::int64_t highest;
  std::int64_t nanos;
  std::string_view name;
};
constexpr EpochUnit kEpochUnits[] = {
    {100'000'000, 9'223'372'036, 1'000'000'000, "seconds"},
    {100'000'000'000, 9'223'372'036'854, 1'000'000, "milliseconds"},
    {100'000'000'000'000, 9'223'372'036'854'775, 1'000, "microseconds"},
    {100'000'000'000'000'000, 9'223'372'036'854'775'807, 1, "nanoseconds"},
};

const EpochUnit* epoch_unit(std::int64_t value) noexcept {
  for (const auto& unit : kEpochUnits)
    if (value >= unit.lowest && value <= unit.highest) return &unit;
  return nullptr;
}

std::string_view epoch_unit_name(std::int64_t nanos) noexcept {
  for (const auto& unit : kEpochUnits)
    if (unit.nanos == nanos) return unit.name;
  return {};
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Seconds of +09:00, -0530 or +09.
std::int32_t offset_of(std::string_view text) noexcept {
  std::array<std::int32_t, 4> digits{};
  std::size_t count = 0;
  for (const char c : text)
    if (c >= '0' && c <= '9' && count < digits.size()) digits[count++] = c - '0';
  const std::int32_t seconds = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60;
  return text.starts_with('-') ? -seconds : seconds;
}

std::string local_text(UnixNanos local) {
  std::string text = format_time(local);
  text.pop_back();
  return text;
}

/// Names of zones that brokers write and that a system's database may have dropped.
constexpr std::pair<std::string_view, std::string_view> kOldNames[] = {{"US/Eastern", "America/New_York"},
                                                                       {"US/Central", "America/Chicago"},
                                                                       {"US/Mountain", "America/Denver"},
                                                                       {"US/Pacific", "America/Los_Angeles"},
                                                                       {"Japan", "Asia/Tokyo"},
                                                                       {"Hongkong", "Asia/Hong_Kong"},
                                                                       {"Singapore", "Asia/Singapore"},
                                                                       {"GB", "Europe/London"},
                                                                       {"GB-Eire", "Europe/London"},
                                                                       {"ROK", "Asia/Seoul"},
                                                                       {"PRC", "Asia/Shanghai"}};

std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
  return names;
}

}  // namespace

struct ZoneConverter::State {
  std::string name;
  const date::time_zone* zone = nullptr;
  /// Local seconds for which one offset is known to hold, a day away from any change.
  std::int64_t safe_from = 1;
  std::int64_t safe_to = 0;
  std::int64_t offset = 0;
  std::optional<TwoTimes> both;
};

ZoneConverter::ZoneConverter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZoneConverter::~ZoneConverter() = default;
ZoneConverter::ZoneConverter(ZoneConverter&&) noexcept = default;
ZoneConverter& ZoneConverter::operator=(ZoneConverter&&) noexcept = default;
const std::string& ZoneConverter::name() const noexcept { return state_->name; }
const std::optional<TwoTimes>& ZoneConverter::both() const noexcept { return state_->both; }

Result<ZoneConverter> ZoneConverter::open(const std::string& name) {
  auto state = std::make_unique<State>();
  state->name = name;
  try {
    state->zone = date::locate_zone(name);
  } catch (const std::exception&) {
    std::string hint = "use a name of the IANA time zone database, e.g. America/New_York";
    try {
      if (const auto near = nearest_name(name, zone_names())) hint = fmt::format("did you mean '{}'?", *near);
    } catch (const std::exception& failure) {
      hint = fmt::format("the system's time zone database cannot be read: {}", failure.what());
    }
    return Error(Errc::unknown_name, fmt::format("there is no time zone '{}'", printable(name)), "--zone", hint);
  }
  return ZoneConverter(std::move(state));
}

std::optional<UnixNanos> ZoneConverter::to_utc(UnixNanos local, std::string& reason) {
  State& s = *state_;
  s.both.reset();
  const std::int64_t second = local >= 0 ? local / kNanosPerSecond : -((-local + kNanosPerSecond - 1) / kNanosPerSecond);
  if (second >= s.safe_from && second < s.safe_to) return local - s.offset * kNanosPerSecond;
  try {
    const auto info = s.zone->get_info(date::local_seconds(std::chrono::seconds(second)));
    if (info.result == date::local_info::ambiguous) {
      s.both = {local - info.first.offset.count() * kNanosPerSecond, local - info.second.offset.count() * kNanosPerSecond, local};
      reason = fmt::format(
          "local time {} occurs twice in {} (clocks go back); write the offset, {} or {}", local_text(local), s.name,
          date::format("%Ez", date::zoned_seconds(s.zone, date::local_seconds(std::chrono::seconds(second)), date::choose::earliest)),
          date::format("%Ez", date::zoned_seconds(s.zone, date::local_seconds(std::chrono::seconds(second)), date::choose::latest)));
      return std::nullopt;
    }
    if (info.result == date::local_info::nonexistent) {
      reason = fmt::format("local time {} does not exist in {} (clocks go forward)", local_text(local), s.name);
      return std::nullopt;
    }
    constexpr std::int64_t kDay = 86'400;
    constexpr std::int64_t kFar = std::int64_t{1} << 40;
    s.offset = info.first.offset.count();
    s.safe_from = std::max<std::int64_t>(-kFar, info.first.begin.time_since_epoch().count()) + s.offset + kDay;
    s.safe_to = std::min<std::int64_t>(kFar, info.first.end.time_since_epoch().count()) + s.offset - kDay;
    return local - s.offset * kNanosPerSecond;
  } catch (const std::exception& failure) {
    reason = fmt::format("the time zone database cannot tell {}: {}", local_text(local), failure.what());
    return std::nullopt;
  }
}

std::int32_t ZoneConverter::offset_at(UnixNanos utc) {
  State& s = *state_;
  const std::int64_t second = utc >= 0 ? utc / kNanosPerSecond : -((-utc + kNanosPerSecond - 1) / kNanosPerSecond);
  if (second + s.offset >= s.safe_from && second + s.offset < s.safe_to) return static_cast<std::int32_t>(s.offset);
  try {
    return static_cast<std::int32_t>(s.zone->get_info(date::sys_seconds(std::chrono::seconds(second))).offset.count());
  } catch (const std::exception&) {
    return 0;
  }
}

Result<TimestampReader> TimestampReader::open(const std::string& zone, Naive naive) {
  TimestampReader reader(naive);
  if (!zone.empty()) {
    TRADEWIND_ASSIGN(reader.zone_, ZoneConverter::open(zone));
  }
  return reader;
}

void TimestampReader::remember_offset(std::string_view text) {
  std::string_view offset = "Z";
  if (const auto sign = text.find_first_of("+-", 11); sign != std::string_view::npos) offset = text.substr(sign);
  if (offset.find_first_of("123456789") == std::string_view::npos) offset = "Z";
  if (!offsets_.empty() && offsets_.back() == offset) return;
  if (offsets_.size() >= kRememberedOffsets || std::find(offsets_.begin(), offsets_.end(), offset) != offsets_.end()) return;
  offsets_.emplace_back(offset);
}

std::optional<UnixNanos> TimestampReader::read(std::string_view text, std::string& reason) {
  undecided_ = false;
  both_.reset();
  const auto parsed = format_.empty() ? parse_time(text) : std::nullopt;
  if (!parsed) return format_.empty() ? read_number_text(text, reason) : read_written(text, reason);
  utc_offset_ = 0;
  if (parsed->date_only) {
    saw_dates_ = true;
    return parsed->nanos;
  }
  if (parsed->zone == ZoneForm::none) return read_local(parsed->nanos, reason);
  saw_times_ = true;
  remember_offset(text);
  if (parsed->zone == ZoneForm::utc) return read_utc(parsed->nanos);
  utc_offset_ = offset_of(text.substr(text.find_first_of("+-", 11)));
  return parsed->nanos;
}

std::optional<UnixNanos> TimestampReader::read(std::string_view date, std::string_view clock, std::string& reason) {
  undecided_ = false;
  both_.reset();
  const auto day = format_.empty() ? parse_written_time(date, order_) : parse_by_format(date, format_);
  if (!day || !day->date_only) {
    refuse_form(date, reason);
    return std::nullopt;
  }
  const auto since_midnight = parse_time_of_day(clock);
  if (!since_midnight) {
    reason = fmt::format("'{}' is no time of day (expected HH:MM, HH:MM:SS or HHMMSS)", printable(clock, 40));
    return std::nullopt;
  }
  saw_order_ |= order_ != DateOrder::unknown && order_shown(date).has_value();
  if (!days_only_) return read_local(day->nanos + *since_midnight, reason);
  if (*since_midnight == 0) {
    saw_dates_ = true;
    utc_offset_ = 0;
    return day->nanos;
  }
  reason = fmt::format("time of day {} in a file whose first rows are days: name its zone with --zone", printable(clock, 40));
  undecided_ = true;
  return std::nullopt;
}

/// A time that is neither ISO nor a number.
std::optional<UnixNanos> TimestampReader::read_written(std::string_view text, std::string& reason) {
  const auto time = format_.empty() ? parse_written_time(text, order_) : parse_by_format(text, format_);
  if (!time) {
    refuse_form(text, reason);
    return std::nullopt;
  }
  saw_written_ = true;
  saw_order_ |= format_.empty() && order_ != DateOrder::unknown && order_shown(text.substr(0, 10)).has_value();
  return take(*time, reason);
}

std::optional<UnixNanos> TimestampReader::take(const WrittenTime& time, std::string& reason) {
  utc_offset_ = 0;
  if (time.date_only && time.zone == ZoneForm::none && time.zone_name.empty()) {
    saw_dates_ = true;
    return time.nanos;
  }
  saw_times_ = true;
  if (time.zone == ZoneForm::utc) return read_utc(time.nanos);
  if (time.zone == ZoneForm::offset) {
    utc_offset_ = time.offset;
    return time.nanos - time.offset * kNanosPerSecond;
  }
  if (time.zone_name.empty()) return read_local(time.nanos, reason);
  ZoneConverter* const zone = zone_called(time.zone_name);
  if (zone != nullptr) return read_in_zone(*zone, time.nanos, reason);
  reason = fmt::format("there is no time zone '{}': write an offset, or a name such as America/New_York", printable(time.zone_name, 40));
  return std::nullopt;
}

std::optional<UnixNanos> TimestampReader::read_in_zone(ZoneConverter& zone, UnixNanos local, std::string& reason) {
  const auto utc = zone.to_utc(local, reason);
  if (utc) utc_offset_ = static_cast<std::int32_t>((local - *utc) / kNanosPerSecond);
  both_ = zone.both();
  return utc;
}

/// A zone by the name that stands behind times; nullptr when there is none.
ZoneConverter* TimestampReader::zone_called(std::string_view name) {
  constexpr std::size_t kMostZones = 8;
  for (auto& [known, zone] : named_)
    if (known == name) return &zone;
  if (named_.size() + unknown_zones_ >= kMostZones) return nullptr;
  std::string modern(name);
  for (const auto& [old, now] : kOldNames)
    if (old == name) modern = now;
  auto zone = ZoneConverter::open(modern);
  if (!zone) {
    ++unknown_zones_;
    return nullptr;
  }
  named_.emplace_back(std::string(name), std::move(*zone));
  return &named_.back().second;
}

void TimestampReader::refuse_form(std::string_view text, std::string& reason) {
  const std::string shown = printable(text, 40);
  const bool options = naive_ == Naive::reject;
  undecided_ = true;
  if (text.empty()) {
    reason = "no timestamp";
    undecided_ = false;
  } else if (!format_.empty()) {
    reason = fmt::format("'{}' is not written as --date-format {} says", shown, printable(format_, 40));
  } else if (order_shown(text.substr(0, std::min(text.find_first_of(" T,"), text.size())))) {
    reason = fmt::format("'{}' is not an ISO time: day and month could be either way round, {}", shown,
                         options ? "say which with --day-first or --date-format %m/%d/%Y" : "write YYYY-MM-DD");
    undecided_ = order_ == DateOrder::unknown;
    if (!undecided_) reason = fmt::format("'{}' is not a possible date, {} first", shown, order_ == DateOrder::day_first ? "day" : "month");
  } else {
    reason = fmt::format("'{}' is not a possible date or time (expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ{})", shown,
                         options ? "; --date-format says how others are written" : "");
    undecided_ = text.size() < 10 || text[4] != '-' || text[7] != '-';
  }
}

UnixNanos TimestampReader::read_utc(UnixNanos utc) {
  auto& zone = zone_ ? zone_ : shown_in_;
  utc_offset_ = zone ? zone->offset_at(utc) : fixed_offset_;
  return utc;
}

void TimestampReader::shown_in(const std::string& zone) {
  if (zone_ || zone.empty()) return;
  if (zone[0] == '+' || zone[0] == '-')
    fixed_offset_ = offset_of(zone);
  else if (auto found = ZoneConverter::open(zone))
    shown_in_ = std::move(*found);
}

std::optional<UnixNanos> TimestampReader::read_local(UnixNanos local, std::string& reason) {
  saw_times_ = true;
  saw_local_ = true;
  utc_offset_ = 0;
  if (zone_) return read_in_zone(*zone_, local, reason);
  if (naive_ == Naive::as_utc || called_utc_) return local;
  undecided_ = true;
  reason = fmt::format("time {} has no offset from UTC: name its zone with --zone (e.g. America/New_York or UTC)", local_text(local));
  return std::nullopt;
}

std::optional<UnixNanos> TimestampReader::read_integer(std::int64_t value, std::string& reason, std::int64_t fraction) {
  undecided_ = false;
  both_.reset();
  const EpochUnit* unit = epoch_unit(value);
  if (unit == nullptr) {
    reason = fmt::format("{} is no time: integers are read as seconds, milliseconds, microseconds or nanoseconds since 1970{}", value,
                         naive_ == Naive::reject ? "; --date-format says how others are written" : "");
    undecided_ = true;
    return std::nullopt;
  }
  if (std::find(epoch_units_.begin(), epoch_units_.end(), unit->nanos) == epoch_units_.end()) epoch_units_.push_back(unit->nanos);
  const UnixNanos whole = value * unit->nanos;
  const std::int64_t part = static_cast<std::int64_t>(static_cast<double>(fraction) * 1e-9 * static_cast<double>(unit->nanos));
  return read_utc(whole > INT64_MAX - part ? whole : whole + part);
}

std::optional<UnixNanos> TimestampReader::read_real(double value, std::string& reason) {
  if (!(value >= 0 && value < 0x1p63)) {
    reason = fmt::format("{} is no time", value);
    return std::nullopt;
  }
  const double whole = std::floor(value);
  return read_integer(static_cast<std::int64_t>(whole), reason, static_cast<std::int64_t>((value - whole) * 1e9));
}

std::optional<UnixNanos> TimestampReader::read_number_text(std::string_view text, std::string& reason) {
  if (all_digits(text) && text.size() == 8) {
    if (const auto parsed = parse_written_time(text, DateOrder::unknown)) {
      saw_compact_ = true;
      return take(*parsed, reason);
    }
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point), part = point == std::string_view::npos ? "" : text.substr(point + 1);
  std::int64_t value = 0;
  const bool number = all_digits(whole) && whole.size() >= 9 && whole.size() != 14 && (part.empty() || all_digits(part));
  if (!number && !(all_digits(text) && text.size() < 14)) return read_written(text, reason);
  if (std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc{}) {
    refuse_form(text, reason);
    return std::nullopt;
  }
  std::int64_t fraction = 0;
  for (std::size_t i = 0; i < 9; ++i) fraction = fraction * 10 + (i < part.size() ? part[i] - '0' : 0);
  return read_integer(value, reason, fraction);
}

std::vector<std::string> TimestampReader::notes() const {
  std::vector<std::string> notes;
  std::vector<std::string_view> units;
  for (const std::int64_t nanos : epoch_units_) units.push_back(epoch_unit_name(nanos));
  if (!units.empty())
    notes.push_back(fmt::format("timestamps are integers: read as {} since 1970 (UTC){}", fmt::join(units, ", then as "),
                                units.size() > 1 ? ", each by its own size" : ""));
  if (saw_written_ && !format_.empty()) notes.push_back(fmt::format("times are read by the format {}", printable(format_)));
  if (saw_order_) notes.push_back(fmt::format("dates are written with the {} first", order_ == DateOrder::day_first ? "day" : "month"));
  for (const auto& [name, zone] : named_)
    notes.push_back(fmt::format("times name their zone, {}: all were converted to UTC", printable(name)));
  if (saw_compact_) notes.push_back("timestamps of eight digits were read as dates YYYYMMDD");
  if (offsets_.size() > 1)
    notes.push_back(fmt::format("times have mixed offsets ({}{}); all were converted to UTC", fmt::join(offsets_, ", "),
                                offsets_.size() == kRememberedOffsets ? ", …" : ""));
  if (saw_local_ && zone_) notes.push_back(fmt::format("times without offset were read as local time of {}", zone_->name()));
  if (saw_local_ && !zone_ && called_utc_) notes.emplace_back("times without offset are UTC, as the column says");
  if (saw_local_ && !zone_ && !called_utc_ && naive_ == Naive::as_utc) notes.push_back("times without offset were taken as UTC");
  if (saw_dates_ && saw_times_) notes.push_back("plain dates and times of day are mixed; plain dates were read as midnight UTC");
  return notes;
}

}  // namespace tradewind::market
