// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/pair_discovery.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "tradewind/prediction/pair_statistics.hpp"
#include "tradewind/prediction/samples_internal.hpp"

namespace tradewind::prediction {
namespace {

constexpr std::size_t kBlocks = 180;         ///< of a window
constexpr std::size_t kLater = kBlocks / 2;  ///< blocks that confirm a pair, and after which it is tried anew
constexpr std::size_t kSearches = 4;         ///< within a window
constexpr std::size_t kBetween = kBlocks / kSearches;
constexpr double kConfirmed = 0.1;          ///< level of the test on later samples
constexpr int kLags = 2;                    ///< means of blocks of a random walk are correlated with the ones before
constexpr std::size_t kLargestGroup = 200;  ///< markets of an event or tag that pairs are looked for among
constexpr std::size_t kMostPairs = 10'000;  ///< tried in a search, of events and of tags each
constexpr std::size_t kPairsPerSample = 64;

}  // namespace

PairDiscovery::PairDiscovery(const PairDiscoveryOptions& options)
    : options_(options), block_(std::max<std::size_t>(1, options.window / kBlocks)), blocks_(kBlocks), y_(kBlocks), x_(kBlocks) {}

PairDiscovery::News PairDiscovery::take(const MarketView& view, const MarketSamples& samples) {
  News news;
  places_.each(view, [&](MarketIndex i) {
    if (i < sums_.size()) sums_[i] = 0;
    const auto of_place = [i](const Watched& one) { return one.pair.y == i || one.pair.x == i; };
    std::erase_if(candidates_, of_place);
    std::erase_if(found_, of_place);
  });
  const std::size_t before = blocks_.pushed();
  add_sample(view, samples);
  if (blocks_.pushed() != before) look_after(news, samples);
  if (next_ == queue_.size() && blocks_.pushed() >= kBlocks && blocks_.pushed() - searched_at_ >= kBetween) begin_search(view, samples);
  go_on(samples);
  return news;
}

void PairDiscovery::add_sample(const MarketView& view, const MarketSamples& samples) {
  sums_.resize(std::max(sums_.size(), view.size()), 0.0);
  blocks_.grow(sums_.size());
  const double* const mids = samples.panel().row(0);
  for (std::size_t i = 0; i < view.size(); ++i) sums_[i] += logit(mids[i]);
  if (++in_block_ < block_) return;
  const std::span<double> row = blocks_.push();
  for (std::size_t i = 0; i < sums_.size(); ++i) row[i] = sums_[i] / static_cast<double>(block_);
  std::fill(sums_.begin(), sums_.end(), 0.0);
  in_block_ = 0;
}

bool PairDiscovery::known(const Pair& pair) const {
  const auto same = [&](const Watched& one) { return pair_key(one.pair.y, one.pair.x) == pair_key(pair.y, pair.x); };
  return std::any_of(candidates_.begin(), candidates_.end(), same) || std::any_of(found_.begin(), found_.end(), same);
}

/// Outcomes of which one wins share what they sum to: that ties them together without bringing any two of them back to each other.
void PairDiscovery::add_pairs(const MarketView& view, const std::vector<MarketIndex>& group, std::vector<Pair>& out) {
  const auto exclusive = [&](const Pair& pair) {
    const trading::PredictionMarket& y = view.markets[pair.y];
    return y.negative_risk && !y.event_id.empty() && y.event_id == view.markets[pair.x].event_id;
  };
  const std::size_t members = std::min(group.size(), kLargestGroup);
  for (std::size_t i = 0; i < members; ++i) {
    for (std::size_t j = i + 1; j < members && out.size() < kMostPairs; ++j) {
      const Pair pair{group[i], group[j]};
      if (!exclusive(pair) && !known(pair) && queued_.insert(pair_key(pair.y, pair.x)).second) out.push_back(pair);
    }
  }
}

/// Markets in the order of their arrival and groups in that of their first market, so that no name decides.
void PairDiscovery::begin_search(const MarketView& view, const MarketSamples& samples) {
  searched_at_ = blocks_.pushed();
  std::vector<MarketIndex> markets;
  for (MarketIndex i = 0; i < view.size(); ++i)
    if (whole(i, kBlocks, samples) && !view.markets[i].id.empty()) markets.push_back(i);
  std::sort(markets.begin(), markets.end(), [&](MarketIndex a, MarketIndex b) { return view.changed_hands[a] < view.changed_hands[b]; });
  std::vector<std::vector<MarketIndex>> groups[2];
  std::map<std::string, std::size_t> number[2];
  const auto join = [&](std::size_t kind, const std::string& name, MarketIndex market) {
    const auto [at, fresh] = number[kind].try_emplace(name, groups[kind].size());
    if (fresh) groups[kind].emplace_back();
    groups[kind][at->second].push_back(market);
  };
  for (const MarketIndex i : markets) {
    if (!view.markets[i].event_id.empty()) join(0, view.markets[i].event_id, i);
    for (const std::string& tag : view.markets[i].tags) join(1, tag, i);
  }
  queued_.clear();
  queue_.clear();
  std::vector<Pair> of_tags;
  for (const auto& group : groups[0]) add_pairs(view, group, queue_);
  for (const auto& group : groups[1]) add_pairs(view, group, of_tags);
  of_events_ = queue_.size();
  queue_.insert(queue_.end(), of_tags.begin(), of_tags.end());
  next_ = 0;
  searches_ += queue_.empty() ? 0 : 1;
}

void PairDiscovery::go_on(const MarketSamples& samples) {
  const std::size_t of_tags = queue_.size() - of_events_;
  for (std::size_t done = 0; done < kPairsPerSample && next_ < queue_.size(); ++done, ++next_) {
    const auto tried = static_cast<double>(next_ < of_events_ ? of_events_ : of_tags);
    try_pair(queue_[next_], options_.error_rate / (kSearches * 2 * tried) / kConfirmed, samples);
  }
}

void PairDiscovery::try_pair(const Pair& pair, double level, const MarketSamples& samples) {
  ++tried_;
  if (!whole(pair.y, kBlocks, samples) || !whole(pair.x, kBlocks, samples)) return;  // one of them has left meanwhile
  y_.resize(kBlocks);
  x_.resize(kBlocks);
  blocks_.column(pair.y, y_);
  blocks_.column(pair.x, x_);
  const Scatter scatter = scatter_of(x_, y_);
  if (!(scatter.deviation_x > kNoMovement && scatter.deviation_y > kNoMovement && scatter.correlation >= options_.min_correlation)) return;
  const double beta = (scatter.correlation < 0 ? -1 : 1) * scatter.deviation_y / scatter.deviation_x;
  for (std::size_t k = 0; k < kBlocks; ++k) y_[k] -= beta * x_[k];
  const auto statistic = dickey_fuller(y_, kLags);
  if (statistic && dickey_fuller_probability(*statistic, true) < level) candidates_.push_back({pair, beta, blocks_.pushed(), false});
}

/// Whether a market's last so many blocks have no gap; those of the block under way are not among them.
bool PairDiscovery::whole(MarketIndex market, std::size_t blocks, const MarketSamples& samples) const {
  return samples.run(market) >= blocks * block_ + in_block_;
}

/// Whether the residual of the last so many blocks refuses a unit root; the relation is known from before.
bool PairDiscovery::holds(const Watched& one, std::size_t blocks, const MarketSamples& samples) {
  if (!whole(one.pair.y, blocks, samples) || !whole(one.pair.x, blocks, samples)) return false;
  y_.resize(blocks);
  x_.resize(blocks);
  blocks_.column(one.pair.y, y_);
  blocks_.column(one.pair.x, x_);
  for (std::size_t k = 0; k < blocks; ++k) y_[k] -= one.beta * x_[k];
  const auto statistic = dickey_fuller(y_, kLags);
  return statistic && dickey_fuller_probability(*statistic, false) < kConfirmed;
}

PairDiscovery::Level PairDiscovery::level_of(const Relation& relation) const {
  double sum = 0;
  double squares = 0;
  const double first = blocks_.at(0, relation.pair.y) - relation.beta * blocks_.at(0, relation.pair.x);
  for (std::size_t back = 0; back < kBlocks; ++back) {
    const double off = blocks_.at(back, relation.pair.y) - relation.beta * blocks_.at(back, relation.pair.x) - first;
    sum += off;
    squares += off * off;
  }
  const double n = kBlocks;
  return {first + sum / n, std::sqrt(std::max(0.0, squares - sum * sum / n) / (n - 1))};
}

void PairDiscovery::look_after(News& news, const MarketSamples& samples) {
  const auto due = [&](const Watched& one) { return blocks_.pushed() - one.since >= kLater; };
  for (Watched& one : found_) {
    if (!due(one)) continue;
    one.since = blocks_.pushed();
    one.confirmed = holds(one, kBlocks, samples);
    if (!one.confirmed) news.gone.push_back(one.pair);
  }
  std::erase_if(found_, [](const Watched& one) { return !one.confirmed; });
  for (Watched& one : candidates_) {
    if (!due(one)) continue;
    one.confirmed = holds(one, kLater, samples);
    if (!one.confirmed) continue;
    news.found.push_back({one.pair, one.beta});
    found_.push_back(one);
    found_.back().since = blocks_.pushed();
  }
  std::erase_if(candidates_, due);
}

}  // namespace tradewind::prediction
