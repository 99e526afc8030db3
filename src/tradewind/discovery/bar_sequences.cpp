// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/discovery/candidates_internal.hpp"

namespace tradewind::discovery {
namespace {

/// Base-3 codes of the signals of `length` consecutive bars, the newest digit last; cell = code · slots + state + 1.
class BarCells {
 public:
  BarCells(const MiningInput& input, int length) : input_(input), length_(length), slots_(input.regimes.names.size() + 1) {
    for (int i = 0; i < length; ++i) codes_ *= 3;
  }

  std::size_t codes() const noexcept { return codes_; }
  std::size_t slots() const noexcept { return slots_; }

  /// visit(occurrence, code, state) for every bar of the range that ends a sequence inside it and has a next bar inside it.
  template <class Visit>
  void each(const BarRange& range, Visit&& visit) const {
    const std::size_t shortest = static_cast<std::size_t>(length_);
    for (std::size_t s = 0; s < input_.streams.size(); ++s) {
      const auto signals = input_.streams[s].signals;
      std::size_t code = 0;
      for (std::size_t t = range.begin; t + 1 < range.end; ++t) {
        code = (code * 3 + static_cast<std::size_t>(signals[t] + 1)) % codes_;
        if (t - range.begin + 1 >= shortest) visit(static_cast<std::uint32_t>(s * input_.bars() + t), code, input_.state(t));
      }
    }
  }

  std::vector<std::int64_t> counts(const BarRange& range) const {
    std::vector<std::int64_t> count(codes_ * slots_);
    each(range, [&](std::uint32_t, std::size_t code, int state) { ++count[code * slots_ + static_cast<std::size_t>(state + 1)]; });
    return count;
  }

  std::vector<std::int8_t> sequence(std::size_t code) const {
    std::vector<std::int8_t> signals(static_cast<std::size_t>(length_));
    for (std::size_t i = signals.size(); i-- > 0; code /= 3) signals[i] = static_cast<std::int8_t>(static_cast<int>(code % 3) - 1);
    return signals;
  }

 private:
  const MiningInput& input_;
  int length_;
  std::size_t codes_ = 1;
  std::size_t slots_;
};

constexpr std::uint32_t kNone = ~std::uint32_t{0};

/// The candidates of one length, and which of them a cell belongs to: one of any regime and one of its own.
struct Layout {
  std::vector<Candidate> candidates;
  std::vector<std::uint32_t> any;    ///< by code
  std::vector<std::uint32_t> apart;  ///< by cell
};

Candidate candidate_of(const BarCells& cells, std::size_t code, int regime, std::int64_t count, std::int64_t siblings, double bars) {
  Candidate candidate;
  candidate.sequence = cells.sequence(code);
  candidate.regime = regime;
  candidate.discovery.reserve(static_cast<std::size_t>(count));
  candidate.support = static_cast<double>(count) / bars;
  candidate.confidence = static_cast<double>(count) / static_cast<double>(siblings);
  candidate.duration = static_cast<double>(candidate.sequence.size());
  return candidate;
}

Layout layout_of(const BarCells& cells, const MiningInput& input, std::int64_t least) {
  const std::size_t slots = cells.slots();
  const auto count = cells.counts(input.discovery);
  const double bars = static_cast<double>(input.discovery.size() * input.streams.size());
  Layout layout;
  layout.any.assign(cells.codes(), kNone);
  layout.apart.assign(cells.codes() * slots, kNone);
  std::vector<std::int64_t> any(cells.codes());
  for (std::size_t cell = 0; cell < count.size(); ++cell) any[cell / slots] += count[cell];
  const auto add = [&](std::uint32_t& index, std::size_t code, int regime, std::int64_t occurrences, std::int64_t siblings) {
    if (occurrences < least) return;
    index = static_cast<std::uint32_t>(layout.candidates.size());
    layout.candidates.push_back(candidate_of(cells, code, regime, occurrences, siblings, bars));
  };
  for (std::size_t code = 0; code < cells.codes(); ++code) {
    const std::size_t first = code - code % 3;  // the same prefix with each last signal
    add(layout.any[code], code, -1, any[code], any[first] + any[first + 1] + any[first + 2]);
    for (std::size_t slot = 1; slot < slots && input.by_regime; ++slot) {
      const std::int64_t siblings = count[first * slots + slot] + count[(first + 1) * slots + slot] + count[(first + 2) * slots + slot];
      add(layout.apart[code * slots + slot], code, static_cast<int>(slot) - 1, count[code * slots + slot], siblings);
    }
  }
  return layout;
}

void fill(Layout& layout, const BarCells& cells, const BarRange& range, Occurrences Candidate::* part) {
  cells.each(range, [&](std::uint32_t occurrence, std::size_t code, int state) {
    const std::uint32_t any = layout.any[code];
    const std::uint32_t apart = layout.apart[code * cells.slots() + static_cast<std::size_t>(state + 1)];
    if (any != kNone) (layout.candidates[any].*part).push_back(occurrence);
    if (apart != kNone) (layout.candidates[apart].*part).push_back(occurrence);
  });
}

}  // namespace

std::int64_t least_occurrences(const MiningInput& input, const MinerOptions& options) {
  const double bars = static_cast<double>(input.discovery.size() * input.streams.size());
  const double tested = std::max(std::ceil(kTestedSupport * bars), static_cast<double>(kTestedOccurrences));
  return static_cast<std::int64_t>(std::max(1.0, std::min(tested, std::ceil(options.min_support * bars))));
}

std::vector<Candidate> bar_candidates(const MiningInput& input, const MinerOptions& options) {
  std::vector<Candidate> found;
  for (int length = 1; length <= options.max_length; ++length) {
    const BarCells cells(input, length);
    Layout layout = layout_of(cells, input, least_occurrences(input, options));
    fill(layout, cells, input.discovery, &Candidate::discovery);
    fill(layout, cells, input.holdout, &Candidate::holdout);
    std::move(layout.candidates.begin(), layout.candidates.end(), std::back_inserter(found));
  }
  return found;
}

}  // namespace tradewind::discovery
