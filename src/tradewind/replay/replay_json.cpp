// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/replay/adaptive_json.hpp"
#include "tradewind/replay/replay_json_internal.hpp"
#include "tradewind/replay/replay_strategy_json.hpp"
#include "tradewind/replay/write_replay_run.hpp"

namespace tradewind::replay {
namespace {

constexpr UnixNanos kEarliest = std::numeric_limits<UnixNanos>::min();
constexpr UnixNanos kLatest = std::numeric_limits<UnixNanos>::max();

Json bound(UnixNanos time, UnixNanos open) { return time == open ? Json(nullptr) : Json(format_time(time)); }

Json value_json(const metrics::Value& value) { return value.defined() ? Json(value.number) : Json(nullptr); }

Json drift_json(const metrics::DriftReport& drift) {
  return {{"alarm", enum_name(drift.alarm)},
          {"alarm_bar", drift.alarm_bar < 0 ? Json(nullptr) : Json(drift.alarm_bar)},
          {"worse", drift.worse},
          {"threshold", drift.threshold},
          {"shift", drift.shift},
          {"mean_bars_to_false_alarm", drift.mean_bars_to_false_alarm},
          {"mean_bars_to_detection", drift.mean_bars_to_detection}};
}

Json switches_json(const RegimeReplayResult& result) {
  const auto label = [&](int regime) { return regime < 0 ? Json(nullptr) : Json(result.regimes[static_cast<std::size_t>(regime)].label); };
  Json out = Json::array();
  for (const RegimeSwitch& change : result.switches)
    out.push_back({{"time", format_time(change.time)},
                   {"from", label(change.from)},
                   {"to", label(change.to)},
                   {"turnover", change.turnover},
                   {"traded", change.traded},
                   {"cost", change.cost},
                   {"fills", change.fills},
                   {"complete", change.complete}});
  return out;
}

Json regimes_json(const RegimeReplayResult& result) {
  Json out = Json::object();
  for (const RegimeTime& regime : result.regimes)
    out[regime.label] = {{"bars", regime.bars},
                         {"runs", regime.runs},
                         {"mean", value_json(regime.mean)},
                         {"volatility", value_json(regime.volatility)},
                         {"sharpe_ratio", value_json(regime.sharpe_ratio)}};
  return out;
}

Json members_json(const RegimeReplayResult& result, std::span<const std::string> ids) {
  Json out = Json::array();
  for (std::size_t m = 0; m < result.members.size(); ++m) {
    const MemberResult& member = result.members[m];
    Json one = {{"strategy_id", ids.empty() ? member.strategy.strategy_id : ids[m]},
                {"source_run_id", member.strategy.run_id},
                {"symbol", member.symbol},
                {"weight", member.strategy.weight},
                {"profit", member.profit}};
    one.update(performance_json(member.performance));
    out.push_back(std::move(one));
  }
  return out;
}

Json outcome_json(const RegimeReplayResult& result) {
  Json out = performance_json(result.performance);
  out["costs"] = {{"strategies", result.strategy_costs}, {"switching", result.switching_costs}};
  return out;
}

}  // namespace

Json performance_json(const metrics::PerformanceMetrics& m) {
  Json values = Json::object();
  Json undefined = Json::object();
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) {
    const std::string name(enum_name(static_cast<metrics::Metric>(i)));
    const bool defined = m.reason[i] == metrics::Undefined::defined;
    values[name] = defined ? Json(m.value[i]) : Json(nullptr);
    if (!defined) undefined[name] = enum_name(m.reason[i]);
  }
  values["unit"] = m.unit == metrics::Unit::trade ? "trade" : "bar";
  values["bars"] = m.bars;
  values["ruin"] = m.ruin;
  values["total_trades"] = m.total_trades;
  values["total_fills"] = m.total_fills;
  return {{"metrics", values}, {"undefined", undefined}};
}

Json config_json(const SignalReplayConfig& config, const std::string& classifier_id) {
  Json out = {{"strategies", Json::array()},
              {"regimes", config.regimes},
              {"regime_weights", config.regime_weights},
              {"from", bound(config.from, kEarliest)},
              {"to", bound(config.to, kLatest)},
              {"confirm_bars", config.confirm_bars},
              {"classifier", classifier_id.empty() ? Json(nullptr) : Json(classifier_id)}};
  for (const ReplayStrategy& strategy : config.strategies) out["strategies"].push_back(strategy_json(strategy));
  if (config.adaptive) out["adaptive"] = adaptive_json(*config.adaptive, config.regimes);
  return out;
}

std::string replay_config_json(const SignalReplayConfig& config, const std::string& classifier_id) {
  return dump_json(config_json(config, classifier_id));
}

Result<StoredReplay> replay_config_from_json(std::string_view json) {
  try {
    TRADEWIND_ASSIGN(const Json in, parse_json(json, "the stored replay"));
    StoredReplay out;
    for (const Json& strategy : in.at("strategies")) {
      TRADEWIND_ASSIGN(ReplayStrategy one, strategy_from_json(strategy));
      out.config.strategies.push_back(std::move(one));
    }
    out.config.regimes = in.at("regimes").get<std::vector<std::string>>();
    out.config.regime_weights = in.at("regime_weights").get<std::vector<std::vector<double>>>();
    out.config.confirm_bars = in.at("confirm_bars");
    if (const Json& adaptive = member(in, "adaptive"); adaptive.is_object()) {
      TRADEWIND_ASSIGN(out.config.adaptive, adaptive_from_json(adaptive, out.config.regimes, out.config.strategies.size()));
    }
    if (in.at("classifier").is_string()) out.classifier_id = in.at("classifier");
    const auto time = [&](const char* key, UnixNanos& into) {
      if (in.at(key).is_null()) return true;
      const auto parsed = parse_time(in.at(key).get<std::string>());
      if (parsed) into = parsed->nanos;
      return parsed.has_value();
    };
    if (!time("from", out.config.from) || !time("to", out.config.to)) return Error(Errc::corrupt, "the stored replay's window is no time");
    return out;
  } catch (const std::exception& fault) {
    return Error(Errc::corrupt, std::string("the stored replay cannot be read: ") + printable(fault.what(), 200));
  }
}

std::string replay_document(const std::string& run_id, const SignalReplayConfig& config, const std::string& classifier_id,
                            std::span<const std::string> ids, const RegimeReplayResult& result, const ReplayBaselines& baselines) {
  Json out = {{"format_version", 1},
              {"run_id", run_id},
              {"first", format_time(result.timestamp.front())},
              {"last", format_time(result.timestamp.back())},
              {"bars", result.timestamp.size()},
              {"config", config_json(config, classifier_id)}};
  out["ensemble"] = outcome_json(result);
  out["turnover"] = result.turnover;
  out["switches"] = switches_json(result);
  out["regimes"] = regimes_json(result);
  out["unknown_bars"] = result.unknown_bars;
  if (result.drift) out["drift"] = drift_json(*result.drift);
  out["members"] = members_json(result, ids);
  out["baselines"] = {{kStaticRow, outcome_json(baselines.static_weights)},
                      {kEqualRow, outcome_json(baselines.equal_weight)},
                      {kBuyAndHoldRow, outcome_json(baselines.buy_and_hold)}};
  out["baselines"][kBuyAndHoldRow]["members"] = members_json(baselines.buy_and_hold, {});
  return dump_json(out, 2) + "\n";
}

}  // namespace tradewind::replay
