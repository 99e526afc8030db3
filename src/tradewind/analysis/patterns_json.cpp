// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/patterns_json.hpp"

#include "tradewind/base/json.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Undefined;

/// One object that gathers the reasons of what it cannot say.
class Fields {
 public:
  Json json;

  void put(const std::string& name, const metrics::Value& value) {
    json[name] = number_or_null(value.number);
    if (!value.defined()) missing(name, value.why);
  }
  void put(const std::string& name, const metrics::Interval& interval) {
    if (interval.defined()) {
      json[name] = Json::array({interval.low, interval.high});
    } else {
      json[name] = nullptr;
      missing(name, interval.why);
    }
  }
  void missing(const std::string& name, Undefined why) { undefined_[name] = metrics::undefined_name(why); }
  Json finish() {
    json["undefined"] = std::move(undefined_);
    return std::move(json);
  }

 private:
  Json undefined_ = Json::object();
};

void put_description(Fields& fields, const discovery::TradingPattern& p) {
  fields.json["avg_duration"] = p.avg_duration;
  fields.json["frequency"] = p.frequency;
  fields.put("win_rate", p.win_rate);
  fields.json["dominant_regimes"] = p.dominant_regimes;
  Json rates = Json::object();
  for (const auto& [label, rate] : p.regime_win_rates) {
    rates[label] = number_or_null(rate.number);
    if (!rate.defined()) fields.missing("regime_win_rates." + label, rate.why);
  }
  fields.json["regime_win_rates"] = std::move(rates);
  Json strategies = Json::array();
  for (const auto& [strategy, correlation] : p.best_strategies) strategies.push_back(Json::array({strategy, correlation}));
  fields.json["best_strategies"] = std::move(strategies);
  fields.put("volatility_range", p.volatility_range);
  fields.json["volume_profile"] = p.volume_profile.empty() ? Json(nullptr) : Json(p.volume_profile);
  if (p.volume_profile.empty()) fields.missing("volume_profile", Undefined::empty);
  if (!p.events) return;
  Fields events;
  events.json["fills"] = p.events->fills;
  events.put("avg_delay_seconds", p.events->avg_delay_seconds);
  events.put("cost_per_occurrence", p.events->cost_per_occurrence);
  fields.json["events"] = events.finish();
}

}  // namespace

Json pattern_json(const discovery::TradingPattern& p) {
  Fields fields;
  Json& json = fields.json;
  json["pattern_id"] = p.pattern_id;
  json["form"] = discovery::form_name(p.form);
  json["pattern_type"] = p.pattern_type ? Json(discovery::pattern_type_name(*p.pattern_type)) : Json(nullptr);
  if (!p.pattern_type) fields.missing("pattern_type", Undefined::zero_variance);
  json["sequence"] = std::vector<int>(p.sequence.begin(), p.sequence.end());
  json["regime"] = p.regime ? Json(*p.regime) : Json(nullptr);
  json["occurrences"] = p.occurrences;
  json["support"] = p.support;
  json["confidence"] = p.confidence;
  json["structural"] = p.structural;
  if (p.form == discovery::Form::runs) json["closed"] = p.closed;
  fields.put("avg_return", p.avg_return);
  fields.put("effect", p.effect);
  fields.put("t_statistic", p.t_statistic);
  fields.put("p_value", p.p_value);
  fields.put("p_adjusted", p.p_adjusted);
  fields.put("q_value", p.q_value);
  json["holdout_occurrences"] = p.holdout_occurrences;
  fields.put("holdout_effect", p.holdout_effect);
  json["profitable"] = p.profitable;
  put_description(fields, p);
  return fields.finish();
}

Json transition_json(const discovery::TransitionPattern& p) {
  Fields fields;
  fields.json["from"] = p.from;
  fields.json["to"] = p.to;
  fields.json["occurrences"] = p.occurrences;
  fields.put("avg_return", p.avg_return);
  fields.put("interval", p.interval);
  fields.put("win_rate", p.win_rate);
  fields.put("effect", p.effect);
  fields.put("avg_duration", p.avg_duration);
  fields.put("p_value", p.p_value);
  fields.put("p_adjusted", p.p_adjusted);
  fields.put("q_value", p.q_value);
  fields.json["significant"] = p.significant;
  return fields.finish();
}

Json skill_json(const discovery::ConditionSkill& skill) {
  Fields fields;
  fields.json["rows"] = skill.rows;
  fields.put("information_coefficient", skill.information_coefficient);
  fields.put("r_squared", skill.r_squared);
  fields.put("p_value", skill.p_value);
  fields.put("net_return", skill.net_return);
  Json folds = Json::array();
  for (const auto& coefficient : skill.fold_coefficients) folds.push_back(number_or_null(coefficient.number));
  fields.json["fold_coefficients"] = std::move(folds);
  Json importance = Json::array();
  for (const auto& [name, share] : skill.importance) importance.push_back(Json::array({name, share}));
  fields.json["importance"] = std::move(importance);
  fields.json["skilled"] = skill.skilled;
  return fields.finish();
}

Json shapes_json(const discovery::Shapes& shapes) {
  const auto list = [](const std::vector<discovery::Shape>& found) {
    Json json = Json::array();
    for (const auto& s : found) json.push_back({{"start", s.start}, {"match", s.match}, {"distance", s.distance}, {"p_value", s.p_value}});
    return json;
  };
  return {{"windows", shapes.windows}, {"motifs", list(shapes.motifs)}, {"discords", list(shapes.discords)}};
}

}  // namespace tradewind::analysis
