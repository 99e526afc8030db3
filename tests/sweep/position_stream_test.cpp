// SPDX-License-Identifier: Apache-2.0
// A stream of bars gives the position that a sweep over the same bars has at every bar: the sweep is the oracle.
#include "tradewind/strategies/position_stream.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/sweep/signal_engine.hpp"

namespace tradewind::sweep {
namespace {

using strategies::Direction;
using strategies::PositionStream;
using strategies::PriceBar;
using strategies::StrategyType;

enum class Shape : std::uint8_t { walk, ties, stretches, gaps, huge, count };

/// A random walk with what breaks sums and queues: equal prices, long constant stretches, jumps, prices near the ends of a double.
double next_price(double price, Shape shape, std::size_t bar, Random& random) {
  if (shape == Shape::stretches && (bar / 37) % 3 == 1) return price;
  const double moved = price * std::exp(0.02 * random.normal());
  if (shape == Shape::ties) return std::max(1.0, std::round(moved));
  if (shape == Shape::gaps && random.below(40) == 0) return moved * (random.below(2) == 0 ? 1000 : 0.001);
  return moved;
}

market::Bars bars_of(Shape shape, std::size_t count, bool ohlc, Random& random) {
  market::Bars bars;
  bars.symbol = "X";
  double price = shape == Shape::huge ? (random.below(2) == 0 ? 1e306 : 1e-306) : shape == Shape::ties ? 20 : 100;
  for (std::size_t i = 0; i < count; ++i) {
    price = next_price(price, shape, i, random);
    bars.timestamp.push_back(static_cast<UnixNanos>(i) * kNanosPerDay);
    bars.close.push_back(price);
    if (!ohlc) continue;
    bars.open.push_back(price * 1.0001);
    bars.high.push_back(shape == Shape::ties ? price + 1 : price * (1 + 0.01 * random.uniform()));
    bars.low.push_back(shape == Shape::ties ? price - 0.5 : price * (1 - 0.01 * random.uniform()));
  }
  return bars;
}

PriceBar bar_at(const market::Bars& bars, std::size_t i) {
  if (!bars.has_ohlc()) return PriceBar::of_close(bars.timestamp[i], bars.close[i]);
  return {bars.timestamp[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], 0};
}

/// Windows from 1 to beyond the series' tiles and refreshes, levels that are reached.
ParameterValues random_parameters(const StrategyType& type, Random& random) {
  ParameterValues values;
  for (const ParameterSpec& spec : type.parameters) {
    const std::uint64_t longest = random.below(4) == 0 ? 400 : 30;
    double value = static_cast<double>(1 + random.below(longest));
    if (!spec.integer) value = spec.name == "threshold" ? 0.05 * random.uniform() : 2.5 * random.uniform();
    if (spec.name == "lower") value = 20 + 30 * random.uniform();
    if (spec.name == "upper") value = 50 + 30 * random.uniform();
    if (random.below(10) == 0) value = std::floor(value);  // levels that are met exactly
    values.push_back(std::clamp(value, spec.minimum, spec.maximum));
  }
  return values;
}

std::vector<std::int8_t> swept(const market::Bars& bars, const SweepCandidate& candidate) {
  const strategies::PriceHistory history(bars);
  metrics::TradeTables::Options execution;
  execution.fill = metrics::FillModel::close;
  const std::vector<double> any_price(bars.size(), 1.0);
  const auto tables = metrics::TradeTables::make({}, any_price, execution);
  const auto outcome = run_candidates(history, *tables, std::span(&candidate, 1), true).front();
  std::vector<std::int8_t> positions(bars.size(), 0);
  for (const auto& change : outcome.changes) std::fill(positions.begin() + change.bar, positions.end(), change.position);
  return positions;
}

std::unique_ptr<PositionStream> fresh(const SweepCandidate& of) {
  auto made = strategies::make_position_stream(*of.type, of.parameters, of.direction);
  EXPECT_TRUE(made) << (made ? "" : made.error().message());
  return std::move(*made);
}

/// Streamed with a save and a load before each bar with a chance of `cuts`.
std::vector<std::int8_t> streamed(const market::Bars& bars, const SweepCandidate& of, double cuts, Random& random) {
  auto stream = fresh(of);
  std::vector<std::int8_t> positions;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (random.uniform() < cuts) {
      const std::string saved = stream->save();
      auto loaded = strategies::load_position_stream(*of.type, of.parameters, of.direction, saved);
      if (!loaded) {
        ADD_FAILURE() << loaded.error().message();
        return positions;
      }
      EXPECT_EQ((*loaded)->save(), saved);
      EXPECT_EQ((*loaded)->position(), stream->position());
      EXPECT_EQ((*loaded)->warm(), stream->warm());
      stream = std::move(*loaded);
    }
    positions.push_back(stream->push(bar_at(bars, i)));
    EXPECT_EQ(positions.back(), stream->position());
  }
  return positions;
}

std::size_t changes_in(const std::vector<std::int8_t>& positions) {
  std::size_t changes = positions.front() != 0 ? 1 : 0;
  for (std::size_t i = 1; i < positions.size(); ++i) changes += positions[i] != positions[i - 1] ? 1 : 0;
  return changes;
}

/// Streamed == swept for one random draw; how many changes of signal that was.
std::size_t compare(const StrategyType& type, int draw, Random& random) {
  const auto shape = static_cast<Shape>(draw % static_cast<int>(Shape::count));
  const market::Bars bars = bars_of(shape, 1 + random.below(1500), random.below(2) == 0, random);
  const SweepCandidate candidate{&type, random.below(2) == 0 ? Direction::long_only : Direction::long_short,
                                 random_parameters(type, random)};
  const auto wanted = swept(bars, candidate);
  EXPECT_EQ(streamed(bars, candidate, 0, random), wanted) << type.name << " draw " << draw;
  EXPECT_EQ(streamed(bars, candidate, 0.02, random), wanted) << type.name << " cut, draw " << draw;
  return changes_in(wanted);
}

/// Holds the sign of what it has counted: state that no window holds.
class Counting final : public strategies::BarStrategy {
 public:
  strategies::Signal on_bar(const strategies::BarWindow& bars) override {
    if (bars.size() > 1) count_ += bars.close() > bars.close(1) ? 1 : -1;
    return {.position = count_ > 0 ? 2 : count_ < 0 ? -1 : 0};
  }

 private:
  int count_ = 0;
};

StrategyType counting() {
  StrategyType type;
  type.name = "counting";
  type.bar = [](const ParameterValues&, Direction) { return std::make_unique<Counting>(); };
  return type;
}

TEST(PositionStream, Every_built_in_type_streams_what_a_sweep_signals) {
  constexpr int kDraws = 30;
  Random random(11);
  for (const auto& type : strategies::StrategyRegistry::instance().types()) {
    std::size_t changes = 0;
    for (int draw = 0; draw < kDraws; ++draw) changes += compare(*type, draw, random);
    EXPECT_GT(changes, 10U * kDraws) << type->name;
  }
}

TEST(PositionStream, A_type_written_bar_by_bar_is_shown_every_bar_again_after_a_load) {
  const StrategyType type = counting();
  Random random(12);
  std::size_t changes = 0;
  for (int draw = 0; draw < 10; ++draw) changes += compare(type, draw, random);
  EXPECT_GT(changes, 10U);
}

TEST(PositionStream, A_position_outlives_any_number_of_bars) {
  const StrategyType& type = **strategies::StrategyRegistry::instance().find("sma_cross");
  const SweepCandidate candidate{&type, Direction::long_only, {2, 5}};
  const auto stream = fresh(candidate);
  double price = 100;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    price *= i < 10 ? 0.99 : 1.0005;  // one crossing, then up for good
    const int position = stream->push(PriceBar::of_close(i, price));
    if (i > 20) {
      ASSERT_EQ(position, 1) << i;
    }
  }
  EXPECT_LT(stream->save().size(), 1000U);
}

}  // namespace
}  // namespace tradewind::sweep
