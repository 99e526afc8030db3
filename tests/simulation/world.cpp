// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tradewind::simulation {
namespace {

using trading::Outcome;
using trading::Side;

constexpr std::int64_t kTick = 100 * kMillisecond;
constexpr std::int64_t kFaultySeconds = 60;
constexpr std::int64_t kQuietSeconds = 60;

venues::PaperFills fills_of(Planted planted) {
  venues::PaperFills fills;
  if (planted == Planted::endless_depth) fills.refill_seconds = 0;
  if (planted == Planted::front_of_queue) fills.queue = venues::PaperFills::Queue::front;
  return fills;
}

/// What strategies may lose: some nothing is said of, some are stopped soon.
std::map<std::string, execution::StrategyLimits> draw_limits(Random& random) {
  std::map<std::string, execution::StrategyLimits> limits;
  for (const char* name : {"target", "rogue", "arbitrage", kLate}) {
    execution::StrategyLimits& one = limits[name];
    const double share = 0.01 + 0.1 * random.uniform();
    if (random.below(3) == 0) one.max_loss = execution::LossLimit{.share = share};
    if (random.below(3) == 0) one.max_daily_loss = execution::LossLimit{.dollars = Money{static_cast<std::int64_t>(share * 40e6)}};
    if (random.below(4) == 0) one.losing_streak = static_cast<std::int64_t>(2 + random.below(5));
    if (random.below(4) == 0) one.max_drawdown = share;
    if (random.below(2) == 0) one.then = execution::StrategyLimits::Action::stop;
  }
  return limits;
}

/// Leaves so little on every level that an order of ours takes all of some.
void thin_out(trading::MarketPrices& prices, std::int64_t divisor) {
  if (divisor == 1) return;
  for (trading::TokenBook& book : prices.book)
    for (const Side side : {Side::buy, Side::sell}) {
      trading::Ladder& ladder = side == Side::buy ? book.bids : book.asks;
      std::vector<trading::Level> levels(ladder.begin(), ladder.end());
      for (trading::Level& level : levels)
        level.size = std::max(Shares::whole(1), Shares{level.size.micros / divisor / 1'000'000 * 1'000'000});
      ladder.assign(side, levels);
    }
}

trading::PredictionSimulation market_settings(std::uint64_t seed) {
  trading::PredictionSimulation settings;
  settings.seed = seed;
  settings.markets = 8;
  settings.depth = 3;
  settings.step_seconds = 1;
  settings.edge = trading::SimulatedEdge::generous;
  settings.mispricing = 0.1;
  settings.life_steps = 80;
  return settings;
}

}  // namespace

void NetworkVenue::submit(std::span<const trading::Order> orders) {
  for (const trading::Order& order : orders) {
    world_.crash_.step();
    world_.check_submit(order);
    world_.network_send({World::Message::Kind::submit, order, 0, 0});
    world_.crash_.step();
  }
}
void NetworkVenue::cancel(const trading::OrderId& id) {
  world_.crash_.step();
  trading::Order order;
  order.id = id;
  world_.network_send({World::Message::Kind::cancel, order, 0, 0});
}
void NetworkVenue::cancel_all() { world_.network_send({World::Message::Kind::cancel_all, {}, 0, 0}); }
void NetworkVenue::ask_order(const trading::OrderId& id) {
  trading::Order order;
  order.id = id;
  world_.network_send({World::Message::Kind::ask_order, order, 0, 0});
}
void NetworkVenue::ask_account(std::uint64_t request, std::uint64_t sequence) {
  world_.network_send({World::Message::Kind::ask_account, {}, request, sequence});
}
std::int64_t NetworkVenue::latest_arrival() const { return world_.faults_.latency; }

std::vector<trading::VenueEvent> NetworkVenue::poll() {
  std::vector<trading::VenueEvent> events;
  auto& answers = world_.answers_;
  while (!answers.empty() && answers.begin()->first <= world_.clock_.steady()) {
    events.push_back(std::move(answers.begin()->second));
    answers.erase(answers.begin());
  }
  return events;
}

World::World(const Options& options)
    : options_(options),
      random_(options.seed, 0x51),
      faults_(draw_faults(random_)),
      market_(market_settings(options.seed)),
      exchange_(*venues::PaperExchange::open(Money::whole(100), nullptr, fills_of(options.planted))),
      journal_(crash_, random_, faults_, quiet_) {
  settings_.limits = execution::Limits::for_capital(Money::whole(100));
  settings_.limits.max_orders_per_second = static_cast<double>(3 + random_.below(10));
  settings_.limits.max_order = Money::whole(static_cast<std::int64_t>(5 + random_.below(20)));
  settings_.limits.max_position = Money::whole(static_cast<std::int64_t>(8 + random_.below(20)));
  const bool tight = random_.below(4) == 0;
  settings_.limits.max_loss = tight ? Money::whole(static_cast<std::int64_t>(3 + random_.below(10))) : Money::whole(60);
  settings_.limits.max_daily_loss = tight ? Money::whole(static_cast<std::int64_t>(2 + random_.below(6))) : Money::whole(60);
  limits_ = draw_limits(random_);
  thinness_ = random_.below(2) == 0 ? 1 : 20;
  settings_.stale_seconds = 3;
  settings_.answer_seconds = 2;
  settings_.ask_again_seconds = 0.5;
  settings_.reconcile_seconds = 10;
  settings_.rest_seconds = 5;
  fresh_.session = fmt::format("simulation-{}", options.seed);
  fresh_.capital = Money::whole(100);
  fresh_.strategies = {
      {"target", true, 0.4, Money::whole(40)}, {"rogue", true, 0.3, Money::whole(30)}, {"arbitrage", true, 0.3, Money::whole(30)}};
  fresh_.config = "{}";
}

World::~World() = default;

void World::violation(std::string text) {
  if (outcome_.violations.size() < 5)
    outcome_.violations.push_back(fmt::format("at {:.1f} s: {}", static_cast<double>(clock_.steady()) * 1e-9, text));
}

std::int64_t World::delay() {
  return kMillisecond + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(faults_.latency - kMillisecond)));
}

void World::network_send(Message message) {
  if (hanging() && random_.below(2) == 0) return;
  if (message.kind == Message::Kind::submit) {
    if (chance(faults_.too_many)) return network_answer(trading::OrderRejected{message.order.id, "429 too many requests"});
    if (chance(faults_.server_error)) {
      network_answer(trading::OutcomeUnknown{message.order.id, "502 bad gateway"});
      if (random_.below(2) == 0) return;
    } else if (chance(faults_.drop)) {
      if (random_.below(2) == 0) network_answer(trading::OutcomeUnknown{message.order.id, "timeout"});
      return;
    }
  } else if (chance(faults_.drop)) {
    return;
  }
  if (chance(faults_.duplicate)) requests_.emplace(clock_.steady() + delay(), message);
  requests_.emplace(clock_.steady() + delay(), std::move(message));
}

void World::network_answer(trading::VenueEvent event) {
  if (hanging() || chance(faults_.drop)) return;
  if (chance(faults_.duplicate)) answers_.emplace(clock_.steady() + delay(), event);
  answers_.emplace(clock_.steady() + delay(), std::move(event));
}

void World::report_entries(FillWatch::While what) {
  for (; told_ < exchange_.sequence(); ++told_) {
    const trading::AccountEntry& entry = exchange_.entry(told_ + 1);
    note_entry(entry);
    if (entry.kind == trading::AccountEntry::Kind::fill)
      if (std::string wrong = watch_.fill(entry, what, clock_.steady()); !wrong.empty()) violation(std::move(wrong));
    network_answer(entry);
    if (entry.kind == trading::AccountEntry::Kind::fill && entry.side == Side::buy && chance(faults_.ghost))
      ghosts_.emplace(clock_.steady() + static_cast<std::int64_t>(random_.below(4)) * kSecond, entry.id);
  }
  for (const trading::OrderReport& report : exchange_.take_ended()) network_answer(trading::OrderDone{report.id, report.filled});
}

void World::deliver_submit(const trading::Order& order) {
  const bool known = *exchange_.knows(order.id);
  const auto taken = exchange_.submit(order, clock_.now());
  if (!taken->accepted) return network_answer(trading::OrderRejected{order.id, taken->reason});
  if (known) return;  // the venue says nothing of an order it has
  watch_.arrived(order, clock_.steady());
  if (options_.planted == Planted::old_book) show_again(order.market_id);
  if (chance(faults_.server_error))
    network_answer(trading::OutcomeUnknown{order.id, "504 gateway timeout"});
  else
    network_answer(trading::OrderAccepted{order.id});
  report_entries();
}

void World::deliver(const Message& message) {
  switch (message.kind) {
    case Message::Kind::submit: return deliver_submit(message.order);
    case Message::Kind::cancel: {
      exchange_.cancel(message.order.id);
      return network_answer(*exchange_.report(message.order.id));
    }
    case Message::Kind::cancel_all:
      for (const trading::OrderId& id : exchange_.open_orders()) exchange_.cancel(id);
      return report_entries();
    case Message::Kind::ask_order: return network_answer(*exchange_.report(message.order.id));
    case Message::Kind::ask_account: return network_answer(*exchange_.account(message.request, message.sequence));
  }
}

void World::start_engine() {
  engine_ = std::make_unique<Engine>();
  engine_->venue = std::make_unique<NetworkVenue>(*this);
  engine_->around = plant(options_.planted, journal_, *engine_->venue);
  trading::Venue* venue = engine_->around.venue ? engine_->around.venue.get() : engine_->venue.get();
  execution::Journal* journal = engine_->around.journal ? engine_->around.journal.get() : &journal_;
  auto desk = execution::OrderDesk::open({venue, journal, &clock_, &engine_->universe}, settings_, fresh_);
  if (!desk) {  // the disk refused: tried again later
    engine_.reset();
    down_until_ = clock_.steady() + kSecond;
    return;
  }
  engine_->desk = std::move(*desk);
  std::vector<live::NamedStrategy> strategies = simulated_strategies(options_.seed);
  if (late_configured_) {
    if (engine_->desk->state().ledger(kLate) == nullptr) static_cast<void>(engine_->desk->add_strategy(kLate, true));
    strategies.push_back(late_strategy());
  }
  for (live::NamedStrategy& one : strategies) one.limits = watched_limits(one.name);
  live::ManagerSettings manager;
  manager.cooldown_seconds = 2;
  engine_->manager = std::make_unique<live::StrategyManager>(
      live::StrategyManager::Parts{engine_->desk.get(), &engine_->universe, &clock_, nullptr}, std::move(strategies), manager);
}

execution::StrategyLimits World::watched_limits(const std::string& strategy) const {
  return options_.planted == Planted::unwatched_limits ? execution::StrategyLimits{} : limits_.at(strategy);
}

/// New books at the exchange; the engine gets what the feed lets through.
void World::feed() {
  market_.step();
  books_ = market_.prices();
  for (trading::MarketPrices& book : books_) thin_out(book, thinness_);
  for (const trading::PredictionMarket& market : market_.resolved()) {
    exchange_.resolve(market.id, *market.payout, clock_.now());
    if (engine_) engine_->manager->take(std::span(&market, 1), {});
  }
  report_entries();
  for (const trading::Print& print : market_.prints()) {
    watch_.print(print);
    exchange_.print(print, clock_.now());
  }
  report_entries(FillWatch::While::prints);
  if (chance(faults_.freeze)) {
    frozen_until_ = clock_.steady() + static_cast<std::int64_t>(4 + random_.below(10)) * kSecond;
    for (const auto& market : market_.markets())
      if (random_.below(2) == 0) frozen_.insert(market.id);
  }
  if (quiet_ || clock_.steady() >= frozen_until_) frozen_.clear();
  for (std::size_t i = 0; i < market_.markets().size(); ++i) {
    watch_.show(books_[i], clock_.steady());
    exchange_.show(market_.markets()[i], books_[i], clock_.now(), clock_.steady());
  }
  report_entries(FillWatch::While::books);
  watch_.shown(clock_.steady());
  if (engine_) deliver_books();
}

/// The planted exchange that has not learnt to wait.
void World::show_again(const std::string& market_id) {
  for (std::size_t i = 0; i < market_.markets().size(); ++i)
    if (market_.markets()[i].id == market_id) exchange_.show(market_.markets()[i], books_[i], clock_.now(), clock_.steady());
}

void World::deliver_books() {
  for (std::size_t i = 0; i < market_.markets().size(); ++i) {
    trading::MarketPrices prices = books_[i];
    const trading::PredictionMarket& market = market_.markets()[i];
    if (frozen_.contains(market.id)) {
      const auto known = engine_->universe.find(market.id);
      if (options_.planted != Planted::repeated_books || !known) continue;
      prices = engine_->universe.prices(*known);
      engine_->manager->take({}, std::span(&prices, 1));
      continue;
    }
    prices.gapped = chance(faults_.gap);
    if (chance(faults_.crossed) && !prices.yes().asks.empty())
      prices.of(Outcome::yes).bids.set(Side::buy, {prices.yes().asks.best().price, Shares::whole(50)});
    engine_->manager->take(std::span(&market, 1), std::span(&prices, 1));
    watched_[market.id].delivered = clock_.steady();
    watched_[market.id].good = !prices.gapped && !prices.crossed();
  }
}

void World::cycle() {
  const live::Opportunities& found = engine_->manager->run_all_strategies();
  engine_->manager->execute_best_opportunities(found);
}

void World::second() {
  feed();
  hang();
  people();
  if (!engine_ && clock_.steady() >= down_until_) start_engine();
  if (engine_ && chance(faults_.crash)) crash_.arm(static_cast<int>(1 + random_.below(12)));
  if (engine_) look_around();
  if (engine_) cycle();
  if (engine_) check_engine();
  if (engine_) check_limits();
  check_exchange();
}

void World::tick() {
  clock_.advance(kTick);
  while (!requests_.empty() && requests_.begin()->first <= clock_.steady()) {
    const Message message = std::move(requests_.begin()->second);
    requests_.erase(requests_.begin());
    deliver(message);
  }
  while (!ghosts_.empty() && ghosts_.begin()->first <= clock_.steady()) {
    const std::string id = ghosts_.begin()->second;
    ghosts_.erase(ghosts_.begin());
    const auto fill =
        std::find_if(exchange_.entries().begin(), exchange_.entries().end(), [&](const auto& entry) { return entry.id == id; });
    // Only what is still there can be taken back.
    if (exchange_.position(fill->market_id, fill->outcome) >= fill->filled()) exchange_.reverse(id, clock_.now());
    report_entries();
  }
  try {
    if ((clock_.steady() / kTick) % 10 == 0)
      second();
    else if (engine_) {
      look_around();
      static_cast<void>(engine_->desk->poll());
    }
  } catch (const Crash&) {
    ++outcome_.crashes;
    engine_.reset();
    answers_.clear();  // the connection is gone; what was sent is on its way all the same
    down_until_ = clock_.steady() + static_cast<std::int64_t>(random_.below(5)) * kSecond;
  }
}

Findings World::run() {
  feed();
  start_engine();
  for (std::int64_t i = 0; i < kFaultySeconds * 10; ++i) tick();
  quiet_ = true;
  crash_.arm(0);
  for (std::int64_t i = 0; i < 20 * 10; ++i) tick();  // trading goes on without faults
  if (engine_) check_engine();
  // Then no new trades, until nothing is on its way.
  if (engine_ && engine_->desk->state().trading_state() == execution::TradingState::active)
    static_cast<void>(engine_->desk->set_trading_state(execution::TradingState::reducing, "end of the simulation"));
  for (std::int64_t i = 0; i < kQuietSeconds * 10; ++i) {
    tick();
    if (engine_ && engine_->desk->quiet() && requests_.empty() && answers_.empty() && ghosts_.empty() && i > 100) break;
  }
  check_end();
  return outcome_;
}

}  // namespace tradewind::simulation
