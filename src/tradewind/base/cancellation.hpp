// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "tradewind/base/result.hpp"

namespace tradewind {

/// A request to stop, shared between the one who asks (a signal handler, another thread) and long work that looks at it
/// between steps. Setting it is async-signal-safe.
class Cancellation {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

/// The error long work returns when it was stopped on request.
inline Error interrupted_error() { return {Errc::interrupted, "interrupted; finished work is kept"}; }

}  // namespace tradewind
