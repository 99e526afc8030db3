// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/bars_builder_internal.hpp"
#include "tradewind/market/gaps.hpp"

namespace tradewind::market {
namespace {

constexpr double kLargestVolume = 0x1p53;  // above it, not every integer is a double
constexpr double kNoVolume = 0x1p63;       // nor does anything count so far
constexpr std::size_t kNamedLines = 5;
constexpr std::size_t kNamedGaps = 5;

/// Equal values, NaN equal to NaN.
bool same(double a, double b) noexcept { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Sorts `order` stably by key and counts the inverted pairs. Bottom-up merge sort.
std::uint64_t sort_counting_inversions(std::vector<std::size_t>& order, const std::vector<UnixNanos>& key) {
  std::uint64_t inversions = 0;
  std::vector<std::size_t> merged(order.size());
  for (std::size_t width = 1; width < order.size(); width *= 2) {
    for (std::size_t start = 0; start < order.size(); start += 2 * width) {
      std::size_t left = start;
      const std::size_t middle = std::min(start + width, order.size());
      std::size_t right = middle;
      const std::size_t end = std::min(start + 2 * width, order.size());
      for (std::size_t out = start; out < end; ++out) {
        const bool take_right = left == middle || (right < end && key[order[right]] < key[order[left]]);
        if (take_right) inversions += middle - left;
        merged[out] = order[take_right ? right++ : left++];
      }
    }
    order.swap(merged);
  }
  return inversions;
}

std::string stamp(UnixNanos nanos) { return format_time(nanos, true); }

}  // namespace

std::int32_t offset_at(const std::vector<UtcOffset>& offsets, UnixNanos time) noexcept {
  if (offsets.empty()) return 0;
  const auto after =
      std::upper_bound(offsets.begin(), offsets.end(), time, [](UnixNanos t, const UtcOffset& one) { return t < one.since; });
  return after == offsets.begin() ? after->seconds : std::prev(after)->seconds;
}

std::vector<UtcOffset> offset_changes(std::span<const UnixNanos> times, std::span<const std::int32_t> seconds) {
  std::vector<UtcOffset> changes;
  for (std::size_t i = 0; i < seconds.size(); ++i)
    if (changes.empty() || changes.back().seconds != seconds[i]) changes.push_back({times[i], seconds[i]});
  if (changes.size() == 1 && changes.front().seconds == 0) changes.clear();
  return changes;
}

BarsBuilder::BarsBuilder(const ReadOptions& options, std::string_view unit)
    : options_(options), unit_(unit), deferred_order_(options.sort) {
  bars_.symbol = options.symbol;
}

void BarsBuilder::set_columns(const BarColumns& columns) { columns_ = columns; }

void BarsBuilder::reject_all(std::int64_t line, std::string_view column, std::string reason) {
  const BarColumns columns = std::move(columns_);
  std::vector<std::string> notes = std::move(notes_);
  *this = BarsBuilder(ReadOptions(options_), std::string(unit_));
  columns_ = columns;
  notes_ = std::move(notes);
  reject(line, column, std::move(reason));
}

void BarsBuilder::reserve(std::size_t rows) {
  for (auto* column : {&bars_.open, &bars_.high, &bars_.low})
    if (columns_.has_ohlc()) column->reserve(rows);
  if (columns_[Role::volume]) bars_.volume.reserve(rows);
  bars_.close.reserve(rows);
  bars_.timestamp.reserve(rows);
  offsets_.reserve(rows);
  lines_.reserve(rows);
}

std::string_view BarsBuilder::name(Role role) const { return columns_[role] ? std::string_view(columns_.name(role)) : role_name(role); }

void BarsBuilder::reject(std::int64_t line, std::string_view column, std::string reason) {
  ++rejected_total_;
  if (rejected_.size() < options_.max_rejected) rejected_.push_back({line, printable(column), std::move(reason)});
}

bool BarsBuilder::check_prices(std::int64_t line, const BarRow& row) {
  const bool ohlc = columns_.has_ohlc();
  const auto good = [&](double price) {
    return (price > 0 || (options_.allow_negative && price >= std::numeric_limits<double>::lowest())) &&
           price <= std::numeric_limits<double>::max();
  };
  if (ohlc && good(row.low) && row.low <= row.open && row.low <= row.close && row.open <= row.high && row.close <= row.high &&
      good(row.high)) [[likely]]
    return true;
  const std::pair<Role, double> prices[] = {{Role::open, row.open}, {Role::high, row.high}, {Role::low, row.low}, {Role::close, row.close}};
  for (const auto& [role, price] : prices) {
    if ((!ohlc && role != Role::close) || good(price)) continue;
    reject(line, name(role),
           std::isfinite(price) ? fmt::format("price {} is not above zero; --allow-negative takes it as it is", number_text(price))
                                : fmt::format("{} is not a finite number", price));
    return false;
  }
  if (!ohlc) return true;
  if (row.high < row.low) {
    reject(line, name(Role::high), fmt::format("high {} is below low {}", number_text(row.high), number_text(row.low)));
  } else if (row.high < std::max(row.open, row.close)) {
    reject(line, name(Role::high),
           fmt::format("high {} is below open {} or close {}", number_text(row.high), number_text(row.open), number_text(row.close)));
  } else {
    reject(line, name(Role::low),
           fmt::format("low {} is above open {} or close {}", number_text(row.low), number_text(row.open), number_text(row.close)));
  }
  return false;
}

bool BarsBuilder::check_volume(std::int64_t line, double volume) {
  if (!columns_[Role::volume] || std::isnan(volume) || (volume >= 0 && volume <= kNoVolume)) return true;
  reject(line, name(Role::volume),
         volume < 0 ? fmt::format("volume {} is negative", number_text(volume)) : fmt::format("{} is too large for a volume", volume));
  return false;
}

BarRow BarsBuilder::row_at(std::size_t i) const {
  BarRow row;
  row.timestamp = bars_.timestamp[i];
  row.close = bars_.close[i];
  if (bars_.has_ohlc()) {
    row.open = bars_.open[i];
    row.high = bars_.high[i];
    row.low = bars_.low[i];
  }
  if (bars_.has_volume()) row.volume = bars_.volume[i];
  row.utc_offset = offsets_[i];
  return row;
}

bool BarsBuilder::same_as_last(const BarRow& row) const {
  const BarRow last = row_at(bars_.size() - 1);
  const bool prices = !columns_.has_ohlc() || (same(last.open, row.open) && same(last.high, row.high) && same(last.low, row.low));
  return prices && same(last.close, row.close) && (!columns_[Role::volume] || same(last.volume, row.volume));
}

bool BarsBuilder::check_order(std::int64_t line, const BarRow& row) {
  if (bars_.timestamp.empty() || row.timestamp > bars_.timestamp.back()) return true;
  if (row.timestamp < bars_.timestamp.back()) {
    reject(line, name(Role::timestamp),
           fmt::format("{} comes before {} of {} {}: out of order", stamp(row.timestamp), stamp(bars_.timestamp.back()), unit_,
                       lines_.back()));
  } else if (!same_as_last(row)) {
    reject(line, name(Role::timestamp),
           fmt::format("{} was already given in {} {} with other values", stamp(row.timestamp), unit_, lines_.back()));
  } else if (options_.strict) {
    reject(line, name(Role::timestamp), fmt::format("repeats {} {}", unit_, lines_.back()));
  } else {
    ++duplicates_;
    if (duplicate_lines_.size() < kNamedLines) duplicate_lines_.push_back(line);
  }
  return false;
}

void BarsBuilder::append(std::int64_t line, const BarRow& row) {
  offsets_.push_back(row.utc_offset);
  bars_.timestamp.push_back(row.timestamp);
  if (columns_.has_ohlc()) {
    bars_.open.push_back(row.open);
    bars_.high.push_back(row.high);
    bars_.low.push_back(row.low);
  }
  bars_.close.push_back(row.close);
  if (columns_[Role::volume]) bars_.volume.push_back(row.volume);
  lines_.push_back(line);
}

void BarsBuilder::adjust(BarRow& row) const {
  const double close = row.close;
  const auto scaled = [&](double price) { return price == close ? row.adjusted : price * (row.adjusted / close); };
  if (columns_.has_ohlc()) {
    row.open = scaled(row.open);
    row.high = std::max({scaled(row.high), row.open, row.adjusted});
    row.low = std::min({scaled(row.low), row.open, row.adjusted});
  }
  row.close = row.adjusted;
}

void BarsBuilder::add(std::int64_t line, const BarRow& given) {
  if (!twofold_.empty()) settle_twofold();
  if (!check_prices(line, given) || !check_volume(line, given.volume)) return;
  if (!columns_.adjusted) return add_in_order(line, given);
  if (!(given.adjusted > 0 && given.close > 0))
    return reject(
        line, columns_.names[*columns_.adjusted],
        fmt::format("adjusted close {} of close {}: both must be above zero", number_text(given.adjusted), number_text(given.close)));
  BarRow row = given;
  adjust(row);
  add_in_order(line, row);
}

void BarsBuilder::add_in_order(std::int64_t line, const BarRow& row) {
  if (!deferred_order_ && !bars_.timestamp.empty()) [[likely]] {
    const UnixNanos last = bars_.timestamp.back();
    if (bars_.size() == 1 && row.timestamp < last && !options_.strict) descending_ = true;
    if (descending_ && row.timestamp > last) restart_ascending();
    if (!(descending_ && row.timestamp < last) && !check_order(line, row)) return;
  }
  append(line, row);
}

void BarsBuilder::add_twofold(std::int64_t line, const BarRow& row, const TwoTimes& times, std::string reason) {
  twofold_.push_back({line, row, times, std::move(reason)});
}

/// Where the wall clock is seen to go back once, what stands before is of the first pass and what follows of the second.
void BarsBuilder::settle_twofold() {
  const std::vector<Twofold> rows = std::move(twofold_);
  twofold_.clear();
  std::size_t back = 0, times_back = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].times.earlier > rows[i - 1].times.earlier) continue;
    const bool repeated = rows[i].times.earlier == rows[i - 1].times.earlier && rows[i].row.close == rows[i - 1].row.close;
    times_back += repeated ? 2 : 1;
    back = i;
  }
  const bool told = times_back == 1 && !deferred_order_ && !descending_;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!told) {
      reject(rows[i].line, name(Role::timestamp), rows[i].reason);
      continue;
    }
    const UnixNanos local = rows[i].times.earlier;
    BarRow row = rows[i].row;
    row.timestamp = i < back ? local : rows[i].times.later;
    row.utc_offset = rows[i].times.wall_offset(row.timestamp);
    add(rows[i].line, row);
    ++told_apart_;
  }
}

void BarsBuilder::reject_kind(std::int64_t line, std::string_view column, std::string reason) {
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) { return kind.column == column; });
  if (known != kinds_.end()) {
    ++rejected_total_;
    ++known->more;
    return;
  }
  kinds_.push_back({std::string(column), line});
  reject(line, column, std::move(reason));
}

/// Says of what was listed once how many more there were.
void BarsBuilder::count_kinds() {
  for (const Kind& kind : kinds_) {
    const auto listed = std::find_if(rejected_.begin(), rejected_.end(),
                                     [&](const Rejection& one) { return one.line == kind.line && one.column == printable(kind.column); });
    if (kind.more > 0 && listed != rejected_.end())
      listed->reason += fmt::format(" (and {} more {}{})", kind.more, unit_, kind.more == 1 ? "" : "s");
  }
}

void BarsBuilder::sort_rows() {
  std::vector<std::size_t> order(bars_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::uint64_t inversions = sort_counting_inversions(order, bars_.timestamp);
  if (inversions > 0) {
    std::size_t moved = 0;
    std::int64_t first = 0;
    for (std::size_t i = 0; i < order.size(); ++i) moved += order[i] != i ? 1 : 0;
    for (std::size_t i = 1; i < order.size() && first == 0; ++i)
      if (bars_.timestamp[i] < bars_.timestamp[i - 1]) first = lines_[i];
    notes_.push_back(fmt::format("sorted by time: {} rows moved, {} inverted pairs, first at {} {}", moved, inversions, unit_, first));
  }
  deferred_order_ = false;
  rebuild(order);
}

/// The rows anew in another order, each held to ascending time.
void BarsBuilder::rebuild(const std::vector<std::size_t>& order) {
  const BarsBuilder before = *this;
  offsets_.clear();
  for (auto* column : {&bars_.open, &bars_.high, &bars_.low, &bars_.close, &bars_.volume}) column->clear();
  bars_.timestamp.clear();
  lines_.clear();
  for (const std::size_t i : order) {
    const BarRow row = before.row_at(i);
    if (check_order(before.lines_[i], row)) append(before.lines_[i], row);
  }
}

/// What began with the newest bar does not go on so: it is a file out of order.
void BarsBuilder::restart_ascending() {
  descending_ = false;
  std::vector<std::size_t> order(bars_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  rebuild(order);
}

void BarsBuilder::reverse_rows() {
  descending_ = false;
  std::vector<std::size_t> order(bars_.size());
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  rebuild(order);
  notes_.emplace_back("the newest bar stands first: the rows were turned round");
}

void BarsBuilder::note_duplicates() {
  if (duplicates_ == 0) return;
  notes_.push_back(fmt::format("{} identical duplicate{} dropped ({} {}{})", duplicates_, duplicates_ == 1 ? "" : "s", unit_,
                               fmt::join(duplicate_lines_, ", "),
                               static_cast<std::size_t>(duplicates_) > duplicate_lines_.size() ? ", …" : ""));
}

void BarsBuilder::note_volumes() {
  std::int64_t missing = 0;
  std::int64_t zero = 0;
  std::int64_t large = 0;
  for (const double volume : bars_.volume) {
    missing += std::isnan(volume) ? 1 : 0;
    zero += volume == 0 ? 1 : 0;
    large += volume > kLargestVolume ? 1 : 0;
  }
  const auto bars = static_cast<std::int64_t>(bars_.size());
  if (missing > 0) notes_.push_back(fmt::format("{} volume{} missing (blank), kept as missing", missing, missing == 1 ? " is" : "s are"));
  if (large > 0) notes_.push_back(fmt::format("{} volume{} above 2^53: kept to 16 digits", large, large == 1 ? " is" : "s are"));
  if (zero > 0 && zero == bars && bars > 1)
    notes_.push_back(fmt::format("all {} volumes are zero: the source seems to have none", zero));
  else if (zero > 0)
    notes_.push_back(fmt::format("{} volume{} zero", zero, zero == 1 ? " is" : "s are"));
}

void BarsBuilder::note_gaps() {
  const auto gaps = find_gaps(bars_.timestamp);
  const std::int64_t usual = gaps.empty() ? 0 : median_spacing(bars_.timestamp);
  for (std::size_t i = 0; i < std::min(gaps.size(), kNamedGaps); ++i)
    notes_.push_back(fmt::format("gap of {} after {} {} ({} to {}); usual spacing {}", duration_text(gaps[i].to - gaps[i].from), unit_,
                                 lines_[gaps[i].after], stamp(gaps[i].from), stamp(gaps[i].to), duration_text(usual)));
  if (gaps.size() > kNamedGaps) notes_.push_back(fmt::format("{} more gaps; `tradewind data info` lists them", gaps.size() - kNamedGaps));
}

BarsImport BarsBuilder::finish(std::vector<std::string> reader_notes) {
  if (!twofold_.empty()) settle_twofold();
  if (deferred_order_) sort_rows();
  if (descending_) reverse_rows();
  BarsImport result;
  if (rejected_total_ == 0 && bars_.size() == 0) reject(0, "", "no data rows");
  result.accepted = bars_.size() > 0 && (rejected_total_ == 0 || options_.on_error == OnError::skip);
  notes_.insert(notes_.end(), reader_notes.begin(), reader_notes.end());
  note_duplicates();
  if (result.accepted) {
    note_volumes();
    note_gaps();
    if (rejected_total_ > 0) notes_.push_back(fmt::format("{} bad row{} left out", rejected_total_, rejected_total_ == 1 ? "" : "s"));
    if (told_apart_ > 0)
      notes_.push_back(fmt::format("{} times that occur twice, since clocks go back, were told apart by their order", told_apart_));
    if (left_out_ > 0) notes_.push_back(fmt::format("{} row{} without a price left out", left_out_, left_out_ == 1 ? "" : "s"));
    result.offsets = offset_changes(bars_.timestamp, offsets_);
    result.bars = std::move(bars_);
  }
  count_kinds();
  std::stable_sort(rejected_.begin(), rejected_.end(), [](const Rejection& a, const Rejection& b) { return a.line < b.line; });
  result.rejected = std::move(rejected_);
  result.rejected_total = rejected_total_;
  result.notes = std::move(notes_);
  result.columns = columns_.recognised();
  result.ignored_columns = columns_.ignored();
  return result;
}

}  // namespace tradewind::market
