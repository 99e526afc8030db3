// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/prediction_simulator.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tradewind::trading {
namespace {

constexpr double kJump = 0.5;                            // of news, in units of p(1 − p)
constexpr double kMostKick = 0.9;                        // of a probability in one step, in the same units: it stays within (0, 1)
constexpr double kMostEventKick = 0.45;                  // … where those of an event pull each other
constexpr double kSlowToFall = 0.4;                      // share of a trap's jump that quotes show at once
constexpr double kInformed = 0.3;                        // by how much likelier than half a trade goes the way the price then moves
constexpr std::int64_t kStatedLife = 30 * kNanosPerDay;  // markets are decided when the thing happens, mostly long before their stated end
constexpr std::int64_t kTicks = 100;                     // a tick is a cent

/// A name nobody has: two syllables from each of two lists.
std::string made_up_name(Random& random) {
  constexpr const char* kFirst[] = {"Har", "Vel", "Tor", "Mar", "Quil", "Bren", "Osk", "Fen", "Lun", "Dra", "Cas", "Zel"};
  constexpr const char* kSecond[] = {"bor", "dane", "wick", "mont", "lia", "tov", "ford", "mere", "stad", "gate", "rin", "holm"};
  constexpr const char* kThing[] = {"Bridge", "Treaty", "Budget", "Merger", "Launch", "Reform", "Cup", "Strike", "Pipeline", "Election"};
  return fmt::format("{}{} {}", kFirst[random.below(12)], kSecond[random.below(12)], kThing[random.below(10)]);
}

}  // namespace

/// How a world differs from the fair one.
struct PredictionSimulator::World {
  double follow = 1;           ///< share of the way to the truth that quotes go each step
  double overshoot = 0;        ///< by which quotes exaggerate the last move
  std::int64_t narrowest = 0;  ///< ticks between the makers' belief and a quote, beyond rounding away from it
  std::int64_t widest = 1;
  double mispricing = 0;   ///< share of steps in which a market begins to be mispriced
  double corrected = 1;    ///< share of steps in which that ends: competitors
  bool disagree = false;   ///< it is the books of yes and no that disagree, not both that are wrong
  bool trap = false;       ///< … for two steps before the price jumps: one leg is then to be had and the other is not
  double wander = 0;       ///< dollars a step, of a pair's quotes
  double wander_back = 0;  ///< share of it that is gone after a step
};

const PredictionSimulator::World& PredictionSimulator::world_of(SimulatedEdge edge) {
  static const World kNone{};
  static const World kRealistic{.follow = 0.9, .mispricing = 0.002, .corrected = 0.7, .wander = 0.002, .wander_back = 0.05};
  static const World kGenerous{.follow = 0.3, .mispricing = 0.02, .corrected = 0.1, .disagree = true, .wander = 0.01, .wander_back = 0.05};
  static const World kAdversarial{
      .overshoot = 0.6, .widest = 2, .mispricing = 0.02, .disagree = true, .trap = true, .wander = 0.006, .wander_back = 0.5};
  switch (edge) {
    case SimulatedEdge::none: return kNone;
    case SimulatedEdge::realistic: return kRealistic;
    case SimulatedEdge::generous: return kGenerous;
    case SimulatedEdge::adversarial: return kAdversarial;
  }
  return kNone;
}

PredictionSimulator::PredictionSimulator(const PredictionSimulation& settings)
    : settings_(settings), world_(&world_of(settings.edge)), random_(settings.seed, 0x70726564) {
  settings_.markets = std::max<std::size_t>(settings.markets, 8);
  settings_.depth = std::clamp<std::size_t>(settings.depth, 1, 50);
  settings_.volatility = std::clamp(settings.volatility, 0.0, 0.5);
  if (!settings_.mispricing) settings_.mispricing = world_->mispricing;
  latent_.resize(settings_.markets);
  subjects_.resize(settings_.markets);
  markets_.resize(settings_.markets);
  prices_.resize(settings_.markets);
  layout();
  for (Group& group : groups_) open_group(group);
  for (std::size_t place = 0; place < markets_.size(); ++place) quote(place);
}

/// Half singles, a fifth pairs, a fifth events of four, the rest implications.
void PredictionSimulator::layout() {
  const std::size_t n = settings_.markets;
  std::size_t next = 0;
  const auto add = [&](Kind kind, std::size_t size) {
    Group group{kind, {}, 0};
    for (std::size_t i = 0; i < size; ++i) group.places.push_back(next++);
    groups_.push_back(std::move(group));
  };
  for (std::size_t i = 0; i < std::max<std::size_t>(1, n / 10); ++i) add(Kind::pair, 2);
  for (std::size_t i = 0; i < std::max<std::size_t>(1, n / 20); ++i) add(Kind::event, 4);
  if (next + 2 <= n) add(Kind::implication, 2);
  while (next < n) add(Kind::single, 1);
}

UnixNanos PredictionSimulator::now() const noexcept {
  return settings_.start + static_cast<UnixNanos>(std::llround(static_cast<double>(steps_) * settings_.step_seconds * 1e9));
}

void PredictionSimulator::open_group(Group& group) {
  const auto life = static_cast<std::int64_t>(settings_.life_steps * (0.25 + 1.5 * random_.uniform()));
  group.decided_at = steps_ + std::max<std::int64_t>(life, 2);
  const std::string subject = made_up_name(random_);
  const std::string event = fmt::format("SIM-E{}", ++names_);
  constexpr double kRates[] = {0, 0.02, 0.04};
  const double rate = kRates[random_.below(3)];
  for (std::size_t i = 0; i < group.places.size(); ++i) {
    const std::size_t place = group.places[i];
    latent_[place] = {};
    PredictionMarket& market = markets_[place] = {};
    market.id = fmt::format("SIM-{:05d}", ++names_);
    market.event_id = event;
    market.slug = market.id;
    market.token_ids = {market.id + "-yes", market.id + "-no"};
    market.fees.rate = rate;
    market.fee_changes = settings_.fees;
    market.apply_fees(now());
    market.end_time = now() + kStatedLife;
    market.negative_risk = group.kind == Kind::event;
    market.event_markets = static_cast<std::uint32_t>(group.places.size());
    market.volume = 10'000 + 90'000 * random_.uniform();
    market.liquidity = 5'000 + 20'000 * random_.uniform();
    market.tags = {group.kind == Kind::event ? "events" : group.kind == Kind::pair ? "pairs" : "singles"};
    subjects_[place] = group.kind == Kind::single || group.kind == Kind::event ? made_up_name(random_) : subject;
    market.question = group.kind == Kind::implication ? fmt::format("Will the {} be done {}?", subject, i == 0 ? "this month" : "this year")
                                                      : fmt::format("Will the {} go ahead{}?", subjects_[place], i == 0 ? "" : " in full");
    prices_[place] = {};
    prices_[place].market_id = market.id;
  }
  begin(group);
}

/// First probabilities of a group's markets.
void PredictionSimulator::begin(Group& group) {
  const auto drawn = [&] { return 1 / (1 + std::exp(-0.8 * random_.normal())); };
  double sum = 0;
  for (const std::size_t place : group.places)
    sum += latent_[place].probability = group.kind == Kind::event ? std::exp(0.5 * random_.normal()) : drawn();
  Latent& first = latent_[group.places.front()];
  Latent& last = latent_[group.places.back()];
  switch (group.kind) {
    case Kind::single: break;
    case Kind::pair: last.probability = first.probability; break;
    case Kind::implication:
      first.given = drawn();
      first.probability = last.probability * first.given;
      break;
    case Kind::event:
      for (const std::size_t place : group.places) latent_[place].probability /= sum;
      break;
  }
  for (const std::size_t place : group.places) latent_[place].believed = latent_[place].probability;
}

/// News that may be out before the price has moved, after it, or at the same time: never so late that an order sent upon it arrives first.
void PredictionSimulator::news(std::size_t place) {
  Latent& latent = latent_[place];
  if (latent.publish_in < 0 && latent.jump_in < 0 && random_.uniform() < settings_.news_rate) {
    latent.jump = random_.uniform() < 0.5 ? kJump : -kJump;
    latent.good = latent.jump > 0;
    latent.publish_in = static_cast<int>(random_.below(3));
    latent.jump_in = static_cast<int>(random_.below(static_cast<std::uint64_t>(latent.publish_in) + 2));
  }
  if (latent.publish_in == 0) publish(place, latent.good);
  if (latent.publish_in >= 0) --latent.publish_in;
}

void PredictionSimulator::publish(std::size_t place, bool good) {
  constexpr const char* kGood[] = {"approved after strong support", "confirmed, officials win key vote",
                                   "set for success as talks succeed"};
  constexpr const char* kBad[] = {"rejected after weak support", "denied, officials lose key vote", "set for failure as talks collapse"};
  NewsItem item;
  item.id = fmt::format("sim-news-{}", ++items_);
  item.time = now();
  item.received = item.time;
  item.source = "simulated wire";
  item.headline = fmt::format("{} {}", subjects_[place], good ? kGood[random_.below(3)] : kBad[random_.below(3)]);
  news_.push_back(std::move(item));
}

/// A move of mean 0, in units of p(1 − p): uniform, so that it is bounded.
double PredictionSimulator::kick(Latent& latent, double most) {
  double kick = settings_.volatility * std::sqrt(3.0) * (2 * random_.uniform() - 1);
  if (latent.jump_in == 0) kick += latent.jump;
  if (latent.jump_in >= 0) --latent.jump_in;
  return std::clamp(kick, -most, most);
}

/// Each new probability is the old one in the mean: p + p(1 − p) · kick, and p · (1 + kick − mean kick) within an event.
void PredictionSimulator::move_probabilities(Group& group) {
  const auto moved = [](double p, double kick) { return p + p * (1 - p) * kick; };
  Latent& first = latent_[group.places.front()];
  Latent& last = latent_[group.places.back()];
  switch (group.kind) {
    case Kind::single: first.probability = moved(first.probability, kick(first, kMostKick)); return;
    case Kind::pair: last.probability = first.probability = moved(first.probability, kick(first, kMostKick)); return;
    case Kind::implication:
      last.probability = moved(last.probability, kick(last, kMostKick));
      first.given = moved(first.given, kick(first, kMostKick));
      first.probability = last.probability * first.given;
      return;
    case Kind::event: break;
  }
  std::vector<double> kicks;
  double mean = 0;
  for (const std::size_t place : group.places) {
    kicks.push_back(kick(latent_[place], kMostEventKick));
    mean += latent_[place].probability * kicks.back();
  }
  for (std::size_t i = 0; i < kicks.size(); ++i) latent_[group.places[i]].probability *= 1 + kicks[i] - mean;
}

/// Where the makers put their quotes after the truth has moved from `before`.
void PredictionSimulator::follow(const Group& group, std::size_t place, double before) {
  Latent& latent = latent_[place];
  const double moved = latent.probability - before;
  latent.believed = world_->overshoot > 0 ? latent.probability + world_->overshoot * moved
                                          : latent.believed + world_->follow * (latent.probability - latent.believed);
  if (group.kind == Kind::pair) latent.wander += -world_->wander_back * latent.wander + world_->wander * random_.normal();
  double& wrong = world_->disagree ? latent.disagreement : latent.displaced;
  const bool ends = world_->trap ? latent.jump_in < 0 : random_.uniform() < world_->corrected;
  if (wrong != 0 && ends) {
    wrong = 0;
    // The leg that can be had has not fallen as far as it will.
    if (world_->trap) latent.believed = before + kSlowToFall * moved;
  }
  if (random_.uniform() >= *settings_.mispricing) return;
  const bool jumps = group.kind != Kind::pair || place == group.places.front();  // the other of a pair goes with it
  if (world_->trap && (latent.jump_in >= 0 || !jumps)) return;
  wrong = (0.02 + 0.04 * random_.uniform()) * (world_->disagree || random_.uniform() < 0.5 ? 1 : -1);
  if (!world_->trap) return;
  latent.jump = random_.uniform() < 0.5 ? kJump : -kJump;
  latent.jump_in = 1;  // a careful buyer looks twice
}

/// Somebody else's trade at the quotes that stood before the move.
void PredictionSimulator::trade(std::size_t place, double before) {
  if (random_.uniform() >= settings_.print_rate) return;
  const double moved = latent_[place].probability - before;
  const double buys = 0.5 + (moved > 0 ? kInformed : moved < 0 ? -kInformed : 0);
  Print print{markets_[place].id, Outcome::yes, random_.uniform() < buys ? Side::buy : Side::sell, {}, {}};
  print.shares = Shares::whole(static_cast<std::int64_t>(5 + random_.below(96)));
  const TokenBook& book = prices_[place].yes();
  const Ladder& ladder = print.taker == Side::buy ? book.asks : book.bids;
  if (ladder.empty()) return;
  print.price = ladder.best().price;
  prints_.push_back(std::move(print));
}

void PredictionSimulator::move(Group& group) {
  std::vector<double> before;
  for (const std::size_t place : group.places) {
    before.push_back(latent_[place].probability);
    if (group.kind == Kind::single || group.kind == Kind::event) news(place);
  }
  move_probabilities(group);
  for (std::size_t i = 0; i < group.places.size(); ++i) {
    trade(group.places[i], before[i]);
    follow(group, group.places[i], before[i]);
  }
}

void PredictionSimulator::decide(Group& group) {
  std::vector<bool> won(group.places.size());
  const auto probability = [&](std::size_t i) { return latent_[group.places[i]].probability; };
  double draw = random_.uniform();
  if (group.kind == Kind::event) {
    std::size_t winner = 0;
    for (; winner + 1 < won.size() && draw >= probability(winner); ++winner) draw -= probability(winner);
    won[winner] = true;
  } else {
    // One draw for the group: a pair is decided alike, and what implies is decided no more often than what it implies.
    for (std::size_t i = 0; i < won.size(); ++i) won[i] = draw < probability(i);
  }
  for (std::size_t i = 0; i < group.places.size(); ++i) {
    PredictionMarket market = markets_[group.places[i]];
    market.closed = true;
    market.accepting_orders = false;
    market.payout = won[i] ? std::array{kPriceOfCertainty, Price{}} : std::array{Price{}, kPriceOfCertainty};
    resolved_.push_back(std::move(market));
  }
}

/// Quotes of whole cents, rounded away from what the makers believe: a bid is never above it, an ask never below. A book that has no room
/// for a price has none. No is the mirror of yes but for a disagreement.
void PredictionSimulator::quote(std::size_t place) {
  const Latent& latent = latent_[place];
  MarketPrices& prices = prices_[place];
  const double middle = std::clamp(latent.believed + latent.displaced + latent.wander, 0.001, 0.999) * kTicks;
  const auto away = [&] {
    return world_->narrowest + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(world_->widest - world_->narrowest) + 1));
  };
  const std::int64_t bid = static_cast<std::int64_t>(std::floor(middle)) - away();
  const std::int64_t ask = std::max(bid + 1, static_cast<std::int64_t>(std::ceil(middle)) + away());
  const auto lower = static_cast<std::int64_t>(std::llround(latent.disagreement * kTicks));
  std::vector<Level> bids;
  std::vector<Level> asks;
  const auto levels = [&](std::vector<Level>& side, std::int64_t best, std::int64_t down) {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(settings_.depth); ++i) {
      const std::int64_t tick = best + i * down;
      const Shares size = Shares::whole(static_cast<std::int64_t>(20 + random_.below(180) + 40 * static_cast<std::uint64_t>(i)));
      if (tick >= 1 && tick <= kTicks - 1) side.push_back({{tick * Price::kOne / kTicks}, size});
    }
  };
  levels(bids, bid, -1);
  levels(asks, ask, 1);
  const auto mirrored = [&](const std::vector<Level>& side) {
    std::vector<Level> mirror;
    for (const Level& level : side) {
      const Price price = kPriceOfCertainty - level.price - Price{lower * Price::kOne / kTicks};
      if (price.micros > 0) mirror.push_back({price, level.size});
    }
    return mirror;
  };
  prices.of(Outcome::yes).bids.assign(Side::buy, bids);
  prices.of(Outcome::yes).asks.assign(Side::sell, asks);
  prices.of(Outcome::no).bids.assign(Side::buy, mirrored(asks));
  prices.of(Outcome::no).asks.assign(Side::sell, mirrored(bids));
  prices.time = now();
  ++prices.sequence;
}

void PredictionSimulator::step() {
  ++steps_;
  resolved_.clear();
  news_.clear();
  prints_.clear();
  for (Group& group : groups_) {
    if (steps_ >= group.decided_at) {
      decide(group);
      open_group(group);
    } else {
      move(group);
    }
    for (const std::size_t place : group.places) quote(place);
  }
}

std::vector<Implication> PredictionSimulator::implications() const {
  std::vector<Implication> all;
  for (const Group& group : groups_)
    if (group.kind == Kind::implication) all.push_back({markets_[group.places[0]].id, markets_[group.places[1]].id});
  return all;
}

std::vector<std::pair<std::string, std::string>> PredictionSimulator::related() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Group& group : groups_)
    if (group.kind == Kind::pair) all.emplace_back(markets_[group.places[0]].id, markets_[group.places[1]].id);
  return all;
}

}  // namespace tradewind::trading
