// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/account_prices.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::replay {

std::string account_prices(std::span<const UnixNanos> timestamp, std::span<const double> value) {
  std::string text = "timestamp,close\n";
  for (std::size_t i = 0; i < value.size(); ++i) text += fmt::format("{},{}\n", format_time(timestamp[i]), number_text(value[i]));
  return text;
}

}  // namespace tradewind::replay
