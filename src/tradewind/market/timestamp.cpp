// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/timestamp_internal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
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
};

ZoneConverter::ZoneConverter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZoneConverter::~ZoneConverter() = default;
ZoneConverter::ZoneConverter(ZoneConverter&&) noexcept = default;
ZoneConverter& ZoneConverter::operator=(ZoneConverter&&) noexcept = default;
const std::string& ZoneConverter::name() const noexcept { return state_->name; }

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
  const std::int64_t second = local >= 0 ? local / kNanosPerSecond : -((-local + kNanosPerSecond - 1) / kNanosPerSecond);
  if (second >= s.safe_from && second < s.safe_to) return local - s.offset * kNanosPerSecond;
  try {
    const auto info = s.zone->get_info(date::local_seconds(std::chrono::seconds(second)));
    if (info.result == date::local_info::ambiguous) {
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
  const auto parsed = parse_time(text);
  if (!parsed) return read_number_text(text, reason);
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
  if (zone_) {
    const auto utc = zone_->to_utc(local, reason);
    if (utc) utc_offset_ = static_cast<std::int32_t>((local - *utc) / kNanosPerSecond);
    return utc;
  }
  if (naive_ == Naive::as_utc) return local;
  reason = fmt::format("time {} has no offset from UTC: name its zone with --zone (e.g. America/New_York or UTC)", local_text(local));
  return std::nullopt;
}

std::optional<UnixNanos> TimestampReader::read_integer(std::int64_t value, std::string& reason) {
  const EpochUnit* unit = epoch_unit(value);
  if (unit == nullptr) {
    reason = fmt::format("{} is no time: integers are read as seconds, milliseconds, microseconds or nanoseconds since 1970", value);
    return std::nullopt;
  }
  if (epoch_unit_ != 0 && epoch_unit_ != unit->nanos) {
    reason = fmt::format("{} would be {} since 1970, but the rows before have another unit", value, unit->name);
    return std::nullopt;
  }
  epoch_unit_ = unit->nanos;
  return read_utc(value * unit->nanos);
}

std::optional<UnixNanos> TimestampReader::read_number_text(std::string_view text, std::string& reason) {
  if (all_digits(text) && text.size() == 8) {
    const std::string spread = fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
    if (const auto parsed = parse_time(spread)) {
      saw_compact_ = true;
      saw_dates_ = true;
      utc_offset_ = 0;
      return parsed->nanos;
    }
  }
  std::int64_t value = 0;
  if (all_digits(text) && std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{})
    return read_integer(value, reason);
  if (text.empty())
    reason = "no timestamp";
  else if (text.find('/') != std::string_view::npos || text.find('.') == 2)
    reason = fmt::format("'{}' is not an ISO time: day and month could be either way round, write YYYY-MM-DD", printable(text, 40));
  else
    reason = fmt::format("'{}' is not a possible date or time (expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ)", printable(text, 40));
  return std::nullopt;
}

std::vector<std::string> TimestampReader::notes() const {
  std::vector<std::string> notes;
  for (const auto& unit : kEpochUnits)
    if (unit.nanos == epoch_unit_) notes.push_back(fmt::format("timestamps are integers: read as {} since 1970 (UTC)", unit.name));
  if (saw_compact_) notes.push_back("timestamps of eight digits were read as dates YYYYMMDD");
  if (offsets_.size() > 1)
    notes.push_back(fmt::format("times have mixed offsets ({}{}); all were converted to UTC", fmt::join(offsets_, ", "),
                                offsets_.size() == kRememberedOffsets ? ", …" : ""));
  if (saw_local_ && zone_) notes.push_back(fmt::format("times without offset were read as local time of {}", zone_->name()));
  if (saw_local_ && !zone_ && naive_ == Naive::as_utc) notes.push_back("times without offset were taken as UTC");
  if (saw_dates_ && saw_times_) notes.push_back("plain dates and times of day are mixed; plain dates were read as midnight UTC");
  return notes;
}

}  // namespace tradewind::market
