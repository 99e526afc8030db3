// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/guard.hpp"

#include <exception>
#include <new>
#include <system_error>

namespace tradewind {

Error no_thread_error() {
  return {Errc::storage, "the system gives no more threads", {}, "end other programs, raise ulimit -u or use --threads 1"};
}

Error error_of_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {Errc::storage, "the system gives no more memory", {}, "use fewer --threads or a smaller input, or raise ulimit -v"};
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) return no_thread_error();
    return {Errc::internal, error.what()};
  } catch (const std::exception& error) {
    return {Errc::internal, error.what()};
  } catch (...) {
    return {Errc::internal, "an exception that is not of the standard library"};
  }
}

std::optional<std::thread> start_thread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::exception&) {  // std::system_error, or std::bad_alloc for what the thread carries
    return std::nullopt;
  }
}

}  // namespace tradewind
