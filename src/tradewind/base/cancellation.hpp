// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "tradewind/base/result.hpp"

namespace tradewind {

/// A request to stop, shared between the one who asks (a signal handler, another thread) and long work that looks at it
/// between steps. Setting it is async-signal-safe.
class Cancellation {
 public:
  void request() noexcept { times_.fetch_add(1, std::memory_order_relaxed); }
  bool requested() const noexcept { return times() > 0; }
  /// How often it was requested: for who answers each request once.
  std::uint32_t times() const noexcept { return times_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> times_{0};
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
};

/// The error long work returns when it was stopped on request.
inline Error interrupted_error() { return {Errc::interrupted, "interrupted; finished work is kept"}; }

}  // namespace tradewind
