// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session.hpp"

#include <thread>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/commands_internal.hpp"
#include "tradewind/live/markouts.hpp"
#include "tradewind/live/news_source_internal.hpp"
#include "tradewind/live/session_clock_internal.hpp"
#include "tradewind/live/session_events.hpp"
#include "tradewind/live/session_health.hpp"
#include "tradewind/live/session_log_internal.hpp"
#include "tradewind/live/session_metrics_internal.hpp"
#include "tradewind/live/session_run.hpp"
#include "tradewind/live/tuner_internal.hpp"
#include "tradewind/telemetry/report_json.hpp"
#include "tradewind/venues/paper_store.hpp"
#include "tradewind/venues/polymarket_monitor.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace tradewind::live {
namespace {

using execution::SqliteJournal;
using execution::TradingState;

constexpr double kStatisticsSeconds = 1;  // between two writes of what status prints
constexpr double kLookSeconds = 0.02;     // between two looks at inbox and kill switch while waiting
constexpr double kSettleSeconds = 10;     // given to orders on their way at the end
constexpr double kStopSeconds = 1;        // … when somebody wants the process to end; what they became is asked at the next start
constexpr std::uint64_t kReviewCycles = 10;
constexpr Money kLeastCapital = Money::whole(10);

}  // namespace

class LiveSession::Impl {
 public:
  Impl(LiveConfig config, SessionOptions options)
      : config_(std::move(config)), options_(std::move(options)), files_(SessionFiles::of(options_.workspace, options_.session)) {}

  Status open();
  Status run();
  Json report() const;
  /// An error that ends the session stands in its log.
  Status told(Status status) {
    status = log_.told(std::move(status));
    if (!status) events_.end(status.error().message(), kStopSeconds, *options_.progress);
    return status;
  }
  bool halted() const { return manager_->desk().state().trading_state() == TradingState::halted; }
  bool interrupted() const noexcept { return interrupted_; }
  std::uint16_t metrics_port() const noexcept { return metrics_ ? metrics_->port() : std::uint16_t{0}; }
  StrategyManager& manager() noexcept { return *manager_; }
  telemetry::PerformanceMonitor& monitor() noexcept { return monitor_; }

 private:
  Status open_account();
  Status open_markets();
  Status same_session();
  Status cycle();
  bool fetch();
  void observe(std::vector<Money> equity);
  void review();
  void follow_optimizer();
  Status add_strategy(const std::string& name);
  void look_around();
  void look_on();
  void wait(const Stopwatch& since);
  Status settle();
  Status keep_statistics(bool now);
  bool stopping() const { return options_.cancellation != nullptr && options_.cancellation->requested(); }
  std::int64_t virtual_nanos(std::int64_t cycle) const {
    return static_cast<std::int64_t>(static_cast<double>(cycle) * config_.simulation.step_seconds * 1e9);
  }
  std::int64_t round_trip() const {
    return static_cast<std::int64_t>(1e6 * (2 * (config_.paper.latency_ms + config_.paper.jitter_ms) + config_.paper.venue_delay_ms));
  }

  LiveConfig config_;
  SessionOptions options_;
  SessionFiles files_;
  std::unique_ptr<SessionClock> virtual_clock_;  ///< of simulated markets
  const Clock* clock_ = &system_clock();
  std::unique_ptr<SqliteJournal> journal_;
  SessionLog log_;
  SessionHealth health_;
  SessionEvents events_;
  std::unique_ptr<venues::SqlitePaperStore> store_;
  std::unique_ptr<venues::PaperVenue> venue_;
  prediction::MarketUniverse universe_;
  std::unique_ptr<execution::OrderDesk> desk_;
  std::unique_ptr<StrategyManager> manager_;
  std::unique_ptr<trading::MarketMonitor> markets_;
  venues::SimulatedMonitor* simulated_ = nullptr;  ///< markets_, when they are simulated
  Markouts markouts_;
  NewsSource news_source_;
  std::vector<trading::NewsItem> news_;
  telemetry::PerformanceMonitor monitor_{config_.monitor};
  telemetry::PerformanceOptimizer optimizer_{config_.optimizer};
  telemetry::Suggestions suggestions_;
  Tuner tuner_;
  SessionMetrics exported_;
  std::unique_ptr<telemetry::MetricsServer> metrics_;
  std::int64_t cycles_ = 0;  ///< of the whole session
  Stopwatch since_statistics_;
  bool interrupted_ = false;
  std::uint32_t kills_answered_ = 0;
};

Status LiveSession::Impl::open_account() {
  TRADEWIND_ASSIGN(journal_, SqliteJournal::open(files_.journal, SqliteJournal::Access::engine));
  TRADEWIND_TRY(check_own_run(options_.workspace, options_.session, journal_.get()));
  options_.progress = &log_.open(files_, config_.log_level, *journal_, *options_.progress);
  execution::EngineState before;
  for (const auto& [name, origin] : config_.origins) health_.expect(name, origin, *options_.progress);
  TRADEWIND_ASSIGN(const SessionMoment moment,
                   read_moment(
                       *journal_, before, [&](const execution::Record& record) { return before.replay(record); },
                       [&](const execution::Mark& mark) { static_cast<void>(health_.take(before, mark)); }));
  cycles_ = static_cast<std::int64_t>(moment.counters.cycles);
  if (config_.market_data == MarketData::simulated) {
    virtual_clock_ = std::make_unique<SessionClock>(config_.simulation.start);
    virtual_clock_->set(virtual_nanos(cycles_));
    clock_ = virtual_clock_.get();
  }
  TRADEWIND_ASSIGN(store_, venues::SqlitePaperStore::open(files_.venue));
  TRADEWIND_ASSIGN(venues::PaperExchange exchange, venues::PaperExchange::open(config_.total_capital, store_.get(), config_.paper.fills));
  venue_ = std::make_unique<venues::PaperVenue>(std::move(exchange), config_.paper, *clock_);
  TRADEWIND_TRY(events_.open(config_.events, options_.session, *clock_, log_.journal()));
  TRADEWIND_ASSIGN(desk_, execution::OrderDesk::open({venue_.get(), &events_.journal(), clock_, &universe_}, config_.desk,
                                                     config_.session_started(options_.session)));
  const std::string starts = start_line(config_, desk_->state(), before.records() > 0 ? std::optional(cycles_) : std::nullopt);
  log_->info(starts);
  events_.started(starts);
  TRADEWIND_TRY(same_session());
  manager_ = std::make_unique<StrategyManager>(StrategyManager::Parts{desk_.get(), &universe_, clock_, venue_.get()},
                                               std::move(config_.strategies), config_.manager);
  manager_->restore(moment);
  for (const execution::StrategyLedger& ledger : desk_->state().ledgers())
    if (ledger.enabled && ledger.contributed.micros > 0 && ledger.contributed < kLeastCapital)
      options_.progress->warn(
          fmt::format("strategy {} has {} dollars: a tenth of it, which a trade may take, does not pay the smallest order "
                      "of a dollar; it needs {}",
                      ledger.name, decimal_text(ledger.contributed), decimal_text(kLeastCapital)));
  desk_->on_fill([this](const trading::AccountEntry& fill) { markouts_.note(fill, clock_->steady()); });
  if (manager_->last_error()) options_.progress->warn(manager_->last_error()->message());
  journal_->count_with([this] { return dump_json(to_json(manager_->counters_and_states())); });
  return {};
}

/// A session goes on with the capital and the strategies it began with; further ones may come, and everything else may change.
Status LiveSession::Impl::same_session() {
  const execution::EngineState& state = desk_->state();
  const auto changed = [&](const std::string& what) {
    return Error(Errc::invalid_config, fmt::format("session '{}' was begun with {}", options_.session, what), files_.folder.string(),
                 "start another session by --session, or restore the configuration");
  };
  if (state.capital() != config_.total_capital) return changed("a total_capital of " + decimal_text(state.capital()));
  std::string begun;
  std::size_t same = 0;
  for (const execution::StrategyLedger& ledger : state.ledgers()) {
    if (ledger.name == execution::EngineState::kExternal) continue;
    begun += (begun.empty() ? "the strategies " : ", ") + ledger.name;
    for (const auto& share : config_.shares) same += share.strategy == ledger.name ? 1 : 0;
  }
  if (same + 1 != state.ledgers().size()) return changed(begun);
  for (const auto& share : config_.shares) {
    if (state.ledger(share.strategy) != nullptr) continue;
    TRADEWIND_TRY(desk_->add_strategy(share.strategy, share.enabled));
    options_.progress->warn(
        fmt::format("strategy {} is new to the session and has no capital; tradewind live rebalance gives it some", share.strategy));
  }
  return {};
}

Status LiveSession::Impl::open_markets() {
  if (config_.market_data == MarketData::simulated) {
    auto simulated = std::make_unique<venues::SimulatedMonitor>(config_.simulation);
    simulated->advance_to(cycles_);
    simulated_ = simulated.get();
    markets_ = std::move(simulated);
    return {};
  }
  TRADEWIND_ASSIGN(auto real, venues::PolymarketMonitor::make(config_.polymarket));
  std::vector<std::string> held;
  for (const auto& [token, shares] : desk_->state().positions()) held.push_back(token.first);
  real->watch(held);
  real->while_waiting([this] {
    look_on();
    return !stopping();
  });
  markets_ = std::move(real);
  return {};
}

Status LiveSession::Impl::open() {
  std::error_code ignored;
  if (!std::filesystem::exists(files_.journal, ignored)) TRADEWIND_TRY(check_own_run(options_.workspace, options_.session, nullptr));
  TRADEWIND_TRY(files_.make_folder());
  TRADEWIND_TRY(open_account());
  TRADEWIND_TRY(open_markets());
  news_source_.open(config_.news);
  follow_optimizer();
  if (config_.metrics_port) {
    TRADEWIND_ASSIGN(metrics_, telemetry::MetricsServer::start([this] { return exported_.text(monitor_.snapshot()); },
                                                               {.port = *config_.metrics_port, .log = &*log_}));
  }
  // The account is compared with the venue's before anything else.
  const Stopwatch watch;
  while (!desk_->reconciled() && !halted() && !stopping() && watch.seconds() < kSettleSeconds) {
    look_around();
    if (virtual_clock_) virtual_clock_->set(virtual_clock_->steady() + round_trip());
    TRADEWIND_TRY(desk_->poll());
    if (!virtual_clock_ && !desk_->reconciled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  log_.look(*desk_);
  if (!desk_->reconciled() && !halted()) options_.progress->warn("the venue has not told the account yet; nothing is traded until it has");
  return keep_statistics(true);  // status has every key from now on
}

/// Markets and prices of this cycle. A monitor that does not answer leaves the books as they are: they go stale by themselves.
bool LiveSession::Impl::fetch() {
  std::int64_t start = monitor_.time();
  auto listed = markets_->get_active_markets();
  if (simulated_ == nullptr) monitor_.measure_network_latency(start, "markets");
  if (!listed) {
    monitor_.record_failure("markets");
    if (!stopping()) options_.progress->warn("markets: " + listed.error().message());
    return false;
  }
  std::vector<std::string> ids;
  for (const trading::PredictionMarket& market : *listed)
    if (!market.payout) ids.push_back(market.id);
  start = monitor_.time();
  auto prices = markets_->get_prices(ids);
  if (simulated_ == nullptr) monitor_.measure_network_latency(start, "prices");
  if (!prices) {
    monitor_.record_failure("prices");
    if (!stopping()) options_.progress->warn("prices: " + prices.error().message());
    return false;
  }
  // Trades happened before the books that show what is left.
  manager_->take(markets_->get_prints());
  manager_->take(*listed, *prices);
  for (const execution::Markout& one : markouts_.due(universe_, clock_->steady())) journal_->mark(one);
  news_ = markets_->get_news();
  for (trading::NewsItem& item : news_source_.poll(*clock_, optimizer_, *options_.progress)) news_.push_back(std::move(item));
  return true;
}

Status LiveSession::Impl::cycle() {
  ++cycles_;
  if (virtual_clock_) virtual_clock_->set(virtual_nanos(cycles_));
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
  if (virtual_clock_) {  // what was sent arrives and is answered within the cycle
    virtual_clock_->set(virtual_clock_->steady() + std::min(round_trip(), virtual_nanos(1) * 9 / 10));
    TRADEWIND_TRY(desk_->poll());
  }
  monitor_.measure_execution_speed(start);
  observe(manager_->finish_cycle());
  monitor_.end_cycle();
  if (monitor_.total_cycles() % kReviewCycles == 0) review();
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
  execution::Mark mark{cycles_, clock_->now(), std::move(equity)};
  events_.tell(health_.take(desk_->state(), mark), *options_.progress);
  journal_->mark(std::move(mark));
  if (virtual_clock_) virtual_clock_->set(virtual_clock_->steady() + 1);  // what comes between cycles is later than the mark
  if (metrics_) exported_.take(*manager_);
}

Status LiveSession::Impl::keep_statistics(bool now) {
  if (!now && since_statistics_.seconds() < kStatisticsSeconds) return {};
  since_statistics_ = Stopwatch();
  log_.look(*desk_);
  log_->flush();
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
}

/// … and what the venue of orders says.
void LiveSession::Impl::look_on() {
  look_around();
  if (!virtual_clock_) static_cast<void>(desk_->poll());
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
    if (virtual_clock_)
      virtual_clock_->set(virtual_clock_->steady() + round_trip() + 1'000'000);
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    TRADEWIND_TRY(desk_->poll());
  }
  return {};
}

Status LiveSession::Impl::run() {
  for (std::int64_t done = 0; options_.cycles == 0 || done < options_.cycles; ++done) {
    if (stopping()) break;
    const Stopwatch watch;
    look_around();
    TRADEWIND_TRY(cycle());
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
  return {};
}

Json LiveSession::Impl::report() const {
  Json json = manager_->report();
  health_.put(json);
  json["performance"] = telemetry::to_json(monitor_.generate_performance_report());
  Json suggested = Json::array();
  for (const auto& change : suggestions_.config_changes)
    suggested.push_back({{"change", change.change}, {"expected_improvement", change.expected_improvement}, {"reason", change.reason}});
  for (const auto& change : suggestions_.system_changes)
    suggested.push_back({{"change", change.change}, {"expected_improvement", change.expected_improvement}, {"reason", change.reason}});
  json["suggestions"] = suggested;
  json["applied"] = tuner_.report();
  return json;
}

LiveSession::LiveSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LiveSession::~LiveSession() = default;

Result<std::unique_ptr<LiveSession>> LiveSession::open(LiveConfig config, SessionOptions options) {
  auto impl = std::make_unique<Impl>(std::move(config), std::move(options));
  TRADEWIND_TRY(impl->told(impl->open()));
  return std::unique_ptr<LiveSession>(new LiveSession(std::move(impl)));
}

Status LiveSession::run() { return impl_->told(impl_->run()); }
bool LiveSession::halted() const { return impl_->halted(); }
bool LiveSession::interrupted() const noexcept { return impl_->interrupted(); }
Json LiveSession::report() const { return impl_->report(); }
std::uint16_t LiveSession::metrics_port() const noexcept { return impl_->metrics_port(); }
StrategyManager& LiveSession::manager() noexcept { return impl_->manager(); }
telemetry::PerformanceMonitor& LiveSession::monitor() noexcept { return impl_->monitor(); }

}  // namespace tradewind::live
