// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/regime_follower.hpp"

#include "tradewind/analysis/run_classifier.hpp"
#include "tradewind/base/json.hpp"

namespace tradewind::live {
namespace {

/// A stored whole number; none for anything else.
std::optional<std::int64_t> whole(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? std::optional(at->get<std::int64_t>()) : std::nullopt;
}

/// Stored shares or probabilities; empty for anything else.
std::vector<double> numbers(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array()) return {};
  std::vector<double> out;
  for (const Json& one : *at) {
    const double number = one.is_number() ? one.get<double>() : -1;
    if (!(number >= 0 && number <= 1 + 1e-9)) return {};
    out.push_back(number);
  }
  return out;
}

}  // namespace

void RegimeFollower::take(UnixNanos now, double close) {
  if (!begun_) begun_ = now;
  state_.said = rule_.classifier->update(regimes::Bar::of_close(close));
  probabilities_.clear();
  analysis::append_probabilities(*rule_.classifier, state_.said, rule_.labels.size(), probabilities_);
  saved_.clear();
}

void RegimeFollower::close_bar(UnixNanos now) {
  if (last_ && now <= *last_) return;
  last_ = now;
  state_.bars = state_.said == state_.held ? state_.bars + 1 : 1;
  state_.held = state_.said;
  if (state_.bars >= rule_.confirm_bars) in_force_ = state_.held;
  if (rule_.adaptive) decide();
  saved_.clear();
}

/// The first weights are what is aimed at, later ones are moved to as far as it pays.
void RegimeFollower::decide() {
  decided_ = decided_.empty() ? ensemble::target_weights(*rule_.adaptive, probabilities_)
                              : ensemble::decide(*rule_.adaptive, probabilities_, decided_).weights;
}

void RegimeFollower::load(const Json& saved) {
  if (!saved.is_object() || saved.value("classifier_id", Json()) != rule_.classifier_id || saved.value("market", Json()) != rule_.market)
    return;
  const auto label = [&](const char* key) -> std::optional<regimes::State> {
    const auto state = whole(saved, key);
    if (!state || *state < regimes::kUnknown || *state >= static_cast<std::int64_t>(rule_.labels.size())) return std::nullopt;
    return static_cast<regimes::State>(*state);
  };
  const auto said = label("said"), held = label("held"), in_force = label("in_force");
  const auto bars = whole(saved, "bars"), begun = whole(saved, "begun"), last = whole(saved, "last");
  const auto remembered = saved.find("classifier");
  if (!said || !held || !in_force || !bars || !begun || !last || remembered == saved.end() || !remembered->is_string()) return;
  const auto probabilities = numbers(saved, "probabilities"), decided = numbers(saved, "weights");
  if (rule_.adaptive && (probabilities.size() != rule_.labels.size() || decided.size() != rule_.adaptive->global.weights.size())) return;
  if (!rule_.classifier->load(remembered->get_ref<const std::string&>())) return;
  if (rule_.adaptive) probabilities_ = probabilities, decided_ = decided;
  state_ = {*said, *held, *bars};
  in_force_ = *in_force;
  begun_ = begun;
  last_ = last;
  saved_.clear();
}

const std::string& RegimeFollower::save() const {
  if (!saved_.empty()) return saved_;
  std::string remembered = begun_ && last_ ? rule_.classifier->save() : std::string();
  saved_ = remembered.empty() ? "null"
                              : dump_json({{"classifier_id", rule_.classifier_id},
                                           {"market", rule_.market},
                                           {"said", state_.said},
                                           {"held", state_.held},
                                           {"bars", state_.bars},
                                           {"in_force", in_force_},
                                           {"begun", *begun_},
                                           {"last", *last_},
                                           {"probabilities", rule_.adaptive ? Json(probabilities_) : Json(nullptr)},
                                           {"weights", rule_.adaptive ? Json(decided_) : Json(nullptr)},
                                           {"classifier", std::move(remembered)}});
  return saved_;
}

}  // namespace tradewind::live
