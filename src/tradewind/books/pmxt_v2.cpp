// SPDX-License-Identifier: Apache-2.0
// pmxt's second layout: one typed row a change, the books as JSON texts.
#include <array>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/books/columns_internal.hpp"
#include "tradewind/books/import_internal.hpp"

namespace tradewind::books {
namespace {

using trading::Outcome;
using trading::Side;

/// The columns of a row group.
struct Group {
  std::vector<UnixNanos> received, time;
  Words market, kind, token, bids, asks, side;
  std::vector<std::int64_t> price, size, tick;
};

Result<Group> read_group(const ColumnFile& file, int group) {
  Group out;
  TRADEWIND_ASSIGN(out.received, file.times(group, "timestamp_received"));
  TRADEWIND_ASSIGN(out.time, file.times(group, "timestamp"));
  TRADEWIND_ASSIGN(out.market, file.words(group, "market"));
  TRADEWIND_ASSIGN(out.kind, file.words(group, "event_type"));
  TRADEWIND_ASSIGN(out.token, file.words(group, "asset_id"));
  TRADEWIND_ASSIGN(out.bids, file.words(group, "bids"));
  TRADEWIND_ASSIGN(out.asks, file.words(group, "asks"));
  TRADEWIND_ASSIGN(out.side, file.words(group, "side"));
  TRADEWIND_ASSIGN(out.price, file.amounts(group, "price"));
  TRADEWIND_ASSIGN(out.size, file.amounts(group, "size"));
  TRADEWIND_ASSIGN(out.tick, file.amounts(group, "new_tick_size"));
  return out;
}

enum class Row : std::uint8_t { other, book, change, trade, tick };

Row row_of(std::string_view kind) {
  if (kind == "book") return Row::book;
  if (kind == "price_change") return Row::change;
  if (kind == "last_trade_price") return Row::trade;
  return kind == "tick_size_change" ? Row::tick : Row::other;
}

class GroupReader {
 public:
  GroupReader(const Group& group, RecordingBuilder& builder) : group_(group), builder_(builder) {
    for (const std::string& word : group.kind.word) kinds_.push_back(row_of(word));
    for (const std::string& word : group.side.word) sides_.push_back(word == "BUY" ? 0 : word == "SELL" ? 1 : 2);
    places_.assign(group.token.word.size(), std::nullopt);
    known_.assign(group.token.word.size(), false);
  }

  Status read(const std::string& where) {
    for (std::size_t i = 0; i < group_.received.size(); ++i) {
      const std::int32_t token = group_.token.code[i], kind = group_.kind.code[i];
      if (token < 0 || kind < 0) {
        builder_.leave_out("rows without event_type or asset_id");
        continue;
      }
      const auto place = place_of(i, static_cast<std::size_t>(token));
      if (!place) continue;
      const auto [market, outcome] = *place;
      switch (kinds_[static_cast<std::size_t>(kind)]) {
        case Row::change: change(i, market, outcome); break;
        case Row::trade: trade(i, market, outcome); break;
        case Row::book: TRADEWIND_TRY(book(i, market, outcome, where)); break;
        case Row::tick: tick(i, market, outcome); break;
        case Row::other: builder_.leave_out("rows of other kinds"); break;
      }
    }
    return {};
  }

 private:
  std::optional<std::pair<std::uint32_t, Outcome>> place_of(std::size_t i, std::size_t token) {
    if (!known_[token]) {
      places_[token] = builder_.token(group_.market[i], group_.token.word[token]);
      known_[token] = true;
    }
    return places_[token];
  }
  std::optional<Side> side_at(std::size_t i) const {
    const std::int32_t code = group_.side.code[i];
    const int side = code < 0 ? 2 : sides_[static_cast<std::size_t>(code)];
    return side == 2 ? std::nullopt : std::optional(static_cast<Side>(side));
  }
  static std::int64_t size_of(std::int64_t micros) { return micros == kNoAmount ? -2 : micros; }

  void change(std::size_t i, std::uint32_t market, Outcome outcome) {
    const auto side = side_at(i);
    if (!side) return builder_.leave_out("changes without side or token");
    builder_.level(group_.received[i], group_.time[i], market, outcome, *side, group_.price[i], size_of(group_.size[i]));
  }
  void trade(std::size_t i, std::uint32_t market, Outcome outcome) {
    const auto side = side_at(i);
    if (!side) return builder_.leave_out("trades without side or token");
    builder_.print(group_.received[i], group_.time[i], market, outcome, *side, group_.price[i], group_.size[i], false);
  }
  void tick(std::size_t i, std::uint32_t market, Outcome outcome) {
    if (group_.tick[i] <= 0 || group_.tick[i] >= Price::kOne) return builder_.leave_out("ticks that make no sense");
    builder_.add({group_.received[i], 0, static_cast<std::int32_t>(group_.tick[i]), market, 0, EventKind::tick, outcome, Side::buy, false});
  }
  Status book(std::size_t i, std::uint32_t market, Outcome outcome, const std::string& where) {
    builder_.book(group_.received[i], group_.time[i], market, outcome);
    for (const auto& [words, side] : {std::pair(&group_.bids, Side::buy), std::pair(&group_.asks, Side::sell)}) {
      if (words->code[i] < 0) continue;
      const auto levels = parse_json((*words)[i], "the levels of a book");
      if (!levels || !levels->is_array())
        return Error(Errc::invalid_data, "the levels of a book are no list", fmt::format("{}: row {}", where, i));
      for (const Json& level : *levels) {
        const bool pair = level.is_array() && level.size() == 2 && level[0].is_string() && level[1].is_string();
        const auto price = pair ? parse_decimal(level[0].get<std::string>()) : std::nullopt;
        const auto size = pair ? parse_decimal(level[1].get<std::string>()) : std::nullopt;
        builder_.level(group_.received[i], group_.time[i], market, outcome, side, price.value_or(0), size.value_or(-2));
      }
    }
    return {};
  }

  const Group& group_;
  RecordingBuilder& builder_;
  std::vector<Row> kinds_;
  std::vector<int> sides_;
  std::vector<std::optional<std::pair<std::uint32_t, Outcome>>> places_;  ///< by token
  std::vector<bool> known_;
};

}  // namespace

Result<std::int64_t> import_pmxt_v2(const Path& file, RecordingBuilder& builder) {
  TRADEWIND_ASSIGN(const ColumnFile columns, ColumnFile::open(file));
  for (int i = 0; i < columns.groups(); ++i) {
    TRADEWIND_ASSIGN(const Group group, read_group(columns, i));
    TRADEWIND_TRY(GroupReader(group, builder).read(fmt::format("{}: row group {}", file.string(), i)));
  }
  return columns.rows();
}

}  // namespace tradewind::books
