// SPDX-License-Identifier: Apache-2.0
#include "tradewind/http/worker_internal.hpp"

#include <algorithm>
#include <system_error>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/http/retry_internal.hpp"

namespace tradewind::http {
namespace {

constexpr int kMostMilliseconds = 60'000;

std::int64_t now() { return system_clock().steady(); }

std::optional<double> retry_after(const Response& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "retry-after") return retry_after_seconds(value, system_clock().now());
  return std::nullopt;
}

}  // namespace

Client::Worker::Worker(ClientOptions options)
    : options_(std::move(options)), multi_(curl_multi_init()), queue_(options_), random_(options_.seed) {
  if (multi_) curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections));
}

Client::Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

Status Client::Worker::start() {
  if (!multi_) return Error(Errc::internal, "libcurl cannot be started");
  auto started = start_thread([this] { run(); });
  if (!started) return no_thread_error().with_context("starting network requests");
  thread_ = std::move(*started);
  return {};
}

std::future<Response> Client::Worker::fetch(Request request) {
  auto job = std::make_unique<Job>();
  std::future<Response> future = job->promise.get_future();
  auto target = check_request(request);
  if (!target) {
    const std::lock_guard lock(mutex_);
    ++statistics_.requests;
    ++statistics_.failures;
    job->response.error = target.error().message();
    job->promise.set_value(std::move(job->response));
    return future;
  }
  job->target = std::move(*target);
  job->limit = limit_of(options_.limits, request.url);
  job->request = std::move(request);
  {
    const std::lock_guard lock(mutex_);
    ++statistics_.requests;
    inbox_.push_back(std::move(job));
  }
  curl_multi_wakeup(multi_.get());
  return future;
}

ClientStatistics Client::Worker::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void Client::Worker::run() {
  while (take_inbox()) {
    start_waiting();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    if (collect()) continue;  // there is room for others
    curl_multi_poll(multi_.get(), nullptr, 0, wait_milliseconds(), nullptr);
  }
  give_up_all();
}

/// False: it is time to stop.
bool Client::Worker::take_inbox() {
  std::vector<std::unique_ptr<Job>> taken;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    taken.swap(inbox_);
  }
  const std::int64_t time = now();
  for (auto& job : taken) {
    job->ticket = tickets_++;
    queue_.add(std::move(job), time);
  }
  return true;
}

void Client::Worker::start_waiting() {
  while (auto job = queue_.start(now())) {
    if (begin(job)) continue;
    queue_.end(*job, now());
    job->response = {};
    job->response.error = "no memory for a request";
    answer(*job);
  }
}

bool Client::Worker::begin(std::unique_ptr<Job>& job) {
  auto transfer = Transfer::make(job->request, options_);
  if (!transfer) return false;
  job->transfer = std::move(*transfer);
  ++job->response.attempts;
  CURL* const handle = job->transfer->handle();
  if (curl_multi_add_handle(multi_.get(), handle) != CURLM_OK) return false;
  under_way_.emplace(handle, std::move(job));
  return true;
}

/// Whether any attempt came to its end.
bool Client::Worker::collect() {
  bool any = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;  // the message dies with the next call
    const auto found = under_way_.find(handle);
    if (found == under_way_.end()) continue;
    curl_multi_remove_handle(multi_.get(), handle);
    std::unique_ptr<Job> job = std::move(found->second);
    under_way_.erase(found);
    attempt_ended(std::move(job), code);
    any = true;
  }
  return any;
}

void Client::Worker::attempt_ended(std::unique_ptr<Job> job, CURLcode code) {
  job->transfer->finish(code, job->target.shown, job->response);
  job->transfer.reset();
  const std::int64_t time = now();
  job->response.ended = time;
  queue_.end(*job, time);
  count(*job);
  const bool may_pass = code == CURLE_OK ? is_passing(job->response.status) : Transfer::may_pass(code);
  const bool repeatable = job->request.method == "GET" || job->request.repeatable;
  if (!may_pass || !repeatable || job->response.attempts >= options_.attempts) return answer(*job);
  const double wait = backoff_seconds(options_, job->response.attempts, retry_after(job->response), random_);
  {
    const std::lock_guard lock(mutex_);
    ++statistics_.retries;
  }
  queue_.add_later(std::move(job), time + static_cast<std::int64_t>(wait * static_cast<double>(kNanosPerSecond)));
}

void Client::Worker::count(const Job& job) {
  const std::lock_guard lock(mutex_);
  if (job.response.status != 0) ++(job.response.reused_connection ? statistics_.reused_connections : statistics_.new_connections);
  if (job.throttled) ++statistics_.throttled;
  statistics_.bytes += job.response.body.size();
}

void Client::Worker::answer(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    ++(job.response.ok() ? statistics_.answers : statistics_.failures);
  }
  job.promise.set_value(std::move(job.response));
}

void Client::Worker::give_up(Job& job) {
  const int attempts = job.response.attempts;
  job.response = {};
  job.response.attempts = attempts;
  job.response.error = job.target.shown + ": given up, as the client was closed";
  answer(job);
}

void Client::Worker::give_up_all() {
  for (auto& [handle, job] : under_way_) {
    curl_multi_remove_handle(multi_.get(), handle);
    give_up(*job);
  }
  under_way_.clear();
  for (const auto& job : queue_.leave()) give_up(*job);
  std::vector<std::unique_ptr<Job>> unread;
  {
    const std::lock_guard lock(mutex_);
    unread.swap(inbox_);
  }
  for (const auto& job : unread) give_up(*job);
}

int Client::Worker::wait_milliseconds() {
  const std::int64_t time = now();
  const std::int64_t wakes = queue_.wakes(time);
  if (wakes == RequestQueue::kNever) return kMostMilliseconds;
  const std::int64_t milliseconds = (std::max<std::int64_t>(0, wakes - time) + 999'999) / 1'000'000;
  return static_cast<int>(std::min<std::int64_t>(milliseconds, kMostMilliseconds));
}

}  // namespace tradewind::http
