// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/streaming_sums.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

struct StreamingOptions {
  ReturnOptions returns;
  std::vector<std::string> regimes;  ///< labels of the states that add() is told; without line breaks
  bool trades = false;               ///< win_rate and its family count the trades of add_trade (unit trade) instead of bars
};

/// Conditional statistics of the bars of one regime, as regime_slices gives them for aligned labels.
struct StreamingRegime {
  std::string_view label;  ///< borrowed from the StreamingMetrics
  std::int64_t bars = 0;
  std::int64_t runs = 0;
  Value mean;           ///< per bar
  Value volatility;     ///< annualised
  Value sharpe_ratio;   ///< annualised
  Value sortino_ratio;  ///< annualised
};

/// The metrics of a return series that is still growing: every bar costs O(1) and allocates nothing, and at any time the figures equal
/// those that calculate_metrics gives for the whole series so far, with the same reasons where undefined. Equity and drawdown are the same
/// bits; ratios agree to 1e-12 relative, because Σr … Σr⁴ are kept as pairs of doubles (106 bits). Not thread-safe.
class StreamingMetrics {
 public:
  /// Errors: as calculate_metrics for the options; `usage` for a label with a line break.
  static Result<StreamingMetrics> make(StreamingOptions options);

  /// The return of the next bar and the regime it lay in (known before the bar; −1: not known). Errors leave everything as it was:
  /// `invalid_data` for a return that is not finite or below −1 and for a regime without a label; `numeric` when the equity exceeds a
  /// double or the return 1e75.
  Status add(double simple_return, int regime = -1);
  /// A trade closed with this result, net, as a fraction of the equity it was opened with (from a start of 1); both finite. Counts only
  /// with options.trades.
  void add_trade(double profit, double equity) noexcept;

  /// Errors: `numeric` as calculate_metrics.
  Result<PerformanceMetrics> metrics() const;
  /// Figure `index` of options.regimes. Precondition: in range.
  StreamingRegime regime(std::size_t index) const noexcept;
  std::size_t regimes() const noexcept { return regimes_.size(); }
  /// As the function return_moments of the series so far. Accurate while |mean| is below 1e6 standard deviations.
  Undefined moments(ReturnMoments& out) const noexcept;

  std::int64_t bars() const noexcept { return bars_; }
  double equity() const noexcept { return equity_; }                        ///< from a start of 1
  double current_drawdown() const noexcept { return 1 - equity_ / peak_; }  ///< positive fraction; the start counts as a peak
  const StreamingOptions& options() const noexcept { return options_; }

  /// Everything as text with a checksum. load() goes on to the last bit.
  std::string save() const;
  /// Errors: `corrupt`, `newer_format`.
  static Result<StreamingMetrics> load(std::string_view text);

 private:
  /// Sums over the returns of some bars.
  struct Sums {
    std::int64_t bars = 0;
    std::int64_t runs = 0;
    std::int64_t below = 0;  ///< bars with r < target
    ExactSum sum, squares, downside;
    void add(double r, double target) noexcept;
    /// Standard deviation (ddof 1); bars ≥ 2.
    double deviation() const noexcept;
  };
  /// Wins and losses of one kind of unit.
  struct Tally {
    std::int64_t won = 0;
    std::int64_t lost = 0;
    std::int64_t flat = 0;
    ExactSum gains, losses;
    double largest_win = 0;
    double largest_loss = 0;
    void add(double result) noexcept;
  };

  explicit StreamingMetrics(StreamingOptions options);
  void set_path(PerformanceMetrics& m) const noexcept;
  void set_risk(PerformanceMetrics& m) const noexcept;
  void set_wins(PerformanceMetrics& m) const noexcept;

  StreamingOptions options_;
  double risk_free_ = 0;  ///< per bar
  double target_ = 0;     ///< per bar
  std::int64_t bars_ = 0;
  bool ruin_ = false;
  double equity_ = 1;
  double peak_ = 1;
  double worst_ratio_ = 1;
  Sums all_;
  ExactSum cubes_, fourths_;
  Tally bar_tally_, trade_tally_;
  ExactSum won_money_, lost_money_;  ///< of the trades, in units of the starting equity
  std::vector<Sums> regimes_;
  int last_regime_ = -1;
};

}  // namespace tradewind::metrics
