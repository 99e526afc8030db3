// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"

namespace tradewind::telemetry {

struct TimeConsumer {
  std::string function;
  std::uint64_t samples = 0;  ///< in which it was running itself
  double self_percent = 0;
  double total_percent = 0;  ///< in which it or something it called was running
};

struct Profile {
  double execution_time_seconds = 0;  ///< by the clock on the wall
  double cpu_seconds = 0;             ///< of the thread; the rest was waiting
  std::uint64_t samples = 0;
  std::uint64_t lost_samples = 0;                ///< beyond the buffer
  std::vector<TimeConsumer> top_time_consumers;  ///< at most 10, by self, then total
  std::string full_profile;                      ///< every function, as text
};

/// Runs a function and samples what the calling thread does: after each millisecond of its processor time, or as often as the kernel's
/// ticks allow (4 ms at 250 Hz, more rarely on a busy virtual machine), a signal writes the call stack into a buffer made before. Names are
/// looked up afterwards in the symbol tables of the program and its libraries, so no -rdynamic is needed; what a stripped file does not
/// name counts for [file]. Other threads are neither measured nor disturbed. Inlined functions count for the function they are in.
///
/// Errors: Errc::already_exists while another profile is running (there is one signal, SIGPROF), Errc::storage when the system gives no
/// timer, Errc::internal when the function throws.
Result<Profile> profile_bottlenecks(const std::function<void()>& function);

}  // namespace tradewind::telemetry
