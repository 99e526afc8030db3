// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "tradewind/base/time.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/trading/market_listener.hpp"
#include "tradewind/trading/market_monitor.hpp"
#include "tradewind/trading/venue.hpp"

namespace tradewind::live {

struct SessionFiles;

/// What a session trades in: a time, a feed of markets and a venue of orders that belong together. A session knows no more of them than
/// this. The defaults are those of a world that goes on by itself. One thread.
class Environment {
 public:
  virtual ~Environment() = default;

  virtual const Clock& clock() const noexcept = 0;
  virtual trading::MarketMonitor& feed() noexcept = 0;
  virtual trading::Venue& venue() noexcept = 0;
  /// Is shown all that the feed brings; null for a venue that knows by itself.
  virtual trading::MarketListener* listener() noexcept { return nullptr; }
  /// Where records go before anything is sent.
  virtual execution::Journal& journal() noexcept = 0;
  /// Makes what was written since the last call count, all of it together. Called between cycles. Errors: Errc::storage.
  virtual Status commit() { return {}; }

  /// Whether time passes by itself, between cycles too. Else it stands still within a cycle but for `answer`.
  virtual bool real_time() const noexcept { return true; }
  /// A cycle of the session begins, counted from 1. Errors: Errc::invalid_config when there is no time left for it; nothing has changed.
  virtual Status begin_cycle(std::int64_t /*cycle*/) { return {}; }
  /// In a time that stands still: what was sent in this cycle arrives and is answered.
  virtual void answer() {}
  /// The cycle is over: what comes from here on is later than its mark.
  virtual void end_cycle() {}
  /// Lets the time of an answer pass, or a little of it.
  virtual void wait_for_answer() = 0;

  /// Whether the feed is at the session's beginning and gives all of it once more, so that a session that goes on can see it again.
  virtual bool relives() const noexcept { return false; }
  /// The time of a cycle lived before, backwards too.
  virtual void relive_cycle(std::int64_t /*cycle*/) {}
  /// Back to the present.
  virtual void end_reliving() {}
};

/// The environment a configuration names, after the session's `last` mark, with its paper account in the session's folder. `journal` must
/// outlive it. Errors: as those of PaperExchange::open and of the feed's maker.
Result<std::unique_ptr<Environment>> open_environment(const LiveConfig& config, const SessionFiles& files,
                                                      execution::SqliteJournal& journal, const execution::Mark& last);

}  // namespace tradewind::live
