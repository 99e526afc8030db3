// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/hysteresis.hpp"

#include <fmt/core.h>

#include "tradewind/regimes/archive_internal.hpp"

namespace tradewind::regimes {
namespace {

constexpr std::string_view kSteadyTag = "steady/1";
constexpr std::string_view kBeforeWrapped = " | ";  ///< own state, then the wrapped classifier's

}  // namespace

State MinimumDwell::update(State raw) {
  ++held_;
  if (raw == state_ || (raw != kUnknown && state_ != kUnknown && held_ <= bars_)) return state_;
  state_ = raw;
  held_ = 1;
  return state_;
}

State SwitchAbove::update(State raw, std::span<const double> probabilities) {
  const bool told = raw != kUnknown && static_cast<std::size_t>(raw) < probabilities.size();
  if (state_ == kUnknown || !told || probabilities[static_cast<std::size_t>(raw)] > p_) state_ = raw;
  return state_;
}

Status check(const Hysteresis& hysteresis) {
  if (!(hysteresis.switch_above >= 0 && hysteresis.switch_above < 1))
    return Error(Errc::usage,
                 fmt::format("the probability to switch above must be at least 0 and below 1, not {}", hysteresis.switch_above),
                 "switch_above");
  return {};
}

State HysteresisFilter::update(State raw, std::span<const double> probabilities) {
  const State before = state_;
  raw_switches_ += raw != raw_ && raw != kUnknown && raw_ != kUnknown;
  raw_ = raw;
  state_ = dwell_.update(above_.update(raw, probabilities));
  switches_ += state_ != before && state_ != kUnknown && before != kUnknown;
  return state_;
}

std::string SteadyClassifier::save() const {
  const std::string inner = inner_->save();
  return inner.empty() ? inner : save_state(filter_, kSteadyTag).append(kBeforeWrapped).append(inner);
}

Status SteadyClassifier::load(std::string_view state) {
  const auto between = state.find(kBeforeWrapped);
  HysteresisFilter own = filter_;
  TRADEWIND_TRY(load_state(own, state.substr(0, between), kSteadyTag));
  TRADEWIND_TRY(inner_->load(between == std::string_view::npos ? std::string_view() : state.substr(between + kBeforeWrapped.size())));
  filter_ = own;
  return {};
}

}  // namespace tradewind::regimes
