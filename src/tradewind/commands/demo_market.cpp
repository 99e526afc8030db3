// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/demo_market.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/base/random.hpp"

namespace tradewind::commands {
namespace {

/// Alternating spells of two kinds of weather, geometric lengths.
std::vector<bool> spells(std::size_t bars, double first_length, double second_length, Random random) {
  std::vector<bool> second;
  bool now = false;
  for (std::size_t i = 0; i < bars; ++i) {
    second.push_back(now);
    if (random.uniform() * (now ? second_length : first_length) < 1) now = !now;
  }
  return second;
}

/// Log returns of the five symbols.
std::vector<double> harbor(const std::vector<bool>& storm, Random random) {
  constexpr double kReturn = 0.22;  // share of the distance to its level that is made good in a calm day
  std::vector<double> returns;
  double away = 0, momentum = 0;
  for (const bool stormy : storm) {
    const double shock = random.student_t(5) * (stormy ? 0.017 : 0.008);
    const double move = stormy ? 0.45 * momentum + shock : 0.0002 - kReturn * away + shock;
    momentum = move;
    away = stormy ? 0.9 * away + move : away + move - 0.0002;
    returns.push_back(move);
  }
  return returns;
}

std::vector<double> gale(const std::vector<bool>& falling, Random random) {
  std::vector<double> returns;
  for (const bool down : falling) returns.push_back((down ? -0.0019 : 0.0018) + 0.009 * random.student_t(5));
  return returns;
}

/// Correlated about 0.95 with the other.
std::vector<double> twin(const std::vector<double>& of, Random random) {
  std::vector<double> returns;
  for (const double r : of) returns.push_back(r + 0.0017 * random.normal());
  return returns;
}

std::vector<double> ripple(std::size_t bars, Random random) {
  std::vector<double> returns;
  double before = 0;
  for (std::size_t i = 0; i < bars; ++i) returns.push_back(before = -0.18 * before + 0.006 * random.normal());
  return returns;
}

/// Of many random walks the one that rose most in the first 70 % of the bars compared with the rest: what a search for winners finds.
std::vector<double> dice(std::size_t bars, Random random) {
  constexpr int kWalks = 60;
  std::vector<double> luckiest;
  double most = -1e300;
  for (int walk = 0; walk < kWalks; ++walk) {
    std::vector<double> returns;
    double luck = 0;
    for (std::size_t i = 0; i < bars; ++i) {
      returns.push_back(0.01 * random.student_t(5));
      luck += i * 10 < bars * 7 ? returns.back() : -returns.back();
    }
    if (luck <= most) continue;
    most = luck;
    luckiest = std::move(returns);
  }
  return luckiest;
}

double tick(double price) { return std::max(0.01, std::round(price * 1e4) / 1e4); }

market::Bars bars_of(const char* symbol, const std::vector<double>& returns, const std::vector<UnixNanos>& timestamp, double price,
                     Random random) {
  market::Bars bars;
  bars.symbol = symbol;
  bars.timestamp = timestamp;
  for (const double r : returns) {
    const double open = tick(price * std::exp(0.05 * r));  // nearly all of a day's move comes after its open
    const double close = tick(price * std::exp(r));
    const double reach = 0.3 * std::abs(r) + 0.002 * random.uniform();
    bars.open.push_back(open);
    bars.close.push_back(close);
    bars.high.push_back(tick(std::max(open, close) * (1 + reach)));
    bars.low.push_back(tick(std::min(open, close) / (1 + reach)));
    bars.volume.push_back(std::round(1e5 * (1 + 30 * std::abs(r)) * (0.7 + 0.6 * random.uniform())));
    price = close;
  }
  return bars;
}

std::vector<UnixNanos> weekdays(std::size_t bars) {
  std::vector<UnixNanos> days;
  for (std::int64_t day = days_from_civil(2015, 1, 1); days.size() < bars; ++day)
    if (const std::int64_t weekday = (day + 4) % 7; weekday != 0 && weekday != 6)
      days.push_back(day * kNanosPerDay);  // 1970-01-01 was a Thursday; 0 = Sunday
  return days;
}

}  // namespace

std::vector<market::Bars> demo_market(std::size_t bars, std::uint64_t seed) {
  std::uint64_t stream = 0;
  const auto random = [&] { return Random(seed, stream++); };
  const std::vector<UnixNanos> days = weekdays(bars);
  const auto storm = spells(bars, 170, 35, random());
  const auto falling = spells(bars, 150, 110, random());
  const std::vector<double> trend = gale(falling, random());
  std::vector<market::Bars> market;
  market.push_back(bars_of("HARBOR", harbor(storm, random()), days, 80, random()));
  market.push_back(bars_of("GALE", trend, days, 120, random()));
  market.push_back(bars_of("TWIN", twin(trend, random()), days, 60, random()));
  market.push_back(bars_of("RIPPLE", ripple(bars, random()), days, 45, random()));
  market.push_back(bars_of("DICE", dice(bars, random()), days, 100, random()));
  return market;
}

}  // namespace tradewind::commands
