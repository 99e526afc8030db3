// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/strategy_study.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "tradewind/analysis/holding.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/metrics/moments.hpp"
#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/metrics/trade_path.hpp"
#include "tradewind/replay/position_changes.hpp"
#include "tradewind/replay/window.hpp"

namespace tradewind::analysis {
namespace {

using metrics::PositionChange;
using metrics::TradeTables;

/// Strategies computed between two looks at the store.
constexpr std::size_t kBatch = 512;

/// One price series cut into its two parts. The held-out tables begin with the last bar of the selection part, at whose close the
/// position that is carried over is known.
struct SymbolParts {
  const market::Bars* bars = nullptr;
  std::size_t first_held_out = 0;
  std::optional<TradeTables> whole;
  std::optional<TradeTables> selection;
  std::optional<TradeTables> holdout;
  std::vector<std::size_t> classifiers;
  double switch_cost = 0;
  std::vector<double> held;         ///< net returns of holding the symbol in the selection part; empty: it cannot be held
  std::vector<std::uint32_t> rows;  ///< places of its bars on the run's timeline
};

/// A strategy waiting to be computed.
struct Pending {
  std::size_t row;
  std::vector<PositionChange> changes;
};

/// The pass over all strategies of a run.
class Pass {
 public:
  Pass(RunInput& input, const StudyOptions& options) : input_(input), options_(options) {}

  Result<Study> run();

 private:
  Status split();
  Status load_classifiers();
  Status prepare(const std::string& symbol);
  Status take(std::string_view id, const workspace::SignalView& signals);
  Status compute_batch();
  StudiedStrategy compute(const Pending& pending, metrics::FamilyWiseTest::Candidate& candidate) const;
  void deflate();
  Status price_luck();

  RunInput& input_;
  const StudyOptions& options_;
  Study study_;
  std::unordered_map<std::string, std::size_t> row_of_;
  std::map<std::string, SymbolParts> symbols_;
  std::vector<Pending> batch_;
  std::optional<metrics::FamilyWiseTest> test_;
  std::vector<std::pair<std::size_t, metrics::FamilyWiseTest::Candidate>> candidates_;  ///< by row
};

Status Pass::split() {
  if (!(options_.holdout > 0) || options_.holdout > 0.9) return Error(Errc::usage, "holdout must lie in (0, 0.9]", "holdout");
  TRADEWIND_ASSIGN(const auto timeline, input_.timeline());
  const auto held_out = static_cast<std::size_t>(std::floor(static_cast<double>(timeline.size()) * options_.holdout));
  if (held_out < 2 || timeline.size() - held_out < 2)
    return Error(Errc::invalid_data,
                 fmt::format("{} bars cannot be split into a part to choose on and a part to judge on", timeline.size()),
                 input_.metadata().run_id, "use more data");
  study_.split = {options_.holdout, timeline[timeline.size() - held_out], timeline.size() - held_out, held_out};
  metrics::FamilyWiseOptions luck;
  luck.seed = options_.seed;
  luck.threads = options_.threads;
  TRADEWIND_ASSIGN(test_, metrics::FamilyWiseTest::make(study_.split.selection_bars, luck));
  return {};
}

Status Pass::load_classifiers() {
  TRADEWIND_ASSIGN(const auto all, input_.classifiers());
  for (const auto& metadata : all) {
    TRADEWIND_ASSIGN(const market::Bars* bars, input_.series(metadata.symbol));
    TRADEWIND_ASSIGN(const auto known, input_.states_on(metadata.classifier_id, bars->timestamp));
    study_.classifiers.push_back({metadata, metrics::applied_states(known.state)});
  }
  return {};
}

double per_bar_volatility(std::span<const double> closes) {
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < closes.size(); ++i) {
    const double r = closes[i] / closes[i - 1] - 1;
    sum += r;
    squares += r * r;
  }
  const double n = std::max(2.0, static_cast<double>(closes.size()) - 1);
  return std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1)));
}

/// What a series on the run's timeline made from each row to the next.
std::vector<double> over_rows(std::span<const double> series, std::span<const std::uint32_t> rows) {
  std::vector<double> out;
  std::size_t next = 0;
  for (const std::uint32_t row : rows) {
    double grown = 1;
    for (; next <= row; ++next) grown *= 1 + series[next];
    out.push_back(grown - 1);
  }
  return out;
}

Status Pass::prepare(const std::string& symbol) {
  SymbolParts parts;
  TRADEWIND_ASSIGN(parts.bars, input_.series(symbol));
  const market::Bars& bars = *parts.bars;
  const auto boundary = std::lower_bound(bars.timestamp.begin(), bars.timestamp.end(), study_.split.boundary);
  parts.first_held_out = static_cast<std::size_t>(boundary - bars.timestamp.begin());
  const std::span<const double> open(bars.open), close(bars.close);
  const TradeTables::Options execution = input_.execution_of(symbol);
  const auto tables = [&](std::size_t first, std::size_t last, std::optional<TradeTables>& into) -> Status {
    if (last - first < 2) return {};
    const auto opens = open.empty() ? open : open.subspan(first, last - first);
    auto made = TradeTables::make(opens, close.subspan(first, last - first), execution);
    if (!made) return made.error().with_context(symbol);
    into.emplace(std::move(*made));
    return {};
  };
  TRADEWIND_TRY(tables(0, close.size(), parts.whole));
  TRADEWIND_TRY(tables(0, parts.first_held_out, parts.selection));
  if (parts.whole && close.size() - parts.first_held_out >= 2)
    parts.holdout.emplace(parts.whole->cut(static_cast<std::int32_t>(parts.first_held_out), static_cast<std::int32_t>(close.size())));
  if (parts.selection && study_.benchmark == "holding") {
    const PositionChange bought{0, 1};
    parts.held = metrics::equity_path(*parts.selection, std::span(&bought, 1)).returns;
  }
  TRADEWIND_ASSIGN(const auto timeline, input_.timeline());
  for (std::size_t bar = 0; bar < parts.first_held_out; ++bar)
    parts.rows.push_back(
        static_cast<std::uint32_t>(std::lower_bound(timeline.begin(), timeline.end(), bars.timestamp[bar]) - timeline.begin()));
  if (parts.selection && options_.benchmark != nullptr && !options_.benchmark->returns.empty())
    parts.held = over_rows(options_.benchmark->returns, parts.rows);
  parts.classifiers = study_.classifiers_of(symbol);
  const double volatility = per_bar_volatility(close.first(parts.first_held_out)) * std::sqrt(execution.periods_per_year);
  parts.switch_cost = execution.costs.calculate_cost(1, volatility);
  symbols_.emplace(symbol, std::move(parts));
  return {};
}

Status Pass::take(std::string_view id, const workspace::SignalView& signals) {
  const auto found = row_of_.find(std::string(id));
  if (found == row_of_.end()) return {};
  const std::string& symbol = study_.rows[found->second].symbol;
  if (!symbols_.contains(symbol)) TRADEWIND_TRY(prepare(symbol));
  TRADEWIND_ASSIGN(auto changes, replay::position_changes(signals, *symbols_.at(symbol).bars, found->first));
  batch_.push_back({found->second, std::move(changes)});
  return batch_.size() == kBatch ? compute_batch() : Status{};
}

StudiedStrategy Pass::compute(const Pending& pending, metrics::FamilyWiseTest::Candidate& candidate) const {
  const SymbolParts& parts = symbols_.at(study_.rows[pending.row].symbol);
  StudiedStrategy out;
  out.row = pending.row;
  const auto boundary = static_cast<std::int32_t>(parts.first_held_out);
  const auto later = std::ranges::find_if(pending.changes, [&](const PositionChange& change) { return change.bar >= boundary; });
  const std::vector<PositionChange> before(pending.changes.begin(), later);
  if (parts.whole && input_.has_other_costs()) out.full = metrics::account_metrics(*parts.whole, pending.changes);
  if (parts.holdout) {
    const auto last = static_cast<std::int32_t>(parts.bars->size());
    const auto delay = replay::fill_delay(parts.holdout->options().fill);
    out.holdout = metrics::account_metrics(*parts.holdout, replay::changes_within(pending.changes, boundary, last, delay));
  }
  if (!parts.selection) return out;
  out.selection = metrics::account_metrics(*parts.selection, before);
  const metrics::EquityPath path = metrics::equity_path(*parts.selection, before);
  const auto how = options_.benchmark == nullptr ? metrics::Against::matched : metrics::Against::whole;
  candidate = test_->measure(path.returns, parts.held, how, parts.rows);
  out.moments_undefined = metrics::return_moments(path.returns, out.moments);
  out.psr = out.moments_undefined == metrics::Undefined::defined ? metrics::probabilistic_sharpe(out.moments)
                                                                 : metrics::Value(out.moments_undefined);
  metrics::ReturnOptions annual;
  annual.periods_per_year = parts.selection->options().periods_per_year;
  annual.risk_free = parts.selection->options().risk_free;
  for (const std::size_t c : parts.classifiers) {
    const StudiedClassifier& classifier = study_.classifiers[c];
    const std::span<const int> state(classifier.state.data(), parts.first_held_out);
    out.fits.push_back(fit_regimes(path.returns, state, classifier.metadata.labels.size(), parts.switch_cost, annual));
  }
  return out;
}

Status Pass::compute_batch() {
  const std::size_t first = study_.strategies.size();
  study_.strategies.resize(first + batch_.size());
  candidates_.resize(first + batch_.size());
  TRADEWIND_TRY(parallel_for(
      batch_.size(), options_.threads,
      [&](std::size_t i) -> Status {
        candidates_[first + i].first = batch_[i].row;
        study_.strategies[first + i] = compute(batch_[i], candidates_[first + i].second);
        return {};
      },
      options_.cancellation));
  batch_.clear();
  options_.progress->update("study", study_.strategies.size(), study_.rows.size(), "strategies");
  return {};
}

/// Deflated Sharpe ratios, now that the Sharpe ratios of all trials are known.
void Pass::deflate() {
  double count = 0, sum = 0, squares = 0;
  for (const auto& strategy : study_.strategies) {
    if (strategy.moments_undefined == metrics::Undefined::zero_variance) count += 1;  // never traded: a Sharpe ratio of 0
    if (strategy.moments_undefined != metrics::Undefined::defined) continue;
    count += 1;
    sum += strategy.moments.sharpe;
    squares += strategy.moments.sharpe * strategy.moments.sharpe;
  }
  study_.sharpe_variance = count > 1 ? std::max(0.0, (squares - sum * sum / count) / (count - 1)) : 0;
  study_.expected_max_sharpe = metrics::Undefined::insufficient_trials;
  if (count > 1)
    study_.expected_max_sharpe = metrics::expected_maximum_sharpe(study_.sharpe_variance, static_cast<double>(study_.rows.size()));
  for (auto& strategy : study_.strategies) {
    strategy.dsr = study_.expected_max_sharpe.why;
    if (strategy.moments_undefined != metrics::Undefined::defined)
      strategy.dsr = strategy.moments_undefined;
    else if (study_.expected_max_sharpe.defined())
      strategy.dsr = metrics::probabilistic_sharpe(strategy.moments, study_.expected_max_sharpe.number);
  }
}

/// What of it all luck explains, now that all trials are known.
Status Pass::price_luck() {
  std::sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [row, candidate] : candidates_) test_->add(std::move(candidate));
  candidates_.clear();
  TRADEWIND_ASSIGN(study_.luck, test_->finish(options_.cancellation));
  for (std::size_t i = 0; i < study_.strategies.size(); ++i) study_.strategies[i].family_wise_p = study_.luck.p[i];
  return {};
}

Result<Study> Pass::run() {
  study_.benchmark = options_.benchmark != nullptr ? options_.benchmark->name : can_be_held(input_) ? "holding" : "0";
  TRADEWIND_TRY(split());
  TRADEWIND_TRY(load_classifiers());
  TRADEWIND_ASSIGN(study_.rows, input_.run().strategies());
  for (std::size_t row = 0; row < study_.rows.size(); ++row) row_of_.emplace(study_.rows[row].strategy_id, row);
  TRADEWIND_TRY(
      input_.run().visit_signals([this](std::string_view id, const workspace::SignalView& signals) { return take(id, signals); }));
  TRADEWIND_TRY(compute_batch());
  options_.progress->finish();
  if (study_.strategies.empty())
    return Error(Errc::invalid_data, fmt::format("run '{}' has no stored signals to analyse", input_.metadata().run_id), {},
                 "sweep with --keep-signals all or top:N");
  std::sort(study_.strategies.begin(), study_.strategies.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
  deflate();
  TRADEWIND_TRY(price_luck());
  return std::move(study_);
}

}  // namespace

std::size_t HoldoutSplit::rows(std::span<const UnixNanos> timeline) const {
  return static_cast<std::size_t>(std::lower_bound(timeline.begin(), timeline.end(), boundary) - timeline.begin());
}

std::vector<std::size_t> Study::classifiers_of(const std::string& symbol) const {
  std::vector<std::size_t> own;
  for (std::size_t c = 0; c < classifiers.size(); ++c)
    if (classifiers[c].metadata.symbol == symbol) own.push_back(c);
  return own;
}

Result<Study> study_run(RunInput& input, const StudyOptions& options) { return Pass(input, options).run(); }

}  // namespace tradewind::analysis
