// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/simulate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/random.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

constexpr std::size_t kRegimes = 4;
constexpr std::size_t kMostSymbols = 1000;
constexpr std::size_t kMostValues = std::size_t{1} << 27;
constexpr int kTailDegrees = 5;
constexpr UnixNanos kLatest = 9'190'000'000 * kNanosPerSecond;  // 2261
constexpr std::int64_t kSessionOpen = (14 * 60 + 30) * 60 * kNanosPerSecond;
constexpr std::int64_t kSessionLength = 390 * 60 * kNanosPerSecond;

/// One state of the hidden chain. Drift and volatility are in units of the symbol's own volatility per bar.
struct Regime {
  std::string_view name;
  double drift;
  double volatility;
  double memory;                      ///< autocorrelation of deviations: > 0 momentum, < 0 reversal
  double correlation;                 ///< between symbols
  double duration;                    ///< mean number of daily bars
  std::array<double, kRegimes> next;  ///< where it goes when it ends
};

constexpr std::array<Regime, kRegimes> kMarket = {{
    {"bull", 0.09, 0.8, 0.05, 0.35, 120, {0, 0.60, 0.30, 0.10}},
    {"sideways", 0.0, 0.9, -0.18, 0.25, 80, {0.60, 0, 0.35, 0.05}},
    {"bear", -0.10, 1.3, 0.07, 0.45, 60, {0.45, 0.45, 0, 0.10}},
    {"crash", -0.25, 2.8, 0.05, 0.80, 8, {0.30, 0.20, 0.50, 0}},
}};

bool is_weekend(std::int64_t day) noexcept {
  const std::int64_t weekday = ((day + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday; 0 = Sunday
  return weekday == 0 || weekday == 6;
}

/// The opening times of all bars: sessions on weekdays, or all the time.
class Calendar {
 public:
  Calendar(const SimulationOptions& options, Random& random) : options_(options), random_(random), next_(options.start) {}

  UnixNanos next() {
    for (;;) {
      const UnixNanos now = align(next_);
      next_ = now + options_.interval;
      const bool opens = now % kNanosPerDay == kSessionOpen;
      if (options_.interval >= kNanosPerDay || opens || random_.uniform() >= options_.missing) return now;
    }
  }

 private:
  /// The first moment from `time` on at which a bar may begin.
  UnixNanos align(UnixNanos time) const {
    if (options_.around_the_clock || options_.interval > kNanosPerDay) return time;
    std::int64_t day = time / kNanosPerDay;
    std::int64_t in_day = time % kNanosPerDay;
    if (options_.interval == kNanosPerDay) {
      while (is_weekend(day)) ++day;
      return day * kNanosPerDay;
    }
    if (in_day >= kSessionOpen + kSessionLength || is_weekend(day)) {
      do ++day;
      while (is_weekend(day));
      in_day = 0;
    }
    return day * kNanosPerDay + std::max(in_day, kSessionOpen);
  }

  const SimulationOptions& options_;
  Random& random_;
  UnixNanos next_;
};

/// The hidden chain.
class RegimeChain {
 public:
  RegimeChain(double stretch, Random random) : stretch_(stretch), random_(random) {}
  std::size_t next() {
    if (random_.uniform() * kMarket[state_].duration * stretch_ < 1) {
      double draw = random_.uniform();
      const auto& exits = kMarket[state_].next;
      std::size_t target = 0;
      while (target + 1 < kRegimes && (draw -= exits[target]) >= 0) ++target;
      if (exits[target] > 0) state_ = target;
    }
    return state_;
  }

 private:
  double stretch_;
  Random random_;
  std::size_t state_ = 0;
};

double tick(double price) noexcept { return std::max(0.01, std::round(price * 1e4) / 1e4); }

/// One symbol: turns regime and common shock into bars.
class SymbolPath {
 public:
  SymbolPath(std::size_t number, const SimulationOptions& options, double bars_per_day)
      : random_(options.seed, number + 2), drift_scale_(1 / std::sqrt(std::sqrt(bars_per_day))), bars_per_day_(bars_per_day) {
    bars_.symbol = fmt::format("SIM{:02}", number + 1);
    const double days = options.around_the_clock ? 365.25 : 252;
    volatility_ = (0.12 + 0.25 * random_.uniform()) / std::sqrt(days * bars_per_day);
    price_ = tick(20 + 180 * random_.uniform());
    base_volume_ = 20'000 + 400'000 * random_.uniform();
    for (auto* column : {&bars_.open, &bars_.high, &bars_.low, &bars_.close, &bars_.volume}) column->reserve(options.bars);
  }

  /// `after_break`: the market was closed since the last bar.
  void step(const Regime& regime, double common, bool after_break) {
    const double scale = volatility_ * regime.volatility;
    const double own = random_.student_t(kTailDegrees);
    const double shock = std::sqrt(regime.correlation) * common + std::sqrt(1 - regime.correlation) * own;
    deviation_ = regime.memory * deviation_ + scale * shock;
    const double move = std::clamp(volatility_ * regime.drift * drift_scale_ + deviation_, -0.5, 0.5);
    // A daily bar opens somewhere along its move; a session opens with news of its own; within a session the gap is slight.
    double gap = 0.03 * scale * random_.normal();
    if (bars_per_day_ <= 1)
      gap = 0.4 * move + 0.25 * scale * random_.normal();
    else if (after_break)
      gap = 0.35 * scale * std::sqrt(bars_per_day_) * random_.normal();
    const double open = tick(price_ * std::exp(gap));
    const double close = tick(price_ * std::exp(bars_per_day_ <= 1 ? move : gap + move));
    const double up = std::exp(0.4 * scale * std::abs(random_.normal()));
    const double down = std::exp(0.4 * scale * std::abs(random_.normal()));
    bars_.open.push_back(open);
    bars_.close.push_back(close);
    bars_.high.push_back(std::max({open, close, tick(std::max(open, close) * up)}));
    bars_.low.push_back(std::min({open, close, tick(std::min(open, close) / down)}));
    const double size = std::min(std::abs(move) / volatility_, 6.0);
    bars_.volume.push_back(std::round(base_volume_ / bars_per_day_ * 10 * std::exp(0.35 * random_.normal() + 0.5 * size - 0.5)));
    price_ = close;
  }

  Bars take(const std::vector<UnixNanos>& timestamps) {
    bars_.timestamp = timestamps;
    return std::move(bars_);
  }

 private:
  Random random_;
  Bars bars_;
  double drift_scale_;
  double bars_per_day_;
  double volatility_ = 0;  ///< standard deviation of a bar's return in a regime of volatility 1
  double price_ = 0;
  double base_volume_ = 0;
  double deviation_ = 0;
};

Status check(const SimulationOptions& options) {
  if (options.symbols == 0 || options.symbols > kMostSymbols)
    return Error(Errc::usage, fmt::format("{} symbols; between 1 and {} can be simulated", options.symbols, kMostSymbols), "symbols");
  if (options.bars == 0 || options.bars > kMostValues / options.symbols)
    return Error(Errc::usage,
                 fmt::format("{} bars of {} symbols; bars x symbols must be between 1 and {}", options.bars, options.symbols, kMostValues),
                 "bars");
  if (options.interval < kNanosPerSecond || (options.interval > kNanosPerDay && options.interval % kNanosPerDay != 0))
    return Error(Errc::usage, "the interval must be at least a second and above a day a whole number of days", "interval");
  if (!options.around_the_clock && options.interval < kNanosPerDay && options.interval > kSessionLength)
    return Error(Errc::usage, "a session lasts 6.5 hours: the interval must be shorter, or a day", "interval",
                 "or simulate a market that never closes");
  if (!(options.missing >= 0 && options.missing <= 0.9))
    return Error(Errc::usage, "the share of missing bars must be between 0 and 0.9", "missing");
  if (options.start < 0 || options.start >= kLatest) return Error(Errc::usage, "the start must be between 1970 and 2261", "start");
  return {};
}

}  // namespace

Result<Simulation> simulate(const SimulationOptions& options) {
  TRADEWIND_TRY(check(options));
  Random clock_random(options.seed, 0);
  Random common_random(options.seed, 1);
  const auto day = static_cast<double>(options.around_the_clock ? kNanosPerDay : kSessionLength);
  const double bars_per_day = options.interval >= kNanosPerDay ? static_cast<double>(kNanosPerDay) / static_cast<double>(options.interval)
                                                               : day / static_cast<double>(options.interval);
  Calendar calendar(options, clock_random);
  // Intraday, regimes last longer in bars and shorter in days.
  RegimeChain chain(std::max(1.0, std::sqrt(bars_per_day)), Random(options.seed, kMostSymbols + 2));
  std::vector<SymbolPath> paths;
  for (std::size_t i = 0; i < options.symbols; ++i) paths.emplace_back(i, options, bars_per_day);

  Simulation result;
  for (const auto& regime : kMarket) result.regime_names.emplace_back(regime.name);
  result.timestamp.reserve(options.bars);
  result.regime.reserve(options.bars);
  for (std::size_t i = 0; i < options.bars; ++i) {
    const UnixNanos now = calendar.next();
    if (now > kLatest)
      return Error(Errc::usage, fmt::format("{} bars from {} end after 2261", options.bars, format_time(options.start, true)), "bars",
                   "use fewer bars or a shorter interval");
    const std::size_t regime = chain.next();
    const double common = common_random.student_t(kTailDegrees);
    const bool after_break = i > 0 && now - result.timestamp.back() > 4 * 3600 * kNanosPerSecond;
    for (auto& path : paths) path.step(kMarket[regime], common, after_break);
    result.timestamp.push_back(now);
    result.regime.push_back(static_cast<std::uint8_t>(regime));
  }
  for (auto& path : paths) result.symbols.push_back(path.take(result.timestamp));
  return result;
}

Result<std::int64_t> parse_interval(std::string_view text) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"s", 1},       {"sec", 1},       {"m", 60},     {"min", 60},
                                                                  {"h", 3600},    {"hour", 3600},   {"d", 86'400}, {"day", 86'400},
                                                                  {"w", 604'800}, {"week", 604'800}};
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string unit(trim({end, static_cast<std::size_t>(text.data() + text.size() - end)}));
  if (error == std::errc{} && count > 0 && count <= 100'000)
    for (const auto& [name, seconds] : kUnits)
      if (unit == name) return count * seconds * kNanosPerSecond;
  return Error(Errc::usage, fmt::format("'{}' is no interval", printable(text, 30)), "interval",
               "write a number and a unit: 30s, 1min, 1h, 1d");
}

}  // namespace tradewind::market
