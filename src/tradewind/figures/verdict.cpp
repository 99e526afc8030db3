// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tradewind/figures/html_internal.hpp"
#include "tradewind/figures/tables_internal.hpp"

namespace tradewind::figures {
namespace {

std::string plural(std::int64_t number, std::string_view noun, std::string_view nouns = {}) {
  return fmt::format("{} {}", count(number),
                     number == 1     ? std::string(noun)
                     : nouns.empty() ? fmt::format("{}s", noun)
                                     : std::string(nouns));
}

View path_of_kind(View analysis, std::string_view kind) {
  for (const View& path : analysis["ensemble"]["performance"].list()) {
    if (path["kind"].text() == kind) return path;
  }
  return {};
}

Check unseen_data(View analysis) {
  Check check{"Unseen data", CheckOutcome::unknown, "No held-out result: the ensemble was not tested on data it had not seen."};
  const View holdout = path_of_kind(analysis, "ensemble")["holdout"], interval = holdout["intervals"]["sharpe_ratio"];
  const double sharpe = holdout["sharpe_ratio"].number(), low = interval[0].number(), high = interval[1].number();
  if (!std::isfinite(sharpe)) return check;
  const std::string bars = plural(holdout["bars"].integer(analysis["split"]["holdout_bars"].integer()), "bar");
  const std::string range = std::isfinite(low) ? fmt::format("95 % interval {} to {}", fixed(low), fixed(high)) : "no interval known";
  check.outcome = sharpe <= 0 ? CheckOutcome::failed : low > 0 ? CheckOutcome::passed : CheckOutcome::partly;
  if (check.outcome == CheckOutcome::failed) {
    check.text =
        fmt::format("A Sharpe ratio of {} on {} that played no role in the choice ({}): it earned nothing.", fixed(sharpe), bars, range);
  } else if (check.outcome == CheckOutcome::passed) {
    check.text = fmt::format("A Sharpe ratio of {} after costs on {} that played no role in the choice; the {} lies above 0.",
                             fixed(sharpe), bars, range);
  } else {
    check.text = fmt::format("A Sharpe ratio of {} after costs on {} that played no role in the choice, but with {} it may be nothing.",
                             fixed(sharpe), bars, std::isfinite(low) ? "a " + range : range);
  }
  return check;
}

Check luck(View analysis, const Reasons& reasons) {
  const View overfitting = analysis["overfitting"];
  const double dsr = overfitting["dsr"].number();
  Check check{"Luck of many tries", CheckOutcome::unknown, {}};
  if (!std::isfinite(dsr)) {
    check.text = fmt::format("No deflated Sharpe ratio: {}.", reason_words(reasons.why(overfitting, "dsr", "overfitting")));
    return check;
  }
  check.outcome = dsr >= 0.95 ? CheckOutcome::passed : dsr >= 0.5 ? CheckOutcome::partly : CheckOutcome::failed;
  check.text = fmt::format(
      "Deflated Sharpe ratio {}: the probability that the best strategy is better than the luckiest of {} worthless ones (95 % is the "
      "usual bar).",
      percent(dsr, 0), count(overfitting["trials"].integer()));
  if (overfitting["trials"].is_null()) check.text = fmt::format("Deflated Sharpe ratio {} (95 % is the usual bar).", percent(dsr, 0));
  return check;
}

Check overfitting(View analysis, const Reasons& reasons) {
  const View section = analysis["overfitting"];
  const double pbo = section["pbo"].number();
  Check check{"Overfitting", CheckOutcome::unknown, {}};
  if (!std::isfinite(pbo)) {
    check.text = fmt::format("No probability of overfitting: {}.", reason_words(reasons.why(section, "pbo", "overfitting")));
    return check;
  }
  check.outcome = pbo < 0.2 ? CheckOutcome::passed : pbo < 0.5 ? CheckOutcome::partly : CheckOutcome::failed;
  check.text = fmt::format(
      "In {} of all ways to split the history, what was best in one half fell below the median in the other (50 % is a coin toss).",
      percent(pbo, 0));
  return check;
}

Check alternatives(View analysis) {
  Check check{"Simple alternatives", CheckOutcome::unknown, "There is nothing to compare with."};
  const double ours = path_of_kind(analysis, "ensemble")["holdout"]["sharpe_ratio"].number();
  std::string better, worse;
  for (const std::string_view kind : {"equal", "single", "baseline"}) {
    const View path = path_of_kind(analysis, kind);
    const double theirs = path["holdout"]["sharpe_ratio"].number();
    if (!std::isfinite(ours) || !std::isfinite(theirs)) continue;
    std::string& list = ours > theirs ? better : worse;
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", path["name"].text(), fixed(theirs));
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

Confidence confidence_of(const std::vector<Check>& checks) {
  const auto times = [&](CheckOutcome outcome) { return std::ranges::count(checks, outcome, &Check::outcome); };
  if (checks.front().outcome == CheckOutcome::failed) return Confidence::lost;
  if (times(CheckOutcome::passed) == std::ssize(checks)) return Confidence::high;
  return times(CheckOutcome::failed) == 0 && times(CheckOutcome::passed) >= 2 ? Confidence::moderate : Confidence::low;
}

/// `advised`: the analysis itself recommends to trade, which needs more than moderate evidence in sum.
std::string headline_of(Confidence confidence, std::size_t members, bool advised) {
  const std::string name = members == 1 ? "one strategy" : fmt::format("ensemble of {} strategies", members);
  const std::string the = members == 1 ? name : "the " + name;
  switch (confidence) {
    case Confidence::high: return fmt::format("Trade {}.", the);
    case Confidence::moderate:
      if (advised) return fmt::format("Trade {}, small at first.", the);
      return fmt::format("Paper-trade {} first; most of the evidence is good.", the);
    case Confidence::low: return fmt::format("Paper-trade {}; do not risk money on it yet.", the);
    case Confidence::lost: return fmt::format("Trade nothing: {} earned nothing on unseen data.", the);
    case Confidence::nothing_qualified: break;
  }
  return "Trade nothing.";
}

/// What decides the weights, and how that stands where the data end: it is what a reader would do first.
std::string current_regime(View analysis) {
  const View ensemble = analysis["ensemble"];
  if (ensemble["classifier_id"].empty()) return {};
  std::string text = fmt::format(" Its weights follow the market regime that {} reports", ensemble["classifier_id"].text());
  const std::vector<View> spans = analysis["curves"]["regimes"].list();
  const std::string label = spans.empty() ? std::string() : spans.back()["label"].text();
  if (!label.empty()) text += fmt::format("; where the data end, that is \"{}\"", label);
  return text + ".";
}

std::string summary_of(View analysis, std::size_t members) {
  const View path = path_of_kind(analysis, "ensemble");
  std::string text = members == 1 ? "It was chosen" : "They were chosen";
  const auto stages = funnel_of(analysis);
  if (!stages.empty()) text += fmt::format(" from {}", plural(stages.front().strategies, "strategy", "strategies"));
  const double annual = path["holdout"]["annualized_return"].number(), depth = path["holdout"]["max_drawdown"].number();
  text += " on the earlier part of the data.";
  if (std::isfinite(annual) && std::isfinite(depth)) {
    text += fmt::format(
        " On the later part, which played no role in the choice, the {} made {} a year after costs with a largest drawdown of {}.",
        members == 1 ? "strategy" : "ensemble", percent(annual), percent(depth));
  }
  return text + current_regime(analysis);
}

Verdict nothing(View analysis) {
  Verdict verdict;
  const auto stages = funnel_of(analysis);
  if (analysis["qualified"].flag()) {
    verdict.headline = "Trade nothing yet: no ensemble could be formed.";
    verdict.summary = fmt::format("Strategies met the criteria, but their weights have no solution ({}).",
                                  analysis["ensemble"]["status"].empty() ? "no reason given" : analysis["ensemble"]["status"].text());
    return verdict;
  }
  verdict.headline = "Trade nothing.";
  verdict.summary = stages.empty()
                        ? "No strategy met the criteria."
                        : fmt::format("None of {} met the criteria.", plural(stages.front().strategies, "strategy", "strategies"));
  const auto worst = std::ranges::max_element(stages, {}, &FunnelBar::rejected);
  if (worst != stages.end() && worst->rejected > 0) {
    verdict.summary += fmt::format(" Most, {}, were rejected at \"{}\"{}{}.", count(worst->rejected), worst->stage,
                                   worst->reason.empty() ? "" : ": ", worst->reason);
  }
  const View best = analysis["strategies"][0];
  if (std::isfinite(best["selection"]["sharpe_ratio"].number())) {
    verdict.summary += fmt::format(" The best, {}, had a Sharpe ratio of {} on the earlier part of the data and {} on the later.",
                                   best["strategy_id"].text(), fixed(best["selection"]["sharpe_ratio"].number()),
                                   fixed(best["holdout"]["sharpe_ratio"].number()));
  }
  verdict.summary += " That is a result, not a failure: relaxing the criteria until something passes would only find luck.";
  return verdict;
}

void add_unknowns(View analysis, const std::vector<Check>& checks, std::vector<std::string>& out) {
  const View provenance = analysis["provenance"];
  for (const Check& check : checks) {
    if (check.outcome == CheckOutcome::unknown) out.push_back(check.text);
  }
  const bool traded = !provenance["config"]["session"].empty();  // a session's fills and fees are in its account
  if (!traded && provenance["commission_rate"].number() == 0 && provenance["slippage_bps"].number() == 0) {
    out.emplace_back("No costs were charged: real results would be worse.");
  }
  if (!traded && provenance["fill"].text() == "close") out.emplace_back("Fills at the close of the signal's own bar are optimistic.");
  if (provenance["symbols"].list().size() == 1)
    out.push_back(fmt::format("Only one market was looked at: {}.", provenance["symbols"][0].text()));
  const double ppy = provenance["periods_per_year"].number(), held = analysis["split"]["holdout_bars"].number();
  if (held / ppy < 1)
    out.push_back(fmt::format("The held-out part is short: {} bars, {} years.", count(analysis["split"]["holdout_bars"].integer()),
                              fixed(held / ppy, 1)));
  for (const View& note : analysis["notes"].list()) out.push_back(note.shown());
  out.emplace_back("The future: all of this is one history, and markets change.");
}

}  // namespace

Verdict verdict_of(const nlohmann::ordered_json& document) {
  const View analysis(document);
  const auto weights = weights_of(analysis);
  Verdict verdict;
  if (!analysis["qualified"].flag() || !weights) {
    verdict = nothing(analysis);
  } else {
    const Reasons reasons(analysis);
    verdict.checks = {unseen_data(analysis), luck(analysis, reasons), overfitting(analysis, reasons), alternatives(analysis)};
    verdict.confidence = confidence_of(verdict.checks);
    const bool advised = analysis["recommendations"][0]["kind"].text() == "trade_ensemble";
    verdict.headline = headline_of(verdict.confidence, weights->strategies.size(), advised);
    verdict.summary = summary_of(analysis, weights->strategies.size());
  }
  if (const View first = analysis["recommendations"][0]; first["kind"].text() == "more_data") {
    verdict.confidence = Confidence::nothing_qualified;
    verdict.headline = "Too early to judge.";
    verdict.summary = first["reason"].text() + ".";
    verdict.checks.clear();
  }
  add_unknowns(analysis, verdict.checks, verdict.unknowns);
  return verdict;
}

}  // namespace tradewind::figures
