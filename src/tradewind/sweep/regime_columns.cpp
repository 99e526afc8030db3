// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/regime_columns_internal.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/metrics/trade_path.hpp"
#include "tradewind/regimes/statistics.hpp"

namespace tradewind::sweep {
namespace {

constexpr std::array<std::string_view, 6> kRegimeMetrics = {"bars", "mean", "volatility", "sharpe_ratio", "gross_sharpe", "contribution"};
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Sums over the bars of one regime.
struct Sums {
  double n = 0;
  double net = 0;
  double net_squares = 0;
  double gross = 0;
  double gross_squares = 0;
  double log_growth = 0;
};

double deviation(double sum, double squares, double n) {
  const double mean = sum / n;
  return std::sqrt(std::max(0.0, (squares - n * mean * mean) / (n - 1)));
}

double sharpe(double sum, double squares, double n, double ppy) {
  if (n < 2) return kUndefined;
  const double mean = sum / n;
  const double sd = deviation(sum, squares, n);
  return sd <= 1e-12 * std::max(std::abs(mean), 1e-12) ? kUndefined : mean / sd * std::sqrt(ppy);
}

void append(const Sums& sums, double ppy, std::vector<double>& values) {
  values.push_back(sums.n);
  values.push_back(sums.n > 0 ? sums.net / sums.n : kUndefined);
  values.push_back(sums.n > 1 ? deviation(sums.net, sums.net_squares, sums.n) * std::sqrt(ppy) : kUndefined);
  values.push_back(sharpe(sums.net, sums.net_squares, sums.n, ppy));
  values.push_back(sharpe(sums.gross, sums.gross_squares, sums.n, ppy));
  values.push_back(std::isfinite(sums.log_growth) ? sums.log_growth : kUndefined);
}

/// Sums per state; the state known at bar t counts for the return of bar t+1.
std::vector<Sums> sums_by_state(const metrics::EquityPath& net, const metrics::EquityPath& gross, const ClassifierStates& classifier) {
  std::vector<Sums> sums(classifier.metadata.labels.size());
  const std::size_t bars = net.returns.size();
  for (std::size_t bar = 1; bar < bars; ++bar) {
    const int state = classifier.state[bar - 1];
    if (state < 0) continue;
    Sums& s = sums[static_cast<std::size_t>(state)];
    const double r = net.returns[bar];
    const double g = gross.returns[bar];
    s.n += 1;
    s.net += r;
    s.net_squares += r * r;
    s.gross += g;
    s.gross_squares += g * g;
    if (r != 0) s.log_growth += std::log1p(r);
  }
  return sums;
}

std::string parameter_text(const std::vector<Axis>& axes, const std::vector<double>& values) {
  std::string text;
  for (std::size_t i = 0; i < axes.size(); ++i) text += fmt::format("{}{}={}", i > 0 ? "," : "", axes[i].name, number_text(values[i]));
  return text;
}

void describe_states(ClassifierStates& out, const market::Bars& bars) {
  workspace::ClassifierMetadata& metadata = out.metadata;
  const auto statistics = regimes::state_statistics(out.state, metadata.labels.size());
  metadata.total_states = static_cast<std::int64_t>(out.state.size());
  metadata.state_changes = statistics.changes;
  metadata.compression_ratio = static_cast<double>(metadata.total_states) / static_cast<double>(std::max<std::int64_t>(1, statistics.changes));
  for (std::size_t i = 0; i < metadata.labels.size(); ++i) {
    const std::string& label = metadata.labels[i];
    metadata.regime_counts[label] = statistics.counts[i];
    if (statistics.runs[i] > 0) metadata.avg_regime_duration[label] = statistics.average_duration[i];
    for (std::size_t to = 0; to < statistics.transitions[i].size(); ++to) metadata.transition_matrix[label][metadata.labels[to]] = statistics.transitions[i][to];
  }
  std::int8_t held = regimes::kUnknown;
  for (std::size_t bar = 0; bar < out.state.size(); ++bar) {
    if (out.state[bar] == held) continue;
    held = out.state[bar];
    out.change_time.push_back(bars.timestamp[bar]);
    out.change_state.push_back(held);
  }
}

}  // namespace

Status RegimeColumns::classify(const SweepConfig& config, const std::vector<SymbolData>& symbols, double periods_per_year) {
  periods_per_year_ = periods_per_year;
  std::set<std::string> prefixes;
  for (std::size_t s = 0; s < symbols.size(); ++s) {
    for (const ClassifierGrid& grid : config.classifiers) {
      for (std::size_t i = 0; i < grid.grid.size(); ++i) {
        const std::vector<double> values = grid.grid.values(i);
        const std::string parameters = parameter_text(grid.grid.axes(), values);
        ClassifierStates out;
        out.column_prefix = fmt::format("regime.{}.{}.", grid.type->name, parameters);
        if (s == 0 && !prefixes.insert(out.column_prefix).second)
          return Error(Errc::invalid_config, fmt::format("classifier {} with {} is listed twice", grid.type->name, parameters), "classifiers", "remove one of them");
        out.metadata.classifier_id = fmt::format("{}.{}.{}", symbols[s].bars.symbol, grid.type->name, parameters);
        out.metadata.classifier_type = grid.type->name;
        out.metadata.symbol = symbols[s].bars.symbol;
        for (std::size_t p = 0; p < values.size(); ++p) out.metadata.parameters.push_back({grid.grid.axes()[p].name, values[p]});
        out.metadata.labels = grid.type->labels(values);
        out.state = regimes::classify(*grid.type->make(values), symbols[s].bars);
        describe_states(out, symbols[s].bars);
        classifiers_.push_back(std::move(out));
      }
    }
  }
  per_symbol_ = symbols.empty() ? 0 : classifiers_.size() / symbols.size();
  for (std::size_t c = 0; c < per_symbol_; ++c)
    for (const std::string& label : classifiers_[c].metadata.labels)
      for (const std::string_view metric : kRegimeMetrics) columns_.push_back(fmt::format("{}{}.{}", classifiers_[c].column_prefix, label, metric));
  return {};
}

void RegimeColumns::append_values(std::size_t symbol, const metrics::TradeTables& tables, std::span<const metrics::PositionChange> changes, std::vector<double>& values) const {
  if (per_symbol_ == 0) return;
  const metrics::EquityPath net = metrics::equity_path(tables, changes);
  const metrics::EquityPath gross = metrics::equity_path(tables, changes, true);
  for (std::size_t c = 0; c < per_symbol_; ++c)
    for (const Sums& sums : sums_by_state(net, gross, classifiers_[symbol * per_symbol_ + c])) append(sums, periods_per_year_, values);
}

}  // namespace tradewind::sweep
