// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/news_source_internal.hpp"

namespace tradewind::live {

Status NewsSource::open(const NewsSettings&) { return {}; }
std::vector<market::NewsItem> NewsSource::poll(const Clock&, performance::PerformanceOptimizer&) { return {}; }

}  // namespace tradewind::live
