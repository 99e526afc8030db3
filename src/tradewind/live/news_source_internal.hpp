// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tradewind/live/live_config.hpp"

namespace tradewind::live {

/// News of a session: a file that grows, a URL that is asked now and then.
class NewsSource {
 public:
  Status open(const NewsSettings& settings);
  std::vector<market::NewsItem> poll(const Clock& clock, performance::PerformanceOptimizer& optimizer);
};

}  // namespace tradewind::live
