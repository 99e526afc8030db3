// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/json.hpp"

namespace tradewind::figures {

/// An undefined number in every input here: a gap in the picture, never a 0.
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
/// Below so many bars a conditional Sharpe ratio is drawn grey: its sign is mostly chance.
inline constexpr std::int64_t kFewBars = 60;

/// A picture in Plotly's figure format: traces and layout, as plotly.js, `plotly.graph_objects.Figure` and notebooks take it.
/// Equal input gives equal bytes. Only SVG traces are used, so it draws without a graphics card.
struct Figure {
  Json data = Json::array();
  Json layout = Json::object();

  Json json() const { return {{"data", data}, {"layout", layout}}; }
  /// The JSON in one line. Bytes that are not UTF-8 become U+FFFD.
  std::string text() const;
};

/// What the comparison shows of a strategy. Sharpe ratios are annual and net of costs, drawdowns positive fractions.
struct ComparedStrategy {
  std::string strategy_id;
  double selection_sharpe = kMissing;
  double sharpe_low = kMissing;  ///< interval of selection_sharpe
  double sharpe_high = kMissing;
  double holdout_sharpe = kMissing;
  std::array<double, 7> return_quantiles{kMissing, kMissing, kMissing, kMissing,
                                         kMissing, kMissing, kMissing};  ///< min 5 25 50 75 95 % max
  double avg_win = kMissing;                                             ///< stands in where there are no quantiles
  double avg_loss = kMissing;
  double selection_drawdown = kMissing;
  double holdout_drawdown = kMissing;
  double win_rate = kMissing;
  double profit_factor = kMissing;
  bool selected = false;
};
/// The 2×2 comparison: Sharpe ratios (selection with interval, held-out beside it), distribution of returns, drawdowns, win rate against
/// profit factor. Strategies are drawn in the order given, numbered from 1.
Figure strategy_comparison(std::span<const ComparedStrategy> strategies);

/// A conditional Sharpe ratio and the bars it rests on.
struct RegimeCell {
  double sharpe_ratio = kMissing;
  std::int64_t bars = 0;
};
struct RegimeTable {
  std::vector<std::string> strategies;
  std::vector<std::string> regimes;
  std::vector<std::vector<RegimeCell>> cells;  ///< per strategy, per regime
};
/// Strategy × regime. Every cell carries its signed number and its bars; those of fewer than kFewBars are grey.
Figure regime_heatmap(const RegimeTable& table);

struct CorrelationTable {
  std::vector<std::string> strategies;
  std::vector<std::vector<double>> matrix;
  std::vector<std::size_t> order;  ///< a permutation that puts alike ones side by side; empty: as given
};
Figure correlation_matrix(const CorrelationTable& table);

struct EquityCurve {
  std::string name;
  std::string kind;  ///< ensemble, static, equal, single, baseline or strategy: decides how it is drawn
  std::vector<double> equity;
  std::vector<double> drawdown;  ///< positive fractions
};
struct RegimeSpan {
  std::string from;
  std::string to;
  std::string label;
};
/// Times are ISO-8601 text.
struct EquityTable {
  std::vector<std::string> timestamps;
  std::vector<EquityCurve> curves;
  std::string boundary;  ///< first held-out bar; empty: nothing is held out
  std::vector<RegimeSpan> regimes;
  bool log_axis = false;  ///< of the equity; the first curve's drawdown is then filled
};
/// Equity above, drawdown below, the regimes as a ribbon between them, the held-out part shaded.
Figure equity_and_drawdown(const EquityTable& table);

struct MonthlyReturns {
  std::vector<int> years;
  std::vector<std::array<double, 12>> returns;  ///< fractions, per year
  std::vector<double> totals = {};              ///< of the years, as a thirteenth column; empty: none
};
Figure monthly_returns(const MonthlyReturns& table);

struct YearlyReturns {
  std::string name, benchmark_name;
  std::vector<int> years;
  std::vector<double> returns;    ///< fractions
  std::vector<double> benchmark;  ///< kMissing in years it does not have; empty: none
};
/// A bar for each year, beside the benchmark's.
Figure yearly_returns(const YearlyReturns& table);

/// Counts of bars in bins of one width.
struct ReturnHistogram {
  double low = kMissing, high = kMissing;  ///< ends of the first and the last bin
  std::vector<std::int64_t> counts;
  double value_at_risk = kMissing;  ///< positive; marked where it is known
  double mean = kMissing;
};
Figure return_histogram(const ReturnHistogram& histogram);

struct RollingPanel {
  std::string title;
  std::vector<double> values;
  std::string format = ".2f";  ///< of the axis
};
/// One below the other, on one axis of time.
Figure rolling_panels(const std::vector<std::string>& timestamps, std::span<const RollingPanel> panels);

struct RollingCurve {
  std::string name;
  std::string kind;  ///< as in EquityCurve
  std::vector<double> values;
};
struct RollingTable {
  std::int64_t window = 0;  ///< bars
  std::vector<std::string> timestamps;
  std::vector<RollingCurve> curves;
  std::string boundary;  ///< as in EquityTable
};
Figure rolling_sharpe(const RollingTable& table);

struct SurfacePoint {
  double x = kMissing;
  double y = kMissing;
  std::string label;
};
struct ParameterSurface {
  std::string x_name, y_name;
  std::vector<double> x, y;
  std::vector<std::vector<double>> sharpe_ratio;  ///< per y, per x
  std::vector<SurfacePoint> marked;               ///< e.g. the selected strategies
};
Figure parameter_surface(const ParameterSurface& surface);

struct WeightBars {
  std::vector<std::string> regimes;
  std::vector<std::string> strategies;
  std::vector<std::vector<double>> weights;  ///< per regime, per strategy; fractions
};
Figure regime_weights(const WeightBars& table);

/// Profit in dollars of one kind of trade.
struct ExpectedBar {
  std::string name;
  double expected = kMissing;
  double realized = kMissing;
};
/// Two bars for each: what was expected and what came of it.
Figure expected_and_realized(std::span<const ExpectedBar> bars);

struct FunnelBar {
  std::string stage;
  std::int64_t strategies = 0;  ///< left after it
  std::int64_t rejected = 0;
  std::string reason;  ///< of the rejections
};
Figure selection_funnel(std::span<const FunnelBar> stages);

}  // namespace tradewind::figures
