// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind {

/// Threads to use for `requested` (0 or less: as many as the machine has cores).
int thread_count(int requested) noexcept;

/// Runs task(0) … task(count − 1) on `threads` threads, in order of index as threads become free, and waits for all.
/// Returns the error of the lowest failing index; after a failure or a cancellation no further task starts.
/// What a task computes must depend on its index only: then results are the same at any thread count.
Status parallel_for(std::size_t count, int threads, const std::function<Status(std::size_t)>& task,
                    const Cancellation* cancellation = nullptr);

}  // namespace tradewind
