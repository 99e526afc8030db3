// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/base/parallel.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/splits.hpp"
#include "tradewind/metrics/sums_internal.hpp"
#include "tradewind/metrics/superior_ability.hpp"

namespace tradewind::metrics {
namespace {

/// The bars at which some range of training begins or ends, ascending.
std::vector<std::size_t> borders_of(const PurgedSplits& purged) {
  std::vector<std::size_t> borders;
  for (const Split& split : purged.splits)
    for (const BarRange& range : split.train) borders.insert(borders.end(), {range.begin, range.end});
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  return borders;
}

/// Sums of a trial around its mean up to each border, so that the Sharpe ratio of any training ranges costs a few differences.
class RunningMoments {
 public:
  RunningMoments(std::span<const double> returns, std::span<const std::size_t> borders) : borders_(borders) {
    center_ = mean_deviation(returns).mean;
    double sum = 0, square = 0;
    std::size_t next = 0;
    for (std::size_t t = 0; t <= returns.size(); ++t) {
      if (next < borders.size() && borders[next] == t) {
        sums_.push_back(sum);
        squares_.push_back(square);
        ++next;
      }
      if (t == returns.size()) break;
      const double gap = returns[t] - center_;
      sum += gap;
      square += gap * gap;
    }
    whole_ = square;
  }

  /// NaN without variance.
  double sharpe(const std::vector<BarRange>& ranges) const {
    double bars = 0, sum = 0, square = 0;
    for (const BarRange& range : ranges) {
      const std::size_t from = at(range.begin), to = at(range.end);
      bars += static_cast<double>(range.size());
      sum += sums_[to] - sums_[from];
      square += squares_[to] - squares_[from];
    }
    if (bars < 2) return std::nan("");
    const double shift = sum / bars;
    const double deviation = std::sqrt(std::max(0.0, (square - sum * shift) / (bars - 1)));
    const bool flat = is_zero_variance(deviation, center_ + shift) || deviation <= 1e-7 * std::sqrt(whole_ / bars);
    return flat ? std::nan("") : (center_ + shift) / deviation;
  }

 private:
  std::size_t at(std::size_t bar) const {
    return static_cast<std::size_t>(std::lower_bound(borders_.begin(), borders_.end(), bar) - borders_.begin());
  }

  std::span<const std::size_t> borders_;
  double center_ = 0;
  double whole_ = 0;
  std::vector<double> sums_;
  std::vector<double> squares_;
};

CrossValidatedSharpe undefined_result(Undefined why) {
  CrossValidatedSharpe out;
  out.mean = out.deviation = out.low = out.high = out.loss_probability = out.in_sample = why;
  return out;
}

void summarise(CrossValidatedSharpe& out) {
  double sum = 0;
  std::size_t losses = 0;
  for (const double sharpe : out.paths) {
    sum += sharpe;
    losses += sharpe < 0;
  }
  const double count = static_cast<double>(out.paths.size());
  out.mean = sum / count;
  out.loss_probability = static_cast<double>(losses) / count;
  out.deviation = Undefined::too_few;
  if (out.paths.size() < 2) {
    out.low = out.high = out.mean;
    return;
  }
  out.deviation = mean_deviation(out.paths).deviation;
  auto sample = out.paths;
  const Interval interval = percentile_interval(sample, 0.9, Undefined::too_few);
  out.low = interval.low;
  out.high = interval.high;
}

/// Takes the best trial of every split's training; false when some training has none that varies.
bool select(Trials trials, const PurgedSplits& purged, int threads, CrossValidatedSharpe& out) {
  std::vector<RunningMoments> moments;
  moments.reserve(trials.size());
  const std::vector<std::size_t> borders = borders_of(purged);
  for (const auto trial : trials) moments.emplace_back(trial, borders);
  const std::size_t splits = purged.splits.size();
  out.chosen.assign(splits, 0);
  std::vector<double> promised(splits, std::nan(""));
  const Status done = parallel_for(splits, threads, [&](std::size_t s) -> Status {
    for (std::size_t k = 0; k < trials.size(); ++k) {
      const double sharpe = moments[k].sharpe(purged.splits[s].train);
      if (sharpe > promised[s] || (std::isnan(promised[s]) && !std::isnan(sharpe))) promised[s] = sharpe, out.chosen[s] = k;
    }
    return {};
  });
  TRADEWIND_ASSERT(done, "comparing Sharpe ratios cannot fail");
  double sum = 0;
  for (const double sharpe : promised) sum += sharpe;
  out.in_sample = sum / static_cast<double>(splits);
  return !std::isnan(sum);
}

}  // namespace

Result<CrossValidatedSharpe> cross_validated_sharpe(Trials trials, const PurgedOptions& options, int threads) {
  TRADEWIND_TRY(check_trials(trials));
  const std::size_t bars = trials.empty() ? 0 : trials[0].size();
  const auto purged = purged_splits(bars, options);
  if (!purged && purged.error().code() == Errc::usage) return purged.error();
  if (trials.empty()) return undefined_result(Undefined::insufficient_trials);
  if (!purged || bars < 2 * options.groups) return undefined_result(Undefined::insufficient_bars);
  CrossValidatedSharpe out;
  if (!select(trials, *purged, threads, out)) return undefined_result(Undefined::zero_variance);
  std::vector<double> path(bars);
  for (const auto& choice : purged->paths) {
    for (std::size_t g = 0; g < choice.size(); ++g) {
      const BarRange range = purged->groups[g];
      const auto from = trials[out.chosen[choice[g]]].subspan(range.begin, range.size());
      std::copy(from.begin(), from.end(), path.begin() + static_cast<std::ptrdiff_t>(range.begin));
    }
    const Value sharpe = sharpe_per_period(path);
    if (!sharpe.defined()) return undefined_result(sharpe.why);
    out.paths.push_back(sharpe.number);
  }
  summarise(out);
  return out;
}

}  // namespace tradewind::metrics
