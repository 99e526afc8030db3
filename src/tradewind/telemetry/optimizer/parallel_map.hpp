// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/telemetry/optimizer/process_map.hpp"

namespace tradewind::telemetry {

/// What a function gives: R for a function that returns R or Result<R>.
template <class R>
struct Unwrapped {
  using Type = R;
};
template <class R>
struct Unwrapped<Result<R>> {
  using Type = R;
};
template <class F, class T>
using MapResult = typename Unwrapped<std::remove_cvref_t<std::invoke_result_t<F&, const T&>>>::Type;

/// Whether results can go through a pipe: plain bytes without pointers at the top, or text.
template <class R>
inline constexpr bool kCrossesProcesses =
    std::is_same_v<R, std::string> || (std::is_trivially_copyable_v<R> && !std::is_pointer_v<R> && !std::is_same_v<R, std::string_view>);

/// function(item) with whatever it throws as an error.
template <class F, class T>
Result<MapResult<F, T>> call_guarded(F& function, const T& item) {
  return guarded([&]() -> Result<MapResult<F, T>> { return function(item); });
}

/// The results of function(item) in order of the items, computed on the pool's threads; without a pool one after another here. An error or
/// exception is an error that names the item's index, the lowest that failed.
template <class F, class T>
Result<std::vector<MapResult<F, T>>> map_on_threads(F& function, std::span<const T> items, WorkerPool* pool) {
  using R = MapResult<F, T>;
  std::vector<std::optional<R>> slots(items.size());
  const std::function<Status(std::size_t)> task = [&](std::size_t index) -> Status {
    Result<R> out = call_guarded(function, items[index]);
    if (!out) return out.error().with_context("item " + std::to_string(index));
    slots[index].emplace(std::move(*out));
    return {};
  };
  if (pool != nullptr) {
    TRADEWIND_TRY(pool->run(items.size(), task));
  } else {
    for (std::size_t i = 0; i < items.size(); ++i) TRADEWIND_TRY(task(i));
  }
  std::vector<R> out;
  out.reserve(items.size());
  for (std::optional<R>& each : slots) out.push_back(std::move(*each));
  return out;
}

/// The same in processes (map_in_processes). Errc::usage for results that cannot go through a pipe.
template <class F, class T>
Result<std::vector<MapResult<F, T>>> map_on_processes(F& function, std::span<const T> items, const ProcessOptions& options) {
  using R = MapResult<F, T>;
  if constexpr (!kCrossesProcesses<R>) {
    return Error(Errc::usage, "results of this type cannot leave a process", {}, "return text or plain data, or use threads");
  } else {
    const auto task = [&](std::size_t index) -> Result<std::string> {
      TRADEWIND_ASSIGN(const R value, call_guarded(function, items[index]));
      if constexpr (std::is_same_v<R, std::string>) {
        return value;
      } else {
        const auto bytes = std::bit_cast<std::array<char, sizeof(R)>>(value);
        return std::string(bytes.data(), bytes.size());
      }
    };
    TRADEWIND_ASSIGN(std::vector<std::string> texts, map_in_processes(items.size(), task, options));
    if constexpr (std::is_same_v<R, std::string>) {
      return texts;
    } else {
      std::vector<R> out;
      out.reserve(texts.size());
      for (const std::string& each : texts) {
        std::array<char, sizeof(R)> bytes;
        std::memcpy(bytes.data(), each.data(), bytes.size());
        out.push_back(std::bit_cast<R>(bytes));
      }
      return out;
    }
  }
}

}  // namespace tradewind::telemetry
