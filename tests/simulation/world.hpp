// SPDX-License-Identifier: Apache-2.0
// A whole trading day in virtual time: exchange, network, feed, people and the real engine, all from one seed.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "disk_journal.hpp"
#include "fill_watch.hpp"
#include "planted.hpp"

#include "tradewind/execution/order_desk.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/trading/prediction_simulator.hpp"
#include "tradewind/venues/paper_exchange.hpp"

namespace tradewind::simulation {

struct Options {
  std::uint64_t seed = 1;
  Planted planted = Planted::none;
  bool check_json = false;  ///< every record through its JSON and back
};

struct Findings {
  std::vector<std::string> violations;
  std::string fingerprint;
  std::uint64_t orders = 0;
  std::uint64_t fills = 0;
  std::uint64_t crashes = 0;
  std::uint64_t unknown = 0;
  std::uint64_t late_fills = 0;
};

class World;

/// The engine's side of the network: what it sends goes into the world's queues.
class NetworkVenue final : public trading::Venue {
 public:
  explicit NetworkVenue(World& world) : world_(world) {}
  void submit(std::span<const trading::Order> orders) override;
  void cancel(const trading::OrderId& id) override;
  void cancel_all() override;
  void ask_order(const trading::OrderId& id) override;
  void ask_account(std::uint64_t request, std::uint64_t sequence) override;
  std::vector<trading::VenueEvent> poll() override;
  std::int64_t latest_arrival() const override;

 private:
  World& world_;
};

class World {
 public:
  explicit World(const Options& options);
  ~World();
  Findings run();

 private:
  friend class NetworkVenue;
  struct Message {
    enum class Kind : std::uint8_t { submit, cancel, cancel_all, ask_order, ask_account } kind = Kind::submit;
    trading::Order order;
    std::uint64_t request = 0;
    std::uint64_t sequence = 0;
  };
  struct Engine {
    prediction::MarketUniverse universe;
    std::unique_ptr<NetworkVenue> venue;
    Surroundings around;
    std::unique_ptr<execution::OrderDesk> desk;
    std::unique_ptr<live::StrategyManager> manager;
  };
  /// What the harness knows of a market without the engine.
  struct Watched {
    std::int64_t delivered = -1;           ///< when the engine last got its book
    bool good = false;                     ///< and that was neither gapped nor crossed
    std::map<std::string, Shares> wanted;  ///< by strategies that want kTarget: bought by their orders, less what they sold
  };

  bool chance(double probability) { return !quiet_ && random_.uniform() < probability; }
  std::int64_t delay();
  void violation(std::string text);
  void start_engine();
  void tick();
  void second();
  void feed();
  void deliver_books();
  void show_again(const std::string& market_id);
  void people();
  void leave(std::string command);
  void leave_command();
  void look_around();
  Status add_strategy(const std::string& name);
  execution::StrategyLimits watched_limits(const std::string& strategy) const;
  bool hanging() const { return clock_.steady() < hung_until_; }
  void hang();
  void cycle();
  void network_send(Message message);
  void network_answer(trading::VenueEvent event);
  void deliver(const Message& message);
  void deliver_submit(const trading::Order& order);
  void report_entries(FillWatch::While what = FillWatch::While::idle);
  void check_submit(const trading::Order& order);
  void check_exchange();
  void note_entry(const trading::AccountEntry& entry);
  void check_engine();
  void check_limits();
  void check_ledgers();
  void check_end();
  void check_journal();

  Options options_;
  Random random_;
  Faults faults_;
  VirtualClock clock_;
  bool quiet_ = false;  ///< no more faults
  trading::PredictionSimulator market_;
  std::int64_t thinness_ = 1;
  std::vector<trading::MarketPrices> books_;  ///< of market_, by place, as they are displayed
  venues::PaperExchange exchange_;
  CrashPoint crash_;
  DiskJournal journal_;
  execution::DeskSettings settings_;
  execution::SessionStarted fresh_;
  std::unique_ptr<Engine> engine_;
  std::multimap<std::int64_t, Message> requests_;             ///< on their way to the exchange
  std::multimap<std::int64_t, trading::VenueEvent> answers_;  ///< on their way to the engine
  std::multimap<std::int64_t, std::string> ghosts_;           ///< fills to be reversed
  std::map<std::string, Watched> watched_;
  std::set<std::string> frozen_;
  std::int64_t frozen_until_ = 0;
  std::int64_t down_until_ = 0;
  std::size_t told_ = 0;
  std::deque<std::int64_t> submitted_;
  std::map<std::string, execution::StrategyLimits> limits_;
  std::vector<execution::Command> inbox_;
  bool late_configured_ = false;  ///< the configuration has got a strategy more
  std::int64_t hung_until_ = 0;
  FillWatch watch_;
  std::map<std::string, Money> cash_of_;  ///< what entries moved, by strategy
  std::map<std::string, std::map<std::pair<std::string, trading::Outcome>, Shares>> held_;
  bool pulled_ = false;
  std::uint64_t manual_orders_ = 0;
  Findings outcome_;
};

/// How many shares the target strategy wants of every market, never more.
inline constexpr Shares kTarget = Shares::whole(6);
/// A strategy that wants exactly kTarget of everything, one that talks nonsense, one that arbitrages.
std::vector<live::NamedStrategy> simulated_strategies(std::uint64_t seed);
/// One more that wants kTarget of everything; it comes while a session runs.
inline constexpr const char* kLate = "late";
live::NamedStrategy late_strategy();

}  // namespace tradewind::simulation
