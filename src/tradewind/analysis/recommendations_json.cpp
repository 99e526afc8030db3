// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/short_record_json.hpp"

namespace tradewind::analysis {
namespace {

/// What the evidence must show before real money is recommended.
constexpr double kConvincingDsr = 0.95;
constexpr double kToleratedPbo = 0.5;

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

/// The criterion that cost the most candidates.
Json biggest_cut(const Json& funnel) {
  const Json* most = nullptr;
  for (const Json& stage : funnel)
    if (most == nullptr || stage["rejected"] > (*most)["rejected"]) most = &stage;
  return most == nullptr ? Json(nullptr) : *most;
}

Json nothing_qualifies(const Json& document) {
  const Json cut = biggest_cut(document["funnel"]);
  return recommendation("trade_nothing", "Trade nothing yet",
                        fmt::format("none of {} strategies meets the criteria; most fall to: {} ({} strategies)",
                                    document["funnel"][0]["strategies"].get<std::size_t>(), cut["reason"].get<std::string>(),
                                    cut["rejected"].get<std::size_t>()),
                        Json::array(), {{"scanned", document["funnel"][0]["strategies"]}});
}

/// How sure: held-out result first, then what luck explains.
Json verdict_on_ensemble(const Json& document) {
  const Json& ensemble = document["ensemble"];
  const Json* path = path_named(ensemble, "ensemble");
  const double held_out = path == nullptr ? std::nan("") : number((*path)["holdout"]["sharpe_ratio"]);
  double dsr = 0;
  for (const Json& s : document["strategies"])
    if (s["status"] == "selected" && s["dsr"].is_number()) dsr = std::max(dsr, s["dsr"].get<double>());
  const double pbo = number(document["overfitting"]["pbo"]);
  const Json interval = path == nullptr ? Json(nullptr) : (*path)["holdout"]["intervals"]["sharpe_ratio"];
  const double low = interval.is_array() ? number(interval[0]) : std::nan("");
  Json numbers = {{"holdout_sharpe", number_or_null(held_out)},
                  {"holdout_sharpe_low", number_or_null(low)},
                  {"dsr", dsr},
                  {"pbo", number_or_null(pbo)}};
  const auto doubts = [&] {
    std::string text;
    const auto add = [&](const std::string& one) { text += (text.empty() ? "" : "; ") + one; };
    if (!(low > 0))
      add(std::isfinite(low) ? fmt::format("the interval of the held-out Sharpe ratio reaches down to {:.2f}", low)
                             : "the held-out part is too short for an interval");
    if (!(dsr >= kConvincingDsr))
      add(fmt::format("no selected strategy's deflated Sharpe ratio reaches {:.2f} (the best: {:.2f}), so luck is not ruled out",
                      kConvincingDsr, dsr));
    const Json* market = path_named(ensemble, "baseline");
    const double bought = market == nullptr ? std::nan("") : number((*market)["holdout"]["sharpe_ratio"]);
    if (bought >= held_out) add(fmt::format("buying and holding did as well ({:.2f})", bought));
    if (std::isfinite(pbo) && pbo >= kToleratedPbo) add(fmt::format("the probability of backtest overfitting is {:.2f}", pbo));
    return text;
  }();
  if (!(held_out > 0))
    return recommendation(
        "trade_nothing", "Do not trade the ensemble",
        std::isfinite(held_out)
            ? fmt::format("what was selected on the first part has a Sharpe ratio of {:.2f} on the held-out part", held_out)
            : "it made no trade on the held-out part",
        ensemble["strategies"], numbers);
  if (!doubts.empty())
    return recommendation("paper_trade", "Trade the ensemble on paper first",
                          fmt::format("it has a Sharpe ratio of {:.2f} on the held-out part, but {}", held_out, doubts),
                          ensemble["strategies"], numbers);
  return recommendation("trade_ensemble", "Trade the ensemble, small at first",
                        fmt::format("it has a Sharpe ratio of {:.2f} on the held-out part (at least {:.2f} with 97.5 % confidence) and a "
                                    "deflated Sharpe ratio of {:.2f}",
                                    held_out, low, dsr),
                        ensemble["strategies"], numbers);
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
  all.push_back(recommendation(
      "prefer_simple", "Consider equal weights",
      fmt::format(
          "on the held-out part they had a Sharpe ratio of {:.2f}, the optimised ones {:.2f}: the optimiser earned nothing for its freedom",
          b, a),
      ensemble["strategies"], {{"equal_weight", b}, {"ensemble", a}}));
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

/// A record of less than a quarter of a year is no track record: what it would be in a year means nothing, as for annualized_return.
std::optional<Json> too_short(const Json& document) {
  const auto years = short_record_years(document);
  if (!years) return std::nullopt;
  const double bars = number(document["split"]["selection_bars"]) + number(document["split"]["holdout_bars"]);
  return recommendation(
      "more_data", "Do not judge this yet",
      fmt::format("{:.0f} bars are {:.2g} days; nothing shorter than a quarter of a year is judged", bars, 365.25 * *years), Json::array(),
      {{"bars", bars}, {"years", *years}});
}

}  // namespace

Json recommendations_json(const Json& document) {
  Json all = Json::array();
  if (auto wait = too_short(document)) {
    all.push_back(std::move(*wait));
    return all;
  }
  if (!document["qualified"].get<bool>()) {
    all.push_back(nothing_qualifies(document));
    add_track_record(document, all);
    return all;
  }
  all.push_back(verdict_on_ensemble(document));
  add_regimes(document, all);
  add_simpler(document, all);
  const Json& adaptive = document["ensemble"]["adaptive"];
  if (adaptive.is_object() && adaptive.contains("paid") && adaptive["paid"].is_boolean())
    all.push_back(recommendation(adaptive["paid"].get<bool>() ? "adapt_weights" : "keep_weights",
                                 adaptive["paid"].get<bool>() ? "Adapt the weights with the regimes" : "Keep the weights fixed",
                                 adaptive.value("verdict", ""), document["ensemble"]["strategies"]));
  add_track_record(document, all);
  return all;
}

}  // namespace tradewind::analysis
