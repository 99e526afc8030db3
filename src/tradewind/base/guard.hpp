// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "tradewind/base/result.hpp"

namespace tradewind {

/// The exception under way as an Error: Errc::storage when the system gave no memory or no thread, else Errc::internal with its text.
/// Called in a catch (...) only.
Error error_of_exception();

/// function(), which gives a Result or Status; what it throws becomes its Error. For the top of every thread, and wherever a library throws.
template <class Function>
std::invoke_result_t<Function> guarded(Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (...) {
    return error_of_exception();
  }
}

/// A thread that does `work`, which throws nothing; none when the system gives no more.
std::optional<std::thread> start_thread(std::function<void()> work);
/// What the caller says when it cannot do without.
Error no_thread_error();

}  // namespace tradewind
