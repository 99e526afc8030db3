// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/classifier.hpp"

#include <cmath>

namespace tradewind::regimes {

Status Classifier::load(std::string_view) { return Error(Errc::invalid_config, "this classifier keeps no state that could be loaded"); }

Bar bar_at(const market::Bars& bars, std::size_t t) {
  Bar bar = Bar::of_close(bars.close[t]);
  if (bars.has_ohlc()) {
    bar.open = bars.open[t];
    bar.high = bars.high[t];
    bar.low = bars.low[t];
  }
  if (bars.has_volume() && std::isfinite(bars.volume[t])) bar.volume = bars.volume[t];
  return bar;
}

std::vector<State> classify(Classifier& classifier, const market::Bars& bars) {
  std::vector<State> states(bars.size());
  for (std::size_t t = 0; t < bars.size(); ++t) states[t] = classifier.update(bar_at(bars, t));
  return states;
}

std::vector<State> classify_closes(Classifier& classifier, const std::vector<double>& closes) {
  std::vector<State> states(closes.size());
  for (std::size_t t = 0; t < closes.size(); ++t) states[t] = classifier.update(Bar::of_close(closes[t]));
  return states;
}

}  // namespace tradewind::regimes
