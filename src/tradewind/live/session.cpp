// SPDX-License-Identifier: Apache-2.0
// How a session is opened or gone on with, and what it tells.
#include "tradewind/live/session.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/commands_internal.hpp"
#include "tradewind/live/session_internal.hpp"
#include "tradewind/live/session_run.hpp"
#include "tradewind/telemetry/report_json.hpp"

namespace tradewind::live {
namespace {

using execution::SqliteJournal;

constexpr double kAccountSeconds = 10;  // given to the venue to tell the account
constexpr Money kLeastCapital = Money::whole(10);

/// Whether a record is what a cycle decides, not what came back of an earlier one.
bool is_decision(const execution::RecordBody& body) {
  return std::holds_alternative<execution::TradeOpened>(body) || std::holds_alternative<execution::OrderCreated>(body);
}

Json value_of(const Json& config, const char* key, const Json& otherwise = {}) {
  return config.is_object() ? config.value(key, otherwise) : otherwise;
}

/// Which of the keys that say what world a session trades in differ between two configurations; empty: none.
std::string changed_world(const Json& before, const Json& after) {
  if (!before.is_object() || !after.is_object()) return {};
  const auto differ = [&](const char* key, const Json& otherwise = {}) {
    return value_of(before, key, otherwise) != value_of(after, key, otherwise);
  };
  const Json simulated = "simulated";  // also of one that does not say
  if (differ("market_data", simulated)) return "market_data";
  if (differ("paper")) return "paper";
  if (value_of(after, "market_data", simulated) != simulated) return {};
  return differ("seed") ? "seed" : differ("simulation") ? "simulation" : "";
}

}  // namespace

Status LiveSession::Impl::open_account() {
  TRADEWIND_ASSIGN(journal_, SqliteJournal::open(files_.journal, SqliteJournal::Access::engine));
  TRADEWIND_TRY(check_own_run(options_.workspace, options_.session, journal_.get()));
  TRADEWIND_ASSIGN(const execution::Mark last, journal_->last_mark());
  cycles_ = last.cycle;
  TRADEWIND_ASSIGN(const std::int64_t records, journal_->last_record());
  TRADEWIND_ASSIGN(environment_, open_environment(config_, files_, *journal_, last));
  options_.progress = &log_.open(files_, config_.log_level, environment_->journal(), *options_.progress);
  const Clock& clock = environment_->clock();
  for (const auto& [name, origin] : config_.origins) health_.expect(name, origin, *options_.progress);
  TRADEWIND_TRY(events_.open(config_.events, options_.session, clock, log_.journal()));
  TRADEWIND_ASSIGN(desk_, execution::OrderDesk::open({&environment_->venue(), &events_.journal(), &clock, &universe_}, config_.desk,
                                                     config_.session_started(options_.session)));
  const std::string starts = start_line(config_, desk_->state(), records > 0 ? std::optional(cycles_) : std::nullopt);
  log_->info(starts);
  events_.started(starts);
  TRADEWIND_TRY(same_session());
  manager_ = std::make_unique<StrategyManager>(StrategyManager::Parts{desk_.get(), &universe_, &clock, environment_->listener()},
                                               std::move(config_.strategies), config_.manager);
  TRADEWIND_TRY(resume());
  warn_of_small_capital();
  desk_->on_fill([this](const trading::AccountEntry& fill) {  // it happened at the venue before it was told
    const Clock& time = environment_->clock();
    markouts_.note(fill, time.steady() - std::max<std::int64_t>(0, time.now() - fill.time));
  });
  if (manager_->last_error()) options_.progress->warn(manager_->last_error()->message());
  journal_->count_with([this] { return dump_json(to_json(manager_->counters_and_states())); });
  return {};
}

void LiveSession::Impl::warn_of_small_capital() {
  for (const execution::StrategyLedger& ledger : desk_->state().ledgers())
    if (ledger.enabled && ledger.contributed.micros > 0 && ledger.contributed < kLeastCapital)
      options_.progress->warn(
          fmt::format("strategy {} has {} dollars: a tenth of it, which a trade may take, does not pay the smallest order "
                      "of a dollar; it needs {}",
                      ledger.name, decimal_text(ledger.contributed), decimal_text(kLeastCapital)));
}

/// Goes on where the journal leaves the session. Where the past can be had again, strategies see it again, cycle by cycle between the
/// records of then, and know what they knew; elsewhere they have what they saved.
Status LiveSession::Impl::resume() {
  execution::EngineState then;
  std::int64_t lived = 0;
  const bool relives = environment_->relives();
  const auto replay = [&](const execution::Record& record) -> Status {
    if (relives) TRADEWIND_TRY(relive_until(record, then, lived));
    TRADEWIND_TRY(then.replay(record));
    if (const auto* booked = std::get_if<execution::EntryBooked>(&record.body);
        relives && booked != nullptr && booked->entry.kind == trading::AccountEntry::Kind::fill)
      markouts_.note(booked->entry, booked->entry.time - config_.simulation.start);
    return {};
  };
  const auto at_mark = [&](const execution::Mark& mark) { static_cast<void>(health_.take(then, mark)); };
  TRADEWIND_ASSIGN(const SessionMoment moment, read_moment(*journal_, then, replay, at_mark));
  for (; relives && lived < cycles_ && !stopping(); ++lived) TRADEWIND_TRY(relive(lived + 1, then));
  if (relives && lived < cycles_) return interrupted_error();
  if (relives) {
    environment_->end_reliving();
    options_.progress->finish();
  }
  manager_->restore(moment, !relives);
  return {};
}

/// Cycles that had looked at the market before the record was written.
Status LiveSession::Impl::relive_until(const execution::Record& record, const execution::EngineState& then, std::int64_t& lived) {
  for (; lived < cycles_ && !stopping(); ++lived) {
    environment_->relive_cycle(lived + 1);
    const UnixNanos looked = environment_->clock().now();
    if (record.time < looked || (record.time == looked && !is_decision(record.body))) break;
    TRADEWIND_TRY(relive(lived + 1, then));
  }
  return {};
}

Status LiveSession::Impl::relive(std::int64_t cycle, const execution::EngineState& then) {
  environment_->relive_cycle(cycle);
  trading::MarketMonitor& feed = environment_->feed();
  TRADEWIND_ASSIGN(const auto listed, feed.get_active_markets());
  TRADEWIND_ASSIGN(const auto prices, feed.get_prices(open_markets(listed)));
  static_cast<void>(feed.get_prints());
  manager_->relive(then, listed, prices, feed.get_news());
  static_cast<void>(markouts_.due(universe_, environment_->clock().steady()));  // they are in the journal
  options_.progress->update("seen again", static_cast<std::uint64_t>(cycle), static_cast<std::uint64_t>(cycles_), "cycles");
  return {};
}

/// A session goes on with the capital, the strategies and the world it began with; further strategies may come, and everything else may
/// change.
Status LiveSession::Impl::same_session() {
  const execution::EngineState& state = desk_->state();
  const auto changed = [&](const std::string& what) {
    return Error(Errc::invalid_config, fmt::format("session '{}' was begun with {}", options_.session, what), files_.folder.string(),
                 "start another session by --session, or restore the configuration");
  };
  if (state.capital() != config_.total_capital) return changed("a total_capital of " + decimal_text(state.capital()));
  // Strategies see their past again: it must be the one they had.
  const Json before = read_json(state.config()), now = read_json(config_.json);
  if (const std::string key = changed_world(before, now); !key.empty()) return changed("another `" + key + "`");
  std::string begun;
  std::size_t same = 0;
  for (const execution::StrategyLedger& ledger : state.ledgers()) {
    if (ledger.name == execution::EngineState::kExternal) continue;
    begun += (begun.empty() ? "the strategies " : ", ") + ledger.name;
    for (const auto& share : config_.shares) same += share.strategy == ledger.name ? 1 : 0;
  }
  if (same + 1 != state.ledgers().size()) return changed(begun);
  for (const auto& share : config_.shares) {
    const char* const name = share.strategy.c_str();
    const Json was = value_of(value_of(before, "strategies"), name, Json::object());
    const Json is = value_of(value_of(now, "strategies"), name, Json::object());
    if (state.ledger(share.strategy) != nullptr && before.is_object() && was != is) {
      if (value_of(was, "type") != value_of(is, "type")) return changed("a strategy " + share.strategy + " of another type");
      options_.progress->warn(fmt::format("strategy {} has other settings than when the session was begun", share.strategy));
    }
    if (state.ledger(share.strategy) != nullptr) continue;
    TRADEWIND_TRY(desk_->add_strategy(share.strategy, share.enabled));
    options_.progress->warn(
        fmt::format("strategy {} is new to the session and has no capital; tradewind live rebalance gives it some", share.strategy));
  }
  return {};
}

void LiveSession::Impl::open_feed() {
  std::vector<std::string> held;
  for (const auto& [token, shares] : desk_->state().positions()) held.push_back(token.first);
  environment_->feed().watch(held);
  environment_->feed().while_waiting([this] {
    look_on();
    return !stopping();
  });
}

Status LiveSession::Impl::open() {
  std::error_code ignored;
  const bool journal_is_gone =
      !std::filesystem::exists(files_.journal, ignored) || std::filesystem::file_size(files_.journal, ignored) == 0;
  if (journal_is_gone && std::filesystem::exists(files_.venue, ignored))
    return Error(Errc::corrupt, "the session's journal is gone, and its paper account is there", files_.journal.string(),
                 "restore the session's folder from a copy, or begin another session by --session");
  if (!std::filesystem::exists(files_.journal, ignored)) TRADEWIND_TRY(check_own_run(options_.workspace, options_.session, nullptr));
  TRADEWIND_TRY(files_.make_folder());
  TRADEWIND_TRY(open_account());
  open_feed();
  news_source_.open(config_.news);
  follow_optimizer();
  if (config_.metrics_port) {
    TRADEWIND_ASSIGN(metrics_, telemetry::MetricsServer::start([this] { return exported_.text(monitor_.snapshot()); },
                                                               {.port = *config_.metrics_port, .log = &*log_}));
  }
  // The account is compared with the venue's before anything else.
  const Stopwatch watch;
  while (!desk_->reconciled() && !halted() && !stopping() && watch.seconds() < kAccountSeconds) {
    look_around();
    environment_->wait_for_answer();
    TRADEWIND_TRY(desk_->poll());
  }
  log_.look(*desk_);
  if (!desk_->reconciled() && !halted()) options_.progress->warn("the venue has not told the account yet; nothing is traded until it has");
  return keep_statistics(true);  // status has every key from now on
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
