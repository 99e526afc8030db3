// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/consensus.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

#include "tradewind/regimes/archive_internal.hpp"

namespace tradewind::regimes {
namespace {

constexpr std::size_t kMaxMemberStates = 64;
constexpr std::string_view kTag = "consensus/1";
constexpr std::string_view kBetween = " || ";  ///< own state, then each member's

double log_normal(double r, double variance) { return -0.5 * (std::log(2 * M_PI * variance) + r * r / variance); }

}  // namespace

Result<Consensus> Consensus::make(std::vector<ConsensusMember> members, const ConsensusOptions& options) {
  if (members.empty()) return Error(Errc::usage, "a consensus needs at least one classifier", "members");
  for (const ConsensusMember& member : members) {
    if (!member.classifier) return Error(Errc::usage, fmt::format("'{}' has no classifier", member.name), "members");
    if (member.states < 1 || member.states > kMaxMemberStates)
      return Error(Errc::usage, fmt::format("'{}' has {} states; 1 to {} can take part", member.name, member.states, kMaxMemberStates),
                   "members");
  }
  if (options.regimes < 2 || options.regimes > 6)
    return Error(Errc::usage, fmt::format("there can be 2 to 6 common regimes, not {}", options.regimes), "regimes");
  if (!(options.half_life >= 0) || !std::isfinite(options.half_life))
    return Error(Errc::usage, "the half-life must be a number of bars, or 0 to forget nothing", "half_life");
  return Consensus(std::move(members), options);
}

Consensus::Consensus(std::vector<ConsensusMember> members, const ConsensusOptions& options)
    : members_(std::move(members)), options_(options), keep_(options.half_life > 0 ? std::exp2(-1 / options.half_life) : 1) {
  const std::size_t count = members_.size();
  for (const ConsensusMember& member : members_)
    records_.push_back({0, std::vector<double>(member.states), std::vector<double>(member.states)});
  row_.weights.assign(count, 1 / static_cast<double>(count));
  row_.states.assign(count, kUnknown);
  row_.posteriors.assign(count, {});
}

std::vector<std::string> Consensus::labels() const {
  if (options_.regimes == 2) return {"calm", "turbulent"};
  if (options_.regimes == 3) return {"calm", "normal", "turbulent"};
  std::vector<std::string> labels;
  for (std::size_t g = 1; g <= options_.regimes; ++g) labels.push_back(fmt::format("risk_{}", g));
  return labels;
}

double Consensus::variance(const Record& record, std::size_t state) const {
  return (kPrior * squares_ / returns_ + record.squares[state]) / (kPrior + record.bars[state]);
}

double Consensus::log_density(std::size_t member, double r) const {
  const auto& posterior = row_.posteriors[member];
  if (posterior.empty()) return log_normal(r, squares_ / returns_);
  std::vector<double> terms;
  double peak = -INFINITY;
  for (std::size_t s = 0; s < posterior.size(); ++s) {
    if (!(posterior[s] > 0)) continue;
    terms.push_back(std::log(posterior[s]) + log_normal(r, variance(records_[member], s)));
    peak = std::max(peak, terms.back());
  }
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - peak);
  return peak + std::log(sum);
}

/// Scores what was predicted at the last close, then learns from the return that came.
void Consensus::learn(double r) {
  if (returns_ >= static_cast<double>(options_.history) && squares_ > 0) {
    for (std::size_t m = 0; m < records_.size(); ++m) records_[m].score = keep_ * records_[m].score + log_density(m, r);
    weigh();
  }
  for (std::size_t m = 0; m < records_.size(); ++m) {
    for (std::size_t s = 0; s < row_.posteriors[m].size(); ++s) {
      records_[m].bars[s] += row_.posteriors[m][s];
      records_[m].squares[s] += row_.posteriors[m][s] * r * r;
    }
  }
  returns_ += 1;
  squares_ += r * r;
}

void Consensus::weigh() {
  const double count = static_cast<double>(records_.size());
  double peak = -INFINITY;
  double sum = 0;
  for (const Record& record : records_) peak = std::max(peak, record.score);
  for (std::size_t m = 0; m < records_.size(); ++m) sum += row_.weights[m] = std::exp(records_[m].score - peak);
  for (double& w : row_.weights) w = (1 - kFloor) * w / sum + kFloor / count;
}

void Consensus::listen(const Bar& bar) {
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const State state = members_[m].classifier->update(bar);
    const bool known = state >= 0 && static_cast<std::size_t>(state) < members_[m].states;
    row_.states[m] = known ? state : kUnknown;
    auto& posterior = row_.posteriors[m];
    posterior.clear();
    if (!known) continue;
    const auto told = members_[m].classifier->probabilities();
    if (told.size() == members_[m].states) {
      posterior.assign(told.begin(), told.end());
    } else {
      posterior.assign(members_[m].states, 0);
      posterior[static_cast<std::size_t>(state)] = 1;
    }
  }
}

/// A member's posterior over the common regimes.
std::vector<double> Consensus::common(std::size_t member) const {
  const auto& posterior = row_.posteriors[member];
  std::vector<std::size_t> order(posterior.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (returns_ > 0) {
    std::vector<double> risk;
    for (std::size_t s = 0; s < posterior.size(); ++s) risk.push_back(variance(records_[member], s));
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return risk[a] < risk[b]; });
  }
  std::vector<double> spread(options_.regimes, 0);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double last = static_cast<double>(options_.regimes - 1);
    const double place = order.size() == 1 ? last / 2 : static_cast<double>(rank) * last / static_cast<double>(order.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(place), options_.regimes - 2);
    const double above = place - static_cast<double>(below);
    spread[below] += (1 - above) * posterior[order[rank]];
    spread[below + 1] += above * posterior[order[rank]];
  }
  return spread;
}

void Consensus::decide() {
  row_.state = kUnknown;
  row_.agreement = 0;
  row_.probabilities.clear();
  std::vector<std::vector<double>> views(members_.size());
  std::vector<double> sum(options_.regimes, 0);
  double heard = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if (row_.posteriors[m].empty()) continue;
    views[m] = common(m);
    heard += row_.weights[m];
    for (std::size_t g = 0; g < sum.size(); ++g) sum[g] += row_.weights[m] * views[m][g];
  }
  if (!(heard > 0)) return;
  for (double& p : sum) p /= heard;
  const auto label = static_cast<std::size_t>(std::max_element(sum.begin(), sum.end()) - sum.begin());
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if (views[m].empty()) continue;
    const double top = *std::max_element(views[m].begin(), views[m].end());
    if (views[m][label] == top)  // who cannot decide between regimes agrees with each in part
      row_.agreement += row_.weights[m] / heard / static_cast<double>(std::count(views[m].begin(), views[m].end(), top));
  }
  row_.agreement = std::min(row_.agreement, 1.0);
  row_.state = static_cast<State>(label);
  row_.probabilities = std::move(sum);
}

State Consensus::update(const Bar& bar) {
  const double previous = previous_close_;
  previous_close_ = bar.close;
  if (previous > 0) learn(bar.close / previous - 1);
  listen(bar);
  decide();
  return row_.state;
}

template <class Self, class Archive>
void Consensus::transfer(Self& self, Archive& archive) {
  archive.same(self.members_.size(), "number of members"), archive.same(self.options_.regimes, "number of regimes");
  archive.same(self.options_.history, "history"), archive.same(self.options_.half_life, "half_life");
  for (std::size_t m = 0; m < self.members_.size(); ++m) {
    auto& record = self.records_[m];
    archive.same(self.members_[m].states, "number of states");
    archive(record.score), archive(record.bars), archive(record.squares);
    archive(self.row_.states[m]), archive(self.row_.posteriors[m]);
    if constexpr (Archive::kLoading) {
      const std::size_t states = self.members_[m].states;
      const std::size_t told = self.row_.posteriors[m].size();
      const State state = self.row_.states[m];
      if (state < kUnknown || state >= static_cast<int>(states)) archive.fail();
      if (record.bars.size() != states || record.squares.size() != states || (told != 0 && told != states)) archive.fail();
    }
  }
  archive(self.row_.weights), archive(self.returns_), archive(self.squares_), archive(self.previous_close_);
  if constexpr (Archive::kLoading) {
    if (self.row_.weights.size() != self.members_.size()) archive.fail();
  }
}

std::string Consensus::save() const {
  SaveArchive archive(kTag);
  transfer(*this, archive);
  std::string text = archive.finish();
  for (const ConsensusMember& member : members_) {
    const std::string memory = member.classifier->save();
    if (memory.empty()) return {};
    text.append(kBetween).append(memory);
  }
  return text;
}

Status Consensus::load(std::string_view state) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= state.size();) {
    const std::size_t to = std::min(state.find(kBetween, from), state.size());
    parts.push_back(state.substr(from, to - from));
    from = to + kBetween.size();
  }
  if (parts.size() != members_.size() + 1) {
    return Error(Errc::invalid_config, fmt::format("the saved state is not one of a consensus of {} classifiers", members_.size()));
  }
  const auto own = [&](std::string_view text) -> Status {
    const auto records = records_;
    const auto row = row_;
    const double numbers[] = {returns_, squares_, previous_close_};
    LoadArchive archive(text, kTag);
    transfer(*this, archive);
    if (Status done = archive.finish(); !done) {
      records_ = records;
      row_ = row;
      returns_ = numbers[0], squares_ = numbers[1], previous_close_ = numbers[2];
      return done;
    }
    return {};
  };
  std::vector<std::string> before;
  for (const ConsensusMember& member : members_) before.push_back(member.classifier->save());
  for (std::size_t m = 0; m < members_.size(); ++m) {
    Status done = members_[m].classifier->load(parts[m + 1]);
    if (done && m + 1 == members_.size()) done = own(parts[0]);
    if (done) continue;
    for (std::size_t k = 0; k <= m; ++k) {
      TRADEWIND_ASSERT(before[k].empty() || members_[k].classifier->load(before[k]), "a classifier loads what it has saved itself");
    }
    return done.error().with_context(fmt::format("loading '{}'", members_[m].name));
  }
  decide();
  return {};
}

}  // namespace tradewind::regimes
