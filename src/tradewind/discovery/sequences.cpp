// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/sequences.hpp"

#include <algorithm>
#include <map>

namespace tradewind::discovery {
namespace {

/// Where a prefix ends in one sequence of the database.
struct Match {
  std::uint32_t sequence;
  std::uint32_t end;
};
using Extensions = std::map<Item, std::vector<Match>>;

class Miner {
 public:
  Miner(const SequenceDatabase& database, const SequenceOptions& options) : database_(database), options_(options) {}

  std::vector<FrequentSequence> run() {
    Extensions first;
    for (std::uint32_t s = 0; s < database_.size(); ++s) extend(first, s, 0, database_[s].size());
    grow(first);
    return std::move(found_);
  }

 private:
  /// Adds the places in [from, to) of a sequence to the item that stands there; without a gap limit the first one is enough.
  void extend(Extensions& extensions, std::uint32_t sequence, std::size_t from, std::size_t to) const {
    const auto items = database_[sequence];
    for (std::size_t at = from; at < to; ++at) {
      auto& matches = extensions[items[at]];
      if (options_.max_gap == kUnlimitedGap && !matches.empty() && matches.back().sequence == sequence) continue;
      matches.push_back({sequence, static_cast<std::uint32_t>(at)});
    }
  }

  Extensions extensions_of(const std::vector<Match>& prefix) const {
    Extensions extensions;
    std::size_t scanned = 0;  // windows of neighbouring matches overlap; each place is looked at once
    for (std::size_t i = 0; i < prefix.size(); ++i) {
      const auto [sequence, end] = prefix[i];
      if (i == 0 || prefix[i - 1].sequence != sequence) scanned = 0;
      const std::size_t length = database_[sequence].size();
      const std::size_t reach = options_.max_gap == kUnlimitedGap ? length : end + 2 + static_cast<std::size_t>(options_.max_gap);
      const std::size_t to = std::min(length, reach);
      extend(extensions, sequence, std::max<std::size_t>(end + 1, scanned), to);
      scanned = std::max(scanned, to);
    }
    return extensions;
  }

  static std::int64_t sequences_in(const std::vector<Match>& matches) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < matches.size(); ++i) count += i == 0 || matches[i].sequence != matches[i - 1].sequence ? 1 : 0;
    return count;
  }

  void grow(const Extensions& extensions) {
    for (const auto& [item, matches] : extensions) {
      const std::int64_t count = sequences_in(matches);
      if (count < options_.min_count) continue;
      prefix_.push_back(item);
      found_.push_back({prefix_, count, true});
      if (static_cast<int>(prefix_.size()) < options_.max_length) grow(extensions_of(matches));
      prefix_.pop_back();
    }
  }

  const SequenceDatabase& database_;
  const SequenceOptions& options_;
  std::vector<Item> prefix_;
  std::vector<FrequentSequence> found_;
};

/// By anti-monotony a pattern that has any longer pattern of its count has one that is longer by one item.
void mark_closed(std::vector<FrequentSequence>& patterns, bool ends_only) {
  std::map<std::vector<Item>, FrequentSequence*> known;
  for (auto& pattern : patterns) known.emplace(pattern.items, &pattern);
  for (const auto& pattern : patterns) {
    const std::size_t last = pattern.items.size() - 1;
    for (std::size_t left_out = 0; left_out <= last; ++left_out) {
      if (ends_only && left_out != 0 && left_out != last) continue;
      std::vector<Item> part = pattern.items;
      part.erase(part.begin() + static_cast<std::ptrdiff_t>(left_out));
      const auto found = known.find(part);
      if (found != known.end() && found->second->count == pattern.count) found->second->closed = false;
    }
  }
}

}  // namespace

void SequenceDatabase::add(std::span<const Item> sequence) {
  items_.insert(items_.end(), sequence.begin(), sequence.end());
  first_.push_back(items_.size());
}

void SequenceDatabase::add_runs(std::span<const Item> sequence) {
  std::unique_copy(sequence.begin(), sequence.end(), std::back_inserter(items_));
  first_.push_back(items_.size());
}

std::vector<FrequentSequence> frequent_sequences(const SequenceDatabase& database, const SequenceOptions& options) {
  auto found = Miner(database, options).run();
  mark_closed(found, options.max_gap != kUnlimitedGap);
  std::sort(found.begin(), found.end(), [](const FrequentSequence& a, const FrequentSequence& b) {
    if (a.count != b.count) return a.count > b.count;
    if (a.items.size() != b.items.size()) return a.items.size() < b.items.size();
    return a.items < b.items;
  });
  return found;
}

}  // namespace tradewind::discovery
