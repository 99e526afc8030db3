// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/market/bars.hpp"
#include "tradewind/regimes/fit_diagnostic.hpp"

namespace tradewind::regimes {

/// A regime: an index into the labels of the classifier's type, or kUnknown.
using State = std::int8_t;
/// The classifier has not seen enough to say.
inline constexpr State kUnknown = -1;

/// One finished bar. Prices are finite and > 0; what the source lacks equals the close, volume 0.
struct Bar {
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;

  static Bar of_close(double close) noexcept { return {close, close, close, close, 0}; }
};

/// Tells the regime at the close of each bar from that bar and the ones before it, which are all it ever gets to see: a label cannot
/// change when later bars arrive (prefix invariance), and fitted parameters come from bars before the ones they label.
class Classifier {
 public:
  virtual ~Classifier() = default;
  /// The state at this bar's close, which a position may follow from the next bar on. Called once a bar, in order of time.
  virtual State update(const Bar& bar) = 0;

  /// p(state) at the last bar, where the classifier knows it and is past its first fit; else empty. Valid until the next update.
  virtual std::span<const double> probabilities() const { return {}; }
  /// What was wrong with the fits so far, in order of time.
  virtual std::span<const FitDiagnostic> diagnostics() const { return {}; }

  /// Everything it remembers as a short versioned text without line breaks; empty for a classifier that cannot be saved. One made with the
  /// same parameters that loads it goes on as if it had seen every bar itself, to the last bit.
  virtual std::string save() const { return {}; }
  /// Errors, which leave it as it was: `corrupt`; `newer_format`; `invalid_config` for a state of another type or other parameters.
  virtual Status load(std::string_view state);
};

/// Bar t of a series as classifiers see it.
Bar bar_at(const market::Bars& bars, std::size_t t);
/// Feeds every bar to the classifier and returns the state at each close.
std::vector<State> classify(Classifier& classifier, const market::Bars& bars);
/// The same for a series of closes.
std::vector<State> classify_closes(Classifier& classifier, const std::vector<double>& closes);

}  // namespace tradewind::regimes
