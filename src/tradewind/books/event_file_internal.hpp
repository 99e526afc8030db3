// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/books/event.hpp"

namespace tradewind::books {

/// Events as a Parquet file: received (timestamp, ns, UTC), market, kind, outcome, side, price, shares (millionths), delay_us, inferred.
Result<std::string> write_events(std::span<const BookEvent> events);
/// Appends what such a file holds. Errors: `corrupt`, naming `where`.
Status read_events(const std::string& bytes, const std::string& where, std::vector<BookEvent>& events);

}  // namespace tradewind::books
