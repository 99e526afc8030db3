// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "tradewind/base/text.hpp"
#include "tradewind/discovery/candidates_internal.hpp"
#include "tradewind/metrics/distribution.hpp"

namespace tradewind::discovery {
namespace {

constexpr std::size_t kVolatilityWindow = 20;
constexpr double kNanosPerSecond = 1e9;
constexpr int kMaxLineage = 64;  // parents looked at, so that a damaged lineage cannot loop

/// Standard deviation (ddof 1) of the last 20 returns up to and including each bar; sums run over the window afresh for each bar.
std::vector<double> trailing_volatility(std::span<const double> returns) {
  std::vector<double> volatility(returns.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t t = kVolatilityWindow - 1; t < returns.size(); ++t) {
    double sum = 0;
    for (std::size_t i = t + 1 - kVolatilityWindow; i <= t; ++i) sum += returns[i];
    const double mean = sum / kVolatilityWindow;
    double squares = 0;
    for (std::size_t i = t + 1 - kVolatilityWindow; i <= t; ++i) squares += (returns[i] - mean) * (returns[i] - mean);
    volatility[t] = std::sqrt(squares / (kVolatilityWindow - 1));
  }
  return volatility;
}

/// The number of key "cost" of a flat JSON object, where it has one.
std::optional<double> cost_of(const std::string& payload) {
  constexpr std::string_view kKey = "\"cost\"";
  const std::size_t key = payload.find(kKey);
  if (key == std::string::npos) return std::nullopt;
  const std::size_t colon = payload.find_first_not_of(" \t\n\r", key + kKey.size());
  if (colon == std::string::npos || payload[colon] != ':') return std::nullopt;
  const std::size_t end = payload.find_first_of(",}", colon);
  const auto text = std::string_view(payload).substr(colon + 1, end == std::string::npos ? end : end - colon - 1);
  return parse_number(trim(text));
}

/// Wins and losses net of cost.
struct Tally {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  void add(double gain) noexcept {
    won += gain > 0 ? 1 : 0;
    lost += gain < 0 ? 1 : 0;
  }
  Value rate() const {
    if (won + lost == 0) return Undefined::no_decided_bars;
    return static_cast<double>(won) / static_cast<double>(won + lost);
  }
};

}  // namespace

Describer::Describer(const MiningInput& input, const MinerOptions& options)
    : input_(input), options_(options), volatility_(trailing_volatility(input.returns)), moments_(input.streams.size()) {
  for (std::size_t t = input.discovery.begin; t < input.discovery.end && !input.around.volume.empty(); ++t)
    average_volume_ += input.around.volume[t] / static_cast<double>(input.discovery.size());
  for (std::size_t s = 0; s < moments_.size(); ++s) {
    const auto signals = input.streams[s].signals;
    double sum = 0;
    double squares = 0;
    for (std::size_t t = input.discovery.begin; t + 1 < input.discovery.end; ++t) {
      const double x = signals[t] * input.returns[t + 1];
      sum += x;
      squares += x * x;
    }
    const double n = static_cast<double>(std::max<std::size_t>(input.discovery.size(), 2) - 1);
    moments_[s].mean = sum / n;
    moments_[s].deviation = std::sqrt(std::max(0.0, squares - sum * sum / n));
  }
  index_events();
}

void Describer::index_events() {
  if (input_.events.empty() || input_.around.timestamp.empty()) return;
  std::unordered_map<std::int64_t, const EventTrace*> by_id;
  for (const EventTrace& event : input_.events) by_id.emplace(event.event_id, &event);
  std::unordered_map<std::string, std::size_t> stream_of;
  for (std::size_t s = 0; s < input_.streams.size(); ++s) stream_of.emplace(input_.streams[s].strategy, s);
  fills_.resize(input_.streams.size());
  for (const EventTrace& fill : input_.events) {
    if (fill.type != "fill") continue;
    const EventTrace* event = &fill;
    for (int step = 0; event != nullptr && event->type != "signal" && step < kMaxLineage; ++step) {
      const auto parent = by_id.find(event->parent_id);
      event = parent == by_id.end() ? nullptr : parent->second;
    }
    if (event == nullptr || event->type != "signal") continue;
    const auto stream = stream_of.find(event->strategy);
    if (stream == stream_of.end()) continue;
    Fills& fills = fills_[stream->second][event->time];
    ++fills.count;
    fills.delay_seconds += static_cast<double>(fill.time - event->time) / kNanosPerSecond;
    const auto cost = cost_of(fill.payload);
    fills.cost += cost.value_or(0);
    fills.without_cost += cost ? 0 : 1;
  }
}

void Describer::describe(const Candidate& candidate, int direction, TradingPattern& pattern) const {
  add_regimes(candidate, direction, pattern);
  add_strategies(candidate, direction, pattern);
  add_market(candidate, pattern);
  add_events(candidate, pattern);
}

void Describer::add_regimes(const Candidate& candidate, int direction, TradingPattern& pattern) const {
  std::vector<Tally> tallies(input_.regimes.names.size());
  std::vector<std::int64_t> count(input_.regimes.names.size());
  std::int64_t labelled = 0;
  Tally all;
  for (const std::uint32_t occurrence : candidate.discovery) {
    const std::size_t bar = occurrence % input_.bars();
    const double gain = direction * input_.returns[bar + 1] - options_.cost;
    all.add(gain);
    const int state = input_.state(bar);
    if (state < 0) continue;
    tallies[static_cast<std::size_t>(state)].add(gain);
    ++count[static_cast<std::size_t>(state)];
    ++labelled;
  }
  pattern.win_rate = all.rate();
  std::vector<std::size_t> order;
  for (std::size_t r = 0; r < count.size(); ++r) {
    if (count[r] == 0) continue;
    order.push_back(r);
    pattern.regime_win_rates.emplace(input_.regimes.names[r], tallies[r].rate());
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return count[a] > count[b]; });
  std::int64_t covered = 0;
  for (const std::size_t r : order) {
    if (2 * covered >= labelled) break;
    covered += count[r];
    pattern.dominant_regimes.push_back(input_.regimes.names[r]);
  }
}

/// The pattern's bar return is direction · r[t + 1] at its occurrences (once a bar, whatever the number of streams) and 0 elsewhere,
/// so that its covariance with a strategy needs the occurrences only.
void Describer::add_strategies(const Candidate& candidate, int direction, TradingPattern& pattern) const {
  std::vector<std::uint32_t> bars;
  for (const std::uint32_t occurrence : candidate.discovery) bars.push_back(static_cast<std::uint32_t>(occurrence % input_.bars()));
  std::sort(bars.begin(), bars.end());
  bars.erase(std::unique(bars.begin(), bars.end()), bars.end());
  double sum = 0;
  double squares = 0;
  for (const std::uint32_t bar : bars) {
    const double gain = direction * input_.returns[bar + 1];
    sum += gain;
    squares += gain * gain;
  }
  const double n = static_cast<double>(std::max<std::size_t>(input_.discovery.size(), 2) - 1);
  const double deviation = std::sqrt(std::max(0.0, squares - sum * sum / n));
  for (std::size_t s = 0; s < input_.streams.size(); ++s) {
    if (!(deviation > 0) || !(moments_[s].deviation > 0)) continue;
    double product = 0;
    for (const std::uint32_t bar : bars) {
      const double r = input_.returns[bar + 1];
      product += direction * r * input_.streams[s].signals[bar] * r;
    }
    const double correlation = (product - sum * moments_[s].mean) / (deviation * moments_[s].deviation);
    pattern.best_strategies.emplace_back(input_.streams[s].strategy, std::clamp(correlation, -1.0, 1.0));
  }
  std::stable_sort(pattern.best_strategies.begin(), pattern.best_strategies.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (pattern.best_strategies.size() > 5) pattern.best_strategies.resize(5);
}

void Describer::add_market(const Candidate& candidate, TradingPattern& pattern) const {
  std::vector<double> volatility;
  double volume = 0;
  for (const std::uint32_t occurrence : candidate.discovery) {
    const std::size_t bar = occurrence % input_.bars();
    if (!std::isnan(volatility_[bar])) volatility.push_back(volatility_[bar]);
    if (!input_.around.volume.empty()) volume += input_.around.volume[bar];
  }
  pattern.volatility_range.why = Undefined::too_few;
  if (!volatility.empty()) {
    const double low = metrics::quantile(volatility, 0.1);
    pattern.volatility_range = {low, metrics::quantile(volatility, 0.9), Undefined::defined, volatility.size() < 30};
  }
  if (average_volume_ > 0 && !candidate.discovery.empty()) {
    const double ratio = volume / static_cast<double>(candidate.discovery.size()) / average_volume_;
    pattern.volume_profile = ratio < 0.8 ? "low" : ratio > 1.25 ? "high" : "normal";
  }
}

void Describer::add_events(const Candidate& candidate, TradingPattern& pattern) const {
  if (fills_.empty()) return;
  Fills total;
  for (const std::uint32_t occurrence : candidate.discovery) {
    const auto& of_stream = fills_[occurrence / input_.bars()];
    const auto found = of_stream.find(input_.around.timestamp[occurrence % input_.bars()]);
    if (found == of_stream.end()) continue;
    total.count += found->second.count;
    total.delay_seconds += found->second.delay_seconds;
    total.cost += found->second.cost;
    total.without_cost += found->second.without_cost;
  }
  PatternEvents events;
  events.fills = total.count;
  events.avg_delay_seconds = Undefined::no_fills;
  events.cost_per_occurrence = Undefined::no_fills;
  if (total.count > 0) {
    events.avg_delay_seconds = total.delay_seconds / static_cast<double>(total.count);
    events.cost_per_occurrence =
        total.without_cost > 0 ? Value(Undefined::empty) : Value(total.cost / static_cast<double>(candidate.discovery.size()));
  }
  pattern.events = events;
}

}  // namespace tradewind::discovery
