// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "tradewind/analysis/short_record_json.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::analysis {
namespace {

constexpr double kFamilyWiseLevel = 0.05;
constexpr double kUnlikelyLuck = 0.20;
constexpr double kLowPbo = 0.2;
constexpr double kHighPbo = 0.5;

double number(const Json& value) { return value.is_number() ? value.get<double>() : std::nan(""); }
std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }
std::int64_t whole(const Json& value) { return value.is_number_integer() ? value.get<std::int64_t>() : 0; }

std::string plural(std::int64_t number, std::string_view noun, std::string_view nouns) {
  return fmt::format("{} {}", count(number), number == 1 ? noun : nouns);
}

const Json& path_of_kind(const Json& document, std::string_view kind) {
  for (const Json& path : member(member(document, "ensemble"), "performance"))
    if (text_of(member(path, "kind")) == kind) return path;
  return member(document, "");
}
double held_out_sharpe(const Json& document, std::string_view kind) {
  return number(member(member(path_of_kind(document, kind), "holdout"), "sharpe_ratio"));
}

VerdictReason unseen_data(const Json& document) {
  VerdictReason check{"unseen_data", CheckOutcome::unknown, "No held-out result: the ensemble made no trade on data it had not seen."};
  const Json& holdout = member(path_of_kind(document, "ensemble"), "holdout");
  const Json& interval = member(member(holdout, "intervals"), "sharpe_ratio");
  const double sharpe = number(member(holdout, "sharpe_ratio"));
  const bool known = interval.is_array() && interval.size() == 2;
  const double low = known ? number(interval[0]) : std::nan(""), high = known ? number(interval[1]) : std::nan("");
  if (!std::isfinite(sharpe)) return check;
  const Json& own = member(holdout, "bars");
  const std::string bars = plural(whole(own.is_null() ? member(member(document, "split"), "holdout_bars") : own), "bar", "bars");
  const std::string range = std::isfinite(low) ? fmt::format("95 % interval {} to {}", fixed(low), fixed(high)) : "no interval known";
  check.outcome = sharpe <= 0 ? CheckOutcome::failed : low > 0 ? CheckOutcome::passed : CheckOutcome::partly;
  if (check.outcome == CheckOutcome::failed)
    check.text =
        fmt::format("A Sharpe ratio of {} on {} that played no role in the choice ({}): it earned nothing.", fixed(sharpe), bars, range);
  else if (check.outcome == CheckOutcome::passed)
    check.text = fmt::format("A Sharpe ratio of {} after costs on {} that played no role in the choice; the {} lies above 0.",
                             fixed(sharpe), bars, range);
  else
    check.text = fmt::format("A Sharpe ratio of {} after costs on {} that played no role in the choice, but with {} it may be nothing.",
                             fixed(sharpe), bars, std::isfinite(low) ? "a " + range : range);
  return check;
}

/// What the family-wise test says of the strategies that are held.
struct HeldLuck {
  std::size_t held = 0;
  std::size_t believed = 0;
  double believed_weight = 0;  ///< of the weights over all bars, which sum to `weight`
  double weight = 0;
  double smallest_p = std::numeric_limits<double>::quiet_NaN();
};
HeldLuck held_luck(const Json& document) {
  HeldLuck luck;
  const Json& ensemble = member(document, "ensemble");
  for (const Json& strategy : member(document, "strategies")) {
    const std::string id = text_of(member(strategy, "strategy_id"));
    const Json& held = member(ensemble, "strategies");
    if (id.empty() || !held.is_array() || std::find(held.begin(), held.end(), Json(id)) == held.end()) continue;
    ++luck.held;
    const double p = number(member(strategy, "family_wise_p"));
    const double weight = std::max(0.0, number(member(member(ensemble, "global_weights"), id)));  // std::max takes NaN for 0
    luck.weight += weight;
    if (!std::isfinite(p)) continue;
    luck.smallest_p = std::isfinite(luck.smallest_p) ? std::min(luck.smallest_p, p) : p;
    if (p > kFamilyWiseLevel) continue;
    ++luck.believed;
    luck.believed_weight += weight;
  }
  return luck;
}

VerdictReason luck_of_tries(const Json& document) {
  VerdictReason check{"luck", CheckOutcome::unknown, "Luck was not measured: the held strategies have no family-wise p."};
  const HeldLuck luck = held_luck(document);
  if (!std::isfinite(luck.smallest_p)) return check;
  const bool most = luck.weight > 0 ? 2 * luck.believed_weight >= luck.weight : luck.believed == luck.held;
  check.outcome = luck.believed > 0 && most                               ? CheckOutcome::passed
                  : luck.believed > 0 || luck.smallest_p <= kUnlikelyLuck ? CheckOutcome::partly
                                                                          : CheckOutcome::failed;
  const std::string tries = plural(whole(member(member(document, "overfitting"), "trials")), "try", "tries");
  const Json& benchmark = member(member(document, "overfitting"), "benchmark");
  const bool other = benchmark.is_string() && benchmark != "holding";
  // Without a benchmark there is no market: accounts, returns, or a return above 0 is asked for.
  const auto did = [&](const char* whose) {
    if (benchmark.is_number()) return std::string("earned");
    return "beat " + (other ? benchmark.get<std::string>() : fmt::format("holding {} market", whose));
  };
  const std::string p = luck.smallest_p < 0.001 ? std::string("below 0.001") : fixed(luck.smallest_p, 3);
  if (luck.believed == 0)
    check.text = fmt::format("No held strategy {} by more than the luck of {} explains: the smallest family-wise p is {} (5 % is the bar).",
                             did("its"), tries, p);
  else
    check.text = fmt::format(
        "{} of {} held strategies, with {} of the weight, {} by more than the luck of {} explains (family-wise 5 %; the smallest p is {}).",
        luck.believed, luck.held, percent(luck.weight > 0 ? luck.believed_weight / luck.weight : std::nan(""), 0), did("their"), tries, p);
  return check;
}

VerdictReason overfitting(const Json& document) {
  VerdictReason check{"overfitting", CheckOutcome::unknown, "No probability of overfitting: it takes two strategies and 32 bars."};
  const double pbo = number(member(member(document, "overfitting"), "pbo"));
  if (!std::isfinite(pbo)) return check;
  check.outcome = pbo < kLowPbo ? CheckOutcome::passed : pbo < kHighPbo ? CheckOutcome::partly : CheckOutcome::failed;
  check.text = fmt::format(
      "In {} of all ways to split the history, what was best in one half fell below the median in the other (50 % is a coin toss).",
      percent(pbo, 0));
  return check;
}

/// How many strategies the ensemble holds.
std::size_t members_of(const Json& document) {
  const Json& ensemble = member(document, "ensemble");
  const Json& strategies = member(ensemble, "strategies");
  const bool weighed = !member(ensemble, "global_weights").empty() || !member(ensemble, "weights").empty();
  return strategies.is_array() && weighed ? strategies.size() : 0;
}

VerdictReason alternatives(const Json& document) {
  VerdictReason check{"alternatives", CheckOutcome::unknown, "There is nothing to compare with."};
  const double ours = held_out_sharpe(document, "ensemble");
  std::string better, worse;
  for (const std::string_view kind : {"equal", "single", "baseline"}) {
    const double theirs = held_out_sharpe(document, kind);
    if (!std::isfinite(ours) || !std::isfinite(theirs)) continue;
    // The same thing under another name is no alternative: one strategy, or weights that are equal anyway.
    if (kind != "baseline" && (members_of(document) == 1 || std::fabs(ours - theirs) <= 1e-9 * std::fabs(ours))) continue;
    std::string& list = ours > theirs ? better : worse;
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", text_of(member(path_of_kind(document, kind), "name")), fixed(theirs));
    if (ours <= theirs && kind == "baseline") check.outcome = CheckOutcome::failed;
  }
  if (better.empty() && worse.empty()) return check;
  if (check.outcome != CheckOutcome::failed) check.outcome = worse.empty() ? CheckOutcome::passed : CheckOutcome::partly;
  check.text = fmt::format("Held-out Sharpe ratio of {}", fixed(ours));
  if (!better.empty()) check.text += fmt::format(", above {}", better);
  if (!worse.empty()) check.text += fmt::format(", not above {}", worse);
  check.text += ".";
  return check;
}

std::string summary_of_ensemble(const Json& document, std::size_t members) {
  const Json& holdout = member(path_of_kind(document, "ensemble"), "holdout");
  const Json& funnel = member(document, "funnel");
  std::string text = members == 1 ? "It was chosen" : "They were chosen";
  if (funnel.is_array() && !funnel.empty())
    text += fmt::format(" from {}", plural(whole(member(funnel[0], "strategies")), "strategy", "strategies"));
  text += " on the earlier part of the data.";
  const double annual = number(member(holdout, "annualized_return")), depth = number(member(holdout, "max_drawdown"));
  if (std::isfinite(annual) && std::isfinite(depth))
    text += fmt::format(
        " On the later part, which played no role in the choice, the {} made {} a year after costs with a largest drawdown of {}.",
        members == 1 ? "strategy" : "ensemble", percent(annual), percent(depth));
  return text;
}

std::string summary_of_nothing(const Json& document) {
  const Json& funnel = member(document, "funnel");
  const Json* cut = nullptr;
  if (funnel.is_array())
    for (const Json& stage : funnel)
      if (cut == nullptr || whole(member(stage, "rejected")) > whole(member(*cut, "rejected"))) cut = &stage;
  std::string text = cut == nullptr ? std::string("No strategy met the criteria.")
                                    : fmt::format("None of {} met the criteria.",
                                                  plural(whole(member(funnel[0], "strategies")), "strategy", "strategies"));
  if (cut != nullptr && whole(member(*cut, "rejected")) > 0) {
    const std::string reason = text_of(member(*cut, "reason"));
    text += fmt::format(" Most, {}, were rejected at \"{}\"{}{}.", count(whole(member(*cut, "rejected"))), text_of(member(*cut, "stage")),
                        reason.empty() ? "" : ": ", reason);
  }
  const Json& strategies = member(document, "strategies");
  if (strategies.is_array() && !strategies.empty()) {
    const Json& best = strategies[0];
    const double before = number(member(member(best, "selection"), "sharpe_ratio"));
    if (std::isfinite(before))
      text +=
          fmt::format(" The best, {}, had a Sharpe ratio of {} on the earlier part of the data and {} on the later.",
                      text_of(member(best, "strategy_id")), fixed(before), fixed(number(member(member(best, "holdout"), "sharpe_ratio"))));
  }
  return text + " That is a result, not a failure: relaxing the criteria until something passes would only find luck.";
}

Verdict nothing(std::string headline, std::string summary, std::string reason) {
  Verdict verdict;
  verdict.headline = std::move(headline);
  verdict.summary = std::move(summary);
  verdict.reasons.push_back({std::move(reason), CheckOutcome::failed, verdict.summary});
  return verdict;
}

/// What ends the judgement before anything is weighed.
std::optional<Verdict> nothing_to_judge(const Json& document) {
  if (const auto years = short_record_years(document)) {
    const Json& split = member(document, "split");
    const std::int64_t bars = whole(member(split, "selection_bars")) + whole(member(split, "holdout_bars"));
    return nothing("Too early to judge.",
                   fmt::format("{} are {:.2g} days; nothing shorter than a quarter of a year is judged.", plural(bars, "bar", "bars"),
                               365.25 * *years),
                   "record");
  }
  if (member(document, "qualified") != true) return nothing("Trade nothing.", summary_of_nothing(document), "criteria");
  if (members_of(document) > 0) return std::nullopt;
  const std::string status = text_of(member(member(document, "ensemble"), "status"));
  return nothing(
      "Trade nothing yet: no ensemble could be formed.",
      fmt::format("Strategies met the criteria, but their weights have no solution ({}).", status.empty() ? "no reason given" : status),
      "weights");
}

std::string headline_of(const Verdict& verdict, std::size_t members) {
  const std::string the = members == 1 ? "one strategy" : fmt::format("the ensemble of {} strategies", members);
  if (verdict.level == VerdictLevel::nothing) return fmt::format("Trade nothing: {} earned nothing on unseen data.", the);
  const bool trade = verdict.level == VerdictLevel::trade;
  switch (verdict.confidence) {
    case Confidence::high: return fmt::format("{} {}.", trade ? "Trade" : "Paper-trade", the);
    case Confidence::moderate:
      return trade ? fmt::format("Trade {}, small at first.", the)
                   : fmt::format("Paper-trade {} first; most of the evidence is good.", the);
    case Confidence::low: break;
  }
  return fmt::format("Paper-trade {}; do not risk money on it yet.", the);
}

}  // namespace

const VerdictReason* Verdict::find(std::string_view name) const {
  const auto found = std::ranges::find(reasons, name, &VerdictReason::name);
  return found == reasons.end() ? nullptr : &*found;
}

Verdict judge(const Json& document) {
  if (auto early = nothing_to_judge(document)) return std::move(*early);
  Verdict verdict;
  verdict.reasons = {unseen_data(document), luck_of_tries(document), overfitting(document), alternatives(document)};
  const auto times = [&](CheckOutcome outcome) { return std::ranges::count(verdict.reasons, outcome, &VerdictReason::outcome); };
  const auto passed = times(CheckOutcome::passed), failed = times(CheckOutcome::failed);
  const CheckOutcome seen = verdict.reasons[0].outcome;
  if (passed == std::ssize(verdict.reasons))
    verdict.confidence = Confidence::high;
  else if (failed == 0 && passed >= 2)
    verdict.confidence = Confidence::moderate;
  if (seen == CheckOutcome::failed || seen == CheckOutcome::unknown) {
    verdict.confidence = Confidence::low;
  } else if (seen == CheckOutcome::passed && verdict.reasons[1].outcome == CheckOutcome::passed && failed == 0) {
    verdict.level = VerdictLevel::trade;
  } else {
    verdict.level = VerdictLevel::paper;
  }
  const std::size_t members = members_of(document);
  verdict.headline = headline_of(verdict, members);
  verdict.summary = summary_of_ensemble(document, members);
  return verdict;
}

Json to_json(const Verdict& verdict) {
  Json reasons = Json::array();
  for (const VerdictReason& one : verdict.reasons) {
    const bool decided = one.outcome == CheckOutcome::passed || one.outcome == CheckOutcome::failed;
    reasons.push_back({{"name", one.name},
                       {"passed", decided ? Json(one.outcome == CheckOutcome::passed) : Json(nullptr)},
                       {"outcome", enum_name(one.outcome)},
                       {"text", one.text}});
  }
  return {{"level", enum_name(verdict.level)},
          {"confidence", enum_name(verdict.confidence)},
          {"headline", verdict.headline},
          {"summary", verdict.summary},
          {"reasons", std::move(reasons)}};
}

Verdict verdict_of(const Json& document) {
  const Json& stored = member(document, "verdict");
  const auto level = enum_from_json<VerdictLevel>(member(stored, "level"));
  const auto confidence = enum_from_json<Confidence>(member(stored, "confidence"));
  const Json& reasons = member(stored, "reasons");
  if (!level || !confidence || !reasons.is_array()) return judge(document);
  Verdict verdict{*level, *confidence, text_of(member(stored, "headline")), text_of(member(stored, "summary")), {}};
  for (const Json& one : reasons)
    verdict.reasons.push_back({text_of(member(one, "name")),
                               enum_from_json<CheckOutcome>(member(one, "outcome")).value_or(CheckOutcome::unknown),
                               text_of(member(one, "text"))});
  return verdict;
}

}  // namespace tradewind::analysis
