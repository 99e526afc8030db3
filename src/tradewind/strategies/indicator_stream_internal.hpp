// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tradewind/strategies/indicator.hpp"
#include "tradewind/strategies/position_stream.hpp"
#include "tradewind/strategies/price_scale.hpp"
#include "tradewind/strategies/state_archive_internal.hpp"

namespace tradewind::strategies {

/// One value of an Indicator's row after the other, without the row: to the bit what make_indicator's gives.
class IndicatorStream {
 public:
  virtual ~IndicatorStream() = default;
  /// `scale` has taken the bar's close already.
  virtual double push(const PriceBar& bar, const PriceScale& scale) = 0;
  /// Writes or reads all that changes from bar to bar.
  virtual void archive(StateArchive& archive) = 0;
};

/// Null for a key with a window below 1.
std::unique_ptr<IndicatorStream> make_indicator_stream(const IndicatorKey& key);

}  // namespace tradewind::strategies
