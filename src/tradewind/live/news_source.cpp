// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/news_source_internal.hpp"

#include <chrono>

#include "tradewind/base/text.hpp"

namespace tradewind::live {
namespace {

constexpr std::size_t kRemembered = 100'000;

}  // namespace

void NewsSource::open(const NewsSettings& settings) {
  settings_ = settings;
  if (!settings.file.empty()) file_.emplace(settings.file);
}

void NewsSource::ask(telemetry::PerformanceOptimizer& optimizer) {
  asked_ = true;
  since_asked_ = Stopwatch();
  auto answers = optimizer.fetch_multiple_urls_async(std::span(&settings_.url, 1));
  if (answers)
    answer_ = std::move(answers->front());
  else
    trouble_ = answers.error().message();
}

void NewsSource::take_answer(UnixNanos now, std::vector<trading::NewsItem>& items) {
  const http::Response response = answer_->get();
  answer_.reset();
  if (!response.ok()) {
    trouble_ = "the news feed did not answer: " + (response.error.empty() ? "status " + std::to_string(response.status) : response.error);
    return;
  }
  trouble_.clear();
  const std::string& source = settings_.source;
  std::vector<trading::NewsItem> told;
  if (trim(response.body).starts_with('{')) {
    told = prediction::parse_jsonl_news(response.body, source, now, trouble_);
  } else if (auto parsed = prediction::parse_rss(response.body, source, now)) {
    told = std::move(*parsed);
  } else {
    trouble_ = parsed.error().message();
    return;
  }
  std::set<std::string> still_told;
  for (trading::NewsItem& item : told) {
    still_told.insert(item.id);
    if (seen_.insert(item.id).second) items.push_back(std::move(item));
  }
  if (seen_.size() > kRemembered) seen_ = std::move(still_told);  // what a feed no longer tells does not come back
}

void NewsSource::complain(std::string what, Progress& progress) {
  if (what.empty() || what == complaint_) return;
  progress.warn("news: " + what);
  complaint_ = std::move(what);
}

std::vector<trading::NewsItem> NewsSource::poll(const Clock& clock, telemetry::PerformanceOptimizer& optimizer, Progress& progress) {
  std::vector<trading::NewsItem> items;
  if (file_) {
    auto read = file_->poll(clock.now());
    if (read) items = std::move(*read);
    complain(read ? file_->last_complaint() : read.error().message(), progress);
  }
  if (settings_.url.empty()) return items;
  if (answer_ && answer_->wait_for(std::chrono::seconds(0)) == std::future_status::ready) take_answer(clock.now(), items);
  if (!answer_ && (!asked_ || since_asked_.seconds() >= settings_.poll_seconds)) ask(optimizer);
  complain(trouble_, progress);
  return items;
}

}  // namespace tradewind::live
