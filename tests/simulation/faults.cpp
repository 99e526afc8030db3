// SPDX-License-Identifier: Apache-2.0
#include "faults.hpp"

namespace tradewind::simulation {

/// Every seed has some of the faults, each in its own strength.
Faults draw_faults(Random& random) {
  Faults faults;
  const auto maybe = [&](double most) { return random.below(2) == 0 ? 0 : most * random.uniform(); };
  faults.drop = maybe(0.15);
  faults.duplicate = maybe(0.2);
  faults.server_error = maybe(0.2);
  faults.too_many = maybe(0.1);
  faults.hang = maybe(0.05);
  faults.freeze = maybe(0.1);
  faults.gap = maybe(0.1);
  faults.crossed = maybe(0.1);
  faults.ghost = maybe(0.2);
  faults.manual = maybe(0.1);
  faults.crash = maybe(0.15);
  faults.clock_jump = maybe(0.1);
  faults.journal_error = random.below(8) == 0 ? 0.01 : 0;
  faults.command = maybe(0.1);
  faults.halt = random.below(3) == 0 ? 0.03 : 0;
  faults.latency = static_cast<std::int64_t>(50 + random.below(1500)) * kMillisecond;
  return faults;
}

}  // namespace tradewind::simulation
