// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/base/time.hpp"
#include "tradewind/http/request_queue_internal.hpp"

namespace tradewind::http {

RateWindow::RateWindow(int requests, double seconds)
    : places_(static_cast<std::size_t>(requests)),
      length_(static_cast<std::int64_t>(std::ceil(seconds * static_cast<double>(kNanosPerSecond)))) {}

bool RateWindow::full(std::int64_t now) {
  while (!ended_.empty() && ended_.front() + length_ <= now) ended_.pop_front();
  if (under_way_ + ended_.size() < places_) return false;
  last_full_ = now;
  return true;
}

void RateWindow::end(std::int64_t now) {
  --under_way_;
  ended_.push_back(now);
}

std::int64_t RateWindow::opens() const noexcept { return ended_.empty() ? RequestQueue::kNever : ended_.front() + length_; }

int limit_of(const std::vector<RateLimit>& limits, const std::string& url) {
  int best = -1;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const bool longer = best < 0 || limits[i].prefix.size() > limits[static_cast<std::size_t>(best)].prefix.size();
    if (url.starts_with(limits[i].prefix) && longer) best = static_cast<int>(i);
  }
  return best;
}

RequestQueue::RequestQueue(const ClientOptions& options) : options_(options) {
  for (const RateLimit& limit : options.limits) windows_.emplace_back(limit.requests, limit.seconds);
}

RequestQueue::Lane& RequestQueue::lane_of(const Job& job) {
  Lane& lane = lanes_[{job.target.host, job.limit}];
  lane.host = job.target.host;
  lane.limit = job.limit;
  return lane;
}

void RequestQueue::add(std::unique_ptr<Job> job, std::int64_t now) {
  job->queued = now;
  auto& jobs = lane_of(*job).jobs;
  const auto place = std::upper_bound(jobs.begin(), jobs.end(), job->ticket,
                                      [](std::uint64_t ticket, const std::unique_ptr<Job>& held) { return ticket < held->ticket; });
  jobs.insert(place, std::move(job));
}

void RequestQueue::add_later(std::unique_ptr<Job> job, std::int64_t due) { later_.emplace(due, std::move(job)); }

bool RequestQueue::open(const Lane& lane, std::int64_t now) {
  if (lane.jobs.empty()) return false;
  // Asked first, so that a window notes that somebody waits for it.
  if (lane.limit >= 0 && windows_[static_cast<std::size_t>(lane.limit)].full(now)) return false;
  const auto host = under_way_.find(lane.host);
  return host == under_way_.end() || host->second < options_.connections_per_host;
}

std::unique_ptr<Job> RequestQueue::start(std::int64_t now) {
  while (!later_.empty() && later_.begin()->first <= now) add(std::move(later_.extract(later_.begin()).mapped()), now);
  if (all_under_way_ >= options_.connections) return nullptr;
  Lane* first = nullptr;
  for (auto& [key, lane] : lanes_)
    if (open(lane, now) && (first == nullptr || lane.jobs.front()->ticket < first->jobs.front()->ticket)) first = &lane;
  if (first == nullptr) return nullptr;
  std::unique_ptr<Job> job = std::move(first->jobs.front());
  first->jobs.pop_front();
  ++under_way_[first->host];
  ++all_under_way_;
  if (job->limit >= 0) {
    RateWindow& window = windows_[static_cast<std::size_t>(job->limit)];
    job->throttled = window.last_full() >= job->queued;
    window.start();
  }
  return job;
}

void RequestQueue::end(const Job& job, std::int64_t now) {
  if (job.limit >= 0) windows_[static_cast<std::size_t>(job.limit)].end(now);
  --all_under_way_;
  const auto host = under_way_.find(job.target.host);
  if (host != under_way_.end() && --host->second == 0) under_way_.erase(host);
}

std::int64_t RequestQueue::wakes(std::int64_t now) {
  std::int64_t earliest = later_.empty() ? kNever : later_.begin()->first;
  for (const auto& [key, lane] : lanes_) {
    if (lane.jobs.empty() || lane.limit < 0) continue;
    RateWindow& window = windows_[static_cast<std::size_t>(lane.limit)];
    if (window.full(now)) earliest = std::min(earliest, window.opens());
  }
  return earliest;
}

std::vector<std::unique_ptr<Job>> RequestQueue::leave() {
  std::vector<std::unique_ptr<Job>> all;
  for (auto& [key, lane] : lanes_)
    for (auto& job : lane.jobs) all.push_back(std::move(job));
  for (auto& [due, job] : later_) all.push_back(std::move(job));
  lanes_.clear();
  later_.clear();
  return all;
}

}  // namespace tradewind::http
