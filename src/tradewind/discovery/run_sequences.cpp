// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>

#include "tradewind/discovery/candidates_internal.hpp"
#include "tradewind/discovery/sequences.hpp"

namespace tradewind::discovery {
namespace {

/// Runs of equal signals of one stream inside a range.
struct Run {
  std::int8_t signal;
  std::uint32_t start;  ///< bar
};

std::vector<Run> runs_of(std::span<const std::int8_t> signals, const BarRange& range) {
  std::vector<Run> runs;
  for (std::size_t t = range.begin; t < range.end; ++t) {
    if (runs.empty() || runs.back().signal != signals[t]) runs.push_back({signals[t], static_cast<std::uint32_t>(t)});
  }
  return runs;
}

/// A match of a prefix: the run it ends in and the latest run it may begin in.
struct Hit {
  std::uint32_t end;
  std::uint32_t begin;
};

/// The latest begin never decreases with the end, so the nearest hit within reach is the best one to extend.
std::vector<Hit> extend(const std::vector<Hit>& prefix, const std::vector<Run>& runs, std::int8_t signal, int max_gap) {
  std::vector<Hit> hits;
  std::size_t next = 0;
  for (std::uint32_t run = 0; run < runs.size(); ++run) {
    while (next < prefix.size() && prefix[next].end < run) ++next;
    if (runs[run].signal != signal || next == 0) continue;
    const Hit& nearest = prefix[next - 1];
    if (run - nearest.end - 1 <= static_cast<std::uint32_t>(max_gap)) hits.push_back({run, nearest.begin});
  }
  return hits;
}

std::vector<Hit> single(const std::vector<Run>& runs, std::int8_t signal) {
  std::vector<Hit> hits;
  for (std::uint32_t run = 0; run < runs.size(); ++run)
    if (runs[run].signal == signal) hits.push_back({run, run});
  return hits;
}

/// Occurrences of one sequence and how many bars they span in all.
struct Found {
  Occurrences occurrences;
  double span = 0;
};

/// From left to right each occurrence that shares no run with the one taken before it. The first run of a range has no known start
/// and ends no occurrence.
void take_apart(const std::vector<Hit>& hits, const std::vector<Run>& runs, std::size_t offset, std::size_t end, Found& found) {
  std::int64_t taken = -1;
  for (const Hit& hit : hits) {
    if (hit.end == 0 || static_cast<std::int64_t>(hit.begin) <= taken || runs[hit.end].start + 1 >= end) continue;
    taken = hit.end;
    found.occurrences.push_back(static_cast<std::uint32_t>(offset + runs[hit.end].start));
    found.span += runs[hit.end].start - runs[hit.begin].start + 1.0;
  }
}

using Sequence = std::vector<std::int8_t>;

/// Every sequence up to max_length over −1, 0, 1, with its occurrences in a range.
class RunSearch {
 public:
  RunSearch(const MiningInput& input, const MinerOptions& options, const BarRange& range, std::int64_t least)
      : input_(input), options_(options), range_(range), least_(least) {
    for (const SignalStream& stream : input.streams) runs_.push_back(runs_of(stream.signals, range));
  }

  std::map<Sequence, Found> run() {
    grow({});
    return std::move(found_);
  }

  /// The occurrences of one sequence alone.
  Found find(const Sequence& sequence) const {
    Found found;
    for (std::size_t s = 0; s < runs_.size(); ++s) {
      std::vector<Hit> hits = single(runs_[s], sequence.front());
      for (std::size_t i = 1; i < sequence.size(); ++i) hits = extend(hits, runs_[s], sequence[i], options_.max_gap);
      take_apart(hits, runs_[s], s * input_.bars(), range_.end, found);
    }
    return found;
  }

 private:
  void grow(const std::vector<std::vector<Hit>>& prefix) {
    for (std::int8_t signal = -1; signal <= 1; ++signal) {
      std::vector<std::vector<Hit>> hits(runs_.size());
      std::size_t matches = 0;
      for (std::size_t s = 0; s < runs_.size(); ++s) {
        hits[s] = sequence_.empty() ? single(runs_[s], signal) : extend(prefix[s], runs_[s], signal, options_.max_gap);
        matches += hits[s].size();
      }
      if (static_cast<std::int64_t>(matches) < least_) continue;
      sequence_.push_back(signal);
      Found found;
      for (std::size_t s = 0; s < runs_.size(); ++s) take_apart(hits[s], runs_[s], s * input_.bars(), range_.end, found);
      found_.emplace(sequence_, std::move(found));
      if (static_cast<int>(sequence_.size()) < options_.max_length) grow(hits);
      sequence_.pop_back();
    }
  }

  const MiningInput& input_;
  const MinerOptions& options_;
  BarRange range_;
  std::int64_t least_;
  std::vector<std::vector<Run>> runs_;
  Sequence sequence_;
  std::map<Sequence, Found> found_;
};

/// Support by windows, as sequence miners count it.
struct WindowSupport {
  struct Share {
    double support = 0;
    bool closed = false;
  };
  std::map<Sequence, Share> shares;

  Share of(const Sequence& sequence) const {
    const auto found = shares.find(sequence);
    return found == shares.end() ? Share{} : found->second;
  }
};

WindowSupport window_support(const MiningInput& input, const MinerOptions& options) {
  SequenceDatabase database;
  std::vector<Item> window;
  for (const SignalStream& stream : input.streams) {
    for (std::size_t t = input.discovery.begin; t < input.discovery.end; t += static_cast<std::size_t>(options.window)) {
      const std::size_t end = std::min(input.discovery.end, t + static_cast<std::size_t>(options.window));
      window.assign(stream.signals.begin() + static_cast<std::ptrdiff_t>(t), stream.signals.begin() + static_cast<std::ptrdiff_t>(end));
      database.add_runs(window);
    }
  }
  WindowSupport support;
  SequenceOptions mining{1, options.max_length, options.max_gap};
  for (const auto& pattern : frequent_sequences(database, mining)) {
    support.shares.emplace(Sequence(pattern.items.begin(), pattern.items.end()),
                           WindowSupport::Share{static_cast<double>(pattern.count) / static_cast<double>(database.size()), pattern.closed});
  }
  return support;
}

Occurrences in_regime(const Occurrences& occurrences, const MiningInput& input, int regime) {
  Occurrences kept;
  std::copy_if(occurrences.begin(), occurrences.end(), std::back_inserter(kept),
               [&](std::uint32_t o) { return input.state(o % input.bars()) == regime; });
  return kept;
}

double ratio(double part, double whole) { return whole > 0 ? std::min(1.0, part / whole) : 0.0; }

/// Occurrences in a regime of the sequences that differ in the last signal only.
double siblings_in(const std::map<Sequence, Found>& all, Sequence sequence, const MiningInput& input, int regime) {
  double count = 0;
  for (std::int8_t signal = -1; signal <= 1; ++signal) {
    sequence.back() = signal;
    const auto found = all.find(sequence);
    if (found != all.end()) count += static_cast<double>(in_regime(found->second.occurrences, input, regime).size());
  }
  return count;
}

}  // namespace

std::vector<Candidate> run_candidates(const MiningInput& input, const MinerOptions& options) {
  const std::int64_t least = least_occurrences(input, options);
  const auto all = RunSearch(input, options, input.discovery, least).run();
  const RunSearch holdout(input, options, input.holdout, 1);
  const WindowSupport support = window_support(input, options);
  std::vector<Candidate> found;
  for (const auto& [sequence, occurrences] : all) {
    const auto count = static_cast<std::int64_t>(occurrences.occurrences.size());
    if (count < least) continue;
    Candidate any;
    any.form = Form::runs;
    any.sequence = sequence;
    any.discovery = occurrences.occurrences;
    any.holdout = holdout.find(sequence).occurrences;
    any.duration = occurrences.span / static_cast<double>(count);
    any.support = support.of(sequence).support;
    any.closed = support.of(sequence).closed;
    const double prefix = sequence.size() == 1 ? 1.0 : support.of(Sequence(sequence.begin(), sequence.end() - 1)).support;
    any.confidence = ratio(any.support, prefix);
    found.push_back(any);
    for (int regime = 0; input.by_regime && regime < static_cast<int>(input.regimes.names.size()); ++regime) {
      Candidate apart = any;
      apart.regime = regime;
      apart.discovery = in_regime(any.discovery, input, regime);
      if (static_cast<std::int64_t>(apart.discovery.size()) < least) continue;
      apart.holdout = in_regime(any.holdout, input, regime);
      apart.support = any.support * static_cast<double>(apart.discovery.size()) / static_cast<double>(count);
      apart.confidence = ratio(static_cast<double>(apart.discovery.size()), siblings_in(all, sequence, input, regime));
      found.push_back(std::move(apart));
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.sequence.size() < b.sequence.size(); });
  return found;
}

}  // namespace tradewind::discovery
