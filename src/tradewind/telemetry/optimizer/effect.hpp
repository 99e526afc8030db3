// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "tradewind/base/enum_names.hpp"

namespace tradewind::telemetry {

enum class EffectVerdict { helped, hurt, no_difference, too_few_cycles };
constexpr auto names_of(EffectVerdict) { return std::to_array<std::string_view>({"helped", "hurt", "no_difference", "too_few_cycles"}); }

/// How cycle times changed. The ratio is after over before: below 1 is faster.
struct Effect {
  EffectVerdict verdict = EffectVerdict::too_few_cycles;
  std::size_t cycles_before = 0;
  std::size_t cycles_after = 0;
  std::optional<double> median_before_ms;
  std::optional<double> median_after_ms;
  std::optional<double> ratio;      ///< the median of after / before over all pairs [Hodges & Lehmann 1963]
  std::optional<double> ratio_low;  ///< 95 % interval of the ratio [Moses; Hollander, Wolfe & Chicken 2014, 4.3]
  std::optional<double> ratio_high;
  std::optional<double> p_value;  ///< of no difference, two-sided [Mann & Whitney 1947], with ties
};

inline constexpr std::size_t kEffectLeast = 20;  ///< cycles before and after, fewer give no verdict

/// Compares cycle times before and after a change: helped when the whole 95 % interval of the ratio lies below 1, hurt when above. Cycles
/// are taken as independent; where neighbours resemble each other the interval is too narrow, so wait for many. The change is not the only
/// thing that differs between before and after: when it matters, undo it and measure again.
Effect compare_cycles(std::span<const double> before_ms, std::span<const double> after_ms);

}  // namespace tradewind::telemetry
