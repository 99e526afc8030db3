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
#include <unordered_map>
#include <vector>

#include "tradewind/base/random.hpp"
#include "tradewind/execution/order_desk.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/trading/prediction_simulator.hpp"
#include "tradewind/venues/paper_exchange.hpp"

namespace tradewind::simulation {

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;

/// Virtual time. The wall clock jumps, the monotonic one does not.
class VirtualClock final : public Clock {
 public:
  UnixNanos now() const override { return kStart + steady_ + jump; }
  std::int64_t steady() const override { return steady_; }
  void advance(std::int64_t nanos) { steady_ += nanos; }
  std::int64_t jump = 0;

 private:
  static constexpr UnixNanos kStart = 1'767'225'600 * kSecond;
  std::int64_t steady_ = kSecond;
};

/// The process dies here.
struct Crash {};

/// Dies at the n-th side effect from now.
class CrashPoint {
 public:
  void arm(int effects) { left_ = effects; }
  void step() {
    if (left_ > 0 && --left_ == 0) throw Crash{};
  }

 private:
  int left_ = 0;
};

/// Which faults a seed has and how often, drawn from the seed.
struct Faults {
  double drop = 0;                 ///< of any message
  double duplicate = 0;            ///< of any message
  double server_error = 0;         ///< 5xx: half of them after the order was taken
  double too_many = 0;             ///< 429
  double freeze = 0;               ///< per second: the feed stops for a while
  double gap = 0;                  ///< per book: marked as gapped
  double crossed = 0;              ///< per book: bids above asks
  double ghost = 0;                ///< of fills: reversed later
  double manual = 0;               ///< per second: somebody trades by hand
  double crash = 0;                ///< per second
  double clock_jump = 0;           ///< per second
  double journal_error = 0;        ///< of appends
  double command = 0;              ///< per second: disable, enable, rebalance
  bool halts = false;              ///< the kill switch is pulled once
  std::int64_t latency = kSecond;  ///< longest way of a message
};

struct Options {
  std::uint64_t seed = 1;
  execution::PlantedFault planted = execution::PlantedFault::none;
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

/// Journal of the simulated disk: what was appended survives, what was not does not.
class DiskJournal final : public execution::Journal {
 public:
  DiskJournal(CrashPoint& crash, Random& random, const Faults& faults, const bool& quiet)
      : crash_(crash), random_(random), faults_(faults), quiet_(quiet) {}
  Status append(std::span<const execution::Record> records) override;
  Status read(const std::function<void(const execution::Record&)>& take) const override;
  bool holds_order(const trading::OrderId& id) const { return orders_.contains(id); }
  const std::string& strategy_of(const trading::OrderId& id) const;
  const std::vector<execution::Record>& records() const { return records_; }
  std::uint64_t failures = 0;

 private:
  CrashPoint& crash_;
  Random& random_;
  const Faults& faults_;
  const bool& quiet_;
  std::vector<execution::Record> records_;
  std::unordered_map<trading::OrderId, execution::TradeId> orders_;
  std::unordered_map<execution::TradeId, std::string> strategies_;
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
    std::unique_ptr<execution::OrderDesk> desk;
    std::unique_ptr<live::StrategyManager> manager;
  };
  /// What the harness knows of a market without the engine.
  struct Watched {
    std::int64_t delivered = -1;  ///< when the engine last got its book
    bool good = false;            ///< and that was neither gapped nor crossed
    Shares target_held;           ///< bought by the target strategy's orders, less what they sold
    Money cost;                   ///< of what all our orders hold, by average cost
    Shares held;
  };

  bool chance(double probability) { return !quiet_ && random_.uniform() < probability; }
  std::int64_t delay();
  void violation(std::string text);
  void start_engine();
  void tick();
  void second();
  void feed();
  void people();
  void cycle();
  void network_send(Message message);
  void network_answer(trading::VenueEvent event);
  void deliver(const Message& message);
  void deliver_submit(const trading::Order& order);
  void report_entries();
  void check_submit(const trading::Order& order);
  void check_exchange();
  void note_entry(const trading::AccountEntry& entry);
  void check_engine();
  void check_end();
  void check_journal();

  Options options_;
  Random random_;
  Faults faults_;
  VirtualClock clock_;
  bool quiet_ = false;  ///< no more faults
  trading::PredictionSimulator market_;
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
  std::optional<std::int64_t> halted_at_;
  bool pulled_ = false;
  std::uint64_t manual_orders_ = 0;
  bool expects_halt_ = false;  ///< something happened that halts by right
  Findings outcome_;
};

/// How many shares the target strategy wants of every market, never more.
inline constexpr Shares kTarget = Shares::whole(6);
/// The three strategies of the simulation: one that wants exactly kTarget of everything, one that talks nonsense, one that arbitrages.
std::vector<live::NamedStrategy> simulated_strategies(std::uint64_t seed);

}  // namespace tradewind::simulation
