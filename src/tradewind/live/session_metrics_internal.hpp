// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/performance/metric_names.hpp"
#include "tradewind/performance/metrics_server.hpp"
#include "tradewind/performance/recordings.hpp"

namespace tradewind::live {

/// What a session tells its metrics endpoint: taken by the trading thread once a cycle, read by the server's.
class SessionMetrics {
 public:
  void take(const StrategyManager& manager);
  Result<std::string> text(const performance::Recordings& recordings) const;

 private:
  mutable std::mutex mutex_;
  std::vector<performance::MetricFamily> families_;
};

}  // namespace tradewind::live
