// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/market_signals_internal.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"

namespace tradewind::live {
namespace {

std::optional<UnixNanos> time_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? std::optional(at->get<UnixNanos>()) : std::nullopt;
}

}  // namespace

MarketSignals::MarketSignals(std::span<const BarMember> members, const trading::PredictionMarket& market) {
  for (const BarMember& member : members) {
    Member& one = members_.emplace_back(&member, nullptr, std::nullopt);
    if (!member.market.empty() && member.market != market.id && member.market != market.slug) continue;
    if (auto made = strategies::make_position_stream(*member.type, member.parameters, member.direction)) one.stream = std::move(*made);
  }
}

void MarketSignals::load(const Json& saved) {
  if (!saved.is_object()) return;
  saved_.clear();
  last_ = time_of(saved, "last");
  const auto streams = saved.find("streams");
  if (streams == saved.end() || !streams->is_array() || streams->size() != members_.size()) return;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Json& given = (*streams)[i];
    const auto begun = given.is_object() && given.contains("signal") ? time_of(given, "begun") : std::nullopt;
    if (members_[i].stream == nullptr || !begun) continue;
    const BarMember& of = *members_[i].of;
    auto loaded = strategies::load_position_stream(*of.type, of.parameters, of.direction, dump_json(given["signal"]));
    if (!loaded) continue;
    members_[i].stream = std::move(*loaded);
    members_[i].begun = begun;
  }
}

const std::string& MarketSignals::save() const {
  if (!saved_.empty()) return saved_;
  std::string streams;
  for (const Member& member : members_) {
    if (!streams.empty()) streams += ',';
    streams += member.begun ? fmt::format(R"({{"begun":{},"signal":{}}})", *member.begun, member.stream->save()) : "null";
  }
  saved_ = fmt::format(R"({{"last":{},"streams":[{}]}})", last_ ? fmt::to_string(*last_) : "null", streams);
  return saved_;
}

bool MarketSignals::take(UnixNanos now, std::int64_t length, double mid) {
  // A clock that went back makes no bar, and neither does a cycle that a restart repeats.
  if (last_ && (now <= *last_ || now - *last_ < length)) return false;
  last_ = now;
  for (Member& member : members_) {
    if (member.stream == nullptr) continue;
    if (!member.begun) member.begun = now;
    member.stream->push(strategies::PriceBar::of_close(now, mid));
  }
  saved_.clear();
  return true;
}

double MarketSignals::exposure(std::span<const double> weights) const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (members_[i].stream != nullptr) sum += weights[i] * members_[i].stream->position();
  return sum;
}

bool MarketSignals::knows(UnixNanos opened) const {
  return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
    return member.stream == nullptr || member.stream->warm() || (member.begun && *member.begun <= opened);
  });
}

}  // namespace tradewind::live
