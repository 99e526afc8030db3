// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/telemetry/metric_names.hpp"
#include "tradewind/telemetry/metrics_server.hpp"
#include "tradewind/telemetry/recordings.hpp"

namespace tradewind::live {

/// What a session tells its metrics endpoint: taken by the trading thread once a cycle, read by the server's.
class SessionMetrics {
 public:
  void take(const StrategyManager& manager);
  Result<std::string> text(const telemetry::Recordings& recordings) const;

 private:
  mutable std::mutex mutex_;
  std::vector<telemetry::MetricFamily> families_;
};

}  // namespace tradewind::live
