// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/tuner_internal.hpp"

#include <algorithm>

#include "tradewind/telemetry/optimizer/optimizer_json.hpp"

namespace tradewind::live {

using telemetry::EffectVerdict;

bool Tuner::review(const telemetry::Suggestions& suggestions, telemetry::PerformanceOptimizer& optimizer,
                   const telemetry::PerformanceMonitor& monitor) {
  if (!trials_.empty() && trials_.back().effect.verdict == EffectVerdict::too_few_cycles) return judge(trials_.back(), optimizer, monitor);
  if (monitor.history().size() < telemetry::kEffectLeast) return false;  // nothing to compare with yet
  for (const telemetry::ConfigChange& change : suggestions.config_changes) {
    const bool tried = std::any_of(trials_.begin(), trials_.end(), [&](const Trial& one) { return one.change.key == change.key; });
    if (tried) continue;
    std::variant<bool, std::int64_t> before = std::int64_t{optimizer.settings().max_workers};
    if (const bool* on = std::get_if<bool>(&change.value)) before = !*on;
    if (!optimizer.apply(change, &monitor)) continue;
    trials_.push_back({change, before, {}, true});
    return true;
  }
  return false;
}

/// Whether a change was taken back.
bool Tuner::judge(Trial& trial, telemetry::PerformanceOptimizer& optimizer, const telemetry::PerformanceMonitor& monitor) {
  const auto effect = optimizer.measure_effect(trial.change.key, monitor);
  if (!effect) return false;
  trial.effect = *effect;
  if (effect->verdict == EffectVerdict::helped || effect->verdict == EffectVerdict::too_few_cycles) return false;
  telemetry::ConfigChange back = trial.change;
  back.value = trial.before;
  trial.kept = !optimizer.apply(back);
  return !trial.kept;
}

Json Tuner::report() const {
  Json all = Json::array();
  for (const Trial& trial : trials_) {
    Json one = telemetry::to_json(trial.effect);
    one["key"] = trial.change.key;
    one["change"] = trial.change.change;
    one["expected_improvement"] = trial.change.expected_improvement;
    one["kept"] = trial.kept;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace tradewind::live
