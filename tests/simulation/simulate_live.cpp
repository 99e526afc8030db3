// SPDX-License-Identifier: Apache-2.0
// Runs seeds of the simulated world: simulate_live [--seeds N] [--first SEED] [--threads N] [--planted]
// Without --planted every seed must be without a violation. With it each planted fault must be noticed. A failing seed is printed and can
// be run again by --first SEED --seeds 1.
#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "world.hpp"

namespace {

using namespace tradewind;
using namespace tradewind::simulation;

struct Totals {
  std::uint64_t seeds = 0, violations = 0, expected = 0, orders = 0, fills = 0, crashes = 0, unknown = 0, late = 0;
};

Findings run_seed(std::uint64_t seed, Planted planted) {
  Options options{seed, planted, seed % 50 == 0};
  Findings outcome = World(options).run();
  if (seed % 100 == 0 && World(options).run().fingerprint != outcome.fingerprint)
    outcome.violations.push_back("the same seed gave another result");
  return outcome;
}

Totals run_seeds(std::uint64_t first, std::uint64_t count, int threads, Planted planted, std::string_view expected) {
  Totals totals;
  std::mutex mutex;
  constexpr std::uint64_t kBlock = 20;
  const Status done = parallel_for((count + kBlock - 1) / kBlock, threads, [&](std::size_t block) -> Status {
    for (std::uint64_t seed = first + block * kBlock; seed < std::min(first + (block + 1) * kBlock, first + count); ++seed) {
      const Findings outcome = run_seed(seed, planted);
      const std::lock_guard lock(mutex);
      ++totals.seeds;
      totals.violations += outcome.violations.empty() ? 0 : 1;
      totals.orders += outcome.orders;
      totals.fills += outcome.fills;
      totals.crashes += outcome.crashes;
      totals.unknown += outcome.unknown;
      totals.late += outcome.late_fills;
      const auto is_expected = [&](const std::string& text) { return !expected.empty() && text.find(expected) != std::string::npos; };
      totals.expected += std::any_of(outcome.violations.begin(), outcome.violations.end(), is_expected) ? 1 : 0;
      if (!expected.empty()) continue;
      for (const std::string& text : outcome.violations) fmt::print("seed {}: {}\n", seed, text);
    }
    return {};
  });
  return done ? totals : Totals{.violations = 1};
}

bool is_noticed(const PlantedMistake& planted, std::uint64_t seeds, int threads) {
  const Totals totals = run_seeds(1, seeds, threads, planted.mistake, planted.noticed_as);
  fmt::print("planted {}: noticed as '{}' in {} of {} seeds\n", planted.name, planted.noticed_as, totals.expected, totals.seeds);
  return totals.expected > 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 200, first = 1;
  int threads = 0;
  bool planted = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto number = [&]() -> std::uint64_t {
      return i + 1 < argc ? static_cast<std::uint64_t>(parse_number(argv[++i]).value_or(0)) : 0;
    };
    if (word == "--seeds")
      seeds = number();
    else if (word == "--first")
      first = number();
    else if (word == "--threads")
      threads = static_cast<int>(number());
    else if (word == "--planted")
      planted = true;
    else
      return fmt::print(stderr, "usage: simulate_live [--seeds N] [--first SEED] [--threads N] [--planted]\n"), 2;
  }
  threads = thread_count(threads);
  const Totals totals = run_seeds(first, seeds, threads, Planted::none, {});
  fmt::print("{} seeds: {} orders, {} account entries, {} crashes, {} unknown outcomes, {} late fills; {} seeds with violations\n",
             totals.seeds, totals.orders, totals.fills, totals.crashes, totals.unknown, totals.late, totals.violations);
  bool good = totals.violations == 0 && totals.seeds == seeds && seeds > 0 &&
              (seeds < 100 || (totals.orders > 0 && totals.crashes > 0 && totals.unknown > 0));
  if (planted)
    for (const PlantedMistake& one : kPlanted) good &= is_noticed(one, std::max<std::uint64_t>(100, seeds / 10), threads);
  return good ? 0 : 1;
}
