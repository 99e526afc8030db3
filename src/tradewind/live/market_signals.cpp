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
    if (!one.begin()) one.stream = nullptr;
  }
}

/// As before the first bar of the market. Whether it can trade there.
bool MarketSignals::Member::begin() {
  auto made = strategies::make_position_stream(*of->type, of->parameters, of->direction);
  if (!made) return false;
  if (of->gate) {
    auto gate = of->gate->make();
    if (!gate) return false;
    classifier = std::move(*gate);
  }
  stream = std::move(*made);
  begun.reset();
  regime = regimes::kUnknown;
  return true;
}

/// Strategy and gate go on together or not at all.
bool MarketSignals::Member::load(const Json& saved) {
  const auto since = saved.is_object() && saved.contains("signal") ? time_of(saved, "begun") : std::nullopt;
  if (stream == nullptr || !since) return false;
  auto loaded = strategies::load_position_stream(*of->type, of->parameters, of->direction, dump_json(saved["signal"]));
  if (!loaded) return false;
  if (classifier != nullptr) {
    const Json& told = member(saved, "classifier");
    const Json& known = member(saved, "regime");
    if (member(saved, "classifier_id") != of->gate->classifier_id || !told.is_string() || !known.is_number_integer()) return false;
    const auto state = known.get<std::int64_t>();
    if (state < regimes::kUnknown || state >= static_cast<std::int64_t>(of->gate->held_in.size())) return false;
    if (!classifier->load(told.get_ref<const std::string&>())) return false;
    regime = static_cast<regimes::State>(state);
  }
  stream = std::move(*loaded);
  begun = since;
  return true;
}

void MarketSignals::load(const Json& saved) {
  if (!saved.is_object()) return;
  saved_.clear();
  last_ = time_of(saved, "last");
  const auto streams = saved.find("streams");
  if (streams == saved.end() || !streams->is_array() || streams->size() != members_.size()) return;
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i].load((*streams)[i]);
}

const std::string& MarketSignals::save() const {
  if (!saved_.empty()) return saved_;
  std::string streams;
  for (const Member& member : members_) {
    if (!streams.empty()) streams += ',';
    std::string gate;
    if (member.begun && member.classifier != nullptr)
      gate = fmt::format(R"("classifier_id":{},"classifier":{},"regime":{},)", dump_json(Json(member.of->gate->classifier_id)),
                         dump_json(Json(member.classifier->save())), member.regime);
    streams += member.begun ? fmt::format(R"({{"begun":{},{}"signal":{}}})", *member.begun, gate, member.stream->save()) : "null";
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
    if (member.classifier != nullptr) member.regime = member.classifier->update(regimes::Bar::of_close(mid));
  }
  saved_.clear();
  return true;
}

double MarketSignals::exposure(std::span<const double> weights) const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) sum += weights[i] * members_[i].position();
  return sum;
}

std::size_t MarketSignals::shut_out() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(members_, [](const Member& member) { return member.stream != nullptr && !member.is_open(); }));
}

bool MarketSignals::knows(UnixNanos opened) const {
  return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
    return member.stream == nullptr || member.stream->warm() || (member.begun && *member.begun <= opened);
  });
}

}  // namespace tradewind::live
