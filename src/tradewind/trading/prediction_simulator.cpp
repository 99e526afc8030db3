// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/prediction_simulator.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tradewind::trading {
namespace {

constexpr double kFollow = 0.25;                         // share of the way to the truth that quotes go each step
constexpr double kWanderBack = 0.05;                     // of a pair's quotes towards each other
constexpr double kWander = 0.05;                         // log-odds
constexpr double kShock = 1.2;                           // log-odds a news item moves the truth by
constexpr double kShockStep = 0.2;                       // share of it each step
constexpr std::int64_t kStatedLife = 30 * kNanosPerDay;  // markets are decided when the thing happens, mostly long before their stated end
constexpr std::int64_t kTicks = 100;                     // a tick is a cent

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double log_odds(double p) { return std::log(p / (1 - p)); }

/// A name nobody has: two syllables from each of two lists.
std::string made_up_name(Random& random) {
  constexpr const char* kFirst[] = {"Har", "Vel", "Tor", "Mar", "Quil", "Bren", "Osk", "Fen", "Lun", "Dra", "Cas", "Zel"};
  constexpr const char* kSecond[] = {"bor", "dane", "wick", "mont", "lia", "tov", "ford", "mere", "stad", "gate", "rin", "holm"};
  constexpr const char* kThing[] = {"Bridge", "Treaty", "Budget", "Merger", "Launch", "Reform", "Cup", "Strike", "Pipeline", "Election"};
  return fmt::format("{}{} {}", kFirst[random.below(12)], kSecond[random.below(12)], kThing[random.below(10)]);
}

}  // namespace

PredictionSimulator::PredictionSimulator(const PredictionSimulation& settings) : settings_(settings), random_(settings.seed, 0x70726564) {
  settings_.markets = std::max<std::size_t>(settings.markets, 8);
  settings_.depth = std::clamp<std::size_t>(settings.depth, 1, 50);
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
    Latent& latent = latent_[place] = {};
    latent.truth = group.kind == Kind::event ? 0.5 * random_.normal() : 0.8 * random_.normal();
    PredictionMarket& market = markets_[place] = {};
    market.id = fmt::format("SIM-{:05d}", ++names_);
    market.event_id = event;
    market.slug = market.id;
    market.token_ids = {market.id + "-yes", market.id + "-no"};
    market.fees.rate = rate;
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
  for (std::size_t i = 0; i < group.places.size(); ++i) latent_[group.places[i]].quoted = probability(group, i);
}

double PredictionSimulator::probability(const Group& group, std::size_t member) const {
  const auto truth = [&](std::size_t i) { return latent_[group.places[i]].truth; };
  switch (group.kind) {
    case Kind::single: return sigmoid(truth(0));
    case Kind::pair: return sigmoid(truth(0));  // one factor for both
    case Kind::implication: return member == 1 ? sigmoid(truth(1)) : sigmoid(truth(1)) * sigmoid(truth(0));
    case Kind::event: break;
  }
  double sum = 0;
  for (std::size_t i = 0; i < group.places.size(); ++i) sum += std::exp(truth(i));
  return std::exp(truth(member)) / sum;
}

void PredictionSimulator::publish(std::size_t place) {
  const bool good = random_.uniform() < 0.5;
  latent_[place].shock += good ? kShock : -kShock;
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

void PredictionSimulator::move(Group& group) {
  for (std::size_t i = 0; i < group.places.size(); ++i) {
    const std::size_t place = group.places[i];
    Latent& latent = latent_[place];
    if (random_.uniform() < settings_.news_rate && (group.kind == Kind::single || group.kind == Kind::event)) publish(place);
    const double jump = latent.shock * kShockStep;
    latent.shock -= jump;
    latent.truth = std::clamp(latent.truth + settings_.volatility * random_.normal() + jump, -4.0, 4.0);
    if (group.kind == Kind::pair) latent.wander += -kWanderBack * latent.wander + kWander * random_.normal();
    if (std::abs(latent.disagreement) > 0 && random_.uniform() < 0.5) latent.disagreement = 0;
    if (random_.uniform() < settings_.mispricing) latent.disagreement = 0.02 + 0.04 * random_.uniform();
  }
  for (std::size_t i = 0; i < group.places.size(); ++i) {
    Latent& latent = latent_[group.places[i]];
    latent.quoted += kFollow * (probability(group, i) - latent.quoted);
  }
}

void PredictionSimulator::decide(Group& group) {
  std::vector<bool> won(group.places.size());
  double draw = random_.uniform();
  if (group.kind == Kind::event) {
    std::size_t winner = 0;
    for (; winner + 1 < won.size() && draw >= probability(group, winner); ++winner) draw -= probability(group, winner);
    won[winner] = true;
  } else {
    // One draw for the group: a pair is decided alike, and what implies is decided no more often than what it implies.
    for (std::size_t i = 0; i < won.size(); ++i) won[i] = draw < probability(group, i);
  }
  for (std::size_t i = 0; i < group.places.size(); ++i) {
    PredictionMarket market = markets_[group.places[i]];
    market.closed = true;
    market.accepting_orders = false;
    market.payout = won[i] ? std::array{kPriceOfCertainty, Price{}} : std::array{Price{}, kPriceOfCertainty};
    resolved_.push_back(std::move(market));
  }
}

/// Quotes of whole cents around what the market makers believe; no is the mirror of yes but for a disagreement.
void PredictionSimulator::quote(std::size_t place) {
  const Latent& latent = latent_[place];
  MarketPrices& prices = prices_[place];
  const double middle = sigmoid(log_odds(std::clamp(latent.quoted, 0.02, 0.98)) + latent.wander);
  const auto spread = static_cast<std::int64_t>(1 + random_.below(2));
  const auto depth = static_cast<std::int64_t>(settings_.depth);
  const std::int64_t bid =
      std::clamp<std::int64_t>(std::llround(middle * kTicks - 0.5 * static_cast<double>(spread)), 1, kTicks - 1 - spread);
  const std::int64_t ask = bid + spread;
  const auto lower = static_cast<std::int64_t>(std::llround(latent.disagreement * kTicks));
  std::vector<Level> levels;
  const auto fill = [&](Ladder& ladder, Side side, std::int64_t best) {
    levels.clear();
    for (std::int64_t i = 0; i < depth; ++i) {
      const std::int64_t tick = side == Side::buy ? best - i : best + i;
      const Shares size = Shares::whole(static_cast<std::int64_t>(20 + random_.below(180) + 40 * static_cast<std::uint64_t>(i)));
      if (tick >= 1 && tick <= kTicks - 1) levels.push_back({{tick * Price::kOne / kTicks}, size});
    }
    ladder.assign(side, levels);
  };
  fill(prices.of(Outcome::yes).bids, Side::buy, bid);
  fill(prices.of(Outcome::yes).asks, Side::sell, ask);
  fill(prices.of(Outcome::no).bids, Side::buy, kTicks - ask - lower);
  fill(prices.of(Outcome::no).asks, Side::sell, std::max<std::int64_t>(1, kTicks - bid - lower));
  prices.time = now();
  ++prices.sequence;
}

void PredictionSimulator::step() {
  ++steps_;
  resolved_.clear();
  news_.clear();
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
