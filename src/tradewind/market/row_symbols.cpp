// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/bars_builder_internal.hpp"

namespace tradewind::market {

void RowSymbols::take(std::string_view symbol, std::int64_t line) {
  if (!known_.empty() && symbol == last_) return;
  last_ = symbol;
  const auto place = std::lower_bound(known_.begin(), known_.end(), symbol);
  if (place != known_.end() && *place == symbol) return;
  if (known_.size() < kMostKept || symbol == wanted_) known_.emplace(place, symbol);
  if (known_.size() == 2 && second_line_ == 0) second_line_ = line;
}

std::optional<std::string> RowSymbols::fault() const {
  if (!several() || std::binary_search(known_.begin(), known_.end(), wanted_)) return std::nullopt;
  return fmt::format("rows of {}{} symbols, and bars are those of one: {}; choose with `symbol` (--symbol)",
                     known_.size() < kMostKept ? "" : "at least ", known_.size(), quoted_list(known_));
}

std::string RowSymbols::note() const {
  return fmt::format("rows of '{}' only, of {} symbols in the file", printable(wanted_), known_.size());
}

}  // namespace tradewind::market
