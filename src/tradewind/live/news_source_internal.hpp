// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <optional>
#include <set>
#include <vector>

#include "tradewind/base/progress.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/prediction/news_feed.hpp"

namespace tradewind::live {

/// News of a session: a file that grows, and a URL that is asked now and then without waiting for the answer.
class NewsSource {
 public:
  void open(const NewsSettings& settings);
  /// What has come since the last call. What is wrong with a source goes to `warn` once each time it changes.
  std::vector<trading::NewsItem> poll(const Clock& clock, telemetry::PerformanceOptimizer& optimizer, Progress& progress);

 private:
  void ask(telemetry::PerformanceOptimizer& optimizer);
  void take_answer(UnixNanos now, std::vector<trading::NewsItem>& items);
  void complain(std::string what, Progress& progress);

  NewsSettings settings_;
  std::optional<prediction::JsonlNewsFile> file_;
  std::optional<std::future<http::Response>> answer_;
  Stopwatch since_asked_;
  bool asked_ = false;
  std::set<std::string> seen_;  ///< ids of the URL's items: a feed gives each again and again
  std::string complaint_;
  std::string trouble_;
};

}  // namespace tradewind::live
