// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "tradewind/discovery/condition_model.hpp"
#include "tradewind/discovery/input_internal.hpp"

namespace tradewind::discovery {
namespace {

constexpr std::size_t kLookBack = 20;

double volatility_at(std::span<const double> returns, std::size_t bar) {
  const auto window = returns.subspan(bar + 1 - kLookBack, kLookBack);
  double mean = 0;
  for (const double r : window) mean += r / kLookBack;
  double squares = 0;
  for (const double r : window) squares += (r - mean) * (r - mean);
  const double deviation = std::sqrt(squares / (kLookBack - 1));
  return deviation > 1e-12 * std::fabs(mean) ? deviation : 0;
}

double return_over(std::span<const double> returns, std::size_t bar, std::size_t bars) {
  double sum = 0;
  for (std::size_t i = bar + 1 - bars; i <= bar; ++i) sum += returns[i];
  return sum;
}

/// Bars since the value last changed.
std::vector<double> ages(std::span<const std::int8_t> values) {
  std::vector<double> age(values.size());
  for (std::size_t t = 1; t < values.size(); ++t) age[t] = values[t] == values[t - 1] ? age[t - 1] + 1 : 0;
  return age;
}

void add(Conditions& conditions, std::string name, auto&& value) {
  std::vector<double> column;
  for (const std::size_t bar : conditions.bar) column.push_back(static_cast<double>(value(bar)));
  conditions.names.push_back(std::move(name));
  conditions.columns.push_back(std::move(column));
}

}  // namespace

Result<Conditions> conditions_of(std::span<const SignalStream> signals, std::span<const double> returns, const Regimes& regimes) {
  TRADEWIND_TRY(check_returns(returns));
  TRADEWIND_TRY(check_regimes(regimes, returns.size()));
  for (const SignalStream& stream : signals) {
    if (stream.signals.size() != returns.size()) {
      return Error(Errc::invalid_data,
                   fmt::format("strategy '{}' has {} signals beside {} returns", stream.strategy, stream.signals.size(), returns.size()));
    }
  }
  Conditions conditions;
  std::vector<double> volatility(returns.size());
  for (std::size_t t = kLookBack - 1; t + 1 < returns.size(); ++t) {
    volatility[t] = volatility_at(returns, t);
    if (!(volatility[t] > 0)) continue;
    conditions.bar.push_back(t);
    conditions.next_return.push_back(returns[t + 1]);
    conditions.target.push_back(returns[t + 1] / volatility[t]);
  }
  for (const SignalStream& stream : signals) {
    for (std::size_t lag = 0; lag < 3; ++lag)
      add(conditions, fmt::format("{}[{}]", stream.strategy, lag), [&](std::size_t bar) { return stream.signals[bar - lag]; });
    add(conditions, stream.strategy + ".age", [age = ages(stream.signals)](std::size_t bar) { return age[bar]; });
  }
  for (std::size_t label = 0; label < regimes.names.size(); ++label) {
    add(conditions, "regime=" + regimes.names[label],
        [&](std::size_t bar) { return static_cast<std::size_t>(regimes.state[bar] + 1) == label + 1 ? 1 : 0; });
  }
  if (!regimes.state.empty()) add(conditions, "regime.age", [age = ages(regimes.state)](std::size_t bar) { return age[bar]; });
  add(conditions, "volatility", [&](std::size_t bar) { return volatility[bar]; });
  for (const std::size_t bars : {std::size_t{1}, std::size_t{5}, kLookBack}) {
    add(conditions, fmt::format("return_{}", bars), [&](std::size_t bar) { return return_over(returns, bar, bars) / volatility[bar]; });
  }
  return conditions;
}

}  // namespace tradewind::discovery
