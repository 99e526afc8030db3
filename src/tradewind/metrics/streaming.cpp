// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/streaming.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tradewind/metrics/streaming_text_internal.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::string_view kKind = "tradewind.streaming";
constexpr std::size_t kMostRegimes = 127;
/// The fourth power of a larger return is beyond a double.
constexpr double kLargestReturn = 1e75;

}  // namespace

void StreamingMetrics::Sums::add(double r, double target) noexcept {
  ++bars;
  sum = sum + r;
  squares = squares + exact_product(r, r);
  const double shortfall = r - target;
  if (shortfall >= 0) return;
  ++below;
  downside = downside + exact_product(shortfall, shortfall);
}

double StreamingMetrics::Sums::deviation() const noexcept {
  const double n = static_cast<double>(bars);
  const double spread = (squares - sum * sum / n).value();
  return std::sqrt(std::max(0.0, spread) / (n - 1));
}

void StreamingMetrics::Tally::add(double result) noexcept {
  if (result > 0) {
    ++won;
    gains = gains + result;
    largest_win = std::max(largest_win, result);
  } else if (result < 0) {
    ++lost;
    losses = losses + result;
    largest_loss = std::min(largest_loss, result);
  } else {
    ++flat;
  }
}

StreamingMetrics::StreamingMetrics(StreamingOptions options) : options_(std::move(options)), regimes_(options_.regimes.size()) {
  risk_free_ = rate_per_bar(options_.returns.risk_free, options_.returns.periods_per_year);
  target_ = rate_per_bar(options_.returns.minimum_acceptable_return, options_.returns.periods_per_year);
}

Result<StreamingMetrics> StreamingMetrics::make(StreamingOptions options) {
  TRADEWIND_TRY(check(options.returns));
  if (options.regimes.size() > kMostRegimes)
    return Error(Errc::usage, fmt::format("{} regimes are more than {}", options.regimes.size(), kMostRegimes), "regimes");
  for (const std::string& label : options.regimes)
    if (label.find('\n') != std::string::npos) return Error(Errc::usage, "a regime's label holds a line break", "regimes");
  return StreamingMetrics(std::move(options));
}

Status StreamingMetrics::add(double r, int regime) {
  if (!std::isfinite(r) || r < -1)
    return Error(Errc::invalid_data,
                 fmt::format("the return of bar {} is {}; it must be finite and at least -1 (bars count from 0)", bars_, r),
                 fmt::format("bar {}", bars_));
  if (regime < -1 || regime >= static_cast<int>(regimes_.size()))
    return Error(Errc::invalid_data, fmt::format("regime {} has no label", regime), fmt::format("bar {}", bars_));
  const double equity = equity_ * (1 + r);
  if (!std::isfinite(equity) || r > kLargestReturn)
    return Error(Errc::numeric, "the equity grows beyond the range of a double", {}, "check that the returns are fractions per bar");
  ++bars_;
  ruin_ = ruin_ || r == -1;
  equity_ = equity;
  peak_ = std::max(peak_, equity);
  worst_ratio_ = std::min(worst_ratio_, equity / peak_);
  all_.add(r, target_);
  const ExactSum square = exact_product(r, r);
  cubes_ = cubes_ + square * r;
  fourths_ = fourths_ + square * square;
  bar_tally_.add(r);
  if (regime >= 0) {
    Sums& sums = regimes_[static_cast<std::size_t>(regime)];
    sums.add(r, target_);
    sums.runs += regime != last_regime_ ? 1 : 0;
  }
  last_regime_ = regime;
  return {};
}

void StreamingMetrics::add_trade(double profit, double equity) noexcept {
  trade_tally_.add(profit);
  if (profit > 0) won_money_ = won_money_ + profit * equity;
  if (profit < 0) lost_money_ = lost_money_ + profit * equity;
}

void StreamingMetrics::set_path(PerformanceMetrics& m) const noexcept {
  m.set(Metric::total_return, equity_ - 1);
  const double years = static_cast<double>(bars_) / options_.returns.periods_per_year;
  if (ruin_)
    m.set(Metric::annualized_return, -1);
  else if (years < options_.returns.minimum_years)
    m.set_undefined(Metric::annualized_return, Undefined::short_sample);
  else
    m.set(Metric::annualized_return, std::pow(equity_, 1 / years) - 1);
  const double drawdown = 1 - worst_ratio_;
  m.set(Metric::max_drawdown, drawdown);
  if (drawdown == 0)
    m.set_undefined(Metric::calmar_ratio, Undefined::no_drawdown);
  else if (const Undefined why = m.why(Metric::annualized_return); why != Undefined::defined)
    m.set_undefined(Metric::calmar_ratio, why);
  else
    m.set(Metric::calmar_ratio, m[Metric::annualized_return] / drawdown);
}

void StreamingMetrics::set_risk(PerformanceMetrics& m) const noexcept {
  const double n = static_cast<double>(bars_);
  const double mean = all_.sum.value() / n;
  const double root = std::sqrt(options_.returns.periods_per_year);
  if (bars_ < 2) {
    m.set_undefined(Metric::volatility, Undefined::too_few);
    m.set_undefined(Metric::sharpe_ratio, Undefined::too_few);
  } else if (const double deviation = all_.deviation(); is_zero_variance(deviation, mean)) {
    m.set(Metric::volatility, 0);
    m.set_undefined(Metric::sharpe_ratio, Undefined::zero_variance);
  } else {
    m.set(Metric::volatility, deviation * root);
    m.set(Metric::sharpe_ratio, (mean - risk_free_) / deviation * root);
  }
  const double downside = all_.downside.value();
  if (all_.below > 0 && downside > 0)
    m.set(Metric::sortino_ratio, (mean - target_) / std::sqrt(downside / n) * root);
  else
    m.set_undefined(Metric::sortino_ratio, Undefined::no_downside);
}

void StreamingMetrics::set_wins(PerformanceMetrics& m) const noexcept {
  const auto decided = [](const Tally& t) {
    return Decided{t.won, t.lost, t.gains.value(), t.losses.value(), t.largest_win, t.largest_loss};
  };
  if (bar_tally_.won + bar_tally_.lost > 0)
    m.set(Metric::bar_win_rate, static_cast<double>(bar_tally_.won) / static_cast<double>(bar_tally_.won + bar_tally_.lost));
  else
    m.set_undefined(Metric::bar_win_rate, Undefined::no_decided_bars);
  if (!options_.trades) return set_decided(m, decided(bar_tally_), Undefined::no_decided_bars);
  set_decided(m, decided(trade_tally_), Undefined::no_decided_trades);
  set_trades_profit_factor(m, won_money_.value(), lost_money_.value());
  m.unit = Unit::trade;
  m.won_trades = trade_tally_.won;
  m.lost_trades = trade_tally_.lost;
  m.flat_trades = trade_tally_.flat;
  m.total_trades = trade_tally_.won + trade_tally_.lost + trade_tally_.flat;
}

Result<PerformanceMetrics> StreamingMetrics::metrics() const {
  PerformanceMetrics m;
  m.bars = bars_;
  if (options_.trades) m.unit = Unit::trade;
  if (bars_ == 0) return m;
  m.ruin = ruin_;
  m.zeros = bar_tally_.flat;
  set_path(m);
  set_risk(m);
  set_wins(m);
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (m.reason[i] == Undefined::empty) m.reason[i] = Undefined::no_fills;
    if (m.reason[i] == Undefined::defined && !std::isfinite(m.value[i]))
      return Error(Errc::numeric, fmt::format("{} exceeds the range of a double", enum_name(static_cast<Metric>(i))));
  }
  return m;
}

StreamingRegime StreamingMetrics::regime(std::size_t index) const noexcept {
  const Sums& sums = regimes_[index];
  StreamingRegime out;
  out.label = options_.regimes[index];
  out.bars = sums.bars;
  out.runs = sums.runs;
  if (sums.bars == 0) return out;
  const double n = static_cast<double>(sums.bars);
  const double mean = sums.sum.value() / n;
  const double root = std::sqrt(options_.returns.periods_per_year);
  out.mean = mean;
  out.volatility = out.sharpe_ratio = Undefined::too_few;
  if (sums.bars >= 2) {
    const double deviation = sums.deviation();
    const bool constant = is_zero_variance(deviation, mean);
    out.volatility = constant ? 0 : deviation * root;
    out.sharpe_ratio = constant ? Value(Undefined::zero_variance) : Value((mean - risk_free_) / deviation * root);
  }
  const double downside = sums.downside.value();
  out.sortino_ratio = downside > 0 ? Value((mean - target_) / std::sqrt(downside / n) * root) : Value(Undefined::no_downside);
  return out;
}

Undefined StreamingMetrics::moments(ReturnMoments& out) const noexcept {
  out = {};
  out.bars = bars_;
  if (bars_ < 2) return Undefined::too_few;
  const double n = static_cast<double>(bars_);
  const double deviation = all_.deviation();
  const ExactSum mean = all_.sum / n;
  if (is_zero_variance(deviation, mean.value())) return Undefined::zero_variance;
  const ExactSum square = all_.squares / n;
  const ExactSum cube = cubes_ / n;
  const ExactSum mean_square = mean * mean;
  const double variance = (square - mean_square).value();
  const double third = (cube - mean * square * 3.0 + mean * mean_square * 2.0).value();
  const double fourth = (fourths_ / n - mean * cube * 4.0 + mean_square * square * 6.0 - mean_square * mean_square * 3.0).value();
  out.sharpe = mean.value() / deviation;
  out.skewness = third / (variance * std::sqrt(variance));
  out.kurtosis = fourth / (variance * variance);
  return Undefined::defined;
}

std::string StreamingMetrics::save() const {
  const auto count = [](std::int64_t number) { return static_cast<double>(number); };
  const auto pair = [](StateText& out, std::string_view key, const ExactSum& sum) { out.line(key, {sum.high, sum.low}); };
  StateText text(kKind);
  const ReturnOptions& o = options_.returns;
  text.line("options", {o.periods_per_year, o.risk_free, o.minimum_acceptable_return, o.minimum_years, options_.trades ? 1.0 : 0.0});
  text.line("path", {count(bars_), ruin_ ? 1.0 : 0.0, equity_, peak_, worst_ratio_, count(last_regime_)});
  pair(text, "cubes", cubes_);
  pair(text, "fourths", fourths_);
  const auto sums = [&](std::string_view key, const Sums& s, std::string_view label) {
    text.line(key,
              {count(s.bars), count(s.runs), count(s.below), s.sum.high, s.sum.low, s.squares.high, s.squares.low, s.downside.high,
               s.downside.low},
              label);
  };
  const auto tally = [&](std::string_view key, const Tally& t) {
    text.line(key, {count(t.won), count(t.lost), count(t.flat), t.gains.high, t.gains.low, t.losses.high, t.losses.low, t.largest_win,
                    t.largest_loss});
  };
  sums("all", all_, {});
  tally("won_bars", bar_tally_);
  tally("won_trades", trade_tally_);
  text.line("trade_money", {won_money_.high, won_money_.low, lost_money_.high, lost_money_.low});
  for (std::size_t i = 0; i < regimes_.size(); ++i) sums("regime", regimes_[i], options_.regimes[i]);
  return text.finish();
}

Result<StreamingMetrics> StreamingMetrics::load(std::string_view text) {
  TRADEWIND_ASSIGN(StateReader reader, StateReader::open(text, kKind));
  const auto count = [](double number) { return static_cast<std::int64_t>(number); };
  const auto pair = [](const std::vector<double>& n, std::size_t at) { return ExactSum{n[at], n[at + 1]}; };
  const auto sums = [&](const std::vector<double>& n) {
    Sums s{count(n[0]), count(n[1]), count(n[2]), pair(n, 3), pair(n, 5), pair(n, 7)};
    return s;
  };
  const auto tally = [&](const std::vector<double>& n) {
    Tally t{count(n[0]), count(n[1]), count(n[2]), pair(n, 3), pair(n, 5), n[7], n[8]};
    return t;
  };
  StreamingOptions options;
  const auto o = reader.line("options", 5);
  options.returns = {o[0], o[1], o[2], o[3]};
  options.trades = o[4] != 0;
  const auto path = reader.line("path", 6);
  const ExactSum cubes = pair(reader.line("cubes", 2), 0);
  const ExactSum fourths = pair(reader.line("fourths", 2), 0);
  const Sums all = sums(reader.line("all", 9));
  const Tally bar_tally = tally(reader.line("won_bars", 9));
  const Tally trade_tally = tally(reader.line("won_trades", 9));
  ExactSum won_money = trade_tally.gains, lost_money = trade_tally.losses;  // a state from before knew no equity
  if (reader.next_is("trade_money")) {
    const auto money = reader.line("trade_money", 4);
    won_money = pair(money, 0), lost_money = pair(money, 2);
  }
  std::vector<Sums> regimes;
  while (reader.next_is("regime")) {
    std::string label;
    regimes.push_back(sums(reader.line("regime", 9, &label)));
    options.regimes.push_back(std::move(label));
  }
  TRADEWIND_TRY(reader.finish());
  TRADEWIND_ASSIGN(StreamingMetrics out, make(std::move(options)));
  out.bars_ = count(path[0]);
  out.ruin_ = path[1] != 0;
  out.equity_ = path[2];
  out.peak_ = path[3];
  out.worst_ratio_ = path[4];
  out.last_regime_ = static_cast<int>(path[5]);
  out.cubes_ = cubes;
  out.fourths_ = fourths;
  out.all_ = all;
  out.bar_tally_ = bar_tally;
  out.trade_tally_ = trade_tally;
  out.won_money_ = won_money;
  out.lost_money_ = lost_money;
  out.regimes_ = std::move(regimes);
  return out;
}

}  // namespace tradewind::metrics
