// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/environment.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "tradewind/live/session.hpp"
#include "tradewind/live/session_clock_internal.hpp"
#include "tradewind/venues/held_paper_store.hpp"
#include "tradewind/venues/paper_store.hpp"
#include "tradewind/venues/paper_venue.hpp"
#include "tradewind/venues/polymarket_monitor.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace tradewind::live {
namespace {

using venues::PaperExchange;
using venues::PaperVenue;

/// The venue's prices and time, and an account on paper.
class PaperEnvironment final : public Environment {
 public:
  PaperEnvironment(std::unique_ptr<venues::SqlitePaperStore> store, PaperExchange exchange, const venues::PaperSettings& settings,
                   std::unique_ptr<trading::MarketMonitor> feed, execution::Journal& journal)
      : store_(std::move(store)), venue_(std::move(exchange), settings, system_clock()), feed_(std::move(feed)), journal_(journal) {}

  const Clock& clock() const noexcept override { return system_clock(); }
  trading::MarketMonitor& feed() noexcept override { return *feed_; }
  trading::Venue& venue() noexcept override { return venue_; }
  trading::MarketListener* listener() noexcept override { return &venue_; }
  execution::Journal& journal() noexcept override { return journal_; }
  void wait_for_answer() override { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

 private:
  std::unique_ptr<venues::SqlitePaperStore> store_;
  PaperVenue venue_;
  std::unique_ptr<trading::MarketMonitor> feed_;
  execution::Journal& journal_;
};

/// Nanoseconds since 1970 that every time of a session stays below: far from where they would overflow.
constexpr double kEndOfTime = 7.26e18;

/// Simulated markets in virtual time: cycles have the simulation's step, whatever they take. Venue and session end together, so that a
/// cycle counts as a whole: its records, what it changed of the account and how the session stands are written at once. One that was killed
/// goes on as if it never had been.
class SimulatedEnvironment final : public Environment {
 public:
  SimulatedEnvironment(std::unique_ptr<venues::SqlitePaperStore> store, std::unique_ptr<venues::HeldPaperStore> held,
                       PaperExchange exchange, const LiveConfig& config, execution::SqliteJournal& journal, const execution::Mark& last)
      : simulation_(config.simulation),
        round_trip_(nanos(2 * (config.paper.latency_ms + config.paper.jitter_ms) + config.paper.venue_delay_ms)),
        clock_(config.simulation.start),
        store_(std::move(store)),
        held_(std::move(held)),
        venue_(std::move(exchange), config.paper, clock_),
        feed_(config.simulation),
        journal_(journal),
        held_journal_(journal) {
    clock_.set(start_of(last.cycle));
    if (last.cycle > 0) clock_.advance_to(last.time - config.simulation.start + 1);
    present_ = clock_.steady();
  }

  const Clock& clock() const noexcept override { return clock_; }
  trading::MarketMonitor& feed() noexcept override { return feed_; }
  trading::Venue& venue() noexcept override { return venue_; }
  trading::MarketListener* listener() noexcept override { return &venue_; }
  execution::Journal& journal() noexcept override { return held_journal_; }

  Status commit() override {
    if (held_journal_.empty() && held_->empty()) return {};
    journal_.set_pending(held_->text());
    TRADEWIND_TRY(held_journal_.let_go());
    return held_->let_go();
  }

  bool real_time() const noexcept override { return false; }
  Status begin_cycle(std::int64_t cycle) override {
    if (const double end = static_cast<double>(cycle + 1) * simulation_.step_seconds * 1e9;
        static_cast<double>(simulation_.start) + end > kEndOfTime)
      return Error(Errc::invalid_config, fmt::format("simulated time ends with the year 2200, before cycle {}", cycle),
                   "simulation.step_seconds", "run fewer cycles, or begin another session with shorter steps");
    clock_.advance_to(start_of(cycle));
    return {};
  }
  void answer() override { clock_.advance_to(clock_.steady() + std::min(round_trip_, start_of(1) * 9 / 10)); }
  void end_cycle() override { clock_.advance_to(clock_.steady() + 1); }
  void wait_for_answer() override { clock_.advance_to(clock_.steady() + round_trip_ + 1'000'000); }
  bool relives() const noexcept override { return true; }
  void relive_cycle(std::int64_t cycle) override { clock_.set(start_of(cycle)); }
  void end_reliving() override { clock_.set(present_); }

 private:
  static std::int64_t nanos(double milliseconds) { return static_cast<std::int64_t>(milliseconds * 1e6); }
  std::int64_t start_of(std::int64_t cycle) const {
    return static_cast<std::int64_t>(static_cast<double>(cycle) * simulation_.step_seconds * 1e9);
  }

  trading::PredictionSimulation simulation_;
  std::int64_t round_trip_;
  SessionClock clock_;
  std::int64_t present_ = 0;  ///< when the session is gone on with
  std::unique_ptr<venues::SqlitePaperStore> store_;
  std::unique_ptr<venues::HeldPaperStore> held_;
  PaperVenue venue_;
  venues::SimulatedMonitor feed_;
  execution::SqliteJournal& journal_;
  execution::HeldJournal held_journal_;
};

}  // namespace

Result<std::unique_ptr<Environment>> open_environment(const LiveConfig& config, const SessionFiles& files,
                                                      execution::SqliteJournal& journal, const execution::Mark& last) {
  TRADEWIND_ASSIGN(auto store, venues::SqlitePaperStore::open(files.venue));
  if (config.market_data == MarketData::simulated) {
    TRADEWIND_ASSIGN(const std::string pending, journal.pending());
    if (!pending.empty()) TRADEWIND_TRY(venues::HeldPaperStore::redo(*store, pending));
    auto held = std::make_unique<venues::HeldPaperStore>(*store);
    TRADEWIND_ASSIGN(PaperExchange exchange, PaperExchange::open(config.total_capital, held.get(), config.paper.fills));
    return std::unique_ptr<Environment>(
        std::make_unique<SimulatedEnvironment>(std::move(store), std::move(held), std::move(exchange), config, journal, last));
  }
  TRADEWIND_ASSIGN(PaperExchange exchange, PaperExchange::open(config.total_capital, store.get(), config.paper.fills));
  TRADEWIND_ASSIGN(auto feed, venues::PolymarketMonitor::make(config.polymarket));
  return std::unique_ptr<Environment>(
      std::make_unique<PaperEnvironment>(std::move(store), std::move(exchange), config.paper, std::move(feed), journal));
}

}  // namespace tradewind::live
