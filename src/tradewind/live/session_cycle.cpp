// SPDX-License-Identifier: Apache-2.0
// A session's cycles and what is looked at between them.
#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/commands_internal.hpp"
#include "tradewind/live/session_internal.hpp"
#include "tradewind/live/session_run.hpp"

namespace tradewind::live {
namespace {

using execution::TradingState;

constexpr double kStatisticsSeconds = 1;  // between two writes of what status prints
constexpr double kLookSeconds = 0.02;     // between two looks at inbox and kill switch while waiting
constexpr double kSettleSeconds = 10;     // given to orders on their way at the end
constexpr std::uint64_t kReviewCycles = 10;

}  // namespace

std::vector<std::string> LiveSession::Impl::open_markets(std::span<const trading::PredictionMarket> listed) {
  std::vector<std::string> ids;
  for (const trading::PredictionMarket& market : listed)
    if (!market.payout) ids.push_back(market.id);
  return ids;
}

/// Markets and prices of this cycle. A monitor that does not answer leaves the books as they are: they go stale by themselves.
bool LiveSession::Impl::fetch() {
  std::int64_t start = monitor_.time();
  trading::MarketMonitor& feed = environment_->feed();
  auto listed = feed.get_active_markets();
  if (environment_->real_time()) monitor_.measure_network_latency(start, "markets");
  if (!listed) {
    monitor_.record_failure("markets");
    if (!stopping()) options_.progress->warn("markets: " + listed.error().message());
    return false;
  }
  start = monitor_.time();
  auto prices = feed.get_prices(open_markets(*listed));
  if (environment_->real_time()) monitor_.measure_network_latency(start, "prices");
  if (!prices) {
    monitor_.record_failure("prices");
    if (!stopping()) options_.progress->warn("prices: " + prices.error().message());
    return false;
  }
  // Trades happened before the books that show what is left.
  manager_->take(feed.get_prints());
  manager_->take(*listed, *prices);
  for (const execution::Markout& one : markouts_.due(universe_, environment_->clock().steady())) journal_->mark(one);
  news_ = feed.get_news();
  for (trading::NewsItem& item : news_source_.poll(environment_->clock(), optimizer_, *options_.progress)) news_.push_back(std::move(item));
  return true;
}

Status LiveSession::Impl::cycle() {
  TRADEWIND_TRY(environment_->begin_cycle(cycles_ + 1));
  ++cycles_;
  monitor_.start_cycle();
  news_.clear();
  if (!fetch() && stopping()) return {};
  std::int64_t start = monitor_.time();
  const std::uint64_t before = manager_->opportunities_found();
  const Opportunities& found = manager_->run_all_strategies(news_);
  monitor_.measure_detection_speed(start, manager_->opportunities_found() - before);
  start = monitor_.time();
  manager_->decide(found);
  monitor_.measure_decision_speed(start);
  start = monitor_.time();
  manager_->execute();
  environment_->answer();
  if (!environment_->real_time()) TRADEWIND_TRY(desk_->poll());
  monitor_.measure_execution_speed(start);
  observe(manager_->finish_cycle());
  monitor_.end_cycle();
  if (monitor_.total_cycles() % kReviewCycles == 0) review();
  TRADEWIND_TRY(environment_->commit());
  return keep_statistics(false);
}

void LiveSession::Impl::review() {
  suggestions_ = optimizer_.optimize_config(monitor_.generate_performance_report());
  // What has no effect in a session is not advised: it keeps no cache, and only the news' URL is fetched beside the cycle.
  std::erase_if(suggestions_.config_changes, [&](const telemetry::ConfigChange& change) {
    return change.key == "use_caching" || (change.key == "use_async" && config_.news.url.empty());
  });
  if (config_.apply_suggestions && tuner_.review(suggestions_, optimizer_, monitor_)) follow_optimizer();
}

/// Strategies share the market they look at, so `use_multiprocessing` gives them threads of this process.
void LiveSession::Impl::follow_optimizer() {
  const bool parallel = optimizer_.settings().use_multiprocessing && optimizer_.enable_threading();
  manager_->look_in_parallel(parallel ? &optimizer_ : nullptr);
}

/// The mark of this cycle.
void LiveSession::Impl::observe(std::vector<Money> equity) {
  execution::Mark mark{cycles_, environment_->clock().now(), std::move(equity)};
  events_.tell(health_.take(desk_->state(), mark), *options_.progress);
  journal_->mark(std::move(mark));
  environment_->end_cycle();
  if (metrics_) exported_.take(*manager_);
}

Status LiveSession::Impl::keep_statistics(bool now) {
  if (!now && since_statistics_.seconds() < kStatisticsSeconds) return {};
  since_statistics_ = Stopwatch();
  log_.look(*desk_);
  log_->flush();
  TRADEWIND_TRY(environment_->commit());
  journal_->set_statistics(dump_json(report()));
  return journal_->flush();
}

/// A strategy that the configuration has got meanwhile.
Status LiveSession::Impl::add_strategy(const std::string& name) {
  if (options_.reload == nullptr) return {};
  TRADEWIND_ASSIGN(LiveConfig now, options_.reload());
  for (NamedStrategy& strategy : now.strategies) {
    if (strategy.name != name) continue;
    TRADEWIND_TRY(desk_->add_strategy(name, false));
    if (const auto origin = now.origins.find(name); origin != now.origins.end()) health_.expect(name, origin->second, *options_.progress);
    manager_->add(std::move(strategy));
    return {};
  }
  return Error(Errc::unknown_name, fmt::format("neither the session nor its configuration has a strategy '{}'", printable(name)), {},
               "write it under `strategies` of the configuration, then enable it");
}

/// Kill switch and inbox: between cycles and while the venue's answer is awaited.
void LiveSession::Impl::look_around() {
  std::error_code ignored;
  // A signal is an event: once answered it does not stand in the way of a later resume.
  if (const std::uint32_t kills = options_.kill == nullptr ? 0 : options_.kill->times(); kills != kills_answered_) {
    kills_answered_ = kills;
    if (!halted()) static_cast<void>(desk_->set_trading_state(TradingState::halted, "kill switch: signal"));
  }
  if (!halted() && std::filesystem::exists(files_.halt, ignored))
    static_cast<void>(desk_->set_trading_state(TradingState::halted, "kill switch: file " + files_.halt.string()));
  const auto commands = journal_->commands_after(desk_->state().last_command());
  if (!commands) return options_.progress->warn(commands.error().message());
  for (const execution::Command& command : *commands)
    if (const Status done = carry_out(command, *desk_, [this](const std::string& name) { return add_strategy(name); }); !done)
      options_.progress->warn(done.error().message());
  if (const Status counts = environment_->commit(); !counts) options_.progress->warn(counts.error().message());
}

/// … and what the venue of orders says.
void LiveSession::Impl::look_on() {
  look_around();
  if (environment_->real_time()) static_cast<void>(desk_->poll());
}

void LiveSession::Impl::wait(const Stopwatch& since) {
  while (since.seconds() < config_.cycle_interval && !stopping()) {
    const double left = config_.cycle_interval - since.seconds();
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, kLookSeconds)));
    look_on();
  }
}

/// Nothing is left resting, and what is on its way gets the time to come back.
Status LiveSession::Impl::settle() {
  for (const auto& [id, order] : desk_->state().working()) desk_->cancel(id);
  const Stopwatch watch;
  while (!desk_->state().working().empty() && watch.seconds() < (stopping() ? kStopSeconds : kSettleSeconds)) {
    environment_->wait_for_answer();
    TRADEWIND_TRY(desk_->poll());
  }
  return {};
}

Status LiveSession::Impl::run() {
  Status ended;
  for (std::int64_t done = 0; options_.cycles == 0 || done < options_.cycles; ++done) {
    if (stopping()) break;
    const Stopwatch watch;
    look_around();
    if (ended = cycle(); !ended && ended.error().code() != Errc::invalid_config) return ended;
    if (!ended) break;  // its time is over: what there is, is kept
    options_.progress->update("live", static_cast<std::uint64_t>(done + 1), static_cast<std::uint64_t>(options_.cycles), "cycles");
    if (options_.cycles == 0 || done + 1 < options_.cycles) wait(watch);
  }
  interrupted_ = stopping() && options_.cycles != 0;
  options_.progress->finish();
  TRADEWIND_TRY(settle());
  if (cycles_ > 0) observe(manager_->mark());  // what came back belongs to the last cycle's mark
  TRADEWIND_TRY(keep_statistics(true));
  const std::string ends = end_line(report(), interrupted_);
  log_->info(ends);
  log_->flush();
  optimizer_.cleanup();
  TRADEWIND_TRY(write_session_run(options_.workspace, options_.session, *journal_));
  events_.end(ends, stopping() ? kStopSeconds : notifications::kDeliverySeconds, *options_.progress);
  return ended;
}

}  // namespace tradewind::live
