// SPDX-License-Identifier: Apache-2.0
// Frames of Polymarket's market channel as recorders keep them, and the same in pmxt's first layout.
#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/books/columns_internal.hpp"
#include "tradewind/books/import_internal.hpp"

namespace tradewind::books {
namespace {

using trading::Outcome;
using trading::Side;

/// When a frame was received and when the venue sent it.
struct Moment {
  UnixNanos received = 0;
  UnixNanos time = 0;
};

std::optional<Side> side_of(const std::string& text) {
  if (text == "BUY" || text == "buy") return Side::buy;
  if (text == "SELL" || text == "sell") return Side::sell;
  return std::nullopt;
}

class FrameReader {
 public:
  explicit FrameReader(RecordingBuilder& builder) : builder_(builder) {}

  /// A line: a frame, a list of frames, or a recorder's envelope of one.
  Status read(const Json& line, std::optional<UnixNanos> received, const std::string& where) {
    if (line.is_array()) {
      for (const Json& frame : line) TRADEWIND_TRY(read(frame, received, where));
      return {};
    }
    for (const char* key : {"ts_local_ms", "received_ms", "receipt_ms", "recv_ms"})
      if (!received) received = millis_in(line, key);
    for (const char* key : {"raw_json", "raw", "frame", "message"}) {
      const Json& inner = member(line, key);
      if (inner.is_object() || inner.is_array()) return read(inner, received, where);
      if (!inner.is_string()) continue;
      TRADEWIND_ASSIGN(const Json parsed, parse_json(inner.get<std::string>(), "the frame"));
      return read(parsed, received, where);
    }
    return frame(line, received, where);
  }

 private:
  Status frame(const Json& frame, std::optional<UnixNanos> received, const std::string& where) {
    const std::string type =
        text_in(frame, "event_type").empty() && member(frame, "bids").is_array() ? "book" : text_in(frame, "event_type");
    const auto time = millis_in(frame, "timestamp");
    const std::string market = text_in(frame, "market");
    if (type.empty() || !(time || received))
      return Error(Errc::invalid_data, "the line is no frame of the market channel: event_type and timestamp are missing", where);
    const Moment moment{received.value_or(time.value_or(0)), time.value_or(received.value_or(0))};
    if (type == "book") return book(frame, market, moment, where);
    if (type == "price_change") return changes(frame, market, moment);
    if (type == "last_trade_price") return trade(frame, market, moment);
    if (type == "tick_size_change") return tick(frame, market, moment);
    if (type == "market_resolved") return resolved(frame, market, moment);
    builder_.leave_out(fmt::format("frames of kind '{}'", printable(type, 40)));
    return {};
  }

  Status book(const Json& frame, const std::string& market, const Moment& at, const std::string& where) {
    const std::string token = text_in(frame, "asset_id");
    if (market.empty() || token.empty())
      return Error(Errc::invalid_data, "a book that does not say of which market and token it is", where);
    const auto known = builder_.token(market, token);
    if (!known) return {};
    const auto [place, outcome] = *known;
    builder_.book(at.received, at.time, place, outcome);
    for (const auto& [key, side] : {std::pair("bids", Side::buy), std::pair("asks", Side::sell)}) {
      const Json& levels = member(frame, key);
      if (!levels.is_array()) continue;
      for (const Json& level : levels)
        builder_.level(at.received, at.time, place, outcome, side, micros_in(level, "price").value_or(0),
                       micros_in(level, "size").value_or(-2));
    }
    if (const auto tick = micros_in(frame, "tick_size")) builder_.at(place).market.tick_size = Price{*tick};
    return {};
  }

  /// Since September 2025 one frame has the changes of both tokens; before, a list of one token's, or one change.
  Status changes(const Json& frame, const std::string& market, const Moment& at) {
    for (const char* key : {"price_changes", "changes"}) {
      const Json& all = member(frame, key);
      if (!all.is_array()) continue;
      for (const Json& one : all)
        change(one, market, text_in(one, "asset_id").empty() ? text_in(frame, "asset_id") : text_in(one, "asset_id"), at);
      return {};
    }
    change(frame, market, text_in(frame, "asset_id"), at);
    return {};
  }

  void change(const Json& one, const std::string& market, const std::string& token, const Moment& at) {
    const auto side = side_of(text_in(one, "side"));
    if (!side || token.empty()) return builder_.leave_out("changes without side or token");
    const auto known = builder_.token(market, token);
    if (!known) return;
    const auto [place, outcome] = *known;
    builder_.level(at.received, at.time, place, outcome, *side, micros_in(one, "price").value_or(0), micros_in(one, "size").value_or(-2));
  }

  Status trade(const Json& frame, const std::string& market, const Moment& at) {
    const auto side = side_of(text_in(frame, "side"));
    const std::string token = text_in(frame, "asset_id");
    if (!side || token.empty()) return builder_.leave_out("trades without side or token"), Status();
    const auto known = builder_.token(market, token);
    if (!known) return {};
    const auto [place, outcome] = *known;
    builder_.print(at.received, at.time, place, outcome, *side, micros_in(frame, "price").value_or(0), micros_in(frame, "size").value_or(0),
                   false);
    return {};
  }

  Status tick(const Json& frame, const std::string& market, const Moment& at) {
    const auto known = builder_.token(market, text_in(frame, "asset_id"));
    if (!known) return {};
    const auto [place, outcome] = *known;
    if (const auto size = micros_in(frame, "new_tick_size"); size && *size > 0 && *size < Price::kOne)
      builder_.add({at.received, 0, static_cast<std::int32_t>(*size), place, 0, EventKind::tick, outcome, Side::buy, false});
    return {};
  }

  Status resolved(const Json& frame, const std::string& market, const Moment& at) {
    const std::string winner = text_in(frame, "winning_asset_id");
    if (winner.empty()) return builder_.leave_out("resolutions without a winner"), Status();
    const auto known = builder_.token(market, winner);
    if (!known) return {};
    const auto [place, outcome] = *known;
    builder_.payout(at.received, place, outcome == Outcome::yes ? Price::kOne : 0);
    return {};
  }

  RecordingBuilder& builder_;
};

/// One row of pmxt's first layout, whose data tell which side of the market the token is.
Status import_update(RecordingBuilder& builder, std::string_view market, const Json& data, UnixNanos received, UnixNanos created) {
  const std::string token = text_in(data, "token_id"), type = text_in(data, "update_type");
  const std::uint32_t place = builder.market(market);
  const Outcome outcome = text_in(data, "side") == "NO" ? Outcome::no : Outcome::yes;
  builder.at(place).market.token_ids[static_cast<std::size_t>(outcome)] = token;
  if (type == "price_change") {
    const auto side = side_of(text_in(data, "change_side"));
    if (!side) return builder.leave_out("changes without side or token"), Status();
    builder.level(received, created, place, outcome, *side, micros_in(data, "change_price").value_or(0),
                  micros_in(data, "change_size").value_or(-2));
    return {};
  }
  if (type != "book_snapshot") return builder.leave_out(fmt::format("updates of kind '{}'", printable(type, 40))), Status();
  builder.book(received, created, place, outcome);
  for (const auto& [key, side] : {std::pair("bids", Side::buy), std::pair("asks", Side::sell)}) {
    const Json& levels = member(data, key);
    if (!levels.is_array()) continue;
    for (const Json& level : levels) {
      const bool pair = level.is_array() && level.size() == 2;
      const Json one = pair ? Json{{"price", level[0]}, {"size", level[1]}} : Json();
      builder.level(received, created, place, outcome, side, micros_in(one, "price").value_or(0), micros_in(one, "size").value_or(-2));
    }
  }
  return {};
}

}  // namespace

Result<std::int64_t> import_frames(const Path& file, RecordingBuilder& builder) {
  FrameReader reader(builder);
  return each_line(file, [&](const Json& json, const std::string& where) { return reader.read(json, std::nullopt, where); });
}

Result<std::int64_t> import_pmxt_v1(const Path& file, RecordingBuilder& builder) {
  TRADEWIND_ASSIGN(const ColumnFile columns, ColumnFile::open(file));
  std::int64_t row = 0;
  for (int group = 0; group < columns.groups(); ++group) {
    TRADEWIND_ASSIGN(const auto received, columns.times(group, "timestamp_received"));
    TRADEWIND_ASSIGN(const auto created, columns.times(group, "timestamp_created_at"));
    TRADEWIND_ASSIGN(const auto market, columns.words(group, "market_id"));
    TRADEWIND_ASSIGN(const auto data, columns.words(group, "data"));
    for (std::size_t i = 0; i < received.size(); ++i, ++row) {
      const auto json = parse_json(data[i], "the update");
      if (!json) return Error(Errc::invalid_data, json.error().message(), fmt::format("{}: row {}", file.string(), row));
      TRADEWIND_TRY(import_update(builder, market[i], *json, received[i], created[i]));
    }
  }
  return columns.rows();
}

}  // namespace tradewind::books
