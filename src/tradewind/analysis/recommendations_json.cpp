// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/base/json.hpp"

namespace tradewind::analysis {
namespace {

Json recommendation(const char* kind, std::string text, std::string reason, Json strategies, Json numbers = Json::object()) {
  return {{"kind", kind},
          {"text", std::move(text)},
          {"reason", std::move(reason)},
          {"strategies", std::move(strategies)},
          {"numbers", std::move(numbers)}};
}

double number(const Json& json) { return json.is_number() ? json.get<double>() : std::nan(""); }

const Json* path_named(const Json& ensemble, const char* kind) {
  for (const Json& path : ensemble["performance"])
    if (path["kind"] == kind) return &path;
  return nullptr;
}

std::string without_point(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return text;
}

const char* kind_of(const Verdict& verdict) {
  if (verdict.find("record") != nullptr) return "more_data";
  switch (verdict.level) {
    case VerdictLevel::trade: return "trade_ensemble";
    case VerdictLevel::paper: return "paper_trade";
    case VerdictLevel::nothing: break;
  }
  return "trade_nothing";
}

/// What the verdict rests on: what is in the way of a better one, or else everything.
std::string reason_of(const Verdict& verdict) {
  std::string doubts, all;
  for (const VerdictReason& one : verdict.reasons) {
    std::string& list = one.outcome == CheckOutcome::passed ? all : doubts;
    list += (list.empty() ? "" : " ") + one.text;
  }
  return without_point(doubts.empty() ? all : doubts);
}

/// The chance that luck explains the best of the strategies that are held.
Json smallest_p_of_held(const Json& document) {
  double smallest = std::nan("");
  for (const Json& one : member(document, "strategies")) {
    const double p = member(one, "status") == "selected" ? number(member(one, "family_wise_p")) : std::nan("");
    if (!(smallest <= p) && std::isfinite(p)) smallest = p;
  }
  return number_or_null(smallest);
}

Json first_recommendation(const Json& document, const Verdict& verdict) {
  const Json& ensemble = member(document, "ensemble");
  const bool weighed = verdict.find("unseen_data") != nullptr;
  Json numbers = Json::object();
  if (weighed) {
    const Json* path = path_named(ensemble, "ensemble");
    const Json& holdout = path == nullptr ? member(document, "") : member(*path, "holdout");
    const Json& interval = member(member(holdout, "intervals"), "sharpe_ratio");
    numbers = {{"holdout_sharpe", member(holdout, "sharpe_ratio")},
               {"holdout_sharpe_low", interval.is_array() && !interval.empty() ? interval[0] : Json(nullptr)},
               {"family_wise_p", smallest_p_of_held(document)},
               {"pbo", member(member(document, "overfitting"), "pbo")}};
  } else if (const Json& funnel = member(document, "funnel"); funnel.is_array() && !funnel.empty()) {
    numbers = {{"scanned", member(funnel[0], "strategies")}};
  }
  Json strategies = weighed ? member(ensemble, "strategies") : Json::array();
  return recommendation(kind_of(verdict), without_point(verdict.headline), reason_of(verdict), std::move(strategies), std::move(numbers));
}

void add_regimes(const Json& document, Json& all) {
  for (const auto& [regime, why] : document["ensemble"]["fallback"].items()) {
    const std::string reason = why.get<std::string>();
    if (reason.starts_with("cash"))
      all.push_back(
          recommendation("stay_out", fmt::format("Stay in cash in regime '{}'", regime), reason, document["ensemble"]["strategies"]));
  }
}

void add_simpler(const Json& document, Json& all) {
  const Json& ensemble = document["ensemble"];
  const Json* own = path_named(ensemble, "ensemble");
  const Json* equal = path_named(ensemble, "equal");
  if (own == nullptr || equal == nullptr) return;
  const double a = number((*own)["holdout"]["sharpe_ratio"]), b = number((*equal)["holdout"]["sharpe_ratio"]);
  if (!(b >= a)) return;
  const bool same = ensemble["strategies"].size() < 2 || b - a <= 1e-9 * std::fabs(a);  // there was no freedom to use
  if (same) return;
  all.push_back(recommendation(
      "prefer_simple", "Consider equal weights",
      fmt::format(
          "on the held-out part they had a Sharpe ratio of {:.2f}, the optimised ones {:.2f}: the optimiser earned nothing for its freedom",
          b, a),
      ensemble["strategies"], {{"equal_weight", b}, {"ensemble", a}}));
}

std::string bars_of(const Json& sequence) {
  std::vector<std::string> words;
  for (const Json& one : sequence) words.push_back(one == 0 ? "flat" : one.get<int>() > 0 ? "long" : "short");
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Patterns that passed their tests: something that no strategy of the run may trade yet.
void add_patterns(const Json& document, Json& all) {
  const Json& patterns = member(document, "patterns");
  const std::string symbol = member(patterns, "symbol").is_string() ? patterns["symbol"].get<std::string>() : "";
  const auto test_it = "; make it a strategy and sweep it: a pattern is tested like any other trial";
  if (const Json& found = member(patterns, "significant"); found.is_array() && !found.empty()) {
    const Json& best = found[0];
    const std::string when = best["regime"].is_string() ? fmt::format(" in regime '{}'", best["regime"].get<std::string>()) : "";
    all.push_back(recommendation(
        "watch_pattern", fmt::format("Look at what follows \"{}\" in {}{}", bars_of(best["sequence"]), symbol, when),
        fmt::format("{:+.2f} standard deviations after costs, beyond holding, over {} occurrences (p {:.3f} adjusted for {} tests){}",
                    number(best["effect"]), best["occurrences"].get<std::int64_t>(), number(best["p_adjusted"]),
                    patterns["tested"].get<std::int64_t>(), test_it),
        Json::array(), {{"effect", best["effect"]}, {"p_adjusted", best["p_adjusted"]}, {"holdout_effect", best["holdout_effect"]}}));
  }
  for (const Json& one : patterns["transitions"]) {
    if (!one["significant"].get<bool>()) continue;
    all.push_back(recommendation(
        "watch_pattern",
        fmt::format("Look at {} after a change from '{}' to '{}'", symbol, one["from"].get<std::string>(), one["to"].get<std::string>()),
        fmt::format("{:+.2f} standard deviations after costs, beyond holding, over {} changes (p {:.3f} adjusted for {} tests){}",
                    number(one["effect"]), one["occurrences"].get<std::int64_t>(), number(one["p_adjusted"]),
                    patterns["tested_transitions"].get<std::int64_t>(), test_it),
        Json::array(), {{"effect", one["effect"]}, {"p_adjusted", one["p_adjusted"]}}));
  }
  const Json& model = member(patterns, "model");
  if (model.is_object() && model["skilled"].get<bool>())
    all.push_back(recommendation(
        "watch_pattern", fmt::format("Look at what tells the next bar of {}", symbol),
        fmt::format("a model of signals, regimes and recent returns tells it beyond chance on bars it had not seen (correlation {:.3f}, p "
                    "{:.3f}), {:+.4f} % a bar after costs; `tradewind patterns RUN --model` names the conditions",
                    number(model["information_coefficient"]), number(model["p_value"]), 100 * number(model["net_return"])),
        Json::array(), {{"information_coefficient", model["information_coefficient"]}, {"p_value", model["p_value"]}}));
}

void add_track_record(const Json& document, Json& all) {
  const double needed = number(document["overfitting"]["min_track_record"]);
  const double have = number(document["split"]["selection_bars"]);
  if (!(needed > have)) return;
  all.push_back(recommendation(
      "more_data", fmt::format("Collect {:.0f} more bars", std::ceil(needed - have)),
      fmt::format("the best strategy needs a track record of {:.0f} bars to be above 0 with 95 % confidence; there are {:.0f}",
                  std::ceil(needed), have),
      Json::array(), {{"min_track_record", needed}, {"bars", have}}));
}

}  // namespace

Json recommendations_json(const Json& document, const Verdict& verdict) {
  Json all = Json::array();
  all.push_back(first_recommendation(document, verdict));
  if (verdict.find("record") != nullptr) return all;
  if (verdict.find("unseen_data") == nullptr) {
    add_patterns(document, all);
    add_track_record(document, all);
    return all;
  }
  add_regimes(document, all);
  add_simpler(document, all);
  const Json& adaptive = document["ensemble"]["adaptive"];
  if (adaptive.is_object() && adaptive.contains("paid") && adaptive["paid"].is_boolean())
    all.push_back(recommendation(
        adaptive["paid"].get<bool>() ? "adapt_weights" : "keep_weights",
        adaptive["paid"].get<bool>()
            ? "Let the weights follow the probabilities of the regimes: `replay RUN --ensemble --adaptive`, live `adaptive: true`"
            : "Keep the weights by regime as they are, without refitting",
        adaptive.value("verdict", ""), document["ensemble"]["strategies"]));
  add_patterns(document, all);
  add_track_record(document, all);
  return all;
}

}  // namespace tradewind::analysis
