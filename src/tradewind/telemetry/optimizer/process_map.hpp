// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"

namespace tradewind::telemetry {

struct ProcessOptions {
  int workers = 2;
  double most_seconds = 600;  ///< for all items; then the workers are killed
};

/// Runs task(0) … task(count − 1) in processes forked now, and gives the bytes they return in order. Workers take the next item when
/// they are free. What a task changes in memory stays in its process. A task that throws, returns an error, or whose process dies or
/// does not end in time is an error that names the item; then all workers are ended.
///
/// A forked process has only the thread that forked: a lock that another thread held at that moment stays locked in it. Tasks that compute
/// and allocate are safe; tasks that write a shared log may hang, until `most_seconds`.
///
/// Errors: the task's own; Errc::internal for a throw or crash, Errc::interrupted after most_seconds, Errc::storage when the system gives
/// no process or pipe.
Result<std::vector<std::string>> map_in_processes(std::size_t count, const std::function<Result<std::string>(std::size_t)>& task,
                                                  const ProcessOptions& options = {});

}  // namespace tradewind::telemetry
